"""A decision tree that learns segments, and the ways to its ends.

The tree sees each number as its place among the different values, so that a rule does not depend
on units and no split is lost to rounding; a missing number comes before all others. It sees each
category as one yes or no a level, a missing one as a level of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.class_weight import compute_sample_weight

from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.segmentation._clusters.conditions import (
    Condition,
    Conditions,
    condition_of_level,
    split_number,
)
from custvalue.segmentation._clusters.contrasts import level_codes

__all__ = ["Column", "Leaf", "column_of", "learn_leaves"]

_MOST_LEVELS = 30
_SMALLEST_LEAF = 200


@dataclass(frozen=True, slots=True)
class Column:
    """One feature as numbers: values, or places among its levels; NaN where missing."""

    name: str
    values: FloatArray
    levels: list[str] | None

    def take(self, rows: IntArray) -> Column:
        """Return the feature of some customers."""
        return Column(self.name, self.values[rows], self.levels)


@dataclass(frozen=True, slots=True)
class _Split:
    """One column of the tree's matrix: a feature's places, or whether it is one level.

    Attributes
    ----------
    column : feature
    distinct : its different values in ascending order, for a number
    level : the level, NaN for missing, for a category
    """

    column: Column
    distinct: FloatArray | None
    level: float = np.nan

    def places(self) -> FloatArray:
        values = self.column.values
        missing = np.isnan(values)
        if self.distinct is None:
            return (missing if np.isnan(self.level) else values == self.level).astype(np.float64)
        return np.where(missing, -1, np.searchsorted(self.distinct, values)).astype(np.float64)

    def conditions(self, threshold: float) -> tuple[Condition, Condition]:
        """Return what holds on the left of a split of the tree, and what on the right."""
        name = self.column.name
        if self.distinct is not None:
            gaps = bool(np.isnan(self.column.values).any())
            return split_number(name, self.distinct, int(np.floor(threshold)), gaps)
        levels = self.column.levels or []
        text = None if np.isnan(self.level) else levels[int(self.level)]
        yes, no = (condition_of_level(name, self.level, text, holds=h) for h in (True, False))
        return no, yes


@dataclass(frozen=True, slots=True)
class Leaf:
    """An end of the tree: the way to it, and the segment it stands for."""

    path: Conditions
    segment: int


def column_of(name: str, values: AnyArray) -> Column:
    """Return a feature as numbers.

    Parameters
    ----------
    name : str
    values : ndarray of shape (n_customers,)
        Numbers with NaN, or objects with None.

    Returns
    -------
    Column
    """
    if values.dtype.kind in "fiu":
        return Column(name, values.astype(np.float64), None)
    place, levels = level_codes(values)
    return Column(name, np.where(place < 0, np.nan, place), levels)


def learn_leaves(
    columns: Mapping[str, Column], codes: IntArray, max_depth: int, seed: int
) -> list[Leaf]:
    """Return the ends of a tree that learns the segments, all equally heavy.

    Of two trees, one by Gini's index and one by entropy, the one that puts more right is taken:
    the former peels off what is clear, the latter halves where many segments are alike.

    Parameters
    ----------
    columns : mapping of str to Column
    codes : ndarray of int of shape (n_customers,)
        Position of the segment, -1 for none.
    max_depth : int
        More segments than fit on that many levels get as many as their number needs.
    seed : int

    Returns
    -------
    list of Leaf
        Each customer meets the conditions of exactly one.
    """
    splits = [split for column in columns.values() for split in _splits(column)]
    if not splits:
        return [Leaf((), int(np.bincount(codes + 1).argmax()) - 1)]
    matrix = np.column_stack([split.places() for split in splits])
    weights = compute_sample_weight("balanced", codes)
    trees = [
        DecisionTreeClassifier(
            criterion=criterion,
            max_depth=max(max_depth, int(codes.max() + 1).bit_length()),
            min_samples_leaf=1 + len(codes) // _SMALLEST_LEAF,
            random_state=seed % 2**32,
        ).fit(matrix, codes, sample_weight=weights)
        for criterion in ("gini", "entropy")
    ]
    best = max(trees, key=lambda tree: round(tree.score(matrix, codes, weights), 9))
    return _leaves(best, splits)


def _splits(column: Column) -> list[_Split]:
    known = column.values[~np.isnan(column.values)]
    distinct, counts = np.unique(known, return_counts=True)
    if column.levels is None:
        return [_Split(column, distinct)] if len(distinct) else []
    frequent = distinct[np.argsort(-counts, kind="stable")][:_MOST_LEVELS]
    gaps = [np.nan] if len(known) < len(column.values) else []
    return [_Split(column, None, float(level)) for level in (*frequent, *gaps)]


def _leaves(classifier: Any, splits: Sequence[_Split]) -> list[Leaf]:
    """Walk the tree; two ends side by side that stand for one segment are one end."""
    tree, segments = classifier.tree_, classifier.classes_

    def walk(node: int, path: Conditions) -> list[Leaf]:
        if tree.children_left[node] < 0:
            return [Leaf(path, int(segments[tree.value[node][0].argmax()]))]
        left, right = splits[tree.feature[node]].conditions(float(tree.threshold[node]))
        found = [
            *walk(tree.children_left[node], (*path, left)),
            *walk(tree.children_right[node], (*path, right)),
        ]
        same = len(found) == 2 and found[0].segment == found[1].segment
        return [Leaf(path, found[0].segment)] if same else found

    return walk(0, ())
