"""Bootstrap of loadings: factors matched with those of all respondents."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue.datasets import make_survey
from custvalue.factors._bootstrap import LoadingDraws, bootstrap_loadings
from custvalue.factors._correlations.build import correlations
from custvalue.factors._solution import Settings, solve


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
