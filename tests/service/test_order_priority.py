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
        ({"profit_ties": "average"}, "'profit_ties' parameter of OrderPriority must be a str"),
        ({"customer_value": "profit"}, "customer_value must name a column of its own; found 'pro"),
        ({"customer_value": "importance"}, "customer_value must name a column of its own"),
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


def test_equal_profits_may_leave_no_gap():
    """After two of rank 1 comes 3 by competition, 2 by dense ranks, for new rows too."""
    X = [[50.0, 1], [50.0, 1], [40.0, 1]]
    assert OrderPriority().fit_transform(X)["score"].tolist() == [1, 1, 3]
    dense = OrderPriority(profit_ties="dense").fit(X)
    assert dense.transform(X)["score"].tolist() == [1, 1, 2]
    assert dense.transform([[45.0, 2], [1.0, 1]])["score"].tolist() == [4, 3]


@pytest.fixture
def queue() -> pd.DataFrame:
    """Return five open orders with the lifetime value of their customers, two at a loss."""
    return pd.DataFrame(
        {
            "profit": [40.0, 40.0, 55.0, -10.0, -10.0],
            "importance": [2, 2, 1, 1, 1],
            "lifetime_value": [90.0, 800.0, 10.0, 5.0, 500.0],
        },
        index=pd.Index(["o1", "o2", "o3", "o4", "o5"], name="order"),
    )


def test_a_queue_of_orders_is_sorted_by_profit_times_customer_value(queue):
    """Profit x value 3600, 32000, 550, -2, -0.02 has ranks 2, 1, 3, 5, 4."""
    ranking = OrderPriority(customer_value="lifetime_value").fit(queue)
    assert columns(ranking.transform(queue)) == [[4, 2, 3, 5, 4], [3, 1, 2, 5, 3]]
    assert ranking.n_features_in_ == 3
    assert list(ranking.feature_names_in_) == ["profit", "importance", "lifetime_value"]
    assert columns(ranking.transform(queue[3:4])) == [[5], [5]]
    assert OrderPriority().fit_transform(queue)["score"].tolist() == [4, 4, 1, 4, 4]


def test_the_unit_of_customer_value_changes_nothing(queue):
    """Values in thousands give the same order, at a loss too; equal values change nothing."""
    ranking = OrderPriority(customer_value="lifetime_value")
    expected = columns(ranking.fit_transform(queue))
    other = queue.assign(lifetime_value=queue["lifetime_value"] / 1000)
    assert columns(ranking.fit_transform(other)) == expected
    alike = columns(ranking.fit_transform(queue.assign(lifetime_value=3.0)))
    assert alike == columns(OrderPriority().fit_transform(queue))


def test_customers_of_no_value_come_last_of_their_kind_and_save(queue, tmp_path):
    """No value makes a profit nothing and a loss the worst; the model is stored and read back."""
    ranking = OrderPriority(customer_value="lifetime_value")
    nothing = queue.assign(lifetime_value=[0.0, 800.0, 10.0, 0.0, 500.0])
    out = ranking.fit_transform(nothing)
    assert out["score"].tolist() == [6, 2, 2, 5, 4]
    ranking.save(tmp_path / "ranking.json")
    loaded = custvalue.load(tmp_path / "ranking.json")
    pd.testing.assert_frame_equal(loaded.transform(nothing), out)


def test_customer_value_needs_profits(ranked):
    """Ready ranks cannot be weighted, and a value is not negative."""
    with pytest.raises(DataError, match="customer_value='value' weighs profits, and X has ready"):
        OrderPriority(customer_value="value").fit(ranked.assign(value=1.0))
    with pytest.raises(DataError, match="value must not be negative; row 0 has value=-1.0"):
        OrderPriority(customer_value="value").fit([[1.0, 1, -1.0]])


