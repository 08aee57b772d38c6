"""What was seen of customers, period by period: the product-limit estimate on whole periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import FloatArray, IntArray
from custvalue.retention._product_limit import Spells, product_limit

__all__ = ["Observed", "observed_periods"]

_MOST_PERIODS = 1000
"""What a fitted model keeps must stay small."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Counts and estimates by period, each of shape (n_periods + 1,).

    Attributes
    ----------
    period : ndarray of int
        0, 1, 2, ...
    at_risk : ndarray
        Customers of whom it is known whether they renewed at this period; at 0 those seen from
        the start.
    churned : ndarray
        How many of them left.
    retention : ndarray
        1 - churned / at_risk; NaN at period 0 and where nobody was at risk.
    survival : ndarray
        Product of the retentions up to this period (Kaplan and Meier 1958); NaN from where nobody
        was at risk.
    """

    period: IntArray
    at_risk: FloatArray
    churned: FloatArray
    retention: FloatArray
    survival: FloatArray


def observed_periods(
    duration: FloatArray, churned: FloatArray, entry: FloatArray, weights: FloatArray | None
) -> Observed:
    """Return what was seen in every period up to the longest duration, a thousand at most.

    Parameters
    ----------
    duration, churned, entry : ndarray of shape (n_rows,)
        Whole numbers; a customer is at risk at the periods entry < t <= duration.
    weights : ndarray of shape (n_rows,) or None
        How many customers each row stands for.

    Returns
    -------
    Observed
    """
    counts = np.ones(len(duration)) if weights is None else weights
    period = np.arange(int(min(duration.max(), _MOST_PERIODS)) + 1)
    kept = np.flatnonzero(counts > 0)
    curve = product_limit(Spells(duration, churned, entry, counts).take(kept))
    rows = np.searchsorted(curve.time, period)
    at_risk = np.append(curve.at_risk, 0.0)[rows]
    left = np.where(np.append(curve.time, np.inf)[rows] == period, 1.0, 0.0)
    left *= np.append(curve.events, 0.0)[rows]
    with np.errstate(divide="ignore", invalid="ignore"):
        retention = 1 - left / at_risk
    retention[0] = np.nan
    known = np.append(True, np.cumprod(at_risk[1:] > 0) > 0)
    last = np.searchsorted(curve.time, period, side="right") - 1
    survival = np.where(known, curve.survival[last], np.nan)
    return Observed(period, at_risk, left, retention, survival)
