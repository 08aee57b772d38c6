"""order_line_metrics: golden figures, a slow judgement, every kind of table, every rule."""

from __future__ import annotations

import datetime
import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service import order_line_metrics
from support.order_lines import order_tables, random_lines, slow_cycles, slow_orders, slow_shares
from support.order_logs import KINDS, as_input

D = pd.Timestamp
START = D("2025-03-03")


def days(*numbers):
    """Return days after the first one; None is missing."""
    return [pd.NaT if n is None else START + pd.Timedelta(days=n) for n in numbers]


def measured(lines, by=None, **options):
    """Return the metrics in pandas, the groups in the index."""
    return in_pandas(order_line_metrics(lines, by, **options), by)


def in_pandas(found, by=None):
    """Return a frame of any kind in pandas."""
    if isinstance(found, pd.DataFrame):
        return found
    if not isinstance(found, (pl.DataFrame, pa.Table)):
        found = found.to_pyarrow()
    frame = found.to_arrow().to_pandas() if isinstance(found, pl.DataFrame) else found.to_pandas()
    return frame.set_index("group" if by is None else by)


# Golden figures


def test_order_cycles_of_2_3_3_4_and_8_days():
    """Mean 4, SD 2.345208, CV .586302, P(at most the promised 4 days) = .8.

    Source: M19 of the methods, order cycle: calculated by hand.
    """
    cycle = [2, 3, 3, 4, 8]
    lines = pd.DataFrame(
        {"order": range(5), "placed": days(*[0] * 5), "delivered": days(*cycle)}
    ).assign(promised=START + pd.Timedelta(days=4))
    found = measured(lines).loc["all"]
    assert found["order_cycle_time_mean"] == 4.0
    assert found["order_cycle_time_sd"] == pytest.approx(2.345208, abs=5e-7)
    assert found["order_cycle_time_cv"] == pytest.approx(0.586302, abs=5e-7)
    assert found["order_cycle_time_p90"] == pytest.approx(np.quantile(cycle, 0.9))
    assert found["cycle_reliability"] == found["on_time"] == 0.8


def test_fill_rates_of_a_worked_table():
    """Three orders, five lines: units 43 / 50, lines 3 / 5, orders 1 / 3, stock-outs 2 / 5.

    By hand: the seven units too many of one line help no other (over-delivery is capped), and a
    line without demand is neither full nor short.
    """
    lines = pd.DataFrame(
        {
            "order": [1, 1, 2, 2, 3, 3],
            "ordered": [10, 10, 10, 10, 10, 0],
            "delivered_quantity": [10, 17, 10, 4, 9, 0],
        }
    )
    found = measured(lines).loc["all"]
    assert found["unit_fill_rate"] == pytest.approx(43 / 50)
    assert found["line_fill_rate"] == pytest.approx(3 / 5)
    assert found["order_fill_rate"] == found["in_full"] == pytest.approx(1 / 3)
    assert found["stock_out_frequency"] == pytest.approx(2 / 5)
    assert (found["orders"], found["lines"]) == (3, 5)
    quality = order_line_metrics(lines).attrs["data_quality"]
    assert (quality["lines_without_demand"], quality["lines_over_delivered"]) == (1, 1)


def test_no_demand_is_undefined_not_100_percent():
    """A group of lines that order nothing has no row, and is counted."""
    lines = pd.DataFrame(
        {"order": [1, 2], "site": ["a", "b"], "ordered": [0, 4], "delivered_quantity": [0, 4]}
    )
    found = order_line_metrics(lines, "site")
    assert found.index.tolist() == ["b"]
    quality = found.attrs["data_quality"]
    assert (quality["orders_read"], quality["orders_without_demand"], quality["orders"]) == (
        2,
        1,
        1,
    )
    with pytest.raises(DataError, match="at least one line with demand; of 1 lines 1 order 0"):
        order_line_metrics(lines[:1])


