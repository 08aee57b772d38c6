"""Rules that put a ranking in a segment, frozen when the segments were made.

A row of levels goes to the nearest of k medoids, or to the likeliest component of a mixture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.special import logsumexp

from custvalue._estimator.persistence import persistent_value
from custvalue._numerics.mixtures import log_joint, posterior
from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._rankings.distances import DistanceKind, distance_matrix
from custvalue.segmentation._rankings.mallows import mallows_log_density
from custvalue.segmentation._rankings.plackett_luce import plackett_luce_log_density

__all__ = [
    "MallowsRule",
    "MedoidRule",
    "MixtureRule",
    "PlackettLuceRule",
    "RankingRule",
    "chances",
    "log_density",
    "reordered",
    "segment_of",
    "size_of",
]


@persistent_value
@dataclass(frozen=True, slots=True)
class MedoidRule:
    """The segment of the nearest medoid.

    Attributes
    ----------
    medoids : ndarray of int of shape (k, m)
        Levels, none unknown.
    kind : {"kendall", "spearman", "footrule"}
    """

    medoids: IntArray
    kind: DistanceKind

    def costs(self, levels: IntArray) -> FloatArray:
        """Return the distance to each medoid, of shape (n, k)."""
        return distance_matrix(levels, self.medoids, self.kind)


@persistent_value
@dataclass(frozen=True, slots=True)
class MallowsRule:
    """The likeliest component of a Mallows mixture.

    Attributes
    ----------
    shares : ndarray of shape (k,)
    centres : ndarray of int of shape (k, m)
        Ranks.
    concentrations : ndarray of shape (k,)
    """

    shares: FloatArray
    centres: IntArray
    concentrations: FloatArray

    def log_densities(self, levels: IntArray) -> FloatArray:
        """Return the log-probability of each row in each component, of shape (n, k)."""
        return mallows_log_density(levels, self.centres, self.concentrations)


@persistent_value
@dataclass(frozen=True, slots=True)
class PlackettLuceRule:
    """The likeliest component of a Plackett-Luce mixture.

    Attributes
    ----------
    shares : ndarray of shape (k,)
    log_worths : ndarray of shape (k, m)
    """

    shares: FloatArray
    log_worths: FloatArray

    def log_densities(self, levels: IntArray) -> FloatArray:
        """Return the log-probability of each row in each component, of shape (n, k)."""
        return plackett_luce_log_density(levels, self.log_worths)


MixtureRule: TypeAlias = MallowsRule | PlackettLuceRule
RankingRule: TypeAlias = MedoidRule | MixtureRule


def segment_of(rule: RankingRule, levels: IntArray) -> IntArray:
    """Return the segment of each row.

    Parameters
    ----------
    rule : MedoidRule, MallowsRule or PlackettLuceRule
    levels : ndarray of int of shape (n, m)

    Returns
    -------
    ndarray of int of shape (n,)
        Of medoids that are equally near, the one whose levels are first in lexicographic order, in
        whichever order the rule has them.

    Examples
    --------
    >>> import numpy as np
    >>> medoids = np.array([[2, 1, 0], [0, 1, 2]])
    >>> segment_of(MedoidRule(medoids, "kendall"), np.array([[2, 0, 1], [0, 0, 0]]))
    array([0, 1])
    """
    if isinstance(rule, MedoidRule):
        order = np.lexsort(rule.medoids.T[::-1])
        return np.asarray(order[rule.costs(levels)[:, order].argmin(axis=1)])
    return np.asarray(log_joint(rule.shares, rule.log_densities(levels)).argmax(axis=1))


def chances(rule: MixtureRule, levels: IntArray) -> FloatArray:
    """Return the probability of each component for each row, of shape (n, k)."""
    return posterior(rule.shares, rule.log_densities(levels))


def log_density(rule: MixtureRule, levels: IntArray) -> FloatArray:
    """Return the log-probability of each row in the whole mixture, of shape (n,)."""
    joint = log_joint(rule.shares, rule.log_densities(levels))
    total: FloatArray = logsumexp(joint, axis=1)
    return total


def reordered(rule: RankingRule, order: IntArray) -> RankingRule:
    """Return the rule whose segment i is segment ``order[i]`` of the one given."""
    if isinstance(rule, MedoidRule):
        return MedoidRule(rule.medoids[order], rule.kind)
    if isinstance(rule, MallowsRule):
        return MallowsRule(rule.shares[order], rule.centres[order], rule.concentrations[order])
    return PlackettLuceRule(rule.shares[order], rule.log_worths[order])


def size_of(rule: RankingRule) -> int:
    """Return the number of segments of a rule."""
    return len(rule.medoids if isinstance(rule, MedoidRule) else rule.shares)
