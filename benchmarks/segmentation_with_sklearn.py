"""k-means of scikit-learn on features made alike: clusters and nothing else."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.preprocessing import PowerTransformer

from benchmarks.segmentation_cases import N_SEGMENTS, SEED
from benchmarks.segmentation_problem import Solver

VERSION = version("scikit-learn")


def prepare(data: dict[str, np.ndarray]) -> np.ndarray:
    """Return the features side by side."""
    return np.column_stack(list(data.values()))


def solve(features: np.ndarray) -> Any:
    """Straighten and cluster, from ten starts."""
    return k_means(straightened(features), N_SEGMENTS)


def straightened(features: np.ndarray) -> np.ndarray:
    """Return the features as custvalue has them: Yeo-Johnson of multiples of the median."""
    return PowerTransformer().fit_transform(features / np.median(features, axis=0))


def k_means(features: np.ndarray, number: int) -> KMeans:
    """Cluster from ten starts."""
    return KMeans(number, n_init=10, random_state=SEED).fit(features)


def answer(clusterer: KMeans, features: np.ndarray) -> dict[str, np.ndarray]:
    """Return the cluster of each customer."""
    return {"labels": clusterer.labels_}


PROBLEMS = {"clusters": Solver(prepare, solve, answer)}
