"""Simulated order lines: what was promised and what came, with the true service known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray
from custvalue.datasets._days import whole_day
from custvalue.datasets._order_lines import CRITERIA, failures, true_shares

__all__ = ["make_order_lines"]

CHANCES = {"on_time": 0.04, "in_full": 0.03, "undamaged": 0.005, "documents": 0.02}
WAREHOUSES = ("Antwerp", "Bologna", "Cracow", "Dijon", "Essen")
REGIONS = ("Centre", "North", "South")
SEGMENTS = ("core", "key account", "occasional")
SEGMENT_SHARES = (0.5, 0.15, 0.35)
N_PRODUCTS = 40
MORE_LINES = 2.0
OVER_SHARE = 0.01
USUAL_WAREHOUSE = 0.85


@dataclass(frozen=True, slots=True)
class _Orders:
    """What holds for an order as a whole; every array of shape (n_orders,)."""

    customer: IntArray
    region: IntArray
    segment: IntArray
    warehouse: IntArray
    placed: AnyArray
    requested: AnyArray
    promised: AnyArray


def make_order_lines(
    n_orders: int = 2000,
    *,
    n_customers: int = 200,
    start: str | pd.Timestamp = "2025-01-01",
    n_days: int = 180,
    as_of: str | pd.Timestamp | None = None,
    failure: Mapping[str, float] | None = None,
    bad_warehouse: str | None = "Dijon",
    bad_factor: float = 3.0,
    correlation: float = 0.3,
    unknown: float = 0.02,
    no_demand: float = 0.01,
    random_state: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """Simulate order lines whose true service is known.

    A customer orders one product or several, to come on one day. A line fails to be on time, in
    full, undamaged, or the order to have correct documents, with the probabilities of ``failure``;
    at the bad warehouse they are ``bad_factor`` times as large. Failures of one order come
    together: behind all of them is one hidden trouble of the order.

    Parameters
    ----------
    n_orders : int, default=2000
        Number of orders; each has 1 + Poisson(2) lines.
    n_customers : int, default=200
        Customers 1, 2, ...; each has a region, a segment and a usual warehouse.
    start : str or pandas.Timestamp, default="2025-01-01"
        First day on which orders are placed, without time of day or time zone.
    n_days : int, default=180
        Number of days on which orders are placed.
    as_of : str or pandas.Timestamp, or None, default=None
        Later deliveries are not known: their day, quantity and flags are missing, and orders placed
        later are left out. None: all is delivered.
    failure : mapping of str to float, or None, default=None
        Probabilities that a line is not ``on_time``, ``in_full`` and ``undamaged``, and that the
        ``documents`` of an order are wrong; None: .04, .03, .005 and .02.
    bad_warehouse : {"Antwerp", "Bologna", "Cracow", "Dijon", "Essen"} or None, default="Dijon"
        Where all fails more often; None: nowhere.
    bad_factor : float, default=3.0
        How many times more often.
    correlation : float, default=0.3
        Correlation of the normal deviates behind the failures of one order, from 0 to below 1.
    unknown : float, default=0.02
        Share of flags that are missing.
    no_demand : float, default=0.01
        Lines that order 0 (cancelled), as a share of the orders.
    random_state : int, numpy.random.Generator or None
        Seed, or the generator to draw from.

    Returns
    -------
    pandas.DataFrame of shape (n_lines, 14)
        One row per order line, by order: ``order``, ``customer`` (int64), ``region``, ``segment``,
        ``warehouse``, ``product``, ``placed``, ``requested``, ``promised``, ``delivered`` (days),
        ``ordered``, ``delivered_quantity`` (float64, units), ``damaged``, ``documents_correct``
        (nullable Booleans). ``attrs["truth"]``: for each warehouse the share of orders that meet
        each criterion, and ``perfect``, all of them. ``attrs["failure"]`` and
        ``attrs["correlation"]``: as given.

    Raises
    ------
    TypeError
        If a number is not a whole number where it must be.
    ValueError
        If an argument is out of range, ``failure`` has other keys, or a warehouse is unknown.

    See Also
    --------
    make_orders : Simulate what the customers buy.
    custvalue.service.order_line_metrics : Measure the service.

    Examples
    --------
    >>> from custvalue.datasets import make_order_lines
    >>> lines = make_order_lines(100, random_state=0)
    >>> lines["order"].nunique()
    100
    >>> round(lines.attrs["truth"]["Dijon"]["perfect"], 3)
    0.597
    """
    for name, count in (("n_orders", n_orders), ("n_customers", n_customers), ("n_days", n_days)):
        _check_count(count, name)
    chances = _chances(failure)
    shares = {"correlation": correlation, "unknown": unknown, "no_demand": no_demand}
    for name, share in shares.items():
        _check_share(share, name)
    per_warehouse = _per_warehouse(chances, bad_warehouse, bad_factor)
    last = None if as_of is None else whole_day(as_of, "as_of")
    generator = np.random.default_rng(random_state)
    orders = _draw_orders(n_orders, n_customers, whole_day(start, "start"), n_days, generator)
    order = np.repeat(np.arange(n_orders), 1 + generator.poisson(MORE_LINES, n_orders))
    failed = failures(per_warehouse[orders.warehouse[order]], order, correlation, generator)
    lines = _lines(orders, order, failed, generator)
    lines = _with_cancelled(lines, no_demand, generator)
    for flag in ("damaged", "documents_correct"):
        lines.loc[generator.random(len(lines)) < unknown, flag] = pd.NA
    lines = lines if last is None else _as_seen(lines, last)
    lines.attrs = {
        "truth": {
            name: true_shares(one, correlation, MORE_LINES)
            for name, one in zip(WAREHOUSES, per_warehouse, strict=True)
        },
        "failure": dict(zip(CRITERIA, chances.tolist(), strict=True)),
        "correlation": correlation,
    }
    return lines


def _draw_orders(
    n_orders: int,
    n_customers: int,
    start: pd.Timestamp,
    n_days: int,
    generator: np.random.Generator,
) -> _Orders:
    """Draw who orders when, and for what day."""
    region = generator.integers(0, len(REGIONS), n_customers)
    segment = generator.choice(len(SEGMENTS), n_customers, p=SEGMENT_SHARES)
    usual = generator.integers(0, len(WAREHOUSES), n_customers)
    activity = generator.gamma(1.0, size=n_customers) * np.array([1.0, 3.0, 0.4])[segment]
    customer = generator.choice(n_customers, n_orders, p=activity / activity.sum())
    elsewhere = generator.random(n_orders) >= USUAL_WAREHOUSE
    other = generator.integers(0, len(WAREHOUSES), n_orders)
    day = np.sort(generator.integers(0, n_days, n_orders))
    placed = np.datetime64(start.date()) + day
    requested = placed + generator.integers(3, 8, n_orders)
    return _Orders(
        customer=customer + 1,
        region=region[customer],
        segment=segment[customer],
        warehouse=np.where(elsewhere, other, usual[customer]),
        placed=placed,
        requested=requested,
        promised=requested + generator.choice(3, n_orders, p=[0.7, 0.2, 0.1]),
    )


def _lines(
    orders: _Orders, order: IntArray, failed: BoolArray, generator: np.random.Generator
) -> pd.DataFrame:
    """Return the lines as they are once all is delivered."""
    n = len(order)
    ordered = (1 + generator.negative_binomial(1.2, 0.08, n)).astype(np.float64)
    popularity = 1 / np.arange(1, N_PRODUCTS + 1)
    product = generator.choice(N_PRODUCTS, n, p=popularity / popularity.sum())
    return pd.DataFrame(
        {
            "order": order + 1,
            "customer": orders.customer[order],
            "region": np.array(REGIONS)[orders.region[order]],
            "segment": np.array(SEGMENTS)[orders.segment[order]],
            "warehouse": np.array(WAREHOUSES)[orders.warehouse[order]],
            "product": np.char.add("P", np.char.zfill((product + 1).astype(str), 2)),
            "placed": _days(orders.placed[order]),
            "requested": _days(orders.requested[order]),
            "promised": _days(orders.promised[order]),
            "delivered": _days(_delivered(orders, order, failed[:, 0], generator)),
            "ordered": ordered,
            "delivered_quantity": _quantities(ordered, failed[:, 1], generator),
            "damaged": pd.array(failed[:, 2], dtype="boolean"),
            "documents_correct": pd.array(~failed[:, 3], dtype="boolean"),
        }
    )


def _delivered(
    orders: _Orders, order: IntArray, late: BoolArray, generator: np.random.Generator
) -> AnyArray:
    """Return days of delivery: the promised one or up to two before it, or some after it."""
    early = generator.choice(3, len(order), p=[0.75, 0.15, 0.1])
    days = np.where(late, generator.geometric(0.35, len(order)), -early)
    found: AnyArray = orders.promised[order] + days
    return found


def _quantities(
    ordered: FloatArray, short: BoolArray, generator: np.random.Generator
) -> FloatArray:
    """Return delivered units: those ordered, less where short, now and then one too many."""
    part = np.floor(ordered * generator.random(len(ordered)))
    over = generator.random(len(ordered)) < OVER_SHARE
    return np.where(short, np.minimum(part, ordered - 1), ordered + over)


def _with_cancelled(
    lines: pd.DataFrame, share: float, generator: np.random.Generator
) -> pd.DataFrame:
    """Add lines that order nothing to some orders."""
    firsts = lines.drop_duplicates("order")
    chosen = firsts[generator.random(len(firsts)) < share]
    cancelled = chosen.assign(ordered=0.0, delivered_quantity=0.0)
    both = pd.concat([lines, cancelled], ignore_index=True)
    return both.sort_values("order", kind="stable", ignore_index=True)


def _as_seen(lines: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """Return the lines as they are known on a day."""
    known = lines[lines["placed"] <= last].reset_index(drop=True)
    later = known["delivered"] > last
    known.loc[later, "delivered"] = pd.NaT
    known.loc[later, "delivered_quantity"] = np.nan
    known.loc[later, ["damaged", "documents_correct"]] = pd.NA
    return known


def _days(values: AnyArray) -> AnyArray:
    return values.astype("datetime64[s]")


def _chances(given: Mapping[str, float] | None) -> FloatArray:
    """Return the probabilities of failure in the order of the criteria."""
    chosen = CHANCES if given is None else given
    if set(chosen) != set(CRITERIA):
        raise ValueError(f"failure must have the keys {list(CRITERIA)}; found {list(chosen)}")
    for name, share in chosen.items():
        _check_share(share, f"failure[{name!r}]")
    return np.array([float(chosen[name]) for name in CRITERIA])


def _per_warehouse(chances: FloatArray, bad: str | None, factor: float) -> FloatArray:
    """Return the probabilities of failure by warehouse."""
    if bad is not None and bad not in WAREHOUSES:
        raise ValueError(f"bad_warehouse must be one of {', '.join(WAREHOUSES)}; found {bad!r}")
    highest = float(chances.max(initial=0.0))
    if not factor > 0 or factor * highest >= 1:
        raise ValueError(
            "bad_factor must be above 0 and leave probabilities below 1; "
            f"found {factor!r} times {highest}"
        )
    factors = [factor if name == bad else 1.0 for name in WAREHOUSES]
    return np.outer(factors, chances)


def _check_count(value: Any, name: str) -> None:
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number; found {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1; found {value}")


def _check_share(value: Any, name: str) -> None:
    if not isinstance(value, Real) or not 0 <= float(value) < 1:
        raise ValueError(f"{name} must be from 0 to below 1; found {value!r}")
