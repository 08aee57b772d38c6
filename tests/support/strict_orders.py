"""All strict orders of a few items, and which of them agree with a ranking: for sums by hand."""

from __future__ import annotations

import itertools

import numpy as np

__all__ = ["all_orders", "compatible", "partial_rankings"]


def all_orders(m):
    """Return the levels of all m! strict orders."""
    return np.array(list(itertools.permutations(range(m))), dtype=np.int64)


def compatible(levels, orders):
    """Return 1 where an order keeps all that a ranking says, of shape (n_rankings, n_orders)."""
    known = (levels[:, :, None] >= 0) & (levels[:, None, :] >= 0)
    says = known & (levels[:, :, None] < levels[:, None, :])
    breaks = orders[:, :, None] > orders[:, None, :]
    return 1.0 - (says[:, None] & breaks[None]).any(axis=(2, 3))


def partial_rankings(m, n, generator, unknown=0.3):
    """Draw rankings with ties and unknown items, as dense levels and -1."""
    drawn = generator.integers(0, m, (n, m))
    hidden = generator.random((n, m)) < unknown
    levels = np.full((n, m), -1, dtype=np.int64)
    for row in range(n):
        seen = ~hidden[row]
        levels[row, seen] = np.unique(drawn[row, seen], return_inverse=True)[1]
    return levels