def test_units_within_the_set_time():
    """Of 60 units ordered 37 come by the promised day: 10 + 10 (of 17) + 10 + 4 + 3 of the lines.

    By hand, the order completion rate (\u8ba2\u8d27\u5b8c\u6210\u7387): 10 units come late, what
    is too much is capped, and of two more lines it is not known: no day, or no quantity.
    """
    lines = pd.DataFrame(
        {
            "order": [1, 1, 2, 2, 3, 3, 4, 4],
            "promised": days(*[5] * 8),
            "delivered": days(5, 4, 6, 5, 5, 3, None, 5),
            "ordered": [10, 10, 10, 10, 10, 10, 10, 10],
            "delivered_quantity": [10, 17, 10, 4, 3, 10, 10, None],
        }
    )
    found = order_line_metrics(lines).loc["all"]
    assert found["on_time_unit_rate"] == pytest.approx(37 / 60)
    assert found["on_time_unit_rate_n"] == 6
    assert found["unit_fill_rate"] == pytest.approx(57 / 70)
    assert 0 < found["on_time_unit_rate_lower"] < 37 / 60 < found["on_time_unit_rate_upper"] < 1
    later = order_line_metrics(lines, tolerance=1).loc["all"]
    assert later["on_time_unit_rate"] == pytest.approx(47 / 60)
    assert "on_time_unit_rate" not in order_line_metrics(lines.drop(columns="delivered")).columns


# An independent computation


@pytest.mark.parametrize(
    ("seed", "rules"),
    [
        (0, {}),
        (1, {"tolerance": 1, "early": 1, "as_of": datetime.date(2025, 3, 6)}),
        (2, {"early": 0, "as_of": datetime.date(2025, 3, 12), "reference": "requested"}),
    ],
)
def test_agrees_with_a_slow_judgement(seed, rules):
    """Every share and what it rests on equals that of a loop over lines, order by order."""
    lines = random_lines(250, 90, seed)
    found = measured(lines, "warehouse", **rules)
    orders = slow_orders(lines, ["warehouse", "order"], **rules)
    assert found.index.tolist() == sorted({key[0] for key in orders})
    for site, row in found.iterrows():
        own = {key: lines for key, lines in orders.items() if key[0] == site}
        assert row["orders"] == len(own)
        expected = slow_shares(own)
        for name in set(expected) - {"perfect"}:
            assert row[name] == pytest.approx(expected[name][0], nan_ok=True, rel=1e-12), name
            assert row[f"{name}_n"] == expected[name][1], name
        cycles = slow_cycles(own)
        assert row["order_cycle_time_n"] == len(cycles)
        if cycles:
            assert row["order_cycle_time_mean"] == pytest.approx(np.mean(cycles))
            assert row["order_cycle_time_p90"] == pytest.approx(np.quantile(cycles, 0.9))
        if len(cycles) > 1:
            assert row["order_cycle_time_sd"] == pytest.approx(np.std(cycles, ddof=1))


@given(lines=order_tables(), seed=st.integers(0, 1000))
@settings(max_examples=3)
def test_the_order_of_rows_does_not_matter(lines, seed):
    """Shuffled lines give the same metrics."""
    shuffled = lines.sample(frac=1.0, random_state=seed)
    pd.testing.assert_frame_equal(measured(shuffled, "region"), measured(lines, "region"))


@given(lines=order_tables())
@settings(max_examples=3)
def test_the_unit_of_quantities_does_not_matter(lines):
    """Pieces or dozens: rates and their intervals are the same."""
    dozens = lines.assign(
        ordered=lines["ordered"] / 12, delivered_quantity=lines["delivered_quantity"] / 12
    )
    pd.testing.assert_frame_equal(measured(dozens), measured(lines), rtol=1e-9)


@given(lines=order_tables(), more=st.integers(1, 3))
@settings(max_examples=3)
def test_more_tolerance_never_loses_an_order(lines, more):
    """Monotony: whoever is on time stays so when more days are allowed; fewer are known to fail."""
    found = [measured(lines, tolerance=days).loc["all"] for days in (0, more)]
    good = [round(np.nan_to_num(row["on_time"] * row["on_time_n"])) for row in found]
    bad = [row["on_time_n"] - some for row, some in zip(found, good, strict=True)]
    assert good[1] >= good[0]
    assert bad[1] <= bad[0]


