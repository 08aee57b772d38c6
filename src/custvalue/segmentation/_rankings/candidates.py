"""Segmentations of rankings with each number of segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from custvalue._estimator.progress import tracked
from custvalue._estimator.randomness import new_seed
from custvalue._numerics.mixtures import classification_entropy
from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._rankings.centres import best_centres, random_rows
from custvalue.segmentation._rankings.distances import DistanceKind, distance_matrix
from custvalue.segmentation._rankings.mallows import MallowsMixture, fit_mallows
from custvalue.segmentation._rankings.medoids import (
    average_linkage,
    cut_tree,
    k_medoids,
    medoids_of,
    silhouette,
    without_small,
)
from custvalue.segmentation._rankings.plackett_luce import fit_plackett_luce
from custvalue.segmentation._rankings.rules import (
    MallowsRule,
    MedoidRule,
    MixtureRule,
    PlackettLuceRule,
    RankingRule,
    chances,
    segment_of,
    size_of,
)

__all__ = [
    "MOST_DISTINCT",
    "Candidate",
    "MedoidSearch",
    "Method",
    "MixtureModel",
    "MixtureSearch",
    "medoid_candidates",
    "mixture_candidates",
    "smallest_weight",
]

Method = Literal["k_medoids", "hierarchical"]
MixtureModel = Literal["mallows", "plackett_luce"]

MOST_DISTINCT = 2_000

_PATIENCE = 2


@dataclass(frozen=True, slots=True)
class MedoidSearch:
    """How medoids are sought, and the smallest weight of a segment.

    ``n_starts`` is for rankings with unknown items alone, whose centres need several.
    """

    kind: DistanceKind
    method: Method
    least: float
    n_starts: int = 1


@dataclass(frozen=True, slots=True)
class MixtureSearch:
    """How a mixture is sought, and the smallest weight of a segment."""

    model: MixtureModel
    n_starts: int
    max_concentration: float
    least: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One segmentation.

    Attributes
    ----------
    asked : int
        Number of segments asked for.
    rule : RankingRule or None
        None where no fit has all segments large enough.
    criteria : mapping of str to float
        Columns of the table of candidates.
    convergence : mapping
        How the search of a mixture ended.
    """

    asked: int
    rule: RankingRule | None
    criteria: Mapping[str, float]
    convergence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """There are as many segments as were asked for."""
        return self.rule is not None and size_of(self.rule) == self.asked


def smallest_weight(min_size: float, total: float) -> float:
    """Return the least weight of a segment from a share or a number of respondents.

    Examples
    --------
    >>> smallest_weight(0.25, 80.0), smallest_weight(3, 80.0)
    (20.0, 3.0)
    """
    share = isinstance(min_size, float) and min_size < 1
    return float(min_size) * total if share else float(min_size)


def medoid_candidates(
    levels: IntArray,
    counts: FloatArray,
    numbers: Sequence[int],
    search: MedoidSearch,
    *,
    generator: np.random.Generator,
    progress: bool = False,
) -> list[Candidate]:
    """Return the best medoids for each number of segments, or centres where items are unknown.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
        Distinct rankings in a canonical order.
    counts : ndarray of shape (n,)
    numbers : sequence of int
        None larger than n.
    search : MedoidSearch
    generator : numpy Generator
        Draws 2,000 respondents where more rankings are distinct, and starts for centres.
    progress : bool

    Returns
    -------
    list of Candidate
        A segment smaller than the least weight is dissolved into the nearest others.
    """
    seed = new_seed(generator)
    some, weights = _sampled(levels, counts, generator)
    costs = distance_matrix(some, some, search.kind, neutral=True)
    even = (costs + costs.T) / 2
    tree = average_linkage(even, weights)[0] if search.method == "hierarchical" else None
    found = []
    for k in tracked(numbers, "Segments by medoids", progress=progress):
        k_here = min(k, len(some))
        if tree is None:
            medoids = some[k_medoids(costs, weights, k_here)]
        else:
            medoids = some[medoids_of(costs, weights, cut_tree(tree, len(some), k_here))]
        if (some < 0).any():
            n_random = search.n_starts - 1 if tree is None else 0
            others = random_rows(some, weights, k_here, n_random, np.random.default_rng([seed, k]))
            medoids = best_centres(some, weights, [medoids, *others], search.kind)
        rule, criteria = _judged(levels, counts, medoids, search)
        criteria["silhouette"] = _silhouette(rule, some, even, weights)
        found.append(Candidate(k, rule, criteria))
    return found


