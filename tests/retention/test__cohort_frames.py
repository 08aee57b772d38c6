"""Tidy frames of cohorts, and sentences on them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from custvalue.retention._cohort_coordinates import Coordinates
from custvalue.retention._cohort_frames import (
    average_frame,
    band_frame,
    curve_frame,
    pooled_frame,
    pooling_notes,
    projection_frame,
)
from custvalue.retention._cohort_pooling import CohortPrior
from custvalue.retention._projection import Bands
from custvalue.retention._shifted_beta_geo import ShiftedBetaGeoLaw

COUNTS = pd.DataFrame([[100.0, 50, 40], [300, 210, np.nan]], index=pd.Index(["a", "b"]))


def prior(factor, dispersion=1.0):
    """Return a prior of cohorts by activity."""
    p = len(factor)
    mean, C = np.array([0.0, np.log(4), 0.0])[:p], np.diag([0.04, 0.09, 0.01])[:p, :p]
    return CohortPrior(mean, factor, C, mean[None], factor[None], dispersion, 1.0, converged=True)


def test_curves_are_tidy():
    """One row for each cell observed; the size is certain, a share has Wilson's interval."""
    found = curve_frame(COUNTS, 0.95)
    assert found["cohort"].tolist() == ["a", "a", "a", "b", "b"]
    assert found["age"].tolist() == [0, 1, 2, 0, 1]
    assert found["share"].tolist() == [1, 0.5, 0.4, 1, 0.7]
    assert found.loc[0, ["lower", "upper"]].tolist() == [1, 1]
    # Wilson's interval of 50 of 100 at 95 %: 0.4038 to 0.5962 (Brown, Cai & DasGupta 2001).
    np.testing.assert_allclose(
        found.loc[1, ["lower", "upper"]].astype(float), [0.4038, 0.5962], atol=1e-4
    )


def test_the_average_has_one_row_for_each_age():
    """Numbers of cohorts fall with age."""
    found = average_frame(COUNTS, 0.9)
    assert found.index.name == "age"
    assert found["n_cohorts"].tolist() == [2, 2, 1]
    np.testing.assert_allclose(found["share"], [1, 0.65, 0.4])
    assert found.loc[0, ["lower", "upper"]].tolist() == [1, 1]


def test_what_cohorts_have_in_common_is_on_its_natural_scale():
    """logit 0 is one half, log 4 is 4; the spread is the root of the diagonal of L L'."""
    coordinates = Coordinates(ShiftedBetaGeoLaw, orders=True)
    factor = np.array([[0.3, 0, 0], [0.3, 0.4, 0], [0, 0, 0.1]])
    found = pooled_frame(coordinates, prior(factor))
    assert found.index.tolist() == ["mean_churn", "concentration", "order_probability"]
    np.testing.assert_allclose(found["estimate"], [0.5, 4, 0.5])
    np.testing.assert_allclose(found["spread"], [0.3, 0.5, 0.1])
    np.testing.assert_allclose(found["standard_error"], [0.2, 0.3, 0.1])
    assert found["scale"].tolist() == ["logit", "log", "logit"]


def test_projections_are_tidy():
    """Observed where it is known, in customers or in shares of the cohort."""
    ages, table = np.array([1.0, 2, 7]), np.array([[50.0, 40, 20], [210, 150, 90]])
    bands = Bands(table, table - 5, table + 5)
    found = projection_frame(COUNTS, ages, bands, "customers")
    assert found["cohort"].tolist() == ["a"] * 3 + ["b"] * 3
    assert found["age"].tolist() == [1, 2, 7] * 2
    np.testing.assert_array_equal(found["observed"], [50, 40, np.nan, 210, np.nan, np.nan])
    np.testing.assert_array_equal(found["estimate"], table.ravel())
    shares = projection_frame(COUNTS, ages, bands, "share")
    np.testing.assert_allclose(shares["upper"][[2, 5]], [0.25, 95 / 300])


def test_bands_have_one_row_for_each_age():
    """The index is the age."""
    found = band_frame(np.array([0.0, 3]), Bands(*np.array([[1, 0.5], [1, 0.4], [1, 0.6]])))
    assert found.index.tolist() == [0, 3]
    assert found.loc[3].tolist() == [0.5, 0.4, 0.6]


def test_notes_say_what_is_not_as_asked():
    """Complete pooling of one cohort, no spread, and dependent cells are told."""
    survival = Coordinates(ShiftedBetaGeoLaw, orders=False)
    activity = Coordinates(ShiftedBetaGeoLaw, orders=True)
    wide, flat = np.eye(2), np.diag([1.0, 0.0])
    assert pooling_notes(survival, prior(wide), "partial", 5) == []
    assert "only one cohort" in pooling_notes(survival, prior(wide), "partial", 1)[0]
    [no_spread] = pooling_notes(survival, prior(flat), "partial", 5)
    assert "do not differ in concentration" in no_spread
    assert pooling_notes(survival, prior(flat), "complete", 5) == []
    [dispersion] = pooling_notes(activity, prior(np.eye(3), 2.5), "none", 5)
    assert "2.50 times binomial" in dispersion
