"""CohortTable: an independent computation, identities, the calendar, every kind of table."""

from __future__ import annotations

import datetime
import itertools
import sqlite3

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from custvalue._estimator.reading import read_estimator
from custvalue._tables.calendar_periods import PERIODS
from custvalue.datasets import load_cdnow
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.transactions import RFMSummary
from custvalue.transactions.cohort_table import CohortTable
from support.bad_orders import BAD_ORDERS
from support.order_logs import KINDS, STREAMS, as_input, random_log, small_log
from support.spark import spark_frame
from support.strategies import order_logs

END = "2024-12-31"
CODES = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q-DEC", "year": "Y-DEC"}
MEASURES = ("customers", "orders", "revenue")
MONEY = {"rtol": 1e-11, "atol": 1e-9}
PLACE = {"check_freq": False, "check_index_type": False}

# Ibis itself calls what DuckDB has renamed.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")


def table(**parameters):
    """Return a CohortTable with an amount and an end of observation unless told otherwise."""
    return CohortTable(**{"amount": "amount", "observation_end": END, **parameters})


def in_pandas(found):
    """Return a table of any kind in pandas, indexed by cohort."""
    if isinstance(found, pd.DataFrame):
        return found
    return (
        (found.to_arrow() if isinstance(found, pl.DataFrame) else found)
        .to_pandas()
        .set_index("cohort")
    )


def slow_table(orders, end, period, measure, on_negative, incomplete):
    """Return the table from a loop over customers and days, in whole cents and pandas' periods."""
    end = pd.Timestamp(end)
    last = end.to_period(CODES[period])
    if incomplete == "drop" and last.end_time.normalize() != end:
        last -= 1
    cells, customers = {}, []
    for _, own in orders[orders["date"] <= end].groupby("customer_id"):
        steps = _steps(own, on_negative, CODES[period])
        bought = [day.to_period(CODES[period]) for day, (bought, _, _) in steps.items() if bought]
        if not bought or bought[0] > last:
            continue
        customers.append(bought[0])
        for when, value in _of_periods(steps, measure, CODES[period]).items():
            if bought[0] <= when <= last:
                key = bought[0], (when - bought[0]).n
                cells[key] = cells.get(key, 0) + value
    if not customers:
        return None
    first = min(customers)
    cohorts = pd.period_range(first, max(customers), freq=CODES[period])
    rows = [
        [
            cells.get((cohort, age), 0.0) if cohort + age <= last else np.nan
            for age in range((last - first).n + 1)
        ]
        for cohort in cohorts
    ]
    index = pd.Index(cohorts.start_time.as_unit("us"), name="cohort")
    frame = pd.DataFrame(rows, index=index, columns=[str(age) for age in range(len(rows[0]))])
    return frame / 100 if measure == "revenue" else frame.astype(float)


def _steps(own, on_negative, code):
    """Return of each day, in order, whether it is a purchase, its orders and its cents."""
    steps = {}
    for day, lines in own.groupby("date"):
        cents = [round(100 * amount) for amount in lines["amount"]]
        kept = [c for c in cents if c >= 0] if on_negative == "drop" else cents
        refunded = min(kept, default=0) < 0 and sum(kept) <= 0
        steps[day] = (bool(kept) and not refunded, sum(c >= 0 for c in cents), sum(kept))
    return steps


def _of_periods(steps, measure, code):
    """Return one measure of one customer by period."""
    sums = {}
    for day, (bought, n_orders, cents) in steps.items():
        value = {"customers": bought, "orders": n_orders, "revenue": cents}[measure]
        when = day.to_period(code)
        together = max if measure == "customers" else sum
        sums[when] = together([sums.get(when, 0), value])
    return sums


# An independent computation


