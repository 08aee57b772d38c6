"""customer_flow: figures by hand, a slow count, identities, every kind of table, every rule."""

from __future__ import annotations

import warnings

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue._tables.calendar_periods import PERIODS
from custvalue.datasets import load_cdnow
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.retention.customer_flow import customer_flow
from support.bad_orders import BAD_ORDERS
from support.order_logs import KINDS, STREAMS, as_input, random_log, small_log
from support.strategies import order_logs

END = "2024-12-31"
ALIASES = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
# Sums of cents in binary differ from exact ones in the last digits.
MONEY = {"rtol": 1e-9, "atol": 1e-8}


def flow(X, **parameters):
    """Return the flow with an amount and an end of observation unless told otherwise."""
    return customer_flow(X, **{"amount": "amount", "observation_end": END} | parameters)


def slow_flow(orders, end, period="month", k=1, returning="won_back"):
    """Count customers one period at a time with sets, in whole cents."""
    freq = ALIASES[period]
    kept_rows = orders[orders["date"] < pd.Timestamp(end) + pd.Timedelta(days=1)]
    cents = (kept_rows["amount"] * 100).round().astype(int)
    cells = pd.DataFrame(
        {"customer": kept_rows["customer_id"], "period": kept_rows["date"].dt.to_period(freq)}
    ).assign(cents=cents, refunds=cents < 0)
    net = {}
    for key, own in cells.groupby(["customer", "period"]):
        net[key] = (own["cents"].sum(), own["refunds"].any())
    spend = {key: s for key, (s, refunds) in net.items() if not refunds or s > 0}
    unmatched = {key: -s for key, (s, _) in net.items() if key not in spend}
    span = pd.period_range(cells["period"].min(), pd.Period(end, freq), freq=freq)
    seen, rows = set(), []
    for now in span:
        old_window, new_window = ([now - i for i in range(a, a + k)] for a in (1, 0))
        start, final = ({c for c, p in spend if p in w} for w in (old_window, new_window))
        before = {c: sum(spend.get((c, p), 0) for p in old_window) for c in start | final}
        after = {c: sum(spend.get((c, p), 0) for p in new_window) for c in start | final}
        came, stayed, lost = final - start, final & start, start - final
        back = came & seen if returning == "won_back" else set()
        seen |= final
        change = [after[c] - before[c] for c in stayed]
        rows.append(
            {
                "complete": now.end_time.date() <= pd.Timestamp(end).date(),
                "start": len(start),
                "new": len(came - back),
                "kept": len(stayed),
                "lost": len(lost),
                "won_back": len(back),
                "end": len(final),
                "revenue_start": sum(before[c] for c in start) / 100,
                "new_revenue": sum(after[c] for c in came - back) / 100,
                "won_back_revenue": sum(after[c] for c in back) / 100,
                "expansion": sum(c for c in change if c > 0) / 100,
                "contraction": -sum(c for c in change if c < 0) / 100,
                "churned_revenue": sum(before[c] for c in lost) / 100,
                "revenue_end": sum(after[c] for c in final) / 100,
                "unmatched_refunds": sum(c for (_, p), c in unmatched.items() if p == now) / 100,
            }
        )
    index = pd.DatetimeIndex([p.start_time for p in span], name="period").as_unit("us")
    return pd.DataFrame(rows, index=index)


def as_pandas(found):
    """Return a flow of any kind in pandas, indexed by period."""
    if isinstance(found, pd.DataFrame):
        return found
    rows = found.to_arrow() if isinstance(found, pl.DataFrame) else found
    frame = rows.to_pandas().set_index("period")
    frame.index = pd.DatetimeIndex(frame.index, name="period").as_unit("us")
    return frame


def assert_alike(found, truth):
    """Check the columns of the truth, counts to the last one."""
    pd.testing.assert_frame_equal(found[list(truth.columns)], truth, check_freq=False, **MONEY)


# Against a slow count


@pytest.mark.parametrize("kind", [*KINDS, *STREAMS])
def test_every_kind_of_table_gives_the_slow_count(kind, tmp_path):
    """Engines, frames and files agree with sets of customers, period by period."""
    orders = random_log(500, 60, seed=3)
    table = as_input(orders, kind, tmp_path)
    with pytest.warns(DataQualityWarning, match="27 of 500 orders lie after the observation_end"):
        found = flow(table, observation_end="2024-11-15")
    assert_alike(as_pandas(found), slow_flow(orders, "2024-11-15"))
    family = {"polars": pl.DataFrame, "polars lazy": pl.DataFrame}
    arrow = {"pyarrow", "record batch", *STREAMS}
    wanted = pa.Table if kind in arrow else family.get(kind, pd.DataFrame)
    assert isinstance(found, wanted)


