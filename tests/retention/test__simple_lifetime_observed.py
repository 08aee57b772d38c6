"""Who counts as a customer, who is observed too short, and the averages of the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.door import read_table
from custvalue.exceptions import DataError
from custvalue.retention._simple_lifetime_observed import ObservedCustomers, average_customer

COLUMNS = ("frequency", "recency", "T", "monetary_value")
FRAME = pd.DataFrame(
    [[3.0, 1.5, 2.0, 10.0], [0.0, 0.0, 3.0, 0.0], [1.0, 0.1, 0.2, 30.0]],
    columns=COLUMNS,
    index=["a", "b", "c"],
)


def observed(frame=FRAME, weights=None, **rules):
    """Return the customers, measured in years, with the usual rules unless told otherwise."""
    usual = {"units": 1.0, "population": "all", "active_within": 1.0, "minimum": 1.0}
    table = read_table(frame, COLUMNS)
    return ObservedCustomers.of(table, weights, **usual | {"short": "pool"} | rules)


def test_short_observation_takes_the_pooled_rate():
    """Two orders in a fifth of a year are no ten a year."""
    found = observed()
    assert found.short.tolist() == [False, False, True]
    np.testing.assert_allclose(found.orders_per_year(0.7), [2.0, 1 / 3, 0.7])
    np.testing.assert_allclose(observed(short="annualise").orders_per_year(0.7), [2.0, 1 / 3, 10.0])
    assert found.average_order(20.0).tolist() == [10.0, 20.0, 30.0]


@pytest.mark.parametrize(("T", "short"), [(364, True), (365, False), (366, False)])
def test_a_calendar_year_is_a_year(T, short):
    """365 days are as good as 365.25."""
    frame = pd.DataFrame([[1.0, 5.0, float(T), 9.0]], columns=COLUMNS)
    assert observed(frame, units=365.25).short.tolist() == [short]


def test_nobody_is_divided_by_no_time():
    """T = 0 is short however small the minimum is, and refused where it cannot be pooled."""
    frame = FRAME.assign(T=[2.0, 0.0, 0.2])
    assert observed(frame, minimum=0.0).short.tolist() == [False, True, False]
    for short in ("annualise", "raise"):
        with pytest.raises(DataError, match=rf"short='{short}'; row 1 \(index 'b'\) has T=0.0"):
            observed(frame, minimum=0.0, short=short)
    with pytest.raises(DataError, match="for minimum_observation=1.0 years where short='raise'; r"):
        observed(short="raise")


@pytest.mark.parametrize("short", ["annualise", "raise"])
def test_rules_are_for_customers_who_count(short):
    """Who ordered once, or has no weight, may be observed for no time at all."""
    frame = FRAME.assign(T=[2.0, 0.0, 0.5], recency=[1.5, 0.0, 0.1])
    rules = {"short": short, "minimum": 0.4}
    for found in (
        observed(frame, population="repeat", **rules),
        observed(frame, np.array([1.0, 0.0, 2.0]), **rules),
    ):
        assert found.counted.tolist() == [True, False, True]
        assert found.n_short == 0
        assert average_customer(found)["orders_per_year"] > 0
    with pytest.raises(DataError, match=r"row 1 \(index 'b'\) has T=0.0 \(1 such row\)"):
        observed(frame, np.array([0.0, 1.0, 2.0]), **rules)


def test_customers_are_counted_by_their_weights():
    """The short one is three customers, one of whom there are two others."""
    found = observed(weights=np.array([2.0, 0.0, 3.0]))
    assert (found.n_customers, found.n_short) == (5, 3)
    assert (observed(population="active").n_customers, observed().n_short) == (2, 1)


def test_averages_are_of_those_who_count():
    """The silent customer is not active; the short one gives no orders a year."""
    everyone = observed()
    active = observed(weights=np.array([2.0, 5.0, 2.0]), population="active")
    assert average_customer(everyone) == {"average_order": 15.0, "orders_per_year": 1.0}
    assert active.weights.tolist() == [2.0, 0.0, 2.0]
    assert average_customer(active) == {"average_order": 15.0, "orders_per_year": 2.0}


def test_who_does_not_count_brings_nothing():
    """And never pays back; what one of their orders was worth stays known."""
    found, ones = observed(population="repeat"), np.ones(3)
    assert found.of_counted(ones, "value").tolist() == [1, 0, 1]
    assert found.of_counted(ones, "payback_time").tolist() == [1, np.inf, 1]
    assert found.of_counted(ones, "average_order").tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("frame", "rules", "message"),
    [
        (FRAME, {"population": "active", "active_within": 0.05}, "must hold at least one customer"),
        (FRAME.iloc[[1]], {}, "needs customers with a repeat order; found frequency 0 for all 1"),
        (FRAME.iloc[[2]], {}, "minimum_observation=1.0 years; the longest .* for 0.2 years"),
    ],
)
def test_averages_of_nobody_are_refused(frame, rules, message):
    """The message says who is missing."""
    found = observed(frame, **rules)
    with pytest.raises(DataError, match=message):
        average_customer(found)
