"""Chi-square tests of moves between segments.

n_ij counts moves from i to j, n_i. and n_.i are sums of a row and a column, and n_ij(t) counts
those from period t to the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components
from scipy.special import chdtrc

from custvalue._typing import IntArray

__all__ = ["ChiSquare", "bowker_symmetry", "chi_square_frame", "stationarity", "stuart_maxwell"]

_SAYS = {
    "bowker_symmetry": ("exchanges between segments are uneven", "no sign of uneven exchanges"),
    "stuart_maxwell": ("segments grew or shrank", "no sign that segments grew or shrank"),
    "stationarity": ("moves changed between periods", "no sign that moves changed"),
}


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """A statistic that has a chi-square law where nothing is the matter.

    Attributes
    ----------
    statistic : float
    df : int
        Degrees of freedom; 0 where there is nothing to test.
    """

    statistic: float
    df: int

    @property
    def p_value(self) -> float:
        """Probability of so large a statistic by chance; NaN where there is nothing to test."""
        return float(chdtrc(self.df, self.statistic)) if self.df else float("nan")


def bowker_symmetry(counts: IntArray) -> ChiSquare:
    """Test that as many moved from i to j as back (Bowker 1948, JASA 43, 572-574).

    The sum over pairs i < j of (n_ij - n_ji)^2 / (n_ij + n_ji); one degree of freedom for each
    pair between which somebody moved.

    Parameters
    ----------
    counts : ndarray of int of shape (n_segments, n_segments)

    Returns
    -------
    ChiSquare
    """
    above = np.triu_indices(len(counts), k=1)
    there, back = counts[above].astype(np.float64), counts.T[above].astype(np.float64)
    some = there + back > 0
    terms = (there[some] - back[some]) ** 2 / (there[some] + back[some])
    return ChiSquare(float(terms.sum()), int(some.sum()))


def stuart_maxwell(counts: IntArray) -> ChiSquare:
    """Test that no segment grew or shrank (Stuart 1955, Biometrika 42; Maxwell 1970).

    d' V^- d with d_i = n_i. - n_.i, V_ii = n_i. + n_.i - 2 n_ii and V_ij = -(n_ij + n_ji). V has
    one dimension less than segments for each set of segments that exchange customers.

    Parameters
    ----------
    counts : ndarray of int of shape (n_segments, n_segments)

    Returns
    -------
    ChiSquare
    """
    exchanged = (counts + counts.T).astype(np.float64)
    np.fill_diagonal(exchanged, 0.0)
    sets, member = connected_components(exchanged > 0, directed=False)
    difference = (counts.sum(axis=1) - counts.sum(axis=0)).astype(np.float64)
    # One segment of each set left out: the rest of V is positive definite.
    kept = np.setdiff1d(np.arange(len(counts)), np.unique(member, return_index=True)[1])
    covariance = (np.diag(exchanged.sum(axis=1)) - exchanged)[np.ix_(kept, kept)]
    statistic = difference[kept] @ np.linalg.solve(covariance, difference[kept])
    return ChiSquare(float(statistic), len(counts) - int(sets))


def stationarity(periods: IntArray) -> ChiSquare:
    """Test that the probabilities of moves stay the same (Anderson and Goodman 1957, eq. 3.6).

    The sum over periods t and cells of n_i(t) (p_ij(t) - p_ij)^2 / p_ij. Annals of Mathematical
    Statistics 28, 89-110. Degrees of freedom: for each row i (periods with anybody in i - 1) x
    (segments that anybody in i moved to - 1).

    Parameters
    ----------
    periods : ndarray of int of shape (n_moves, n_segments, n_segments)

    Returns
    -------
    ChiSquare
    """
    rows = periods.sum(axis=2).astype(np.float64)
    total = periods.sum(axis=0).astype(np.float64)
    everybody = rows.sum(axis=0)
    expected = rows[:, :, None] * (total / np.where(everybody > 0, everybody, 1)[:, None])
    some = expected > 0
    terms = (periods[some] - expected[some]) ** 2 / expected[some]
    df = ((rows > 0).sum(axis=0) - 1).clip(0) * ((total > 0).sum(axis=1) - 1).clip(0)
    return ChiSquare(float(terms.sum()), int(df.sum()))


def chi_square_frame(periods: IntArray, level: float) -> pd.DataFrame:
    """Return all tests as a frame; that of stationarity where there are three periods.

    Parameters
    ----------
    periods : ndarray of int of shape (n_moves, n_segments, n_segments)
    level : float
        A test says something where its p value is below 1 - level.

    Returns
    -------
    pandas.DataFrame
        Index ``test``; columns ``statistic``, ``df``, ``p_value``, ``says``.
    """
    counts = periods.sum(axis=0)
    found = {"bowker_symmetry": bowker_symmetry(counts), "stuart_maxwell": stuart_maxwell(counts)}
    if len(periods) > 1:
        found["stationarity"] = stationarity(periods)
    rows = {
        "statistic": [test.statistic if test.df else np.nan for test in found.values()],
        "df": [test.df for test in found.values()],
        "p_value": [test.p_value for test in found.values()],
        "says": [_says(name, test, 1 - level) for name, test in found.items()],
    }
    return pd.DataFrame(rows, index=pd.Index(list(found), name="test"))


def _says(name: str, test: ChiSquare, alpha: float) -> str:
    if not test.df:
        return "nothing to test"
    return _SAYS[name][0 if test.p_value < alpha else 1]
