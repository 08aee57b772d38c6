"""RFMSummary: figures of CDNOW, an independent computation, every kind of table, every rule."""

from __future__ import annotations

import datetime
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.exceptions import NotFittedError

import custvalue
from custvalue.datasets import load_cdnow
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.transactions import RFMSummary
from custvalue.transactions._rfm_summary import EXTRAS
from support.bad_orders import BAD_ORDERS
from support.order_logs import KINDS, as_input, as_pandas, random_log, slow_summary, small_log
from support.strategies import order_logs

GOLDEN = Path(__file__).parents[1] / "golden" / "cdnow_summary.csv"
END = "2024-12-31"
EDGE = 4.0
# Sums of cents in binary differ from exact ones in the last digits.
MONEY = {"rtol": 1e-12, "atol": 1e-9}


def summary(**parameters):
    """Return an RFMSummary with an amount and an end of observation unless told otherwise."""
    return RFMSummary(**{"amount": "amount", "observation_end": END, **parameters})


def everything(X, **parameters):
    """Return the summary with all its columns, in pandas."""
    reader = summary(extra=EXTRAS, left_edge=EDGE, **parameters)
    return as_pandas(reader.fit_transform(X))


# Published figures


@pytest.fixture(scope="module")
def cdnow():
    """Return the CDNOW summary of the 39 weeks to 30 September 1997."""
    return summary(observation_end="1997-09-30").fit_transform(load_cdnow())


def test_cdnow_equals_the_packaged_summary_of_lifetimes(cdnow):
    """Every one of the 2,357 customers agrees after rounding to two decimals.

    Source: ``cdnow_customers_summary.csv`` of lifetimes 0.11.3, which is rounded.
    """
    packaged = pd.read_csv(GOLDEN, index_col="customer_id").astype(float)
    assert len(packaged) == 2357
    pd.testing.assert_frame_equal(cdnow[["frequency", "recency", "T"]].round(2), packaged)


def test_cdnow_headline_figures(cdnow):
    """The longest observation is 38.86 weeks; 946 customers bought again."""
    assert cdnow["T"].max() == pytest.approx(272 / 7)
    assert (cdnow["frequency"] > 0).sum() == 946
    assert cdnow.loc[1516, ["frequency", "recency", "T"]].tolist() == [26, 216 / 7, 31]


def test_cdnow_spend_is_the_published_one(cdnow):
    """The mean spend of the 946 repeat buyers is 35.078551797 once rounded up to whole cents.

    Source: the BTYD walk-through and lifetimes' packaged summary, whose means are rounded so.
    """
    spend = cdnow["monetary_value"][cdnow["frequency"] > 0]
    cents = np.floor(spend * 100 + 0.5 + 1e-9)
    assert cents.mean() / 100 == pytest.approx(35.078551797, abs=1e-9)


def test_cdnow_orders_are_all_accounted_for():
    """Of 6,919 orders 1,959 are later than the calibration and 146 share a day with another."""
    fitted = summary(observation_end="1997-09-30").fit(load_cdnow())
    counts = fitted.data_quality_
    assert counts["orders_read"] == 6919
    assert counts["orders_after_observation"] == 1959
    assert counts["orders_merged"] == 146
    assert counts["purchases"] == 4814
    assert counts["customers"] == 2357
    assert counts["zero_amounts"] == 8


# An independent computation


@given(
    orders=order_logs(),
    time_unit=st.sampled_from(["day", "week", "month", "year"]),
    collapse=st.sampled_from(["day", "week", "month"]),
    on_negative=st.sampled_from(["net", "drop"]),
    end=st.dates(datetime.date(2023, 6, 1), datetime.date(2025, 3, 1)),
)
@settings(max_examples=40)
def test_agrees_with_a_slow_computation(orders, time_unit, collapse, on_negative, end):
    """Every column equals that of a loop over customers and days in exact cents."""
    rules = {"time_unit": time_unit, "collapse": collapse, "on_negative": on_negative}
    expected = slow_summary(orders, end, left_edge=EDGE, **rules)
    if expected.empty:
        with pytest.raises(DataError):
            everything(orders, observation_end=end, **rules)
        return
    found = everything(orders, observation_end=end, **rules)
    pd.testing.assert_frame_equal(found, expected, **MONEY)


