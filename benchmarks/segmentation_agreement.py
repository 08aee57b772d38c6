"""Whether answers agree: with the rival's, or with what the data were drawn from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.cluster import KMeans

from benchmarks.agreement import Verdict
from benchmarks.segmentation_cases import CENTRES, CONCENTRATION, N_ITEMS, SEED, Arrays
from benchmarks.segmentation_with_custvalue import LARGEST, SMALLEST
from benchmarks.segmentation_with_sklearn import k_means, prepare, straightened

LIKELIHOOD_TOLERANCE = 1e-6
WORTH_TOLERANCE = 1e-4
INERTIA_TOLERANCE = 0.01
STANDARD_ERRORS = 5.0
"""The distance of a concentration from the true one, in units of 1 / sqrt(rows), at most."""


def classes(data: Arrays, ours: Arrays, rival: Arrays) -> Verdict:
    """Compare log-likelihoods, evaluated here; custvalue's may be higher."""
    own, other = (log_likelihood(data["answers"], found) for found in (ours, rival))
    gap = (own - other) / abs(other)
    if abs(gap) <= LIKELIHOOD_TOLERANCE:
        return Verdict(True, f"log-likelihoods within {abs(gap):.0e}, relative")
    who = "custvalue" if gap > 0 else "the rival"
    return Verdict(gap > 0, f"{who} reaches a log-likelihood higher by {abs(gap):.0e}, relative")


def log_likelihood(answers: np.ndarray, found: Arrays) -> float:
    """Return the log-likelihood of latent classes."""
    items = np.arange(N_ITEMS)
    chance = sum(
        share * probabilities[items, answers].prod(axis=1)
        for share, probabilities in zip(found["shares"], found["probabilities"], strict=True)
    )
    return float(np.log(chance).sum())


def worths(data: Arrays, ours: Arrays, rival: Arrays) -> Verdict:
    """Compare the worths of items."""
    gap = float(np.abs(ours["worths"] - rival["worths"]).max())
    return Verdict(gap <= WORTH_TOLERANCE, f"worths within {gap:.0e}")


def consensus(data: Arrays, ours: Arrays, rival: Arrays) -> Verdict:
    """Compare consensus and concentrations with those that the rankings were drawn from."""
    if not np.array_equal(ours["consensus"], CENTRES):
        return Verdict(False, "another consensus than the true one")
    if "concentration" not in ours:
        return Verdict(True, "consensus of both segments is the true one")
    gap = float(np.abs(ours["concentration"] - CONCENTRATION).max())
    allowed = STANDARD_ERRORS / np.sqrt(len(data["ranks"]))
    return Verdict(gap <= allowed, f"consensus is the true one; concentrations within {gap:.0e}")


def partition(data: Arrays, ours: Arrays, rival: Arrays) -> Verdict:
    """Compare the sum of squares inside the segments with that of scikit-learn's k-means."""
    features = straightened(prepare(data))
    labels = ours["labels"]
    number = len(np.unique(labels))
    others = rival["labels"] if rival else k_means(features, number).labels_
    gap = inertia(features, labels) / inertia(features, others) - 1
    note = f"{number} segments; sum of squares {gap:+.2%} against k-means"
    return Verdict(gap <= INERTIA_TOLERANCE, note)


def inertia(features: np.ndarray, labels: np.ndarray) -> float:
    """Return the sum of squared distances to the means of the groups."""
    groups = [features[labels == label] for label in np.unique(labels)]
    return float(sum(((group - group.mean(axis=0)) ** 2).sum() for group in groups))


def sizes(data: Arrays, ours: Arrays, rival: Arrays) -> Verdict:
    """Look whether the segments keep to the limits of size."""
    _, counts = np.unique(ours["labels"], return_counts=True)
    shares = counts / counts.sum()
    kept = bool(np.all((shares >= SMALLEST - 1e-9) & (shares <= LARGEST + 1e-9)))
    return Verdict(kept, f"shares from {shares.min():.3f} to {shares.max():.3f}")


def fifths(data: Arrays, ours: Arrays, rival: Arrays) -> Verdict:
    """Look whether each score of recency and of money has a fifth of the customers."""
    counts = np.array([np.bincount(ours[name])[1:] for name in ("r_score", "m_score")])
    gap = float(np.abs(counts / counts.sum(axis=1, keepdims=True) - 0.2).max())
    return Verdict(gap <= 1e-4, f"each score of recency and money: a fifth, within {gap:.0e}")


def breaks(data: Arrays, ours: Arrays, rival: Arrays) -> Verdict:
    """Compare the sum of squares inside the scores of money with that of k-means."""
    money = data["total_value"]
    straight = np.log1p(money / np.median(money))[:, None]
    other = KMeans(5, n_init=1, random_state=SEED).fit(straight).inertia_
    gap = inertia(straight, ours["m_score"]) / other - 1
    return Verdict(gap <= 1e-4, f"sum of squares of money {gap:+.1e} against k-means")


JUDGES: dict[str, Callable[[Arrays, Arrays, Arrays], Verdict]] = {
    "latent-classes": classes,
    "plackett-luce": worths,
    "mallows": consensus,
    "kendall": consensus,
    "clusters": partition,
    "clusters-stability": partition,
    "clusters-auto": partition,
    "clusters-sizes": sizes,
    "clusters-predict": partition,
    "rfm-quantile": fifths,
    "rfm-breaks": breaks,
}
