"""Customers with and without a failure side by side."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from custvalue.exceptions import DataError
from custvalue.service._lost_sales_cost_comparison import compare_customers


def test_probabilities_have_the_interval_of_welch():
    """scipy's Welch interval of the difference in means, to rounding."""
    generator = np.random.default_rng(2)
    alive, failed = generator.random(50), np.arange(50) % 3 == 0
    expected = ttest_ind(alive[~failed], alive[failed], equal_var=False)
    low, high = expected.confidence_interval(0.9)
    found = compare_customers(alive, failed, np.ones(50), None, 0.9)
    assert not found.counted
    assert (found.used.lower, found.used.upper) == pytest.approx((low, high), rel=1e-12)
    one = ttest_ind(alive[failed], np.zeros(2), equal_var=False).confidence_interval(0.9)
    assert found.frame().loc["with failure", "upper"] == pytest.approx(one.high, rel=1e-12)


def test_weights_are_numbers_of_customers():
    """Weighted rows give what repeated rows give."""
    generator = np.random.default_rng(3)
    alive, failed = generator.random(30), generator.random(30) < 0.5
    strata = generator.integers(0, 2, 30)
    weights = generator.integers(0, 4, 30)
    again = np.repeat(np.arange(30), weights)
    weighted = compare_customers(alive, failed, weights.astype(float), strata, 0.95).frame()
    repeated = compare_customers(
        alive[again], failed[again], np.ones(len(again)), strata[again], 0.95
    ).frame()
    np.testing.assert_allclose(weighted, repeated, rtol=1e-12)


def test_strata_that_are_alike_change_nothing_but_the_weights():
    """One stratum of probabilities twice is one of twice the customers, with Satterthwaite's df."""
    alive, failed = np.array([0.9, 0.8, 0.7, 0.5, 0.4, 0.6]), np.array([0, 0, 0, 1, 1, 1]) > 0
    twice = np.tile(alive, 2), np.tile(failed, 2)
    found = compare_customers(*twice, np.ones(12), np.repeat([0, 1], 6), 0.95)
    assert found.within.value == pytest.approx(found.crude.value, rel=1e-14)
    assert found.within.strata == 2
    # Four groups of 3 with one variance s^2: the error is s sqrt(2/3 / 2), and df = 4 x 2.
    half = 2.306004135 * np.sqrt(0.01 * (1 / 3 + 1 / 3) / 2)
    assert found.within.upper - found.within.value == pytest.approx(half, rel=1e-9)


def test_a_stratum_of_one_kind_is_left_out_and_named():
    """Customers who cannot be compared are counted in a sentence."""
    alive = np.array([1.0, 0.0, 1.0, 0.0, 1.0, 1.0])
    failed = np.array([False, True, False, True, False, False])
    strata = np.array(["a", "a", "a", "a", "b", "b"], dtype=object)
    found = compare_customers(alive, failed, np.ones(6), strata, 0.95)
    assert (found.within.customers, found.within.strata) == (4.0, 1)
    assert "left out of the difference: 2 of 6 customers" in " ".join(found.doubts())


def test_doubts_tell_confounding_always_and_a_missing_effect_where_it_is():
    """Confounding is named in every estimate, no effect and a wrong sign as such."""
    many = np.repeat([1.0, 0.0, 1.0, 0.0], [90, 10, 30, 70])
    failed = np.repeat([False, True], 100)
    [only] = compare_customers(many, failed, np.ones(200), None, 0.95).doubts()
    assert "may be confounded" in only
    assert (
        "holds 0"
        in compare_customers(many[::10], failed[::10], np.full(20, 0.2), None, 0.95).doubts()[1]
    )
    turned = compare_customers(many, ~failed, np.ones(200), None, 0.95).doubts()
    assert "taken as 0" in turned[1]


@pytest.mark.parametrize(
    ("alive", "failed", "strata", "message"),
    [
        ([1.0, 0.0], [True, True], None, "at least one customer .* found 2 and 0"),
        ([0.5, 0.2, 0.9], [True, False, False], None, "at least two customers .* found 1 and 2"),
        ([1.0, 0.0], [True, False], ["a", "b"], "some stratum .* found none among 2"),
    ],
)
def test_too_few_customers_are_refused(alive, failed, strata, message):
    """Nothing can be compared with nobody."""
    groups = None if strata is None else np.array(strata, dtype=object)
    with pytest.raises(DataError, match=message):
        compare_customers(np.array(alive), np.array(failed), np.ones(len(alive)), groups, 0.95)
