"""The product-limit estimate against loops, textbooks and the places where statsmodels fails."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from custvalue.retention._product_limit import (
    Spells,
    conditional_survival,
    first_below,
    log_log_band,
    log_variance,
    positions,
    product_limit,
    restricted_mean,
    standard_error,
)


def spells(duration, churned, entry=None, weights=None):
    """Return spells of lists, followed from 0 with weight 1 where nothing else is said."""
    n = len(duration)
    columns = (duration, churned, [0.0] * n if entry is None else entry, weights or [1.0] * n)
    return Spells(*(np.array(column, dtype=float) for column in columns))


def slow(data, t):
    """Return survival and Greenwood's sum at t from a loop over the times of leaving."""
    rows = list(zip(data.duration, data.churned, data.entry, data.weights, strict=True))
    survival, total = 1.0, 0.0
    for moment in sorted({d for d, c, _, w in rows if c and w and d <= t}):
        n = sum(w for d, _, e, w in rows if d >= moment and (e < moment or e == moment == 0))
        left = sum(w for d, c, _, w in rows if c and d == moment)
        survival *= 1 - left / n
        total = total + left / (n * (n - left)) if n > left else np.inf
    return survival, total


@st.composite
def many_spells(draw):
    """Return spells in whole periods with late entries, ties and whole weights."""
    rows = []
    for _ in range(draw(st.integers(1, 25))):
        duration = draw(st.integers(0, 8))
        entry = draw(st.integers(0, duration))
        churned = draw(st.booleans()) and (duration > entry or entry == 0)
        rows.append((duration, float(churned), entry, draw(st.integers(1, 3))))
    return spells(*(list(column) for column in zip(*rows, strict=True)))


@given(data=many_spells())
@settings(max_examples=30, deadline=None)
def test_survival_and_variance_are_those_of_a_loop(data):
    """With late entries, ties and weights every point equals the definition."""
    curve = product_limit(data)
    variance = log_variance(curve)
    for i, t in enumerate(curve.time):
        survival, total = slow(data, t)
        assert curve.survival[i] == pytest.approx(survival, abs=1e-12)
        assert variance[i] == pytest.approx(total, rel=1e-9)


@given(data=many_spells())
@settings(max_examples=30, deadline=None)
def test_survival_falls_and_its_limits_hold_it(data):
    """Survival starts at most at 1, never rises, and lies between its limits within 0 and 1."""
    curve = product_limit(data)
    band = log_log_band(curve.survival, log_variance(curve), 0.9)
    assert np.all(np.diff(curve.survival) <= 0)
    assert np.all((band.lower >= 0) & (band.lower <= curve.survival))
    assert np.all((band.upper <= 1) & (band.upper >= curve.survival))


@given(data=many_spells())
@settings(max_examples=20, deadline=None)
def test_a_weight_is_a_number_of_rows(data):
    """Repeated rows give the curve, the errors and the counts of weighted ones."""
    rows = np.repeat(np.arange(len(data.duration)), data.weights.astype(int))
    repeated = Spells(
        *(c[rows] for c in (data.duration, data.churned, data.entry)), np.ones(len(rows))
    )
    weighted, single = product_limit(data), product_limit(repeated)
    for name in ("time", "at_risk", "events", "censored", "survival"):
        np.testing.assert_allclose(getattr(weighted, name), getattr(single, name), rtol=1e-12)
    np.testing.assert_allclose(standard_error(weighted), standard_error(single), rtol=1e-9)


def test_the_counts_add_up():
    """Whoever is followed leaves or is last seen; at risk just before a time are the others."""
    curve = product_limit(spells([2, 2, 3, 5, 5], [1, 0, 1, 0, 1], entry=[0, 1, 0, 2, 0]))
    np.testing.assert_array_equal(curve.time, [0, 1, 2, 3, 5])
    np.testing.assert_array_equal(curve.at_risk, [3, 3, 4, 3, 2])
    np.testing.assert_array_equal(curve.events, [0, 0, 1, 1, 1])
    np.testing.assert_array_equal(curve.censored, [0, 0, 1, 0, 1])


def test_after_all_at_risk_have_left_survival_stays_0():
    """Late entries after an emptied risk set do not revive the curve; statsmodels leaves 3e-17."""
    curve = product_limit(spells([1, 2, 5, 6, 7], [1] * 5, entry=[0, 0, 3, 3, 3]))
    np.testing.assert_array_equal(curve.survival[curve.time >= 2], 0.0)
    assert np.isnan(standard_error(curve)[-1])


def test_who_leaves_at_0_counts_though_others_enter_late():
    """Customers seen from the start are at risk at 0; statsmodels refuses such rows."""
    curve = product_limit(spells([0, 0, 4, 6], [1, 0, 1, 0], entry=[0, 0, 0, 2]))
    assert curve.survival[0] == pytest.approx(2 / 3)
    assert curve.at_risk[0] == 3


def test_a_row_that_ends_where_it_begins_says_nothing():
    """Duration equal to entry changes no number at risk."""
    with_it = product_limit(spells([3, 4, 4], [1, 0, 0], entry=[0, 0, 4]))
    without = product_limit(spells([3, 4], [1, 0]))
    np.testing.assert_array_equal(with_it.at_risk, without.at_risk)
    np.testing.assert_array_equal(with_it.survival, without.survival)


