"""Evidence and methods."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from custvalue._numerics.dominance import lmg_shares
from custvalue._numerics.nearest_correlation import nearest_correlation
from custvalue._numerics.weighting import ahp_weights, entropy_weights
from custvalue.exceptions import DataError
from custvalue.factors._element_evidence import METHODS, Evidence, obstacle, weights_by
from custvalue.factors._solution import Settings, solve


@pytest.fixture
def evidence() -> Evidence:
    """Return all that can be known of four elements."""
    generator = np.random.default_rng(8)
    common = generator.normal(size=(300, 1))
    values = 5 + common * [0.9, 0.7, 0.8, 0.5] + generator.normal(size=(300, 4))
    outcome = common[:, 0] + 0.5 * values[:, 3] + generator.normal(size=300)
    joint = np.corrcoef(np.column_stack([values, outcome]).T)
    solution = solve(joint[:4, :4], 1, Settings(), np.random.default_rng(0))
    worth = np.array([4.0, 3, 2, 1])
    return Evidence(
        values,
        np.ones(300),
        matrix=joint[:4, :4],
        with_satisfaction=joint[:4, 4],
        solution=solution,
        comparisons=ahp_weights(worth[:, None] / worth),
    )


@pytest.mark.parametrize("method", list(METHODS))
def test_every_method_gives_shares(evidence, method):
    """One number an element, their sum 1, none negative here."""
    weights = weights_by(method, evidence)
    assert obstacle(method, evidence) is None
    assert weights.shape == (4,)
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert weights.min() >= 0


def test_methods_are_what_their_names_say(evidence):
    """Each against the function or formula that defines it, from the same evidence."""
    loadings = np.abs(evidence.solution.loadings[:, 0])
    lmg = lmg_shares(evidence.matrix, evidence.with_satisfaction)
    means = evidence.values.mean(axis=0)
    leading = np.linalg.eigh(evidence.matrix)[1][:, -1]
    expected = {
        "loading": loadings / loadings.sum(),
        "communality": loadings**2 / (loadings**2).sum(),
        "principal_component": leading / leading.sum(),
        "lmg": lmg / lmg.sum(),
        "stated": means / means.sum(),
        "entropy": entropy_weights(evidence.values).weights,
        "ahp": np.array([0.4, 0.3, 0.2, 0.1]),
    }
    for method, weights in expected.items():
        np.testing.assert_allclose(weights_by(method, evidence), weights, rtol=1e-9)


def test_means_are_those_of_who_answered():
    """Counts weigh, gaps do not."""
    values = np.array([[1.0, 2.0], [3.0, np.nan]])
    assert Evidence(values, np.array([1.0, 3.0])).means.tolist() == [2.5, 2.0]
    drawn = Evidence(values, np.array([0.0, 3.0])).means
    assert drawn[0] == 3.0
    assert np.isnan(drawn[1])


def test_huge_ratings_have_means_and_weights():
    """2**1020 times as large, of which the sum is no number: the same shares."""
    values, counts = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([5.0, 15.0])
    small, huge = Evidence(values, counts), Evidence(values * 2.0**1020, counts)
    np.testing.assert_array_equal(huge.means, small.means * 2.0**1020)
    for method in ("stated", "entropy"):
        np.testing.assert_array_equal(weights_by(method, huge), weights_by(method, small))


def test_derived_importance_by_correlations_without_an_inverse():
    """The sum of the items is one of them: coefficients of least squares on scores by the model."""
    generator = np.random.default_rng(9)
    common = generator.normal(size=(300, 1))
    values = common * [0.9, 0.7, 0.8, 0.5] + generator.normal(size=(300, 4))
    values = np.column_stack([values, values.sum(axis=1)])
    outcome = common[:, 0] + generator.normal(size=300)
    joint = np.corrcoef(np.column_stack([values, outcome]).T)
    matrix = nearest_correlation(joint[:5, :5])
    solution = solve(matrix, 1, Settings(), np.random.default_rng(0))
    known = Evidence(
        values,
        np.ones(300),
        matrix=matrix,
        with_satisfaction=joint[:5, 5],
        singular=True,
        solution=solution,
    )
    Z = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    model = solution.loadings @ solution.loadings.T + np.diag(solution.uniquenesses)
    W = np.linalg.solve(model, solution.loadings)
    b = np.abs(W @ np.linalg.lstsq(Z @ W, outcome)[0])
    np.testing.assert_allclose(weights_by("regression", known), b / b.sum(), rtol=1e-6)


def test_a_resample_without_entropy_is_a_matter_of_the_data():
    """A DataError, which the bootstrap counts."""
    values = np.array([[1.0, 2.0], [3.0, 5.0]])
    with pytest.raises(DataError, match="all are constant"):
        weights_by("entropy", Evidence(values, np.array([2.0, 0.0])))


def test_a_method_says_what_it_lacks(evidence):
    """Nothing but ratings, none of them usable, and too many elements."""
    bare = Evidence(evidence.values, evidence.counts)
    assert obstacle("ahp", bare) == "needs comparisons of the elements"
    assert obstacle("lmg", bare) == "needs satisfaction, the name of a column"
    assert "at least 3 elements; found 4" in obstacle("loading", bare)
    assert obstacle("stated", bare) is None
    below = replace(bare, values=np.array([[1.0, -2.0], [3.0, 1.0]]), counts=np.ones(2))
    assert obstacle("stated", below) == "needs ratings of at least 0; the smallest is -2.0"
    same = replace(bare, values=np.zeros((2, 2)), counts=np.ones(2))
    assert obstacle("stated", same) == "needs ratings that are not all 0"
    assert "all are constant" in obstacle("entropy", same)
    alone = replace(bare, values=np.array([[1.0, np.nan], [3.0, 2.0]]), counts=np.ones(2))
    assert obstacle("entropy", alone) == "needs at least two answers to every element"
    wide = replace(evidence, values=np.ones((300, 16)))
    assert obstacle("lmg", wide) == "takes at most 15 elements; found 16"
