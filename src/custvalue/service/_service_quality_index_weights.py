"""Weights on the two levels of a service-quality index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import DataError
from custvalue.service._service_quality_index import Gaps, TreeWeights, index_scores
from custvalue.service._service_quality_index_tree import LEVEL, Tree
from custvalue.service._weighted_score_weights import given_weights, is_given, weigh

__all__ = ["Learned", "WeightRules", "learn_weights", "split_weights"]


@dataclass(frozen=True, slots=True)
class WeightRules:
    """How each level is weighed, as the parameters say.

    Attributes
    ----------
    weights : {"equal", "entropy", "ahp"} or mapping of str to float
        Of the indicators within their dimension.
    dimensions : {"equal", "sum", "entropy", "ahp"} or mapping of str to float
    comparisons : mapping of str to matrix
        By dimension, and that of the dimensions.
    """

    weights: Any
    dimensions: Any
    comparisons: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights, and the consistency ratios of comparisons by what was compared."""

    weights: TreeWeights
    consistency_ratios: dict[str, float]


def learn_weights(
    tree: Tree,
    values: FloatArray,
    counts: FloatArray,
    usable: BoolArray,
    rules: WeightRules,
    *,
    geometric: bool = False,
) -> Learned:
    """Weigh the indicators within their dimensions, then the dimensions.

    Parameters
    ----------
    tree : Tree
    values : ndarray of shape (n, m)
        What the indicators count.
    counts : ndarray of shape (n,)
        How many equal rows each row stands for.
    usable : ndarray of bool of shape (m,)
        The others have weight 0.
    rules : WeightRules
    geometric : bool
        Scores of dimensions, whose entropy may be wanted, are geometric means.

    Returns
    -------
    Learned

    Raises
    ------
    ValueError
        If weights or comparisons break a rule.
    DataError
        If a dimension has no usable indicator with weight, or entropy cannot weigh.
    """
    total = _totals(tree, rules)
    within, ratios = np.zeros(len(usable)), {}
    for dimension, names in tree.members.items():
        rows = tree.rows_of(dimension)
        if not usable[rows].any():
            raise DataError(
                f"dimension {dimension!r} must have an indicator whose values differ; all of "
                f"{', '.join(names)} are constant. normalisation='target' needs no differences"
            )
        chosen = {name: rules.weights[name] for name in names} if is_given(rules.weights) else None
        found = weigh(
            rules.weights if chosen is None else chosen,
            names,
            values[:, rows],
            counts,
            usable=usable[rows],
            comparisons=rules.comparisons.get(dimension),
        )
        within[rows] = found.weights
        if found.consistency_ratio is not None:
            ratios[dimension] = found.consistency_ratio
    equal = np.full(len(tree.members), 1 / len(tree.members))
    if isinstance(rules.dimensions, str) and rules.dimensions == "sum":
        sums = np.bincount(tree.owner, weights=np.where(usable, total, 0.0))
        return Learned(TreeWeights(within, sums / sums.sum()), ratios)
    scores = index_scores(
        list(values.T), tree, TreeWeights(within, equal), Gaps(geometric=geometric)
    )
    found = weigh(
        rules.dimensions,
        tree.dimensions,
        scores.dimensions,
        counts,
        usable=np.ones(len(equal), dtype=bool),
        comparisons=rules.comparisons.get(LEVEL),
        parameter="dimension_weights",
    )
    if found.consistency_ratio is not None:
        ratios[LEVEL] = found.consistency_ratio
    return Learned(TreeWeights(within, found.weights), ratios)


def split_weights(given: Any, tree: Tree, *, parameter: str) -> TreeWeights:
    """Return weights of indicators in the whole index as those of the two levels.

    Parameters
    ----------
    given : mapping of str to float, or pandas.Series
    tree : Tree
    parameter : str
        For the messages.

    Returns
    -------
    TreeWeights
        A dimension without weight has equal weights within.

    Raises
    ------
    ValueError
        If an indicator has no weight, one is negative or not finite, or all are 0.

    Examples
    --------
    >>> tree = Tree({"speed": ("cycle_time",), "care": ("fill_rate", "damage")})
    >>> split_weights({"cycle_time": 2, "fill_rate": 1, "damage": 1}, tree, parameter="weights")
    TreeWeights(within=array([1. , 0.5, 0.5]), dimensions=array([0.5, 0.5]))
    """
    weights = given_weights(given, tree.indicators, parameter=parameter)
    dimensions = np.bincount(tree.owner, weights=weights).astype(np.float64)
    sizes = np.bincount(tree.owner)[tree.owner]
    whole = dimensions[tree.owner]
    within = np.divide(weights, whole, out=1.0 / sizes, where=whole > 0)
    return TreeWeights(within, dimensions)


def _totals(tree: Tree, rules: WeightRules) -> FloatArray:
    """Return the weight of each indicator in the whole, as far as it is given; else alike."""
    if is_given(rules.weights):
        return given_weights(rules.weights, tree.indicators)
    return np.ones(len(tree.indicators))
