"""The rows of the report's tables, as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.frozen import FrozenEstimator

from custvalue.plotting.formatting import amounts, count, day, decimal, share, significant

__all__ = [
    "alive_rows",
    "customer_rows",
    "holdout_rows",
    "model_name",
    "model_rows",
    "order_rows",
    "rows_of",
    "search_words",
    "segment_rows",
]

_MODEL_NAMES = {
    "BetaGeoBetaBinomial": "BG/BB",
    "BetaGeoNBD": "BG/NBD",
    "GammaGamma": "Gamma-Gamma",
    "GammaGompertzNBD": "GG/NBD",
    "ModifiedBetaGeoNBD": "MBG/NBD",
    "NBD": "NBD",
    "ParetoNBD": "Pareto/NBD",
}
_MEANINGS = {
    "BetaGeoNBD": {
        "r": "the larger, the more alike customers are in how often they buy",
        "alpha": "scale of the time between purchases, in {time_unit}s",
        "a": "with b: the chance that a repeat purchase is the last, a/(a+b) on average",
        "b": "the larger a + b, the more alike customers are in that",
    },
    "GammaGamma": {
        "p": "the larger, the more alike the purchases of one customer are in cost",
        "q": "the larger, the more alike customers are in what they spend",
        "v": "scale of spend, in the currency of the orders",
    },
}
_BANDS = (0.25, 0.5, 0.75)
_BAND_NAMES = ("under 25\u00a0%", "25 to 50\u00a0%", "50 to 75\u00a0%", "75\u00a0% and more")
_ORDERS = {
    "purchases": "purchases: a customer’s orders of one {collapse}",
    "orders_merged": "merged into another order of the same customer and {collapse}",
    "orders_refunded_away": "left out: refunds took back what the day was worth",
    "orders_dropped_negative": "left out: a negative amount",
    "orders_after_observation": "left out: after the end of observation",
}
_CUSTOMERS = {
    "customers": "customers with a purchase: those of this report",
    "customers_without_purchase": "left out: refunds left no purchase",
    "customers_after_observation": "left out: first seen after the end of observation",
}


def segment_rows(
    totals: pd.DataFrame, customers: pd.DataFrame, rules: pd.DataFrame
) -> list[dict[str, str]]:
    """Return one row per segment: who they are, what they are worth, what to do.

    Parameters
    ----------
    totals : pandas.DataFrame
        What ``SegmentDisplay`` holds.
    customers : pandas.DataFrame
        The customer table.
    rules : pandas.DataFrame
        ``rules_`` of the segmenter.

    Returns
    -------
    list of dict of str to str
    """
    means = customers.groupby("segment")[["n_orders", "expected_purchases"]].mean()
    means = means.loc[totals.index]
    own = [rules[rules["segment"] == name] for name in totals.index]
    columns = {
        "name": [str(name) for name in totals.index],
        "customers": map(count, totals["customers"]),
        "orders": (decimal(mean, 1) for mean in means["n_orders"]),
        "expected": (decimal(mean, 2) for mean in means["expected_purchases"]),
        "each": amounts(totals["value_per_customer"]),
        "value": amounts(totals["value"]),
        "rule": ("; ".join(part["rule"]) for part in own),
        "action": (" ".join(dict.fromkeys(part["action"])) for part in own),
    }
    return rows_of(columns)


def customer_rows(customers: pd.DataFrame, most: int) -> list[dict[str, str]]:
    """Return the customers with the highest value.

    Parameters
    ----------
    customers : pandas.DataFrame
        The customer table.
    most : int

    Returns
    -------
    list of dict of str to str
    """
    best = customers.sort_values("value", ascending=False, kind="stable").head(most)
    columns = {
        "name": map(str, best.index),
        "segment": best["segment"],
        "orders": map(count, best["n_orders"]),
        "last": (day(last, short=True) for last in best["last_purchase"]),
        "alive": (share(chance, 0) for chance in best["probability_alive"]),
        "value": amounts(best["value"]),
    }
    return rows_of(columns)


def alive_rows(customers: pd.DataFrame) -> list[dict[str, str]]:
    """Return how many customers who bought again there are in each band of P(alive).

    Parameters
    ----------
    customers : pandas.DataFrame
        The customer table.

    Returns
    -------
    list of dict of str to str
    """
    repeat = customers[customers["frequency"] > 0]
    band = np.digitize(repeat["probability_alive"], _BANDS)
    columns = {
        "name": reversed(_BAND_NAMES),
        "customers": map(count, np.bincount(band, minlength=4)[::-1]),
        "value": amounts(np.bincount(band, weights=repeat["value"], minlength=4)[::-1]),
    }
    return rows_of(columns)


def holdout_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return one row per group of the holdout.

    Parameters
    ----------
    table : pandas.DataFrame
        What ``HoldoutDisplay`` holds.

    Returns
    -------
    list of dict of str to str
    """
    columns = {
        "name": map(str, table.index),
        "customers": map(count, table["customers"]),
        "observed": (decimal(mean, 2) for mean in table["observed"]),
        "expected": (decimal(mean, 2) for mean in table["expected"]),
    }
    return rows_of(columns)


