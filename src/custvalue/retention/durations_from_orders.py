"""How long customers stayed, read from an order log by a rule of inactivity."""

from __future__ import annotations

import datetime
import math
import warnings
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import numpy as np
import pandas as pd
import pyarrow as pa

from custvalue._estimator.arguments import is_number
from custvalue._estimator.output import build_frame
from custvalue._estimator.parameters import as_day, check_choice
from custvalue._numerics.time_units import DAYS_PER_UNIT, parse_horizon
from custvalue._tables.door import OpenTable, open_table
from custvalue._tables.orders import check_order_parts, check_order_types
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.retention._curve_groups import group_columns, spans_as_text
from custvalue.retention._order_durations import (
    DurationRules,
    conflicts,
    count_days,
    customer_days,
    customer_lives,
    duration_table,
    group_parts,
)

__all__ = ["durations_from_orders"]

_OWNER = "durations_from_orders"
_RESULTS = ("duration", "churned")
_GROUPS = (dt.Numeric, dt.String, dt.Boolean, dt.Date, dt.Timestamp, dt.UUID)


def durations_from_orders(
    X: Any,
    *,
    inactivity: float | str | datetime.timedelta | np.timedelta64,
    customer: str = "customer_id",
    date: str = "date",
    observation_end: str | datetime.date | np.datetime64 | None = None,
    time_unit: str = "month",
    reactivation: str = "lapse",
    by: Any = None,
) -> Any:
    r"""Read from an order log how long customers stayed, where nobody says when they leave.

    A customer has left when ``inactivity`` has passed without an order. With the first order on day
    :math:`t_0`, the last order before that silence on day :math:`t_l`, and the end of observation
    :math:`t_e`:

    * left: ``duration`` :math:`= t_l + \text{inactivity} - t_0`, the day on which it is known;
    * else still there: ``duration`` :math:`= t_e - t_0`.

    That day depends on what happened up to it alone. Were a life to end with the last order
    instead, nobody could leave in the last ``inactivity`` before the end of observation, though
    customers are at risk there: the curve would be too high.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, DuckDB relation, Ibis table, Spark DataFrame, path or glob
        One row per order or order line; orders of one day are one. The day of a time with a zone is
        that of its own zone in a frame; of UTC in files and DuckDB relations, with a warning,
        whatever the zone of the session; of the session's zone in Ibis tables (with a warning) and
        Spark.
    inactivity : float, str, datetime.timedelta, pandas.Timedelta or numpy.timedelta64
        How long without an order means left: a positive number in ``time_unit``, a length of time,
        or words such as "90 days". A month is 365.25 / 12 days.
    customer : str, default="customer_id"
        Column of the customer's id.
    date : str, default="date"
        Column of the order's date or time.
    observation_end : str, date or Timestamp, or None, default=None
        Last day of observation; later orders are left out, with a warning. None: the day of the
        last order, with a warning.
    time_unit : {"day", "week", "month", "year"}, default="month"
        What durations are measured in.
    reactivation : {"lapse", "ignore"}, default="lapse"
        What orders after a silence of at least ``inactivity`` mean. "lapse": the first such silence
        ends the life, whatever follows: what was known then. "ignore": a later order undoes it, and
        only the silence at the end counts. A silence near the end of observation has had little
        time to be undone: more customers seem to leave there than at the same age before.
    by : str, sequence of str or None, default=None
        Columns to keep, to make groups of: their value on the day of the first order. Periods and
        intervals become text.

    Returns
    -------
    frame of shape (n_customers, 2 + number of columns in by)
        ``duration`` in ``time_unit``, ``churned`` (bool) and the columns of ``by``. Of the kind of
        X: pandas with the customer as index (from paths too), polars or pyarrow with the customer
        first, or a table that nothing has run yet from Ibis and Spark (from DuckDB an Ibis table).
        pandas notes the unit in ``attrs["time_unit"]``, pyarrow in the metadata of the schema, and
        `RetentionCurve` refuses another; the other kinds cannot carry it.

    Raises
    ------
    ValueError
        If a parameter is not what it must be.
    custvalue.exceptions.DataError
        If a column is missing or of a wrong type, a value is missing, there are no orders up to the
        end of observation, or the first day of a customer has two values of a column of ``by``.
    TypeError
        If X is not a table.

    Warns
    -----
    custvalue.exceptions.DataQualityWarning
        If orders lie after ``observation_end``, or it was inferred.

    See Also
    --------
    RetentionCurve : The curve of these durations.

    Notes
    -----
    Nobody can leave before ``inactivity`` has passed, so that the curve is 1 until then, and falls
    there by the share of those who ordered once. Choose ``inactivity`` so long that few return from
    a silence of that length.

    Customers of before the first day of the log look newer than they are; leave them out, or keep
    to customers whose first order is known.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.retention import durations_from_orders
    >>> orders = pd.DataFrame({
    ...     "customer_id": ["a", "a", "a", "b", "c"],
    ...     "date": pd.to_datetime(
    ...         ["2024-01-01", "2024-01-29", "2024-06-03", "2024-01-08", "2024-06-17"]
    ...     ),
    ... })
    >>> log = {"time_unit": "week", "observation_end": "2024-07-01"}
    >>> durations_from_orders(orders, inactivity="90 days", **log).round(2)
                 duration  churned
    customer_id
    a               16.86     True
    b               12.86     True
    c                2.00    False

    Customer "a" came back after 18 weeks, which undoes the silence if it may:

    >>> durations_from_orders(orders, inactivity="90 days", reactivation="ignore", **log).round(2)
                 duration  churned
    customer_id
    a               26.00    False
    b               12.86     True
    c                2.00    False
    """
    columns = _columns(customer, date, by)
    time_unit = check_choice(time_unit, "time_unit", tuple(DAYS_PER_UNIT))
    rules = DurationRules(
        inactivity=_days(inactivity, time_unit),
        forgiving=check_choice(reactivation, "reactivation", ("lapse", "ignore")) == "ignore",
        time_unit=time_unit,
        n_groups=len(columns) - 2,
    )
    end = None if observation_end is None else as_day(observation_end, "observation_end")
    with open_table(_labelled(X, columns), columns, owner=_OWNER) as opened:
        check_order_types(opened)
        _check_group_types(opened, rules)
        days = opened.keep(customer_days(opened.table, rules))
        [counts] = opened.collect(count_days(days, rules, end)).to_pylist()
        missing = {part: counts[f"n_no_{part}"] for part in columns}
        check_order_parts(opened, counts["n_rows"], missing, _OWNER)
        last = _observed_until(counts, end)
        lives = opened.keep(customer_lives(days, rules, last))
        _check_groups(opened, lives, rules)
        return _as_kind(opened, duration_table(lives, rules, last, columns), time_unit)