def test_the_order_of_the_ten_products_hangs_little_on_the_scores(products, ranked):
    """The method's ten products keep a tau of at least 0.7, from profits and from ranks alike."""
    ranking = OrderPriority().fit(products)
    table = ranking.sensitivity(products)
    assert table.index.tolist() == ["2:3:4", "1:2:4", "1:2:5", "1:3:5", "1:3:9"]
    assert table["tau"].between(0.7, 1).all()
    # By 1:2:4 the scores are 2, 8, 3, 16, 20, 12, 7, 16, 36, 20: places 1 4 2 6 8 5 3 6 10 8.
    assert table.loc["1:2:4", ["moved", "largest_move"]].tolist() == [6, 2]
    assert table.loc["1:2:4", "most_moved"] == "H"
    pd.testing.assert_frame_equal(OrderPriority().fit(ranked).sensitivity(ranked), table)


def test_each_product_has_a_range_of_places(products):
    """The place is the priority; the range holds it; an error in one level moves one product."""
    ranking = OrderPriority().fit(products)
    ranges = ranking.place_ranges(products, scores=[(1, 2, 4)])
    assert ranges["place"].tolist() == PRIORITY
    assert ranges["first"].tolist() == [1, 3, 2, 5, 7, 5, 3, 6, 10, 8]
    assert ranges["last"].tolist() == [1, 4, 2, 6, 8, 5, 4, 8, 10, 9]
    # C at importance 2 scores 4: A's 2 and F's 3 stay in front. F at 2 scores 6, as C does, and
    # only A's 2 is in front.
    assert ranges.loc["C", "if_more_urgent"] == 3
    assert ranges.loc["F", "if_less_urgent"] == 2
    polars = ranking.place_ranges(pl.from_pandas(products.reset_index()))
    assert polars.columns[:2] == ["product", "place"]


def test_what_delays_have_cost_tells_the_direction_of_the_scale(products):
    """Losses that rise with urgency agree; the same scale read backwards is reversed."""
    lost = 1 - products["importance"].to_numpy() / 4
    assert OrderPriority().fit(products).check_scale(products, lost)["verdict"] == "agrees"
    wrong = OrderPriority(scale="1_is_least_urgent").fit(products)
    assert wrong.check_scale(products, lost)["verdict"] == "reversed"
    with pytest.raises(DataError, match="lost must have shape"):
        wrong.check_scale(products, lost[:3])


def test_questions_need_a_fit(products):
    """No method answers before fit."""
    ranking = OrderPriority()
    for ask in (ranking.sensitivity, ranking.place_ranges):
        with pytest.raises(NotFittedError):
            ask(products)
    with pytest.raises(NotFittedError):
        ranking.check_scale(products, np.zeros(10))


def test_weighted_profits_too_large_for_a_float_are_refused():
    """1e300 times 1e300 would tie with every other such product; a loss over nothing is last."""
    X = pd.DataFrame(
        {"profit": [1e300, 2.0, -1.0], "importance": [1, 1, 1], "worth": [1e300, 1.0, 0.0]},
        index=list("abc"),
    )
    model = OrderPriority(customer_value="worth")
    message = r"profit times worth, .* below 1.8e308; .*row 0 .index 'a'. has profit=1e.300"
    with pytest.raises(DataError, match=message):
        model.fit(X)
    model.fit(X.iloc[1:])
    with pytest.raises(DataError, match=message):
        model.transform(X)
    assert model.transform(X.iloc[1:])["priority"].tolist() == [1, 2]


def test_losses_are_taken_by_label(products):
    """A Series in another order gives the same; one of other labels is refused."""
    ranking = OrderPriority().fit(products)
    lost = pd.Series(np.arange(len(products), dtype=float), index=products.index)
    expected = ranking.check_scale(products, lost.to_numpy())
    pd.testing.assert_series_equal(ranking.check_scale(products, lost.iloc[::-1]), expected)
    with pytest.raises(DataError, match="lost must have the labels of X; row 0"):
        ranking.check_scale(products, lost.set_axis([f"no {i}" for i in range(len(lost))]))
