"""Rules that put a customer in a segment, frozen when the segments were made.

Two rules serve every clusterer: the nearest of a few prototypes, and the likeliest of Gaussian
components. Both have costs, which size limits may shift by one offset a segment; the smallest sum
wins. z is a customer's row of encoded features, d their number, k the number of segments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import softmax
from sklearn.cluster import KMeans

from custvalue._estimator.persistence import persistent_value
from custvalue._typing import BoolArray, FloatArray, IntArray

__all__ = [
    "MOST_PROTOTYPES",
    "AssignmentRule",
    "GaussianRule",
    "Nearness",
    "PrototypeRule",
    "agreement",
    "assign",
    "nearness",
    "prototypes_of",
    "reordered",
]

MOST_PROTOTYPES = 200
_GOOD_AGREEMENT = 0.995
_OWN_WITHIN_REACH = 0.99
_LEARN_FROM = 20_000
_CHUNK = 65_536


@persistent_value
@dataclass(frozen=True, slots=True)
class PrototypeRule:
    """The segment of the nearest prototype.

    Attributes
    ----------
    prototypes : ndarray of shape (n_prototypes, d)
    segment : ndarray of int of shape (n_prototypes,)
        Segment of each, from 0; all k occur.
    offsets : ndarray of shape (k,)
        Added to the squared distance of each segment.
    reach : ndarray of shape (n_prototypes,)
        A customer farther away than this from the nearest prototype is in no segment; inf for a
        rule without such a limit.
    """

    prototypes: FloatArray
    segment: IntArray
    offsets: FloatArray
    reach: FloatArray

    def costs(self, Z: FloatArray) -> FloatArray:
        """Return the squared distance to each segment's nearest prototype, of shape (n, k)."""
        columns = np.argsort(self.segment, kind="stable")
        starts = np.searchsorted(self.segment[columns], np.arange(len(self.offsets)))
        nearest = self.prototypes[columns]
        return _in_chunks(
            Z,
            lambda rows: np.minimum.reduceat(cdist(rows, nearest, "sqeuclidean"), starts, axis=1),
            len(self.offsets),
        )

    def distances(self, Z: FloatArray) -> FloatArray:
        """Return the distance to each segment's nearest prototype, of shape (n, k)."""
        return np.sqrt(self.costs(Z))

    def within_reach(self, Z: FloatArray) -> BoolArray:
        """Return which customers are near enough to a prototype to be in a segment."""
        if np.isinf(self.reach).all():
            return np.ones(len(Z), dtype=bool)
        spare = _in_chunks(Z, lambda rows: _spare_reach(rows, self.prototypes, self.reach), 1)
        return np.asarray(spare[:, 0] >= 0)


@persistent_value
@dataclass(frozen=True, slots=True)
class GaussianRule:
    """The likeliest component of a Gaussian mixture.

    Attributes
    ----------
    shares : ndarray of shape (k,)
    means : ndarray of shape (k, d)
    precisions : ndarray of shape (k, d, d)
        Cholesky factors C with C C' the inverse covariance.
    offsets : ndarray of shape (k,)
        Added to -2 log(share x density) of each segment.
    """

    shares: FloatArray
    means: FloatArray
    precisions: FloatArray
    offsets: FloatArray

    def costs(self, Z: FloatArray) -> FloatArray:
        """Return -2 log(share x density) but for a constant, of shape (n, k)."""
        # d log(2 pi) is left out, since it is common to all.
        determinants = np.log(np.diagonal(self.precisions, axis1=1, axis2=2)).sum(axis=1)
        costs: FloatArray = self._squared(Z) - 2 * determinants - 2 * np.log(self.shares)
        return costs

    def distances(self, Z: FloatArray) -> FloatArray:
        """Return the Mahalanobis distance to each component, of shape (n, k)."""
        distances: FloatArray = np.sqrt(self._squared(Z))
        return distances

    def within_reach(self, Z: FloatArray) -> BoolArray:
        """Return that every customer belongs to a segment."""
        return np.ones(len(Z), dtype=bool)

    def chances(self, Z: FloatArray) -> FloatArray:
        """Return the probability of each component, of shape (n, k)."""
        chances: FloatArray = softmax(-self.costs(Z) / 2, axis=1)
        return chances

    def log_density(self, Z: FloatArray) -> FloatArray:
        """Return the logarithm of the density of the whole mixture, of shape (n,)."""
        joint = -self.costs(Z) / 2 - Z.shape[1] / 2 * np.log(2 * np.pi)
        density: FloatArray = np.logaddexp.reduce(joint, axis=1)
        return density

    def _squared(self, Z: FloatArray) -> FloatArray:
        def squared(rows: FloatArray) -> FloatArray:
            pairs = zip(self.means, self.precisions, strict=True)
            columns = [(((rows - mean) @ factor) ** 2).sum(axis=1) for mean, factor in pairs]
            return np.stack(columns, axis=1)

        return _in_chunks(Z, squared, len(self.shares))


