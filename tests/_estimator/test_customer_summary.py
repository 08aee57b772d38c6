"""The shared rules of a customer summary, one by one."""

import pandas as pd
import pytest

from custvalue._estimator.customer_summary import (
    HISTORY,
    check_frequency,
    check_history,
    check_intervals,
    check_spend,
    check_time_unit,
)
from custvalue._estimator.door import read_table
from custvalue.exceptions import DataError


def table(**changes):
    """Return a valid summary of two customers with some columns replaced."""
    columns = {"frequency": [0, 2], "recency": [0, 5], "T": [9, 9], "monetary_value": [0, 7]}
    return read_table(pd.DataFrame(columns | changes), (*HISTORY, "monetary_value"))


def test_a_valid_summary_passes_every_rule():
    """Nothing is raised for customers that can be."""
    for check in (check_frequency, check_history, check_spend):
        check(table())


BROKEN = {
    "frequency negative": (check_frequency, {"frequency": [0, -1]}),
    "frequency whole": (check_frequency, {"frequency": [0, 1.5]}),
    "frequency exceed": (check_frequency, {"frequency": [0, 2e9]}),
    "recency negative": (check_history, {"recency": [0, -1]}),
    "T negative": (check_history, {"T": [-1, 9]}),
    "T exceed": (check_history, {"T": [9, 2e9]}),
    "recency exceed T": (check_history, {"recency": [0, 10]}),
    "recency 0 exactly when frequency is 0": (check_history, {"recency": [1, 5]}),
    "monetary_value positive": (check_spend, {"monetary_value": [0, 0]}),
    "monetary_value 0 where frequency is 0": (check_spend, {"monetary_value": [1, 7]}),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_each_broken_rule_is_named(rule):
    """The message has the words of the rule and counts the row."""
    check, changes = BROKEN[rule]
    with pytest.raises(DataError, match=r".*".join(rule.split()) + r".*\(1 such row\)"):
        check(table(**changes))


def intervals(**changes):
    """Return two customers with the logarithms of their times between purchases."""
    columns = {"frequency": [0, 2], "recency": [0, 5.0], "T": [9, 9], "log_interval_sum": [0, 1.8]}
    return read_table(pd.DataFrame(columns | changes), (*HISTORY, "log_interval_sum"))


def test_logarithms_of_intervals_are_at_most_those_of_equal_ones():
    """2 log(5 / 2) is 1.83; what exceeds it was measured in another unit."""
    check_intervals(intervals())
    with pytest.raises(DataError, match=r"must not exceed frequency \* log.*\(1 such row\)"):
        check_intervals(intervals(log_interval_sum=[0, 1.84]))
    with pytest.raises(DataError, match="must be 0 where frequency is 0"):
        check_intervals(intervals(log_interval_sum=[-0.1, 1.8]))


def test_units_are_compared_only_where_both_are_known():
    """A frame without a unit goes with every model; two units must agree."""
    weeks = pd.DataFrame({"frequency": [0], "recency": [0], "T": [9]})
    assert check_time_unit(read_table(weeks, HISTORY), "week") is None
    weeks.attrs["time_unit"] = "week"
    assert check_time_unit(read_table(weeks, HISTORY), None) == "week"
    with pytest.raises(DataError, match="time_unit 'day'; it was measured in 'week'"):
        check_time_unit(read_table(weeks, HISTORY), "day")
