"""Order lines for tests, and a slow judgement of them that shares no code with the library."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

__all__ = [
    "CRITERIA",
    "combined",
    "order_tables",
    "random_lines",
    "slow_cycles",
    "slow_orders",
    "slow_shares",
]

CRITERIA = ("on_time", "in_full", "undamaged", "documents")
DAY = datetime.date(2025, 3, 1)


def random_lines(n_lines: int, n_orders: int, seed: int) -> pd.DataFrame:
    """Return random lines with gaps in every column but the order and the group."""
    generator = np.random.default_rng(seed)
    order = np.sort(generator.integers(0, n_orders, n_lines))
    placed = pd.Timestamp(DAY) + pd.to_timedelta(generator.integers(0, 10, n_lines), unit="D")
    promised = placed + pd.to_timedelta(generator.integers(0, 6, n_lines), unit="D")
    delivered = placed + pd.to_timedelta(generator.integers(0, 9, n_lines), unit="D")
    ordered = generator.integers(0, 6, n_lines).astype(float)
    given = np.clip(ordered + generator.integers(-2, 3, n_lines), 0, None)
    lines = pd.DataFrame(
        {
            "order": order,
            "warehouse": np.array(["A", "B", "C"])[generator.integers(0, 3, n_lines)],
            "region": np.array(["north", "south"])[order % 2],
            "placed": placed,
            "requested": promised - pd.Timedelta(days=1),
            "promised": promised,
            "delivered": delivered,
            "ordered": ordered,
            "delivered_quantity": given,
            "damaged": pd.array(generator.random(n_lines) < 0.2, dtype="boolean"),
            "documents_correct": pd.array(generator.random(n_lines) < 0.8, dtype="boolean"),
        }
    )
    for name, missing in (
        ("promised", pd.NaT),
        ("delivered", pd.NaT),
        ("ordered", np.nan),
        ("delivered_quantity", np.nan),
        ("damaged", pd.NA),
        ("documents_correct", pd.NA),
    ):
        lines.loc[generator.random(n_lines) < 0.08, name] = missing
    return lines


def order_tables() -> st.SearchStrategy[pd.DataFrame]:
    """Return a strategy of order lines of which some line has demand."""
    seeds, sizes = st.integers(0, 2**32 - 1), st.integers(1, 30)
    tables = st.builds(lambda n, m, seed: random_lines(n, m, seed), sizes, st.integers(1, 8), seeds)
    return tables.filter(lambda lines: bool((lines["ordered"] != 0).any()))


def slow_orders(
    lines: pd.DataFrame,
    keys: list[str],
    *,
    reference: str = "promised",
    tolerance: int = 0,
    early: int | None = None,
    as_of: datetime.date | None = None,
) -> dict[Any, list[dict[str, Any]]]:
    """Return the judged lines with demand of each order, one line at a time.

    A line is a dict of criteria (True, False or None), of units and of days.
    """
    rules = {"reference": reference, "tolerance": tolerance, "early": early, "as_of": as_of}
    orders: dict[Any, list[dict[str, Any]]] = {}
    for row in lines.to_dict("records"):
        known = {name: None if pd.isna(value) else value for name, value in row.items()}
        later = as_of is not None and known["placed"].date() > as_of
        if known["ordered"] != 0 and not later:
            key = tuple(known[name] for name in keys)
            orders.setdefault(key, []).append(_judge(known, rules))
    return orders


def _judge(row: dict[str, Any], rules: dict[str, Any]) -> dict[str, Any]:
    as_of = rules["as_of"]
    days = {name: _day(row[name]) for name in ("placed", "promised", "requested", "delivered")}
    due, delivered, quantity = (
        days[rules["reference"]],
        days["delivered"],
        row["delivered_quantity"],
    )
    damaged, documents = row["damaged"], row["documents_correct"]
    if as_of is not None and delivered is not None and delivered > as_of:
        delivered = quantity = damaged = documents = None
    overdue = None not in (as_of, due) and (as_of - due).days > rules["tolerance"]
    on_time: bool | None = False if overdue else None
    if overdue and delivered is None and quantity is None:
        quantity = 0.0
    if delivered is not None:
        on_time = None
        if due is not None:
            late = (delivered - due).days
            not_early = rules["early"] is None or late >= -rules["early"]
            on_time = late <= rules["tolerance"] and not_early
    in_full = None
    if quantity is not None and row["ordered"] is not None:
        in_full = bool(quantity >= row["ordered"])
        is_open = as_of is not None and delivered is None and not overdue
        in_full = None if is_open and not in_full else in_full
    return {
        "on_time": on_time,
        "in_full": in_full,
        "undamaged": None if damaged is None else not damaged,
        "documents": documents if documents is None else bool(documents),
        "ordered": row["ordered"],
        "filled": None if in_full is None else min(quantity, row["ordered"]),
        "filled_in_time": _in_time(on_time, in_full, quantity, row["ordered"]),
        "delivered": delivered,
        "placed": days["placed"],
    }


def _in_time(
    on_time: bool | None, in_full: bool | None, quantity: float | None, ordered: float | None
) -> float | None:
    """Return the units that came on time."""
    if ordered is None or on_time is False:
        return None if ordered is None else 0.0
    if in_full is None or quantity is None or (on_time is None and quantity > 0):
        return None
    return min(quantity, ordered)


def combined(values: list[bool | None]) -> bool | None:
    """Return False if one is False, else None if one is None, else True."""
    return False if False in values else None if None in values else True


def slow_shares(orders: dict[Any, list[dict[str, Any]]]) -> dict[str, tuple[float, int]]:
    """Return shares and what they rest on, of orders, lines and units."""
    states = {name: [combined([x[name] for x in o]) for o in orders.values()] for name in CRITERIA}
    together = {
        "otif": ("on_time", "in_full"),
        "error_free": ("undamaged", "documents"),
        "perfect": CRITERIA,
    }
    for name, parts in together.items():
        states[name] = [
            combined(list(one)) for one in zip(*(states[p] for p in parts), strict=True)
        ]
    found = {name: _share(values) for name, values in states.items()}
    lines = [line for order in orders.values() for line in order]
    found["line_fill_rate"] = _share([line["in_full"] for line in lines])
    found["unit_fill_rate"] = _share_of_units(lines, "filled")
    return found | {"on_time_unit_rate": _share_of_units(lines, "filled_in_time")}


def _share_of_units(lines: list[dict[str, Any]], name: str) -> tuple[float, int]:
    known = [line for line in lines if line[name] is not None]
    units = sum(line["ordered"] for line in known)
    return sum(line[name] for line in known) / units if units else float("nan"), len(known)


def slow_cycles(orders: dict[Any, list[dict[str, Any]]]) -> list[int]:
    """Return the days from the first start to the last delivery of orders that are delivered."""
    return [
        (max(x["delivered"] for x in order) - min(x["placed"] for x in order)).days
        for order in orders.values()
        if all(x["delivered"] is not None and x["placed"] is not None for x in order)
    ]


def _share(values: list[bool | None]) -> tuple[float, int]:
    known = [value for value in values if value is not None]
    return (sum(known) / len(known) if known else float("nan"), len(known))


def _day(value: Any) -> datetime.date | None:
    return None if value is None else value.date()
