"""What a picture of a flow needs of its table."""

from __future__ import annotations

import pandas as pd
import pytest

from custvalue.datasets import load_cdnow
from custvalue.plotting._customer_flow_display import checked_flow, shown_ticks, whole_steps
from custvalue.retention import customer_flow


def test_a_flow_of_any_kind_is_read():
    """Polars gives the period as a column, pandas as index."""
    flow = customer_flow(load_cdnow(), period="quarter", observation_end="1998-06-30")
    found = checked_flow(flow)
    assert found.index.equals(flow.index)
    pd.testing.assert_frame_equal(checked_flow(flow.reset_index()), found)


def test_other_tables_are_refused():
    """A missing column is named; no period at all is said."""
    flow = customer_flow(load_cdnow(), period="year", observation_end="1998-06-30")
    with pytest.raises(ValueError, match="flow must be what customer_flow gives; missing: lost"):
        checked_flow(flow.drop(columns="lost"))
    with pytest.raises(ValueError, match="at least one period"):
        checked_flow(flow.head(0))


@pytest.mark.parametrize("kind", ["period", "numbers", "text", "missing"])
def test_periods_that_are_no_dates_are_refused(kind):
    """Nothing is read as a date that is none; what was found is said."""
    flow = customer_flow(load_cdnow(), period="quarter", observation_end="1998-06-30")
    index, said = {
        "period": (flow.index.to_period("Q"), r"PeriodIndex of period, first Period\('1997Q1'"),
        "numbers": (range(6), "RangeIndex of integer, first 0"),
        "text": ([f"Q{i} 2020" for i in range(6)], "Index of string, first 'Q0 2020'"),
        "missing": ([*flow.index[:5], pd.NaT], "DatetimeIndex of missing days"),
    }[kind]
    with pytest.raises(
        ValueError, match="periods must be dates, the first day of each; found " + said
    ):
        checked_flow(flow.set_axis(pd.Index(index, name="period")))


def test_dates_of_every_kind_are_taken():
    """Arrow and databases give plain dates."""
    flow = customer_flow(load_cdnow(), period="quarter", observation_end="1998-06-30")
    plain = flow.set_axis(pd.Index(list(flow.index.date), dtype=object, name="period"))
    assert checked_flow(plain).index.equals(flow.index)


@pytest.mark.parametrize(
    ("largest", "steps"),
    [
        (1.0, [0, 1]),
        (2.0, [0, 1, 2]),
        (4.0, [0, 1, 2, 3, 4]),
        (7.0, [0, 2, 4, 6]),
        (10.0, [0, 5, 10]),
        (100.0, [0, 25, 50, 75, 100]),
    ],
)
def test_steps_of_customers_are_whole(largest, steps):
    """There is no half customer."""
    assert whole_steps(largest, 5) == steps


def test_ticks_are_few_and_end_with_the_last():
    """Every period, or every second, third, ..."""
    assert shown_ticks(4, 6).tolist() == [0, 1, 2, 3]
    assert shown_ticks(10, 4).tolist() == [0, 3, 6, 9]
    assert shown_ticks(1, 4).tolist() == [0]