@given(
    orders=order_logs(),
    period=st.sampled_from(PERIODS[1:]),
    measure=st.sampled_from(MEASURES),
    on_negative=st.sampled_from(["net", "drop"]),
    incomplete=st.sampled_from(["drop", "keep"]),
    end=st.dates(datetime.date(2023, 6, 1), datetime.date(2025, 3, 1)),
)
@settings(max_examples=20)
def test_agrees_with_a_slow_computation(orders, period, measure, on_negative, incomplete, end):
    """Every cell equals that of a loop over customers and days; so do rows and columns."""
    rules = {"measure": measure, "on_negative": on_negative, "incomplete": incomplete}
    expected = slow_table(orders, end, period, **rules)
    if expected is None:
        with pytest.raises(DataError):
            table(period=period, observation_end=end, **rules).fit(orders)
        return
    found = table(period=period, observation_end=end, **rules).fit_transform(orders)
    pd.testing.assert_frame_equal(found, expected, **MONEY, **PLACE)


@pytest.mark.parametrize("period", PERIODS)
def test_agrees_with_a_slow_computation_of_a_dense_log(period):
    """With many customers who return, and refunds, in periods of every length."""
    orders = random_log(300 if period == "day" else 1_500, 60, seed=5)
    for measure in MEASURES:
        expected = slow_table(orders, "2024-11-30", period, measure, "net", "drop")
        made = table(period=period, measure=measure, observation_end="2024-11-30")
        pd.testing.assert_frame_equal(made.fit_transform(orders), expected, **MONEY, **PLACE)


def test_cells_not_yet_observed_are_missing_and_others_zero():
    """The convention of clvkit 0.2.1 (cohort/matrix.py): NaN in the future, 0 where nobody came.

    Others fill both with 0 (openretailscience, analysis/cohort.py), which lowers every mean.
    """
    days = ["2024-01-05", "2024-03-01", "2024-03-05"]
    orders = pd.DataFrame({"customer_id": [1, 1, 2], "date": pd.to_datetime(days)})
    found = CohortTable(observation_end="2024-04-30").fit_transform(orders)
    expected = [[1, 0, 1, 0], [0, 0, 0, np.nan], [1, 0, np.nan, np.nan]]
    np.testing.assert_array_equal(found, expected)
    assert found.index.tolist() == [pd.Timestamp(f"2024-0{month}-01") for month in (1, 2, 3)]


def test_each_cohort_is_divided_by_its_own_size():
    """Two customers of whom one returns are one half, beside a first cohort of four."""
    orders = pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 4, 1, 5, 6, 5],
            "date": pd.to_datetime(["2024-01-01"] * 4 + ["2024-02-01"] * 3 + ["2024-03-01"]),
        }
    )
    found = CohortTable(relative=True, observation_end="2024-03-31").fit_transform(orders)
    np.testing.assert_array_equal(found, [[1, 0.25, 0], [1, 0.5, np.nan]])


def test_cdnow_cohorts():
    """All 2,357 customers of the sample began in the first three months of 1997.

    Source: how Fader and Hardie describe the data; the months are counted by pandas.
    """
    orders = load_cdnow()
    made = CohortTable(observation_end="1998-06-30").fit(orders)
    first = orders.groupby("customer_id")["date"].min().dt.to_period("M").value_counts()
    assert made.sizes_.tolist() == first.sort_index().tolist()
    assert made.sizes_.sum() == 2357
    assert (len(made.sizes_), made.n_periods_) == (3, 18)


# Identities


@given(orders=order_logs(), period=st.sampled_from(PERIODS[1:]))
@settings(max_examples=8)
def test_nothing_is_lost(orders, period):
    """Cells and what is counted beside them add up to customers, orders and money of the log."""
    try:
        made = table(period=period, incomplete="keep").fit(orders)
    except DataError:
        return
    tables = {m: made.set_params(measure=m).transform(orders).to_numpy() for m in MEASURES}
    sums = {m: np.nansum(one) for m, one in tables.items()}
    quality = made.data_quality_
    assert sums["orders"] + quality["orders_without_cohort"] == (orders["amount"] >= 0).sum()
    total = sums["revenue"] + quality["revenue_without_cohort"]
    assert total == pytest.approx(orders["amount"].sum(), abs=1e-6)
    assert tables["customers"][:, 0].sum() == quality["customers"]
    assert quality["customers_in_incomplete_period"] == 0