def test_fractions_of_customers_leave_no_residue():
    """Weights that add up to rounding errors still empty the risk set: survival is 0."""
    weights = [0.1, 0.2, 0.7, 0.3, 1e-3]
    curve = product_limit(spells([1, 2, 3, 4, 5], [1] * 5, [0, 0, 0, 0.5, 0], weights))
    assert curve.survival[-1] == 0
    assert curve.at_risk[-1] == pytest.approx(1e-3)


@pytest.mark.parametrize("heavy", [1e3, 1e10, 1e14])
@pytest.mark.parametrize("entry", [[0, 0, 0, 0], [0, 0, 0, 1]])
def test_customers_of_little_weight_are_not_dropped(heavy, entry):
    """After many left at 2, the weights 1, 1 and 2 are counted one by one."""
    curve = product_limit(spells([2, 4, 5, 5], [1, 1, 1, 0], entry, [heavy, 1.0, 1.0, 2.0]))
    late = curve.time >= 4
    np.testing.assert_array_equal(curve.at_risk[late], [4, 3])
    expected = np.array([3.0, 2.0]) / (heavy + 4)
    np.testing.assert_allclose(curve.survival[late], expected, rtol=1e-9, atol=1e-15)
    variance = log_variance(curve)[late]
    assert variance[1] - variance[0] == pytest.approx(1 / (3 * 2), abs=1e-15 * heavy)


def test_nobody_leaves():
    """Without an event survival is 1 without error, and both limits are 1."""
    curve = product_limit(spells([3, 5], [0, 0]))
    band = log_log_band(curve.survival, log_variance(curve), 0.95)
    for values in (curve.survival, band.lower, band.upper):
        np.testing.assert_array_equal(values, 1.0)
    np.testing.assert_array_equal(standard_error(curve), 0.0)


def test_limits_where_survival_is_0():
    """The lower limit is 0, and the upper one stays at that of the time before."""
    curve = product_limit(spells([1, 2, 2], [1, 1, 1]))
    band = log_log_band(curve.survival, log_variance(curve), 0.95)
    assert band.lower[-1] == 0
    assert band.upper[-1] == band.upper[1] < 1
    at_once = product_limit(spells([2, 2], [1, 1]))
    assert log_log_band(at_once.survival, log_variance(at_once), 0.95).upper[-1] == 1


def test_the_limits_are_symmetric_in_log_minus_log():
    """log(-log) of either limit lies z sqrt(v) / |log S| from that of survival."""
    survival, variance = np.array([0.9, 0.4]), np.array([0.01, 0.2])
    band = log_log_band(survival, variance, 0.8)
    middle = np.log(-np.log(survival))
    half = ndtri(0.9) * np.sqrt(variance) / -np.log(survival)
    np.testing.assert_allclose(np.log(-np.log(band.lower)), middle + half)
    np.testing.assert_allclose(np.log(-np.log(band.upper)), middle - half)


def test_a_quantile_is_the_first_time_at_which_survival_is_so_low():
    """Exactly one half counts, in spite of rounding; what is not reached is infinite."""
    curve = product_limit(spells([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1] * 5 + [0] * 5))
    found = first_below(
        curve, log_log_band(curve.survival, log_variance(curve), 0.95), np.array([0.1, 0.5, 0.51])
    )
    np.testing.assert_array_equal(found.time, [1, 5, np.inf])
    assert np.all(found.lower <= found.time)
    assert found.upper[1] == np.inf


def test_the_restricted_mean_of_all_who_left_is_the_mean():
    """Without censoring it is the mean of min(lifetime, limit), its error that of a mean."""
    lives = np.array([1.0, 2.5, 2.5, 4.0, 7.0, 9.0])
    curve = product_limit(spells(lives, np.ones(6)))
    for limit in (3.0, 7.0, 20.0):
        capped = np.minimum(lives, limit)
        found = restricted_mean(curve, limit)
        assert found.mean == pytest.approx(capped.mean())
        assert found.std_error == pytest.approx(capped.std() / np.sqrt(6))


def test_conditional_survival_is_that_of_those_who_stayed():
    """It equals the curve, limits too, of the same customers entered at the time given."""
    data = spells([2, 3, 5, 5, 7, 9, 9, 12], [1, 1, 1, 0, 1, 1, 0, 0])
    share, band = conditional_survival(product_limit(data), np.array([0.0, 2.5, 4.0]), 5.0, 0.9)
    stayed = spells([7, 9, 9, 12], [1, 1, 0, 0], entry=[5] * 4)
    curve = product_limit(stayed)
    rows = positions(curve, np.array([5.0, 7.5, 9.0]))
    expected = log_log_band(curve.survival, log_variance(curve), 0.9)
    np.testing.assert_allclose(share, curve.survival[rows])
    np.testing.assert_allclose(band.lower, expected.lower[rows])
    np.testing.assert_allclose(band.upper, expected.upper[rows])


def test_beyond_a_curve_nothing_is_known_unless_it_reached_0():
    """Positions are -1 beyond the last time of a curve above 0; one at 0 stays there."""
    above, down = product_limit(spells([1, 3], [1, 0])), product_limit(spells([1, 3], [1, 1]))
    times = np.array([0.0, 3.0, 3.5])
    np.testing.assert_array_equal(positions(above, times), [0, 2, -1])
    np.testing.assert_array_equal(positions(down, times), [0, 2, 2])
    for curve, reached in ((above, 4.0), (down, 3.0)):
        share, band = conditional_survival(curve, np.array([1.0]), reached, 0.95)
        assert np.isnan([share[0], band.lower[0], band.upper[0]]).all()
