"""Respondents drawn with replacement."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue._estimator.resampling import (
    check_draws,
    distinct_answers,
    fewest_draws,
    in_canonical_order,
    resampled_weights,
)

TABLE = pd.DataFrame({"a": [2.0, 1.0, 1.0, np.nan], "b": [1.0, 3.0, 2.0, 0.0]})


def test_respondents_are_sorted_by_their_answers():
    """By the first item, then the next; weights go along, and shuffling changes nothing."""
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    rows, counts = in_canonical_order(read_ratings(TABLE), weights)
    assert rows["a"][:3].tolist() == [1.0, 1.0, 2.0]
    assert counts.tolist() == [3.0, 2.0, 1.0, 4.0]
    order = [3, 1, 0, 2]
    again, others = in_canonical_order(read_ratings(TABLE.iloc[order]), weights[order])
    np.testing.assert_array_equal(again.block(slice(None)), rows.block(slice(None)))
    assert others.tolist() == counts.tolist()


def test_equal_rows_are_counted_once():
    """Rows with the same answers and the same gaps are one, and zero has no sign."""
    table = pd.DataFrame({"a": [0.0, np.nan, -0.0, np.nan, 1.0], "b": [5.0, 1.0, 5.0, 1.0, np.nan]})
    rows, counts = distinct_answers(read_ratings(table), None)
    np.testing.assert_array_equal(rows["a"], [0.0, 1.0, np.nan])
    np.testing.assert_array_equal(rows["b"], [5.0, np.nan, 1.0])
    assert counts.tolist() == [2.0, 1.0, 2.0]
    assert rows.index is None


def test_weights_and_repeated_rows_are_one_and_the_same():
    """A row of weight 3 is three rows, one of weight 0 is none, in any order."""
    weights = np.array([3, 0, 1, 2])
    weighted = distinct_answers(read_ratings(TABLE), weights.astype(float))
    longer = TABLE.iloc[np.repeat(np.arange(4), weights)].sample(frac=1, random_state=1)
    repeated = distinct_answers(read_ratings(longer), None)
    np.testing.assert_array_equal(weighted[0].block(slice(None)), repeated[0].block(slice(None)))
    assert weighted[1].tolist() == repeated[1].tolist() == [1.0, 3.0, 2.0]


def test_as_many_are_drawn_as_there_are():
    """Draws add up to the weights, rows of weight 0 are never drawn, and chances are right."""
    counts = np.array([1.0, 0.0, 3.0, 6.0])
    draws = np.array(list(resampled_weights(counts, 4000, np.random.default_rng(0))))
    assert np.all(draws.sum(axis=1) == 10)
    assert np.all(draws[:, 1] == 0)
    # Standard error of a mean of 4,000 counts of 10 draws: below 0.025.
    assert draws.mean(axis=0) == pytest.approx(counts, abs=0.1)


@pytest.mark.parametrize(("level", "fewest"), [(0.95, 19), (0.9, 9), (0.8, 4), (0.1, 2)])
def test_so_many_draws_that_one_lies_beyond_the_level(level, fewest):
    """The fewest n with n / (n + 1) at the level, and 2; fewer are refused, none is not."""
    assert fewest_draws(level) == fewest
    assert fewest / (fewest + 1) >= level - 1e-12
    check_draws(0, level)
    check_draws(fewest, level)
    with pytest.raises(ValueError, match=f"0 or at least {fewest} for level={level}; found 1"):
        check_draws(1, level)