@given(orders=order_logs(), seed=st.integers(0, 1000))
@settings(max_examples=10)
def test_the_order_of_rows_does_not_matter(orders, seed):
    """Shuffled orders give the same summary."""
    try:
        expected = everything(orders)
    except DataError:
        return
    shuffled = everything(orders.sample(frac=1.0, random_state=seed))
    pd.testing.assert_frame_equal(shuffled, expected, **MONEY)


@given(orders=order_logs(), share=st.floats(0.01, 0.99))
@settings(max_examples=10)
def test_an_order_split_into_two_lines_is_the_same_order(orders, share):
    """Splitting every line in two on its day changes nothing but the number of lines."""
    columns = ["frequency", "recency", "T", "monetary_value", "total_value"]
    try:
        expected = everything(orders)[columns]
    except DataError:
        return
    parts = [orders.assign(amount=orders["amount"] * part) for part in (share, 1 - share)]
    found = everything(pd.concat(parts))[columns]
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9, atol=1e-9)


# Every kind of table


@pytest.mark.parametrize("kind", KINDS)
def test_all_kinds_of_table_give_the_same_summary(kind, tmp_path):
    """Frames, files, relations and Ibis tables of the same orders agree in every figure."""
    orders = random_log(400, 60, seed=1)
    expected = everything(orders)
    found = everything(as_input(orders, kind, tmp_path))
    pd.testing.assert_frame_equal(found, expected, check_index_type=False, **MONEY)


@pytest.mark.parametrize("kind", KINDS)
def test_all_kinds_of_table_give_the_same_account(kind, tmp_path):
    """What became of the orders does not depend on the kind of table either."""
    orders = random_log(400, 60, seed=2)
    expected = summary(observation_end="2024-06-30").fit(orders).data_quality_
    found = summary(observation_end="2024-06-30").fit(as_input(orders, kind, tmp_path))
    pd.testing.assert_series_equal(found.data_quality_, expected)


@pytest.mark.parametrize(
    ("kind", "returned"),
    [
        ("pandas", "pandas.DataFrame"),
        ("parquet", "pandas.DataFrame"),
        ("csv", "pandas.DataFrame"),
        ("polars", "polars.dataframe.frame.DataFrame"),
        ("polars lazy", "polars.dataframe.frame.DataFrame"),
        ("pyarrow", "pyarrow.lib.Table"),
        ("ibis", "ibis.expr.types.relations.Table"),
        ("duckdb", "ibis.expr.types.relations.Table"),
    ],
)
def test_the_kind_of_table_comes_back(kind, returned, tmp_path):
    """pandas from pandas and files, polars and Arrow from their own, Ibis from engines."""
    found = type(summary().fit_transform(as_input(small_log(), kind, tmp_path)))
    assert f"{found.__module__}.{found.__qualname__}" == returned


@pytest.mark.parametrize("kind", ["polars", "pyarrow", "ibis"])
def test_the_id_is_the_first_column_where_there_is_no_index(kind, tmp_path):
    """The id column keeps its name, in front of the summary's own columns."""
    orders = small_log().rename(columns={"customer_id": "who?"})
    reader = summary(customer="who?")
    found = reader.fit_transform(as_input(orders, kind, tmp_path))
    names = found.column_names if kind == "pyarrow" else list(found.columns)
    assert names == ["who?", *reader.get_feature_names_out()]


def test_pandas_output_has_the_id_as_sorted_index_and_knows_its_time_unit():
    """The index is named after the customer column; columns are float64; the unit travels along."""
    found = summary(time_unit="month").fit_transform(small_log())
    assert found.index.tolist() == ["a", "b", "c"]
    assert found.index.name == "customer_id"
    assert set(found.dtypes) == {np.dtype("float64")}
    assert found.attrs == {"time_unit": "month"}


