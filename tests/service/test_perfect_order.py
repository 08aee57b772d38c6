"""PerfectOrder: golden products, a slow judgement, attribution, every kind of table, files."""

from __future__ import annotations

import itertools
import math

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.stats import binomtest
from sklearn.exceptions import NotFittedError

from custvalue.datasets import make_order_lines
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service import PerfectOrder
from support.order_lines import CRITERIA, combined, random_lines, slow_orders, slow_shares
from support.order_logs import as_input

FLAGS = ("a", "b", "c", "d")


def flagged(counts):
    """Return one line an order from how many orders have which flags."""
    rows = [states for states, count in counts.items() for _ in range(count)]
    frame = pd.DataFrame(rows, columns=list(FLAGS[: len(rows[0])])).astype("boolean")
    return frame.assign(order=range(len(frame)))


def independent(shares, n_orders):
    """Return lines whose criteria are independent: each is met in every cell by its share."""
    counts = {}
    for states in itertools.product([True, False], repeat=len(shares)):
        chance = math.prod(p if met else 1 - p for p, met in zip(shares, states, strict=True))
        counts[states] = round(chance * n_orders)
        assert counts[states] == pytest.approx(chance * n_orders, abs=1e-6)
    return flagged(counts)


# Golden figures


@pytest.mark.parametrize(
    ("shares", "n_orders", "expected"),
    [
        ((0.98, 0.97, 0.99, 0.82), 10**5, 0.77169708),
        ((0.97, 0.98, 0.99, 0.995), 10**5, 0.936389),
        ((0.9, 0.9, 0.9), 1000, 0.729),
    ],
)
def test_published_products(shares, n_orders, expected):
    """The product of the shares of the criteria, from orders that have these shares.

    Sources: APQC 101741 (.98 x .97 x .99 x .82, printed truncated as .7716); primecalcpro
    (printed 93.6 %); three times 90 %.
    """
    marks = np.arange(n_orders)[:, None] >= np.round((1 - np.array(shares)) * n_orders)
    lines = pd.DataFrame(marks, columns=list(FLAGS[: len(shares)])).assign(order=range(n_orders))
    found = PerfectOrder(criteria=FLAGS[: len(shares)]).fit(lines)
    assert found.product_["all"] == pytest.approx(expected, abs=5e-7)
    assert found.components_["share"].tolist() == pytest.approx(list(shares))
    # Here failures are as dependent as can be: the worst criterion decides.
    assert found.observed_.loc["all", "perfect"] == pytest.approx(min(shares))


def test_three_times_90_percent_of_independent_failures():
    """Where failures are independent, observed and product are both 72.9 %."""
    found = PerfectOrder(criteria=FLAGS[:3]).fit(independent((0.9, 0.9, 0.9), 1000))
    row = found.difference_.loc["all"]
    assert row[["observed", "product"]].tolist() == pytest.approx([0.729, 0.729])
    assert row[["difference", "dependence", "unknown"]].abs().max() < 1e-12


def test_simulated_orders_have_the_true_shares():
    """20,000 orders: components and perfect orders within 4 standard errors of the truth."""
    lines = make_order_lines(20_000, unknown=0.0, random_state=4)
    found = PerfectOrder(by="warehouse").fit(lines)
    for site, truth in lines.attrs["truth"].items():
        n = found.observed_.loc[site, "orders"]
        shares = found.components_.loc[site, "share"].to_dict()
        shares["perfect"] = found.observed_.loc[site, "perfect"]
        for name, share in truth.items():
            assert abs(shares[name] - share) < 4 * np.sqrt(share * (1 - share) / n), (site, name)
    assert (found.difference_["dependence"] > 0).all()


# An independent computation


