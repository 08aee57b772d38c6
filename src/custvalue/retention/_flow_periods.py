"""The flow of every period from what happened in it: counts, rates and revenue, NaN if unknown."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray
from custvalue.retention._rates import kept_rates

__all__ = ["flow_columns"]


def flow_columns(
    sums: Mapping[str, AnyArray], *, last_whole: int, k: int, level: float, span: IntArray
) -> dict[str, AnyArray]:
    """Return the flow of every period.

    Parameters
    ----------
    sums : mapping of str to ndarray
        By column: ``period`` (numbers, in any order), ``new``, ``won_back``, ``lost`` and, with
        amounts, the sums of revenue.
    last_whole : int
        Number of the last period that was observed to its end.
    k : int
        Periods without an order after which a customer is lost.
    level : float
    span : ndarray of int of shape (n_periods,)
        Numbers of all periods to give, without a gap.

    Returns
    -------
    dict of str to ndarray of shape (n_periods,)
    """
    filled = {name: _spread(sums, name, span) for name in sums if name != "period"}
    new, won_back, lost = (filled[name] for name in ("new", "won_back", "lost"))
    end = np.cumsum(new + won_back - lost)
    start = end - (new + won_back - lost)
    complete = span <= last_whole
    # Before the k-th period nobody can have been away for k periods: nothing is known of losses.
    known = complete & (span >= span[0] + k)
    counts = {"start": start, "new": new, "kept": start - lost, "lost": lost}
    columns: dict[str, AnyArray] = {"complete": complete}
    columns |= {name: one.astype(np.int64) for name, one in counts.items()}
    columns |= {"won_back": won_back.astype(np.int64), "end": end.astype(np.int64)}
    columns |= _rates(start, lost, known, level)
    return columns | (_revenue(filled, known, k) if "revenue" in filled else {})


def _rates(
    start: FloatArray, lost: FloatArray, known: BoolArray, level: float
) -> dict[str, FloatArray]:
    rates = kept_rates(start - lost, start, level)
    columns = {
        "retention_rate": rates.rate,
        "lower": rates.lower,
        "upper": rates.upper,
        "churn_rate": 1.0 - rates.rate,
    }
    return {name: np.where(known, one, np.nan) for name, one in columns.items()}


def _revenue(filled: Mapping[str, FloatArray], known: BoolArray, k: int) -> dict[str, FloatArray]:
    """Return the revenue of the last k periods at the start and the end, and what moved it."""
    revenue = filled["revenue"]
    at_end = np.convolve(revenue, np.ones(k))[: len(revenue)]
    at_start = np.concatenate([[0.0], at_end[:-1]])
    lost = filled["churned_revenue"] + filled["contraction"]
    there = known & (at_start > 0)
    gross = _share(at_start - lost, at_start, there)
    return {
        "revenue_start": at_start,
        "new_revenue": filled["new_revenue"],
        "won_back_revenue": filled["won_back_revenue"],
        "expansion": filled["expansion"],
        "contraction": filled["contraction"],
        "churned_revenue": filled["churned_revenue"],
        "revenue_end": at_end,
        # Sums in another order differ in their last digits: 0 and 1 stay what they are.
        "gross_revenue_retention": np.clip(gross, 0.0, 1.0),
        "net_revenue_retention": _share(at_start - lost + filled["expansion"], at_start, there),
        "unmatched_refunds": filled["unmatched_refunds"],
    }


def _share(part: FloatArray, whole: FloatArray, there: BoolArray) -> FloatArray:
    shares: FloatArray = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=there)
    return shares


def _spread(sums: Mapping[str, AnyArray], name: str, span: IntArray) -> FloatArray:
    """Return sums at the periods of the span, 0 where nothing happened."""
    spread = np.zeros(len(span))
    place = np.asarray(sums["period"], dtype=np.int64) - span[0]
    inside = (place >= 0) & (place < len(span))
    values = np.nan_to_num(np.asarray(sums[name], dtype=np.float64))
    spread[place[inside]] = values[inside] + 0.0  # no negative zero
    return spread
