"""Bootstrap of loadings: factors matched with those of all respondents."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue.datasets import make_survey
from custvalue.exceptions import DataError
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
    assert draws.doubts(0.8)[0].startswith(f"{draws.n_failed} of 30 bootstrap draws")
    assert draws.doubts(0.8)[0].endswith("the intervals rest on the others")


def test_intervals_are_percentiles():
    """The standard error and the quantiles of the draws."""
    values = np.arange(101.0)
    draws = LoadingDraws(values[:, None, None], 0)
    error, lower, upper = draws.intervals(0.9)[0, 0]
    assert error == pytest.approx(values.std(ddof=1))
    assert (lower, upper) == pytest.approx((5.0, 95.0))
    assert draws.doubts(0.9) == []


def test_too_few_draws_have_no_intervals():
    """Eight draws do not reach 90 %, as nine do; the sentence tells of those that failed."""
    values = np.arange(9.0)[:, None, None]
    assert np.isfinite(LoadingDraws(values, 1).intervals(0.9)).all()
    few = LoadingDraws(values[:8], 2)
    assert np.isnan(few.intervals(0.9)).all()
    assert few.intervals(0.9).shape == (1, 1, 3)
    [doubt] = few.doubts(0.9)
    assert doubt.startswith("2 of 10 bootstrap draws had no fit")
    assert doubt.endswith("too few are left for intervals")
    assert np.isnan(LoadingDraws(values[:0], 9).intervals(0.9)).all()


@pytest.mark.parametrize(
    ("error", "escapes"), [(np.linalg.LinAlgError, False), (DataError, False), (ValueError, True)]
)
def test_only_failures_of_the_data_are_left_out(monkeypatch, error, escapes):
    """A mistake of the program is not counted as a draw without a fit."""
    ratings = read_ratings(make_survey(60, satisfaction=False, random_state=2).iloc[:, :6])
    solution = solve(correlations(ratings).matrix, 1, Settings(), np.random.default_rng(0))

    def fail(*_):
        raise error("no fit")

    monkeypatch.setattr("custvalue.factors._bootstrap.solve_near", fail)

    def draw():
        return bootstrap_loadings(
            ratings,
            None,
            solution,
            Settings(),
            kind="pearson",
            missing="raise",
            n_draws=3,
            generator=np.random.default_rng(1),
        )

    if escapes:
        with pytest.raises(error):
            draw()
    else:
        assert draw().n_failed == 3
