"""OrderPriority."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import custvalue
from custvalue.exceptions import DataError
from custvalue.service import OrderPriority

PRODUCTS = list("ACFBGEYHLD")
IMPORTANCE = [2, 3, 1, 3, 3, 2, 1, 2, 3, 2]
SCORE = [2, 6, 3, 12, 15, 12, 7, 16, 27, 20]
PRIORITY = [1, 3, 2, 5, 7, 5, 4, 8, 10, 9]


@pytest.fixture
def ranked() -> pd.DataFrame:
    """Return ten products with ready profit ranks, the worked table of the method."""
    index = pd.Index(PRODUCTS, name="product")
    return pd.DataFrame({"profit_rank": range(1, 11), "importance": IMPORTANCE}, index=index)


@pytest.fixture
def products(ranked) -> pd.DataFrame:
    """Return the same ten with profits in that order, the last two at a loss."""
    profit = [900.0, 850.5, 700.0, 420.0, 300.0, 250.0, 90.0, 10.0, -5.0, -80.0]
    return ranked.assign(profit=profit).drop(columns="profit_rank")


def columns(out: pd.DataFrame) -> list[list[int]]:
    """Return score and priority as lists."""
    return [out["score"].tolist(), out["priority"].tolist()]


def test_the_ten_product_table_from_ranks(ranked):
    """Ready ranks give the published scores and priorities, ties as 5, 5, 7."""
    assert columns(OrderPriority().fit_transform(ranked)) == [SCORE, PRIORITY]


def test_the_ten_product_table_from_profits(products):
    """Profits are ranked inside, highest first, losses last, with the same result."""
    assert columns(OrderPriority().fit_transform(products)) == [SCORE, PRIORITY]


def test_a_scale_that_runs_the_other_way_gives_the_same_table(products):
    """Importance written 3 for a lost sale gives the table once the scale is named."""
    turned = products.assign(importance=4 - products["importance"])
    priority = OrderPriority(scale="1_is_least_urgent").fit(turned)
    assert columns(priority.transform(turned)) == [SCORE, PRIORITY]
    assert columns(OrderPriority().fit_transform(turned)) != [SCORE, PRIORITY]
    assert priority.levels_.loc[3].tolist() == ["lost sale", 2]


def test_levels_show_how_the_scale_was_read(products):
    """Each level with its meaning and the number of products."""
    levels = OrderPriority().fit(products).levels_
    assert levels["meaning"].tolist() == [
        "lost sale",
        "slight delay acceptable",
        "longer delay acceptable",
    ]
    assert levels["products"].tolist() == [2, 4, 4]
    assert levels.index.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("tie_break", "expected"),
    [("importance", [1, 3, 2, 6, 7, 5, 4, 8, 10, 9]), ("profit", [1, 3, 2, 5, 7, 6, 4, 8, 10, 9])],
)
def test_a_tie_break_parts_the_two_products_that_score_twelve(products, tie_break, expected):
    """B (rank 4, importance 3) and E (rank 6, importance 2): E is worse to delay, B earns more."""
    out = OrderPriority(tie_break=tie_break).fit_transform(products)
    assert columns(out) == [SCORE, expected]


def test_products_equal_in_profit_and_importance_share_a_priority():
    """No tie-break parts what is equal; equal profits share a rank and the next rank is skipped."""
    X = [[50.0, 2], [50.0, 2], [40.0, 1], [60.0, 3]]
    for tie_break in (None, "importance", "profit"):
        out = OrderPriority(tie_break=tie_break).fit_transform(X)
        assert out["score"].tolist() == [4, 4, 4, 3]
        assert (
            out["priority"].tolist()[:2] == [{None: 2, "importance": 3, "profit": 2}[tie_break]] * 2
        )


tables = st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 3)), min_size=1, max_size=20).map(
    lambda rows: np.array(rows, dtype=float)
)


@given(X=tables)
def test_priority_is_the_competition_rank_of_rank_times_importance(X):
    """On the fitted table both steps agree with scipy's minimum ranks."""
    score = rankdata(-X[:, 0], method="min") * X[:, 1]
    expected = [score.tolist(), rankdata(score, method="min").tolist()]
    assert columns(OrderPriority().fit_transform(X)) == expected


@given(X=tables, seed=st.integers(0, 2**32 - 1), tie_break=st.sampled_from([None, "profit"]))
def test_row_order_and_the_unit_of_profit_change_nothing(X, seed, tie_break):
    """Another order of the rows and another currency give each product the same priority."""
    expected = OrderPriority(tie_break=tie_break).fit_transform(X).to_numpy()
    order = np.random.default_rng(seed).permutation(len(X))
    other = X[order] * [8.0, 1.0]
    out = OrderPriority(tie_break=tie_break).fit_transform(other)
    np.testing.assert_array_equal(out, expected[order])


def test_new_products_are_ranked_among_the_fitted_ones(products):
    """A newcomer's rank and priority count fitted products; newcomers do not count each other."""
    ranking = OrderPriority().fit(products)
    new = pd.DataFrame({"profit": [1000.0, 1000.0, 420.0, -999.0], "importance": [1, 3, 1, 3]})
    out = ranking.transform(new)
    assert out["score"].tolist() == [1, 3, 4, 33]
    assert out["priority"].tolist() == [1, 2, 3, 11]
    assert ranking.transform(new[3:])["priority"].tolist() == [11]


