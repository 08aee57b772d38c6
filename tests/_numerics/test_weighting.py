"""Weights by entropy and by comparisons in pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import entropy

from custvalue._numerics.weighting import ahp_weights, entropy_weights, near_one

QUALITY = np.array([[7.0, 9, 9], [8, 7, 8], [9, 6, 8], [6, 7, 8]])
PAIRS = np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])


def test_entropy_agrees_with_pymcdm():
    """pymcdm 1.4.0, printed to six digits, for four alternatives and three criteria."""
    found = entropy_weights(QUALITY)
    np.testing.assert_allclose(found.weights, [0.474918, 0.467691, 0.057391], atol=5e-7)
    np.testing.assert_allclose(found.entropies, [0.991936, 0.992058, 0.999025], atol=5e-7)


@settings(max_examples=30)
@given(arrays(np.float64, (6, 3), elements=st.integers(0, 9).map(float)))
def test_entropy_is_that_of_scipy(values):
    """scipy.stats.entropy over ln(n), zeros among the values or not."""
    values[0], values[1] = 1.0, [2.0, 3.0, 5.0]
    found = entropy_weights(values)
    expected = entropy(values, axis=0) / np.log(6)
    np.testing.assert_allclose(found.entropies, expected, rtol=1e-12)
    np.testing.assert_allclose(found.weights, (1 - expected) / (1 - expected).sum(), rtol=1e-9)


def test_entropy_weights_do_not_cancel_where_all_are_nearly_alike():
    """Spread e gives 1 - e_j in proportion to e^2: digits that 1 - entropy would have lost."""
    steps = np.array([-1.0, 0.0, 1.0])
    found = entropy_weights(np.column_stack([1 + 1e-6 * steps, 1 + 2e-6 * steps]))
    np.testing.assert_allclose(found.weights, [0.2, 0.8], rtol=1e-9)


def test_a_constant_criterion_has_no_weight():
    """Exactly 0, whatever the constant; entropy exactly 1, and for zeros too."""
    values = np.column_stack([QUALITY[:, 0], np.full(4, 0.1), np.zeros(4)])
    found = entropy_weights(values)
    assert found.weights.tolist() == [1.0, 0.0, 0.0]
    assert found.entropies[1:].tolist() == [1.0, 1.0]


def test_counts_are_copies_and_gaps_are_rows_left_out():
    """Counts give what so many copies give, and NaN what the column without the row gives."""
    counts = np.array([1.0, 3, 0, 2])
    copies = np.repeat(QUALITY, counts.astype(int), axis=0)
    found = entropy_weights(QUALITY, counts).entropies
    np.testing.assert_allclose(found, entropy_weights(copies).entropies, rtol=1e-14)
    gaps = QUALITY.copy()
    gaps[2, 0] = np.nan
    alone = entropy_weights(np.delete(QUALITY, 2, axis=0)).entropies
    np.testing.assert_allclose(entropy_weights(gaps).entropies[0], alone[0], rtol=1e-14)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[1.0, -2.0], [2.0, 1.0]], "at least 0; found -2.0"),
        ([[1.0, 2.0]], "at least two values of each criterion; found 1 in column 0"),
        ([[1.0, np.nan], [2.0, 3.0]], "found 1 in column 1"),
        ([[3.0, 2.0], [3.0, 2.0]], "all are constant"),
    ],
)
def test_entropy_refuses_what_has_none(values, message):
    """The sentence says what was found."""
    with pytest.raises(ValueError, match=message):
        entropy_weights(np.array(values))


def test_ahp_agrees_with_saatys_example():
    """Six digits computed from the definition, with the random index 0.58 of Saaty (1980)."""
    found = ahp_weights(PAIRS)
    np.testing.assert_allclose(found.weights, [0.636986, 0.258285, 0.104729], atol=5e-7)
    assert found.largest_eigenvalue == pytest.approx(3.038511, abs=5e-7)
    assert found.consistency_index == pytest.approx(0.019256, abs=5e-7)
    assert found.consistency_ratio == pytest.approx(0.033199, abs=5e-7)


@settings(max_examples=30)
@given(arrays(np.float64, st.integers(1, 17), elements=st.floats(0.1, 10)))
def test_ahp_gives_back_weights_that_agree(weights):
    """Comparisons w_i / w_j have those weights, and no inconsistency."""
    found = ahp_weights(weights[:, None] / weights)
    np.testing.assert_allclose(found.weights, weights / weights.sum(), rtol=1e-9)
    assert found.consistency_index == pytest.approx(0, abs=1e-12)


def test_ahp_has_no_ratio_beyond_fifteen_criteria():
    """Saaty's random index ends there; two criteria cannot contradict each other."""
    assert np.isnan(ahp_weights(np.ones((16, 16))).consistency_ratio)
    assert ahp_weights(np.ones((15, 15))).consistency_ratio == pytest.approx(0, abs=1e-12)
    assert ahp_weights(np.array([[1, 4], [0.25, 1]])).consistency_ratio == 0.0


@pytest.mark.parametrize(
    ("entry", "value", "message"),
    [
        ((1, 2), 4.0, r"reciprocal.* found 4.0 for \('b', 'c'\) and 0.333.* for \('c', 'b'\)"),
        ((0, 0), 2.0, r"reciprocal.* \('a', 'a'\)"),
        ((0, 2), 0.0, r"positive and finite; found 0.0 for \('a', 'c'\)"),
        ((2, 0), np.nan, r"positive and finite; found nan for \('c', 'a'\)"),
    ],
)
def test_ahp_names_the_first_pair_that_is_wrong(entry, value, message):
    """By the names given."""
    pairs = PAIRS.copy()
    pairs[entry] = value
    with pytest.raises(ValueError, match=message):
        ahp_weights(pairs, ["a", "b", "c"])


def test_ahp_refuses_what_is_not_square():
    """The shape is said."""
    with pytest.raises(ValueError, match=r"square matrix; found shape \(2, 3\)"):
        ahp_weights(np.ones((2, 3)))


@pytest.mark.parametrize("unit", [2.0**1020, 2.0**-1060])
def test_entropy_weights_do_not_depend_on_the_unit(unit):
    """To the last bit for powers of two, where the sum of the values overflows, and for the least.

    The values are up to 9 units, of which 2**1020 allows 15.
    """
    np.testing.assert_array_equal(
        entropy_weights(QUALITY * unit).weights, entropy_weights(QUALITY).weights
    )


def test_near_one_changes_no_digit():
    """A power of two, of the largest absolute value; gaps stay, zeros have no size."""
    scaled, exponent = near_one(np.array([-1.5e308, 3.0, np.nan]))
    assert np.abs(scaled[0]) < 1
    np.testing.assert_array_equal(np.ldexp(scaled, exponent), [-1.5e308, 3.0, np.nan])
    assert near_one(np.zeros(2))[0].tolist() == [0.0, 0.0]
