"""Sums of yearly payments: payment by payment, their inverse, and when they cover a cost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from custvalue.retention._simple_lifetime_value import (
    SimpleCustomers,
    average_order,
    counted_customers,
    geometric_sum,
    geometric_sum_inverse,
    orders_per_year,
)

SHARES = st.floats(0.0, 1.0)


def customers(timing="start", **figures):
    """Return one customer who brings 1 a year for ever, unless told otherwise."""
    usual = {
        "average_order": 1.0,
        "orders_per_year": 1.0,
        "years": np.inf,
        "retention_rate": 1.0,
        "margin": 1.0,
        "service_cost": 0.0,
        "acquisition_cost": 0.0,
        "annual_discount_rate": 0.0,
        "share_of_spending": 1.0,
    }
    arrays = np.broadcast_arrays(
        *(np.atleast_1d(v).astype(float) for v in (usual | figures).values())
    )
    return SimpleCustomers(**dict(zip(usual, arrays, strict=True)), timing=timing)


@pytest.mark.parametrize("retention", [0.6, 0.7, 0.8, 0.9])
def test_margin_multiples(retention):
    """The payments of 500 years, added one by one, are the multiple of an endless life.

    The formula of Gupta and Lehmann (2003), r / (1 + d - r), is checked beside it. The later
    payments are less than .9^500 = 1e-23 of the first.
    """
    rates, years = np.array([0.10, 0.12, 0.14, 0.16]), np.arange(1, 501)[:, np.newaxis]
    found = customers("end", retention_rate=retention, annual_discount_rate=rates).value()
    np.testing.assert_allclose(found, ((retention / (1 + rates)) ** years).sum(axis=0), rtol=1e-13)
    np.testing.assert_allclose(found, retention / (1 + rates - retention), rtol=1e-13)


@settings(max_examples=30, deadline=None)
@given(SHARES, st.floats(0.0, 2.0), st.integers(0, 60), SHARES, st.sampled_from(["start", "end"]))
def test_values_are_sums_of_payments(retention, rate, whole, part, timing):
    """Added up year by year, the last of them in part."""
    first = 0 if timing == "start" else 1
    paid = [1.0] * whole + [part]
    truth = sum(
        share * retention ** (year + first) / (1 + rate) ** (year + first)
        for year, share in enumerate(paid)
    )
    found = customers(
        timing, retention_rate=retention, annual_discount_rate=rate, years=whole + part
    ).value()
    assert found[0] == pytest.approx(truth, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("gap", [0.0, 1e-300, 1e-15, 1e-9, 1e-3, 0.5, 1.0])
def test_sums_are_smooth_through_a_gap_of_nothing(gap):
    """30.5 years at 1 - q = 0 and just above it differ by no more than the gap says."""
    found = geometric_sum(np.array([gap]), np.array([30.5]))[0]
    truth = sum((1 - gap) ** year for year in range(30)) + 0.5 * (1 - gap) ** 30
    assert found == pytest.approx(truth, rel=1e-13)


@settings(max_examples=30, deadline=None)
@given(SHARES, st.floats(0.0, 200.0))
def test_the_inverse_gives_back_the_sum(gap, needed):
    """Where the sum can be reached; beyond its limit 1 / gap it is inf."""
    time = geometric_sum_inverse(np.array([gap]), np.array([needed]))
    if np.isinf(time[0]):
        assert needed * gap >= 1 - 1e-12
    else:
        assert geometric_sum(np.array([gap]), time)[0] == pytest.approx(needed, rel=1e-9, abs=1e-9)


def test_the_inverse_at_its_corners():
    """Nothing needs no time, whole years are whole, one year may be all."""
    gap = np.array([0.0, 0.0, 1.0, 1.0, 1.0, 0.2, 0.2, 0.2, 0.0])
    needed = np.array([0.0, 7.0, 1.0, 0.25, 1.1, 1.0, 1.8, 5.0, np.inf])
    found = geometric_sum_inverse(gap, needed)
    np.testing.assert_allclose(found, [0, 7, 1, 0.25, np.inf, 1, 2, np.inf, np.inf], rtol=1e-14)


@settings(max_examples=30, deadline=None)
@given(
    st.floats(0.05, 1.0),
    st.floats(0.0, 0.5),
    st.floats(0.001, 30.0),
    st.integers(0, 40),
    st.floats(0.0, 0.999),
    st.sampled_from(["start", "end"]),
)
def test_payback_is_the_date_of_the_payment_that_covers_the_cost(
    retention, rate, cost, whole, part, timing
):
    """Paid one by one: the payments up to that date cover it, those before do not."""
    figures = {"retention_rate": retention, "annual_discount_rate": rate, "margin": 3.0}
    found = customers(timing, **figures, acquisition_cost=cost, years=whole + part)
    first = 0 if timing == "start" else 1
    dates = first + np.arange(whole + (part > 0))
    shares = np.array([1.0] * whole + [part] * (part > 0))
    paid = np.cumsum(3.0 * shares * (retention / (1 + rate)) ** dates)
    time = found.payback_time()[0]
    assert np.isfinite(time) == (found.value()[0] >= -1e-11 * cost)
    if np.isfinite(time):
        assert paid[dates == time].item() >= cost * (1 - 1e-11)
    assert (paid[dates < time] < cost * (1 + 1e-11)).all()


@settings(max_examples=30, deadline=None)
@given(
    st.floats(0.05, 1.0), st.floats(0.0, 0.5), st.integers(1, 60), st.sampled_from(["start", "end"])
)
def test_a_cost_of_so_many_payments_is_paid_back_with_the_last(retention, rate, paid, timing):
    """The life that is worth exactly nothing ends with the payment that covers the cost.

    A last payment below the rounding of the cost is not asked for: 1e-9 of it, against the 1e-12
    to which the cost must be covered.
    """
    figures = {"retention_rate": retention, "annual_discount_rate": rate}
    cost = customers(timing, **figures, years=paid).value()
    assume((retention / (1 + rate)) ** paid > 1e-9 * cost[0])
    for years in (float(paid), 100.0):
        found = customers(timing, **figures, years=years, acquisition_cost=cost)
        assert found.payback_time().tolist() == [paid - (timing == "start")]


@pytest.mark.parametrize(
    ("timing", "figures", "date"),
    [
        ("start", {"margin": 100.0, "acquisition_cost": 50.0}, 0.0),
        ("end", {"margin": 100.0, "acquisition_cost": 50.0}, 1.0),
        ("end", {"margin": 100.0, "acquisition_cost": 50.0, "years": 0.5}, 1.0),
        ("end", {"margin": 100.0, "acquisition_cost": 50.0, "years": 0.4}, np.inf),
        ("start", {"acquisition_cost": 2.5, "years": 2.5}, 2.0),
        ("end", {"acquisition_cost": 2.5, "years": 2.5}, 3.0),
        ("start", {"acquisition_cost": 3.0, "years": 3.0}, 2.0),
        ("start", {"acquisition_cost": 3.5, "years": 3.0}, np.inf),
        ("start", {"acquisition_cost": 1.0, "service_cost": 2.0}, np.inf),
        ("start", {"acquisition_cost": 1.0, "retention_rate": 0.0}, 0.0),
        ("end", {"acquisition_cost": 1.0, "retention_rate": 0.0}, np.inf),
        ("start", {"acquisition_cost": 5.0, "retention_rate": 0.8}, np.inf),
        ("start", {"acquisition_cost": 4.9, "retention_rate": 0.8}, 17.0),
        ("start", {"acquisition_cost": 1e300, "margin": 1e-300, "years": 9.0}, np.inf),
        ("start", {"service_cost": 2.0}, 0.0),
        ("end", {}, 0.0),
    ],
)
def test_payback_by_hand(timing, figures, date):
    """No payment before its date, no fraction of one, none where the sum stays below the cost.

    With a retention of .8, 5 (1 - .8^n) is 4.9 or more from n = 18 payments on, and never 5.
    """
    assert customers(timing, **figures).payback_time().tolist() == [date]


def test_lives_are_counted_in_years_paid():
    """1 / (1 - r) of them, or N at most, and the first by all; endless ones are known."""
    assert customers(retention_rate=0.8).expected_years() == pytest.approx([5.0])
    assert customers("end", retention_rate=0.8).expected_years() == pytest.approx([4.0])
    assert customers("end", retention_rate=0.8, years=2.0).expected_years() == pytest.approx([1.44])
    assert customers("end", years=4.0).expected_years().tolist() == [4.0]
    assert customers("end").expected_years().tolist() == [np.inf]
    assert customers(retention_rate=0.8, years=2.0).expected_years() == pytest.approx([1.8])
    assert customers().expected_years().tolist() == [np.inf]
    assert customers(annual_discount_rate=[0.0, 0.1]).endless().tolist() == [True, False]
    assert customers(annual_discount_rate=0.1).value() == pytest.approx([11.0])


def test_the_share_of_spending_says_what_is_left():
    """With a quarter of it three times the margin is elsewhere, before any cost of service."""
    found = customers(years=4.0, share_of_spending=0.25, service_cost=0.5)
    assert found.value() == pytest.approx([2.0])
    assert found.potential() == pytest.approx([12.0])


def test_the_average_customer_has_the_means():
    """Rows without a weight do not matter, and equal values stay what they are, inf too."""
    found = customers(margin=[0.1, 0.3, 9.0]).average(np.array([1.0, 3.0, 0.0]))
    assert found.margin == pytest.approx([0.25])
    assert found.years.tolist() == [np.inf]


def test_averages_are_those_of_all_orders_together():
    """Who orders more counts more; nobody gives nothing."""
    frequency, ones = np.array([1.0, 3.0, 0.0]), np.ones(3)
    assert average_order(frequency, np.array([10.0, 30.0, 0.0]), ones) == 25.0
    assert orders_per_year(frequency, np.array([2.0, 1.0, 4.0]), ones) == 1.0
    assert np.isnan(average_order(np.zeros(3), np.zeros(3), ones))
    assert np.isnan(orders_per_year(frequency, ones, np.zeros(3)))


def test_who_counts():
    """All, who ordered within a time, or who ordered again."""
    frequency, silence = np.array([0.0, 2.0, 2.0]), np.array([0.5, 1.0, 1.5])
    for population, truth in {"all": [1, 1, 1], "active": [1, 1, 0], "repeat": [0, 1, 1]}.items():
        found = counted_customers(frequency, silence, population, 1.0)
        assert found.tolist() == [bool(one) for one in truth]