def test_new_ranks_are_taken_as_they_are_given(ranked):
    """With ready ranks a new row's score is its rank times its importance."""
    ranking = OrderPriority().fit(ranked)
    assert ranking.profits_ is None
    out = ranking.transform(pd.DataFrame({"profit_rank": [4], "importance": [3]}))
    assert columns(out) == [[12], [5]]


def test_columns_may_have_names_of_their_own(products):
    """Profit and importance are parameters; a frame of ranks beside profits needs a choice."""
    renamed = products.rename(columns={"profit": "margin", "importance": "class"})
    out = OrderPriority(profit="margin", importance="class").fit_transform(renamed)
    assert columns(out) == [SCORE, PRIORITY]
    both = products.assign(profit_rank=range(10, 0, -1))
    with pytest.raises(DataError, match="both 'profit' and 'profit_rank'"):
        OrderPriority().fit(both)
    assert columns(OrderPriority(profit_rank=None).fit_transform(both)) == [SCORE, PRIORITY]
    other = OrderPriority(profit=None).fit_transform(both)
    assert other["score"].tolist()[:2] == [20, 27]


def test_every_kind_of_table_gets_the_same_priorities_and_keeps_its_products(products):
    """The output is of the kind of the input, products first, and set_output overrides it."""
    ranking = OrderPriority().fit(products)
    names = ["product", "score", "priority"]
    from_polars = ranking.transform(pl.from_pandas(products.reset_index()))
    from_arrow = ranking.transform(pa.Table.from_pandas(products.reset_index()))
    chosen = OrderPriority().set_output(transform="polars").fit(products).transform(products)
    assert from_polars.columns == from_arrow.column_names == chosen.columns == names
    assert from_polars["priority"].to_list() == from_arrow["priority"].to_pylist() == PRIORITY
    assert from_polars["product"].to_list() == chosen["product"].to_list() == PRODUCTS
    assert ranking.transform(products).index.equals(products.index)
    assert columns(ranking.transform(products.to_numpy()[:, [1, 0]])) == [SCORE, PRIORITY]
    assert list(ranking.get_feature_names_out()) == ["score", "priority"]


def test_it_stands_in_a_pipeline_and_leaves_x_alone(products):
    """Pipeline runs it; X is not changed; a fit on an array forgets the names of a frame."""
    before = products.copy(deep=True)
    out = make_pipeline(FunctionTransformer(), OrderPriority()).fit_transform(products)
    assert columns(out) == [SCORE, PRIORITY]
    pd.testing.assert_frame_equal(products, before)
    ranking = OrderPriority().fit(products)
    assert list(ranking.feature_names_in_) == ["profit", "importance"]
    assert not hasattr(ranking.fit([[1.0, 1.0]]), "feature_names_in_")


@pytest.mark.parametrize("table", ["ranked", "products"])
@pytest.mark.parametrize("tie_break", [None, "importance", "profit"])
def test_copies_rank_alike(table, tie_break, request, tmp_path):
    """clone, pickle and save with load give the same priorities."""
    X = request.getfixturevalue(table)
    ranking = OrderPriority(tie_break=tie_break).fit(X)
    expected = ranking.transform(X)
    ranking.save(tmp_path / "ranking.json")
    loaded = custvalue.load(tmp_path / "ranking.json")
    assert loaded.get_params() == ranking.get_params()
    for copy in (loaded, pickle.loads(pickle.dumps(ranking)), clone(ranking).fit(X)):
        pd.testing.assert_frame_equal(copy.transform(X), expected)
        pd.testing.assert_frame_equal(copy.levels_, ranking.levels_)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"profit": None, "profit_rank": None}, "must name one or two different columns"),
        ({"profit": "importance"}, "importance must name a column of its own; found 'importance'"),
        ({"importance": None}, "'importance' parameter of OrderPriority must be"),
        ({"scale": "3_is_best"}, "'scale' parameter of OrderPriority must be a str among"),
        ({"tie_break": "name"}, "'tie_break' parameter of OrderPriority must be a str among"),
    ],
)
def test_wrong_parameters_are_refused_and_leave_it_unfitted(parameters, message, products):
    """A wrong parameter is named by its value, and nothing is half fitted."""
    ranking = OrderPriority(**parameters)
    with pytest.raises(ValueError, match=message):
        ranking.fit(products)
    with pytest.raises(NotFittedError):
        ranking.transform(products)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (
            pd.DataFrame({"profit": [1.0]}),
            "OrderPriority needs the columns profit, importance; mis",
        ),
        (pd.DataFrame({"importance": [1]}), "needs a column 'profit' or 'profit_rank'; found: imp"),
        (pd.DataFrame({"profit": [1.0, 2.0], "importance": [1, 5]}), "1, 2 or 3; row 1 has"),
        (pd.DataFrame({"profit": [1.0, 2.0], "importance": [1, 2]}, index=["A", "A"]), "one row"),
        (pd.DataFrame({"profit_rank": [1.5], "importance": [1]}), "must be a whole number from 1"),
        (pd.DataFrame({"profit": [], "importance": []}), "at least one row"),
        ([[1.0, np.nan]], "'importance' must be finite"),
        ([[1.0, 1.0, 1.0]], "expecting 2 features as input"),
    ],
)
def test_wrong_tables_are_refused(X, message):
    """Each wrong table gives one clear error."""
    with pytest.raises(DataError, match=message):
        OrderPriority().fit(X)
