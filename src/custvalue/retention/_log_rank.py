"""The log-rank test (Mantel 1966, Cancer Chemotherapy Reports 50, 163-170) on curves.

At each time at which someone leaves, with n_k of n at risk in group k and d leaving of all::

    E_k = d n_k / n,    V_kl = d (n - d) / (n - 1) (n_k / n) ([k = l] - n_l / n)

Under equal curves (O - E)' V^- (O - E) is chi-squared; O, E and V are sums over these times. Those
at risk have entered, so that left-truncated rows count from their entry on, and weights are numbers
of customers. statsmodels' own test takes no weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from custvalue._typing import FloatArray
from custvalue.retention._product_limit import ProductLimit

__all__ = ["LogRank", "log_rank"]

_CELLS = 2_000_000
"""Groups x times held at once."""
_SINGULAR = 1e-13
"""A variance this small beside the number of events is rounding."""


@dataclass(frozen=True, slots=True)
class LogRank:
    """Result of a log-rank test.

    Attributes
    ----------
    statistic : float
        NaN where no time tells the groups apart.
    df : int
    p_value : float
    """

    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True)
class _Moments:
    """O - E of shape (n_groups,) and V of shape (n_groups, n_groups), summed over times."""

    excess: FloatArray
    covariance: FloatArray


def log_rank(curves: Sequence[ProductLimit]) -> LogRank:
    """Test whether groups have the same survival.

    Parameters
    ----------
    curves : sequence of ProductLimit
        At least two.

    Returns
    -------
    LogRank
    """
    moments = [_moments(at_risk, events) for at_risk, events in _blocks(curves)]
    n_groups, n_events = len(curves), sum(float(curve.events.sum()) for curve in curves)
    excess = sum((one.excess for one in moments), np.zeros(n_groups))
    covariance = sum((one.covariance for one in moments), np.zeros((n_groups, n_groups)))
    values, vectors = np.linalg.eigh(covariance)
    # The rows of V add up to 0: one group is too many. Others may never be compared.
    kept = (np.arange(n_groups) > 0) & (values > _SINGULAR * n_events)
    df = int(kept.sum())
    if df == 0:
        return LogRank(np.nan, 0, np.nan)
    statistic = float(np.sum((vectors[:, kept].T @ excess) ** 2 / values[kept]))
    return LogRank(statistic, df, float(chdtrc(df, statistic)))


def _blocks(curves: Sequence[ProductLimit]) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield numbers at risk and of events, each of shape (n_groups, some times)."""
    times = np.unique(np.concatenate([curve.time[curve.events > 0] for curve in curves]))
    step = max(_CELLS // len(curves), 1)
    for start in range(0, len(times), step):
        some = times[start : start + step]
        yield (
            np.array([_at_risk(curve, some) for curve in curves]),
            np.array([_events(curve, some) for curve in curves]),
        )


def _at_risk(curve: ProductLimit, times: FloatArray) -> FloatArray:
    return np.append(curve.at_risk, 0.0)[np.searchsorted(curve.time, times)]


def _events(curve: ProductLimit, times: FloatArray) -> FloatArray:
    found = np.minimum(np.searchsorted(curve.time, times), len(curve.time) - 1)
    return np.where(curve.time[found] == times, curve.events[found], 0.0)


def _moments(at_risk: FloatArray, events: FloatArray) -> _Moments:
    n, d = at_risk.sum(axis=0), events.sum(axis=0)
    shares = at_risk / np.maximum(n, 1e-300)
    spread = np.where(n > 1, d * np.maximum(n - d, 0.0) / np.where(n > 1, n - 1, 1.0), 0.0)
    excess = (events - shares * d).sum(axis=1)
    weighted = shares * spread
    return _Moments(excess, np.diag(weighted.sum(axis=1)) - weighted @ shares.T)
