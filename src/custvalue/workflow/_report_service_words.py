"""Sentences of the service report: what the product hides, and how to read the page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue.plotting.formatting import counted, decimal, share
from custvalue.workflow._report_service_tables import words_of

__all__ = ["difference_sentence", "service_notes"]

_LEAST_GAP = 0.0005
"""Differences of shares below this are not worth a word."""


def difference_sentence(found: pd.Series, n_criteria: int) -> str:
    """Return one sentence on the observed share and the product of the criteria.

    Parameters
    ----------
    found : pandas.Series
        ``observed``, ``product``, ``difference`` and its parts ``dependence`` and ``unknown``.
    n_criteria : int
        One alone is its own product: there is nothing to say.

    Returns
    -------
    str
        What has the sign of the difference is named as its cause, the other part as what is against
        it. Parts are judged by their own size: two that cancel out are both named.
    """
    gap = found["difference"]
    if n_criteria == 1 or not np.isfinite(gap):
        return ""
    start = f"The product of the criteria, {share(found['product'])}, is"
    sizes = {_dependence(found["dependence"]): found["dependence"]}
    sizes["some orders are not known in full"] = found["unknown"]
    real = {words: size for words, size in sizes.items() if abs(size) >= _LEAST_GAP}
    if abs(gap) < _LEAST_GAP:
        both = ", but ".join(real) if len(real) > 1 else ""
        hidden = f", since two things cancel out: {both}" if both else ""
        return f"{start} close to the share of perfect orders{hidden}."
    text = f"{start} {decimal(100 * abs(gap), 1)} points {'lower' if gap > 0 else 'higher'}"
    causes = [words for words, size in real.items() if size * gap > 0]
    against = [words for words, size in real.items() if size * gap < 0]
    text += f": {', and '.join(causes)}" if causes else ""
    return f"{text}, although {against[0]}." if against else f"{text}."


def service_notes(analysis: Any) -> list[tuple[str, str]]:
    """Return how to read the report: a term and one sentence each, of what is in it alone.

    Parameters
    ----------
    analysis : ServiceAnalysis
        Fitted.

    Returns
    -------
    list of tuple of str
    """
    return [*_notes_on_orders(analysis), *_notes_on_parts(analysis)]


def _notes_on_orders(analysis: Any) -> list[tuple[str, str]]:
    criteria = ", ".join(words_of(name) for name in analysis.criteria)
    one = len(analysis.criteria) == 1
    meets = f"meets every criterion with all of its lines: {criteria}."
    if one:
        meets = f"meets its criterion with all of its lines: {criteria}."
    if _has_unknown(analysis):
        meets += " What is not known is not failed, and counts in no share."
    notes = [("A perfect order", meets)]
    if "on_time" in analysis.criteria:
        notes.append(("On time", _on_time(analysis)))
    if not one:
        notes.append(
            (
                "What a criterion costs",
                "is the share of orders that it keeps from being perfect; an order that fails "
                "several is split between them. Alone are those that would be perfect without it.",
            )
        )
    if (analysis.perfect_order_.observed_["known"] > 0).sum() > 1:
        notes.append(
            (
                "The funnel",
                "holds 95\u00a0% of segments in its inner and 99.8\u00a0% in its outer part if all "
                "are alike and differ by chance alone.",
            )
        )
    return notes


def _notes_on_parts(analysis: Any) -> list[tuple[str, str]]:
    notes = []
    if analysis.element_ranking_ is not None and analysis.elements_["rank_lower"].notna().any():
        notes.append(
            (
                "Limits of ranks",
                "hold all true ranks together; of elements whose limits overlap do not say that "
                "one matters more.",
            )
        )
    if analysis.lost_sales_cost_ is not None:
        notes.append(("The cost of lost sales", _cost(analysis)))
    return notes


def _cost(analysis: Any) -> str:
    words = [
        "is the lifetime value of customers whom failures drive away, times the chance of that."
    ]
    if len(analysis.criteria) > 1 and analysis.repeated == "independent":
        words.append(
            "A customer leaves once, so that the saving of one criterion\u2019s perfection is at "
            "most its cost."
        )
    if _has_unknown(analysis):
        words.append("What is not known counts as no failure: failures are a lower bound.")
    words.append("It is no expense that books show.")
    return " ".join(words)


def _has_unknown(analysis: Any) -> bool:
    quality = analysis.data_quality_
    return any(quality[f"{name}_unknown"] > 0 for name in analysis.criteria)


def _on_time(analysis: Any) -> str:
    late, early = analysis.tolerance, analysis.early
    after = f"at most {counted(late, 'day')} after" if late else "by"
    text = f"is delivered {after} the day {analysis.reference}"
    return (
        f"{text}." if early is None else f"{text}, and at most {counted(early, 'day')} before it."
    )


def _dependence(size: float) -> str:
    return f"failures of one order {'come together' if size > 0 else 'avoid each other'}"