def test_output_can_be_written_to():
    """What comes out belongs to the caller."""
    found = summary().fit_transform(small_log())
    found.loc["a", "T"] = 1.0
    assert found.loc["a", "T"] == 1.0


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "ibis", "duckdb", "parquet"])
def test_set_output_decides_the_kind(kind, tmp_path):
    """set_output and scikit-learn's own setting override the kind of X."""
    X = as_input(small_log(), kind, tmp_path)
    assert isinstance(summary().set_output(transform="pandas").fit_transform(X), pd.DataFrame)
    assert isinstance(summary().set_output(transform="polars").fit_transform(X), pl.DataFrame)
    with config_context(transform_output="polars"):
        assert isinstance(summary().fit_transform(X), pl.DataFrame)
        default = summary().set_output(transform="default").fit_transform(X)
    assert not isinstance(default, pl.DataFrame) or kind == "polars"


def test_the_frame_is_neither_changed_nor_kept():
    """The caller's frame is as it was, and no attribute holds orders."""
    orders = small_log()
    before = orders.copy(deep=True)
    fitted = summary().fit(orders)
    pd.testing.assert_frame_equal(orders, before)
    assert set(vars(fitted)) - set(fitted.get_params()) == {
        "observation_end_",
        "data_quality_",
        "n_features_in_",
        "feature_names_in_",
    }


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint64", "float64", "str"])
def test_ids_keep_their_type(dtype):
    """Whole numbers stay whole numbers, text stays text."""
    ids = pd.Series([3, 3, 1, 2, 2, 2]).astype(dtype)
    found = summary().fit_transform(small_log().assign(customer_id=ids))
    expected = pd.Index(pd.Series([1, 2, 3]).astype(dtype), name="customer_id")
    pd.testing.assert_index_equal(found.index, expected)


def test_categorical_ids_are_their_categories():
    """Categories come back as what they stand for, sorted as such."""
    ids = pd.Categorical(["z", "z", "b", "a", "a", "a"], categories=["z", "b", "a", "unused"])
    found = summary().fit_transform(small_log().assign(customer_id=ids))
    assert found.index.tolist() == ["a", "b", "z"]


# What a purchase is, and how time is measured


@pytest.mark.parametrize(
    ("time_unit", "days"), [("day", 1), ("week", 7), ("month", 30.4375), ("year", 365.25)]
)
def test_time_unit_is_a_ruler(time_unit, days):
    """Times are days divided by the days of the unit; purchases are the same for every unit."""
    found = summary(time_unit=time_unit).fit_transform(small_log())
    assert found.loc["a", "recency"] == pytest.approx(14 / days)
    assert found.loc["a", "T"] == pytest.approx(365 / days)
    assert found["frequency"].tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("collapse", "frequency", "recency"), [("day", 5, 56), ("week", 4, 56), ("month", 2, 56)]
)
def test_collapse_says_what_one_purchase_is(collapse, frequency, recency):
    """Days, weeks from Monday or calendar months are one purchase, dated by their first day."""
    days = ["2024-01-05", "2024-01-07", "2024-01-08", "2024-02-13", "2024-02-19", "2024-03-01"]
    frame = pd.DataFrame({"customer_id": 1, "date": pd.to_datetime(days)})
    reader = RFMSummary(time_unit="day", collapse=collapse, observation_end=END)
    found = reader.fit_transform(frame).loc[1]
    assert (found["frequency"], found["recency"]) == (frequency, recency)


def test_a_purchase_of_a_period_is_dated_by_its_first_day():
    """A month that was bought in on the 13th and 19th is a purchase of the 13th."""
    days = pd.to_datetime(["2024-01-05", "2024-01-08", "2024-02-13", "2024-02-19"])
    frame = pd.DataFrame({"customer_id": 1, "date": days})
    reader = RFMSummary(time_unit="day", collapse="month", observation_end="2024-02-29")
    assert reader.fit_transform(frame).loc[1].tolist() == [1, 39, 55]


REFUNDS = [
    # amounts of one day, is it a purchase when netted, when negatives are dropped, spend of both
    ([10.0], 10.0, 10.0),
    ([0.0], 0.0, 0.0),
    ([0.0, 0.0], 0.0, 0.0),
    ([10.0, -4.0], 6.0, 10.0),
    ([10.0, -10.0], None, 10.0),
    ([10.0, -12.0], None, 10.0),
    ([-5.0], None, None),
    ([0.0, -5.0], None, 0.0),
    ([0.1, 0.2, -0.3], None, 0.3),
    ([1e6 + 0.01, -1e6], 0.01, 1e6 + 0.01),
]


