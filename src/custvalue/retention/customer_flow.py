"""The flow of customers, counted from orders: who came, stayed, left and returned in a period."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.arguments import read_probability, read_whole_number
from custvalue._estimator.output import build_frame
from custvalue._estimator.parameters import as_day, check_choice
from custvalue._tables.calendar_periods import (
    PERIODS,
    first_days,
    last_whole_period,
    period_number,
)
from custvalue._tables.door import OpenTable, open_table
from custvalue._typing import AnyArray
from custvalue.retention._customer_flow import (
    FlowRules,
    count_lines,
    customer_periods,
    flow_events,
    period_sums,
)
from custvalue.retention._customer_flow_orders import (
    LineCounts,
    check_lines,
    check_types,
    observed_until,
)
from custvalue.retention._flow_periods import flow_columns

__all__ = ["customer_flow"]


def customer_flow(
    X: Any,
    *,
    customer: str = "customer_id",
    date: str = "date",
    amount: str | None = None,
    period: str = "month",
    observation_end: str | datetime.date | np.datetime64 | None = None,
    inactive_periods: int = 1,
    reactivation: str = "won_back",
    level: float = 0.95,
) -> Any:
    r"""Count the customers who are new, kept, lost and won back in each period.

    Orders do not say when a customer leaves; a rule does. With k = ``inactive_periods``, a customer
    is in the *base* at the end of a period if they ordered in it or in one of the k - 1 periods
    before it. In each period

    * ``start`` is the base at the end of the period before, ``end`` that of this one;
    * ``new`` ordered for the first time in X;
    * ``lost`` are in the base at the start and not at the end: their last order is k periods ago;
    * ``kept`` are in both;
    * ``won_back`` ordered before, were not in the base at the start, and ordered again. With
      ``reactivation="new"`` they count as new.

    So kept + lost = start, and start + new + won back - lost = end. The retention rate is
    kept / start.

    With an amount, the revenue of a customer at some time is that of the last k periods; with k = 1
    it is the revenue of the period. ``revenue_start`` is what the base brought in the k periods
    before this one. Of customers who are kept, ``expansion`` is how much more, and ``contraction``
    how much less, they brought at the end than at the start. Then

    .. math::
        \text{gross retention} &= \frac{\text{start} - \text{churned} - \text{contraction}}
                                       {\text{start}} \le 1, \\
        \text{net retention} &= \text{gross retention} + \frac{\text{expansion}}{\text{start}},

    and start + new + won back + expansion - contraction - churned revenue is ``revenue_end``.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, DuckDB relation, Ibis table, Spark DataFrame, path or glob
        One row per order or order line. Neither changed nor kept.
    customer : str, default="customer_id"
        Column of the customer's id.
    date : str, default="date"
        Column of the order's date or time; text is refused. Times that have a zone are read as the
        wall clock of their own zone; files and engines that keep instants without a zone are read
        in UTC, with a warning; Spark's are read as Spark shows them, in the session's zone.
    amount : str or None, default=None
        Column of what the order is worth. None: no revenue. Negative amounts are refunds: the
        amounts of one customer and period are added up. A period that refunds bring to zero or
        below is no order; what they take below zero is in ``unmatched_refunds`` alone. An order of
        amount zero is one.
    period : {"day", "week", "month", "quarter", "year"}, default="month"
        Calendar periods; weeks begin on Monday.
    observation_end : str, date or Timestamp, or None, default=None
        Last day of observation; orders on that day count, later ones are left out. None: the day of
        the last order, with a warning.
    inactive_periods : int, default=1
        Periods without an order after which a customer is lost, k. Choose it so that few of those
        who are called lost come back: the column ``won_back`` tells.
    reactivation : {"won_back", "new"}, default="won_back"
        What a customer is who was lost and orders again.
    level : float, default=0.95
        Probability that the interval of the retention rate holds, between 0 and 1.

    Returns
    -------
    frame of shape (n_periods, n_columns)
        One row a period, from that of the first order to that of ``observation_end``, also where
        nothing happened. polars and Arrow frames from their own, with the first day of the period
        as column ``period`` of dates; else pandas, with it as index of times. Columns
        ``complete``, ``start``, ``new``, ``kept``, ``lost``, ``won_back``, ``end``,
        ``retention_rate``, its interval ``lower`` and ``upper`` (Wilson), ``churn_rate``. With an
        amount ``revenue_start``, ``new_revenue``, ``won_back_revenue``, ``expansion``,
        ``contraction``, ``churned_revenue``, ``revenue_end``, ``gross_revenue_retention``,
        ``net_revenue_retention``, ``unmatched_refunds``; money in the currency of X, none of it
        negative.

    Raises
    ------
    ValueError
        If a parameter is not what it must be.
    custvalue.exceptions.DataError
        If the orders break a rule; the message names column, rule, number and first of the rows.
    TypeError
        If X is not a table.

    Warns
    -----
    custvalue.exceptions.DataQualityWarning
        If the end of observation was inferred, or orders lie after it; if dates are instants
        without a zone of their own.

    See Also
    --------
    retention_rate : The rate from numbers of customers.
    churn_rate : The share lost.

    Notes
    -----
    Rates are missing (NaN) where they are not known: in the first k periods, before which nobody
    can have been away for k periods; in a period that ``observation_end`` cuts short (``complete``
    is False), whose ``lost`` may still order; and where nobody is in the base at the start. Counts
    of an incomplete period are those up to that day.

    An order log begins somewhere. Who bought before it counts as new at the first order in it, so
    that the first periods have too many new customers.

    With k > 1 the revenue of the last k periods at the start and that at the end share k - 1
    periods; the rates are those of one period all the same. A customer who came less than k periods
    ago has had fewer periods at the start than at the end, so that net retention is too high while
    new customers come in: for rates of revenue take k = 1.

    The interval holds the chance of customers who leave independently of each other; it does not
    hold a season, which moves all of them at once.

    The orders are read once; the engine that holds them (for frames and files a private DuckDB)
    counts, and only one row a period comes back.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.retention import customer_flow
    >>> orders = pd.DataFrame({
    ...     "customer_id": ["a", "b", "a", "c", "b", "c"],
    ...     "date": pd.to_datetime(["2024-01-05", "2024-01-20", "2024-02-03", "2024-02-10",
    ...                             "2024-03-01", "2024-03-15"]),
    ...     "amount": [10.0, 20.0, 30.0, 5.0, 20.0, 4.0],
    ... })
    >>> flow = customer_flow(orders, amount="amount", observation_end="2024-03-31")
    >>> flow[["start", "new", "kept", "lost", "won_back", "end", "retention_rate"]]
                start  new  kept  lost  won_back  end  retention_rate
    period
    2024-01-01      0    2     0     0         0    2             NaN
    2024-02-01      2    1     1     1         0    2             0.5
    2024-03-01      2    0     1     1         1    2             0.5
    >>> flow[["revenue_start", "churned_revenue", "contraction", "expansion"]]
                revenue_start  churned_revenue  contraction  expansion
    period
    2024-01-01            0.0              0.0          0.0        0.0
    2024-02-01           30.0             20.0          0.0       20.0
    2024-03-01           35.0             30.0          1.0        0.0
    >>> flow[["gross_revenue_retention", "net_revenue_retention"]].round(3)
                gross_revenue_retention  net_revenue_retention
    period
    2024-01-01                      NaN                    NaN
    2024-02-01                    0.333                  1.000
    2024-03-01                    0.114                  0.114
    """
    rules = FlowRules(
        has_amount=amount is not None,
        period=check_choice(period, "period", PERIODS),
        inactive_periods=read_whole_number(inactive_periods, "inactive_periods", 1),
        returning_are_new=check_choice(reactivation, "reactivation", ("won_back", "new")) == "new",
        end=None if observation_end is None else as_day(observation_end, "observation_end"),
    )
    level = read_probability(level, "level")
    columns = {"customer": customer, "date": date, "amount": amount}
    names = {part: name for part, name in columns.items() if name is not None}
    with open_table(X, names, owner="customer_flow") as opened:
        check_types(opened)
        periods = opened.keep(customer_periods(opened.table, rules))
        [counted] = opened.collect(count_lines(periods)).to_pylist()
        counts = LineCounts(**counted)
        check_lines(opened, counts, rules)
        end = observed_until(counts, rules)
        events = flow_events(periods, rules)
        sums = opened.collect(period_sums(events, periods, rules))
    found = {name: sums[name].to_numpy() for name in sums.column_names}
    return _as_frame(found, counts, end, rules, level, opened)


def _as_frame(
    sums: Mapping[str, AnyArray],
    counts: LineCounts,
    end: datetime.date,
    rules: FlowRules,
    level: float,
    opened: OpenTable,
) -> Any:
    """Return the flow as a frame, one row a period."""
    last = period_number(end, rules.period)
    span = np.arange(period_number(counts.first_day, rules.period), last + 1, dtype=np.int64)
    columns = flow_columns(
        sums,
        last_whole=last_whole_period(end, rules.period),
        k=rules.inactive_periods,
        level=level,
        span=span,
    )
    days = first_days(span, rules.period)
    if opened.kind in ("polars", "pyarrow"):
        dated = {"period": days.astype("datetime64[D]"), **columns}
        return build_frame(dated, kind=opened.kind, index=None)
    return build_frame(columns, kind="pandas", index=pd.DatetimeIndex(days, name="period"))
