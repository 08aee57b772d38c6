"""Where the classes of an ABC analysis begin."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custvalue._numerics.abc_cuts import abc_classes, abc_count_thresholds, abc_thresholds

CUTS = (0.8, 0.95)
EXACT = (Fraction(4, 5), Fraction(19, 20))
TEN = [500, 300, 80, 50, 30, 15, 10, 7, 5, 3]

values = st.lists(st.integers(-5, 60), min_size=1, max_size=40).filter(lambda v: max(v) > 0)


def letters(items, thresholds) -> str:
    """Return the classes as letters."""
    return "".join("ABC"[k] for k in abc_classes(np.array(items, dtype=float), thresholds))


def by_value(items) -> str:
    """Return the classes of the value rule 80/95."""
    return letters(items, abc_thresholds(np.array(items, dtype=float), CUTS))


def definition(items: list[int]) -> str:
    """Return the classes by the share of value strictly before, in exact fractions."""
    total = sum(v for v in items if v > 0)
    shares = [Fraction(sum(w for w in items if w > max(v, 0)), total) for v in items]
    return "".join("ABC"[sum(share >= cut for cut in EXACT)] for share in shares)


@pytest.mark.parametrize(
    ("items", "classes"),
    [
        # Worked by hand: the third item starts at exactly .80, the fifth at .93, the sixth at .96.
        (TEN, "AABBBCCCCC"),
        # The first item holds more than the cut alone; a rule on the share after calls it B or C.
        ([90, 5, 5], "ABB"),
        ([97, 2, 1], "ACC"),
        ([80, 15, 5], "ABC"),
        # Equal items share a class, and a return is in the last.
        ([50, 50, -20], "AAC"),
        ([7, 7, 7, 7], "AAAA"),
        ([10, 0, 0], "ACC"),
        ([1], "A"),
    ],
)
def test_known_cases_of_the_value_rule(items, classes):
    """Classes worked by hand, with the traps that rules on the share after the item fall into."""
    assert by_value(items) == classes


def test_the_count_rule_of_ten_items():
    """20 % and 50 % of ten items are two A and five B."""
    items = np.array(TEN, dtype=float)
    assert letters(TEN, abc_count_thresholds(items, (0.2, 0.7))) == "AABBBBBCCC"


@given(items=values)
def test_thresholds_give_the_definition(items):
    """The classes are those of the share strictly before, in exact arithmetic."""
    assert by_value(items) == definition(items)


@given(items=values, unit=st.sampled_from([0.1, 1 / 3, 1e300, 1e-200]), seed=st.integers(0, 99))
def test_the_unit_and_the_order_of_the_items_change_no_class(items, unit, seed):
    """Another currency and another order give each item the same class."""
    order = np.random.default_rng(seed).permutation(len(items))
    shuffled = by_value((np.array(items, dtype=float) * unit)[order])
    assert shuffled == "".join(by_value(items)[i] for i in order)


@pytest.mark.parametrize("n", [1, 3, 7, 10, 100, 700])
def test_no_count_slips_over_a_cut(n):
    """Distinct items fall in whole-number shares, where n times a cut would be rounded up."""
    items = np.arange(n, dtype=float)[::-1]
    classes = abc_classes(items, abc_count_thresholds(items, (0.07, 0.55)))
    expected = [(100 * i >= 7 * n) + (100 * i >= 55 * n) for i in range(n)]
    assert classes.tolist() == expected


@given(items=st.lists(st.integers(-3, 3), min_size=1, max_size=30))
def test_the_count_rule_keeps_equal_values_together(items):
    """The class depends on the number of strictly larger items alone."""
    n = len(items)
    larger = [sum(w > v for w in items) for v in items]
    expected = "".join("ABC"[(5 * k >= n) + (10 * k >= 7 * n)] for k in larger)
    assert letters(items, abc_count_thresholds(np.array(items, dtype=float), (0.2, 0.7))) == (
        expected
    )


def test_a_total_of_nothing_has_no_shares():
    """Zeros and returns alone are refused."""
    with pytest.raises(ValueError, match="one above zero; found none among 2 values"):
        abc_thresholds(np.array([0.0, -3.0]), CUTS)
