"""From a survey to evidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue._numerics.weighting import ahp_weights
from custvalue.exceptions import DataError
from custvalue.factors._element_evidence import METHODS
from custvalue.factors._element_solution import (
    Plan,
    component_doubts,
    find_evidence,
    method_doubts,
    weights_of_all,
)
from custvalue.factors._element_survey import element_survey
from custvalue.factors._solution import Settings

PLAN = Plan("loading", True, "pearson", "raise", "parallel", Settings(), None)


def survey_of(rows, satisfaction=None):
    """Return the survey of an array."""
    return element_survey(
        read_ratings(rows), None, satisfaction=satisfaction, reverse=(), missing="raise"
    )


@pytest.fixture
def rows():
    """Return 400 ratings of six elements by two factors, and satisfaction in the last column."""
    generator = np.random.default_rng(3)
    factors = generator.normal(size=(400, 2))
    loadings = np.array([[0.8, 0], [0.7, 0], [0.6, 0], [0, 0.8], [0, 0.7], [0, 0.6]])
    elements = 5 + factors @ loadings.T + 0.6 * generator.normal(size=(400, 6))
    outcome = factors @ [0.8, 0.3] + generator.normal(size=400)
    return np.column_stack([elements, outcome])


def find(rows, satisfaction=None, **changes):
    """Return what a changed plan finds in rows."""
    plan = replace(PLAN, **changes)
    return find_evidence(survey_of(rows, satisfaction), plan, np.random.default_rng(0))


def test_evidence_is_of_the_elements_and_satisfaction_apart(rows):
    """Their correlations as NumPy has them, and two factors, as there are."""
    evidence = find(rows, "x6").evidence
    joint = np.corrcoef(rows.T)
    np.testing.assert_allclose(evidence.matrix, joint[:6, :6], atol=1e-12)
    np.testing.assert_allclose(evidence.with_satisfaction, joint[:6, 6], atol=1e-12)
    assert evidence.solution.loadings.shape == (6, 2)


def test_only_what_is_needed_is_looked_for(rows):
    """No correlations for stated weights alone; no factors for LMG alone, nor for two elements."""
    assert find(rows, method="stated", compare=False).evidence.matrix is None
    lmg = find(rows, "x6", method="lmg", compare=False).evidence
    np.testing.assert_allclose(lmg.with_satisfaction, np.corrcoef(rows.T)[:6, 6], atol=1e-12)
    assert lmg.solution is None
    assert find(rows[:, :2], method="stated").evidence.solution is None


def test_all_methods_that_can_be_are_compared(rows):
    """All with satisfaction and comparisons, less without, one where none is to be compared."""
    everything = find(rows, "x6", comparisons=ahp_weights(np.ones((6, 6)))).evidence
    assert list(weights_of_all(PLAN, everything)) == list(METHODS)
    some = weights_of_all(PLAN, find(rows[:, :6]).evidence)
    assert list(some) == ["stated", "loading", "communality", "principal_component", "entropy"]
    assert list(weights_of_all(replace(PLAN, compare=False), everything)) == ["loading"]
    loadings = np.abs(everything.solution.loadings)
    variances = np.sum(loadings**2, axis=0)
    expected = loadings @ variances / (loadings @ variances).sum()
    np.testing.assert_allclose(weights_of_all(PLAN, everything)["loading"], expected, rtol=1e-9)


def test_a_method_that_cannot_be_is_refused(rows):
    """With its name and what it lacks."""
    evidence = find(rows - 10, method="stated").evidence
    with pytest.raises(DataError, match="method='stated' needs ratings of at least 0"):
        weights_of_all(replace(PLAN, method="stated"), evidence)


def test_a_constant_element_ends_what_needs_correlations_only(rows):
    """Stated weights are still had, with a doubt that names the element."""
    rows[:, 1] = 4.0
    with pytest.raises(DataError, match="'x1'"):
        find(rows)
    finding = find(rows, method="stated")
    assert finding.evidence.matrix is None
    assert "not compared" in finding.doubts[-1]
    assert "'x1' must vary; all 400 answers are 4.0" in finding.doubts[-1]


def test_elements_that_share_nothing_are_taken_for_one_factor():
    """Parallel analysis finds none in independent columns, and that is said."""
    rows = np.random.default_rng(10).normal(size=(200, 5))
    finding = find(rows)
    assert finding.evidence.solution.loadings.shape == (5, 1)
    assert any("suggests 0 factors; 1 is taken" in doubt for doubt in finding.doubts)
    assert find(rows, method="entropy").doubts == ()


@pytest.mark.parametrize("method", list(METHODS))
def test_factors_are_doubted_only_where_the_method_needs_them(rows, method):
    """Four factors of six elements are too many, whoever compares by them."""
    plan = {"method": method, "n_factors": 4, "comparisons": ahp_weights(np.ones((6, 6)))}
    finding = find(rows, "x6", **plan)
    assert finding.evidence.solution.loadings.shape == (6, 4)
    doubted = any("degrees of freedom" in doubt for doubt in finding.doubts)
    assert doubted == (method in {"loading", "communality", "regression"})


def test_elements_are_singular_only_if_they_are_what_was_repaired(rows):
    """Not where satisfaction is their sum, but where one of them is the sum of others."""
    rows[:, 6] = rows[:, :6].sum(axis=1)
    whole = find(rows, "x6", method="regression")
    assert not whole.evidence.singular
    assert method_doubts("regression", whole.evidence) == []
    rows[:, 6] += np.random.default_rng(0).normal(size=400)
    rows[:, 5] = rows[:, :5].sum(axis=1)
    part = find(rows, "x6", method="regression", n_factors=2)
    assert part.evidence.singular
    assert "have no inverse" in method_doubts("regression", part.evidence)[0]
    assert method_doubts("loading", part.evidence) == []
    components = find(
        rows, "x6", method="regression", n_factors=2, settings=Settings(method="principal")
    )
    assert components.evidence.singular
    assert method_doubts("regression", components.evidence) == []


def test_polychoric_correlations_are_of_the_categories():
    """Cut at three points, ratings of two linear composites correlate less than what is behind."""
    generator = np.random.default_rng(4)
    hidden = generator.normal(size=(1000, 1)) + generator.normal(size=(1000, 4))
    rows = np.digitize(hidden, [-1.0, 0.5, 2.0]).astype(float)
    pearson = find(rows, n_factors=1).evidence.matrix
    polychoric = find(rows, n_factors="parallel", kind="polychoric").evidence.matrix
    off = ~np.eye(4, dtype=bool)
    assert (polychoric[off] > pearson[off]).all()
    assert polychoric[off].mean() == pytest.approx(0.5, abs=0.05)


def test_signs_that_decide_and_negative_weights_are_doubted():
    """Two groups of elements against each other: either sign, and weights below 0."""
    signs = np.array([1.0, 1, 1, -1, -1])
    matrix = np.where(np.eye(5, dtype=bool), 1.0, 0.5 * np.outer(signs, signs))
    generator = np.random.default_rng(5)
    rows = generator.multivariate_normal(np.zeros(5), matrix, size=300)
    evidence = find(rows, n_factors=1, method="principal_component").evidence
    doubts = component_doubts(evidence)
    assert any("negative" in doubt and "2 of 5" in doubt for doubt in doubts)
    assert not any("sign" in doubt and "arbitrary" in doubt for doubt in doubts)
    two = find(rows, n_factors=2, method="principal_component").evidence
    assert "component 1 or 2" in component_doubts(two)[0]


def test_one_component_of_one_sign_leaves_no_doubt(rows):
    """All weights positive, and no sign to choose."""
    evidence = find(rows[:, :3], n_factors=1, method="principal_component").evidence
    leading = np.abs(np.linalg.eigh(np.corrcoef(rows[:, :3].T))[1][:, -1:])
    np.testing.assert_allclose(evidence.components, leading, rtol=1e-9)
    assert component_doubts(evidence) == []