@pytest.mark.parametrize(("period", "k"), [("week", 5), ("month", 3), ("quarter", 2), ("year", 1)])
@pytest.mark.parametrize("returning", ["won_back", "new"])
def test_every_rule_gives_the_slow_count(period, k, returning):
    """Periods, times of silence and what returning customers are."""
    orders = random_log(300, 40, seed=5)
    found = flow(orders, period=period, inactive_periods=k, reactivation=returning)
    assert_alike(found, slow_flow(orders, END, period, k, returning))


@settings(max_examples=12, deadline=None)
@given(order_logs(), st.integers(1, 4), st.sampled_from(["month", "quarter"]), st.data())
def test_random_logs_give_the_slow_count(orders, k, period, data):
    """Refunds, gaps and any end of observation among them, in whatever order the rows come."""
    last = data.draw(st.dates(orders["date"].iloc[-1].date(), pd.Timestamp(END).date()))
    shuffled = orders.sample(frac=1, random_state=data.draw(st.integers(0, 99)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        found = flow(shuffled, inactive_periods=k, period=period, observation_end=last)
    truth = slow_flow(orders, last, period, k)
    assert_alike(found, truth)


# Identities and rates


@pytest.mark.parametrize("k", [1, 2, 6])
def test_the_books_close(k):
    """Customers and revenue at the end follow from those at the start, and start the next."""
    found = flow(random_log(3000, 150, seed=7), inactive_periods=k)
    lost, back = found["lost"], found["won_back"]
    assert (found["kept"] + lost == found["start"]).all()
    assert (found["start"] + found["new"] + back - lost == found["end"]).all()
    assert (found["end"].shift(1).dropna() == found["start"].iloc[1:]).all()
    gains = found[["revenue_start", "new_revenue", "won_back_revenue", "expansion"]].sum(axis=1)
    losses = found["contraction"] + found["churned_revenue"]
    np.testing.assert_allclose(gains - losses, found["revenue_end"], **MONEY)
    np.testing.assert_allclose(found["revenue_end"].iloc[:-1], found["revenue_start"].iloc[1:])


def test_revenue_and_unmatched_refunds_are_the_amounts():
    """With one period of silence, revenue less unmatched refunds is what the books say."""
    orders = random_log(400, 80, seed=9)
    found = flow(orders)
    booked = orders.groupby(orders["date"].dt.to_period("M"))["amount"].sum()
    net = found["revenue_end"] - found["unmatched_refunds"]
    np.testing.assert_allclose(net, booked, **MONEY)
    assert found["unmatched_refunds"].max() > 0


@pytest.mark.parametrize("k", [1, 3])
def test_rates_follow_from_counts_and_revenue(k):
    """They are shares of the start; gross retention is at most 1 and at most net retention."""
    found = flow(random_log(3000, 150, seed=7), inactive_periods=k)
    known = found.iloc[k:]
    assert found[["retention_rate", "net_revenue_retention"]].iloc[:k].isna().all(axis=None)
    np.testing.assert_allclose(known["retention_rate"], known["kept"] / known["start"])
    np.testing.assert_allclose(known["churn_rate"], known["lost"] / known["start"])
    assert known["retention_rate"].between(known["lower"], known["upper"]).all()
    start, gross = known["revenue_start"], known["gross_revenue_retention"]
    lost = known["churned_revenue"] + known["contraction"]
    np.testing.assert_allclose(gross, (start - lost) / start)
    np.testing.assert_allclose(
        known["net_revenue_retention"], (start - lost + known["expansion"]) / start
    )
    assert gross.between(0, 1).all()


def test_the_textbook_figure():
    """1,000 at the start, 950 at the end, 150 of them new: 80 % retained."""
    january = pd.DataFrame({"customer_id": np.arange(1000), "date": pd.Timestamp("2024-01-09")})
    february = pd.DataFrame(
        {"customer_id": np.arange(200, 1150), "date": pd.Timestamp("2024-02-09")}
    )
    found = flow(pd.concat([january, february]), amount=None, observation_end="2024-02-29")
    last = found.iloc[-1]
    assert last[["start", "end", "new", "won_back"]].tolist() == [1000, 950, 150, 0]
    assert last["retention_rate"] == pytest.approx(0.80, abs=1e-15)


def test_amounts_that_cancel_leave_no_refund():
    """0.1 + 0.2 - 0.3 is 5.6e-17 in binary, 0.3 - 0.1 - 0.2 less than 0: both are nothing."""
    amounts = {"a": [0.1, 0.2, -0.3], "b": [0.3, -0.1, -0.2], "c": [5.0, -3.0, -4.0], "d": [1.0]}
    rows = [(who, "2024-01-05", one) for who, some in amounts.items() for one in some]
    orders = pd.DataFrame(rows, columns=["customer_id", "date", "amount"])
    orders["date"] = pd.to_datetime(orders["date"])
    without = flow(orders[orders["customer_id"] != "c"], observation_end="2024-01-31")
    assert without["unmatched_refunds"].tolist() == [0.0]
    assert without["end"].tolist() == [1]
    assert flow(orders, observation_end="2024-01-31")["unmatched_refunds"].tolist() == [2.0]


def test_unchanged_revenue_is_retained_whole():
    """Gross and net retention are exactly 1, where sums of binary fractions could exceed it."""
    months = pd.date_range("2024-01-01", "2024-12-01", freq="MS")
    frames = [
        pd.DataFrame({"customer_id": np.arange(50), "date": month, "amount": 0.1})
        for month in months
    ]
    found = flow(pd.concat(frames).sample(frac=1, random_state=1)).iloc[1:]
    assert (found["gross_revenue_retention"] <= 1).all()
    np.testing.assert_allclose(found["net_revenue_retention"], 1, rtol=1e-12)


def test_free_orders_keep_customers_without_revenue():
    """An order of amount 0 is an order; revenue retention of nothing is missing."""
    dates = pd.to_datetime(["2024-01-05", "2024-02-05"])
    orders = pd.DataFrame({"customer_id": "a", "date": dates, "amount": 0.0})
    last = flow(orders, observation_end="2024-02-29").iloc[-1]
    assert last["retention_rate"] == 1
    assert np.isnan(last["gross_revenue_retention"])


# Observation


def test_an_incomplete_period_has_no_rates():
    """Its counts are those up to the day; the next day would have changed nothing of the rest."""
    orders = random_log(1000, 80, seed=11)
    with pytest.warns(DataQualityWarning, match=r"orders lie after the observation_end 2024-12-30"):
        cut = flow(orders, observation_end="2024-12-30")
    whole = flow(orders)
    assert cut["complete"].tolist() == [True] * 23 + [False]
    assert whole["complete"].all()
    assert cut.iloc[-1].filter(regex="rate|lower|upper|retention").isna().all()
    pd.testing.assert_frame_equal(cut.iloc[:-1], whole.iloc[:-1], **MONEY)


def test_an_end_that_is_not_stated_is_inferred_and_said():
    """It is the day of the last order; the warning names the line of the caller."""
    with pytest.warns(DataQualityWarning, match="inferred to be 2024-02-10") as caught:
        found = customer_flow(small_log())
    assert found["complete"].tolist() == [True, False]
    assert caught[0].filename == __file__


@pytest.mark.parametrize("period", PERIODS)
def test_periods_of_other_frames_are_dates(period):
    """polars and Arrow have a type for days without a time."""
    truth = flow(small_log(), period=period).index.date.tolist()
    for convert in (pl.from_pandas, pa.Table.from_pandas):
        found = flow(convert(small_log()), period=period)
        kinds = found.schema["period"] if isinstance(found, pl.DataFrame) else found["period"].type
        assert kinds in (pl.Date, pa.date32())
        days = found["period"]
        assert (days.to_list() if isinstance(days, pl.Series) else days.to_pylist()) == truth


def test_times_with_a_zone_are_its_wall_clock():
    """One second before the new year in Tokyo is December, though it is afternoon in London."""
    dates = pd.to_datetime(["2023-12-31 23:59:59", "2024-01-01 00:00:00"]).tz_localize("Asia/Tokyo")
    orders = pd.DataFrame({"customer_id": ["a", "b"], "date": dates, "amount": 1.0})
    found = flow(orders, observation_end="2024-01-31")
    assert found["new"].tolist() == [1, 1]


def test_instants_are_days_of_utc_and_said():
    """A file without a zone of its own is read in UTC, with a warning."""
    dates = pd.to_datetime(["2023-12-31 23:59:59", "2024-01-01 00:00:00"]).tz_localize("Asia/Tokyo")
    orders = pd.DataFrame({"customer_id": ["a", "b"], "date": dates, "amount": 1.0})
    with duckdb.connect() as connection:
        relation = connection.from_arrow(pa.Table.from_pandas(orders))
        with pytest.warns(DataQualityWarning, match="'date' .* holds instants without a zone"):
            found = flow(relation, observation_end="2024-01-31")
    assert found["new"].tolist() == [2, 0]


def test_periods_without_orders_are_there():
    """The base empties, and stays empty up to the end of observation."""
    found = flow(small_log(), observation_end="2024-06-30")
    assert found.index.tolist() == list(pd.date_range("2024-01-01", "2024-06-01", freq="MS"))
    assert found["end"].tolist() == [2, 1, 0, 0, 0, 0]
    assert found["retention_rate"].isna().tolist() == [True, False, False, True, True, True]


def test_cdnow_quarters_by_hand():
    """Of 2,357 customers acquired in the first quarter of 1997, each later quarter adds none."""
    found = customer_flow(load_cdnow(), period="quarter", observation_end="1998-06-30")
    assert found["new"].tolist() == [2357, 0, 0, 0, 0, 0]
    orders = load_cdnow()
    active = orders.groupby(orders["date"].dt.to_period("Q"))["customer_id"].nunique()
    assert found["end"].tolist() == active.tolist()


# Tables


def test_hostile_names_of_columns():
    """Names are quoted wherever they go."""
    names = {
        "customer_id": 'cus"to`mer',
        "date": "order date; DROP TABLE x --",
        "amount": "größe.select 'a' {b} :c ?",
    }
    orders = random_log(200, 30, seed=13)
    found = customer_flow(
        orders.rename(columns=names),
        customer=names["customer_id"],
        date=names["date"],
        amount=names["amount"],
        observation_end=END,
    )
    pd.testing.assert_frame_equal(found, flow(orders), **MONEY)


def test_columns_named_like_the_results_are_no_matter():
    """The customer may be in "period", and the date in "lost"."""
    orders = random_log(200, 30, seed=13)
    renamed = orders.rename(columns={"customer_id": "period", "date": "lost", "amount": "came"})
    found = flow(renamed, customer="period", date="lost", amount="came")
    pd.testing.assert_frame_equal(found, flow(orders), **MONEY)


def test_the_table_is_not_changed():
    """Columns, index and values stay."""
    orders = random_log(100, 10, seed=15)
    before = orders.copy()
    flow(orders)
    pd.testing.assert_frame_equal(orders, before)


BAD = {
    name: case
    for name, case in BAD_ORDERS.items()
    if set(case[1]) <= {"observation_end", "amount", "date"} and "extra" not in case[1]
}


@pytest.mark.parametrize(("spoil", "changed", "message"), BAD.values(), ids=BAD)
def test_bad_orders_are_refused(spoil, changed, message):
    """The words are those of RFMSummary."""
    message = message.replace(" of 3 customers, .*on_negative='net'", ", and refunds leave none")
    with pytest.raises((ValueError, TypeError), match=message):
        flow(spoil(small_log()), **changed)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"period": "fortnight"}, "period must be one of 'day', .*; found 'fortnight'"),
        ({"inactive_periods": 0}, "inactive_periods must be a whole number of at least 1; found 0"),
        ({"inactive_periods": [1]}, "inactive_periods must be a single whole number; found"),
        ({"inactive_periods": 1.5}, "inactive_periods must be a whole number"),
        ({"reactivation": "kept"}, "reactivation must be one of 'won_back', 'new'; found 'kept'"),
        ({"level": 1.0}, "level must be a number between 0 and 1; found 1.0"),
    ],
)
def test_wrong_parameters_are_refused(changed, message):
    """The message names the parameter, the rule and what was found."""
    with pytest.raises(ValueError, match=message):
        flow(small_log(), **changed)


def test_no_table_is_refused():
    """The message names the function."""
    with pytest.raises(TypeError, match="customer_flow needs a table"):
        flow([1, 2, 3])


def test_missing_columns_are_named():
    """So are those that are there."""
    with pytest.raises(DataError, match="customer_flow needs the columns client, date"):
        flow(small_log(), customer="client")
