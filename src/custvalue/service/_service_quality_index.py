"""The mathematics of a service-quality index: two levels of weighted means, and their change.

n_ij what indicator j of row i counts, v_j its weight within its dimension, V_d the weight of
dimension d, e_j the weight of indicator j in the index with what is missing shared out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custvalue._numerics.weighting import near_one
from custvalue._typing import FloatArray, IntArray
from custvalue.service._service_quality_index_tree import Tree
from custvalue.service._weighted_score import weighted_means

__all__ = [
    "Change",
    "Gaps",
    "IndexScores",
    "TreeWeights",
    "change_of",
    "effective_weights",
    "group_means",
    "index_scores",
]


_ROUNDING = 1e-12
"""What a sum of weights may lack by rounding alone."""


@dataclass(frozen=True, slots=True)
class TreeWeights:
    """Weights of a tree of m indicators in d dimensions.

    Attributes
    ----------
    within : ndarray of shape (m,)
        The sum of each dimension is 1.
    dimensions : ndarray of shape (d,)
        Their sum is 1.
    """

    within: FloatArray
    dimensions: FloatArray

    def of_indicators(self, tree: Tree) -> FloatArray:
        """Return the weight of each indicator in the index, of shape (m,)."""
        return self.within * self.dimensions[tree.owner]


@dataclass(frozen=True, slots=True)
class Gaps:
    """How means are taken.

    Attributes
    ----------
    least : float
        Share of the weight of an index below which there is none.
    whole : bool
        A gap takes away the score of its dimension too.
    geometric : bool
        Means are geometric.
    """

    least: float = 0.0
    whole: bool = False
    geometric: bool = False


@dataclass(frozen=True, slots=True)
class IndexScores:
    """Scores of n rows.

    Attributes
    ----------
    dimensions : ndarray of shape (n, d)
        NaN where gaps allow none.
    index, coverage : ndarray of shape (n,)
        The index, and the share of its weight whose indicator is there.
    """

    dimensions: FloatArray
    index: FloatArray
    coverage: FloatArray


@dataclass(frozen=True, slots=True)
class Change:
    """What each of m indicators adds to the change of an index.

    Attributes
    ----------
    by_value, by_weight : ndarray of shape (m,)
        The sum of both over all indicators is the change.
    """

    by_value: FloatArray
    by_weight: FloatArray


def index_scores(
    columns: Sequence[FloatArray], tree: Tree, weights: TreeWeights, gaps: Gaps
) -> IndexScores:
    """Return the scores of each row by dimension, and their weighted mean.

    Parameters
    ----------
    columns : sequence of ndarray of shape (n,)
        What each of the m indicators counts, NaN where it is missing.
    tree : Tree
    weights : TreeWeights
    gaps : Gaps

    Returns
    -------
    IndexScores
        What is missing of a dimension is shared out in it, a dimension without any among the
        others.
    """
    scores, coverage = [], np.zeros(len(columns[0]))
    for dimension, weight in zip(tree.dimensions, weights.dimensions.tolist(), strict=True):
        rows = tree.rows_of(dimension)
        means = weighted_means(
            columns[rows],
            weights.within[rows],
            least=1.0 if gaps.whole else 0.0,
            geometric=gaps.geometric,
        )
        scores.append(means.score)
        coverage += weight * means.coverage
    upper = weighted_means(
        scores, weights.dimensions, least=1.0 if gaps.whole else 0.0, geometric=gaps.geometric
    )
    coverage = np.where(coverage > 1 - _ROUNDING, 1.0, coverage)
    index = np.where(coverage < gaps.least - _ROUNDING, np.nan, upper.score)
    return IndexScores(np.column_stack(scores), index, coverage)


def effective_weights(profile: FloatArray, tree: Tree, weights: TreeWeights) -> FloatArray:
    """Return the weight of each indicator in the index of one profile, the missing shared out.

    Parameters
    ----------
    profile : ndarray of shape (m,)
        NaN where an indicator is missing.
    tree : Tree
    weights : TreeWeights

    Returns
    -------
    ndarray of shape (m,)
        Their sum is 1, or 0 where nothing is there.
    """
    owner, count = tree.owner, len(weights.dimensions)
    within = np.where(np.isnan(profile), 0.0, weights.within)
    there = np.bincount(owner, weights=within, minlength=count)
    upper = np.where(there > 0, weights.dimensions, 0.0)
    if upper.sum() == 0:
        return np.zeros(len(profile))
    shares = np.divide(within, there[owner], out=np.zeros(len(within)), where=there[owner] > 0)
    effective: FloatArray = shares * (upper / upper.sum())[owner]
    return effective


def change_of(
    before: FloatArray,
    after: FloatArray,
    weights_before: FloatArray,
    weights_after: FloatArray,
    *,
    geometric: bool = False,
) -> Change:
    """Return what each indicator adds to the change of an index, by its value and by its weight.

    With t = n the index is sum_j e_j t_j. Its change is, exactly and in both directions of time
    alike (Bennet 1920)::

        sum_j (e_j0 + e_j1) / 2 (t_j1 - t_j0) + sum_j (t_j0 + t_j1) / 2 (e_j1 - e_j0)

    so that with equal weights an indicator adds w_j (n_j1 - n_j0). An indicator known on one side
    alone adds all that it has there by its weight. A geometric index is exp(sum_j e_j ln(n_j)): the
    terms of t = ln(n) are multiplied by the logarithmic mean (I_1 - I_0) / ln(I_1 / I_0) of the two
    indices I (Ang 2005).

    Parameters
    ----------
    before, after : ndarray of shape (m,)
        What the indicators count, NaN where one is missing; above 0 for a geometric index, unless
        the weight is 0.
    weights_before, weights_after : ndarray of shape (m,)
        As `effective_weights` gives them; 0 where an indicator is missing.
    geometric : bool

    Returns
    -------
    Change

    References
    ----------
    T. L. Bennet (1920), "The theory of measurement of changes in cost of living", Journal of the
    Royal Statistical Society 83, 455-462.
    B. W. Ang (2005), "The LMDI approach to decomposition analysis: a practical guide", Energy
    Policy 33, 867-871.

    Examples
    --------
    >>> import numpy as np
    >>> equal = np.array([0.5, 0.5])
    >>> change = change_of(np.array([0.5, 0.75]), np.array([1.0, 0.5]), equal, equal)
    >>> change.by_value, change.by_weight
    (array([ 0.25 , -0.125]), array([0., 0.]))
    """
    first, last = (_logarithm(n) if geometric else n for n in (before, after))
    known = ~np.isnan(first) & ~np.isnan(last)
    first, last = np.nan_to_num(first, nan=0.0), np.nan_to_num(last, nan=0.0)
    by_value = np.where(known, (weights_before + weights_after) / 2 * (last - first), 0.0)
    jump = weights_after * last - weights_before * first
    by_weight = np.where(known, (first / 2 + last / 2) * (weights_after - weights_before), jump)
    if not geometric:
        return Change(by_value, by_weight)
    scale = _logarithmic_mean(float(weights_before @ first), float(weights_after @ last))
    return Change(scale * by_value, scale * by_weight)


def _logarithm(values: FloatArray) -> FloatArray:
    """Return logarithms; NaN for 0, which counts nothing since its weight is 0."""
    logarithms: FloatArray = np.log(np.where(values > 0, values, np.nan))
    return logarithms


def _logarithmic_mean(first: float, last: float) -> float:
    """Return (e^last - e^first) / (last - first), which is e^first where both are equal."""
    step = last - first
    return float(np.exp(first) * (np.expm1(step) / step if step != 0 else 1.0))


def group_means(
    values: FloatArray, groups: IntArray, counts: FloatArray, n_groups: int
) -> FloatArray:
    """Return the mean of each column by group, over the values that are there.

    Parameters
    ----------
    values : ndarray of shape (n, m)
        NaN where a value is missing.
    groups : ndarray of int of shape (n,)
    counts : ndarray of shape (n,)
        How many rows each stands for.
    n_groups : int

    Returns
    -------
    ndarray of shape (n_groups, m)
        NaN where a group has no value. Sums to the last bit alike in any order of the rows.
    """
    means = np.full((n_groups, values.shape[1]), np.nan)
    ties = () if counts.min() == counts.max() else (counts,)
    for j, raw in enumerate(values.T):
        column, exponent = near_one(raw)
        order = np.lexsort((*ties, column, groups))
        order = order[~np.isnan(column[order])]
        weight = np.bincount(groups[order], counts[order], minlength=n_groups)
        total = np.bincount(groups[order], (counts * column)[order], minlength=n_groups)
        np.divide(total, weight, out=means[:, j], where=weight > 0)
        means[:, j] = np.ldexp(means[:, j], exponent)
    return means