def test_an_incomplete_period_is_left_out_and_counted():
    """What was bought in it is in ``data_quality_``, and in the table where it is kept."""
    orders = random_log(2_000, 400, seed=8)
    rules = {"measure": "revenue", "observation_end": "2024-12-30"}
    made, kept = table(**rules).fit(orders), table(**rules, incomplete="keep").fit(orders)
    assert kept.n_periods_ == made.n_periods_ + 1 == 24
    quality = made.data_quality_
    assert made.sizes_.sum() + quality["customers_in_incomplete_period"] == quality["customers"]
    inside, everything = (np.nansum(one.transform(orders)) for one in (made, kept))
    assert quality["revenue_in_incomplete_period"] > 100
    assert inside + quality["revenue_in_incomplete_period"] == pytest.approx(everything)
    whole = table(observation_end="2024-11-30").fit_transform(orders)
    pd.testing.assert_frame_equal(table(observation_end="2024-12-30").fit_transform(orders), whole)


def test_a_relative_table_times_its_start_is_the_absolute_one():
    """For each measure; for customers the start is ``sizes_``."""
    orders = random_log(2_000, 400, seed=3)
    for measure in MEASURES:
        absolute = table(measure=measure, period="quarter").fit(orders)
        shares = clone(absolute).set_params(relative=True).fit_transform(orders)
        start = absolute.transform(orders)["0"]
        assert (shares["0"] == 1).all()
        expected = absolute.transform(orders)
        pd.testing.assert_frame_equal(shares.mul(start, axis=0), expected, **MONEY)
        if measure == "customers":
            assert absolute.sizes_.tolist() == start.tolist()


def test_cohorts_are_those_of_the_summary():
    """Sizes count first purchases, and revenue that of customers, as ``RFMSummary`` has them."""
    orders = random_log(2_000, 400, seed=4)
    summary = RFMSummary(
        amount="amount", observation_end=END, extra=("first_purchase", "total_value", "n_orders")
    ).fit_transform(orders)
    months = summary["first_purchase"].dt.to_period("M")
    made = table(measure="revenue").fit(orders)
    assert made.sizes_[made.sizes_ > 0].tolist() == months.value_counts().sort_index().tolist()
    late = table(measure="revenue", on_negative="drop").fit_transform(orders)
    dropped = RFMSummary(
        amount="amount", observation_end=END, on_negative="drop", extra=("total_value",)
    ).fit_transform(orders)
    assert np.nansum(late) == pytest.approx(dropped["total_value"].sum(), rel=1e-11)


@given(orders=order_logs(), seed=st.integers(0, 1000))
@settings(max_examples=5)
def test_the_order_of_rows_does_not_matter(orders, seed):
    """Shuffled orders give the same table to the last bit."""
    made = table(measure="revenue", incomplete="keep")
    try:
        expected = made.fit_transform(orders)
    except DataError:
        return
    shuffled = made.fit_transform(orders.sample(frac=1.0, random_state=seed))
    pd.testing.assert_frame_equal(shuffled, expected, check_exact=True)


# The calendar


