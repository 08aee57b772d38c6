"""One order log through every engine: the same summary to the last bit, the same errors."""

from __future__ import annotations

import datetime
import functools
import uuid
import warnings
from decimal import Decimal

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from custvalue.datasets import load_donations
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.lifetime import BetaGeoBetaBinomial
from custvalue.transactions import RFMSummary, calibration_holdout_split
from custvalue.transactions._rfm_summary import EXTRAS
from support.order_logs import KINDS, STREAMS, as_input, as_pandas, random_log, small_log
from support.spark import spark_frame, spark_session

END = "2024-11-30"
RULES = [
    {"collapse": "week", "time_unit": "month", "on_negative": "drop"},
    {"calendar": pd.date_range("2023-01-01", "2024-12-01", freq="QS"), "time_unit": "year"},
]
CALENDAR, MONTHS = {"calibration_end": "2024-03-17", "observation_end": END}, {"collapse": "month"}
SOME = ("pandas", "polars", "pyarrow", "parquet", "ibis", "duckdb", *STREAMS)
INPUTS = (*KINDS, *STREAMS, "ibis backend")
SPARK = pytest.param("spark", marks=pytest.mark.xdist_group("spark"))
HOSTILE = [
    "Robert'); DROP TABLE orders;--",
    '"quoted" `back` [square]',
    "a.b:c?d%s{e}$1\\n",
    "ÅÄÖ 顧客 \U0001f600",
    "twin",
    "TWIN",
    " twin",
    "",
    "x" * 3000,
]
NAMES = {
    "customer_id": 'cus"to`mer',
    "date": "order date; DROP TABLE x --",
    "amount": "größe.select 'a' {b} :c ?",
}


def reader(**parameters):
    """Return an RFMSummary with every column."""
    given = {"amount": "amount", "observation_end": END, "extra": EXTRAS, "left_edge": 3.0}
    return RFMSummary(**given | parameters)


def collected(found, customer="customer_id"):
    """Return a summary of any kind, Spark's too, in pandas."""
    if hasattr(found, "toArrow"):
        found = found.toArrow()
        zoned = [pa.types.is_timestamp(one.type) for one in found.schema]
        fields = [
            one.with_type(pa.timestamp("us")) if is_time else one
            for one, is_time in zip(found.schema, zoned, strict=True)
        ]
        found = found.cast(pa.schema(fields))
    return as_pandas(found, customer)


def given(orders, kind, folder):
    """Return the orders as an input of a kind, those of ``as_input`` and two engines more."""
    if kind == "spark":
        return spark_frame(orders)
    if kind != "ibis backend":
        return as_input(orders, kind, folder)
    backend = ibis.duckdb.connect()
    backend.con.register("orders", pa.Table.from_pandas(orders, preserve_index=False))
    return backend.table("orders")


def same(found, expected):
    """Assert that two summaries are the same to the last bit, but for the type of their ids."""
    options = {"check_exact": True, "check_index_type": False, "check_dtype": False}
    pd.testing.assert_frame_equal(found, expected, check_column_type=False, **options)


@functools.cache
def log():
    """Return a log with refunds, several orders a day, and sums that depend on their order."""
    orders = random_log(3_000, 300, seed=11)
    third = orders.iloc[::3].assign(amount=lambda o: o["amount"] / 3)
    return pd.concat([orders, third], ignore_index=True)


# Ibis itself calls what DuckDB has renamed.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")


# The same figures everywhere


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("rules", RULES, ids=["week", "calendar"])
def test_every_input_gives_the_same_summary_to_the_last_bit(kind, rules, tmp_path):
    """All columns and all counts, whatever the table and the engine that reads it."""
    expected = reader(**rules)
    figures = expected.fit_transform(log())
    found = reader(**rules)
    same(collected(found.fit_transform(given(log(), kind, tmp_path))), figures)
    pd.testing.assert_series_equal(found.data_quality_, expected.data_quality_)


@pytest.mark.xdist_group("spark")
def test_spark_gives_the_same_summary_to_the_last_bit():
    """As an expression of its own session, whose frame comes back before anything is run."""
    expected, found = reader(**RULES[0]), reader(**RULES[0])
    figures = expected.fit_transform(log())
    summary = found.fit_transform(spark_frame(log()))
    assert type(summary).__module__.startswith("pyspark.sql")
    same(collected(summary), figures)
    pd.testing.assert_series_equal(found.data_quality_, expected.data_quality_)


