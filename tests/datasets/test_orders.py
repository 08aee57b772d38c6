from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.datasets import make_orders

PARAMS = {"r": 0.8, "alpha": 6.0, "a": 1.5, "b": 3.5}
SPEND = {"p": 5.0, "q": 4.0, "v": 18.0}
SECONDS_PER_WEEK = 7 * 86_400


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(20_000, params=PARAMS, spend_params=SPEND, random_state=7)


@pytest.fixture(scope="module")
def summary(orders) -> pd.DataFrame:
    """Count repeat orders without collapsing days, so that the process is seen as simulated."""
    dates = orders.groupby("customer_id")["date"]
    first, last = dates.min(), dates.max()
    end = pd.Timestamp("2026-01-01")
    return pd.DataFrame(
        {
            "x": dates.size() - 1,
            "t_x": (last - first).dt.total_seconds() / SECONDS_PER_WEEK,
            "T": (end - first).dt.total_seconds() / SECONDS_PER_WEEK,
        }
    )


def test_columns_and_types(orders):
    """The frame has the documented columns and types, with every customer in it."""
    found = {name: str(dtype) for name, dtype in orders.dtypes.items()}
    assert found == {"customer_id": "int64", "date": "datetime64[s]", "amount": "float64"}
    assert sorted(orders["customer_id"].unique()) == list(range(1, 20_001))


def test_rows_are_by_date(orders):
    """The log runs forward in time, customers in order within a second."""
    assert orders.sort_values(["date", "customer_id"]).index.equals(pd.RangeIndex(len(orders)))


def test_orders_lie_in_the_window(orders):
    """Orders fill the window to its last day; first orders lie in its first half."""
    start, end = pd.Timestamp("2024-01-01"), pd.Timestamp("2026-01-01")
    assert orders["date"].min() >= start
    assert orders["date"].max().normalize() == pd.Timestamp("2025-12-31")
    first = orders.groupby("customer_id")["date"].min()
    assert first.max() <= start + (end - start) / 2


def test_first_orders_are_uniform(orders):
    """First orders fill the first half of the window evenly."""
    first = orders.groupby("customer_id")["date"].min()
    share = (first - pd.Timestamp("2024-01-01")) / (pd.Timedelta(days=731) / 2)
    assert np.abs(np.quantile(share, [0.1, 0.5, 0.9]) - [0.1, 0.5, 0.9]).max() < 0.015


def test_mean_count_is_that_of_the_law(summary):
    """Mean repeat orders equal the integral of E[rate exp(-rate p t)] over the observed time."""
    r, alpha, a, b = PARAMS.values()
    generator = np.random.default_rng(1)
    rate = generator.gamma(r, 1 / alpha, size=len(summary) * 50)
    chance = generator.beta(a, b, size=len(rate))
    T = np.tile(summary["T"].to_numpy(), 50)
    expected = (-np.expm1(-rate * chance * T) / chance).mean()
    standard_error = summary["x"].std() / np.sqrt(len(summary))
    assert abs(summary["x"].mean() - expected) < 4 * standard_error


def test_share_without_a_repeat_order_is_that_of_the_law(summary):
    """P(no repeat order in T) is (alpha / (alpha + T)) ** r: nobody leaves after the first."""
    r, alpha = PARAMS["r"], PARAMS["alpha"]
    expected = ((alpha / (alpha + summary["T"])) ** r).mean()
    assert abs((summary["x"] == 0).mean() - expected) < 4 * np.sqrt(0.25 / len(summary))


def test_share_leaving_after_the_first_repeat_order():
    """With time to see all, P(exactly one repeat order) is nearly the mean chance a / (a + b)."""
    params = {"r": 50.0, "alpha": 1.0, "a": 2.0, "b": 2.0}
    counts = make_orders(5000, params=params, random_state=3).groupby("customer_id").size() - 1
    assert abs((counts == 1).mean() - 0.5) < 4 * np.sqrt(0.25 / 5000)


def test_last_repeat_order_of_those_who_never_leave():
    """Where nobody leaves, orders are uniform in time: the last of x lies at x / (x + 1) of T."""
    params = {"r": 2.0, "alpha": 20.0, "a": 0.01, "b": 1000.0}
    orders = make_orders(20_000, params=params, random_state=5)
    dates = orders.groupby("customer_id")["date"]
    x = dates.size() - 1
    T = pd.Timestamp("2026-01-01") - dates.min()
    share = (dates.max() - dates.min())[x > 0] / T[x > 0]
    x = x[x > 0]
    assert abs((share - x / (x + 1)).mean()) < 0.003


