"""ShiftedBetaGeo on the cohorts of Fader and Hardie, and where customers do not differ."""

import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import ConvergenceWarning
from custvalue.retention.geometric import Geometric
from custvalue.retention.shifted_beta_geo import ShiftedBetaGeo
from support.contractual import CASES, HIGH_END, REGULAR, cohort

PUBLISHED = {
    "regular": (
        REGULAR,
        (0.704077, 1.182043, -1680.265),
        (100, 62.7, 47.4, 38.8, 33.2, 29.2, 26.2, 23.9, 22.0, 20.4, 19.1, 18.0, 17.0),
    ),
    "high end": (
        HIGH_END,
        (0.668088, 3.806095, -1611.158),
        (100, 85.1, 74.7, 67.0, 61.0, 56.2, 52.2, 48.9, 46.0, 43.6, 41.4, 39.5, 37.8),
    ),
}
"""Fader and Hardie (2007), Table 1, of which they print .704, 1.182 and .668, 3.806; the further
digits are scipy's maximum of the same likelihood."""


@pytest.mark.parametrize("segment", PUBLISHED)
def test_the_published_estimates_and_projections(segment):
    """Fitted on years 0 to 7 of 1000 customers, projected to year 12, to the printed digits."""
    percent, (alpha, beta, log_likelihood), projected = PUBLISHED[segment]
    model = ShiftedBetaGeo(cohort_size=1000).fit(cohort(percent))
    assert model.convergence_.sound
    assert model.params_["alpha"] == pytest.approx(alpha, abs=5e-7)
    assert model.params_["beta"] == pytest.approx(beta, abs=5e-7)
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=5e-4)
    np.testing.assert_allclose(model.survival(np.arange(13)) * 100, projected, atol=0.0501)
    assert model.n_customers_ == pytest.approx(1000)
    with pytest.warns(RuntimeWarning, match="infinite"):
        assert model.expected_lifetime() == np.inf


@pytest.mark.parametrize("segment", PUBLISHED)
def test_what_happened_lies_within_the_bands(segment):
    """The customers who were there in years 8 to 12, not used for the fit, within 90 % bands."""
    percent = PUBLISHED[segment][0]
    model = ShiftedBetaGeo(cohort_size=1000, random_state=0).fit(cohort(percent))
    bands = model.projection(range(8, 13), of="customers", n_customers=1000)
    actual = 10 * np.array(percent[8:])
    assert (bands["lower"] <= actual).all()
    assert (actual <= bands["upper"]).all()


def test_the_size_of_the_cohort_makes_no_other_estimate():
    """100 customers give the estimates of 1000, less surely by the root of ten."""
    small, large = (ShiftedBetaGeo(cohort_size=n).fit(cohort(HIGH_END)) for n in (100, 1000))
    np.testing.assert_allclose(small.params_, large.params_, rtol=1e-7)
    ratio = small.standard_errors_ / large.standard_errors_
    np.testing.assert_allclose(ratio, np.sqrt(10), rtol=1e-5)
    shares = cohort(HIGH_END).assign(survival=lambda X: X["survival"] / 100)
    again = ShiftedBetaGeo(cohort_size=1000).fit(shares)
    np.testing.assert_allclose(again.params_, large.params_, rtol=1e-9)


def test_customers_who_are_all_alike_are_said_to_be():
    """Without differences alpha and beta run away together: the geometric model, and a warning."""
    counts = pd.DataFrame({"period": range(6), "customers": 3200 * 0.75 ** np.arange(6)})
    with pytest.warns(ConvergenceWarning, match="did not reach a proper maximum"):
        model = ShiftedBetaGeo().fit(counts)
    assert "Geometric" in model.convergence_.limiting_model
    geometric = Geometric().fit(counts)
    assert model.log_likelihood_ == pytest.approx(geometric.log_likelihood_, abs=1e-3)
    np.testing.assert_allclose(model.survival([3, 9]), geometric.survival([3, 9]), rtol=1e-3)


def test_intervals_of_totals_hold_what_customers_do():
    """Of 40 simulated histories, each fitted, intervals of 90 % hold the renewals to come.

    Between 30 and 39 hold, which 40 trials of probability .9 miss 2 times in 100.
    """
    case, held = CASES[0], 0
    for seed in range(40):
        rows = case.rows(800, 11, seed=seed)
        seen = rows.assign(
            duration=rows["duration"].clip(upper=6),
            churned=((rows["churned"] == 1) & (rows["duration"] <= 6)).astype(int),
        )
        model = ShiftedBetaGeo(horizon=5, random_state=seed).fit(seen)
        made = (rows["duration"] - rows["churned"] - 6).clip(lower=0).sum()
        low, high = model.predict_interval(seen, total=True, n_draws=300).iloc[0]
        held += low <= made <= high
    assert 30 <= held <= 39