@pytest.mark.parametrize(("amounts", "netted", "dropped"), REFUNDS)
@pytest.mark.parametrize("on_negative", ["net", "drop"])
def test_refunds(amounts, netted, dropped, on_negative):
    """A day refunded to zero or below, up to rounding, is no purchase; a free order is one."""
    days = ["2024-01-01"] + ["2024-01-08"] * len(amounts)
    frame = pd.DataFrame(
        {"customer_id": 1, "date": pd.to_datetime(days), "amount": [50.0, *amounts]}
    )
    found = summary(on_negative=on_negative).fit_transform(frame).loc[1]
    spend = netted if on_negative == "net" else dropped
    assert found["frequency"] == (spend is not None)
    assert found["monetary_value"] == pytest.approx(spend or 0.0, rel=1e-9)


def test_a_customer_refunded_away_drops_out_and_is_counted():
    """A customer left without a purchase is not in the summary but in the account."""
    frame = small_log().assign(amount=[10.0, 20, -5, 30, -30, -7])
    fitted = summary().fit(frame)
    assert fitted.transform(frame).index.tolist() == ["a"]
    counts = fitted.data_quality_
    assert counts["customers_without_purchase"] == 2
    assert counts["days_refunded_away"] == 3
    assert counts["orders_refunded_away"] == 4
    assert counts["negative_amounts"] == 3


def test_spend_after_a_large_first_purchase_keeps_its_digits():
    """The mean of the repeat purchases is not lost behind a first one a million times larger."""
    frame = small_log().assign(customer_id="a", amount=[1e6, 1.01, 0.0, 0.02, 0.03, 0.04])
    found = summary().fit_transform(frame).loc["a", "monetary_value"]
    assert found == pytest.approx(1.10 / 4, rel=1e-9)


def test_repeat_purchases_that_cost_nothing_are_worth_nothing():
    """Free repeat orders give a mean of exactly 0, whatever the first order cost."""
    frame = small_log().assign(customer_id="a", amount=[0.1 + 0.2, 0, 0, 0, 0, 0])
    assert summary().fit_transform(frame).loc["a", "monetary_value"] == 0.0


def test_without_an_amount_there_is_no_money():
    """Every row is an order then, and the summary has three columns."""
    found = RFMSummary(observation_end=END, extra=("n_orders",)).fit_transform(
        small_log().drop(columns="amount")
    )
    assert list(found.columns) == ["frequency", "recency", "T", "n_orders"]
    assert found["n_orders"].tolist() == [2, 1, 3]
    assert found["frequency"].tolist() == [1, 0, 1]


def test_total_value_takes_refunds_of_other_days_off():
    """The sum of all amounts: a refund a week later counts, though its day is no purchase."""
    days = pd.to_datetime(["2024-01-01", "2024-01-08"])
    frame = pd.DataFrame({"customer_id": 1, "date": days, "amount": [30.0, -10.0]})
    found = summary(extra=("total_value", "n_orders")).fit_transform(frame)
    assert found[["total_value", "n_orders", "frequency"]].loc[1].tolist() == [20, 1, 0]


def test_extra_columns_come_in_the_order_asked_for():
    """The order of ``extra`` is the order of the columns; a list does as well as a tuple."""
    reader = summary(extra=["last_purchase", "n_orders"])
    found = reader.fit_transform(small_log())
    assert list(found.columns)[4:] == ["last_purchase", "n_orders"]
    assert list(found.columns) == list(reader.get_feature_names_out())
    assert found["last_purchase"]["a"] == pd.Timestamp("2024-01-15")


# Dates and clocks


def test_times_of_a_day_are_that_day():
    """Two orders on one day are one purchase, and the last minute of the last day still counts."""
    times = pd.to_datetime(["2024-01-01 00:00", "2024-01-01 23:59", "2024-01-08 23:59"])
    frame = pd.DataFrame({"customer_id": 1, "date": times})
    found = RFMSummary(time_unit="day", observation_end="2024-01-08").fit_transform(frame)
    assert found.loc[1].tolist() == [1, 7, 7]


