"""Correlation matrices of items that have nothing in common."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from custvalue._estimator.ratings import Ratings
from custvalue.factors._retention.null_matrices import (
    coded_ratings,
    normal_matrices,
    permuted_matrices,
)

N_REPLICATES = 4000


def drawn(n_items, n_observations, n_replicates, seed=0):
    batches = normal_matrices(n_items, n_observations, n_replicates, np.random.default_rng(seed))
    return np.concatenate(list(batches))


def shuffled(ratings, kind, n_replicates, seed=0):
    generator = np.random.default_rng(seed)
    return np.concatenate(
        list(permuted_matrices(ratings, kind, "pairwise", n_replicates, generator))
    )


def largest(matrices):
    return np.linalg.eigvalsh(matrices)[:, ::-1]


def as_ratings(answers):
    return Ratings({f"q{i}": column for i, column in enumerate(answers.T)}, "array", None)


@pytest.mark.parametrize(("n_items", "n_observations"), [(5, 12), (6, 6), (6, 4)])
def test_drawn_matrices_are_distributed_as_simulated_ones(n_items, n_observations):
    """Means and deviations of the eigenvalues of correlated normals, 4,000 of each kind.

    A mean has a standard error of s / sqrt(4000); 4.5 of those of a difference are allowed. The
    logarithm of a deviation has one of about 1 / sqrt(8000), more for long tails; 10 % is allowed.
    """
    answers = np.random.default_rng(1).normal(size=(N_REPLICATES, n_observations, n_items))
    answers -= answers.mean(axis=1, keepdims=True)
    answers /= np.linalg.norm(answers, axis=1, keepdims=True)
    simulated = largest(answers.swapaxes(1, 2) @ answers)
    found = largest(drawn(n_items, n_observations, N_REPLICATES))
    rank = min(n_items, n_observations - 1)
    spread = simulated.std(axis=0)[:rank]
    difference = (found.mean(axis=0) - simulated.mean(axis=0))[:rank]
    assert_allclose(difference / spread * np.sqrt(N_REPLICATES / 2), 0, atol=4.5)
    assert_allclose(found.std(axis=0)[:rank] / spread, 1, atol=0.1)
    assert_allclose(found[:, rank:], 0, atol=1e-12)


def test_drawn_correlations_have_the_known_variance():
    """A correlation of independent normals has mean 0 and variance 1 / (n - 1) exactly.

    60,000 of them: 4 standard errors are 0.005 of the mean and 2.3 % of the variance.
    """
    matrices = drawn(4, 11, 10_000)
    below = matrices[:, *np.tril_indices(4, -1)]
    assert_allclose(below.mean(), 0, atol=0.0052)
    assert_allclose(below.var(), 0.1, rtol=0.024)


def test_drawn_matrices_are_correlations():
    """Symmetric, with a diagonal of ones to the last digit, and as many as were asked for."""
    matrices = drawn(3, 20.5, 61)
    assert matrices.shape == (61, 3, 3)
    assert_allclose(matrices, matrices.swapaxes(1, 2), atol=1e-15)
    assert (matrices[:, range(3), range(3)] == 1).all()
    assert np.abs(matrices).max() <= 1


def test_a_seed_draws_the_same_matrices():
    """The same generator state, the same matrices; another, others."""
    assert (drawn(4, 30, 30) == drawn(4, 30, 30)).all()
    assert not np.array_equal(drawn(4, 30, 30), drawn(4, 30, 30, seed=1))


def test_many_items_are_drawn_in_small_batches():
    """No batch of 1,500 items holds more than one matrix of them."""
    batches = list(normal_matrices(1500, 4, 2, np.random.default_rng(0)))
    assert [batch.shape for batch in batches] == [(1, 1500, 1500)] * 2


def test_shuffled_answers_forget_what_they_shared(attitude_answers):
    """Over 2,000 shuffles, correlations of mean 0 and variance 1 / (n - 1), as permutations have.

    42,000 correlations: 4 standard errors are 0.0036 of the mean and about 3 % of the variance.
    """
    matrices = shuffled(as_ratings(attitude_answers), "pearson", 2000)
    below = matrices[:, *np.tril_indices(7, -1)]
    assert matrices.shape == (2000, 7, 7)
    assert_allclose(below.mean(), 0, atol=0.004)
    assert_allclose(below.var(), 1 / 29, rtol=0.03)


@pytest.mark.parametrize("kind", ["pearson", "spearman"])
def test_the_order_of_respondents_does_not_matter(attitude_answers, kind):
    """The same seed shuffles the same answers to the same ends, whoever came first."""
    once = shuffled(as_ratings(attitude_answers), kind, 3)
    again = shuffled(as_ratings(attitude_answers[::-1]), kind, 3)
    assert np.array_equal(once, again)


def test_gaps_are_shuffled_too(attitude_answers):
    """An item with gaps keeps as many; its correlations come from those who answered both."""
    answers = attitude_answers.copy()
    answers[::3, 0] = np.nan
    matrices = shuffled(as_ratings(answers), "pearson", 2000)
    assert_allclose(matrices[:, 0, 1:].var(), 1 / 19, rtol=0.06)
    assert_allclose(matrices[:, 1, 2:].var(), 1 / 29, rtol=0.06)


def test_codes_are_ratings_with_gaps():
    """-1 is a missing answer."""
    ratings = coded_ratings(np.array([[0, 2], [-1, 1]], dtype=np.int8))
    assert ratings.items == ["x0", "x1"]
    assert_allclose(ratings.block(slice(None)), [[0, 2], [np.nan, 1]])


def test_shuffled_categories_are_correlated_as_categories():
    """Tetrachoric correlations of unrelated items vary more than Pearson's: pi^2 / 4 times.

    By their variance at medians, (pi / 2)^2 / n, to first order. 400 correlations: 4 standard
    errors are 28 %.
    """
    codes = np.tile([[0, 1], [1, 0]], (150, 1))
    matrices = shuffled(coded_ratings(codes), "polychoric", 400)
    assert_allclose(matrices[:, 0, 1].var() * 300, np.pi**2 / 4, rtol=0.28)