# Intervals


def test_intervals_of_orders_are_wilsons():
    """The ends equal those of scipy's ``binomtest``."""
    lines = random_lines(400, 150, 5)
    found = measured(lines, level=0.9).loc["all"]
    for name in ("on_time", "in_full", "otif", "error_free", "cycle_reliability"):
        n = int(found[f"{name}_n"])
        test = binomtest(round(found[name] * n), n)
        ends = test.proportion_ci(0.9, method="wilson")
        assert (found[f"{name}_lower"], found[f"{name}_upper"]) == pytest.approx(tuple(ends)), name


def width(row, name):
    """Return how wide an interval is."""
    return row[f"{name}_upper"] - row[f"{name}_lower"]


def test_lines_that_share_the_fate_of_their_order_widen_the_interval():
    """Ten lines that succeed or fail as orders of ten are as uncertain as single orders."""
    rng = np.random.default_rng(0)
    fate = np.repeat(rng.random(200) < 0.8, 10)
    lines = pd.DataFrame({"order": np.repeat(np.arange(200), 10), "ordered": 1.0})
    lines["delivered_quantity"] = fate.astype(float)
    together = measured(lines).loc["all"]
    apart = measured(lines.assign(order=np.arange(2000))).loc["all"]
    width = {
        id(x): x["line_fill_rate_upper"] - x["line_fill_rate_lower"] for x in (together, apart)
    }
    assert width[id(together)] / width[id(apart)] == pytest.approx(np.sqrt(10), rel=0.05)
    assert together["unit_fill_rate_lower"] == pytest.approx(together["line_fill_rate_lower"])
    orders = together["order_fill_rate_upper"] - together["order_fill_rate_lower"]
    assert width[id(together)] == pytest.approx(orders, rel=0.01)


def test_stock_outs_are_what_line_fill_is_not():
    """Share and interval are reflected."""
    found = measured(random_lines(100, 40, 2)).loc["all"]
    assert found["stock_out_frequency"] == pytest.approx(1 - found["line_fill_rate"])
    assert found["stock_out_frequency_lower"] == pytest.approx(1 - found["line_fill_rate_upper"])


# What counts


@pytest.fixture
def lines():
    """Return three lines: in time and full, late and short, and not delivered."""
    return pd.DataFrame(
        {
            "order": [1, 2, 3],
            "promised": days(5, 5, 5),
            "requested": days(3, 3, 3),
            "delivered": days(4, 7, None),
            "ordered": [4.0, 4.0, 4.0],
            "delivered_quantity": [4.0, 3.0, 0.0],
        }
    )


@pytest.mark.parametrize(
    ("options", "share", "n"),
    [
        ({}, 1 / 2, 2),
        ({"tolerance": 2}, 1.0, 2),
        ({"early": 0}, 0.0, 2),
        ({"early": 1}, 1 / 2, 2),
        ({"reference": "requested", "tolerance": 1}, 1 / 2, 2),
        ({"as_of": "2025-03-08"}, 1.0, 1),
        ({"as_of": "2025-03-09"}, 1 / 3, 3),
        ({"as_of": "2025-03-11", "tolerance": 2}, 2 / 3, 3),
    ],
)
def test_what_is_on_time(lines, options, share, n):
    """Tolerance, earliness, reference and the day of looking, on three lines due on 8 March.

    On 8 March nothing is overdue and the delivery of the 10th is unknown; a day later the two
    lines that have not come are late.
    """
    found = order_line_metrics(lines, cycle_from=None, **options).loc["all"]
    assert (found["on_time"], found["on_time_n"]) == (pytest.approx(share), n)


