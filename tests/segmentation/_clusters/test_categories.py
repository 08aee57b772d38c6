"""Categories weigh as much as one number together, and unknown ones stand in the middle."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.segmentation._clusters.categories import (
    MISSING,
    learn_levels,
    level_codes,
    level_columns,
    level_text,
)

CITIES = np.array(["b", "a", "b", "c", "b", "a", None, "b"], dtype=object)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e20, "1e+20"),
        (np.float64(2), "2"),
        (True, "True"),
        (np.False_, "False"),
        ("3.0", "3.0"),
        ("", ""),
        (None, MISSING),
        (np.nan, MISSING),
    ],
)
def test_the_text_of_a_level(value, text):
    """Whole numbers have no point, texts stay as they are."""
    assert level_text(value) == text


def test_levels_and_shares_are_counted():
    """Levels are sorted; those missing are one of them."""
    levels = learn_levels(CITIES)
    assert levels.names == [MISSING, "a", "b", "c"]
    np.testing.assert_array_equal(levels.shares * len(CITIES), [1, 2, 4, 1])


def test_levels_do_not_depend_on_the_order_of_rows():
    """The first customer decides nothing."""
    assert str(learn_levels(CITIES)) == str(learn_levels(CITIES[::-1]))


def test_numbers_and_their_texts_are_one_level():
    """A code read as a number from one file and as text from another is the same."""
    numbers, texts = np.array([1.0, 2.0, np.nan]), np.array(["1", "2", None], dtype=object)
    assert learn_levels(numbers).names == learn_levels(texts).names == [MISSING, "1", "2"]
    assert level_codes(texts, learn_levels(numbers).names).tolist() == [1, 2, 0]


@pytest.mark.parametrize("values", [CITIES, np.array([1.0, 2.0, 2.0, 2.0])], ids=["text", "code"])
def test_columns_are_centred_and_of_variance_one(values):
    """The variances of all columns of a feature sum to one, as for a standardised number."""
    levels = learn_levels(values)
    columns = level_columns(level_codes(values, levels.names), levels)
    np.testing.assert_allclose(columns.mean(axis=0), 0, atol=1e-15)
    assert columns.var(axis=0).sum() == pytest.approx(1, rel=1e-12)


def test_customers_of_different_levels_are_equally_far_apart():
    """No order of the levels is made up: any two are sqrt(2) / spread apart."""
    levels = learn_levels(CITIES)
    columns = level_columns(np.arange(4), levels)
    gaps = np.linalg.norm(columns[:, None] - columns, axis=2)
    np.testing.assert_allclose(gaps[~np.eye(4, dtype=bool)], np.sqrt(2) / levels.spread)


def test_an_unknown_level_stands_where_the_average_customer_does():
    """Its columns are the means of those of the customers learned from: 0."""
    levels = learn_levels(CITIES)
    codes = level_codes(np.array(["z", "a"], dtype=object), levels.names)
    np.testing.assert_array_equal(level_columns(codes, levels)[0], 0)


def test_one_level_is_zero():
    """It tells nobody apart."""
    levels = learn_levels(np.array(["a", "a"], dtype=object))
    assert levels.spread == 1
    np.testing.assert_array_equal(level_columns(np.array([0, -1]), levels), 0)
