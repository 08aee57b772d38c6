"""The answers of the curve form of ServiceLevelOptimizer as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from custvalue._typing import AnyArray, BoolArray, FloatArray
from custvalue.service._service_level_optimizer_fit import FittedCurves, changed_profit
from custvalue.service._service_level_optimizer_profit import (
    Optimum,
    Profit,
    elasticities,
    find_optimum,
    optimum_interval,
)

__all__ = [
    "coefficient_frame",
    "curve_answer",
    "curve_scenarios",
    "maxima_frame",
    "optimum_frame",
    "profit_frame",
    "sensitivity_frame",
    "warnings_of",
    "whole_range",
]

_CURVE_POINTS = 201


def optimum_frame(
    keys: list[Any],
    profits: list[Profit],
    optima: list[Optimum],
    models: list[FittedCurves],
    level: float,
    index_name: str,
) -> pd.DataFrame:
    """Return the optima of all groups, a row each.

    Parameters
    ----------
    keys : list
    profits : list of Profit
    optima : list of Optimum
    models : list of FittedCurves
    level : float
        Coverage of the intervals.
    index_name : str

    Returns
    -------
    pandas.DataFrame
    """
    rows = [
        _optimum_row(profit, optimum, fitted, level)
        for profit, optimum, fitted in zip(profits, optima, models, strict=True)
    ]
    return pd.DataFrame(rows, index=pd.Index(keys, name=index_name))


def curve_answer(
    profits: list[Profit], optima: FloatArray, codes: AnyArray, level: FloatArray
) -> dict[str, FloatArray]:
    """Return the answer for every row.

    Parameters
    ----------
    profits : list of Profit
        Of every group.
    optima : ndarray of shape (n_groups,)
        Best levels.
    codes : ndarray of int of shape (n_rows,)
        The group of each row.
    level : ndarray of shape (n_rows,)

    Returns
    -------
    dict of ndarray of shape (n_rows,)
    """
    best = [float(profit.value(optima[i : i + 1])[0]) for i, profit in enumerate(profits)]
    highest, now = np.array(best)[codes], np.empty(len(level))
    for group, profit in enumerate(profits):
        mine = codes == group
        now[mine] = profit.value(level[mine])
    return {
        "optimal_service_level": optima[codes],
        "service_level_gap": optima[codes] - level,
        "optimal_profit": highest,
        "profit_gain": highest - now,
    }


def profit_frame(
    keys: pd.Index,
    profits: list[Profit],
    models: list[FittedCurves],
    levels: FloatArray | None,
    coverage: float,
) -> pd.DataFrame:
    """Return revenue, cost and profit of all groups over levels.

    Parameters
    ----------
    keys : pandas.Index
    profits : list of Profit
    models : list of FittedCurves
    levels : ndarray of shape (m,) or None
        None takes 201 over the range.
    coverage : float

    Returns
    -------
    pandas.DataFrame
    """
    parts = {}
    for key, profit, fitted in zip(keys, profits, models, strict=True):
        s = np.linspace(profit.low, profit.high, _CURVE_POINTS) if levels is None else levels
        values, spread = profit.value(s), _half_width(profit, fitted, s, coverage)
        columns = {
            "revenue": profit.revenue.value(s),
            "cost": profit.cost.value(s),
            "profit": values,
            "lower": values - spread,
            "upper": values + spread,
        }
        parts[key] = pd.DataFrame(columns, index=pd.Index(s, name="service_level"))
    frame: pd.DataFrame = pd.concat(parts, names=[keys.name])
    return frame


def curve_scenarios(
    keys: pd.Index, profits: list[Profit], scenarios: Mapping[Any, Mapping[str, float]]
) -> pd.DataFrame:
    """Return the optima of all groups under all scenarios.

    Parameters
    ----------
    keys : pandas.Index
    profits : list of Profit
    scenarios : mapping of name to mapping of change to float

    Returns
    -------
    pandas.DataFrame
        Index: group and scenario, "base" first.
    """
    parts = {}
    for key, profit in zip(keys, profits, strict=True):
        cases = {"base": profit}
        cases |= {name: changed_profit(profit, changes) for name, changes in scenarios.items()}
        index = pd.Index(list(cases), name="scenario")
        rows = pd.DataFrame([_scenario_row(case) for case in cases.values()], index=index)
        at = rows["service_level"].to_numpy()[:1]
        saved = [float((profit.cost.value(at) - case.cost.value(at))[0]) for case in cases.values()]
        parts[key] = rows.assign(
            service_level_change=rows["service_level"] - rows["service_level"].iloc[0],
            profit_change=rows["profit"] - rows["profit"].iloc[0],
            saved_at_base=saved,
        )
    frame: pd.DataFrame = pd.concat(parts, names=[keys.name])
    return frame


def maxima_frame(
    keys: list[Any], profits: list[Profit], optima: list[Optimum], index_name: str
) -> pd.DataFrame:
    """Return all local maxima, a row each.

    Parameters
    ----------
    keys : list
    profits : list of Profit
    optima : list of Optimum
    index_name : str

    Returns
    -------
    pandas.DataFrame
        Columns ``service_level``, ``profit`` and ``best``.
    """
    parts = [
        pd.DataFrame(
            {
                "service_level": optimum.maxima,
                "profit": profit.value(optimum.maxima),
                "best": optimum.maxima == optimum.level,
            },
            index=_repeated(key, len(optimum.maxima), index_name),
        )
        for key, profit, optimum in zip(keys, profits, optima, strict=True)
    ]
    return pd.concat(parts)


def coefficient_frame(models: Mapping[Any, FittedCurves], index_name: str) -> pd.DataFrame:
    """Return the coefficients of all groups with their standard errors.

    Parameters
    ----------
    models : mapping of group to FittedCurves
    index_name : str

    Returns
    -------
    pandas.DataFrame
        Index: group, curve and coefficient. Columns ``estimate`` and ``standard_error``, 0 for
        coefficients that were given.
    """
    labels, rows = [], []
    for key, model in models.items():
        errors = np.sqrt(np.maximum(np.diag(model.covariance), 0.0))
        names = [("revenue", "abc"[i]) for i in range(len(model.revenue))]
        names += [("cost", "abc"[i]) for i in range(len(model.cost))]
        labels += [(key, *name) for name in names]
        rows += list(zip(np.concatenate([model.revenue, model.cost]), errors, strict=True))
    index = pd.MultiIndex.from_tuples(labels, names=[index_name, "curve", "coefficient"])
    values = np.array(rows, dtype=np.float64).reshape(-1, 2)
    return pd.DataFrame(values, index=index, columns=["estimate", "standard_error"])


def sensitivity_frame(
    keys: list[Any], profits: list[Profit], optima: list[Optimum], index_name: str
) -> pd.DataFrame:
    """Return the elasticities of optimum and profit to every input.

    Parameters
    ----------
    keys : list
    profits : list of Profit
    optima : list of Optimum
    index_name : str

    Returns
    -------
    pandas.DataFrame
        Index: group and input. Columns ``value``, ``service_level`` and ``profit``.
    """
    parts = []
    for key, profit, optimum in zip(keys, profits, optima, strict=True):
        found = elasticities(profit, optimum)
        index = pd.MultiIndex.from_product([[key], found.inputs], names=[index_name, "input"])
        columns = {"value": found.values, "service_level": found.level, "profit": found.profit}
        parts.append(pd.DataFrame(columns, index=index))
    return pd.concat(parts)


def warnings_of(
    group: str, optimum: Optimum, fitted: FittedCurves, unknown: bool = False
) -> list[str]:
    """Return what must be said of an optimum before it is used, a sentence each.

    Parameters
    ----------
    group : str
        Such as " of site 3", or nothing.
    optimum : Optimum
    fitted : FittedCurves
    unknown : bool, default=False
        Whether the interval of the optimum is the whole range.

    Returns
    -------
    list of str
    """
    if optimum.flat:
        return [f"the profit{group} is the same at every service level: none is the best"]
    found = f"service level{group}, {optimum.level:.4g}"
    said = []
    if optimum.place != "inside":
        said.append(
            f"the best {found}, is the {optimum.place} of its range: a corner, no balance of "
            "revenue and cost"
        )
    if len(optimum.maxima) > 1:
        others = ", ".join(f"{level:.4g}" for level in optimum.maxima if level != optimum.level)
        said.append(
            f"the profit{group} has {len(optimum.maxima)} local maxima: the best is "
            f"{optimum.level:.4g}, the others {others}; small changes may move the best far"
        )
    if not fitted.lowest <= optimum.level <= fitted.highest:
        said.append(
            f"the best {found}, is outside the levels observed, {fitted.lowest:g} to "
            f"{fitted.highest:g}: the shapes of the curves are believed beyond the data"
        )
    if unknown:
        said.append(
            f"the data do not tell the best {found}, from others: its interval is the whole range"
        )
    if fitted.revenue_shape == "power" and fitted.revenue[1] == 0:
        said.append(f"the revenue{group} does not rise with the service level: its power is 0")
    elif not fitted.revenue_rises:
        said.append(f"the revenue{group} does not rise with the service level over the data")
    return said


def whole_range(optimum: pd.DataFrame, limits: tuple[float, float]) -> BoolArray:
    """Return the groups whose interval of the optimum is the whole range of levels.

    Parameters
    ----------
    optimum : pandas.DataFrame
        Of `optimum_frame`.
    limits : tuple of two float

    Returns
    -------
    ndarray of bool of shape (n_groups,)
    """
    return ((optimum["lower"] == limits[0]) & (optimum["upper"] == limits[1])).to_numpy(dtype=bool)


def _optimum_row(
    profit: Profit, optimum: Optimum, fitted: FittedCurves, level: float
) -> dict[str, Any]:
    """Return one row of the table of optima."""
    at = np.array([optimum.level])
    ends = optimum_interval(profit, optimum, fitted.covariance, fitted.dof, level)
    return {
        "service_level": optimum.level,
        "lower": float(ends[0]),
        "upper": float(ends[1]),
        "profit": optimum.profit,
        "revenue": float(profit.revenue.value(at)[0]),
        "cost": float(profit.cost.value(at)[0]),
        "place": optimum.place,
        "n_maxima": len(optimum.maxima),
        "concave": optimum.concave,
        "observed_from": fitted.lowest,
        "observed_to": fitted.highest,
        "n_rows": fitted.n_rows,
    }


def _scenario_row(profit: Profit) -> dict[str, float]:
    optimum = find_optimum(profit)
    at = np.array([optimum.level])
    return {
        "service_level": optimum.level,
        "revenue": float(profit.revenue.value(at)[0]),
        "cost": float(profit.cost.value(at)[0]),
        "profit": optimum.profit,
    }


def _half_width(profit: Profit, fitted: FittedCurves, s: FloatArray, coverage: float) -> FloatArray:
    """Return half the width of the pointwise interval of the profit."""
    G = profit.gradient(s)
    variance = np.einsum("ij,jk,ik->i", G, fitted.covariance, G)
    if not fitted.covariance.any():
        return np.zeros(len(s))
    if fitted.dof < 1:
        return np.full(len(s), np.nan)
    quantile = float(student.ppf((1 + coverage) / 2, fitted.dof))
    return np.asarray(quantile * np.sqrt(np.maximum(variance, 0.0)))


def _repeated(key: Any, count: int, name: str) -> pd.Index:
    index: pd.Index = pd.Index([key] * count, name=name)
    return index
