"""Answers about items: the newsvendor and the marginal form under one face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from custvalue._typing import FloatArray
from custvalue.service._service_level_optimizer import (
    MarginalItems,
    NewsvendorItems,
    safety_factor_elasticity,
)

Items = NewsvendorItems | MarginalItems

__all__ = ["Items", "item_answer", "item_elasticities", "item_scenarios", "items_of"]


def items_of(form: str, columns: list[FloatArray], *, root: bool) -> Items:
    """Return items from their columns, in the order of the roles.

    Parameters
    ----------
    form : {"newsvendor", "marginal"}
    columns : list of ndarray of shape (n_items,)
    root : bool
        As in `MarginalItems`.

    Returns
    -------
    NewsvendorItems or MarginalItems
    """
    if form == "newsvendor":
        return NewsvendorItems(*columns)
    margin, response, volume, carrying_rate, unit_cost, demand_sd, lead_time = columns
    return MarginalItems(
        margin, response, volume, carrying_rate, unit_cost, demand_sd, lead_time, root=root
    )


def item_answer(
    items: Items, now: FloatArray | None, step: float | None, top: float
) -> dict[str, FloatArray]:
    """Return the best level of each item and what follows from it.

    Parameters
    ----------
    items : NewsvendorItems or MarginalItems
    now : ndarray of shape (n_items,) or None
        Levels today, from 0 to ``top``.
    step : float or None
        As in `MarginalItems.best`.
    top : float
        1 or 100, the end of the scale.

    Returns
    -------
    dict of ndarray of shape (n_items,)
    """
    best = _best(items, step)
    profit = items.profit(best)
    gap = gain = np.full(len(best), np.nan)
    if now is not None:
        gap, gain = best * top - now, profit - items.profit(now / top)
    columns = {
        "optimal_service_level": best * top,
        "service_level_gap": gap,
        "optimal_profit": profit,
        "profit_gain": gain,
        "safety_factor": ndtri(best),
    }
    return columns | _details(items, best)


def item_elasticities(items: Items, step: float | None) -> dict[str, FloatArray]:
    """Return the elasticities of the best level to every input.

    Parameters
    ----------
    items : NewsvendorItems or MarginalItems
    step : float or None
        As in `MarginalItems.best`.

    Returns
    -------
    dict of ndarray of shape (n_items,)
        From SL = Cu / (Cu + Co): 1 - SL to Cu, SL - 1 to Co. Marginal: those of
        `safety_factor_elasticity`.
    """
    best = _best(items, step)
    if isinstance(items, NewsvendorItems):
        none = np.zeros(len(best))
        return {"underage": 1 - best, "overage": best - 1, "mean": none, "sd": none}
    down = safety_factor_elasticity(best)
    earning = dict.fromkeys(("margin", "response", "volume"), -down)
    costing = dict.fromkeys(("carrying_rate", "unit_cost", "demand_sd"), down)
    return {**earning, **costing, "lead_time": down * (0.5 if items.root else 1.0)}


def item_scenarios(
    items: Items, scenarios: Mapping[Any, Mapping[str, float]], step: float | None, top: float
) -> pd.DataFrame:
    """Return the totals of the items under all scenarios.

    Parameters
    ----------
    items : NewsvendorItems or MarginalItems
    scenarios : mapping of name to mapping of role to factor
    step, top : float
        As in `item_answer`.

    Returns
    -------
    pandas.DataFrame
        Index ``scenario``, "base" first.
    """
    cases = {"base": items}
    cases |= {name: _multiplied(items, changes) for name, changes in scenarios.items()}
    rows = []
    for case in cases.values():
        answer = item_answer(case, None, step, top)
        stock = "stock" if isinstance(case, NewsvendorItems) else "safety_stock"
        level = float(answer["optimal_service_level"].mean())
        totals = float(answer[stock].sum()), float(answer["optimal_profit"].sum())
        rows.append((level, *totals))
    index = pd.Index(list(cases), name="scenario")
    frame = pd.DataFrame(rows, index=index, columns=["service_level", "stock", "profit"])
    return frame.assign(
        service_level_change=frame["service_level"] - frame["service_level"].iloc[0],
        profit_change=frame["profit"] - frame["profit"].iloc[0],
    )


def _best(items: Items, step: float | None) -> FloatArray:
    return items.best() if isinstance(items, NewsvendorItems) else items.best(step)


def _details(items: Items, best: FloatArray) -> dict[str, FloatArray]:
    if isinstance(items, NewsvendorItems):
        return {"stock": items.stock(best), "mismatch_cost": items.cost(best)}
    return {
        "safety_stock": items.safety_stock(best),
        "profit_per_point": items.profit_per_point,
        "cost_per_safety_factor": items.cost_per_factor,
    }


def _multiplied(items: Items, changes: Mapping[str, float]) -> Items:
    known = {field.name for field in fields(items)}
    return replace(
        items,
        **{name: getattr(items, name) * by for name, by in changes.items() if name in known},
    )