def test_what_is_open_is_not_short(lines):
    """Nothing delivered is short, unless the line is still open on the day of looking."""
    assert measured(lines)["stock_out_frequency"].tolist() == pytest.approx([2 / 3])
    early = order_line_metrics(lines, as_of="2025-03-08")
    assert early["line_fill_rate_n"].tolist() == [1]
    assert early.attrs["data_quality"]["lines_open"] == 2
    late = order_line_metrics(lines, as_of="2025-03-20")
    assert late["stock_out_frequency"].tolist() == pytest.approx([2 / 3])


@pytest.mark.parametrize("quantity", [10.0, None])
def test_what_is_overdue_and_not_delivered_is_short(quantity):
    """By hand: order 2 was due in March; on 1 June nothing has come, whatever comes in July."""
    lines = pd.DataFrame(
        {
            "order": [1, 2],
            "promised": days(0, 0),
            "delivered": [START, D("2025-07-01") if quantity else pd.NaT],
            "ordered": [10, 10],
            "delivered_quantity": [10.0, quantity],
        }
    )
    found = order_line_metrics(lines, as_of="2025-06-01").loc["all"]
    for name in (
        "on_time",
        "in_full",
        "otif",
        "unit_fill_rate",
        "on_time_unit_rate",
        "line_fill_rate",
        "order_fill_rate",
        "stock_out_frequency",
    ):
        assert (found[name], found[f"{name}_n"]) == (0.5, 2), name


def test_what_comes_in_parts_keeps_its_quantity():
    """An overdue line without a day of delivery that tells 4 of 10 units has these 4."""
    lines = pd.DataFrame(
        {"order": [1], "promised": days(0), "delivered": [pd.NaT], "ordered": [10.0]}
    ).assign(delivered_quantity=4.0, delivered=days(None))
    found = order_line_metrics(lines, as_of="2025-06-01").loc["all"]
    assert (found["unit_fill_rate"], found["on_time_unit_rate"]) == (0.4, 0.0)


def test_what_is_placed_later_does_not_count(lines):
    """Lines placed after the day of looking are left out and counted, the order with them."""
    lines = lines.assign(placed=days(0, 0, 20), promised=days(5, 5, 25), delivered=days(4, 7, 23))
    lines = pd.concat([lines, lines[1:2].assign(placed=days(20))], ignore_index=True)
    found = order_line_metrics(lines, as_of="2025-03-15")
    assert found.loc["all", ["orders", "lines", "on_time_n"]].tolist() == [2, 2, 2]
    quality = found.attrs["data_quality"]
    assert (quality["lines_read"], quality["lines_not_yet_placed"], quality["lines"]) == (4, 2, 2)
    assert (quality["orders_read"], quality["orders_not_yet_placed"]) == (3, 1)
    assert quality["orders_without_demand"] == quality["lines_open"] == 0
    known = order_line_metrics(lines, cycle_from=None).attrs["data_quality"]
    assert known["lines_not_yet_placed"] == 0
    by_site = order_line_metrics(lines.assign(site="x"), "site", as_of="2025-03-15")
    assert by_site.attrs["data_quality"]["orders_not_yet_placed"] == 1
    with pytest.raises(DataError, match="0 order 0 and 0 are negative, 4 are placed after as_of"):
        order_line_metrics(lines, as_of="2025-01-01")


@pytest.mark.parametrize("size", [1e-300, 1e300, 1e308])
def test_quantities_of_any_size(size):
    """Rates and intervals are those of quantities around 1, also where squares are no numbers.

    So they are where quantities of two groups differ as much.
    """
    lines = pd.DataFrame(
        {
            "order": [1, 1, 2, 2, 3],
            "site": ["a", "b", "a", "b", "a"],
            "promised": days(*[5] * 5),
            "delivered": days(5, 5, 5, 6, 5),
            "ordered": [1.0, 0.5, 1.0, 1.0, 0.25],
            "delivered_quantity": [1.0, 0.5, 0.5, 1.0, 0.0],
        }
    )
    scaled = lines.assign(
        ordered=size * lines["ordered"], delivered_quantity=size * lines["delivered_quantity"]
    )
    pd.testing.assert_frame_equal(measured(scaled), measured(lines), rtol=1e-11)
    mixed = lines.where(lines["site"] == "a", scaled)
    pd.testing.assert_frame_equal(measured(mixed, "site"), measured(lines, "site"), rtol=1e-11)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "duckdb"])