@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize("rules", RULES, ids=["week", "calendar"])
def test_spark_runs_the_query(rules):
    """The text alone gives the same summary to the last bit."""
    fitted = reader(**rules)
    figures = fitted.fit_transform(log())
    spark_frame(log()).createOrReplaceTempView("orders_of_a_test")
    try:
        same(collected(spark_session().sql(fitted.to_sql("spark", "orders_of_a_test"))), figures)
    finally:
        spark_session().catalog.dropTempView("orders_of_a_test")


@pytest.mark.parametrize("kind", [*SOME, SPARK])
def test_every_input_gives_the_same_split_to_the_last_bit(kind, tmp_path):
    """The calibration and holdout split too."""
    parameters = {"amount": "amount", **CALENDAR, **MONTHS}
    expected = calibration_holdout_split(log(), **parameters)
    found = calibration_holdout_split(given(log(), kind, tmp_path), **parameters)
    same(collected(found), expected)


@pytest.mark.parametrize("rules", RULES, ids=["week", "calendar"])
def test_the_query_is_the_summary(rules):
    """DuckDB's answer to the text equals ``transform`` in every row and bit."""
    fitted = reader(**rules)
    figures = fitted.fit_transform(log())
    with duckdb.connect() as connection:
        connection.register("the log", log())
        rows = connection.sql(fitted.to_sql("duckdb", "the log")).to_arrow_table()
    same(collected(rows), figures)


def test_the_query_needs_a_fit_and_follows_the_clock():
    """After set_params it looks from the new day, as ``transform`` does."""
    fitted = reader(extra=()).fit(log()).set_params(observation_end="2024-03-03")
    with duckdb.connect() as connection:
        connection.register("orders", log())
        rows = connection.sql(fitted.to_sql()).to_arrow_table()
    with pytest.warns(DataQualityWarning, match="are left out"):
        same(collected(rows), fitted.transform(log()))


# Nothing is left behind


@pytest.mark.xdist_group("spark")
def test_spark_is_left_as_it_was():
    """No view and no setting stays, also after an error; the result outlives them."""
    session = spark_session()
    session.conf.set("spark.sql.session.timeZone", "America/New_York")
    try:
        X = spark_frame(small_log())
        before = session.catalog.listTables()
        summary = reader().fit_transform(X)
        with pytest.raises(DataError, match="missing: nothing"):
            reader(amount="nothing").fit(X)
        with pytest.raises(DataError, match="finite numbers"):
            reader().fit(X.withColumn("amount", X["amount"] / float("inf") * float("inf")))
        assert session.catalog.listTables() == before
        assert session.conf.get("spark.sql.session.timeZone") == "America/New_York"
        assert summary.count() == 3
    finally:
        session.conf.set("spark.sql.session.timeZone", "UTC")


@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize("instants", [True, False])
def test_days_of_spark_are_those_that_it_shows(instants):
    """A quarter to midnight in New York is that day, whatever the day in UTC."""
    session = spark_session()
    session.conf.set("spark.sql.session.timeZone", "America/New_York")
    try:
        times = pd.to_datetime(["2024-01-01 12:00", "2024-01-01 23:45"])
        frame = pd.DataFrame({"customer_id": 1, "date": times})
        made = spark_frame(frame, instants=False)
        X = made.withColumn("date", made["date"].cast("timestamp")) if instants else made
        found = RFMSummary(observation_end="2024-01-01").fit_transform(X)
        assert collected(found).loc[1].tolist() == [0, 0, 0]
    finally:
        session.conf.set("spark.sql.session.timeZone", "UTC")


def test_a_reader_is_read_once_and_says_so():
    """fit_transform needs one reading; what has been read is no empty table."""
    X = as_input(small_log(), "arrow reader", None)
    reader().fit_transform(X)
    with pytest.raises(DataError, match="no rows in the Arrow reader X; a reader can be read only"):
        reader().fit(X)


def test_a_reader_that_breaks_is_an_unreadable_table():
    """What the source says is passed on."""

    def batches():
        yield from pa.Table.from_pandas(small_log()).to_batches()
        raise OSError("the line is dead")

    schema = pa.Table.from_pandas(small_log()).schema
    with pytest.raises(DataError, match="X must be readable as a table; .*the line is dead"):
        reader().fit(pa.RecordBatchReader.from_batches(schema, batches()))


