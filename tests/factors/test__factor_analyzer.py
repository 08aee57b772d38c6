"""The tables and sentences of a factor analysis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue.datasets import load_attitude
from custvalue.exceptions import DataError
from custvalue.factors._correlations.build import correlations
from custvalue.factors._factor_analyzer import (
    adequacy_series,
    by_factor,
    chosen_number,
    codes_to_shuffle,
    convergence_report,
    criteria_for,
    factor_names,
    factor_table,
    fit_series,
    item_table,
    loading_frame,
    rotation_options,
    search_doubts,
    solution_doubts,
)
from custvalue.factors._retention.retention import CRITERIA, Retention
from custvalue.factors._solution import FactorSolution, Settings, solve


@pytest.fixture(scope="module")
def found():
    """Return the correlations of the attitude survey."""
    return correlations(read_ratings(load_attitude()))


@pytest.fixture(scope="module")
def solution(found):
    """Return two oblique factors of the attitude survey."""
    return solve(found.matrix, 2, Settings(rotation="oblimin"), np.random.default_rng(0))


def changed(solution, **fields):
    """Return a solution whose extraction has other fields."""
    return FactorSolution(replace(solution.extraction, **fields), solution.rotation)


def suggesting(number):
    """Return what criteria found where MAP suggests a number."""
    return Retention({}, {"map": number}, ())


def test_frames_are_labelled_by_item_and_factor():
    """Rows are items, columns factors from 1."""
    frame = loading_frame(np.ones((2, 3)), ["a", "b"])
    assert frame.index.tolist() == ["a", "b"]
    assert frame.columns.tolist() == ["factor_1", "factor_2", "factor_3"]
    assert by_factor(np.eye(2)).loc["factor_2", "factor_1"] == 0
    assert factor_names(1).tolist() == ["factor_1"]


def test_items_are_told_by_their_largest_loading_and_complexity(found, solution):
    """Hofmann's complexity is 1 for an item on one factor, 2 for one on two alike."""
    table = item_table(found, solution, list(load_attitude()))
    assert table.loc["advance", "factor"] == "factor_2"
    squares = solution.loadings**2
    expected = squares.sum(axis=1) ** 2 / (squares**2).sum(axis=1)
    np.testing.assert_allclose(table["complexity"], expected)
    assert table["complexity"].between(1, 2).all()
    # psych 2.2.9, KMO(attitude): .7632754 over all items.
    assert adequacy_series(found)["kmo"] == pytest.approx(0.7632754, abs=1e-7)


def test_factors_add_up_to_the_communalities(found, solution):
    """Variances explained sum to what items share; the last cumulative share is their mean."""
    table = factor_table(found, solution)
    assert table["sum_of_squares"].sum() == pytest.approx(solution.communalities.sum())
    assert table["cumulative_share"].iloc[-1] == pytest.approx(solution.communalities.mean())
    assert table["determinacy"].between(0.8, 1).all()


def test_fit_counts_the_parameters(found, solution):
    """Seven items and two factors leave 8 degrees of freedom."""
    assert fit_series(found, solution)["degrees_of_freedom"] == 8


def test_both_searches_are_reported(solution):
    """Each stage has its gradient, starts and optima."""
    report = convergence_report(solution)
    assert report["converged"]
    assert report["extraction_gradient"] < 1e-9
    assert report["rotation_gradient"] < 1e-7
    assert report["rotation_starts"] == report["extraction_starts"] == 10
    assert not convergence_report(changed(solution, converged=False))["converged"]


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


def test_a_number_asks_only_what_costs_nothing():
    """No simulation and no model; without respondents, not what needs their number."""
    free = criteria_for(2, 100.0)
    assert set(free) == {"map", "map4", "kaiser", "scree", "optimal_coordinates", "ekc"}
    assert "ekc" not in criteria_for(2, np.nan)
    assert criteria_for("map", 100.0) == list(CRITERIA)
    assert criteria_for("map", np.nan) == ["map", "map4", "kaiser", "scree", "optimal_coordinates"]
    assert criteria_for("bic", np.nan)[-1] == "bic"


@pytest.mark.parametrize(("suggested", "taken"), [(2, 2), (0, 1), (5, 3)])
def test_the_number_taken_is_possible(suggested, taken):
    """At least one factor and no more than six items identify; changes are said."""
    number, doubts = chosen_number("map", suggesting(suggested), 6, "minres")
    assert number == taken
    assert len(doubts) == (suggested != taken)
    assert chosen_number("map", suggesting(5), 6, "principal") == (5, [])


def test_a_criterion_without_an_answer_is_an_error():
    """The message asks for a number."""
    with pytest.raises(DataError, match="n_factors='map' has no answer for these 6 items"):
        chosen_number("map", suggesting(None), 6, "minres")


def test_codes_stand_in_one_order_and_count_respondents():
    """Shuffled rows give the same codes; whole weights repeat rows, others give none."""
    table = pd.DataFrame({"a": [3.0, 1.0, 2.0, 1.0], "b": [1.0, 2.0, 2.0, 1.0]})
    ratings = read_ratings(table)
    codes = codes_to_shuffle(ratings, None, "raise")
    assert codes.tolist() == [[0, 0], [0, 1], [1, 1], [2, 0]]
    again = codes_to_shuffle(read_ratings(table.iloc[::-1]), None, "raise")
    assert again.tolist() == codes.tolist()
    twice = codes_to_shuffle(ratings, np.array([2.0, 1.0, 1.0, 1.0]), "raise")
    assert twice.tolist() == [*codes.tolist(), [2, 0]]
    assert codes_to_shuffle(ratings, np.array([0.5, 1.0, 1.0, 1.0]), "raise") is None


def test_a_target_is_put_in_the_order_of_the_items():
    """A frame by item is sorted; everything else passes as it is."""
    target = pd.DataFrame([[1.0], [2.0]], index=["b", "a"])
    found = rotation_options({"target": target}, ["a", "b"])
    assert found["target"].to_numpy().tolist() == [[2.0], [1.0]]
    assert rotation_options({"gamma": 0.5}, ["a"]) == {"gamma": 0.5}
    assert rotation_options(None, ["a"]) == {}