def mixture_candidates(
    levels: IntArray,
    counts: FloatArray,
    numbers: Sequence[int],
    search: MixtureSearch,
    *,
    seed: int,
    progress: bool = False,
) -> list[Candidate]:
    """Return the best mixture for each number of segments.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
        Distinct rankings in a canonical order.
    counts : ndarray of shape (n,)
    numbers : sequence of int
        Ascending.
    search : MixtureSearch
    seed : int
        With the number of segments it gives the random starts, whichever other numbers are tried.
    progress : bool

    Returns
    -------
    list of Candidate
        Without a rule where no start has all segments large enough. Once two numbers in a row have
        no smaller BIC, no larger one is tried: mixtures of too many segments take longest.
    """
    found: list[Candidate] = []
    least, worse = np.inf, 0
    for k in numbers:
        one = _mixture(levels, counts, k, search, np.random.default_rng([seed, k]), progress)
        found.append(one)
        bic = one.criteria.get("bic", np.inf)
        worse = 0 if bic < least else worse + 1
        least = min(least, bic)
        if worse == _PATIENCE:
            break
    return found


def _sampled(
    levels: IntArray, counts: FloatArray, generator: np.random.Generator
) -> tuple[IntArray, FloatArray]:
    if len(levels) <= MOST_DISTINCT:
        return levels, counts
    drawn = generator.multinomial(MOST_DISTINCT, counts / counts.sum())
    rows = np.flatnonzero(drawn)
    return levels[rows], drawn[rows].astype(np.float64)


def _judged(
    levels: IntArray, counts: FloatArray, medoids: IntArray, search: MedoidSearch
) -> tuple[MedoidRule, dict[str, float]]:
    """Return the rule without segments that are too small, and what it costs."""
    # Among equally near medoids the first in lexicographic order counts, as in `segment_of`.
    ordered = medoids[np.lexsort(medoids.T[::-1])]
    costs = MedoidRule(ordered, search.kind).costs(levels)
    kept, sizes = without_small(costs, counts, search.least)
    rule = MedoidRule(ordered[kept], search.kind)
    mean = counts @ costs[:, kept].min(axis=1) / counts.sum()
    smallest = sizes[kept].min() / counts.sum()
    return rule, {"mean_distance": float(mean), "smallest_segment": float(smallest)}


def _silhouette(
    rule: MedoidRule, some: IntArray, distances: FloatArray, weights: FloatArray
) -> float:
    codes = segment_of(rule, some)
    present, codes = np.unique(codes, return_inverse=True)
    return silhouette(distances, weights, codes) if len(present) > 1 else float("nan")


def _mixture(
    levels: IntArray,
    counts: FloatArray,
    k: int,
    search: MixtureSearch,
    generator: np.random.Generator,
    progress: bool,
) -> Candidate:
    fit = fit_mallows if search.model == "mallows" else fit_plackett_luce
    found = fit(
        levels,
        counts,
        k,
        n_starts=search.n_starts,
        max_concentration=search.max_concentration,
        min_size=search.least if k > 1 else 0.0,
        generator=generator,
        progress=progress,
    )
    if found is None:
        return Candidate(k, None, {})
    rule: MixtureRule
    if isinstance(found, MallowsMixture):
        rule = MallowsRule(found.shares, found.centres, found.concentrations)
    else:
        rule = PlackettLuceRule(found.shares, found.log_worths)
    convergence = {
        "converged": bool(found.converged),
        "iterations": int(found.iterations),
        "n_starts_agreeing": int(found.n_starts_agreeing),
        "at_cap": np.asarray(found.at_cap),
    }
    return Candidate(k, rule, _criteria(rule, found, levels, counts), convergence)


def _criteria(
    rule: MixtureRule, found: Any, levels: IntArray, counts: FloatArray
) -> dict[str, float]:
    bic = -2 * found.log_likelihood + found.n_parameters * np.log(counts.sum())
    entropy = classification_entropy(chances(rule, levels), counts)
    return {
        "bic": float(bic),
        "icl": float(bic + 2 * entropy),
        "log_likelihood": float(found.log_likelihood),
        "n_parameters": float(found.n_parameters),
        "smallest_segment": float(rule.shares.min()),
    }
