from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.segmentation._clusters.conditions import (
    Condition,
    condition_of_level,
    holds_all,
    short_between,
    simplified,
    split_number,
)

VALUES = np.array([1.0, 2.0, 3.0, np.nan])


@pytest.mark.parametrize(
    ("condition", "text", "met"),
    [
        (Condition("x", "at most", 2.0), "x <= 2", [True, True, False, False]),
        (
            Condition("x", "at most", 2.0, or_missing=True),
            "(x <= 2 or missing)",
            [True, True, False, True],
        ),
        (Condition("x", "above", 2.0), "x > 2", [False, False, True, False]),
        (Condition("x", "is", 2.0, "north"), "x is north", [False, True, False, False]),
        (Condition("x", "is not", 2.0, "north"), "x is not north", [True, False, True, True]),
        (Condition("x", "missing"), "x is missing", [False, False, False, True]),
        (Condition("x", "known"), "x is known", [True, True, True, False]),
    ],
)
def test_a_condition_is_what_its_text_says(condition, text, met):
    """Each kind reads as it tests; a missing value is above and below nothing unless said."""
    assert condition.text == text
    assert condition.holds(VALUES).tolist() == met


def test_all_conditions_must_hold():
    """Several conditions are met together; none at all is met by everybody."""
    columns = {"x": VALUES, "y": np.array([0.0, 0.0, 1.0, 1.0])}
    both = (Condition("x", "above", 1.0), Condition("y", "at most", 0.0))
    assert holds_all(both, columns, 4).tolist() == [False, True, False, False]
    assert holds_all((), columns, 4).all()


def test_the_two_sides_of_a_split_part_all_customers():
    """Everybody is on one side; the missing are with the small, or alone."""
    for place in (-1, 0, 1):
        below, above = split_number("x", np.array([1.0, 2.0, 3.0]), place, gaps=True)
        assert (below.holds(VALUES) ^ above.holds(VALUES)).all()
        assert below.holds(VALUES)[3]


def test_a_missing_category_is_a_level():
    """Its condition reads as missing or known."""
    assert condition_of_level("x", np.nan, None, holds=True).text == "x is missing"
    assert condition_of_level("x", np.nan, None, holds=False).text == "x is known"
    assert condition_of_level("x", 0.0, "north", holds=False).text == "x is not north"


CONDITIONS = st.one_of(
    st.builds(
        Condition, st.just("x"), st.sampled_from(["above", "at most"]), st.sampled_from(VALUES[:3])
    ),
    st.builds(
        Condition,
        st.just("x"),
        st.just("at most"),
        st.sampled_from(VALUES[:3]),
        or_missing=st.just(True),
    ),
    st.builds(Condition, st.just("x"), st.sampled_from(["missing", "known"])),
    st.builds(Condition, st.just("x"), st.just("is not"), st.sampled_from(VALUES[:3])),
)


@given(st.lists(CONDITIONS, max_size=5))
@settings(max_examples=30)
def test_simpler_conditions_say_the_same(path):
    """Whoever meets a path that somebody meets meets its simplified form, and nobody else does."""
    columns = {"x": VALUES}
    met = holds_all(tuple(path), columns, 4)
    shorter = simplified(tuple(path))
    assert len(shorter) <= len(path)
    if met.any():
        np.testing.assert_array_equal(holds_all(shorter, columns, 4), met)


def test_a_level_makes_all_other_levels_superfluous():
    """Who is in the north is not in the south."""
    path = (Condition("x", "is not", 1.0, "south"), Condition("x", "is", 2.0, "north"))
    assert [condition.text for condition in simplified(path)] == ["x is north"]


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
@settings(max_examples=30)
def test_a_rounded_bound_parts_the_same_numbers(one, other):
    """The bound is at least the smaller number and below the larger, so that x <= bound holds."""
    lower, upper = sorted((one, other))
    if lower == upper:
        return
    assert lower <= short_between(lower, upper) < upper


@pytest.mark.parametrize(
    ("lower", "upper", "bound"),
    [
        (4.0, 5.0, 4.0),
        (5.0, 6.0, 5.0),
        (0.0, 7.0, 0.0),
        (-3.0, 2.0, 0.0),
        (-7.0, -6.5, -7.0),
        (9.0, 12.0, 10.0),
        (123.456, 123.457, 123.456),
        (1e-12, 3e-12, 2e-12),
        (0.1, 0.1 + 2e-17, 0.1),
        (1.0, np.nextafter(1.0, 2.0), 1.0),
    ],
)
def test_bounds_have_few_digits(lower, upper, bound):
    """Whole numbers, zero and round numbers are preferred."""
    if lower < upper:
        assert short_between(lower, upper) == bound


@pytest.mark.parametrize("value", [52.3, 0.1 + 0.2, 1e22, -4.0, 1234567.0])
def test_a_printed_bound_is_the_bound(value):
    """Reading the text back gives the very number."""
    assert float(Condition("x", "above", value).text.split(" > ")[1]) == value
