"""Order lines as Ibis expressions: lines, judged one by one -> orders -> groups.

A criterion of a line is True, False or unknown (null), and so is that of an order: False if a line
fails it, else unknown if it is unknown of a line, else True. For each order and criterion two
counts hold all of this: how many of its lines are ``known``, and how many of them are ``good``.
Every function takes and gives Ibis tables and runs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from custvalue.service._order_lines_rules import CRITERIA, DAYS, LineRules, needs

__all__ = [
    "group_sums",
    "is_no_flag",
    "judged_criteria",
    "order_states",
    "order_totals",
    "state",
    "state_patterns",
]

COMPOSITES = {"otif": ("on_time", "in_full"), "error_free": ("undamaged", "documents")}
"""Criteria that are others together."""

_ROUNDING = 1e-9
"""Share of a quantity that may be missing: 0.3 kg is 3 times 0.1 kg."""

_ROOM = 2.0**-14
"""Factor of the units of a line: sums of the largest numbers stay finite, rates are the same."""

_UNITS = ("asked", "filled", "timed_asked", "timed_filled")
"""Sums of units of an order."""

_ORDINARY = (1e-100, 1e100)
"""Units of a largest order whose squares can be summed as they are."""


def judged_criteria(parts: Sequence[str], rules: LineRules) -> tuple[str, ...]:
    """Return the criteria that can be judged with the columns there are.

    Parameters
    ----------
    parts : sequence of str
        What columns there are, by the part they play.
    rules : LineRules

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> judged_criteria(["order", "promised", "delivered", "damaged"], LineRules())
    ('on_time', 'undamaged')
    """
    own = [one for one in CRITERIA if set(needs(one, rules.reference)) <= set(parts)]
    both = [name for name, some in COMPOSITES.items() if set(some) <= set(own)]
    return (*own, *both, *rules.flags)


def order_totals(lines: ir.Table, rules: LineRules) -> ir.Table:
    """Judge every line, and return the counts of each order within each group.

    Parameters
    ----------
    lines : ibis.Table
        One row per order line; columns named by part.
    rules : LineRules

    Returns
    -------
    ibis.Table
        Columns: those of the groups; ``order``; ``lines_read``, ``lines`` (that count),
        ``negative``, ``not_yet_placed``, ``no_demand``, ``over`` and ``open``; for each criterion
        ``*_known`` and ``*_good``; ``asked`` and ``filled`` where quantities are there, and
        ``timed_asked``, ``timed_filled`` and ``timed_lines`` where days are there too (units, up
        to one factor for all); ``cycle`` (days, null while a line is not delivered) and
        ``early_lines`` where the cycle is measured; ``unusable`` and ``strange_flags``;
        ``first_customer`` and ``last_customer``.
    """
    judged = _judged(lines, rules)
    keys = list(dict.fromkeys((*rules.groups, "order")))
    return judged.group_by(keys).aggregate(
        **_counts(judged, rules), **_criteria_counts(judged, rules)
    )


def order_states(orders: ir.Table, criteria: Sequence[str]) -> ir.Table:
    """Return what each order is in each criterion: True, False or null.

    Parameters
    ----------
    orders : ibis.Table
        What ``order_totals`` gave.
    criteria : sequence of str

    Returns
    -------
    ibis.Table
        Columns of the orders, and ``state_0``, ``state_1``, ... in the order of the criteria.
    """
    kept = orders.filter(orders["lines"] > 0)
    return kept.mutate(**{f"state_{i}": state(kept, one) for i, one in enumerate(criteria)})


def state_patterns(orders: ir.Table, criteria: Sequence[str], groups: Sequence[str]) -> ir.Table:
    """Count the orders of each group that are alike in all criteria.

    Parameters
    ----------
    orders : ibis.Table
        What ``order_totals`` gave.
    criteria, groups : sequence of str

    Returns
    -------
    ibis.Table
        Columns of the groups, ``state_0``, ``state_1``, ..., and ``orders``.
    """
    states = order_states(orders, criteria)
    keys = [*groups, *(f"state_{i}" for i in range(len(criteria)))]
    return states.group_by(keys).aggregate(orders=states.count())


def group_sums(orders: ir.Table, rules: LineRules, by_line: Sequence[str]) -> ir.Table:
    """Sum the orders of each group.

    Parameters
    ----------
    orders : ibis.Table
        What ``order_totals`` gave.
    rules : LineRules
    by_line : sequence of str
        Criteria of which the sums of lines are wanted too.

    Returns
    -------
    ibis.Table
        One row a group: ``orders``, ``lines``; for each criterion ``*_orders_known`` and
        ``*_orders_good``; for those by line, and ``units`` and ``timed``, the sums ``*_m``,
        ``*_w``, ``*_s``, ``*_ww``, ``*_ws`` and ``*_ss`` of what `ratio_share` needs, extreme
        units as shares of the largest order of the group; ``timed_lines``; of the cycle
        ``cycle_n``, ``cycle_sum``, ``cycle_squares`` and ``cycle_p90``.
    """
    kept = _in_large_units(orders.filter(orders["lines"] > 0), rules)
    sums: dict[str, Any] = {"orders": kept.count(), "lines": kept["lines"].sum().cast("int64")}
    counted = [name.removesuffix("_known") for name in kept.columns if name.endswith("_known")]
    both = [name for name, some in COMPOSITES.items() if set(some) <= set(counted)]
    for name in dict.fromkeys((*counted, *both)):
        found = state(kept, name)
        sums[f"{name}_orders_known"] = kept.count(where=found.notnull())
        sums[f"{name}_orders_good"] = kept.count(where=found)
    for name in by_line:
        sums |= _moments(kept, name, kept[f"{name}_known"], kept[f"{name}_good"])
    if "asked" in kept.columns:
        sums |= _moments(kept, "units", kept["asked"], kept["filled"])
    if "timed_asked" in kept.columns:
        sums |= _moments(kept, "timed", kept["timed_asked"], kept["timed_filled"])
        sums["timed_lines"] = kept["timed_lines"].sum()
    if "cycle" in kept.columns:
        sums |= _cycle_sums(kept)
    grouped = kept.group_by(list(rules.groups)) if rules.groups else kept
    return grouped.aggregate(**sums)


def state(orders: ir.Table, criterion: str) -> Any:
    """Return whether orders meet a criterion: True, False, or null where that is not known.

    Parameters
    ----------
    orders : ibis.Table
        What ``order_totals`` gave.
    criterion : str

    Returns
    -------
    ibis Boolean column
    """
    if f"{criterion}_known" not in orders.columns:
        one, other = COMPOSITES[criterion]
        return state(orders, one) & state(orders, other)
    known, good = orders[f"{criterion}_known"], orders[f"{criterion}_good"]
    complete = ibis.ifelse(known == orders["lines"], True, ibis.null("boolean"))
    return ibis.ifelse(good < known, False, complete)


def _judged(lines: ir.Table, rules: LineRules) -> ir.Table:
    """Add to each line what it is in each criterion, and whether it counts."""
    seen = _as_seen(lines, rules)
    columns = {**_on_time(seen, rules), **_kept_promise(seen)}
    seen = _with_what_never_came(seen.mutate(**columns))
    seen = seen.mutate(**_in_full(seen), **_flags(seen, rules))
    seen = seen.mutate(**_in_time(seen))
    found = set(seen.columns)
    both = {
        f"is_{name}": seen[f"is_{one}"] & seen[f"is_{other}"]
        for name, (one, other) in COMPOSITES.items()
        if {f"is_{one}", f"is_{other}"} <= found
    }
    start = rules.cycle_from
    cycle = {} if start is None else {"started": seen[f"{start}_day"]}
    return seen.mutate(**both, **cycle)


def _as_seen(lines: ir.Table, rules: LineRules) -> ir.Table:
    """Return days and numbers as they were known on the day ``as_of``."""
    parts = set(lines.columns)
    columns = {f"{part}_day": lines[part].cast("date") for part in DAYS if part in parts}
    hidden: Any = ibis.literal(False)
    if rules.as_of is not None and "delivered" in parts:
        hidden = (columns["delivered_day"] > _date(rules)).fill_null(False)
        columns["delivered_day"] = _unless(hidden, columns["delivered_day"])
    quantities = [
        _number(lines[part]) if part in parts else ibis.null("float64")
        for part in ("ordered", "delivered_quantity")
    ]
    # Compared as columns: a null literal cannot be compared with a number.
    seen = lines.mutate(**columns, hidden=hidden, asked=quantities[0], raw=quantities[1])
    asked, raw = seen["asked"], seen["raw"]
    negative = (asked < 0).fill_null(False) | (raw < 0).fill_null(False)
    later: Any = ibis.literal(False)
    if rules.as_of is not None and "placed" in parts:
        later = (seen["placed_day"] > _date(rules)).fill_null(False) & ~negative
    no_demand = (asked == 0).fill_null(False) & ~negative & ~later
    return seen.mutate(
        given=_unless(seen["hidden"], raw),
        negative=negative,
        not_yet_placed=later,
        no_demand=no_demand,
        counted=~negative & ~later & ~no_demand,
        unusable=(asked.isinf() | raw.isinf()).fill_null(False),
    )


def _on_time(seen: ir.Table, rules: LineRules) -> dict[str, Any]:
    """Return whether lines are on time, and whether they are open or overdue: not delivered."""
    reference = f"{rules.reference}_day"
    has_both = {reference, "delivered_day"} <= set(seen.columns)
    overdue: Any = ibis.literal(False)
    if rules.as_of is not None and reference in seen.columns:
        waited = _date(rules).delta(seen[reference], unit="day")
        overdue = (waited > rules.tolerance).fill_null(False)
    missing: Any = ibis.literal(False)
    if "delivered_day" in seen.columns:
        missing = seen["delivered_day"].isnull()
    columns = {
        "open": (ibis.literal(rules.as_of is not None) & missing) & ~overdue,
        "overdue": missing & overdue,
    }
    if not has_both:
        return columns
    late = seen["delivered_day"].delta(seen[reference], unit="day")
    within = late <= rules.tolerance
    if rules.early is not None:
        within = within & (late >= -rules.early)
    waiting = ibis.ifelse(overdue, False, ibis.null("boolean"))
    return columns | {"is_on_time": ibis.ifelse(seen["delivered_day"].isnull(), waiting, within)}


def _kept_promise(seen: ir.Table) -> dict[str, Any]:
    if not {"promised_day", "delivered_day"} <= set(seen.columns):
        return {}
    return {"is_reliable": seen["delivered_day"] <= seen["promised_day"]}


def _with_what_never_came(seen: ir.Table) -> ir.Table:
    """Say that of lines which are overdue nothing has come, unless a quantity says so."""
    given = seen["given"]
    return seen.mutate(given=ibis.ifelse(seen["overdue"] & given.isnull(), 0.0, given))


def _in_time(seen: ir.Table) -> dict[str, Any]:
    """Return the units that came on time: none of a line that is late, whatever it got."""
    if not {"is_on_time", "filled_units"} <= set(seen.columns):
        return {}
    on_time, filled = seen["is_on_time"], seen["filled_units"]
    known = _unless(seen["asked"].isnull(), ibis.ifelse(on_time, filled, 0.0))
    unsure = on_time.isnull() & (filled != 0).fill_null(True)
    return {"timed_units": _unless(unsure, known)}


def _in_full(seen: ir.Table) -> dict[str, Any]:
    """Return whether lines are complete; what is short and still open may become complete."""
    if not {"ordered", "delivered_quantity"} <= set(seen.columns):
        return {}
    full = seen["given"] >= seen["asked"] * (1 - _ROUNDING)
    known = _unless(seen["open"] & ~full, full)
    return {
        "is_in_full": known,
        "filled_units": _unless(known.isnull(), ibis.least(seen["given"], seen["asked"])),
        "over": (seen["given"] * (1 - _ROUNDING) > seen["asked"]).fill_null(False),
    }


def _flags(seen: ir.Table, rules: LineRules) -> dict[str, Any]:
    """Return the criteria that columns of flags tell, and whether a flag is no flag."""
    parts = set(seen.columns)
    found = {part: _flag(seen[part]) for part in rules.flags}
    read = [seen[part] for part in rules.flags]
    if "damaged" in parts:
        found["undamaged"] = ~_flag(seen["damaged"])
        read.append(seen["damaged"])
    if "documents_correct" in parts:
        found["documents"] = _flag(seen["documents_correct"])
        read.append(seen["documents_correct"])
    strange: Any = ibis.literal(False)
    for column in read:
        strange = strange | is_no_flag(column)
    columns = {f"is_{name}": _unless(seen["hidden"], flag) for name, flag in found.items()}
    return columns | {"strange_flag": strange}


def is_no_flag(column: Any) -> Any:
    """Return whether a value is none of True, False, 0, 1 and missing."""
    if not column.type().is_numeric() or column.type().is_boolean():
        return ibis.literal(False)
    number = _number(column)
    return ((number != 0) & (number != 1)).fill_null(False)


def _flag(column: Any) -> Any:
    kind = column.type()
    return _number(column) != 0 if _is_number(kind) else column.cast("boolean")


def _is_number(kind: Any) -> bool:
    return bool(kind.is_numeric() and not kind.is_boolean())


def _number(column: Any) -> Any:
    """Return a column of numbers in double precision; NaN is missing."""
    number = column.cast("float64")
    return _unless(number.isnan(), number)


def _unless(condition: Any, value: Any) -> Any:
    """Return the value, null where the condition holds."""
    return ibis.ifelse(condition, ibis.null(value.type()), value)


def _counts(judged: ir.Table, rules: LineRules) -> dict[str, Any]:
    """Count the lines of an order that count, and those that do not."""
    counted = judged["counted"]
    sums = {
        "lines_read": judged.count(),
        "lines": judged.count(where=counted),
        "negative": judged.count(where=judged["negative"]),
        "not_yet_placed": judged.count(where=judged["not_yet_placed"]),
        "no_demand": judged.count(where=judged["no_demand"]),
        "open": judged.count(where=counted & judged["open"]),
        "unusable": judged.count(where=judged["unusable"]),
        "strange_flags": judged.count(where=judged["strange_flag"]),
    }
    if "over" in judged.columns:
        sums["over"] = judged.count(where=counted & judged["over"])
    if _is_counted("units", rules):
        sums |= _unit_sums(judged)
    if "customer" in judged.columns:
        sums["first_customer"] = judged["customer"].min()
        sums["last_customer"] = judged["customer"].max()
    return sums | _cycle_counts(judged)


def _unit_sums(judged: ir.Table) -> dict[str, Any]:
    """Sum the units of lines of which it is known how many came, and how many on time."""
    sums: dict[str, Any] = {}
    for prefix, units in (("", "filled_units"), ("timed_", "timed_units")):
        if units in judged.columns:
            known = judged["counted"] & judged[units].notnull()
            asked, filled = judged["asked"] * _ROOM, judged[units] * _ROOM
            sums[f"{prefix}asked"] = asked.sum(where=known).coalesce(0.0)
            sums[f"{prefix}filled"] = filled.sum(where=known).coalesce(0.0)
            if prefix:
                sums[f"{prefix}lines"] = judged.count(where=known)
    return sums


def _in_large_units(orders: ir.Table, rules: LineRules) -> ir.Table:
    """Return orders with their units, or shares of the largest order where units are extreme.

    Squares are then finite, and not all 0; of ordinary units nothing is rounded.
    """
    asked = [orders[name] for name in ("asked", "timed_asked") if name in orders.columns]
    if not asked:
        return orders
    largest = ibis.greatest(*asked).max().over(ibis.window(group_by=list(rules.groups)))
    unit = ibis.ifelse(largest.between(*_ORDINARY) | (largest == 0), _ROOM, largest)
    units = [name for name in _UNITS if name in orders.columns]
    return orders.mutate(**{name: orders[name] / unit for name in units})


def _cycle_counts(judged: ir.Table) -> dict[str, Any]:
    """Measure from the first start to the last delivery, where every line is delivered."""
    if not {"started", "delivered_day"} <= set(judged.columns):
        return {}
    counted, delivered, started = judged["counted"], judged["delivered_day"], judged["started"]
    unknown = judged.count(where=counted & (delivered.isnull() | started.isnull()))
    days = delivered.max(where=counted).delta(started.min(where=counted), unit="day")
    return {
        "cycle": _unless(unknown > 0, days.cast("float64")),
        "early_lines": judged.count(where=counted & (delivered < started)),
    }


def _is_counted(name: str, rules: LineRules) -> bool:
    return rules.counted is None or name in rules.counted or name in rules.flags


def _criteria_counts(judged: ir.Table, rules: LineRules) -> dict[str, Any]:
    counted = judged["counted"]
    names = [name.removeprefix("is_") for name in judged.columns if name.startswith("is_")]
    sums = {}
    for name in (one for one in names if _is_counted(one, rules)):
        found = judged[f"is_{name}"]
        sums[f"{name}_known"] = judged.count(where=counted & found.notnull())
        sums[f"{name}_good"] = judged.count(where=counted & found)
    return sums


def _moments(orders: ir.Table, name: str, trials: Any, successes: Any) -> dict[str, Any]:
    """Sum trials and successes of orders, their squares and their product."""
    w, s = trials.cast("float64"), successes.cast("float64")
    products = {"w": w, "s": s, "ww": w * w, "ws": w * s, "ss": s * s}
    return {f"{name}_m": orders.count(where=w > 0)} | {
        f"{name}_{letters}": product.sum() for letters, product in products.items()
    }


def _cycle_sums(orders: ir.Table) -> dict[str, Any]:
    cycle = orders["cycle"]
    return {
        "cycle_n": cycle.count(),
        "cycle_sum": cycle.sum(),
        "cycle_squares": (cycle * cycle).sum(),
        "cycle_p90": cycle.quantile(0.9),
    }


def _date(rules: LineRules) -> Any:
    day = rules.as_of
    return ibis.null("date") if day is None else ibis.date(day.year, day.month, day.day)
