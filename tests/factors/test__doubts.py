"""Sentences on a factor solution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from custvalue.datasets import load_attitude
from custvalue.factors._doubts import (
    convergence_doubts,
    heywood_doubts,
    search_doubts,
    solution_doubts,
)
from custvalue.factors._solution import FactorSolution, Settings, solve

R = np.corrcoef(load_attitude().to_numpy(dtype=float).T)


@pytest.fixture(scope="module")
def solution():
    """Return two oblique factors of the attitude survey."""
    return solve(R, 2, Settings(rotation="oblimin"), np.random.default_rng(0))


def changed(solution, **fields):
    """Return a solution whose extraction has other fields."""
    return FactorSolution(replace(solution.extraction, **fields), solution.rotation)


def test_doubts_of_a_search(solution):
    """One that did not end, or whose best end a single start reached."""
    assert search_doubts(solution) == []
    [ended] = search_doubts(changed(solution, converged=False))
    assert ended.startswith("extraction did not converge")
    [alone] = search_doubts(changed(solution, starts_agreeing=1, n_optima=3))
    assert "a single start of 10 reached the best extraction of 3 different ones" in alone
    assert search_doubts(changed(solution, starts_agreeing=1, n_starts=1)) == []


def test_heywood_cases_are_named(solution):
    """The first five items, and how many there are."""
    items = list(load_attitude())
    assert solution_doubts(solution, items) == []
    heywood = np.array([True, False, False, False, False, False, True])
    [doubt] = solution_doubts(changed(solution, heywood=heywood), items)
    assert "'rating'" in doubt
    assert "'advance'" in doubt
    assert "2 such items" in doubt


def test_five_are_shown_of_whatever_has_a_communality():
    """Group factors as well as items; the number of all is told."""
    [doubt] = heywood_doubts(np.ones(6, dtype=bool), np.full(6, 1.02), list("abcdef"))
    assert "'e' (1.020) reached it" in doubt
    assert "'f'" not in doubt
    assert "6 such items" in doubt
    assert heywood_doubts(np.zeros(2, dtype=bool), np.ones(2), ["a", "b"]) == []


def test_a_search_that_was_not_made_has_no_doubt(solution):
    """None stands for it; the others are named by what was searched for."""
    failed = replace(solution.extraction, converged=False)
    assert convergence_doubts({"first": None, "second": solution.extraction}) == []
    [doubt] = convergence_doubts({"first": None, "third": failed})
    assert doubt.startswith("third did not converge: its gradient is")


def test_too_many_factors_are_a_doubt_of_models_alone():
    """Three factors of four items leave -3 degrees of freedom; components are no model."""
    rng = np.random.default_rng(0)
    four = R[:4, :4]
    [doubt, *_] = solution_doubts(solve(four, 3, Settings(), rng), list("abcd"))
    assert doubt.startswith("3 factors of 4 items have more parameters")
    components = solve(four, 3, Settings(method="principal"), rng)
    assert solution_doubts(components, list("abcd")) == []


def test_one_factor_is_no_plural():
    """A pair of items has less than one correlation for each parameter."""
    one = solve(R[:2, :2], 1, Settings(rotation=None), np.random.default_rng(0))
    assert solution_doubts(one, ["a", "b"])[0].startswith("1 factor of 2 items")
