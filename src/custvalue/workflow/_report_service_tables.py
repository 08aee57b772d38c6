"""The rows of the service report's tables, as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from custvalue.plotting.formatting import amounts, count, decimal, share
from custvalue.workflow._report_tables import rows_of

__all__ = [
    "are_ranges_wide",
    "attribution_rows",
    "comparison_rows",
    "component_rows",
    "element_rows",
    "label",
    "metric_rows",
    "perfect_rows",
    "quality_rows",
    "queue_rows",
    "segment_cost_rows",
    "sensitivity_rows",
    "words_of",
]

_CRITERIA = {
    "on_time": "on time",
    "in_full": "in full",
    "undamaged": "undamaged",
    "documents": "documents correct",
}
_WIDE = 0.01
_STAGES = {"pre": "before", "in": "during", "post": "after", "unknown": "\u2013"}
_METRICS = ("on_time", "in_full", "otif", "unit_fill_rate", "cycle_reliability")
_QUALITY = {
    "lines": "order lines judged",
    "lines_without_demand": "left out: lines that order nothing",
    "lines_negative": "left out: lines with a negative quantity",
    "orders": "orders judged",
    "orders_without_demand": "left out: orders that order nothing",
    "orders_in_several_groups": "orders whose lines are in several segments, in each of them",
    "customers": "customers with an order",
    "customers_not_judged": "of them without a known order: they have no part in the cost",
    "customers_without_value": "of them without a value: their failures cost nothing here",
    "customers_without_order": "customers with a value and no order",
}


def words_of(criterion: str) -> str:
    """Return a criterion in words.

    Examples
    --------
    >>> words_of("documents"), words_of("right_place")
    ('documents correct', 'right place')
    """
    return _CRITERIA.get(criterion, criterion.replace("_", " "))


def label(one: Any) -> str:
    """Return the name of a segment as text; a dash where there is none."""
    return "\u2013" if one is None or one != one else str(one)


def are_ranges_wide(observed: pd.DataFrame) -> bool:
    """Tell whether what is not known may change the share of a segment by more than a point.

    Parameters
    ----------
    observed : pandas.DataFrame
        ``observed_`` of a `PerfectOrder`.
    """
    return bool((observed["highest"] - observed["lowest"] > _WIDE).any())


def perfect_rows(judge: Any) -> list[dict[str, str]]:
    """Return one row a segment: how many orders are perfect, and within which limits.

    Parameters
    ----------
    judge : PerfectOrder
    """
    table = judge.observed_
    columns = {
        "name": map(label, table.index),
        "orders": map(count, table["orders"]),
        "known": map(count, table["known"]),
        "perfect": map(share, table["perfect"]),
        "limits": _limits(table["lower"], table["upper"]),
        "range": _limits(table["lowest"], table["highest"]),
        "product": map(share, judge.product_),
    }
    return rows_of(columns)


def attribution_rows(judge: Any) -> list[dict[str, str]]:
    """Return one row a criterion: how many orders meet it, and what failing it costs.

    Parameters
    ----------
    judge : PerfectOrder
        Of all orders together.
    """
    parts, cost = (table.droplevel(0) for table in (judge.components_, judge.attribution_))
    cost = cost.sort_values("attribution", ascending=False, kind="stable")
    parts = parts.loc[cost.index]
    columns = {
        "name": (words_of(str(name)) for name in cost.index),
        "met": map(share, parts["share"]),
        "limits": _limits(parts["lower"], parts["upper"]),
        "alone": map(share, cost["alone"]),
        "cost": map(share, cost["attribution"]),
        "of_all": map(share, cost["share"]),
    }
    return rows_of(columns)


def metric_rows(metrics: pd.DataFrame) -> list[dict[str, str]]:
    """Return one row a segment: shares and order cycle, a dash for what was not measured.

    Parameters
    ----------
    metrics : pandas.DataFrame
        What `order_line_metrics` gave.
    """
    nothing = pd.Series(float("nan"), index=metrics.index)
    columns: dict[str, Iterable[str]] = {"name": map(label, metrics.index)}
    columns |= {name: map(share, metrics.get(name, nothing)) for name in _METRICS}
    columns |= {
        name: (decimal(days, 1) for days in metrics.get(f"order_cycle_time_{name}", nothing))
        for name in ("mean", "p90")
    }
    return rows_of(columns)


def element_rows(elements: pd.DataFrame) -> list[dict[str, str]]:
    """Return one row an element of service, the most important first.

    Parameters
    ----------
    elements : pandas.DataFrame
        ``ranking_`` of `ServiceElementRanking`.
    """
    ends = zip(elements["rank_lower"], elements["rank_upper"], strict=True)
    columns = {
        "name": (str(name).replace("_", " ") for name in elements.index),
        "stage": (_STAGES.get(stage, str(stage)) for stage in elements["stage"]),
        "weight": map(share, elements["weight"]),
        "rank": map(count, elements["rank"]),
        "limits": (
            f"{count(low)} to {count(high)}" if low == low else "\u2013" for low, high in ends
        ),
    }
    return rows_of(columns)


def component_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return one row a criterion: its failures and what they cost.

    Parameters
    ----------
    table : pandas.DataFrame
        ``cost_by_component_`` of `LostSalesCost`.
    """
    columns = {
        "name": (words_of(str(name)) for name in table.index),
        "failures": map(count, table["failures"]),
        "leavers": (decimal(one, 1) for one in table["expected_leavers"]),
        "cost": amounts(table["expected_cost"]),
        "avoidable": amounts(table["avoidable_cost"]),
        "share": map(share, table["share"]),
    }
    return rows_of(columns)


