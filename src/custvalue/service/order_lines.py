"""Service levels from order lines: on time, in full, fill rates, stock-outs, order cycle."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np

from custvalue._estimator.parameters import as_day, check_choice
from custvalue.exceptions import DataError
from custvalue.service._order_lines import group_sums, judged_criteria
from custvalue.service._order_lines_frames import (
    METRICS,
    as_kind,
    metric_columns,
    sorted_groups,
    unknown_counts,
)
from custvalue.service._order_lines_input import (
    ReadLines,
    choose_parts,
    read_order_lines,
    warn_of_dropped,
)
from custvalue.service._order_lines_quality import quality_counts
from custvalue.service._order_lines_rules import (
    CRITERIA,
    PARTS,
    LineRules,
    check_columns,
    check_days,
    check_names_of_columns,
)

__all__ = ["order_line_metrics"]

_OWNER = "order_line_metrics"
_BY_ORDER = (*CRITERIA, "reliable", "units")
"""What is counted of lines where what is two criteria together follows from the orders."""


def order_line_metrics(
    X: Any,
    by: str | Sequence[str] | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    per: str = "order",
    reference: str = "promised",
    tolerance: int = 0,
    early: int | None = None,
    as_of: str | datetime.date | np.datetime64 | None = None,
    on_negative: str = "raise",
    cycle_from: str | None = "auto",
    level: float = 0.95,
) -> Any:
    r"""Measure the service that order lines got: on time, in full, without error, how fast.

    Each metric appears where its columns are there. What is not known is not failed: a line of
    which a date, quantity or flag is missing is left out of that metric alone, and counted.

    =========================  ================================================================
    metric                     what it is
    =========================  ================================================================
    ``on_time``                delivered at most ``tolerance`` days after the reference day
    ``in_full``                delivered as much as ordered
    ``otif``                   both
    ``unit_fill_rate``         :math:`\sum \min(d, q) / \sum q` over lines, q units ordered and d
                               delivered: what one line gets too much helps no other
    ``on_time_unit_rate``      the same with d = 0 for lines that are not on time: the share of the
                               units ordered that came within the set time
    ``line_fill_rate``         share of lines in full
    ``order_fill_rate``        share of orders with all lines in full
    ``stock_out_frequency``    share of lines delivered short, 1 - ``line_fill_rate``
    ``undamaged``              nothing damaged
    ``documents``              documents correct
    ``error_free``             both
    ``order_cycle_time_*``     days from the order to its last delivery: ``mean``, ``sd`` (sample),
                               ``cv`` (sd / mean), ``p90`` (90 % quantile), and ``n`` orders
    ``cycle_reliability``      orders delivered by the promised day, without tolerance, among those
                               whose deliveries are known
    =========================  ================================================================

    An order meets a criterion if all of its lines do. It fails if one line fails, and is unknown if
    none is known to fail and one is unknown.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, DuckDB relation, Ibis table, path or glob
        One row per order line. Neither changed nor kept.
    by : str or sequence of str, or None, default=None
        Columns to group by: customer, segment, region, warehouse, product. An order whose lines are
        in several groups counts in each, with the lines that it has there. Groups are sorted by
        their labels, those of a pandas categorical too: the order of categories is not kept.
    columns : mapping of str to str, or None, default=None
        Names of columns that differ from the part they play, such as ``{"order": "order_no"}``. The
        parts are ``order`` (always needed), ``ordered`` and ``delivered_quantity`` (units),
        ``promised``, ``requested``, ``placed`` and ``delivered`` (days), ``damaged`` and
        ``documents_correct`` (True or False), ``customer`` (an order of two customers is an error).
    per : {"order", "line"}, default="order"
        What ``on_time``, ``in_full``, ``otif``, ``undamaged``, ``documents`` and ``error_free`` are
        shares of. The other metrics say it in their names.
    reference : {"promised", "requested"}, default="promised"
        The day that a delivery must keep.
    tolerance : int, default=0
        Days after the reference day that still count as on time.
    early : int or None, default=None
        Days before the reference day that still count as on time; None: early is on time.
    as_of : str, date or Timestamp, or None, default=None
        The day from which the lines are looked at. A line without a delivery is then late once it
        is overdue, and short unless its quantity is known; before that it is *open*: neither late
        nor short. Deliveries after this day are not known yet, and lines ``placed`` after it do not
        count. None: a line without a day of delivery is not known to be late, and a
        quantity short of the order is taken as final.
    on_negative : {"raise", "drop"}, default="raise"
        What negative quantities (returns) mean: an error, or lines left out with a warning that
        counts them.
    cycle_from : {"auto", "placed", "requested"} or None, default="auto"
        Where the order cycle begins. "auto": with ``placed``, the day of the order, where X has it;
        else with ``requested`` unless that is the reference. None: no order cycle.
    level : float, default=0.95
        Confidence of the intervals, between 0 and 1.

    Returns
    -------
    frame of shape (n_groups, n_columns)
        Of the kind of X (pandas from files, an Ibis table in memory from Ibis tables and DuckDB
        relations): one row a group, sorted, or the row "all". ``orders``, ``lines``, then each
        share with ``*_lower``, ``*_upper`` and ``*_n``, the orders or lines that it rests on; the
        rest is unknown. NaN, 0 and 1 where it rests on none. pandas has the groups as index, and
        ``attrs["data_quality"]``: how many lines and orders were read, left out, and unknown in
        each criterion.

    Raises
    ------
    ValueError
        If a parameter is not what it must be.
    custvalue.exceptions.DataError
        If a column is missing or of a wrong type, an order number is missing or belongs to several
        customers, a quantity is infinite or negative, a flag is neither True nor False, a delivery
        lies before the begin of the cycle, or there is nothing to measure.
    TypeError
        If X is not a table.

    Warns
    -----
    custvalue.exceptions.DataQualityWarning
        If lines with a negative quantity are left out.

    See Also
    --------
    PerfectOrder : Orders that meet all criteria, and what keeps the others from it.

    Notes
    -----
    Lines that order 0 have no service level, neither 0 nor 100 %: they are left out of all metrics
    and counted, and so are orders of such lines alone. One row is one line, with the day of its
    last delivery: a line split into two rows would be demanded twice.

    Intervals of shares of orders are Wilson's. Lines of an order go together, so that shares of
    lines and of units have Wilson's interval for an effective number of trials,
    :math:`p (1 - p) / v` with :math:`v` the variance of a ratio whose clusters are the orders [1]_.

    References
    ----------
    .. [1] E. L. Korn and B. I. Graubard (1998), "Confidence intervals for proportions with small
       expected number of positive counts estimated from survey data", Survey Methodology 24,
       193-201.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.service import order_line_metrics
    >>> lines = pd.DataFrame({
    ...     "order": [1, 1, 2, 3],
    ...     "promised": pd.to_datetime(["2025-03-03", "2025-03-03", "2025-03-04", "2025-03-05"]),
    ...     "delivered": pd.to_datetime(["2025-03-03", "2025-03-04", "2025-03-04", None]),
    ...     "ordered": [10, 5, 20, 8],
    ...     "delivered_quantity": [10, 5, 25, 0],
    ... })
    >>> metrics = order_line_metrics(lines)
    >>> metrics[["orders", "lines", "on_time", "on_time_n", "in_full", "otif", "otif_n"]]
           orders  lines  on_time  on_time_n   in_full      otif  otif_n
    group
    all         3      4      0.5          2  0.666667  0.333333       3
    >>> metrics[["unit_fill_rate", "on_time_unit_rate", "line_fill_rate"]].round(4)
           unit_fill_rate  on_time_unit_rate  line_fill_rate
    group
    all             0.814             0.6977            0.75

    Of order 3 nobody knows when it comes, but it is short and so not on time and in full. Looked at
    from the day after it was due, it is late too:

    >>> order_line_metrics(lines, as_of="2025-03-06")["on_time"].round(4).tolist()
    [0.3333]
    """
    groups = check_names_of_columns(by, "by", METRICS)
    names = check_columns(columns)
    rules = LineRules(
        reference=check_choice(reference, "reference", ("promised", "requested")),
        tolerance=check_days(tolerance, "tolerance"),
        early=None if early is None else check_days(early, "early"),
        as_of=None if as_of is None else as_day(as_of, "as_of"),
        on_negative=check_choice(on_negative, "on_negative", ("raise", "drop")),
        counted=_BY_ORDER if check_choice(per, "per", ("order", "line")) == "order" else None,
    )
    check_choice(cycle_from, "cycle_from", ("auto", "placed", "requested", None))
    _check_level(level)
    parts = choose_parts(X, names, ("order",), PARTS)
    rules = _with_cycle(rules, cycle_from, parts)
    with read_order_lines(X, parts, rules, _OWNER, by=groups) as read:
        warn_of_dropped(read)
        _require_a_metric(parts, rules)
        return _measured(read, groups, per, level)


def _measured(read: ReadLines, by: tuple[str, ...], per: str, level: float) -> Any:
    """Return the metrics of all groups in the kind of X."""
    criteria = judged_criteria(list(read.opened.names), read.rules)
    short = [name for name in criteria if name == "in_full" or per == "line"]
    groups = read.rules.groups
    rows = read.opened.collect(group_sums(read.orders, read.rules, short))
    rows = sorted_groups(rows, groups)
    found = metric_columns(rows, per, level)
    frame = as_kind(rows, groups, by, found, read.opened.kind)
    if read.opened.kind == "pandas":
        unknown = unknown_counts(rows, criteria, per)
        frame.attrs["data_quality"] = quality_counts(read.counts, unknown, grouped=bool(by))
    return frame


def _check_level(level: Any) -> None:
    if isinstance(level, bool) or not isinstance(level, Real) or not 0 < float(level) < 1:
        raise ValueError(
            f"The 'level' parameter of {_OWNER} must be a float in the range (0.0, 1.0). "
            f"Got {level!r} instead."
        )


def _with_cycle(rules: LineRules, cycle_from: str | None, parts: Mapping[str, str]) -> LineRules:
    """Say where the order cycle begins."""
    start = cycle_from
    if cycle_from == "auto":
        usual = "placed" if "placed" in parts else "requested"
        start = usual if usual in parts and usual != rules.reference else None
    elif cycle_from is not None and cycle_from not in parts:
        raise DataError(
            f"{_OWNER} needs a column {cycle_from!r} where cycle_from={cycle_from!r}; "
            f"found the parts {', '.join(parts)}"
        )
    return replace(rules, cycle_from=start if "delivered" in parts else None)


def _require_a_metric(parts: Mapping[str, str], rules: LineRules) -> None:
    """Raise if there is nothing to measure."""
    if not judged_criteria(list(parts), rules) and rules.cycle_from is None:
        raise DataError(
            f"{_OWNER} needs the columns of a metric, such as {rules.reference} and delivered, or "
            f"ordered and delivered_quantity, beside {parts['order']}; found the parts "
            f"{', '.join(parts)}"
        )
