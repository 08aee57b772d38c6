"""The metrics of order lines in pandas, written plainly: read all, flag lines, group twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

VERSION = pd.__version__
CRITERIA = ("on_time", "in_full", "undamaged", "documents")


def metrics(path: str, by: str) -> dict[str, np.ndarray]:
    """Return the metrics of each group, by name."""
    lines = judged(path)
    lines["filled"] = np.minimum(lines["delivered_quantity"], lines["ordered"])
    lines["otif"] = lines["on_time"] & lines["in_full"]
    lines["error_free"] = lines["undamaged"] & lines["documents"]
    names = (*CRITERIA, "otif", "error_free")
    orders = states_of_orders(lines, [by, "order"], names)
    cycle = lines.groupby([by, "order"]).agg(
        placed=("placed", "min"), delivered=("delivered", "max")
    )
    days = (cycle["delivered"] - cycle["placed"]).dt.days
    found = {name: orders[name].astype("Float64").groupby(level=by).mean() for name in names}
    units = lines.groupby(by)[["filled", "ordered"]].sum()
    found["unit_fill_rate"] = units["filled"] / units["ordered"]
    found["line_fill_rate"] = lines.groupby(by)["in_full"].mean()
    grouped = days.groupby(level=by)
    found["order_cycle_time_mean"] = grouped.mean()
    found["order_cycle_time_sd"] = grouped.std()
    found["order_cycle_time_p90"] = grouped.quantile(0.9)
    return {name: values.to_numpy(dtype=float, na_value=np.nan) for name, values in found.items()}


def perfect(path: str, by: str) -> dict[str, np.ndarray]:
    """Return observed share, product, and what each criterion costs, of each group."""
    orders = states_of_orders(judged(path), [by, "order"], CRITERIA)[list(CRITERIA)]
    fails = (orders == False).fillna(False).astype(float)  # noqa: E712 - missing is not False
    n_failures = fails.sum(axis=1)
    known = orders.notna().all(axis=1) | (n_failures > 0)
    good = (n_failures == 0) & known
    shares = orders.astype("Float64").groupby(level=by).mean()
    split = fails.div(n_failures.clip(lower=1), axis=0)[known]
    found = {
        "perfect": good[known].groupby(level=by).mean(),
        "product": shares.prod(axis=1, skipna=False),
    }
    found |= {f"cost_{name}": split[name].groupby(level=by).mean() for name in CRITERIA}
    # A group of which no order is known has no share of perfect ones, but still is a group.
    return {
        name: values.reindex(shares.index).to_numpy(dtype=float, na_value=np.nan)
        for name, values in found.items()
    }


def judged(path: str) -> pd.DataFrame:
    """Read the lines with demand, and flag what each is in each criterion."""
    lines = pd.read_parquet(path)
    lines = lines[lines["ordered"] > 0].copy()
    known = lines["delivered"].notna() & lines["promised"].notna()
    on_time = (lines["delivered"] <= lines["promised"]).astype("boolean")
    lines["on_time"] = on_time.where(known)
    quantities = lines["delivered_quantity"].notna()
    in_full = (lines["delivered_quantity"] >= lines["ordered"]).astype("boolean")
    lines["in_full"] = in_full.where(quantities)
    lines["undamaged"] = ~lines["damaged"].astype("boolean")
    lines["documents"] = lines["documents_correct"].astype("boolean")
    return lines


def states_of_orders(lines: pd.DataFrame, keys: list[str], names: Any) -> pd.DataFrame:
    """Return what orders are in each criterion: False, missing or True."""
    counts = {f"{name}_good": lines[name].fillna(False).astype(bool) for name in names}
    counts |= {f"{name}_known": lines[name].notna() for name in names}
    grouped = pd.DataFrame(counts).groupby([lines[key] for key in keys])
    sums, size = grouped.sum(), grouped.size()
    states = {}
    for name in names:
        good, known = sums[f"{name}_good"], sums[f"{name}_known"]
        state = (good == known).astype("boolean")
        states[name] = state.mask((good == known) & (known < size))
    return pd.DataFrame(states)