def segment_cost_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return one row a segment: its customers, their failures and what these cost.

    Parameters
    ----------
    table : pandas.DataFrame
        ``cost_by_segment_`` of `LostSalesCost`.
    """
    columns = {
        "name": map(label, table.index),
        "customers": map(count, table["customers"]),
        "failures": map(count, table["failures"]),
        "leavers": (decimal(one, 1) for one in table["expected_leavers"]),
        "cost": amounts(table["expected_cost"]),
        "share": map(share, table["share"]),
    }
    return rows_of(columns)


def sensitivity_rows(table: pd.DataFrame, per_leaver: float) -> list[dict[str, str]]:
    """Return the cost by the probability of leaving, at the given number of prospects.

    Parameters
    ----------
    table : pandas.DataFrame
        ``sensitivity_`` of `LostSalesCost`.
    per_leaver : float
        Prospects lost with each customer who leaves.
    """
    columns = {
        "name": map(share, table.index),
        "cost": amounts(table[float(per_leaver)]),
    }
    return rows_of(columns)


def comparison_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return how many customers stayed, without and with a failure.

    Parameters
    ----------
    table : pandas.DataFrame
        ``comparison_`` of `LostSalesCost`.
    """
    columns = {
        "name": map(_group, table.index),
        "customers": map(count, table["customers"]),
        "retention": map(share, table["retention"]),
        "limits": _limits(table["lower"], table["upper"]),
    }
    return rows_of(columns)


def queue_rows(queue: pd.DataFrame, most: int, *, ranked: bool = False) -> list[dict[str, str]]:
    """Return the head of the queue of open orders.

    Parameters
    ----------
    queue : pandas.DataFrame
        Sorted, with ``name``, ``customer``, ``profit`` (or its rank), ``importance``, ``value``
        (NaN where it does not count) and ``priority``.
    most : int
    ranked : bool
        Whether there are ranks of profit.
    """
    head = queue.head(most)
    columns = {
        "place": map(count, head["priority"]),
        "name": map(str, head["name"]),
        "customer": map(str, head["customer"]),
        "profit": map(count, head["profit"]) if ranked else amounts(head["profit"]),
        "importance": map(count, head["importance"]),
        "value": amounts(head["value"]),
    }
    return rows_of(columns)


def quality_rows(quality: pd.Series, criteria: Sequence[str]) -> list[dict[str, str]]:
    """Return what became of lines, orders and customers, zeros of what was left out apart.

    Parameters
    ----------
    quality : pandas.Series
        ``data_quality_`` of the analysis.
    criteria : sequence of str
    """
    unknown = {
        f"{name}_unknown": f"orders of which it is not known: {words_of(name)}" for name in criteria
    }
    always = ("lines", "orders", "customers")
    return [
        {"why": words, "count": count(quality[key])}
        for key, words in (_QUALITY | unknown).items()
        if key in quality.index and (key in always or quality[key] > 0)
    ]


def _group(name: Any) -> str:
    """Return who is compared; where each criterion has its own comparison, with the criterion."""
    if not isinstance(name, tuple):
        return str(name)
    return f"{words_of(str(name[0]))}: {name[1]}"


def _limits(lower: Iterable[float], upper: Iterable[float]) -> list[str]:
    return [f"{share(low)} to {share(high)}" for low, high in zip(lower, upper, strict=True)]