@pytest.mark.parametrize("kind", ["pandas", "pandas of objects", "polars", "pyarrow"])
def test_times_with_a_zone_are_days_of_their_own_zone(kind, tmp_path):
    """Just after midnight in Tokyo is a new day there, though not in London."""
    times = pd.to_datetime(["2024-01-01 12:00", "2024-01-02 00:30"]).tz_localize("Asia/Tokyo")
    frame = pd.DataFrame({"customer_id": 1, "date": times})
    reader = RFMSummary(time_unit="day", observation_end="2024-01-02")
    found = as_pandas(reader.fit_transform(as_input(frame, kind, tmp_path)))
    assert found.loc[1].tolist() == [1, 1, 1]


@pytest.mark.parametrize("kind", ["parquet", "csv", "ibis", "duckdb"])
def test_instants_are_days_in_utc_and_said_to_be(kind, tmp_path):
    """Files and engines keep no zone: both orders fall on 1 January in UTC, with a warning."""
    times = pd.to_datetime(["2024-01-01 12:00", "2024-01-02 00:30"]).tz_localize("Asia/Tokyo")
    frame = pd.DataFrame({"customer_id": 1, "date": times})
    reader = RFMSummary(time_unit="day", observation_end="2024-01-02")
    with pytest.warns(DataQualityWarning, match=r"'date' of .* holds instants .* days"):
        found = as_pandas(reader.fit_transform(as_input(frame, kind, tmp_path)))
    assert found.loc[1].tolist() == [0, 0, 1]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_every_resolution_of_time_is_read(unit):
    """pandas' seconds to nanoseconds give the same days."""
    frame = small_log().astype({"date": f"datetime64[{unit}]"})
    pd.testing.assert_frame_equal(everything(frame), everything(small_log()))


@pytest.mark.parametrize(
    "end",
    [
        "2024-02-05",
        "20240205",
        "2024-02-05T18:30",
        datetime.date(2024, 2, 5),
        datetime.datetime(2024, 2, 5, 9),
        pd.Timestamp("2024-02-05 12:00"),
        pd.Timestamp("2024-02-05 00:30", tz="Asia/Tokyo"),
        np.datetime64("2024-02-05"),
    ],
    ids=repr,
)
def test_observation_end_is_a_day(end):
    """Text, dates and times name the day on which observation ends; later orders are left out."""
    fitted = summary(observation_end=end).fit(small_log())
    assert fitted.observation_end_ == pd.Timestamp("2024-02-05")
    assert fitted.data_quality_["orders_after_observation"] == 1
    assert fitted.data_quality_["customers_without_purchase"] == 1


def test_an_end_of_observation_given_holds_at_every_transform():
    """Later orders are left out of transform too; those that fit did not count are reported."""
    fitted = summary(observation_end="2024-01-31").fit(small_log())
    as_fitted = fitted.transform(small_log())
    later = small_log().assign(date=pd.Timestamp("2024-02-10"))
    with pytest.warns(DataQualityWarning, match="7 of 12 orders lie after .* 2024-01-31"):
        found = fitted.transform(pd.concat([small_log(), later]))
    pd.testing.assert_frame_equal(found, as_fitted)


def test_a_clock_that_is_moved_holds():
    """After set_params the summary looks from the new day, as a fresh fit would."""
    log = small_log()
    fitted = summary(observation_end="2024-02-10").fit(log)
    moved = fitted.set_params(observation_end="2024-03-10").transform(log)
    fresh = summary(observation_end="2024-03-10").fit_transform(log)
    pd.testing.assert_frame_equal(moved, fresh)