AssignmentRule: TypeAlias = PrototypeRule | GaussianRule


def assign(rule: AssignmentRule, Z: FloatArray, costs: FloatArray | None = None) -> IntArray:
    """Return the segment of each customer, -1 for none.

    Parameters
    ----------
    rule : PrototypeRule or GaussianRule
    Z : ndarray of shape (n, d)
    costs : ndarray of shape (n, k), optional
        Those of the rule, where they are known.

    Returns
    -------
    ndarray of int of shape (n,)
    """
    costs = rule.costs(Z) if costs is None else costs
    codes = np.argmin(costs + rule.offsets, axis=1)
    return np.where(rule.within_reach(Z), codes, -1)


@dataclass(frozen=True, slots=True)
class Nearness:
    """Where customers stand among the segments.

    Attributes
    ----------
    codes : ndarray of int of shape (n,)
        Segment, -1 for none.
    distance : ndarray of shape (n,)
        To the segment; to the first choice of those that are in none.
    runner_up : ndarray of int of shape (n,)
        The segment that comes next; the first choice of those that are in none; -1 where there is
        no other segment.
    margin : ndarray of shape (n,)
        1 - distance / distance to the runner-up: 0 at the border, 1 at a prototype, negative where
        limits of size moved the border beyond; 0 for those that are in none.
    """

    codes: IntArray
    distance: FloatArray
    runner_up: IntArray
    margin: FloatArray


def nearness(rule: AssignmentRule, Z: FloatArray) -> Nearness:
    """Return the segment of each customer, the next one, and how clearly they differ.

    Parameters
    ----------
    rule : PrototypeRule or GaussianRule
    Z : ndarray of shape (n, d)

    Returns
    -------
    Nearness
    """
    costs = rule.costs(Z)
    codes = assign(rule, Z, costs)
    distances = rule.distances(Z)
    rows, shifted = np.arange(len(Z)), costs + rule.offsets
    first = shifted.argmin(axis=1)
    if shifted.shape[1] == 1:
        none = np.full(len(Z), -1)
        return Nearness(codes, distances[:, 0], none, np.where(codes < 0, 0.0, 1.0))
    shifted[rows, first] = np.inf
    second = shifted.argmin(axis=1)
    own, other = distances[rows, first], distances[rows, second]
    margin = 1 - np.divide(own, other, out=np.ones_like(own), where=other > 0)
    runner_up = np.where(codes < 0, first, second)
    return Nearness(codes, own, runner_up, np.where(codes < 0, 0.0, margin))


def agreement(rule: AssignmentRule, Z: FloatArray, codes: IntArray) -> float:
    """Return the share of customers whom the rule puts where the clusterer did."""
    return float((assign(rule, Z) == codes).mean())


