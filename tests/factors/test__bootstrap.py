"""Bootstrap of respondents: order, draws, and factors matched with those of all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue.datasets import make_survey
from custvalue.factors._bootstrap import (
    LoadingDraws,
    bootstrap_loadings,
    in_canonical_order,
    resampled_weights,
)
from custvalue.factors._correlations.build import correlations
from custvalue.factors._solution import Settings, solve


def test_respondents_are_sorted_by_their_answers():
    """By the first item, then the next; weights go along, and shuffling changes nothing."""
    table = pd.DataFrame({"a": [2.0, 1.0, 1.0, np.nan], "b": [1.0, 3.0, 2.0, 0.0]})
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    rows, counts = in_canonical_order(read_ratings(table), weights)
    assert rows["a"][:3].tolist() == [1.0, 1.0, 2.0]
    assert counts.tolist() == [3.0, 2.0, 1.0, 4.0]
    order = [3, 1, 0, 2]
    again, others = in_canonical_order(read_ratings(table.iloc[order]), weights[order])
    np.testing.assert_array_equal(again.block(slice(None)), rows.block(slice(None)))
    assert others.tolist() == counts.tolist()


def test_as_many_are_drawn_as_there_are():
    """Draws add up to the weights, rows of weight 0 are never drawn, and chances are right."""
    counts = np.array([1.0, 0.0, 3.0, 6.0])
    draws = np.array(list(resampled_weights(counts, 4000, np.random.default_rng(0))))
    assert np.all(draws.sum(axis=1) == 10)
    assert np.all(draws[:, 1] == 0)
    # Standard error of a mean of 4,000 counts of 10 draws: below 0.025.
    np.testing.assert_allclose(draws.mean(axis=0), counts, atol=0.1)


def test_matched_draws_scatter_around_the_loadings():
    """No draw swaps or turns a factor: each is congruent with that of all respondents."""
    ratings = read_ratings(make_survey(400, satisfaction=False, random_state=2))
    settings = Settings(rotation="oblimin")
    matrix = correlations(ratings).matrix
    solution = solve(matrix, 3, settings, np.random.default_rng(0))
    draws = bootstrap_loadings(
        ratings,
        None,
        solution,
        settings,
        kind="pearson",
        missing="raise",
        n_draws=40,
        generator=np.random.default_rng(1),
    )
    assert draws.loadings.shape == (40, *solution.loadings.shape)
    assert draws.n_failed == 0
    inner = np.einsum("bpk,pk->bk", draws.loadings, solution.loadings)
    lengths = np.linalg.norm(draws.loadings, axis=1) * np.linalg.norm(solution.loadings, axis=0)
    assert (inner / lengths).min() > 0.9
    np.testing.assert_allclose(draws.loadings.mean(axis=0), solution.loadings, atol=0.06)


def test_draws_without_a_fit_are_counted():
    """An item that a single respondent answers differently is constant in a third of the draws."""
    table = make_survey(80, n_categories=4, satisfaction=False, random_state=2).iloc[:, :6]
    table["rare"] = np.where(np.arange(80) == 7, 2.0, 1.0)
    ratings = read_ratings(table)
    solution = solve(correlations(ratings).matrix, 1, Settings(), np.random.default_rng(0))
    draws = bootstrap_loadings(
        ratings,
        None,
        solution,
        Settings(),
        kind="pearson",
        missing="raise",
        n_draws=30,
        generator=np.random.default_rng(1),
    )
    # (1 - 1/80)^80 = .366 of the draws leave that respondent out.
    assert 4 <= draws.n_failed <= 20
    assert len(draws.loadings) == 30 - draws.n_failed
    assert draws.doubts()[0].startswith(f"{draws.n_failed} of 30 bootstrap draws")


def test_intervals_are_percentiles():
    """The standard error and the quantiles of the draws."""
    values = np.arange(101.0)
    draws = LoadingDraws(values[:, None, None], 0)
    error, lower, upper = draws.intervals(0.9)[0, 0]
    assert error == pytest.approx(values.std(ddof=1))
    assert (lower, upper) == pytest.approx((5.0, 95.0))
    assert draws.doubts() == []
