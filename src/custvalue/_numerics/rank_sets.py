"""Which ranks each of several estimates may have, all of them together.

theta_1 ... theta_p are the true values, ranked from the largest: r_j = 1 + #{k: theta_k > theta_j}.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray

__all__ = ["RankSets", "rank_sets"]

_CERTAIN = 1e-10
"""Standard deviation, relative to the estimates, below which a difference is known."""


@dataclass(frozen=True, slots=True)
class RankSets:
    """The least and the largest rank that each of p estimates may have.

    Attributes
    ----------
    lower, upper : ndarray of int of shape (p,)
        From 1, the rank of the largest, to p.
    """

    lower: IntArray
    upper: IntArray


def rank_sets(estimates: FloatArray, draws: FloatArray, level: float = 0.9) -> RankSets:
    """Return ranks that hold those of all true values together at the given level.

    For each ordered pair the hypothesis theta_j <= theta_k is tested by
    t_jk = (estimate_j - estimate_k) / s_jk, where s_jk is the standard deviation of the difference
    over the draws. The critical value is the ``level`` quantile, over the draws, of the
    largest (difference in the draw - estimated difference) / s_jk of all pairs. Pairs that exceed
    it are set aside, and the rest are tested again with the quantile of their own largest, until
    none is added. Rank j then runs from 1 + #{k shown to be above j} to p - #{k shown to be below}.

    Parameters
    ----------
    estimates : ndarray of shape (p,)
    draws : ndarray of shape (n_draws, p)
        The estimates of bootstrap samples.
    level : float
        Of confidence, between 0 and 1.

    Returns
    -------
    RankSets
        Differences that hardly vary over the draws are taken as known.

    References
    ----------
    M. Mogstad, J. P. Romano, A. M. Shaikh and D. Wilhelm (2024). Inference for ranks with
    applications to mobility across neighbourhoods and academic achievement across countries.
    Review of Economic Studies 91, 476-518. Algorithm 3.2 and Romano and Wolf's step-down.

    Examples
    --------
    >>> import numpy as np
    >>> draws = np.random.default_rng(0).normal([3.0, 2.9, 1.0], 0.1, (500, 3))
    >>> rank_sets(np.array([3.0, 2.9, 1.0]), draws)
    RankSets(lower=array([1, 1, 3]), upper=array([2, 2, 3]))
    """
    above, below = np.nonzero(~np.eye(len(estimates), dtype=bool))
    differences = estimates[above] - estimates[below]
    drawn = draws[:, above] - draws[:, below]
    deviations = drawn.std(axis=0, ddof=1)
    known = deviations <= _CERTAIN * np.abs(estimates).max()
    shown = known & (differences > _CERTAIN * np.abs(estimates).max())
    shown[~known] = _step_down(
        differences[~known] / deviations[~known],
        (drawn[:, ~known] - differences[~known]) / deviations[~known],
        level,
    )
    p = len(estimates)
    over = np.bincount(below[shown], minlength=p)
    under = np.bincount(above[shown], minlength=p)
    return RankSets(1 + over, p - under)


def _step_down(statistics: FloatArray, drawn: FloatArray, level: float) -> BoolArray:
    """Return which statistics are too large for chance, with the chance of any error bounded."""
    rejected = np.zeros(len(statistics), dtype=bool)
    while not rejected.all():
        critical = _upper_quantile(drawn[:, ~rejected].max(axis=1), level)
        now = statistics > critical
        if not (now & ~rejected).any():
            break
        rejected |= now
    return rejected


def _upper_quantile(values: FloatArray, level: float) -> float:
    """Return the smallest drawn value that at least this share of draws, and one more, reach."""
    n = len(values)
    place = min(int(np.ceil((n + 1) * level)), n)
    return float(np.partition(values, place - 1)[place - 1])