def reordered(rule: AssignmentRule, order: IntArray) -> AssignmentRule:
    """Return the rule whose segment i is segment ``order[i]`` of the one given.

    Segments that are not in ``order`` are left out.
    """
    if isinstance(rule, GaussianRule):
        return GaussianRule(
            rule.shares[order], rule.means[order], rule.precisions[order], rule.offsets[order]
        )
    place = np.full(len(rule.offsets), -1)
    place[order] = np.arange(len(order))
    stays = place[rule.segment] >= 0
    return PrototypeRule(
        rule.prototypes[stays],
        place[rule.segment[stays]],
        rule.offsets[order],
        rule.reach[stays],
    )


def prototypes_of(Z: FloatArray, codes: IntArray, k: int, seed: int) -> PrototypeRule:
    """Return a rule that repeats a partition by the nearest of at most 200 prototypes.

    Each segment has one prototype, its mean; where that does not put 99.5 % of the customers where
    they were, each has two, four and so on, the centres of its parts. Where the partition leaves
    customers out, a prototype reaches as far as 99 % of its own.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
    codes : ndarray of int of shape (n,)
        From 0 to k - 1, -1 for none; no segment is empty.
    k : int
    seed : int

    Returns
    -------
    PrototypeRule
        The one that agrees best, the smallest among equals.
    """
    step = -(-len(Z) // _LEARN_FROM)
    best, found, each = None, -1.0, 1
    while each == 1 or (k * each <= MOST_PROTOTYPES and found < _GOOD_AGREEMENT):
        rule = _split(Z, codes, k, each, seed)
        agrees = agreement(rule, Z[::step], codes[::step])
        if agrees > found:
            best, found = rule, agrees
        each *= 2
    assert best is not None
    return best


def _split(Z: FloatArray, codes: IntArray, k: int, each: int, seed: int) -> PrototypeRule:
    parts = [_centres(Z[codes == j], each, seed) for j in range(k)]
    prototypes = np.concatenate(parts)
    segment = np.repeat(np.arange(k), [len(part) for part in parts])
    free = np.full(len(prototypes), np.inf)
    rule = PrototypeRule(prototypes, segment, np.zeros(k), free)
    return rule if (codes >= 0).all() else replace(rule, reach=_reach(rule, Z, codes))


def _centres(members: FloatArray, count: int, seed: int) -> FloatArray:
    """Return the centres of some parts of one segment."""
    if count == 1:
        return np.asarray(members.mean(axis=0, keepdims=True))
    some = members[:: -(-len(members) // _LEARN_FROM)]
    count = min(count, len(np.unique(some, axis=0)))
    return np.asarray(KMeans(count, n_init=1, random_state=seed).fit(some).cluster_centers_)


def _reach(rule: PrototypeRule, Z: FloatArray, codes: IntArray) -> FloatArray:
    """Return how far 99 % of the customers of each prototype are from it at most."""
    inside = Z[codes >= 0]
    distance = cdist(inside, rule.prototypes)
    distance[rule.segment[None, :] != codes[codes >= 0][:, None]] = np.inf
    nearest = distance.argmin(axis=1)
    own = distance[np.arange(len(inside)), nearest]
    return np.array(
        [
            np.quantile(own[nearest == j], _OWN_WITHIN_REACH) if (nearest == j).any() else 0.0
            for j in range(len(rule.prototypes))
        ]
    )


def _spare_reach(rows: FloatArray, prototypes: FloatArray, reach: FloatArray) -> FloatArray:
    distance = cdist(rows, prototypes)
    spare: FloatArray = (reach - distance).max(axis=1, keepdims=True)
    return spare


def _in_chunks(
    Z: FloatArray, evaluate: Callable[[FloatArray], FloatArray], width: int
) -> FloatArray:
    out = np.empty((len(Z), width))
    for start in range(0, len(Z), _CHUNK):
        rows = slice(start, start + _CHUNK)
        out[rows] = evaluate(Z[rows])
    return out