def test_dropped_returns_are_told_in_every_kind(kind, tmp_path):
    """Frames without ``attrs`` tell by a warning how many lines were dropped."""
    lines = random_lines(30, 10, 1).assign(ordered=4.0)
    lines.loc[[2, 5], "delivered_quantity"] = -1.0
    given = as_input(lines, kind, tmp_path)
    with pytest.warns(DataQualityWarning, match="2 of 30 lines left out: their"):
        order_line_metrics(given, on_negative="drop")


def test_categories_are_sorted_by_their_labels():
    """As documented: the order of a pandas categorical is not kept."""
    lines = random_lines(60, 20, 3)
    kinds = pd.Categorical(lines["warehouse"], categories=["C", "A", "B"], ordered=True)
    found = order_line_metrics(lines.assign(warehouse=kinds), "warehouse")
    assert found.index.tolist() == ["A", "B", "C"]


def test_unknown_is_not_failed_unless_another_line_fails():
    """Orders: one unknown flag; one unknown and one bad; all good. Shares rest on two orders."""
    lines = pd.DataFrame(
        {
            "order": [1, 1, 2, 2, 3],
            "damaged": [None, False, None, True, False],
            "documents_correct": [True, True, True, True, None],
        }
    )
    found = order_line_metrics(lines)
    row = found.loc["all"]
    assert (row["undamaged"], row["undamaged_n"]) == (0.5, 2)
    assert (row["documents"], row["documents_n"]) == (1.0, 2)
    assert (row["error_free"], row["error_free_n"]) == (0.0, 1)
    quality = found.attrs["data_quality"]
    assert [quality[f"{name}_unknown"] for name in ("undamaged", "documents")] == [1, 1]
    by_line = order_line_metrics(lines, per="line").loc["all"]
    assert (by_line["undamaged"], by_line["undamaged_n"]) == (pytest.approx(2 / 3), 3)


def test_returns_are_an_error_or_left_out(lines):
    """A negative quantity is named with its row, or its line dropped and counted."""
    lines.loc[1, "delivered_quantity"] = -3.0
    expected = r"'delivered_quantity' must not be negative .*row 1 has .*=-3\.0, order=2 \(1 such"
    with pytest.raises(DataError, match=expected):
        order_line_metrics(lines)
    with pytest.warns(DataQualityWarning, match="1 of 3 lines left out: .* negative") as told:
        found = order_line_metrics(lines, on_negative="drop")
    assert [one.filename for one in told] == [__file__]
    assert found["lines"].tolist() == [2]
    assert found.attrs["data_quality"]["lines_negative"] == 1


def test_quantities_that_differ_by_rounding_are_full():
    """0.3 kg delivered of 3 times 0.1 kg is in full."""
    lines = pd.DataFrame({"order": [1], "ordered": [0.1 * 3], "delivered_quantity": [0.3]})
    assert lines["ordered"][0] > lines["delivered_quantity"][0]
    assert measured(lines)["in_full"].tolist() == [1.0]


def test_each_metric_appears_where_its_columns_are():
    """Flags alone give no times; both flags give ``error_free``, one does not."""
    lines = pd.DataFrame({"order": [1], "damaged": [0], "documents_correct": [1]})
    names = {name for name in measured(lines).columns if not name.endswith(("_lower", "_upper"))}
    assert {"undamaged", "documents", "error_free"} <= names
    assert not {"on_time", "in_full", "order_cycle_time_mean"} & names
    assert "error_free" not in measured(lines.drop(columns="damaged")).columns


# Groups


def test_an_order_in_several_groups_counts_in_each_with_its_lines_there():
    """An order from two warehouses is full at one and short at the other."""
    lines = pd.DataFrame(
        {"order": [1, 1], "site": ["a", "b"], "ordered": [1, 1], "delivered_quantity": [1, 0]}
    )
    found = order_line_metrics(lines, "site")
    assert found["in_full"].to_dict() == {"a": 1.0, "b": 0.0}
    assert found.attrs["data_quality"]["orders_in_several_groups"] == 1
    assert measured(lines)["in_full"].tolist() == [0.0]


