"""Rows with known groups, and k-means as the functions on groupings call it."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris

__all__ = ["blobs", "distinct_groups", "iris", "k_means"]


def k_means(Z: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Return the groups of k-means, best of three starts."""
    return KMeans(k, n_init=3, random_state=seed).fit(Z).labels_.astype(np.int64)


def distinct_groups(Z: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Return the groups of rows of one first number, whatever k is."""
    return np.unique(Z[:, 0], return_inverse=True)[1]


def iris() -> np.ndarray:
    """Return the four measures of 150 irises."""
    return load_iris().data


def blobs(*centres: tuple[float, ...], n: int = 60, seed: int = 0) -> np.ndarray:
    """Return n standard normal rows around each centre."""
    generator = np.random.default_rng(seed)
    return np.vstack([generator.normal(size=(n, len(centre))) + centre for centre in centres])