@pytest.mark.parametrize(("seed", "as_of"), [(1, None), (2, pd.Timestamp("2025-03-08"))])
def test_agrees_with_a_slow_judgement(seed, as_of):
    """Orders and shares equal those of a loop over lines; unknowns are counted nowhere."""
    lines = random_lines(250, 100, seed)
    found = PerfectOrder(by="region", as_of=as_of).fit(lines)
    day = None if as_of is None else as_of.date()
    orders = slow_orders(lines, ["region", "order"], as_of=day)
    for region in ("north", "south"):
        own = {key: one for key, one in orders.items() if key[0] == region}
        expected = slow_shares(own)
        row = found.observed_.loc[region]
        assert (row["perfect"], row["known"]) == pytest.approx(expected["perfect"])
        assert row["orders"] == len(own)
        for name in CRITERIA:
            component = found.components_.loc[(region, name)]
            assert (component["share"], component["known"]) == pytest.approx(expected[name])
    out = found.transform(lines)
    for (_, order), judged in orders.items():
        states = [combined([line[name] for line in judged]) for name in CRITERIA]
        states.append(combined(states))
        assert [None if pd.isna(one) else one for one in out.loc[order]] == states
    assert len(out) == len(orders)


# Difference and attribution


def test_the_difference_is_explained():
    """Dependence and unknowns add up to observed less product.

    By hand: 6 perfect orders, 2 that fail in both, 1 that fails in a and has b unknown, 1 good in a
    with b unknown. Known: 6 of 9. a: 7 of 10, b: 6 of 8. On complete orders 6/8 less (6/8)^2.
    """
    counts = {(True, True): 6, (False, False): 2, (False, None): 1, (True, None): 1}
    found = PerfectOrder(criteria=["a", "b"]).fit(flagged(counts))
    row = found.difference_.loc["all"]
    assert row["observed"] == pytest.approx(6 / 9)
    assert row["product"] == pytest.approx(0.7 * 0.75)
    assert row["dependence"] == pytest.approx(0.75 - 0.75**2)
    assert row["dependence"] + row["unknown"] == pytest.approx(row["difference"])
    observed = found.observed_.loc["all"]
    assert observed[["lowest", "highest"]].tolist() == pytest.approx([0.6, 0.7])


def test_attribution_is_the_shapley_value():
    """Exact over all orders of four criteria, by its definition, in both forms of the game."""
    rng = np.random.default_rng(8)
    states = [tuple(map(bool, row)) for row in rng.random((60, 4)) < [0.9, 0.8, 0.7, 0.95]]
    found = PerfectOrder(criteria=FLAGS).fit(flagged({one: states.count(one) for one in states}))
    fails = [{name for name, met in zip(FLAGS, one, strict=True) if not met} for one in states]

    def failing(some):
        return sum(bool(one & some) for one in fails) / len(fails)

    def repaired(some):
        return sum(bool(one) and one <= some for one in fails) / len(fails)

    for game in (failing, repaired):
        value = dict.fromkeys(FLAGS, 0.0)
        for order in itertools.permutations(FLAGS):
            for i, name in enumerate(order):
                gain = game(set(order[: i + 1])) - game(set(order[:i]))
                value[name] += gain / math.factorial(4)
        costs = found.attribution_.loc["all"]["attribution"]
        assert costs.to_dict() == pytest.approx(value)
    assert costs.sum() == pytest.approx(1 - found.observed_.loc["all", "perfect"])
    alone = sum(one == {"b"} for one in fails) / len(fails)
    assert found.attribution_.loc[("all", "b"), "alone"] == pytest.approx(alone)
    assert found.attribution_["share"].sum() == pytest.approx(1.0)


def test_nothing_fails_and_nothing_is_known():
    """Without failures nothing costs anything; of an unknown group nothing is said."""
    lines = flagged({(True, True): 3, (None, None): 2}).assign(site=["x"] * 3 + ["y"] * 2)
    found = PerfectOrder(criteria=["a", "b"], by="site").fit(lines)
    assert found.attribution_.loc["x", "attribution"].tolist() == [0.0, 0.0]
    assert found.attribution_.loc["x", "share"].isna().all()
    row = found.observed_.loc["y"]
    assert (row["known"], row["lower"], row["upper"]) == (0, 0.0, 1.0)
    assert (row["lowest"], row["highest"]) == (0.0, 1.0)
    assert np.isnan([row["perfect"], found.product_["y"]]).all()