HOSTILE = 'a "b"; DROP TABLE x -- {0} \\'


@pytest.mark.parametrize(
    "kind", ["pandas", "polars", "pyarrow", "parquet", "csv", "ibis", "duckdb"]
)
def test_names_of_columns_may_be_anything(kind, tmp_path):
    """Quotes, commands and braces in names of columns and groups are names."""
    lines = random_lines(40, 10, 1).rename(columns={"warehouse": HOSTILE, "order": "group_0"})
    columns = {"order": "group_0"}
    plain = measured(random_lines(40, 10, 1), "warehouse")
    found = measured(as_input(lines, kind, tmp_path), HOSTILE, columns=columns)
    np.testing.assert_allclose(found.sort_index().to_numpy(float), plain.to_numpy(float))
    assert found.index.name == HOSTILE


def test_several_groups_give_a_multiindex_and_missing_labels_come_last():
    """Groups by two columns are sorted; a missing label is a group."""
    lines = random_lines(80, 20, 3)
    lines.loc[:4, "warehouse"] = None
    found = measured(lines, ["region", "warehouse"])
    assert found.index.names == ["region", "warehouse"]
    assert found["lines"].sum() == measured(lines).loc["all", "lines"]
    single = measured(lines, "warehouse")
    assert single.index[:-1].tolist() == ["A", "B", "C"]
    assert pd.isna(single.index[-1])


def test_a_group_may_be_a_column_of_the_table_of_lines():
    """Grouped by order, every row is one order."""
    lines = random_lines(30, 8, 4)
    found = measured(lines, "order")
    assert (found["orders"] == 1).all()
    by_customer = measured(lines.assign(customer=lines["order"] // 3), "customer")
    assert by_customer["orders"].sum() == len(found)


# Kinds of tables


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_gives_the_same_metrics(kind, tmp_path):
    """Frames, files, relations and Ibis tables: the same numbers, in the kind of what came in."""
    lines = random_lines(120, 30, 7)
    expected = measured(lines, "warehouse", as_of="2025-03-10")
    given = as_input(lines, kind, tmp_path)
    found = order_line_metrics(given, "warehouse", as_of="2025-03-10")
    if kind.startswith("polars"):
        assert isinstance(found, pl.DataFrame)
    if kind in ("pyarrow", "record batch"):
        assert isinstance(found, pa.Table)
    pd.testing.assert_frame_equal(in_pandas(found, "warehouse"), expected, check_index_type=False)


def test_the_input_is_not_changed():
    """Lines are the same after as before."""
    lines = random_lines(30, 10, 1)
    before = lines.copy()
    order_line_metrics(lines, "region")
    pd.testing.assert_frame_equal(lines, before)


def test_quality_is_plain_and_adds_up():
    """``attrs`` can be written as JSON; parts add up to what was read."""
    found = order_line_metrics(random_lines(200, 50, 9), "warehouse")
    quality = json.loads(json.dumps(found.attrs["data_quality"]))
    parts = ("lines_negative", "lines_not_yet_placed", "lines_without_demand", "lines")
    assert quality["lines_read"] == sum(quality[name] for name in parts) == 200
    assert quality["orders_read"] == quality["orders_without_demand"] + quality["orders"]
    assert found["orders"].sum() > quality["orders"]


# Bad input


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": [1, None, 3]}, r"'order' must not have missing values; row 1 .*\(1 such row\)"),
        ({"order": [1.5, np.nan, 3]}, "'order' must not have missing values"),
        ({"ordered": [1, np.inf, 2]}, "'ordered' must hold finite numbers; row 1 has ordered=inf"),
        ({"ordered": ["1", "2", "3"]}, "'ordered' must hold numbers; found string"),
        ({"promised": ["2025-03-01"] * 3}, "'promised' must hold dates or times; found string"),
        ({"damaged": ["no", "no", "yes"]}, "'damaged' must hold True, False or missing"),
        ({"damaged": [0, 2, 1]}, "'damaged' must be True or False, or 1 or 0; row 1 has damaged=2"),
        ({"placed": days(4, 8, 0)}, "'delivered' must not lie before 'placed'.*row 1"),
    ],
)
def test_bad_lines_are_named(lines, change, message):
    """Each rule names the column, what was found, the row and how many."""
    with pytest.raises(DataError, match=message):
        order_line_metrics(lines.assign(**change))