def _columns(customer: Any, date: Any, by: Any) -> dict[str, str]:
    """Return the columns of the log, from the part that each plays to its name."""
    groups = group_columns(by, _RESULTS)
    if str(customer).casefold() in _RESULTS:
        raise ValueError(
            f"customer must not be named like a column of the result ({', '.join(_RESULTS)}); "
            f"found {customer!r}"
        )
    taken = [name for name in groups if name in (customer, date)]
    if taken:
        raise ValueError(f"by must not name the column of customer or date; found {taken[0]!r}")
    parts = group_parts(len(groups))
    return {"customer": customer, "date": date, **dict(zip(parts, groups, strict=True))}


def _labelled(X: Any, columns: dict[str, str]) -> Any:
    """Return X with periods and intervals that make groups as text."""
    groups = tuple(columns.values())[2:]
    if isinstance(X, pd.DataFrame):
        return spans_as_text(X, "pandas", groups)
    return spans_as_text(X, "pyarrow", groups) if isinstance(X, (pa.Table, pa.RecordBatch)) else X


def _check_group_types(opened: OpenTable, rules: DurationRules) -> None:
    for part in group_parts(rules.n_groups):
        found = opened.table[part].type()
        if not (found.is_null() or isinstance(found, _GROUPS)):
            raise DataError(
                f"column {opened.names[part]!r} of by must hold numbers, text, dates, periods or "
                f"intervals; found {found}. Turn it into text first, for example with "
                ".astype(str) in pandas"
            )