def test_intervals_are_wilsons():
    """The ends equal those of scipy's ``binomtest``."""
    found = PerfectOrder(criteria=["a"], level=0.9).fit(flagged({(True,): 45, (False,): 5}))
    ends = binomtest(45, 50).proportion_ci(0.9, method="wilson")
    for row in (found.observed_.loc["all"], found.components_.loc[("all", "a")]):
        assert (row["lower"], row["upper"]) == pytest.approx(tuple(ends))


# The day of looking


def test_orders_placed_later_do_not_count():
    """Of three orders one is perfect, one overdue, and one not yet placed; two count."""
    lines = pd.DataFrame(
        {
            "order": [1, 2, 3],
            "ordered_on": pd.to_datetime(["2025-03-01", "2025-03-01", "2025-06-10"]),
            "promised": pd.to_datetime(["2025-03-03", "2025-03-03", "2025-06-15"]),
            "delivered": pd.to_datetime(["2025-03-03", "2025-07-01", "2025-06-14"]),
            "ordered": 10,
            "delivered_quantity": 10,
        }
    )
    criteria, columns = ("on_time", "in_full"), {"placed": "ordered_on"}
    model = PerfectOrder(criteria=criteria, columns=columns, as_of="2025-06-01").fit(lines)
    assert model.observed_.loc["all", ["orders", "known", "perfect_orders"]].tolist() == [2, 2, 1]
    assert model.components_["share"].tolist() == [0.5, 0.5]
    assert model.data_quality_["lines_not_yet_placed"] == 1
    assert model.data_quality_["orders_not_yet_placed"] == 1
    assert model.transform(lines).index.tolist() == [1, 2]


def test_returns_left_out_are_told_where_the_user_calls():
    """``fit`` and ``transform`` warn in the caller's file."""
    lines = random_lines(20, 6, 1).assign(ordered=4.0)
    lines.loc[3, "delivered_quantity"] = -1.0
    model = PerfectOrder(on_negative="drop")
    for call in (model.fit, model.transform):
        with pytest.warns(DataQualityWarning, match="1 of 20 lines left out: its") as told:
            call(lines)
        assert [one.filename for one in told] == [__file__]


# Tables


def test_criteria_of_ones_own_stand_beside_the_four():
    """The eight rights: a column that is True where the place is right is a criterion."""
    lines = random_lines(60, 20, 3).assign(right_place=True)
    bad = lines.index[lines["ordered"] > 0][0]
    lines.loc[bad, "right_place"] = False
    model = PerfectOrder(criteria=("on_time", "right_place", "in_full")).fit(lines)
    out = model.transform(lines)
    assert list(out.columns) == ["on_time", "right_place", "in_full", "perfect"]
    assert list(model.get_feature_names_out()) == list(out.columns)
    assert out.index[~out["right_place"]].tolist() == [lines.loc[bad, "order"]]
    assert "right_place" in model.feature_names_in_


def test_an_order_is_judged_by_all_of_its_lines():
    """Split over warehouses an order counts in both, but ``transform`` sees one order."""
    lines = pd.DataFrame({"order": [1, 1], "site": ["x", "y"], "a": [True, False]})
    model = PerfectOrder(criteria=["a"], by="site").fit(lines)
    assert model.observed_["perfect"].to_dict() == {"x": 1.0, "y": 0.0}
    assert model.transform(lines)["perfect"].tolist() == [False]
    assert model.data_quality_["orders_in_several_groups"] == 1


