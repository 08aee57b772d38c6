"""Rates of retention and churn from the customers at the start and at the end of a period."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.arguments import read_probability
from custvalue._estimator.door import Table, require, row_name, such_rows
from custvalue.exceptions import DataQualityWarning
from custvalue.retention._figures import read_figures
from custvalue.retention._rates import Rates, kept_rates

__all__ = ["churn_rate", "retention_rate"]


def retention_rate(
    *, start: Any, end: Any, new: Any, won_back: Any = 0, level: float = 0.95
) -> pd.DataFrame:
    r"""Return the share of the customers at the start of a period who are there at its end.

    With S customers at the start, E at the end, N of them new and W won back,

    .. math:: \text{retention rate} = \frac{E - N - W}{S}.

    Who was lost before the period and came back in it is neither new nor kept: count these
    customers in ``won_back``. Left in E alone, they would pass for customers who were kept.

    Parameters
    ----------
    start : int, array-like or Series of shape (n_periods,)
        Customers at the start of the period, S.
    end : int, array-like or Series of shape (n_periods,)
        Customers at its end, E.
    new : int, array-like or Series of shape (n_periods,)
        Those of E who became customers in the period, N.
    won_back : int, array-like or Series of shape (n_periods,), default=0
        Those of E who were customers before, but not at the start, W.
    level : float, default=0.95
        Probability that the interval holds, between 0 and 1.

    Returns
    -------
    pandas.DataFrame of shape (n_periods, 3)
        ``rate`` and the ends ``lower`` and ``upper`` of its interval; one row for numbers. The
        index is that of the Series given, if there is one. NaN where nobody was there at the start.

    Raises
    ------
    custvalue.exceptions.DataError
        If a number of customers is not whole, or negative; if new customers and those won back are
        more than there are at the end, or those kept more than there were at the start.
    ValueError
        If ``level`` is not between 0 and 1, an array is not 1-D, lengths differ, or the indexes of
        two Series differ.

    Warns
    -----
    custvalue.exceptions.DataQualityWarning
        If nobody was there at the start of a period: its rate is not defined, neither 0 nor 1.

    See Also
    --------
    churn_rate : The share that was lost.
    customer_flow : The numbers of customers, counted from orders.

    Notes
    -----
    The interval is that of Wilson [1]_ for a share of S customers, each of whom stays with one
    chance and alone. It says how far chance carries the rate of such a period, not how the rate
    will move from one period to the next.

    References
    ----------
    .. [1] E. B. Wilson (1927), "Probable inference, the law of succession, and statistical
       inference", Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> from custvalue.retention import retention_rate
    >>> retention_rate(start=1000, end=950, new=150).round(4)
       rate   lower   upper
    0   0.8  0.7741  0.8236
    >>> retention_rate(start=1000, end=950, new=150, won_back=[0, 50]).round(4)
       rate   lower   upper
    0  0.80  0.7741  0.8236
    1  0.75  0.7222  0.7758
    """
    counts = {"start": start, "end": end, "new": new, "won_back": won_back}
    table = _read_counts(counts, "retention_rate")
    return _as_frame(_rates(table, level), table.index)


def churn_rate(
    *, start: Any, end: Any, new: Any, won_back: Any = 0, level: float = 0.95
) -> pd.DataFrame:
    """Return the share of the customers at the start of a period who are lost at its end.

    It is 1 - `retention_rate`, which says more.

    Parameters
    ----------
    start : int, array-like or Series of shape (n_periods,)
        Customers at the start of the period.
    end : int, array-like or Series of shape (n_periods,)
        Customers at its end.
    new : int, array-like or Series of shape (n_periods,)
        Those at the end who became customers in the period.
    won_back : int, array-like or Series of shape (n_periods,), default=0
        Those at the end who were customers before, but not at the start.
    level : float, default=0.95
        Probability that the interval holds, between 0 and 1.

    Returns
    -------
    pandas.DataFrame of shape (n_periods, 3)
        ``rate`` and the ends ``lower`` and ``upper`` of its Wilson interval; NaN where nobody was
        there at the start.

    Raises
    ------
    custvalue.exceptions.DataError
        If the numbers of customers cannot be; see `retention_rate`.
    ValueError
        If ``level`` is not between 0 and 1, an array is not 1-D, lengths differ, or the indexes of
        two Series differ.

    Warns
    -----
    custvalue.exceptions.DataQualityWarning
        If nobody was there at the start of a period.

    See Also
    --------
    retention_rate : The share that was kept.

    Examples
    --------
    >>> from custvalue.retention import churn_rate
    >>> churn_rate(start=1000, end=950, new=150).round(4)
       rate   lower   upper
    0   0.2  0.1764  0.2259
    """
    counts = {"start": start, "end": end, "new": new, "won_back": won_back}
    table = _read_counts(counts, "churn_rate")
    return _as_frame(_rates(table, level).complement(), table.index)


def _read_counts(counts: Mapping[str, Any], owner: str) -> Table:
    """Return the numbers of customers as columns of one table."""
    table = read_figures(counts, owner)
    _check_counts(table)
    return table


def _check_counts(table: Table) -> None:
    """Check that the numbers are whole and can belong to one period."""
    for name in table.columns:
        whole = np.asarray((table[name] >= 0) & (table[name] == np.floor(table[name])))
        require(table, whole, f"{name} must be a whole number of customers", [name])
    start, end, new, won_back = (table[name] for name in ("start", "end", "new", "won_back"))
    rule = "new and won_back are among the customers at the end, so that they must not exceed end"
    require(table, new + won_back <= end, rule, ["end", "new", "won_back"])
    rule = (
        "the customers kept, end - new - won_back, must not exceed start (state in won_back who "
        "came back after having been lost)"
    )
    require(table, end - new - won_back <= start, rule, ["start", "end", "new", "won_back"])


def _rates(table: Table, level: float) -> Rates:
    level = read_probability(level, "level")
    nobody = table["start"] == 0
    if nobody.any():
        warnings.warn(
            "the rate is not defined where start is 0, and missing; so in "
            f"{row_name(table.index, int(np.argmax(nobody)))} ({such_rows(int(nobody.sum()))})",
            DataQualityWarning,
            stacklevel=3,
        )
    return kept_rates(table["end"] - table["new"] - table["won_back"], table["start"], level)


def _as_frame(rates: Rates, index: pd.Index | None) -> pd.DataFrame:
    columns = {"rate": rates.rate, "lower": rates.lower, "upper": rates.upper}
    return pd.DataFrame(columns, index=index)