@pytest.mark.parametrize("kind", ["pandas", "polars", "parquet", "ibis", "duckdb"])
def test_an_end_of_observation_not_given_is_learned_and_said(kind, tmp_path):
    """fit takes the day of the last order, refunds included, and warns that it did."""
    X = as_input(small_log().assign(amount=[10.0, 20, 5, 30, -30, -7]), kind, tmp_path)
    reader = summary(observation_end=None)
    with pytest.warns(DataQualityWarning, match="inferred to be 2024-02-10"):
        found = as_pandas(reader.fit_transform(X))
    assert reader.observation_end_ == pd.Timestamp("2024-02-10")
    assert found.loc["a", "T"] == pytest.approx(40 / 7)
    pd.testing.assert_frame_equal(as_pandas(reader.transform(X)), found)


def test_the_warning_names_the_line_of_the_caller():
    """The warning points at the call of fit, not into the library."""
    with pytest.warns(DataQualityWarning) as caught:
        summary(observation_end=None).fit(small_log())
    assert [warning.filename for warning in caught] == [__file__]


def test_fit_and_transform_equals_fit_transform():
    """The single scan of fit_transform learns and returns what the two calls do."""
    orders = random_log(300, 50, seed=5)
    once, twice = (summary(extra=EXTRAS, left_edge=EDGE) for _ in range(2))
    found = once.fit_transform(orders)
    pd.testing.assert_frame_equal(found, twice.fit(orders).transform(orders))
    pd.testing.assert_series_equal(once.data_quality_, twice.data_quality_)


@given(orders=order_logs(), on_negative=st.sampled_from(["net", "drop"]))
@settings(max_examples=10)
def test_the_account_adds_up(orders, on_negative):
    """Orders and customers read are the sums of what became of them."""
    reader = summary(on_negative=on_negative, observation_end="2024-06-30", collapse="week")
    try:
        found = reader.fit_transform(orders)
    except DataError:
        return
    counts = reader.data_quality_
    fates = ["after_observation", "dropped_negative", "refunded_away", "merged"]
    assert counts["orders_read"] == len(orders)
    lost = sum(counts[f"orders_{fate}"] for fate in fates)
    assert lost + counts["purchases"] == len(orders)
    assert min(counts[f"orders_{fate}"] for fate in fates) >= 0
    assert counts["purchases"] == (found["frequency"] + 1).sum()
    assert counts["customers"] == len(found)
    gone = counts["customers_after_observation"] + counts["customers_without_purchase"]
    assert gone + len(found) == counts["customers_read"] == orders["customer_id"].nunique()


# The contract of an estimator


def test_save_and_load_round_trip(tmp_path):
    """A summary read back has the same end, account and results."""
    fitted = summary(extra=("n_orders",), observation_end=datetime.date(2024, 6, 30))
    found = fitted.fit_transform(small_log())
    fitted.save(tmp_path / "summary.json")
    loaded = custvalue.load(tmp_path / "summary.json")
    assert loaded.get_params() == fitted.get_params()
    assert loaded.observation_end_ == fitted.observation_end_
    pd.testing.assert_series_equal(loaded.data_quality_, fitted.data_quality_)
    pd.testing.assert_frame_equal(loaded.transform(small_log()), found)


def test_column_names_of_all_sorts_are_safe(tmp_path):
    """Quotes, spaces, dots, commands, words of SQL and other scripts are names like any other."""
    odd = {
        "customer_id": 'cus"tomer',
        "date": "order date; DROP TABLE x",
        "amount": "größe.select 'a'",
    }
    orders = small_log()
    expected = summary().fit_transform(orders)
    for kind in KINDS:
        folder = tmp_path / kind.replace(" ", "_")
        folder.mkdir()
        X = as_input(orders.rename(columns=odd), kind, folder)
        reader = summary(customer=odd["customer_id"], date=odd["date"], amount=odd["amount"])
        found = as_pandas(reader.fit_transform(X), odd["customer_id"])
        pd.testing.assert_frame_equal(found.rename_axis("customer_id"), expected)


def test_other_columns_do_not_matter():
    """Columns that are not named are not looked at, whatever they hold."""
    orders = small_log().assign(other=[object()] * 6, Date="x")[
        ["Date", "amount", "other", "date", "customer_id"]
    ]
    pd.testing.assert_frame_equal(
        summary().fit_transform(orders), summary().fit_transform(small_log())
    )


# Wrong input: one clear error each


