"""The search for the best mixture of ranking models."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.segmentation._rankings.pairs import pair_signs
from custvalue.segmentation._rankings.search import (
    best_mixture,
    distant_rows,
    distinct_rankings,
)
from support.strict_orders import all_orders


class Shares:
    """Steps of a model under which every ranking has probability 1."""

    def update(self, weighted):
        """Return the weight of each component."""
        return weighted.sum(axis=0)

    def log_density(self, parameters):
        """Return zeros."""
        return np.zeros((6, len(parameters)))


def search(min_size, k=2):
    return best_mixture(
        Shares,
        all_orders(3),
        np.full(6, 10.0),
        k,
        n_starts=6,
        min_size=min_size,
        generator=np.random.default_rng(0),
        progress=False,
    )


def test_equal_rows_become_one_whatever_their_order():
    """Distinct rows sorted, weights added to the last digit alike, rows of weight 0 left out."""
    generator = np.random.default_rng(0)
    levels, counts = all_orders(4)[generator.integers(0, 20, 300)], generator.random(300)
    counts[levels[:, 0] == 3] = 0.0
    rows, sums = distinct_rankings(levels, counts)
    order = generator.permutation(300)
    again, other = distinct_rankings(levels[order], counts[order])
    np.testing.assert_array_equal(rows, again)
    np.testing.assert_array_equal(sums, other)
    assert sums.sum() == pytest.approx(counts.sum(), rel=1e-14)
    assert (rows[:, 0] != 3).all()


def test_distant_rows_begin_with_the_most_frequent():
    """Then comes the reverse of it, whose count times squared distance is largest."""
    orders = all_orders(3)
    counts = np.array([5.0, 1, 1, 1, 1, 2])
    assert distant_rows(pair_signs(orders), counts, 2) == [0, 5]


def test_more_rows_than_there_are_different_ones_repeat():
    """Where no row is left at a distance, rows are chosen by count again."""
    orders = all_orders(2)[:1]
    assert distant_rows(pair_signs(orders), np.ones(1), 3) == [0, 0, 0]


def test_mixtures_with_a_small_component_are_rejected():
    """Two of sixty cannot both have 40 respondents; one can have 60."""
    assert search(40.0) is None
    assert search(60.0, k=1) is not None


def test_equal_ends_agree():
    """All starts of a model without likelihood end alike: the five that climbed on agree."""
    assert search(0.0).n_starts_agreeing == 5
