"""Clusterers by name, and those of the caller: what groups they make, what rule repeats them.

The groups of a sample decide the number and the stability of segments; the rule is made once, of
all customers, and then frozen. Z holds encoded features, d columns, in a canonical order of rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._clusters.assignment import (
    AssignmentRule,
    GaussianRule,
    PrototypeRule,
    assign,
    prototypes_of,
)
from custvalue.segmentation._clusters.sizes import constrained_centres, drop_small, size_offsets

__all__ = ["NAMED", "Clustering", "RuleFit", "finds_number", "gaussian_bic"]

NAMED = ("kmeans", "gmm", "hierarchical", "hdbscan")

_STARTS = 10
_STARTS_OF_A_SAMPLE = 3
_LARGE = 50_000
_MOST_STEPS = 500
_FEWEST = 2
# The features have variance one. Many customers with equal counts would otherwise make a component
# of no width, whose density has no limit.
_LEAST_VARIANCE = 1e-3
_FEW_THREADS_BELOW = 50_000


@dataclass(frozen=True, slots=True)
class Clustering:
    """How groups are made.

    Attributes
    ----------
    clusterer : str or estimator
        One of `NAMED`, or an estimator of scikit-learn's kind, which is cloned.
    most : int
        Largest number of customers for clusterers that look at all pairs or are slow: hierarchical
        and hdbscan, and the Gaussian mixture times five.
    lowest, highest : float or None
        Smallest and largest share of customers in a segment.
    """

    clusterer: Any
    most: int
    lowest: float | None = None
    highest: float | None = None

    @property
    def limited(self) -> bool:
        """Whether segments have limits of size."""
        return self.lowest is not None or self.highest is not None

    def groups(self, Z: FloatArray, k: int, seed: int) -> IntArray:
        """Return the group of each row of a sample, -1 for none.

        Parameters
        ----------
        Z : ndarray of shape (n, d)
        k : int
            Number of groups; a clusterer that finds it by itself takes no notice.
        seed : int

        Returns
        -------
        ndarray of int of shape (n,)
        """
        if len(Z) < _FEWEST:
            return np.zeros(len(Z), dtype=np.int64)
        with _quick(len(Z)):
            if self.clusterer == "kmeans":
                centres = _k_means(Z, k, seed, _STARTS_OF_A_SAMPLE).cluster_centers_
                return self._within_limits(_nearest(centres), Z, sample=True).codes
            if self.clusterer == "gmm":
                rule = _gaussian(_mixture(Z, k, seed, 1))
                return self._within_limits(rule, Z, sample=True).codes
            codes = self._labels(Z, k, seed)
        if not self.limited or len(np.unique(codes[codes >= 0])) < k:
            return codes
        found = prototypes_of(Z, codes, int(codes.max()) + 1, seed)
        return self._within_limits(found, Z, sample=True).codes

    def rule(self, Z: FloatArray, k: int, seed: int) -> RuleFit:
        """Return the rule that all customers are assigned by.

        Parameters
        ----------
        Z : ndarray of shape (n, d)
        k : int
        seed : int

        Returns
        -------
        RuleFit
        """
        if len(Z) < _FEWEST:
            return self._within_limits(_nearest(Z.copy()), Z)
        if self.clusterer == "kmeans":
            return self._within_limits(_nearest(_all_centres(Z, k, seed)), Z)
        if self.clusterer == "gmm":
            some = Z[:: -(-len(Z) // (5 * self.most))]
            return self._within_limits(_gaussian(_mixture(some, k, seed, _STARTS_OF_A_SAMPLE)), Z)
        some = Z if self._sees_all else Z[:: -(-len(Z) // self.most)]
        codes = self._labels(some, k, seed)
        found = int(codes.max()) + 1
        if found == 0:
            raise ValueError(
                f"clusterer must find at least one segment; {self.clusterer!r} left all "
                f"{len(some)} customers out. Try another clusterer or a smaller min_size"
            )
        rule = prototypes_of(some, codes, found, seed)
        fit = self._within_limits(rule, Z)
        agrees = float((assign(fit.rule, some) == codes).mean())
        return replace(fit, agreement=agrees)

    @property
    def _sees_all(self) -> bool:
        return self.clusterer not in NAMED

    def _labels(self, Z: FloatArray, k: int, seed: int) -> IntArray:
        """Return the labels of a clusterer that knows no new customers, numbered from 0."""
        estimator = self._estimator(len(Z), k, seed)
        labels = estimator.fit_predict(Z) if hasattr(estimator, "fit_predict") else None
        labels = estimator.fit(Z).predict(Z) if labels is None else labels
        labels = np.asarray(labels)
        codes = np.full(len(labels), -1, dtype=np.int64)
        known = labels != -1
        codes[known] = np.unique(labels[known], return_inverse=True)[1]
        if self.clusterer == "hdbscan" and self.lowest is not None and known.any():
            codes = drop_small(Z, codes, _rows(self.lowest, len(Z)))
        return codes

    def _estimator(self, n: int, k: int, seed: int) -> Any:
        if self.clusterer == "hierarchical":
            return AgglomerativeClustering(n_clusters=k)
        if self.clusterer == "hdbscan":
            share = 0.01 if self.lowest is None else self.lowest
            return HDBSCAN(min_cluster_size=max(5, _rows(share, n)), copy=True)
        estimator = clone(self.clusterer)
        known = estimator.get_params(deep=False)
        number = _number_parameter(known)
        changes = {} if number is None else {number: k}
        if "random_state" in known and known["random_state"] is None:
            changes["random_state"] = seed
        return estimator.set_params(**changes)

    def _within_limits(
        self, rule: AssignmentRule, Z: FloatArray, *, sample: bool = False
    ) -> RuleFit:
        """Shift the costs of the rule, and move the centres of k-means, until sizes are right.

        In a sample limits that its rounding makes impossible become those that are just possible.
        """
        if not self.limited:
            return RuleFit(rule, assign(rule, Z), 1.0, True)
        lowest = 0 if self.lowest is None else _rows(self.lowest, len(Z))
        highest = len(Z) if self.highest is None else len(Z) - _rows(1 - self.highest, len(Z))
        if sample:
            lowest = min(lowest, len(Z) // len(rule.offsets))
            highest = max(highest, -(-len(Z) // len(rule.offsets)))
        if self.clusterer == "kmeans" and isinstance(rule, PrototypeRule):
            moved = constrained_centres(Z, rule.prototypes, lowest, highest)
            rule = replace(rule, prototypes=moved.centres, offsets=moved.offsets)
            return RuleFit(rule, assign(rule, Z), 1.0, moved.within)
        sized = size_offsets(rule.costs(Z), lowest, highest)
        rule = replace(rule, offsets=sized.offsets)
        return RuleFit(rule, assign(rule, Z), 1.0, sized.within)


@dataclass(frozen=True, slots=True)
class RuleFit:
    """A rule and what it makes of the customers it was learned from.

    Attributes
    ----------
    rule : PrototypeRule or GaussianRule
    codes : ndarray of int of shape (n,)
        Segment of each customer by the rule, -1 for none.
    agreement : float
        Share of the customers that the clusterer saw whom the rule puts where the clusterer did.
    within : bool
        Whether the sizes are within their limits.
    """

    rule: AssignmentRule
    codes: IntArray
    agreement: float
    within: bool


def finds_number(clusterer: Any) -> bool:
    """Return whether a clusterer finds the number of segments by itself."""
    if isinstance(clusterer, str):
        return clusterer == "hdbscan"
    return _number_parameter(clusterer.get_params(deep=False)) is None


def gaussian_bic(Z: FloatArray, k: int, seed: int) -> float:
    """Return the Bayesian information criterion of a Gaussian mixture; NaN for a single row."""
    if len(Z) < _FEWEST:
        return np.nan
    with _quick(len(Z)):
        return float(_mixture(Z, k, seed, 1).bic(Z))


@contextmanager
def _quick(n: int) -> Iterator[None]:
    """Spare small samples the threads, and the warning that equal customers make few groups."""
    threads = threadpool_limits(limits=1 if n < _FEW_THREADS_BELOW else None)
    with threads, warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def _rows(share: float, n: int) -> int:
    """Return the smallest number of rows that is at least the share, rounding noise aside."""
    return int(np.ceil(share * n - 1e-6))


def _number_parameter(parameters: Mapping[str, Any]) -> str | None:
    names = ("n_clusters", "n_components")
    return next((name for name in names if name in parameters), None)


def _all_centres(Z: FloatArray, k: int, seed: int) -> FloatArray:
    """Return the centres of k-means; those of some customers, improved by all, where many."""
    if len(Z) <= _LARGE:
        return np.asarray(_k_means(Z, k, seed, _STARTS).cluster_centers_)
    start = _k_means(Z[:: -(-len(Z) // _LARGE)], k, seed, _STARTS).cluster_centers_
    return np.asarray(KMeans(k, init=start, n_init=1).fit(Z).cluster_centers_)


def _k_means(Z: FloatArray, k: int, seed: int, starts: int) -> Any:
    return KMeans(k, n_init=starts, random_state=seed).fit(Z)


def _mixture(Z: FloatArray, k: int, seed: int, starts: int) -> Any:
    settings = {"reg_covar": _LEAST_VARIANCE, "max_iter": _MOST_STEPS}
    return GaussianMixture(k, n_init=starts, random_state=seed, **settings).fit(Z)


def _nearest(centres: FloatArray) -> PrototypeRule:
    k = len(centres)
    return PrototypeRule(centres, np.arange(k), np.zeros(k), np.full(k, np.inf))


def _gaussian(mixture: Any) -> GaussianRule:
    factors = np.asarray(mixture.precisions_cholesky_)
    return GaussianRule(mixture.weights_, mixture.means_, factors, np.zeros(len(factors)))
