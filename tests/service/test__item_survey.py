"""Surveys that ask two questions of each item."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue.exceptions import DataError
from custvalue.service._item_survey import (
    check_scale,
    numbered_items,
    paired_items,
    refuse_outside,
    refuse_unnamed,
    single_items,
    starting_with,
    whole_answers,
)

COLUMNS = {"id": ["a"], "E_speed": [1.0], "P_stock": [2.0], "P_speed": [3.0], "E_stock": [1.0]}
FRAMES = [pd.DataFrame, pl.DataFrame, pa.table]


@pytest.mark.parametrize("build", FRAMES)
def test_items_are_what_follows_the_beginning_of_a_name(build):
    """In the order of the columns; a column that is all prefix names nothing."""
    X = build({**COLUMNS, "P_": [1.0]})
    assert starting_with(X, "P_") == ["stock", "speed"]
    assert starting_with(X, "P_", but={"P_stock"}) == ["speed"]


@pytest.mark.parametrize("build", FRAMES)
def test_an_empty_beginning_takes_all_columns_that_are_no_id(build):
    """The first column of polars and pyarrow is the id; pandas has an index for it."""
    found = starting_with(build(COLUMNS), "", but={"E_stock"})
    first = ["id"] if build is pd.DataFrame else []
    assert found == [*first, "E_speed", "P_stock", "P_speed"]


@pytest.mark.parametrize("build", FRAMES)
def test_pairs_are_found_in_the_order_of_the_second_question(build):
    """Columns of neither question are no item."""
    assert paired_items(build(COLUMNS), "E_", "P_", owner="Me") == ["stock", "speed"]


@pytest.mark.parametrize(
    ("dropped", "there", "missing"),
    [("E_speed", "P_speed", "E_speed"), ("P_stock", "E_stock", "P_stock")],
)
def test_half_an_item_is_refused(dropped, there, missing):
    """The message names the item, the column that is there and the one that is not."""
    X = pd.DataFrame(COLUMNS).drop(columns=dropped)
    with pytest.raises(DataError, match=rf"has '{there}' but not '{missing}' \(1 such item"):
        paired_items(X, "E_", "P_", owner="Me")


def test_a_survey_without_items_is_refused():
    """Both ways of asking say which columns were looked for."""
    X = pd.DataFrame({"note": ["x"]})
    with pytest.raises(DataError, match="Me needs columns that start with 'E_' and with 'P_'"):
        paired_items(X, "E_", "P_", owner="Me")
    with pytest.raises(DataError, match="Me needs columns that start with 'P_'; found none"):
        single_items(X, "P_", owner="Me")
    assert single_items(pd.DataFrame(COLUMNS), "P_", owner="Me") == ["stock", "speed"]


def test_the_items_of_an_array_are_numbered():
    """So many columns an item, and some of no item beside them."""
    assert numbered_items(np.ones((3, 4)), 2, owner="Me") == ["x0", "x1"]
    assert numbered_items(np.ones((3, 4)), 1, n_more=1, owner="Me") == ["x0", "x1", "x2"]
    assert numbered_items(np.ones(3), 2, owner="Me") == ["x0"]
    with pytest.raises(DataError, match="X has 5 features, but Me is expecting 2 features an item"):
        numbered_items(np.ones((3, 5)), 2, owner="Me")
    with pytest.raises(DataError, match="2 features an item and 1 more"):
        numbered_items(np.ones((3, 4)), 2, n_more=1, owner="Me")


def test_an_item_that_a_parameter_forgets_is_named():
    """A column with the beginning must be in the parameter; arrays have no names."""
    X = pd.DataFrame(COLUMNS)
    with pytest.raises(DataError, match=r"dimensions must name every item .*: 'stock' \(1 such"):
        refuse_unnamed(X, "P_", ["speed"], "dimensions")
    refuse_unnamed(X, "P_", ["speed", "stock", "more"], "dimensions")
    refuse_unnamed(X, "", ["speed"], "dimensions")
    refuse_unnamed(np.ones((2, 2)), "P_", ["speed"], "dimensions")


@pytest.mark.parametrize("scale", [(7, 1), (1, 1), (1,), (1, 2, 3), (1, np.inf), ("1", "7"), 5])
def test_what_is_no_scale_is_refused(scale):
    """Two finite numbers, the lower one first, and nothing else."""
    with pytest.raises(ValueError, match="scale must be two finite numbers, low and high"):
        check_scale(scale)


def test_answers_beyond_the_scale_are_refused():
    """With column, row, answer and number of such rows; gaps and the ends themselves pass."""
    assert check_scale(None) is None
    scale = check_scale([1, 5])
    assert scale == (1.0, 5.0)
    ratings = read_ratings(pd.DataFrame({"P_speed": [1.0, np.nan, 5.0, 6.0, 0.0]}))
    refuse_outside(ratings, None)
    refuse_outside(ratings.take(np.array([0, 1, 2])), scale)
    with pytest.raises(DataError, match=r"row 3 has P_speed=6.0 \(2 such rows\)"):
        refuse_outside(ratings, scale)


def test_missing_answers_are_treated_as_asked():
    """Let pass, left out with a word and the weights, or refused."""
    ratings = read_ratings(pd.DataFrame({"a": [1.0, np.nan, 3.0], "b": [1.0, 2.0, 3.0]}))
    weights = np.array([1.0, 2.0, 3.0])
    assert whole_answers(ratings, weights, missing="pairwise").ratings is ratings
    found = whole_answers(ratings, weights, missing="listwise")
    assert found.ratings["b"].tolist() == [1.0, 3.0]
    assert found.weights.tolist() == [1.0, 3.0]
    assert found.doubts == ("missing='listwise' leaves out 1 of 3 respondents",)
    assert whole_answers(ratings, None, missing="listwise").weights is None
    with pytest.raises(DataError, match="row 1 has a=nan"):
        whole_answers(ratings, None, missing="raise")


def test_somebody_must_be_left():
    """Nobody answered everything, or only those who stand for nobody."""
    ratings = read_ratings(pd.DataFrame({"a": [1.0, np.nan], "b": [np.nan, 2.0]}))
    with pytest.raises(DataError, match="all 2 left out an answer"):
        whole_answers(ratings, None, missing="listwise")
    whole = read_ratings(pd.DataFrame({"a": [1.0, np.nan], "b": [1.0, 2.0]}))
    with pytest.raises(DataError, match="needs a respondent who answered everything"):
        whole_answers(whole, np.array([0.0, 1.0]), missing="listwise")