@pytest.mark.parametrize("kind", ["polars", "pyarrow", "parquet", "csv", "ibis", "duckdb"])
def test_every_kind_of_table_gives_the_same_orders(kind, tmp_path):
    """In the kind of what came in, the order first; an Ibis table is not run yet."""
    lines = random_lines(100, 30, 6)
    expected = PerfectOrder().fit(lines).transform(lines)
    X = as_input(lines, kind, tmp_path)
    model = PerfectOrder().fit(X)
    out = model.transform(X)
    kinds = {"polars": pl.DataFrame, "pyarrow": pa.Table, "ibis": ibis.Table, "duckdb": ibis.Table}
    assert isinstance(out, kinds.get(kind, pd.DataFrame))
    if not isinstance(out, pd.DataFrame):
        table = out.to_arrow() if kind == "polars" else out
        table = table if isinstance(table, pa.Table) else table.to_pyarrow()
        out = table.to_pandas().set_index("order").sort_index().astype("boolean")
    pd.testing.assert_frame_equal(out, expected, check_index_type=False)
    in_pandas = model.set_output(transform="pandas").transform(X)
    assert isinstance(in_pandas, pd.DataFrame)


def test_only_some_lines_give_the_rows_of_their_orders():
    """An order is answered alike in any company."""
    lines = random_lines(100, 30, 6)
    model = PerfectOrder().fit(lines)
    some = model.transform(lines[lines["order"] % 3 == 0])
    pd.testing.assert_frame_equal(some, model.transform(lines).loc[some.index])


# Bad input


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"criteria": []}, "criteria must name at least one"),
        ({"criteria": ["on_time", "on_time"]}, "criteria must name each column once"),
        ({"criteria": ["damaged"]}, "criteria must not be named like a column of the result"),
        ({"criteria": "on_time"}, "criteria"),
        ({"columns": {"orders": "x"}}, "columns must map parts"),
        ({"columns": {"order": "perfect"}}, "columns must not name the order 'perfect'"),
        ({"by": "criterion"}, "by must not be named like"),
        ({"by": ["x", 1]}, "by must be a name"),
        ({"as_of": "soon"}, "as_of must be a date"),
        ({"tolerance": -1}, "tolerance"),
        ({"tolerance": 10**30}, "'tolerance' parameter of PerfectOrder must be an int"),
        ({"early": 10**30}, "'early' parameter of PerfectOrder must be an int"),
        (
            {"criteria": ["on_time", "broken"], "columns": {"damaged": "broken"}},
            "criteria must not name the column of damaged or documents_correct; found 'broken'",
        ),
        ({"level": 1.0}, "level"),
    ],
)
def test_wrong_parameters_are_named(options, message):
    """Each parameter is checked before any line is read."""
    with pytest.raises(ValueError, match=message):
        PerfectOrder(**options).fit(None)


@pytest.mark.parametrize("column", ["order", "promised", "delivered", "ordered", "damaged"])
def test_a_missing_column_is_named(column):
    """Every column that a criterion needs must be there, in fit and in transform."""
    lines = random_lines(20, 5, 1)
    model = PerfectOrder().fit(lines)
    for fails in (PerfectOrder().fit, model.transform):
        with pytest.raises(DataError, match=f"missing: {column}"):
            fails(lines.drop(columns=column))


def test_nothing_is_answered_before_fit():
    """``transform`` and the names of its columns need a fit."""
    with pytest.raises(NotFittedError):
        PerfectOrder().transform(random_lines(5, 2, 1))
    with pytest.raises(NotFittedError):
        PerfectOrder().get_feature_names_out()


def test_a_saved_model_is_small_and_holds_no_order(tmp_path):
    """Groups and shares are kept, orders are not."""
    lines = make_order_lines(500, random_state=2)
    lines["order"] = [f"order-{number}" for number in lines["order"]]
    model = PerfectOrder(by="warehouse").fit(lines)
    model.save(tmp_path / "model.json")
    text = (tmp_path / "model.json").read_text()
    assert len(text) < 20_000
    assert "order-" not in text