@pytest.mark.parametrize(
    ("period", "days", "end", "cohorts", "ages"),
    [
        ("month", ["2023-12-31", "2024-01-01"], "2024-01-31", ["2023-12-01"], [1, 1]),
        ("month", ["2024-01-31", "2024-02-29"], "2024-02-29", ["2024-01-01"], [1, 1]),
        ("week", ["2024-12-29", "2024-12-30"], "2025-01-05", ["2024-12-23"], [1, 1]),
        ("week", ["2024-12-30", "2025-01-05"], "2025-01-05", ["2024-12-30"], [1]),
        ("quarter", ["2023-12-31", "2024-03-31"], "2024-03-31", ["2023-10-01"], [1, 1]),
        ("year", ["2023-12-31", "2024-12-31"], "2024-12-31", ["2023-01-01"], [1, 1]),
        ("day", ["2024-02-28", "2024-03-01"], "2024-03-01", ["2024-02-28"], [1, 0, 1]),
    ],
)
def test_periods_are_those_of_the_calendar(period, days, end, cohorts, ages):
    """Weeks begin on Monday and cross the year; the 29th of February ends a month."""
    orders = pd.DataFrame({"customer_id": 1, "date": pd.to_datetime(days)})
    found = CohortTable(period=period, observation_end=end).fit_transform(orders)
    assert found.index.tolist() == [pd.Timestamp(cohort) for cohort in cohorts]
    assert found.iloc[0].tolist() == ages


def test_a_day_refunded_away_starts_no_cohort():
    """Customer "c" begins in February, when something remains, and not in January."""
    found = table(observation_end="2024-02-29").fit_transform(small_log())
    np.testing.assert_array_equal(found, [[2, 0], [1, np.nan]])
    plain = CohortTable(observation_end="2024-02-29").fit_transform(small_log())
    np.testing.assert_array_equal(plain, [[3, 1]])


def test_cohorts_without_revenue_are_missing_and_said():
    """Nothing can be divided by zero; the warning names the first and the caller's line."""
    orders = small_log().assign(amount=[0.0, 20.0, 0.0, 30.0, -30.0, 7.0])
    made = table(measure="revenue", relative=True, period="week", observation_end="2024-02-11")
    message = "2 of 3 cohorts have no revenue above zero .* the first is 2024-01-01"
    with pytest.warns(DataQualityWarning, match=message) as said:
        found = made.fit_transform(orders)
    assert said[0].filename == __file__
    assert found.iloc[:2].isna().all(axis=None)
    assert found.loc["2024-02-05", "0"] == 1


# Every kind of table


@pytest.mark.parametrize(
    "kind", [*KINDS, *STREAMS, pytest.param("spark", marks=pytest.mark.xdist_group("spark"))]
)
def test_every_input_gives_the_same_table(kind, tmp_path):
    """Figures, sizes and counts are the same to the last bit, and the kind is the caller's own."""
    orders = random_log(1_000, 200, seed=6)
    expected = table(measure="revenue", period="week")
    figures = expected.fit_transform(orders)
    X = spark_frame(orders) if kind == "spark" else as_input(orders, kind, tmp_path)
    made = table(measure="revenue", period="week")
    found = made.fit_transform(X)
    own = {"polars": "polars", "pyarrow": "pyarrow", "record": "pyarrow", "arrow": "pyarrow"}
    assert type(found).__module__.split(".")[0] == own.get(kind.split()[0], "pandas")
    pd.testing.assert_frame_equal(in_pandas(found), figures, check_exact=True, **PLACE)
    pd.testing.assert_series_equal(made.sizes_, expected.sizes_)
    pd.testing.assert_series_equal(made.data_quality_, expected.data_quality_)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_the_kind_of_the_table_can_be_chosen(kind):
    """By set_output and by scikit-learn's setting; the cohort comes first where it is no index."""
    made = table().set_output(transform=kind)
    with config_context(transform_output=kind):
        for found in (made.fit_transform(small_log()), table().fit_transform(small_log())):
            assert type(found).__module__.split(".")[0] == kind
            names = ["cohort"] * (kind == "polars") + list(made.get_feature_names_out())
            assert list(found.columns) == names


