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
    NOT_SHUFFLED,
    adequacy_series,
    by_factor,
    chosen_number,
    codes_to_shuffle,
    convergence_report,
    criteria_for,
    data_doubts,
    factor_names,
    factor_table,
    fit_series,
    item_table,
    loading_frame,
    rotation_options,
)
from custvalue.factors._retention.retention import Retention
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


def test_a_number_asks_only_what_costs_nothing():
    """No simulation and no model; without respondents, not what needs their number."""
    free = ["map", "map4", "kaiser", "scree", "optimal_coordinates"]
    assert criteria_for(2, 100.0) == [*free, "ekc"]
    assert criteria_for(2, np.nan) == criteria_for("map", np.nan) == free


def test_a_criterion_asks_parallel_analysis_and_itself():
    """Models are fitted only where they decide."""
    usual = ["parallel", "parallel_factors", *criteria_for(2, 100.0)]
    assert criteria_for("map", 100.0) == criteria_for("parallel", 100.0) == usual
    assert criteria_for("bic", 100.0) == [*usual, "bic"]
    assert criteria_for("hull", 100.0) == [*usual, "hull"]


@pytest.mark.parametrize("criterion", ["parallel", "bic"])
def test_a_criterion_that_needs_respondents_says_what_to_do(criterion):
    """The number of respondents, of factors, or another criterion."""
    message = f"n_observations must be given where n_factors='{criterion}'.* give a number"
    with pytest.raises(ValueError, match=message):
        criteria_for(criterion, np.nan)


@pytest.mark.parametrize(("suggested", "taken"), [(2, 2), (0, 1), (5, 3)])
def test_the_number_taken_is_possible(suggested, taken):
    """At least one factor and no more than six items identify; changes are said."""
    number, doubts = chosen_number("map", suggesting(suggested), 6, "minres")
    assert number == taken
    assert len(doubts) == (suggested != taken)
    assert chosen_number("map", suggesting(5), 6, "principal") == (5, [])


def test_a_criterion_without_an_answer_is_an_error():
    """The message asks for a number."""
    with pytest.raises(DataError, match="n_factors='map' has no answer for these 6 items; give"):
        chosen_number("map", suggesting(None), 6, "minres")
    why = Retention({}, {"bic": None}, (), ("the correlations were repaired",))
    with pytest.raises(DataError, match=r"give a number\. the correlations were repaired"):
        chosen_number("bic", why, 6, "minres")


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


def test_weights_are_written_out_up_to_a_bound():
    """20,000 respondents are rows; weights of a thousand times as many take no memory."""
    ratings = read_ratings(pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1.0, 2.0, 2.0]}))
    assert len(codes_to_shuffle(ratings, np.array([1.0, 1.0, 19_998.0]), "raise")) == 20_000
    assert codes_to_shuffle(ratings, np.array([1.0, 1.0, 19_999.0]), "raise") is None
    assert codes_to_shuffle(ratings, np.full(3, 1e9), "raise") is None
    assert "20,000" in NOT_SHUFFLED


def test_a_target_is_put_in_the_order_of_the_items():
    """A frame by item is sorted; everything else passes as it is."""
    target = pd.DataFrame([[1.0], [2.0]], index=["b", "a"])
    found = rotation_options({"target": target}, ["a", "b"])
    assert found["target"].to_numpy().tolist() == [[2.0], [1.0]]
    numbered = rotation_options({"target": target.reset_index(drop=True)}, ["a", "b"])
    assert numbered["target"].to_numpy().tolist() == [[1.0], [2.0]]
    assert rotation_options({"gamma": 0.5}, ["a"]) == {"gamma": 0.5}
    assert rotation_options(None, ["a"]) == {}


@pytest.mark.parametrize("index", [["a", "c"], ["a", "a"], ["a"]])
def test_a_target_of_other_items_is_refused(index):
    """Labels count: what cannot be put in order is an error, not read by position."""
    target = pd.DataFrame(1.0, index=index, columns=["one"])
    with pytest.raises(ValueError, match="'target' must have the items as its index, or a plain"):
        rotation_options({"target": target}, ["a", "b"])


def test_repaired_correlations_leave_no_tests(found, solution):
    """Likelihood, Bartlett's test and KMO are NaN, the residuals known, and it is said."""
    repaired = replace(found, smallest_eigenvalue=0.0)
    fit, adequacy = fit_series(repaired, solution), adequacy_series(repaired)
    known = fit.notna()
    assert list(fit.index[known]) == [
        "degrees_of_freedom",
        "null_degrees_of_freedom",
        "srmr",
        "rms_residual",
    ]
    assert fit["srmr"] == fit_series(found, solution)["srmr"]
    assert list(adequacy.index[adequacy.notna()]) == ["degrees_of_freedom"]
    assert item_table(repaired, solution, list(load_attitude()))["kmo"].isna().all()
    asked = suggesting(1)
    assert data_doubts(found, asked, components=False) == ()
    [doubt] = data_doubts(repaired, asked, components=False)
    assert doubt.endswith("taken from the correlations that the factors reproduce")
    [doubt] = data_doubts(repaired, asked, components=True)
    assert doubt.endswith("the measure of sampling adequacy are NaN")


def test_the_determinacy_of_repaired_correlations_is_that_of_the_model(found, solution):
    """sqrt(diag(S' Sigma^-1 S)), whatever the inverse of R is."""
    table = factor_table(replace(found, smallest_eigenvalue=0.0), solution)
    S = solution.structure
    expected = np.sqrt(np.diag(S.T @ np.linalg.solve(solution.implied, S)))
    np.testing.assert_allclose(table["determinacy"], expected, atol=1e-12)
