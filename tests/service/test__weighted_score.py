"""The mathematics of the weighted mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gmean

from custvalue.service._weighted_score import score_parts, score_ranks, weighted_means

# The worked example of the method (reference, section 1.2): 3.96, and 4.1294 without the fourth.
GOLDEN_WEIGHTS = np.array([0.30, 0.25, 0.20, 0.15, 0.10])
GOLDEN_VALUES = [4.2, 3.8, 4.5, 3.0, 4.0]


def columns_of(rows):
    """Return rows as the columns of a table."""
    return list(np.array(rows, dtype=float).T)


def test_the_worked_example():
    """The published score, with and without the missing value, and the coverage."""
    gap = [4.2, 3.8, 4.5, np.nan, 4.0]
    means = weighted_means(columns_of([GOLDEN_VALUES, gap]), GOLDEN_WEIGHTS)
    assert means.score == pytest.approx([3.96, 3.51 / 0.85], abs=1e-14)
    assert means.score[1] == pytest.approx(4.1294, abs=5e-5)
    assert means.coverage == pytest.approx([1.0, 0.85], abs=1e-15)
    assert means.coverage[0] == 1.0


def test_least_coverage_takes_scores_away():
    """A row below it has no score; a row on it has one."""
    columns, weights = columns_of([[1.0, np.nan], [1.0, 2.0]]), np.array([0.5, 0.5])
    assert np.isnan(weighted_means(columns, weights, least=0.6).score).tolist() == [True, False]
    assert not np.isnan(weighted_means(columns, weights, least=0.5).score).any()


def test_a_row_without_any_value_has_no_score():
    """Its coverage is 0."""
    means = weighted_means(columns_of([[np.nan, np.nan]]), np.array([0.5, 0.5]))
    assert np.isnan(means.score[0])
    assert means.coverage[0] == 0


def test_a_column_of_weight_zero_is_not_looked_at():
    """Neither its gaps nor its zeros count."""
    columns, weights = columns_of([[4.0, np.nan], [4.0, 0.0]]), np.array([1.0, 0.0])
    for geometric in (False, True):
        means = weighted_means(columns, weights, geometric=geometric, least=1.0)
        assert means.score == pytest.approx([4.0, 4.0], rel=1e-15)


def test_the_geometric_mean_is_that_of_scipy():
    """Weighted, over the values that are there; 0 where one of them is."""
    rows = [[1.0, 4.0, 9.0], [2.0, np.nan, 8.0], [0.0, 4.0, 9.0]]
    weights = np.array([0.5, 0.2, 0.3])
    means = weighted_means(columns_of(rows), weights, geometric=True)
    expected = [gmean(rows[0], weights=weights), gmean([2.0, 8.0], weights=[0.5, 0.3]), 0.0]
    assert means.score == pytest.approx(expected, rel=1e-14)


@settings(max_examples=30)
@given(
    rows=st.lists(
        st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=3, max_size=3),
        min_size=1,
        max_size=6,
    ),
    weights=st.lists(st.floats(0.01, 10), min_size=3, max_size=3),
)
def test_the_parts_of_a_score_sum_to_it(rows, weights):
    """What each column adds makes up the whole, whatever is missing."""
    columns, w = columns_of(rows), np.array(weights)
    means = weighted_means(columns, w)
    parts = np.array(score_parts(columns, w, means))
    known = ~np.isnan(means.score)
    np.testing.assert_allclose(
        np.nansum(parts, axis=0)[known], means.score[known], rtol=1e-12, atol=1e-8
    )
    assert np.isnan(parts[:, ~known]).all()


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ("competition", [2, 2, 1, 4]),
        ("dense", [2, 2, 1, 3]),
        ("average", [2.5, 2.5, 1, 4]),
    ],
)
def test_ties_are_ranked_as_asked(ties, expected):
    """Scores that differ by rounding alone are ties."""
    assert score_ranks(np.array([0.3, 0.1 + 0.2, 0.5, 0.1]), ties).tolist() == expected


def test_ranks_leave_out_rows_without_a_score():
    """They have no place and take none."""
    ranks = score_ranks(np.array([np.nan, 2.0, 3.0]))
    assert np.isnan(ranks[0])
    assert ranks[1:].tolist() == [2, 1]
    assert score_ranks(np.zeros(2)).tolist() == [1, 1]


def test_a_large_score_ties_no_small_ones():
    """Neighbours are compared by their own size, not by that of the largest score."""
    assert score_ranks(np.array([1e15, 1.0, 2.0, 3.0])).tolist() == [1, 4, 3, 2]
    assert score_ranks(np.array([1e300, -1e300, 1e-300, 2e-300])).tolist() == [1, 4, 3, 2]
    assert score_ranks(np.array([1.7e308, -1.7e308])).tolist() == [1, 2]
    assert score_ranks(np.array([1e15, 1e15 + 1, 0.1 + 0.2, 0.3])).tolist() == [1, 1, 3, 3]


def test_what_cancels_but_for_rounding_is_a_tie():
    """0.1 + 0.2 - 0.3 is not 0, and counts as 0 beside parts of 0.6."""
    left = np.array([0.1 + 0.2 - 0.3, 0.0, 1e-9])
    assert score_ranks(left, sizes=np.full(3, 0.6)).tolist() == [2, 2, 1]
    assert score_ranks(left).tolist() == [2, 3, 1]


def test_a_coverage_on_the_least_is_enough():
    """0.7 + 0.2 is below 0.9 by rounding alone; a gap of little weight is still a gap."""
    weights = np.array([0.7, 0.2, 0.1]) / np.array([0.7, 0.2, 0.1]).sum()
    means = weighted_means(columns_of([[3.0, 3.0, np.nan]]), weights, least=0.9)
    assert means.coverage[0] < 0.9
    assert means.score[0] == pytest.approx(3.0, rel=1e-15)
    weights = np.array([1.0, 1e-14])
    assert np.isnan(weighted_means(columns_of([[3.0, np.nan]]), weights, least=1.0).score[0])
