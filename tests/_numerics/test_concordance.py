"""Kendall's W."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import friedmanchisquare

from custvalue._numerics.concordance import kendall_w


@pytest.mark.parametrize("top", [3, 1000])
def test_w_gives_friedmans_statistic(top):
    """m (n - 1) W and its p-value are scipy's friedmanchisquare, with ties (top 3) and without."""
    scores = np.random.default_rng(4).integers(0, top, (6, 8)).astype(float)
    found = kendall_w(scores)
    expected = friedmanchisquare(*scores.T)
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-10)
    assert found.degrees_of_freedom == 7


def test_w_is_one_for_one_order_and_zero_for_opposite_ones():
    """Ties that all judges make leave W at 1."""
    order = np.array([1.0, 2, 2, 5])
    assert kendall_w(np.array([order, 10 * order, order**3])).w == pytest.approx(1.0)
    assert kendall_w(np.array([[1.0, 2, 3], [3, 2, 1]])).w == 0.0


def test_w_of_judges_without_an_order_is_not_known():
    """NaN where every judge ties everything; an error where there is one judge."""
    assert np.isnan(kendall_w(np.ones((3, 4))).w)
    with pytest.raises(ValueError, match="found 1 and 4"):
        kendall_w(np.ones((1, 4)))