# Names and ids that would like to be more


@pytest.mark.parametrize("kind", [*SOME, "ibis backend", SPARK])
def test_hostile_ids_are_ids(kind, tmp_path):
    """Quotes, SQL, other scripts, twins in capitals, blanks, very long ones: as they came."""
    orders = pd.DataFrame(
        {
            "customer_id": HOSTILE * 2,
            "date": pd.Timestamp("2024-01-01"),
            "amount": np.arange(18.0) + 1,
        }
    )
    found = collected(reader().fit_transform(given(orders, kind, tmp_path)))
    assert sorted(found.index) == sorted(HOSTILE)
    assert found.loc[HOSTILE, "total_value"].tolist() == [11.0 + 2 * at for at in range(9)]


@pytest.mark.parametrize("kind", [*STREAMS, "ibis backend", SPARK])
def test_hostile_column_names_are_names(kind, tmp_path):
    """With a twin in capitals beside each where the engine can hold one."""
    orders = small_log()
    expected = reader().fit_transform(orders)
    odd = orders.rename(columns=NAMES)
    if kind == "spark":
        odd[NAMES["date"].upper()] = "no date"
    parts = {"customer": "customer_id", "date": "date", "amount": "amount"}
    summary = reader(**{part: NAMES[name] for part, name in parts.items()})
    found = summary.fit_transform(given(odd, kind, tmp_path))
    same(collected(found, NAMES["customer_id"]).rename_axis("customer_id"), expected)


def test_twins_in_capitals_are_two_columns():
    """A frame may hold both; a Parquet file is read by an engine that renames one, and says so."""
    orders = small_log().assign(DATE="no date")
    for kind in ("pandas", "polars", "pyarrow", "arrow reader", "arrow dataset"):
        same(
            collected(reader().fit_transform(given(orders, kind, None))),
            reader().fit_transform(small_log()),
        )


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([uuid.UUID(int=one) for one in (3, 3, 1, 2, 2, 2)], [str(uuid.UUID(int=1))]),
        ([Decimal(one) for one in ("3.10", "3.1", "1", "2", "2", "2")], [Decimal("1.00")]),
        ([datetime.date(2024, 1, one) for one in (3, 3, 1, 2, 2, 2)], [datetime.date(2024, 1, 1)]),
        ([3.5, 3.5, -1.0, 2.0, 2.0, 2.0], [-1.0]),
    ],
    ids=["uuid", "decimal", "date", "float"],
)
@pytest.mark.parametrize("kind", ["pandas", "pyarrow", "arrow reader", "parquet"])
def test_ids_of_many_types(kind, ids, expected, tmp_path):
    """UUIDs come back as text, decimals, dates and numbers as themselves; equal ids are one."""
    orders = small_log().assign(customer_id=pd.Series(ids, dtype=object))
    found = collected(reader().fit_transform(given(orders, kind, tmp_path)))
    assert len(found) == 3
    assert found.index[:1].tolist() == expected


@pytest.mark.xdist_group("spark")
def test_ids_of_many_types_in_spark():
    """Decimals are ids there too; a UUID is text there."""
    ids = [Decimal(one) for one in "331222"]
    X = spark_frame(small_log().assign(customer_id=pd.Series(ids, dtype=object)))
    assert collected(reader().fit_transform(X)).index.tolist() == sorted(set(ids))


# What real logs are like


@pytest.mark.parametrize("kind", [*SOME, SPARK])
def test_dates_and_times_are_the_same_days(kind, tmp_path):
    """A column of dates and one of times of those days give the same summary."""
    times = log().assign(date=lambda o: o["date"] + pd.to_timedelta(o.index % 86_400, unit="s"))
    dates = log().assign(date=log()["date"].dt.date)
    expected = reader().fit_transform(log())
    for number, orders in enumerate((dates,) if kind == "spark" else (times, dates)):
        folder = tmp_path / str(number)
        folder.mkdir()
        same(collected(reader().fit_transform(given(orders, kind, folder))), expected)


