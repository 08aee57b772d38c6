"""Weights of resampled respondents."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue._numerics.rank_sets import rank_sets
from custvalue.factors._element_bootstrap import bootstrap_weights, evidence_again, rank_limits
from custvalue.factors._element_evidence import weights_by
from custvalue.factors._element_solution import Plan, find_evidence
from custvalue.factors._element_survey import element_survey
from custvalue.factors._solution import Settings

PLAN = Plan("loading", True, "pearson", "raise", 1, Settings(), None)


@pytest.fixture
def survey():
    """Return the ratings of four elements, one common factor, and satisfaction."""
    generator = np.random.default_rng(7)
    common = generator.normal(size=(150, 1))
    rows = 10 + 2 * common * [1.0, 0.8, 0.6, 0.4, 0.9] + generator.normal(size=(150, 5))
    return element_survey(
        read_ratings(rows.round()), None, satisfaction="x4", reverse=(), missing="raise"
    )


def evidence_of(survey, plan):
    """Return the evidence of all respondents."""
    return find_evidence(survey, plan, np.random.default_rng(0)).evidence


def draws_of(survey, plan, n_draws=60, seed=1):
    """Return weights of resampled respondents."""
    generator = np.random.default_rng(seed)
    evidence = evidence_of(survey, plan)
    return bootstrap_weights(survey, plan, evidence, n_draws=n_draws, generator=generator)


@pytest.mark.parametrize(
    "method", ["loading", "communality", "principal_component", "regression", "lmg"]
)
def test_everybody_drawn_once_gives_the_weights_of_all(survey, method):
    """To 1e-6, where the search of the factors ends."""
    plan = replace(PLAN, method=method)
    evidence = evidence_of(survey, plan)
    again = evidence_again(survey, plan, evidence, survey.counts)
    np.testing.assert_allclose(weights_by(method, again), weights_by(method, evidence), rtol=1e-6)


@pytest.mark.parametrize("method", ["loading", "lmg", "stated", "entropy"])
def test_a_draw_is_a_survey_of_the_drawn(survey, method):
    """Weights of respondents drawn by count are those of a fit of their copies."""
    plan = replace(PLAN, method=method)
    counts = np.random.default_rng(2).multinomial(150, survey.counts / 150).astype(float)
    copies = np.repeat(survey.ratings.block(slice(None)), counts.astype(int), axis=0)
    fresh = element_survey(
        read_ratings(copies), None, satisfaction="x4", reverse=(), missing="raise"
    )
    again = evidence_again(survey, plan, evidence_of(survey, plan), counts)
    expected = weights_by(method, evidence_of(fresh, plan))
    np.testing.assert_allclose(weights_by(method, again), expected, rtol=1e-6)


def test_draws_of_means_vary_as_means_do(survey):
    """The standard deviation of stated weights is that of the delta method, within 10 %."""
    draws = draws_of(survey, replace(PLAN, method="stated"), n_draws=800).weights
    rows = np.repeat(survey.values(), survey.counts.astype(int), axis=0)
    total, weights = rows.mean(axis=0).sum(), rows.mean(axis=0) / rows.mean(axis=0).sum()
    influence = (rows - weights * rows.sum(axis=1, keepdims=True)) / total
    expected = influence.std(axis=0) / np.sqrt(len(rows))
    np.testing.assert_allclose(draws.std(axis=0), expected, rtol=0.1)


def test_draws_are_those_of_the_seed(survey):
    """The same seed the same, another another; every row sums to 1."""
    first, second = draws_of(survey, PLAN), draws_of(survey, PLAN)
    np.testing.assert_array_equal(first.weights, second.weights)
    assert not np.array_equal(first.weights, draws_of(survey, PLAN, seed=2).weights)
    assert first.n_failed == 0
    np.testing.assert_allclose(first.weights.sum(axis=1), 1.0)


def test_draws_in_which_an_element_is_constant_are_left_out(survey):
    """One deviating answer is not drawn in about 37 % of the draws, which are counted."""
    rows = np.repeat(survey.ratings.block(slice(None)), survey.counts.astype(int), axis=0)
    rows[:, 0] = 5.0
    rows[0, 0] = 1.0
    lone = element_survey(
        read_ratings(rows[:, :4]), None, satisfaction=None, reverse=(), missing="raise"
    )
    draws = draws_of(lone, replace(PLAN, method="communality"), n_draws=100)
    assert len(draws.weights) + draws.n_failed == 100
    assert 20 <= draws.n_failed <= 55
    assert np.isfinite(draws.weights).all()


def test_limits_are_the_sets_of_the_draws(survey):
    """Of the same seed; none for comparisons in pairs, none without draws."""
    plan = replace(PLAN, method="stated")
    evidence = evidence_of(survey, plan)
    ask = {"level": 0.8, "n_draws": 60}
    weights = weights_by("stated", evidence)
    limits = rank_limits(survey, plan, evidence, weights, generator=np.random.default_rng(1), **ask)
    expected = rank_sets(weights, draws_of(survey, plan).weights, 0.8)
    np.testing.assert_array_equal(limits.sets.lower, expected.lower)
    np.testing.assert_array_equal(limits.sets.upper, expected.upper)
    assert limits.n_resamples == 60
    generator = np.random.default_rng(1)
    by_pairs = replace(plan, method="ahp")
    paired = rank_limits(survey, by_pairs, evidence, weights, generator=generator, **ask)
    ask["n_draws"] = 0
    assert paired == rank_limits(survey, plan, evidence, weights, generator=generator, **ask)
    assert paired.sets is None


@pytest.mark.parametrize(("deviating", "given"), [(1, False), (4, True)])
def test_there_are_no_limits_where_more_than_a_fifth_of_the_draws_fail(survey, deviating, given):
    """One deviating answer is not drawn in 37 % of the draws, four are not in 2 %."""
    rows = np.repeat(survey.ratings.block(slice(None)), survey.counts.astype(int), axis=0)
    rows[:, 0] = 5.0
    rows[:deviating, 0] = 1.0
    lone = element_survey(
        read_ratings(rows[:, :4]), None, satisfaction=None, reverse=(), missing="raise"
    )
    plan = replace(PLAN, method="principal_component")
    evidence = evidence_of(lone, plan)
    limits = rank_limits(
        lone,
        plan,
        evidence,
        weights_by(plan.method, evidence),
        level=0.9,
        n_draws=200,
        generator=np.random.default_rng(4),
    )
    assert (limits.sets is not None) == given
    assert any("more than a fifth" in doubt for doubt in limits.doubts) != given
    assert f"{200 - limits.n_resamples} of 200 resamples" in limits.doubts[0]


def test_signs_of_components_are_those_of_all_in_every_draw():
    """Two groups of alike elements: the second component sets one against the other.

    Its coefficients have a sum near 0, whose sign changes from draw to draw; the sign itself must
    not, or the weights jump from one group to the other.
    """
    generator = np.random.default_rng(12)
    within = np.kron(np.eye(2), np.full((3, 3), 0.4)) + 0.2
    matrix = np.where(np.eye(6, dtype=bool), 1.0, within)
    rows = generator.multivariate_normal(np.zeros(6), matrix, size=300)
    groups = element_survey(
        read_ratings(rows), None, satisfaction=None, reverse=(), missing="raise"
    )
    plan = replace(PLAN, method="principal_component", n_factors=2)
    gaps = draws_of(groups, plan, n_draws=100).weights @ [1, 1, 1, -1, -1, -1]
    assert (np.sign(gaps) == np.sign(gaps[0])).all()


def test_errors_that_are_none_of_the_data_are_not_swallowed(survey, monkeypatch):
    """A ValueError of the program ends the bootstrap; a matrix without an inverse does not."""
    evidence = evidence_of(survey, PLAN)
    module = "custvalue.factors._element_bootstrap.weights_by"

    def failing(error):
        def weights_by(method, evidence):
            raise error

        return weights_by

    ask = {"n_draws": 3, "generator": np.random.default_rng(0)}
    monkeypatch.setattr(module, failing(ValueError("a fault")))
    with pytest.raises(ValueError, match="a fault"):
        bootstrap_weights(survey, PLAN, evidence, **ask)
    monkeypatch.setattr(module, failing(np.linalg.LinAlgError("singular")))
    assert bootstrap_weights(survey, PLAN, evidence, **ask).n_failed == 3
