"""What a table of cohorts shows as it stands: curves, averages, and doubts.

``counts`` is a matrix of cohorts by age, NaN where not yet observed; age 0 is the size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._numerics.proportions import wilson_interval
from custvalue._typing import BoolArray, FloatArray

__all__ = ["AverageCurve", "average_curve", "looks_filled", "looks_like_percent", "rising_cells"]


@dataclass(frozen=True, slots=True)
class AverageCurve:
    """The average over the cohorts that are old enough, each array of shape (n_ages,).

    Attributes
    ----------
    n_cohorts, size, customers : ndarray
        Cohorts observed at the age, the sum of their sizes, and their customers at that age.
    share, lower, upper : ndarray
        ``customers / size`` with the interval of Wilson.
    chained : ndarray
        Product of the ratios of one age to the one before, each over the cohorts observed at both.
    """

    n_cohorts: FloatArray
    size: FloatArray
    customers: FloatArray
    share: FloatArray
    lower: FloatArray
    upper: FloatArray
    chained: FloatArray


def average_curve(counts: FloatArray, level: float) -> AverageCurve:
    """Return the average over cohorts at every age.

    Parameters
    ----------
    counts : ndarray of shape (n_cohorts, n_ages)
    level : float
        Coverage of the intervals.

    Returns
    -------
    AverageCurve

    Examples
    --------
    >>> import numpy as np
    >>> counts = np.array([[100.0, 50.0, 40.0], [300.0, 210.0, np.nan]])
    >>> found = average_curve(counts, 0.9)
    >>> found.share, found.chained.round(3)
    (array([1.  , 0.65, 0.4 ]), array([1.  , 0.65, 0.52]))
    """
    there = ~np.isnan(counts)
    known = np.where(there, counts, 0.0)
    customers = known.sum(axis=0)
    size = np.where(there, counts[:, :1], 0.0).sum(axis=0)
    lower, upper = wilson_interval(customers, size, level)
    before = np.where(there[:, 1:], known[:, :-1], 0.0).sum(axis=0)
    steps = customers[1:] / np.where(before > 0, before, 1.0)
    return AverageCurve(
        n_cohorts=there.sum(axis=0).astype(np.float64),
        size=size,
        customers=customers,
        share=customers / np.where(size > 0, size, np.nan),
        lower=lower,
        upper=upper,
        chained=np.cumprod(np.append(1.0, steps)),
    )


def rising_cells(counts: FloatArray) -> BoolArray:
    """Return which cells exceed the one before, of shape (n_cohorts, n_ages)."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.diff(counts, axis=1, prepend=counts[:, :1]) > 0)


def looks_filled(counts: FloatArray) -> bool:
    """Return whether what is not yet observed seems to be filled with 0.

    That is where every row is full and the rows, three or more, end in 0, 1, 2, ... zeros.
    """
    zeros = (np.cumsum(counts[:, ::-1] != 0, axis=1) == 0).sum(axis=1)
    staircase = np.array_equal(np.sort(zeros), np.arange(len(zeros)))
    return len(counts) > 2 and staircase and not np.isnan(counts).any()


def looks_like_percent(counts: FloatArray) -> bool:
    """Return whether counts seem to be percent: several cohorts, all of size 100."""
    return len(counts) > 1 and bool((counts[:, 0] == 100).all())