@pytest.mark.parametrize("kind", [*SOME, SPARK])
@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("customer_id", r"'customer_id' must not have missing values; .*\(2 such rows\)"),
        ("date", r"'date' must not have missing values; .*\(2 such rows\)"),
        ("amount", r"'amount' must hold finite numbers; .*\(2 such rows\)"),
    ],
)
def test_what_is_missing_is_one_clear_error(kind, column, message, tmp_path):
    """The column, the rule, the first row and the number of such rows, on every engine."""
    orders = small_log()
    orders.loc[[1, 4], column] = None
    with pytest.raises(DataError, match=message):
        reader().fit(given(orders, kind, tmp_path))


@pytest.mark.xdist_group("spark")
def test_later_orders_are_counted_or_refused_by_spark():
    """Left out and counted with an end that is given, refused with one that was learned."""
    later = spark_frame(small_log().assign(date=pd.Timestamp("2025-01-01 10:00")))
    X = spark_frame(small_log()).unionByName(later)
    fitted = reader().fit(X)
    assert fitted.data_quality_["orders_after_observation"] == 6
    learned = reader(observation_end=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        learned.fit(spark_frame(small_log()))
    with pytest.raises(DataError, match=r"one row has date=2025-01-01 10:00:00, .* \(6 such rows"):
        learned.transform(X)


# Opportunities


@pytest.fixture(scope="module")
def gifts():
    """Return the donations as single gifts, of some donors several in a year."""
    histories = load_donations()
    donors = histories.loc[histories.index.repeat(histories["weight"])].reset_index(drop=True)
    frequency, recency = donors["frequency"].to_numpy(), donors["recency"].to_numpy()
    years = np.arange(7)
    # The first years up to the last gift: the summary does not know which ones they were.
    given_in = (years < frequency[:, None]) | (years == recency[:, None]) | (years == 0)
    donor, year = np.nonzero(given_in)
    day = pd.to_datetime(pd.Series(1995 + year).astype(str) + "-03-01")
    day += pd.to_timedelta((donor * 7) % 300, unit="D")
    orders = pd.DataFrame({"customer_id": donor, "date": day})
    return pd.concat([orders, orders.iloc[::5]], ignore_index=True)


def test_a_calendar_makes_the_summary_of_the_donations(gifts):
    """Gifts of seven years give the 22 published histories, with the number of people of each."""
    calendar = [f"{year}-01-01" for year in range(1995, 2002)]
    summary = RFMSummary(calendar=calendar, time_unit="year").fit_transform(gifts)
    assert summary.attrs["time_unit"] == "year"
    counts = summary.value_counts(["frequency", "recency", "T"], sort=False)
    found = counts.rename("weight").reset_index().astype("int64")
    pd.testing.assert_frame_equal(found, load_donations())


def test_a_summary_by_calendar_goes_into_the_model(gifts):
    """BG/BB of the gifts is BG/BB of the packaged histories.

    Source: Fader, Hardie & Shang (2010), table 4: alpha 1.20, beta 0.75, gamma 0.66, delta 2.78.
    """
    calendar = [f"{year}-01-01" for year in range(1995, 2002)]
    summary = RFMSummary(calendar=calendar, time_unit="year").fit_transform(gifts)
    model = BetaGeoBetaBinomial(horizon=5, time_unit="year").fit(summary)
    assert model.params_.round(2).tolist() == [1.20, 0.75, 0.66, 2.78]
    with pytest.raises(ValueError, match="time_unit"):
        BetaGeoBetaBinomial(time_unit="week").fit(summary)


def test_orders_before_the_first_opportunity_are_refused():
    """One of the two is shown; both are counted."""
    calendar = ["2024-01-03", "2024-02-01"]
    message = (
        "column 'date' must not lie before 2024-01-03, the first opportunity of calendar; "
        r"row 0 has date=2024-01-01 00:00:00, customer_id='a' \(3 such rows\)"
    )
    with pytest.raises(DataError, match=message):
        RFMSummary(calendar=calendar).fit(small_log())


def test_a_calendar_is_the_end_of_observation():
    """Nothing is inferred: all opportunities count, and an end that is given cuts them."""
    calendar = ["2024-01-01", "2024-02-01", "2024-03-01"]
    whole = RFMSummary(calendar=calendar).fit(small_log())
    assert whole.observation_end_ == pd.Timestamp("2024-03-01")
    assert whole.transform(small_log())["T"].tolist() == [2, 2, 2]
    cut = RFMSummary(calendar=calendar, observation_end="2024-02-20")
    assert cut.fit_transform(small_log())["T"].tolist() == [1, 1, 1]
