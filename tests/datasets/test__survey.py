from __future__ import annotations

import numpy as np
import pytest

from custvalue._catalogue import SERVICE_ELEMENTS
from custvalue.datasets._survey import (
    answers,
    default_model,
    factor_model,
    ratings,
    thresholds,
)


def test_the_usual_loadings_are_a_simple_structure():
    """Every element of the catalogue loads on the factor of its stage alone, .5 to .85."""
    loadings, importances = default_model(None)
    assert loadings.index.tolist() == [element.key for element in SERVICE_ELEMENTS]
    for element in SERVICE_ELEMENTS:
        row = loadings.loc[element.key]
        assert 0.5 <= row[element.stage] <= 0.85
        assert row.drop(element.stage).eq(0).all()
    assert importances.tolist() == [0.2, 0.5, 0.3]


def test_shares_explained_are_those_of_the_model():
    """Communalities are diag(L Phi L'), and satisfaction's share b' Phi b, by hand."""
    model = factor_model([[0.6, 0.3], [0.0, 0.5]], [[1.0, 0.5], [0.5, 1.0]], None, [0.4, 0.2])
    np.testing.assert_allclose(model.communalities, [0.36 + 0.09 + 0.18, 0.25])
    assert model.share_explained == pytest.approx(0.16 + 0.04 + 0.08)


def test_answers_without_factors_are_noise():
    """Loadings and importances of 0 leave independent standard normal columns."""
    model = factor_model(np.zeros((2, 1)), None, None, [0.0])
    drawn = answers(model, 20_000, np.random.default_rng(5))
    assert drawn.shape == (20_000, 3)
    # Standard errors are 1 / sqrt(n) and sqrt(2 / n).
    assert np.abs(np.cov(drawn, rowvar=False) - np.eye(3)).max() < 5 * np.sqrt(2 / 20_000)


def test_thresholds_lie_evenly_about_the_mean():
    """A mean in the middle has the middle rating; each step is a whole rating."""
    [cuts] = thresholds(7, np.array([4.0]))
    np.testing.assert_allclose(cuts, -cuts[::-1])
    np.testing.assert_allclose(np.diff(cuts), 1 / 1.2)


def test_ratings_count_the_thresholds_passed():
    """Below the first is 1, above the last is the number of categories."""
    cuts = np.array([[-1.0, 1.0], [0.0, 2.0]])
    drawn = np.array([[-2.0, -0.1], [0.0, 0.1], [1.5, 9.0]])
    assert ratings(drawn, cuts).tolist() == [[1, 1], [2, 2], [3, 3]]