@pytest.mark.parametrize("case", BAD_ORDERS)
def test_wrong_orders_and_parameters_are_refused(case):
    """Each wrong input is one ValueError that says what must hold and what was found."""
    spoil, parameters, message = BAD_ORDERS[case]
    with pytest.raises(ValueError, match=message):
        summary(**parameters).fit_transform(spoil(small_log()))


@pytest.mark.parametrize("case", ["missing amount", "dates as text", "missing customer", "no rows"])
@pytest.mark.parametrize("kind", ["polars", "pyarrow", "parquet", "csv", "ibis", "duckdb"])
def test_other_kinds_of_table_are_refused_alike(case, kind, tmp_path):
    """The same rules hold for every kind of table; rows of an engine have no number."""
    if (case, kind) == ("dates as text", "csv"):
        orders = small_log().assign(date="soon")
    else:
        orders = BAD_ORDERS[case][0](small_log())
    expected = {
        "missing amount": r"'amount' must hold finite numbers; (row 1|one row) has .*\(2 such rows",
        "dates as text": "'date' must hold dates or times; found string",
        "missing customer": r"'customer_id' must not have missing values; (row 1|one row) has",
        "no rows": "needs at least one order; .* has columns but no rows",
    }[case]
    with pytest.raises(DataError, match=expected):
        summary().fit(as_input(orders, kind, tmp_path))


@pytest.mark.parametrize(
    "X",
    [None, np.ones((3, 3)), {"customer_id": [1]}, [1, 2], 5, small_log()["date"], small_log],
    ids=lambda X: type(X).__name__,
)
def test_what_is_no_table_is_refused(X):
    """A TypeError names the kinds of table that are welcome, and the type found."""
    with pytest.raises(TypeError, match="RFMSummary needs a table: .* found .*"):
        summary().fit(X)


@pytest.mark.parametrize("name", ["nowhere.parquet", "no-*.csv", "s3://bucket/orders.parquet", ""])
def test_a_missing_file_is_refused(name):
    """A path or glob that names nothing on this machine is a DataError that names it."""
    with pytest.raises(DataError, match="X must name a file or a glob"):
        summary().fit(name)


def test_transform_before_fit_is_refused():
    """There is no end of observation yet."""
    with pytest.raises(NotFittedError):
        summary().transform(small_log())
    with pytest.raises(NotFittedError):
        summary().get_feature_names_out()


@pytest.mark.parametrize("kind", ["pandas", "polars", "csv", "ibis", "duckdb"])
def test_orders_after_a_learned_end_are_refused(kind, tmp_path):
    """Tomorrow's orders need tomorrow's clock: the first of them is named."""
    reader = summary(observation_end=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        reader.fit(small_log())
    later = small_log().assign(date=pd.Timestamp("2025-01-01 10:00"))
    X = as_input(pd.concat([small_log(), later]), kind, tmp_path)
    message = (
        "column 'date' must not lie after 2024-02-10, the observation_end_ .*"
        r"(row 6|one row) has date=2025-01-01 10:00:00, customer_id='a' \(6 such rows\)"
    )
    with pytest.raises(DataError, match=message):
        reader.transform(X)


def test_a_failed_fit_learns_nothing():
    """After an error there are no fitted attributes."""
    reader = summary(on_negative="raise")
    with pytest.raises(DataError):
        reader.fit(small_log())
    assert not hasattr(reader, "observation_end_")


def test_arrow_ids_of_many_chunks_are_read():
    """A table in chunks is one table."""
    orders = random_log(200, 30, seed=8)
    arrow = pa.Table.from_pandas(orders, preserve_index=False)
    chunks = pa.concat_tables([arrow.slice(0, 70), arrow.slice(70, 60), arrow.slice(130)])
    pd.testing.assert_frame_equal(everything(chunks), everything(orders), **MONEY)


# The left edge, and opportunities


def test_the_left_edge_is_flagged_and_counted_from_the_log_that_was_fitted():
    """transform knows where the fitted log began, though it sees only a part of it."""
    reader = summary(extra=("left_truncated",), left_edge=1.0).fit(small_log())
    assert reader.data_quality_["customers_left_truncated"] == 1
    assert reader.transform(small_log())["left_truncated"].tolist() == [True, False, False]
    later = small_log().query("customer_id == 'b'")
    assert reader.transform(later)["left_truncated"].tolist() == [False]


def test_a_calendar_takes_the_place_of_the_ruler(tmp_path):
    """Figures count opportunities; the estimator with its calendar is saved and read back."""
    calendar = pd.Series(pd.date_range("2024-01-01", "2024-03-01", freq="MS"))
    reader = summary(observation_end=None, calendar=calendar, time_unit="month")
    found = reader.fit_transform(small_log())
    assert found[["frequency", "recency", "T"]].to_numpy().tolist() == [
        [0, 0, 2],
        [0, 0, 2],
        [0, 0, 1],
    ]
    reader.save(tmp_path / "summary.json")
    loaded = custvalue.load(tmp_path / "summary.json")
    pd.testing.assert_frame_equal(loaded.transform(small_log()), found)
    assert loaded.to_sql() == reader.to_sql()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"calendar": ["2024-02-01", "2024-01-01"]}, "calendar must hold each day once, ascending"),
        ({"calendar": "2024-01-01"}, "'calendar' parameter of RFMSummary"),
        ({"calendar": ["2024-01-01"], "collapse": "week"}, "collapse must be 'day' where a calend"),
        ({"calendar": ["2025-01-01"]}, "observation_end must not lie before the first opportunity"),
        ({"left_edge": 0}, "'left_edge' parameter of RFMSummary"),
        ({"left_edge": "4 weeks"}, "'left_edge' parameter of RFMSummary"),
    ],
)
def test_wrong_edges_and_calendars_are_refused(parameters, message):
    """Each is one ValueError."""
    with pytest.raises(ValueError, match=message):
        summary(**parameters).fit(small_log())


