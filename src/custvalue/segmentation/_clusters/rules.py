"""A short rule for each segment, read off a shallow decision tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from typing import TypeAlias

import numpy as np
import pandas as pd

from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray
from custvalue.segmentation._clusters.conditions import Conditions, holds_all, simplified
from custvalue.segmentation._clusters.trees import Column, Leaf, column_of, learn_leaves

__all__ = ["NO_RULE", "SegmentRules", "segment_rules"]

NO_RULE = "no short rule"
_WORTH_A_CONDITION = 0.005

_Rule: TypeAlias = tuple[Conditions, ...]


@dataclass(frozen=True, slots=True)
class SegmentRules:
    """What tells the segments from one another, in short rules.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``segment``. Columns ``rule``, ``precision`` (share of those whom the rule names who
        are in the segment) and ``recall`` (share of the segment whom the rule names).
    fidelity : float
        Share of all customers whom the tree puts where they are; those in no segment count as a
        group of their own.
    balanced_fidelity : float
        Mean over the segments of the share whom the tree puts where they are.
    """

    table: pd.DataFrame
    fidelity: float
    balanced_fidelity: float


def segment_rules(
    columns: Mapping[str, AnyArray],
    codes: IntArray,
    names: Sequence[str],
    *,
    max_depth: int = 3,
    sample: int = 100_000,
    seed: int,
) -> SegmentRules:
    """Return a short rule for each segment.

    A decision tree learns the segments, all equally heavy, from at most ``sample`` customers. The
    rule of a segment is the one or two ends of the tree that stand for it with the highest F1
    (harmonic mean of precision and recall), without conditions that raise F1 by less than .005. A
    bound is rounded as far as it parts the same customers. Precision and recall are those of the
    rule as printed, among all customers.

    Parameters
    ----------
    columns : mapping of str to ndarray of shape (n_customers,)
        Numbers as float64 with NaN, or objects with None. Of a category the 30 most frequent
        levels are considered.
    codes : ndarray of int of shape (n_customers,)
        Position of each customer's segment, -1 for none.
    names : sequence of str
    max_depth : int
        Most conditions that one end of the tree has; more than 2^max_depth - 1 segments have as
        many as their number needs.
    sample : int
    seed : int

    Returns
    -------
    SegmentRules
        Where no end of the tree stands for a segment, its rule is "no short rule" with a recall
        of 0 and no precision (NaN). In a rule, "and" binds before ", or".

    Examples
    --------
    >>> import numpy as np
    >>> columns = {"orders": np.array([1.0, 2.0, 2.0, 7.0, 9.0, 8.0])}
    >>> codes = np.array([0, 0, 0, 1, 1, 1])
    >>> segment_rules(columns, codes, ["few", "many"], seed=0).table
                    rule  precision  recall
    segment
    few      orders <= 4        1.0     1.0
    many      orders > 4        1.0     1.0
    """
    whole = {name: column_of(name, values) for name, values in columns.items()}
    rows = _canonical_sample(whole, codes, sample, seed)
    seen = {name: column.take(rows) for name, column in whole.items()}
    leaves = learn_leaves(seen, codes[rows], max_depth, seed)
    rules = [_best_rule(leaves, seen, codes[rows], j) for j in range(len(names))]
    found = [_quality(rule, whole, codes == j) for j, rule in enumerate(rules)]
    table = pd.DataFrame(
        {
            "rule": [_text(rule) for rule in rules],
            "precision": [precision for precision, _ in found],
            "recall": [recall for _, recall in found],
        },
        index=pd.Index(list(names), name="segment"),
    )
    right = _predicted(leaves, whole, len(codes)) == codes
    each = [right[codes == j].mean() for j in range(len(names)) if (codes == j).any()]
    return SegmentRules(table, float(right.mean()), float(np.mean(each)) if each else np.nan)


def _canonical_sample(
    columns: Mapping[str, Column], codes: IntArray, sample: int, seed: int
) -> IntArray:
    """Return some rows, chosen and sorted without regard to the order they came in."""
    order = np.lexsort([codes, *(column.values for column in columns.values())])
    if len(order) <= sample:
        return order
    chosen = np.random.default_rng(seed).choice(len(order), sample, replace=False)
    chosen.sort()
    return order[chosen]


def _predicted(leaves: Iterable[Leaf], columns: Mapping[str, Column], n: int) -> IntArray:
    predicted = np.full(n, -1, dtype=np.int64)
    values = _values(columns)
    for leaf in leaves:
        predicted[holds_all(leaf.path, values, n)] = leaf.segment
    return predicted


def _best_rule(
    leaves: Sequence[Leaf], columns: Mapping[str, Column], codes: IntArray, segment: int
) -> _Rule:
    """Return the union of one or two ends of the tree that has the highest F1, made short."""
    own = [simplified(leaf.path) for leaf in leaves if leaf.segment == segment]
    unions: list[_Rule] = [*((leaf,) for leaf in own), *combinations(own, 2)]
    inside = codes == segment
    if not unions or not inside.any():
        return ()
    reached = [_f1(rule, columns, inside) for rule in unions]
    best = unions[int(np.argmax(reached))]
    return _shortened(best, columns, inside, max(reached) - _WORTH_A_CONDITION)


def _shortened(
    rule: _Rule, columns: Mapping[str, Column], inside: BoolArray, least: float
) -> _Rule:
    """Leave out alternatives and conditions, one by one, as long as F1 stays high enough."""
    fewer = [(*rule[:i], *rule[i + 1 :]) for i in range(len(rule)) if len(rule) > 1]
    shorter = [
        (*rule[:i], (*part[:j], *part[j + 1 :]), *rule[i + 1 :])
        for i, part in enumerate(rule)
        for j in range(len(part))
        if len(part) > 1
    ]
    for candidates in (fewer, shorter):
        reached = [_f1(candidate, columns, inside) for candidate in candidates]
        if reached and max(reached) >= least:
            best = candidates[int(np.argmax(reached))]
            return _shortened(best, columns, inside, least)
    return rule


def _covered(rule: _Rule, columns: Mapping[str, Column], n: int) -> BoolArray:
    values = _values(columns)
    parts = [holds_all(part, values, n) for part in rule]
    return reduce(np.logical_or, parts, np.zeros(n, dtype=bool))


def _f1(rule: _Rule, columns: Mapping[str, Column], inside: BoolArray) -> float:
    named = _covered(rule, columns, len(inside))
    return float(2 * (named & inside).sum() / (named.sum() + inside.sum()))


def _quality(rule: _Rule, columns: Mapping[str, Column], inside: BoolArray) -> tuple[float, float]:
    """Return precision and recall."""
    named = _covered(rule, columns, len(inside))
    both = float((named & inside).sum())
    precision = both / float(named.sum()) if named.any() else np.nan
    return precision, both / float(inside.sum()) if inside.any() else 0.0


def _values(columns: Mapping[str, Column]) -> dict[str, FloatArray]:
    return {name: column.values for name, column in columns.items()}


def _text(rule: _Rule) -> str:
    if not rule:
        return NO_RULE
    parts = [" and ".join(condition.text for condition in part) for part in rule]
    return ", or ".join(part or "all customers" for part in parts)
