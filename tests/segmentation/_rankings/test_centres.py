"""Centres of segments where rankings know some items only."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from custvalue.segmentation._rankings.centres import best_centres, random_rows
from custvalue.segmentation._rankings.distances import distance_matrix
from custvalue.segmentation._rankings.levels import compressed_levels, dense_levels
from custvalue.segmentation._rankings.mallows import draw_mallows

KINDS = ["kendall", "spearman", "footrule"]


def partial_camps() -> tuple[np.ndarray, np.ndarray]:
    """Return 200 rankings around two orders of four items, one item of each unknown."""
    generator = np.random.default_rng(2)
    drawn = [
        draw_mallows(np.array(centre), 1.5, 100, generator)
        for centre in ([1, 2, 3, 4], [4, 3, 1, 2])
    ]
    levels = np.concatenate(drawn).astype(float)
    levels[np.arange(200), generator.integers(0, 4, 200)] = np.nan
    return compressed_levels(dense_levels(levels))[:2]


def starts(levels: np.ndarray, counts: np.ndarray, n: int = 10) -> list[np.ndarray]:
    """Return starts of two rows each."""
    return list(random_rows(levels, counts, 2, n, np.random.default_rng(3)))


@pytest.mark.parametrize("kind", KINDS)
def test_no_pair_of_orders_is_nearer_than_the_centres(kind):
    """Over all 276 pairs of orders of four items none has a smaller total distance."""
    levels, counts = partial_camps()
    centres = best_centres(levels, counts, starts(levels, counts), kind)
    orders = np.array(list(itertools.permutations(range(4))))
    distances = distance_matrix(levels, orders, kind)
    pairs = itertools.combinations(range(24), 2)
    least = min(counts @ distances[:, list(pair)].min(axis=1) for pair in pairs)
    found = counts @ distance_matrix(levels, centres, kind).min(axis=1)
    assert found == pytest.approx(least)
    assert (np.sort(centres, axis=1) == np.arange(4)).all()


def test_a_centre_that_nobody_is_near_is_completed_and_stays():
    """Two equal starts leave one segment empty; its centre is still a whole order."""
    levels, counts = np.array([[0, 1, -1], [0, -1, 1]]), np.ones(2)
    centres = best_centres(levels, counts, [levels[[0, 0]]], "kendall")
    assert (np.sort(centres, axis=1) == np.arange(3)).all()


def test_random_rows_are_different_and_drawn_by_their_counts():
    """A row that everyone gave is in nearly every start, and never twice."""
    levels, counts = partial_camps()
    counts = np.where(np.arange(len(counts)) == 5, 1e6, counts)
    for rows in starts(levels, counts, 20):
        assert (rows == levels[5]).all(axis=1).sum() == 1
