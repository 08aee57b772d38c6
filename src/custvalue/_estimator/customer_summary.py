"""The rules of a customer summary, which every room that reads one shares."""

from __future__ import annotations

import numpy as np

from custvalue._estimator.door import Table, require
from custvalue.exceptions import DataError

__all__ = [
    "HISTORY",
    "check_frequency",
    "check_history",
    "check_intervals",
    "check_spend",
    "check_time_unit",
]

HISTORY = ("frequency", "recency", "T")
_MOST_PURCHASES = 1e9
_LONGEST = 1e9


def check_history(table: Table) -> None:
    """Check that frequency, recency and T of every customer can be.

    Raises
    ------
    DataError
        If a row breaks a rule.
    """
    frequency, recency, T = (table[name] for name in HISTORY)
    check_frequency(table)
    require(table, recency >= 0, "recency must not be negative", ["recency"])
    require(table, T >= 0, "T must not be negative", ["T"])
    require(table, T <= _LONGEST, f"T must not exceed {_LONGEST:g} time units", ["T"])
    require(table, recency <= T, "recency must not exceed T", ["recency", "T"])
    require(
        table,
        (recency == 0) == (frequency == 0),
        "recency must be 0 exactly when frequency is 0 "
        "(it is the time from first to last purchase, not the time since)",
        ["frequency", "recency"],
    )


def check_frequency(table: Table) -> None:
    """Check that the number of repeat purchases is one.

    Raises
    ------
    DataError
        If a frequency is negative, not whole, or beyond a thousand million.
    """
    frequency = table["frequency"]
    require(table, frequency >= 0, "frequency must not be negative", ["frequency"])
    whole = np.asarray(frequency == np.floor(frequency))
    require(table, whole, "frequency must be a whole number", ["frequency"])
    most = f"frequency must not exceed {_MOST_PURCHASES:g}"
    require(table, frequency <= _MOST_PURCHASES, most, ["frequency"])


def check_intervals(table: Table) -> None:
    """Check that the times between purchases can have the logarithms that they are said to have.

    The mean of the logarithms is at most the logarithm of the mean, recency / frequency.

    Raises
    ------
    DataError
        If a row breaks the rule.
    """
    frequency, recency = table["frequency"], table["recency"]
    found, again = table["log_interval_sum"], frequency > 0
    most = np.zeros_like(found)
    most[again] = frequency[again] * np.log(recency[again] / frequency[again])
    rounding = 1e-6 * (1 + np.abs(most))
    names = ["frequency", "recency", "log_interval_sum"]
    require(table, (found == 0) | again, "log_interval_sum must be 0 where frequency is 0", names)
    rule = (
        "log_interval_sum must not exceed frequency * log(recency / frequency) "
        "(it is the sum of the logarithms of the times between purchases, in the unit of recency)"
    )
    require(table, found <= most + rounding, rule, names)


def check_spend(table: Table) -> None:
    """Check that the mean spend is positive for repeat buyers and 0 for the others.

    Raises
    ------
    DataError
        If a row breaks a rule.
    """
    frequency, spend = table["frequency"], table["monetary_value"]
    names = ["frequency", "monetary_value"]
    positive = (spend > 0) | (frequency == 0)
    require(table, positive, "monetary_value must be positive where frequency is not 0", names)
    rule = "monetary_value must be 0 where frequency is 0 (it is the mean of repeat purchases)"
    require(table, (spend == 0) | (frequency > 0), rule, names)


def check_time_unit(table: Table, expected: str | None) -> str | None:
    """Check the unit that a table says it is measured in, if it says one, and return it.

    Parameters
    ----------
    table : Table
    expected : str or None
        None expects nothing.

    Returns
    -------
    str or None

    Raises
    ------
    DataError
        If the table says another unit than the one expected.
    """
    found = table.attrs.get("time_unit")
    if None not in (found, expected) and found != expected:
        raise DataError(
            f"X must be measured in time_unit {expected!r}; it was measured in {found!r}"
        )
    return found if isinstance(found, str) else None