def test_amounts_follow_the_spend_law(orders):
    """Mean spend is p v / (q - 1), and log spend varies as two Gamma draws make it."""
    p, q, v = SPEND.values()
    per_customer = orders.groupby("customer_id")["amount"].mean()
    standard_error = per_customer.std() / np.sqrt(len(per_customer))
    assert abs(per_customer.mean() - p * v / (q - 1)) < 4 * standard_error
    generator = np.random.default_rng(2)
    draws = np.log(generator.gamma(p, size=10**6) / generator.gamma(q, size=10**6))
    one_each = orders.drop_duplicates("customer_id")["amount"]
    assert np.log(one_each).std() == pytest.approx(draws.std(), rel=0.03)


def test_amounts_are_cents(orders):
    """Every amount is a whole number of cents, at least one."""
    cents = orders["amount"] * 100
    assert np.allclose(cents, cents.round(), atol=1e-6)
    assert make_orders(500, spend_params={"p": 0.01, "q": 4, "v": 1}, random_state=0)[
        "amount"
    ].min() == pytest.approx(0.01)


def test_same_seed_same_log():
    """The same seed gives the same log, another seed another."""
    one, two, other = (make_orders(50, random_state=seed) for seed in (1, 1, 2))
    assert one.equals(two)
    assert not one.equals(other)


def test_generator_moves_on():
    """A generator handed in twice gives two different logs."""
    generator = np.random.default_rng(0)
    one, two = (make_orders(50, random_state=generator) for _ in range(2))
    assert not one.equals(two)


def test_a_window_of_one_day():
    """A window may be a single day; every order then falls on it."""
    day = "2024-02-29"
    orders = make_orders(50, start=day, observation_end=day, random_state=0)
    assert (orders["date"].dt.normalize() == pd.Timestamp(day)).all()


@pytest.mark.parametrize("time_unit", ["day", "month", "year"])
def test_time_unit_changes_only_the_unit_of_alpha(time_unit):
    """The default parameters mean the same customers in every time unit."""
    weekly = make_orders(300, random_state=11)
    other = make_orders(300, time_unit=time_unit, random_state=11)
    assert np.array_equal(weekly["customer_id"], other["customer_id"])
    assert (weekly["date"] - other["date"]).abs().max() <= pd.Timedelta(seconds=1)


@pytest.mark.parametrize(
    "params",
    [
        {"r": 0.01, "alpha": 0.01, "a": 0.01, "b": 1000.0},
        {"r": 1000.0, "alpha": 1000.0, "a": 0.01, "b": 0.01},
        {"r": 0.01, "alpha": 1000.0, "a": 1000.0, "b": 0.01},
    ],
)
def test_extreme_parameters_stay_in_the_window(params):
    """Extreme parameters still give a log inside the window, one first order a customer."""
    orders = make_orders(100, params=params, random_state=1)
    assert orders["customer_id"].nunique() == 100
    assert orders["date"].between("2024-01-01", "2025-12-31 23:59:59").all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_customers": 0}, ValueError, "n_customers must be at least 1; found 0"),
        ({"n_customers": 2.5}, TypeError, "n_customers must be a whole number; found 2.5"),
        ({"n_customers": True}, TypeError, "n_customers must be a whole number; found True"),
        ({"observation_end": "2023-12-31"}, ValueError, "observation_end must not be before start"),
        (
            {"start": pd.Timestamp("2024-01-01", tz="UTC")},
            ValueError,
            "start must be a day without",
        ),
        ({"observation_end": "2025-12-31 12:00"}, ValueError, "observation_end must be a day"),
        ({"start": None}, ValueError, "start must be a day without"),
        ({"time_unit": "hour"}, ValueError, "time_unit must be one of day, week, month, year"),
        ({"params": {"r": 1.0}}, ValueError, r"params must have the keys \['r', 'alpha'"),
        ({"params": {**PARAMS, "r": 0.0}}, ValueError, r"above 0; found r=0\.0"),
        ({"params": {**PARAMS, "b": np.nan}}, ValueError, "above 0; found b=nan"),
        ({"spend_params": {**SPEND, "v": -1}}, ValueError, r"spend_params .* found v=-1\.0"),
    ],
)
def test_wrong_arguments_are_named(arguments, error, message):
    """A wrong argument raises an error that names it and what was found."""
    with pytest.raises(error, match=message):
        make_orders(**arguments)
