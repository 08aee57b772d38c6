"""Consensus rankings."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from custvalue.segmentation._rankings.consensus import (
    borda,
    footrule_median,
    kemeny,
    kemeny_ranks,
    mean_ranks,
    pairwise_preferences,
    spearman_median,
)
from custvalue.segmentation._rankings.distances import distance_matrix
from support.words import WORD_COUNTS, WORD_RANKS

WORD_LEVELS = WORD_RANKS - 1
MEDIANS = {"kendall": kemeny, "spearman": spearman_median, "footrule": footrule_median}


def rankings(m: int, seed: int, lowest: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return seven random rankings with ties (and gaps, from -1) and their counts."""
    generator = np.random.default_rng(seed)
    levels = generator.integers(lowest, m, (7, m))
    return levels, generator.integers(1, 9, 7).astype(float)


def test_the_words_have_the_published_consensus():
    """Kemeny's order of Fligner and Verducci's words is (5, 1, 4, 3, 2) alone, at a total of 106.

    Counted over all 120 orders; it is the centre that R Rankcluster's vignette gives the largest
    segment, too. Mean 106 / 98 = 1.081633.
    """
    found = kemeny(WORD_LEVELS, WORD_COUNTS)
    assert found.ranks.tolist() == [5, 1, 4, 3, 2]
    assert found.exact
    assert found.total == 106
    orders = np.array(list(itertools.permutations(range(5))))
    totals = WORD_COUNTS @ distance_matrix(WORD_LEVELS, orders, "kendall")
    assert (totals <= 106).sum() == 1
    assert found.total / WORD_COUNTS.sum() == pytest.approx(1.081633, abs=5e-7)


def test_the_words_have_the_known_mean_ranks_and_squared_distance():
    """Borda's and Spearman's orders are Kemeny's, at a total of 274 squares.

    Mean ranks 4.785714 1.326531 3.632653 3.306122 1.948980, by hand from the counts.
    """
    expected = [4.785714, 1.326531, 3.632653, 3.306122, 1.948980]
    np.testing.assert_allclose(mean_ranks(WORD_LEVELS, WORD_COUNTS), expected, atol=5e-7)
    assert borda(WORD_LEVELS, WORD_COUNTS).ranks.tolist() == [5, 1, 4, 3, 2]
    assert borda(WORD_LEVELS, WORD_COUNTS).total == 106
    assert spearman_median(WORD_LEVELS, WORD_COUNTS).ranks.tolist() == [5, 1, 4, 3, 2]
    assert spearman_median(WORD_LEVELS, WORD_COUNTS).total == pytest.approx(274, abs=1e-9)


@pytest.mark.parametrize("kind", MEDIANS)
@pytest.mark.parametrize("lowest", [0, -1], ids=["ties", "ties and gaps"])
@pytest.mark.parametrize("m", [2, 4, 6])
def test_no_order_is_nearer_than_the_exact_median(kind, lowest, m):
    """Over all m! orders none has a smaller total, and the total is that of the ranks."""
    for seed in range(8):
        levels, counts = rankings(m, seed, lowest)
        found = MEDIANS[kind](levels, counts)
        orders = np.array(list(itertools.permutations(range(m))))
        totals = counts @ distance_matrix(levels, orders, kind)
        assert found.exact
        assert found.total == pytest.approx(totals.min(), abs=1e-7)
        own = counts @ distance_matrix(levels, found.ranks[None] - 1, kind)
        assert found.total == pytest.approx(own[0], abs=1e-7)


def test_of_equal_optima_the_first_order_of_items_is_taken():
    """A cycle of three has three best orders; the one that begins with item 0 is given."""
    levels = np.array([[0, 1, 2], [2, 0, 1], [1, 2, 0]])
    found = kemeny(levels, np.ones(3))
    assert found.total == 4
    assert found.ranks.tolist() == [1, 2, 3]
    assert kemeny(np.zeros((1, 4), dtype=int), np.ones(1)).ranks.tolist() == [1, 2, 3, 4]


def test_the_rows_may_come_in_any_order_and_be_counted_or_repeated():
    """The consensus of rows is that of their permutation, and a count is as many rows."""
    levels, counts = rankings(5, seed=11)
    for median in MEDIANS.values():
        found = median(levels, counts)
        again = median(levels[::-1], counts[::-1])
        repeated = np.repeat(levels, counts.astype(int), axis=0)
        each = median(repeated, np.ones(len(repeated)))
        assert found.ranks.tolist() == again.ranks.tolist() == each.ranks.tolist()
        assert found.total == pytest.approx(each.total)


def test_twelve_items_are_exact_and_more_are_searched():
    """Up to 12 items the order is proved; from 13 on only where every majority agrees with it."""
    generator = np.random.default_rng(12)
    noise = np.array([generator.permutation(13) for _ in range(5)])
    assert kemeny(noise[:, :12], np.ones(5)).exact
    assert not kemeny(noise, np.ones(5)).exact
    alike = np.argsort(np.arange(13) + generator.normal(0, 0.4, (9, 13)), axis=1)
    assert kemeny(np.argsort(alike, axis=1), np.ones(9)).exact


def test_preferences_alone_give_the_same_ranks():
    """The matrix of pairwise preferences says all that Kemeny's order needs."""
    levels, counts = rankings(6, seed=15)
    ranks = kemeny_ranks(pairwise_preferences(levels, counts))
    assert ranks.tolist() == kemeny(levels, counts).ranks.tolist()


def test_an_item_that_nobody_knows_has_the_middle_rank():
    """The mean rank of such an item is (m + 1) / 2."""
    assert mean_ranks(np.array([[0, 1, -1]]), np.ones(1)).tolist()[2] == 2.0