def test_a_pandas_table_says_what_it_is():
    """Index, names and ``attrs``: what a picture needs to write beside it."""
    found = table(measure="orders", relative=True, period="quarter").fit_transform(small_log())
    assert found.attrs == {
        "period": "quarter",
        "measure": "orders",
        "relative": True,
        "incomplete": "drop",
    }
    assert found.index.name == "cohort"
    assert found.columns.tolist() == ["0", "1", "2", "3"]
    assert set(found.dtypes) == {np.dtype("float64")}


# Fit, transform and the clock


def test_transform_has_the_columns_of_the_fit():
    """Later cohorts alone have the ages of all; earlier ones are refused."""
    orders = random_log(500, 50, seed=2)
    made = table().fit(orders)
    late = orders[orders["date"] >= "2024-06-01"]
    found = made.transform(late)
    assert found.shape[1] == made.n_periods_ == 24
    assert found.columns.tolist() == list(made.get_feature_names_out())
    assert found.index[0] == pd.Timestamp("2024-06-01")
    assert found.iloc[0].notna().sum() == 7
    message = r"not begin before 2024-06-01, .* \(fit again\); found 2023-01-01"
    with pytest.raises(DataError, match=message):
        table().fit(late).transform(orders)


def test_fit_and_transform_equals_fit_transform():
    """Two scans or one."""
    orders = random_log(500, 50, seed=2)
    both = table(measure="revenue").fit(orders).transform(orders)
    pd.testing.assert_frame_equal(table(measure="revenue").fit_transform(orders), both)


def test_an_end_of_observation_not_given_is_learned_and_said():
    """The day of the last order; the warning names the caller's line; later orders are refused."""
    made = table(observation_end=None)
    with pytest.warns(DataQualityWarning, match="inferred to be 2024-02-10") as said:
        made.fit(small_log())
    assert said[0].filename == __file__
    assert made.observation_end_ == pd.Timestamp("2024-02-10")
    assert made.n_periods_ == 1
    later = small_log().assign(date=small_log()["date"] + pd.Timedelta(days=30))
    with pytest.raises(DataError, match="must not lie after 2024-02-10, the observation_end_ that"):
        made.transform(later)


def test_a_clock_that_is_moved_holds():
    """After set_params the table and its names run to the new day, from the cohorts of the fit."""
    made = table(observation_end="2024-01-31").fit(small_log())
    assert list(made.get_feature_names_out()) == ["0"]
    later = small_log().tail(1).assign(date=pd.Timestamp("2024-03-01"))
    longer = pd.concat([small_log(), later], ignore_index=True)
    with pytest.warns(DataQualityWarning, match="2 of 7 orders lie after .* 2024-01-31"):
        made.transform(longer)
    made.set_params(observation_end="2024-03-31")
    found = made.transform(longer)
    assert found.columns.tolist() == list(made.get_feature_names_out()) == ["0", "1", "2"]
    expected = table(observation_end="2024-03-31").fit_transform(longer)
    pd.testing.assert_frame_equal(found, expected)


def test_save_and_load_round_trip(tmp_path):
    """A small file that gives the same table and holds no id."""
    orders = random_log(500, 50, seed=2).assign(
        customer_id=lambda o: "id" + o["customer_id"].map(str)
    )
    made = table(measure="revenue", period="quarter").fit(orders)
    made.save(tmp_path / "cohorts.json")
    loaded = read_estimator(tmp_path / "cohorts.json", {"CohortTable": CohortTable}.get)
    pd.testing.assert_frame_equal(loaded.transform(orders), made.transform(orders))
    pd.testing.assert_series_equal(loaded.sizes_, made.sizes_)
    assert "id7" not in (tmp_path / "cohorts.json").read_text()


def test_transform_before_fit_is_refused():
    """As are the names of columns that nobody knows yet."""
    for method in (table().transform, table().get_feature_names_out):
        with pytest.raises(NotFittedError):
            method(small_log())