# SQL; ``test_engines_story`` runs it row for row


def test_a_query_needs_a_fit_a_dialect_and_a_table():
    """The end of observation is a constant in it."""
    with pytest.raises(NotFittedError):
        summary().to_sql()
    fitted = summary(observation_end="2024-03-01").fit(small_log())
    assert "2024, 3, 1" in fitted.to_sql("DuckDB")
    with pytest.raises(ValueError, match="dialect must be one of .*; found 'tsql'"):
        fitted.to_sql("tsql")
    with pytest.raises(ValueError, match="table must be a name"):
        fitted.to_sql(table="")


def test_the_query_looks_from_the_day_that_is_asked_for():
    """It is the query of a reader that looks from there, and the reader stays as it was."""
    fitted = summary(observation_end="2024-03-01").fit(small_log())
    query = fitted.to_sql()
    later = fitted.to_sql(observation_end=pd.Timestamp("2024-04-01"))
    assert "2024, 4, 1" in later
    assert fitted.to_sql() == query
    assert later == fitted.set_params(observation_end="2024-04-01").to_sql()
    with pytest.raises(ValueError, match="observation_end must be a date"):
        fitted.to_sql(observation_end="tonight")


def test_the_day_asked_for_must_reach_the_first_opportunity():
    """As observation_end must."""
    calendar = ["2024-01-01", "2024-02-01", "2024-03-01"]
    fitted = summary(calendar=calendar).fit(small_log())
    assert fitted.to_sql(observation_end="2024-02-15") != fitted.to_sql()
    with pytest.raises(ValueError, match="observation_end must not lie before the first opportun"):
        fitted.to_sql(observation_end="2023-12-31")


def test_earlier_orders_than_fit_saw_have_no_left_edge():
    """The edge is measured from the first order of fit: orders before it ask for another fit."""
    orders = pd.DataFrame(
        {
            "customer_id": [1, 2, 3],
            "date": pd.to_datetime(["2024-01-01", "2024-04-01", "2024-07-01"]),
        }
    )
    summary = RFMSummary(left_edge=4, extra=["left_truncated"], observation_end="2024-12-31")
    assert summary.fit_transform(orders)["left_truncated"].to_list() == [True, False, False]
    with pytest.raises(DataError, match="must not lie before 2024-07-01.*row 0 .*2 such rows"):
        summary.fit(orders[2:]).transform(orders)
