"""How well judges agree who put the same things in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, rankdata

from custvalue._typing import FloatArray

__all__ = ["Concordance", "kendall_w"]


@dataclass(frozen=True, slots=True)
class Concordance:
    """Agreement of m judges on n things.

    Attributes
    ----------
    w : float
        Kendall's W, from 0 (none) to 1 (the same order); NaN where no judge has an order.
    statistic : float
        m (n - 1) W, in large samples chi-square where the judges put things at random.
    degrees_of_freedom : int
        n - 1.
    p_value : float
        Of independent judges.
    """

    w: float
    statistic: float
    degrees_of_freedom: int
    p_value: float


def kendall_w(scores: FloatArray) -> Concordance:
    """Return Kendall's coefficient of concordance, corrected for ties.

    With R_i the sum of the midranks of thing i and S the sum of squares of R about its mean ::

        W = 12 S / (m^2 (n^3 - n) - m sum over judges and ties of (t^3 - t))

    where t is the number of things tied by a judge (Kendall and Gibbons 1990, ch. 6).

    Parameters
    ----------
    scores : ndarray of shape (m, n)
        What each of at least two judges gave to each of at least two things; only the order counts.

    Returns
    -------
    Concordance

    Raises
    ------
    ValueError
        If there are less than two judges or things.

    Examples
    --------
    >>> import numpy as np
    >>> round(kendall_w(np.array([[1.0, 2, 3, 4], [1, 2, 4, 3], [2, 1, 3, 4]])).w, 4)
    0.8222
    """
    m, n = scores.shape
    if min(m, n) < 2:
        raise ValueError(f"Kendall's W needs two judges and two things; found {m} and {n}")
    ranks = rankdata(scores, axis=1)
    sums = ranks.sum(axis=0)
    S = float(np.sum((sums - sums.mean()) ** 2))
    whole = m**2 * (n**3 - n) - m * sum(map(_ties, ranks))
    w = 12 * S / whole if whole > 0 else float("nan")
    statistic = m * (n - 1) * w
    return Concordance(w, statistic, n - 1, float(chi2.sf(statistic, n - 1)))


def _ties(ranks: FloatArray) -> float:
    t = np.unique(ranks, return_counts=True)[1].astype(np.float64)
    return float(np.sum(t**3 - t))
