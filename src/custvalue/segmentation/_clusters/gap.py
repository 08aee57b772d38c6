"""The gap statistic (Tibshirani, Walther and Hastie 2001): groups against shapeless data.

Gap(k) = mean over B references of log W*_k - log W_k, where W_k is the dispersion inside k groups
and the references are uniform in the box around the data along their principal axes. Its standard
error is s_k = sd(log W*_k) sqrt(1 + 1/B).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custvalue._estimator.progress import tracked
from custvalue._estimator.randomness import new_seeds
from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._clusters.criteria import Clusterer, within_dispersion

__all__ = ["GapStatistic", "ReferenceBox", "gap_number", "gap_statistic", "reference_box"]


@dataclass(frozen=True, slots=True)
class GapStatistic:
    """The statistic of some numbers of groups.

    Attributes
    ----------
    gap : ndarray of shape (n_numbers,)
        In logarithms; NaN where all rows are equal or no row is in a group.
    standard_error : ndarray of shape (n_numbers,)
    """

    gap: FloatArray
    standard_error: FloatArray


@dataclass(frozen=True, slots=True)
class ReferenceBox:
    """The box around some rows along their principal axes.

    Attributes
    ----------
    centre : ndarray of shape (n_features,)
    axes : ndarray of shape (n_axes, n_features)
        Unit vectors.
    low, high : ndarray of shape (n_axes,)
        Along the axes, from the centre.
    """

    centre: FloatArray
    axes: FloatArray
    low: FloatArray
    high: FloatArray

    def draw(self, n_rows: int, generator: np.random.Generator) -> FloatArray:
        """Return rows drawn uniformly, of shape (n_rows, n_features)."""
        along = generator.uniform(self.low, self.high, size=(n_rows, len(self.low)))
        rows: FloatArray = self.centre + along @ self.axes
        return rows


def reference_box(Z: FloatArray) -> ReferenceBox:
    """Return the box around the rows of Z along their principal axes."""
    centre = Z.mean(axis=0)
    axes = np.linalg.svd(Z - centre, full_matrices=False)[2]
    along = (Z - centre) @ axes.T
    return ReferenceBox(centre, axes, along.min(axis=0), along.max(axis=0))


def gap_statistic(
    Z: FloatArray,
    cluster: Clusterer,
    groupings: Sequence[IntArray],
    ks: Sequence[int],
    *,
    generator: np.random.Generator,
    n_references: int = 15,
    progress: bool = False,
) -> GapStatistic:
    """Return the gap of each number of groups, by groupings of references of the same size.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_features)
    cluster : callable
        Takes rows, a number of groups and a seed, gives the codes of the rows.
    groupings : sequence of ndarray of int of shape (n_rows,)
        What `cluster` found in Z for each of `ks`. Rows without a group are left out, and
        dispersions are per row in a group.
    ks : sequence of int
    generator : numpy.random.Generator
    n_references : int
        B; the standard errors need 2.
    progress : bool

    Returns
    -------
    GapStatistic
    """
    observed = np.array([_log_dispersion(Z, codes) for codes in groupings])
    if np.isnan(observed).all():
        return GapStatistic(observed, observed.copy())
    box = reference_box(Z)
    expected = np.empty((n_references, len(ks)))
    for row in tracked(range(n_references), "Gap statistic", progress=progress):
        reference = box.draw(len(Z), generator)
        seeds = new_seeds(generator, len(ks))
        expected[row] = [
            _log_dispersion(reference, cluster(reference, k, seed))
            for k, seed in zip(ks, seeds, strict=True)
        ]
    spread = expected.std(axis=0) * np.sqrt(1 + 1 / n_references)
    return GapStatistic(expected.mean(axis=0) - observed, spread)


def gap_number(ks: Sequence[int], gap: FloatArray, standard_error: FloatArray) -> int | None:
    """Return the smallest k with Gap(k) >= Gap(k') - s_k', where k' is the next number tried.

    Parameters
    ----------
    ks : sequence of int
        Rising.
    gap, standard_error : ndarray of shape (n_numbers,)

    Returns
    -------
    int or None
        The last k where the gap rises throughout, as R's ``clusGap`` has it; None where no gap is
        known. Numbers without a gap are passed over.

    Examples
    --------
    >>> import numpy as np
    >>> gap_number([1, 2, 3, 4], np.array([0.1, 0.3, 0.8, 0.7]), np.full(4, 0.05))
    3
    >>> gap_number([1, 2, 3, 4], np.array([0.1, 0.14, 0.8, 0.7]), np.full(4, 0.05))
    1
    """
    known = np.flatnonzero(np.isfinite(gap))
    if len(known) == 0:
        return None
    enough = gap[known[:-1]] >= (gap - standard_error)[known[1:]]
    return int(ks[known[int(enough.argmax())] if enough.any() else known[-1]])


def _log_dispersion(Z: FloatArray, codes: IntArray) -> float:
    """Return the logarithm of the dispersion within groups for each row that is in one."""
    within = within_dispersion(Z, codes)
    return float(np.log(within / (codes >= 0).sum())) if within > 0 else np.nan