def _days(inactivity: Any, time_unit: str) -> float:
    """Return the inactivity in days."""
    days = _length(inactivity)
    if is_number(inactivity):
        days = float(inactivity) * DAYS_PER_UNIT[time_unit]
    if not 0 < days < math.inf:
        raise ValueError(
            "inactivity must be a positive number of time units, a length of time, or words such "
            f"as '90 days'; found {inactivity!r}"
        )
    return days


def _length(value: Any) -> float:
    """Return a length of time, or words for one, in days; NaN of anything else."""
    if isinstance(value, str):
        try:
            return parse_horizon(value, "day")
        except ValueError:
            return math.nan
    if isinstance(value, datetime.timedelta):
        return value / datetime.timedelta(days=1)
    if not isinstance(value, np.timedelta64) or np.isnat(value):
        return math.nan
    unit, step = np.datetime_data(value.dtype)
    if unit in ("M", "Y"):
        days = DAYS_PER_UNIT["month" if unit == "M" else "year"]
        return float(value.astype(np.int64)) * step * days
    return math.nan if unit == "generic" else float(value / np.timedelta64(1, "D"))


def _observed_until(counts: dict[str, Any], end: datetime.date | None) -> datetime.date:
    """Return the last day of observation; warn where it is a guess, or orders lie after it."""
    if end is None:
        last: datetime.date = counts["last_day"]
        _warn(
            f"observation_end was inferred to be {last}, the day of the last order; state it, "
            "since days without orders count too"
        )
        return last
    if counts["first_day"] > end:
        raise DataError(
            f"observation_end must not lie before the first order; found {end}, and the first of "
            f"{counts['n_rows']} orders on {counts['first_day']}"
        )
    if counts["n_later"]:
        _warn(
            f"{counts['n_later']} of {counts['n_rows']} orders lie after the observation_end {end} "
            "and are left out"
        )
    return end


def _warn(message: str) -> None:
    warnings.warn(message, DataQualityWarning, stacklevel=4)


def _check_groups(opened: OpenTable, lives: Any, rules: DurationRules) -> None:
    """Raise where the first day of a customer has several values of a group."""
    if not rules.n_groups:
        return
    found = conflicts(lives, rules)
    count = opened.collect(found.aggregate(count=found.count()))["count"][0].as_py()
    if not count:
        return
    first = opened.collect(found.order_by("customer").limit(1)).to_pylist()[0]
    names = [opened.names[part] for part in group_parts(rules.n_groups)]
    shown = next(i for i in range(rules.n_groups) if first[f"low{i}"] != first[f"high{i}"])
    raise DataError(
        f"by must name columns with one value on the day of a customer's first order; customer "
        f"{first['customer']!r} has {names[shown]}={first[f'low{shown}']!r} and "
        f"{first[f'high{shown}']!r} on {first['first']} ({count} such "
        f"customer{'' if count == 1 else 's'})"
    )


def _as_kind(opened: OpenTable, table: Any, time_unit: str) -> Any:
    """Return the durations in the kind of table that was given, sorted by customer."""
    if opened.kind in ("ibis", "spark") and not opened.private:
        return opened.unrun(table)
    customer = opened.names["customer"]
    rows = opened.collect(table.order_by(customer))
    if opened.kind == "ibis":
        return ibis.memtable(rows)
    if opened.kind == "pandas":
        frame = rows.to_pandas()
        # set_index would turn ids that happen to be consecutive into a range.
        frame.index = pd.Index(frame.pop(customer), name=customer)
        frame.attrs["time_unit"] = time_unit
        return frame
    if opened.kind == "polars":
        columns = dict(zip(rows.column_names, rows.columns, strict=True))
        return build_frame(columns, kind="polars", index=None)
    return rows.replace_schema_metadata({**(rows.schema.metadata or {}), "time_unit": time_unit})