def model_name(model: Any) -> str:
    """Return what the literature calls a model."""
    name = type(_inside(model)).__name__
    return _MODEL_NAMES.get(name, name)


def model_rows(model: Any, time_unit: str) -> list[dict[str, str]]:
    """Return one row per parameter; the interval is a dash where parameters were given.

    Parameters
    ----------
    model : fitted model
    time_unit : str

    Returns
    -------
    list of dict of str to str
    """
    model = _inside(model)
    meanings = _MEANINGS.get(type(model).__name__, {})
    estimated = hasattr(model, "standard_errors_") and bool(model.standard_errors_.notna().all())
    nothing = pd.DataFrame(np.nan, index=model.params_.index, columns=["lower", "upper"])
    ends = model.confint() if estimated else nothing
    return [
        {
            "name": str(name),
            "estimate": significant(float(value)),
            "interval": _interval(ends.loc[name, "lower"], ends.loc[name, "upper"]),
            "meaning": meanings.get(str(name), "").format(time_unit=time_unit),
        }
        for name, value in model.params_.items()
    ]


def search_words(model: Any) -> str:
    """Return one sentence on how the search for the parameters ended.

    Parameters
    ----------
    model : fitted model

    Returns
    -------
    str
    """
    model = _inside(model)
    name = model_name(model)
    if not hasattr(model, "convergence_"):
        return f"{name}: the parameters were given, not estimated."
    found, customers = model.convergence_, count(model.n_customers_)
    fit = f"{customers} customers, log-likelihood {decimal(model.log_likelihood_, 2)}"
    if found.sound:
        return f"{name}: converged in {count(found.iterations)} iterations ({fit})."
    at = f", at the boundary: {', '.join(found.at_boundary)}" if found.at_boundary else ""
    return (
        f"{name}: do not take estimates and intervals at their word. The search ended with "
        f"\u201c{found.message}\u201d{at} ({fit})."
    )


def order_rows(quality: pd.Series, collapse: str) -> list[dict[str, Any]]:
    """Return what became of orders and customers: two tables whose rows add up to what was read.

    Parameters
    ----------
    quality : pandas.Series
        ``data_quality_`` of an ``RFMSummary``.
    collapse : str

    Returns
    -------
    list of dict
    """
    both = (("orders", "orders_read", _ORDERS), ("customers", "customers_read", _CUSTOMERS))
    return [
        {
            "name": name,
            "read": count(quality[total]),
            "rows": [
                {"count": count(quality[key]), "why": why.format(collapse=collapse)}
                for key, why in reasons.items()
            ],
        }
        for name, total, reasons in both
    ]


def rows_of(columns: Mapping[str, Iterable[str]]) -> list[dict[str, str]]:
    """Turn columns into rows."""
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _interval(low: float, high: float) -> str:
    if np.isnan(low) or np.isnan(high):
        return "\u2013"
    return f"{significant(float(low), 3)} to {significant(float(high), 3)}"


def _inside(model: Any) -> Any:
    return model.estimator if isinstance(model, FrozenEstimator) else model
