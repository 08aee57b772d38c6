"""What the service report says: figures as text, pictures as SVG, findings and notes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import column_values, kind_of
from custvalue._version import __version__
from custvalue.plotting import FunnelDisplay, RankingDisplay
from custvalue.plotting.formatting import amount, amounts, counted, day, decimal, share
from custvalue.service import OrderPriority
from custvalue.workflow._bars import Bars, shares_of
from custvalue.workflow._report_service_tables import (
    are_ranges_wide,
    attribution_rows,
    comparison_rows,
    component_rows,
    element_rows,
    label,
    metric_rows,
    perfect_rows,
    quality_rows,
    queue_rows,
    segment_cost_rows,
    sensitivity_rows,
    words_of,
)
from custvalue.workflow._report_service_words import difference_sentence, service_notes
from custvalue.workflow._service_analysis import customer_column
from custvalue.workflow._service_analysis_queue import has_ranks
from custvalue.workflow._svg import picture

__all__ = ["service_contents"]

_MOST_ORDERS = 15


def service_contents(analysis: Any, queue: Any, title: str) -> dict[str, Any]:
    """Return everything that the template of the service report names.

    Parameters
    ----------
    analysis : ServiceAnalysis
        Fitted.
    queue : frame or None
        What its ``priority_queue`` gave.
    title : str

    Returns
    -------
    dict of str to str, list and dict
        "" or an empty list stands for a part that was not given.
    """
    quality = analysis.data_quality_
    return {
        "title": title,
        "version": __version__,
        "lines": counted(quality["lines"], "order line"),
        "orders": counted(quality["orders"], "order"),
        "customers": counted(quality["customers"], "customer"),
        "as_of": "" if analysis.as_of is None else day(pd.Timestamp(analysis.as_of)),
        "segment": "" if analysis.segment is None else analysis.segment,
        "headline": _headline(analysis),
        "perfect": _perfect(analysis),
        "causes": _causes(analysis),
        "metrics": _metrics(analysis),
        "elements": _elements(analysis),
        "cost": _cost(analysis),
        "queue": _queue(analysis, queue),
        "missing": _missing(analysis, queue),
        "data": {"rows": quality_rows(quality, analysis.criteria)},
        "notes": service_notes(analysis),
    }


def _headline(analysis: Any) -> list[dict[str, str]]:
    observed, metrics = analysis.overall_.observed_.iloc[0], _overall_metrics(analysis)
    figures = [(share(observed["perfect"]), "of the orders are perfect")]
    words = {
        "on_time": "of the orders come on time",
        "in_full": "of the orders come in full",
        "unit_fill_rate": "of the units ordered are delivered",
    }
    figures += [(share(metrics[key]), text) for key, text in words.items() if key in metrics.index]
    if analysis.lost_sales_cost_ is not None:
        total = analysis.lost_sales_cost_.total_
        figures += [
            (amount(total["expected_cost"]), "expected cost of lost sales"),
            (decimal(total["expected_leavers"], 1), "customers expected to leave over failures"),
        ]
    return [{"figure": figure, "words": text} for figure, text in figures]


def _overall_metrics(analysis: Any) -> pd.Series:
    """Return the metrics of all order lines; nothing where none could be measured."""
    table = analysis.overall_metrics_
    return pd.Series(dtype=float) if table is None else table.iloc[0]


def _perfect(analysis: Any) -> dict[str, Any]:
    judge, whole = analysis.perfect_order_, analysis.overall_
    observed = whole.observed_.iloc[0]
    finding = f"{share(observed['perfect'])} of the orders are perfect"
    if len(analysis.criteria) > 1:
        product = share(whole.product_.iloc[0])
        finding += f"; by the product of the criteria it would be {product}"
    rows = perfect_rows(judge)
    drawn = ""
    if (judge.observed_["known"] > 0).sum() > 1:
        display = FunnelDisplay.from_estimator(judge)
        verdict = _verdict(display.table["verdict"])
        finding = f"{share(observed['perfect'])} of the orders are perfect; {verdict}"
        text = f"Share of perfect orders of {len(rows)} segments by their orders; {verdict}."
        drawn = picture(display, text, "funnel")
    return {
        "finding": finding,
        "rows": rows,
        "ranges": are_ranges_wide(judge.observed_),
        "picture": drawn,
        "level": share(analysis.level, 0),
        "difference": difference_sentence(whole.difference_.iloc[0], len(analysis.criteria)),
    }


def _verdict(verdicts: pd.Series) -> str:
    """Return which segments are worse than chance allows, and which of them may be."""
    words = {"far below": "worse than chance allows", "below": "perhaps worse than by chance"}
    found = []
    for verdict, text in words.items():
        names = [label(name) for name, one in verdicts.items() if one == verdict]
        if names:
            found.append(f"{text}: {', '.join(names)}")
    return "; ".join(found) or "no segment is worse than chance allows"


def _causes(analysis: Any) -> dict[str, Any]:
    judge = analysis.overall_
    rows = attribution_rows(judge)
    cost = judge.attribution_.droplevel(0).sort_values(
        "attribution", ascending=False, kind="stable"
    )
    if not cost["attribution"].sum() > 0:
        return {"finding": "No order is known to have failed", "rows": rows, "picture": ""}
    names = [words_of(str(name)) for name in cost.index]
    lengths = pd.DataFrame(
        {"costs": cost["attribution"].to_numpy(), "alone": cost["alone"].to_numpy()}, index=names
    )
    finding = (
        f"{rows[0]['of_all']} of what keeps orders from being perfect is failing "
        f"\u201c{names[0]}\u201d"
    )
    text = f"Share of the orders that each criterion costs, and alone. {finding}."
    drawn = picture(Bars(lengths, lengths.map(share)), text, "causes")
    return {"finding": finding, "rows": rows, "picture": drawn}


def _metrics(analysis: Any) -> dict[str, Any] | None:
    if analysis.metrics_ is None:
        return None
    rows = metric_rows(analysis.metrics_)
    whole = metric_rows(analysis.overall_metrics_)[0] | {"name": "all"}
    first = analysis.overall_metrics_.iloc[0]
    named = {"otif": "on time and in full", "on_time": "on time", "in_full": "in full"}
    parts = [f"{share(first[key])} {words}" for key, words in named.items() if key in first.index]
    finding = f"Of the orders, {' and '.join(parts[:1])}" if parts else "Order lines by segment"
    if "order_cycle_time_mean" in first.index:
        days = decimal(first["order_cycle_time_mean"], 1)
        finding += f"; an order takes {days} days"
    return {
        "finding": finding,
        "rows": rows if analysis.segment is None else [*rows, whole],
        "cycle": "order_cycle_time_mean" in first.index,
    }


def _elements(analysis: Any) -> dict[str, Any] | None:
    ranking = analysis.element_ranking_
    if ranking is None:
        return None
    table = analysis.elements_
    first = str(table.index[0]).replace("_", " ")
    finding = f"{first[0].upper()}{first[1:]} matters most, with {share(table['weight'].iloc[0])}"
    display = RankingDisplay.from_estimator(ranking)
    text = f"{len(table)} elements of service by rank, with the limits of the ranks. {finding}."
    return {
        "finding": f"{finding} of the weight",
        "rows": element_rows(table),
        "picture": picture(display, text, "elements"),
        "method": ranking.method,
        "respondents": counted(ranking.n_respondents_, "respondent"),
        "level": share(ranking.level, 0),
    }


def _cost(analysis: Any) -> dict[str, Any] | None:
    cost = analysis.lost_sales_cost_
    if cost is None:
        return None
    total = cost.total_
    finding = (
        f"{counted(total['failures'], 'failure')} are expected to cost "
        f"{amount(total['expected_cost'])}, with {counted(total['expected_leavers'], 'customer')} "
        "who leave"
    )
    by_segment = cost.cost_by_segment_
    return {
        "finding": finding,
        "components": component_rows(cost.cost_by_component_),
        "saved": bool(cost.cost_by_component_["avoidable_cost"].notna().any()),
        "component_picture": _component_picture(cost.cost_by_component_),
        "segments": [] if by_segment is None else segment_cost_rows(by_segment),
        "segment_picture": "" if by_segment is None else _segment_picture(by_segment),
        "sensitivity": sensitivity_rows(cost.sensitivity_, analysis.prospects_per_leaver),
        "comparison": [] if cost.comparison_ is None else comparison_rows(cost.comparison_),
        "probability": _probability(analysis),
        "level": share(analysis.level, 0),
    }


def _probability(analysis: Any) -> str:
    """Return one sentence on the probability that a failure drives a customer away."""
    cost = analysis.lost_sales_cost_
    found, given = cost.leaving_probability_, analysis.leaving_probability
    confounded = (
        "Nobody chose at random who met a failure: whoever orders more meets more failures and "
        "stays longer, so that the estimate may be confounded."
    )
    if isinstance(given, dict) and None in given.values():
        each = _estimates(cost, given, share(analysis.level, 0))
        return f"The probability that a failure drives a customer away: {each}. {confounded}"
    if isinstance(found, pd.Series):
        each = ", ".join(f"{words_of(str(name))} {share(one)}" for name, one in found.items())
        return f"The probability that a failure drives a customer away was given: {each}."
    if given is not None:
        how = "was given" if not isinstance(given, str) else "differs by customer, on average"
        return f"The probability that a failure drives a customer away {how}: {share(found)}."
    low, high = cost.leaving_interval_
    return (
        f"The probability that a failure drives a customer away is estimated: {share(found)} "
        f"({share(analysis.level, 0)} interval {share(low)} to {share(high)}). {confounded}"
    )


def _estimates(cost: Any, given: dict[str, float | None], level: str) -> str:
    """Return the probability of each criterion, and the interval of those that are estimated."""
    words = []
    for name, one in cost.leaving_probability_.items():
        text = f"{words_of(str(name))} {share(one)}"
        if given[name] is None:
            low, high = cost.leaving_interval_.loc[name]
            text += f" (estimated, {level} interval {share(low)} to {share(high)})"
        words.append(text)
    return ", ".join(words)


def _component_picture(table: pd.DataFrame) -> str:
    names = [words_of(str(name)) for name in table.index]
    lengths = table[["expected_cost", "avoidable_cost"]].set_axis(names, axis=0)
    lengths = lengths.set_axis(["cost", "saved"], axis=1)
    words = lengths.apply(lambda column: pd.Series(amounts(column), index=names))
    return picture(Bars(lengths, words), "Cost of lost sales by criterion.", "components")


def _segment_picture(table: pd.DataFrame) -> str:
    lengths = pd.DataFrame(
        {"cost": shares_of(table["expected_cost"]), "customers": shares_of(table["customers"])},
        index=[label(name) for name in table.index],
    )
    text = "Share of the cost of lost sales and of the customers by segment."
    return picture(Bars(lengths, lengths.map(share)), text, "segments")


def _queue(analysis: Any, queue: Any) -> dict[str, Any] | None:
    if queue is None:
        return None
    priority = analysis.priority
    priority = OrderPriority() if priority is None else priority
    ranked = has_ranks(queue, priority)
    profit = priority.profit_rank if ranked else priority.profit
    order = (analysis.columns or {}).get("order", "order")
    sources = {"profit": profit, "importance": priority.importance, "priority": "priority"}
    columns = {name: _column(queue, str(column)) for name, column in sources.items()}
    columns["value"] = _column(queue, analysis.value, otherwise="unknown")
    columns["name"] = _column(queue, order, otherwise="index")
    columns["customer"] = _column(queue, customer_column(analysis), otherwise="nothing")
    table = pd.DataFrame(columns)
    rows = queue_rows(table, _MOST_ORDERS, ranked=ranked)
    finding = "There are no open orders"
    if rows:
        finding = f"Of {counted(len(table), 'open order')}, serve {rows[0]['name']} first"
    return {
        "finding": finding,
        "rows": rows,
        "profit": "Profit rank" if ranked else "Profit",
        "sorted_by": "profit rank and importance"
        if ranked
        else "profit, importance and the value of the customer",
        "shown": counted(len(rows), "order"),
    }


def _column(frame: Any, name: str, otherwise: str = "") -> Any:
    """Return a column of a frame as an array; the index, or dashes, where it is not there."""
    kind = kind_of(frame)
    names = [str(one) for one in (frame.column_names if kind == "pyarrow" else frame.columns)]
    if name in names or not otherwise:
        return column_values(frame, kind, names.index(name))
    if otherwise == "index" and kind == "pandas":
        return frame.index.to_numpy()
    if otherwise == "unknown":
        return np.full(len(frame), np.nan)
    return np.full(len(frame), "\u2013", dtype=object)


def _missing(analysis: Any, queue: Any) -> list[str]:
    """Return what is not in the report, and why."""
    parts = [
        (analysis.segment is None, "segments: none were named"),
        (analysis.metrics_ is None, "fill rates and times: the order lines have no such columns"),
        (analysis.elements_ is None, "elements of service: no survey was given"),
        (analysis.lost_sales_cost_ is None, "the cost of lost sales: no customers were given"),
        (queue is None, "which orders to serve first: no open orders were given"),
    ]
    return [words for is_missing, words in parts if is_missing]
