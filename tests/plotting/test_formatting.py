from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custvalue.plotting.formatting import (
    amount,
    amounts,
    count,
    counted,
    day,
    decimal,
    nice_steps,
    period_names,
    share,
    significant,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999.4, "999"),
        (1234567, "1,234,567"),
        (-1234, "−1,234"),
        (1.234e9, "1.23 billion"),
        (-5e10, "−50.00 billion"),
        (1.2e12, "1.20e+12"),
        (float("nan"), "–"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (np.float64(12.0), "12"),
    ],
)
def test_counts(value, text):
    """Thousands are parted, billions are words, and the minus sign is one."""
    assert count(value) == text.replace(" billion", "\u00a0billion")


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.00"), (99.994, "99.99"), (100.4, "100"), (-12.345, "−12.35")]
)
def test_amounts_have_cents_only_where_they_are_small(value, text):
    """Two decimals below a hundred, none from there."""
    assert amount(value) == text


def test_a_column_of_amounts_has_one_number_of_decimals():
    """Figures in a column can be compared digit by digit."""
    assert amounts([1000.0, 0.5]) == ["1,000", "0"]
    assert amounts([999.0, 0.5]) == ["999.00", "0.50"]
    assert amounts([math.inf, 2.0]) == ["∞", "2.00"]
    assert amounts([]) == []


@pytest.mark.parametrize("value", [-0.04, -0.0, 0.04])
def test_nothing_rounds_to_minus_zero(value):
    """A small loss is shown as 0.0, not as −0.0."""
    assert decimal(value, 1) == "0.0"


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(0.1234, 1, "12.3 %"), (1.0, 0, "100 %"), (-0.05, 0, "−5 %"), (float("nan"), 1, "–")],
)
def test_shares_are_percentages_that_do_not_break(value, places, text):
    """The space before the sign is one that a line does not break at."""
    assert share(value, places) == text.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.2425945, "0.2426"),
        (4.4136019, "4.414"),
        (12345.6, "12,346"),
        (0.0001234567, "0.0001235"),
        (1.23456e-7, "1.235e−07"),
        (0.0, "0"),
        (float("nan"), "–"),
    ],
)
def test_significant_digits(value, text):
    """Four digits that mean something, and no more zeros than help."""
    assert significant(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1 week"), (1.04, "1 week"), (1.5, "1.5 weeks"), (0, "0 weeks")]
)
def test_one_is_singular(value, text):
    """Only what is shown as 1 is in the singular."""
    assert counted(value, "week") == text


@pytest.mark.parametrize("month", range(1, 13))
def test_days_are_written_out_in_english_whatever_the_locale(month):
    """The names are those of the calendar."""
    date = pd.Timestamp(2024, month, 3)
    assert day(date).split("\u00a0") == ["3", f"{date:%B}", "2024"]
    assert day(date, short=True).split("\u00a0") == ["3", f"{date:%b}", "2024"]


@given(st.floats(1e-6, 1e9), st.integers(2, 12))
def test_steps_are_few_even_and_reach_almost_to_the_end(largest, most):
    """At most as many as wanted, evenly spaced from 0, none beyond the largest."""
    steps = nice_steps(largest, most)
    assert steps[0] == 0.0
    assert len(steps) <= most
    assert steps[-1] <= largest * (1 + 1e-6)
    if len(steps) > 1:
        step = steps[1]
        assert largest - steps[-1] < step * (1 + 1e-6)
        np.testing.assert_allclose(np.diff(steps), step, rtol=1e-9)


@pytest.mark.parametrize(
    ("freq", "names"),
    [
        ("YS", ["2024", "2025"]),
        ("QS", ["2024 Q1", "2024 Q2"]),
        ("MS", ["Jan 2024", "Feb 2024"]),
        ("W-MON", ["1\u00a0Jan\u00a02024", "8\u00a0Jan\u00a02024"]),
        ("D", ["1\u00a0Jan\u00a02024", "2\u00a0Jan\u00a02024"]),
    ],
)
def test_periods_are_named_by_what_begins_on_their_days(freq, names):
    """The longest that begins on each."""
    assert period_names(pd.date_range("2024-01-01", periods=2, freq=freq)) == names


def test_periods_that_are_said_are_named_so():
    """A period given is not guessed; one day alone is a day, and a missing one is nothing."""
    alone = pd.DatetimeIndex(["2024-10-01", None])
    assert period_names(alone) == ["1\u00a0Oct\u00a02024", ""]
    assert period_names(alone, "quarter") == ["2024 Q4", ""]
    assert period_names(alone, "month") == ["Oct 2024", ""]
    assert period_names(alone, "year") == ["2024", ""]
    assert period_names(alone[:0]) == []
