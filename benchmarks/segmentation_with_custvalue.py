"""How custvalue solves the problems of segmentation."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.segmentation_cases import N_ANSWERS, N_CLASSES, N_ITEMS, N_SEGMENTS, SEED
from benchmarks.segmentation_problem import Solver
from custvalue.segmentation import (
    CustomerSegmenter,
    LatentClassSegmenter,
    PreferenceSegmenter,
    RFMScorer,
)

VERSION = version("custvalue")
FITTED_ROWS = 10_000
SMALLEST, LARGEST = 0.15, 0.22
"""Shares between which sizes are kept; three of the five kinds lie outside."""


def frame(data: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return columns as a frame."""
    return pd.DataFrame(data)


def wide(name: str) -> Callable[[dict[str, np.ndarray]], pd.DataFrame]:
    """Return what makes a frame of an array of several columns."""
    return lambda data: pd.DataFrame(data[name]).rename(columns="i{}".format)


def fit_classes(answers: pd.DataFrame) -> LatentClassSegmenter:
    """Fit latent classes from ten starts."""
    segmenter = LatentClassSegmenter(n_classes=N_CLASSES, n_starts=10, random_state=SEED)
    return segmenter.fit(answers)


def classes_found(segmenter: LatentClassSegmenter, answers: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return shares, and probabilities of shape (classes, items, answers)."""
    table = segmenter.item_probabilities_.to_numpy().T
    return {
        "shares": segmenter.class_shares_.to_numpy(),
        "probabilities": table.reshape(N_CLASSES, N_ITEMS, N_ANSWERS),
    }


def preferences(**parameters: Any) -> Callable[[pd.DataFrame], PreferenceSegmenter]:
    """Return the fit of a model of rankings."""
    return lambda ranks: PreferenceSegmenter(random_state=SEED, **parameters).fit(ranks)


def worths_found(segmenter: PreferenceSegmenter, ranks: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the worths, which sum to one."""
    return {"worths": segmenter.worths_.to_numpy()[0]}


def consensus_found(segmenter: PreferenceSegmenter, ranks: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the consensus of each segment, the largest first, and theta where there is one."""
    found = {"consensus": segmenter.consensus_.to_numpy()}
    if segmenter.concentration_ is not None:
        found["concentration"] = segmenter.concentration_.to_numpy()
    return found


def clusters(**parameters: Any) -> Callable[[pd.DataFrame], CustomerSegmenter]:
    """Return the fit of clusters."""
    return lambda customers: CustomerSegmenter(random_state=SEED, **parameters).fit(customers)


def labels(segmenter: CustomerSegmenter, customers: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the segment of each customer as a number."""
    return numbered((segmenter, segmenter.predict(customers)), customers)


def fit_few(data: dict[str, np.ndarray]) -> tuple[CustomerSegmenter, pd.DataFrame]:
    """Return all customers, and a segmenter fitted to the first of them."""
    customers = frame(data)
    fit = clusters(n_clusters=N_SEGMENTS, n_bootstrap=0)
    return fit(customers[:FITTED_ROWS]), customers


def predict(prepared: tuple[CustomerSegmenter, pd.DataFrame]) -> Any:
    """Return the segmenter and the segments of all."""
    segmenter, customers = prepared
    return segmenter, segmenter.predict(customers)


def numbered(found: tuple[CustomerSegmenter, np.ndarray], prepared: Any) -> dict[str, np.ndarray]:
    """Return names of segments as numbers."""
    segmenter, names = found
    return {"labels": pd.Index(segmenter.segments_).get_indexer(names)}


def scores(method: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return the scoring of customer summaries."""
    return lambda summary: RFMScorer(method=method).fit_transform(summary)


def scores_found(table: pd.DataFrame, summary: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the three scores."""
    return {name: table[name].to_numpy() for name in ("r_score", "f_score", "m_score")}


FIVE = {"n_clusters": N_SEGMENTS}
LIMITS = {"min_size": SMALLEST, "max_size": LARGEST, "n_bootstrap": 0}
PROBLEMS = {
    "latent-classes": Solver(wide("answers"), fit_classes, classes_found),
    "plackett-luce": Solver(
        wide("ranks"), preferences(model="plackett_luce", n_segments=1), worths_found
    ),
    "mallows": Solver(wide("ranks"), preferences(model="mallows", n_segments=2), consensus_found),
    "kendall": Solver(wide("ranks"), preferences(model="kendall", n_segments=2), consensus_found),
    "clusters": Solver(frame, clusters(**FIVE, n_bootstrap=0), labels),
    "clusters-stability": Solver(frame, clusters(**FIVE, n_bootstrap=50), labels),
    "clusters-auto": Solver(frame, clusters(n_clusters="auto"), labels),
    "clusters-sizes": Solver(frame, clusters(**FIVE, **LIMITS), labels),
    "clusters-predict": Solver(fit_few, predict, numbered),
    "rfm-quantile": Solver(frame, scores("quantile"), scores_found),
    "rfm-breaks": Solver(frame, scores("breaks"), scores_found),
}