def test_column_names_of_all_sorts_are_safe():
    """Quotes, dots and SQL in names neither break nor inject."""
    names = {
        "customer_id": 'cus"to`mer',
        "date": "d.a; DROP TABLE x --",
        "amount": "größe {b} :c ?",
    }
    made = table(**dict(zip(("customer", "date", "amount"), names.values(), strict=True)))
    found = made.fit_transform(small_log().rename(columns=names))
    pd.testing.assert_frame_equal(found, table().fit_transform(small_log()))


# Wrong input: one clear error each

OWN = {"observation_end", "on_negative", "date"}
BAD = {name: case for name, case in BAD_ORDERS.items() if set(case[1]) <= OWN} | {
    "unknown period": (lambda o: o, {"period": "decade"}, "'period'.*'decade'"),
    "unknown measure": (lambda o: o, {"measure": "profit"}, "'measure'.*'profit'"),
    "relative no bool": (lambda o: o, {"relative": "yes"}, "'relative'.*'yes'"),
    "unknown incomplete": (lambda o: o, {"incomplete": "guess"}, "'incomplete'.*'guess'"),
    "revenue without amount": (
        lambda o: o,
        {"amount": None, "measure": "revenue"},
        "measure='revenue' needs an amount column; found amount=None",
    ),
    "no period over": (
        lambda o: o,
        {"period": "year", "observation_end": "2024-06-30"},
        "a year in which somebody bought first must be over .* 2024-01-01 .* incomplete='keep'",
    ),
    "too many periods": (
        lambda o: o.assign(date=[pd.Timestamp("1970-01-01"), *o["date"][1:]]),
        {"period": "day"},
        "at most 5,000 periods; found 20,089 from 1970-01-01",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_wrong_orders_and_parameters_are_refused(case):
    """Each wrong input is one ValueError that says what must hold and what was found."""
    spoil, parameters, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        table(**parameters).fit_transform(spoil(small_log()))


@pytest.mark.parametrize("X", [None, np.ones((3, 3)), [1, 2]], ids=lambda X: type(X).__name__)
def test_what_is_no_table_is_refused(X):
    """The message names who asks and what was found."""
    with pytest.raises(TypeError, match="CohortTable needs a table"):
        table().fit(X)


def test_parameters_do_not_change():
    """fit leaves what the user gave, for every combination."""
    for measure, relative in itertools.product(MEASURES, (False, True)):
        made = table(measure=measure, relative=relative)
        before = made.get_params()
        made.fit(small_log())
        assert made.get_params() == before


@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")  # of Ibis itself
@pytest.mark.parametrize("on_negative", ["net", "drop", "raise"])
def test_a_missing_amount_is_refused_by_an_engine_that_has_no_nan(tmp_path, on_negative):
    """SQLite too says which column, as a frame does."""
    with sqlite3.connect(tmp_path / "orders.db") as base:
        base.execute("create table o(customer_id integer, date date, amount real)")
        rows = [(1, "2024-01-01", 10.0), (1, "2024-02-01", None), (2, "2024-01-05", 5.0)]
        base.executemany("insert into o values(?, ?, ?)", rows)
    base.close()
    table = ibis.sqlite.connect(tmp_path / "orders.db").table("o")
    cohorts = CohortTable(amount="amount", observation_end="2024-02-29", on_negative=on_negative)
    with pytest.raises(
        DataError, match="'amount' must hold finite numbers; one row has amount=mis"
    ):
        cohorts.fit(table)


def test_amounts_that_add_up_to_infinity_are_refused():
    """Missing means not observed, never too much."""
    orders = pd.DataFrame(
        {
            "customer_id": [1, 2],
            "date": pd.to_datetime(["2024-01-01", "2024-01-02"]),
            "amount": [1.7e308, 1.7e308],
        }
    )
    cohorts = CohortTable(amount="amount", measure="revenue", observation_end="2024-02-29")
    with pytest.raises(DataError, match="must have a finite sum; those of cohort .* at age 0 add"):
        cohorts.fit_transform(orders)
