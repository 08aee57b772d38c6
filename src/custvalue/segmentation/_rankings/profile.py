"""What the segments of rankings look like: consensus, mean ranks, size and agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._rankings.consensus import mean_ranks, median
from custvalue.segmentation._rankings.distances import DistanceKind, distance_matrix
from custvalue.segmentation._rankings.rules import (
    MallowsRule,
    MedoidRule,
    RankingRule,
    segment_of,
    size_of,
)

__all__ = [
    "Description",
    "agreement",
    "describe",
    "distance_to_own",
    "kind_of",
    "largest_first",
    "table_of",
]

_NAMES: dict[DistanceKind, str] = {
    "kendall": "Kemeny",
    "spearman": "least squared differences of ranks",
    "footrule": "least absolute differences of ranks",
}


@dataclass(frozen=True, slots=True)
class Description:
    """The segments in the order of the rule.

    Attributes
    ----------
    consensus : ndarray of int of shape (k, m)
        Ranks.
    method : str
        How it was found.
    borda : ndarray of shape (k, m)
        Mean ranks.
    respondents : ndarray of shape (k,)
    mean_distance : ndarray of shape (k,)
        To the consensus, in the distance of the model; NaN for a segment without respondents.
    agreement : ndarray of shape (k,)
        Mean of Kendall's tau with the consensus.
    """

    consensus: IntArray
    method: str
    borda: FloatArray
    respondents: FloatArray
    mean_distance: FloatArray
    agreement: FloatArray


def kind_of(rule: RankingRule) -> DistanceKind:
    """Return the distance of a rule; Kendall's for mixtures."""
    return rule.kind if isinstance(rule, MedoidRule) else "kendall"


def largest_first(rule: RankingRule, levels: IntArray, counts: FloatArray) -> IntArray:
    """Return the order of the segments by respondents, the most first.

    Parameters
    ----------
    rule : RankingRule
    levels : ndarray of int of shape (n, m)
        Distinct rankings.
    counts : ndarray of shape (n,)

    Returns
    -------
    ndarray of int of shape (k,)
        Equal sizes are in the lexicographic order of their consensus.
    """
    found = describe(rule, levels, counts)
    return np.lexsort((*found.consensus.T[::-1], -found.respondents))


def describe(rule: RankingRule, levels: IntArray, counts: FloatArray) -> Description:
    """Return what the segments look like.

    Parameters
    ----------
    rule : RankingRule
    levels : ndarray of int of shape (n, m)
        Distinct rankings.
    counts : ndarray of shape (n,)

    Returns
    -------
    Description
    """
    codes, kind = segment_of(rule, levels), kind_of(rule)
    count = size_of(rule)
    member = np.eye(count)[codes] * counts[:, None]
    respondents = member.sum(axis=0)
    consensus, method = _consensus(rule, levels, member)
    own = distance_to_own(levels, consensus, codes, kind)
    tau = agreement(levels, consensus, codes)
    return Description(
        consensus=consensus,
        method=method,
        borda=np.stack([mean_ranks(levels, weights) for weights in member.T]),
        respondents=respondents,
        mean_distance=_means(own, member),
        agreement=_means(tau, member),
    )


def distance_to_own(
    levels: IntArray, consensus: IntArray, codes: IntArray, kind: DistanceKind
) -> FloatArray:
    """Return the distance of each row to the consensus of its segment, of shape (n,)."""
    distances = distance_matrix(levels, consensus - 1, kind)
    own: FloatArray = distances[np.arange(len(levels)), codes]
    return own


def agreement(levels: IntArray, consensus: IntArray, codes: IntArray) -> FloatArray:
    """Return Kendall's tau of each row with the consensus of its segment.

    It is 1 - 2 d / pairs, where d is Kendall's distance, a tie counting one half, and the pairs are
    those of known items: 1 for one order, 0 on average for rankings by chance, -1 for the reverse.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    consensus : ndarray of int of shape (k, m)
        Ranks.
    codes : ndarray of int of shape (n,)

    Returns
    -------
    ndarray of shape (n,)
        0 for a row that knows no pair.
    """
    known = (levels >= 0).sum(axis=1)
    pairs = known * (known - 1) / 2
    against = distance_to_own(levels, consensus, codes, "kendall")
    return np.where(pairs > 0, 1 - 2 * against / np.maximum(pairs, 1), 0.0)


def table_of(values: FloatArray | IntArray, names: list[str], items: Sequence[str]) -> pd.DataFrame:
    """Return a frame of segments by items."""
    index = pd.Index(names, name="segment", dtype=object)
    return pd.DataFrame(values, index=index, columns=pd.Index(list(items), dtype=object))


def _consensus(rule: RankingRule, levels: IntArray, member: FloatArray) -> tuple[IntArray, str]:
    if isinstance(rule, MallowsRule):
        return rule.centres, "centre of the Mallows distribution"
    if not isinstance(rule, MedoidRule):
        order = np.argsort(-rule.log_worths, axis=1, kind="stable")
        return np.argsort(order, axis=1) + 1, "order of the worths"
    found = [median(levels, weights, rule.kind) for weights in member.T]
    exact = all(one.exact for one in found)
    how = "exact" if exact else "local search from Borda and Copeland"
    return np.stack([one.ranks for one in found]), f"{_NAMES[rule.kind]}, {how}"


def _means(values: FloatArray, member: FloatArray) -> FloatArray:
    sizes = member.sum(axis=0)
    nothing = np.full(len(sizes), np.nan)
    means: FloatArray = np.divide(values @ member, sizes, out=nothing, where=sizes > 0)
    return means