def test_an_order_of_two_customers_is_an_error(lines):
    """Order numbers that two customers share would be judged as one order."""
    lines = pd.concat([lines.assign(customer="x"), lines[:1].assign(customer="y")])
    with pytest.raises(DataError, match="one customer an order; order 1 has 'x' and 'y'"):
        order_line_metrics(lines)


def test_an_early_delivery_asks_for_the_day_of_the_order(lines):
    """``requested`` as the day of the order is taken at its word, and can be left out."""
    lines["delivered"] = days(1, 7, None)
    with pytest.raises(DataError, match="name the day of the order with columns="):
        order_line_metrics(lines)
    assert "order_cycle_time_mean" not in order_line_metrics(lines, cycle_from=None).columns


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": 5}, "by must be a name or a list of names"),
        ({"by": ["a", "a"]}, "by must name each column once"),
        ({"by": "orders"}, "by must not be named like a column of the result"),
        ({"columns": {"orders": "x"}}, "columns must map parts among order, customer"),
        ({"columns": "x"}, "columns must be a mapping"),
        ({"per": "unit"}, "per must be one of 'order', 'line'; found 'unit'"),
        ({"reference": "placed"}, "reference must be one of"),
        ({"tolerance": -1}, "tolerance must be a whole number of days from 0; found -1"),
        (
            {"tolerance": 10**30},
            "tolerance must be at most 1000000 days; found 10000",
        ),
        ({"tolerance": True}, "tolerance must be a whole number"),
        ({"early": 0.5}, "early must be a whole number"),
        ({"as_of": "soon"}, "as_of must be a date such as"),
        ({"on_negative": "net"}, "on_negative must be one of"),
        ({"cycle_from": 1}, "cycle_from must be one of"),
        (
            {"level": 95},
            r"'level' parameter of order_line_metrics must be .* \(0\.0, 1\.0\)\. Got 95",
        ),
    ],
)
def test_wrong_parameters_are_named(lines, options, message):
    """Each parameter is checked, and named with what was found."""
    with pytest.raises(ValueError, match=message):
        order_line_metrics(lines, **options)


@pytest.mark.parametrize(
    ("drop", "options", "message"),
    [
        ("order", {}, "needs the columns order, .*missing: order"),
        ([], {"columns": {"order": "no"}}, "missing: no"),
        ([], {"by": "site"}, "missing: site"),
        ([], {"cycle_from": "placed"}, "needs a column 'placed'"),
        (["delivered", "ordered"], {}, "needs the columns of a metric"),
    ],
)
def test_missing_columns_are_named(lines, drop, options, message):
    """What cannot be measured is said with the columns that it needs."""
    with pytest.raises(DataError, match=message):
        order_line_metrics(lines.drop(columns=drop), **options)


@pytest.mark.parametrize("bad", [None, 5, np.ones((3, 3)), [[1, 2]]])
def test_what_is_no_table_is_refused(bad):
    """Arrays, lists and numbers have no order lines."""
    with pytest.raises(TypeError, match="needs a table"):
        order_line_metrics(bad)


def test_no_lines_and_no_file(lines, tmp_path):
    """Columns without rows, and a path to nothing, are errors that say so."""
    with pytest.raises(DataError, match="at least one order line; X has columns but no rows"):
        order_line_metrics(lines[:0])
    with pytest.raises(DataError, match="does not exist"):
        order_line_metrics(tmp_path / "lines.parquet")
