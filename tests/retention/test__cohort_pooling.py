"""What cohorts have in common, and what is known of each."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.retention._beta_discrete_weibull import BetaDiscreteWeibullLaw
from custvalue.retention._cohort_coordinates import Coordinates
from custvalue.retention._cohort_pooling import (
    canonical_order,
    cohort_posterior,
    draw_coordinates,
    pool_cohorts,
)
from custvalue.retention._geometric import GeometricLaw
from custvalue.retention._shifted_beta_geo import ShiftedBetaGeoLaw

SBG = Coordinates(ShiftedBetaGeoLaw, orders=False)
REGULAR = [1000.0, 631, 468, 382, 326, 289, 262, 241]
HIGH_END = [1000.0, 869, 743, 653, 593, 551, 517, 491]
MEAN, FACTOR = np.array([-1.2, 0.8]), np.array([[0.35, 0.0], [0.1, 0.4]])


def simulated(coordinates, mean, factor, n_cohorts, n_ages, size, seed):
    """Return coordinates and full counts of cohorts."""
    generator = np.random.default_rng(seed)
    x = mean + generator.standard_normal((n_cohorts, len(mean))) @ factor.T
    law, q = coordinates.law_of(x), np.exp(coordinates.log_order_probability(x))
    there = np.full(n_cohorts, size)
    counts = [there.astype(float)]
    for age in range(1, n_ages):
        there = generator.binomial(there, law.retention(np.full(n_cohorts, float(age))))
        counts.append(generator.binomial(there, q).astype(float))
    return x, np.column_stack(counts)


def triangle(counts):
    """Return counts of which the youngest cohort, the last, has one age behind it."""
    n, n_ages = counts.shape
    young = np.minimum(np.arange(n, 0, -1), n_ages - 1)
    return np.where(np.arange(n_ages) <= young[:, None], counts, np.nan)


def estimated(coordinates, counts, pooling="partial"):
    """Return prior and posterior."""
    prior = pool_cohorts(coordinates, counts, pooling, 0)
    return prior, cohort_posterior(coordinates, counts, prior)


def test_unpooled_cohorts_have_the_published_estimates():
    """Fader & Hardie (2007), table 1, to six digits, whatever stands beside."""
    _, posterior = estimated(SBG, np.array([REGULAR, HIGH_END]), "none")
    expected = [[0.704077, 1.182043], [0.668088, 3.806095]]
    np.testing.assert_allclose(SBG.parameters(posterior.mean), expected, atol=1e-6)
    assert (posterior.shrinkage < 1e-6).all()


@pytest.mark.parametrize("pooling", ["partial", "none", "complete"])
def test_one_cohort_is_by_itself(pooling):
    """There is nothing to pool: the published estimates of Regular, to six digits."""
    prior, posterior = estimated(SBG, np.array([REGULAR]), pooling)
    np.testing.assert_allclose(SBG.parameters(posterior.mean)[0], [0.704077, 1.182043], atol=1e-6)
    assert prior.converged


def test_pooled_cohorts_lie_between_their_own_and_the_common():
    """Two large cohorts that differ much move little towards each other."""
    counts = np.array([REGULAR, HIGH_END])
    own, common = (estimated(SBG, counts, kind)[1].mean for kind in ("none", "complete"))
    pooled = estimated(SBG, counts)[1].mean
    np.testing.assert_array_equal(common[0], common[1])
    assert own[0, 0] > pooled[0, 0] > common[0, 0] > pooled[1, 0] > own[1, 0]
    np.testing.assert_allclose(pooled, own, atol=0.03)


def test_the_hyperparameters_are_recovered():
    """Of 40 simulated cohorts mean and spread are within three standard errors of the truth."""
    _, counts = simulated(SBG, MEAN, FACTOR, 40, 13, 2000, 1)
    prior, _ = estimated(SBG, triangle(counts))
    errors = np.sqrt(np.diag(prior.mean_covariance))
    assert (np.abs(prior.mean - MEAN) < 3 * errors).all()
    spread, true = (np.sqrt((L**2).sum(axis=1)) for L in (prior.factor, FACTOR))
    assert (np.abs(spread - true) < 3 * true / np.sqrt(2 * 30)).all()
    assert prior.converged
    np.testing.assert_allclose(prior.pearson, 1.0, atol=0.25)


@pytest.mark.parametrize(
    ("coordinates", "mean", "spread"),
    [
        (Coordinates(GeometricLaw, orders=False), [-1.5], [0.4]),
        (Coordinates(BetaDiscreteWeibullLaw, orders=False), [-1.2, 0.8, 0.1], [0.35, 0.4, 0.1]),
        (Coordinates(ShiftedBetaGeoLaw, orders=True), [-1.2, 0.8, -0.4], [0.35, 0.3, 0.3]),
    ],
    ids=["geometric", "bdw", "activity"],
)
def test_the_mean_of_other_models_is_recovered(coordinates, mean, spread):
    """Of 16 simulated cohorts within four standard errors, and what scatters as it should, 1."""
    _, counts = simulated(coordinates, np.array(mean), np.diag(spread), 16, 10, 2000, 2)
    prior, posterior = estimated(coordinates, triangle(counts))
    errors = np.sqrt(np.diag(prior.mean_covariance))
    assert (np.abs(prior.mean - mean) < 4 * errors).all()
    assert prior.converged
    assert np.isfinite(posterior.mean).all()


def test_pooling_beats_both_extremes_for_young_cohorts():
    """Mean squared errors of S(12) in the six youngest of 16 cohorts, over three tables."""
    errors = {"partial": 0.0, "none": 0.0, "complete": 0.0}
    age = np.full(6, 12.0)
    for seed in range(3):
        x, counts = simulated(SBG, MEAN, FACTOR, 16, 13, 300, seed)
        true = SBG.law_of(x[-6:]).survival(age)
        for pooling in errors:
            _, posterior = estimated(SBG, triangle(counts), pooling)
            found = SBG.law_of(posterior.mean[-6:]).survival(age)
            errors[pooling] += ((found - true) ** 2).sum()
    assert errors["partial"] < 0.9 * errors["none"]
    assert errors["partial"] < 0.5 * errors["complete"]


def test_the_younger_and_smaller_the_more_shrinkage():
    """The same rates: fewer ages, or a tenth of the customers, pull more to the mean."""
    _, counts = simulated(SBG, MEAN, FACTOR, 12, 9, 1000, 3)
    rows = np.vstack([counts, counts[0], np.round(counts[0] / 10)])
    rows[-2, 3:] = np.nan
    _, posterior = estimated(SBG, rows)
    assert posterior.shrinkage[0] < posterior.shrinkage[-2]
    assert posterior.shrinkage[0] < posterior.shrinkage[-1]
    assert ((posterior.shrinkage >= 0) & (posterior.shrinkage <= 1)).all()


def test_a_cohort_with_its_size_alone_is_the_mean_of_all():
    """Nothing of its own: shrinkage 1."""
    _, counts = simulated(SBG, MEAN, FACTOR, 8, 9, 1000, 3)
    counts[-1, 1:] = np.nan
    prior, posterior = estimated(SBG, counts)
    np.testing.assert_array_equal(posterior.mean[-1], prior.mean)
    assert posterior.shrinkage[-1] == 1


def test_alike_cohorts_have_no_spread():
    """Ten equal rows: the spread is 0, all estimates are finite and equal, none is NaN."""
    prior, posterior = estimated(SBG, np.tile(REGULAR, (10, 1)))
    np.testing.assert_allclose(prior.factor, 0.0, atol=1e-4)
    np.testing.assert_allclose(SBG.parameters(posterior.mean)[0], [0.704077, 1.182043], atol=1e-3)
    assert np.isfinite(posterior.information).all()


def test_the_order_of_cohorts_does_not_matter():
    """Mean and draws are the same to the last bit."""
    _, counts = simulated(SBG, MEAN, FACTOR, 8, 9, 200, 4)
    order = np.random.default_rng(0).permutation(8)
    one, other = (pool_cohorts(SBG, table, "partial", 0) for table in (counts, counts[order]))
    np.testing.assert_array_equal(one.mean, other.mean)
    np.testing.assert_array_equal(one.factors, other.factors)
    sorted_rows = counts[order][canonical_order(counts[order])]
    np.testing.assert_array_equal(sorted_rows, counts[canonical_order(counts)])


def test_counts_that_scatter_more_have_a_dispersion():
    """Good and bad months: activity multiplied by 0.7 or 1.3 scatters far above binomial."""
    coordinates = Coordinates(GeometricLaw, orders=True)
    _, counts = simulated(coordinates, np.array([-2.0, -0.5]), np.eye(2) * 0.1, 12, 10, 500, 5)
    months = np.random.default_rng(0).choice([0.7, 1.3], size=(12, 9))
    calm = pool_cohorts(coordinates, counts, "partial", 0)
    wild = np.column_stack([counts[:, 0], np.round(counts[:, 1:] * months)])
    stormy = pool_cohorts(coordinates, wild, "partial", 0)
    assert calm.dispersion < 1.3
    assert stormy.dispersion > 3


def test_draws_of_a_cohort_are_around_its_mode():
    """Large cohorts: mean and standard deviation of the draws are those of its own likelihood."""
    counts = np.array([REGULAR, HIGH_END])
    prior, posterior = estimated(SBG, counts, "none")
    drawn = draw_coordinates(prior, posterior, 0, 20_000, np.random.default_rng(0))
    expected = np.linalg.inv(posterior.information[0])
    np.testing.assert_allclose(drawn.mean(axis=0), posterior.mean[0], atol=0.005)
    np.testing.assert_allclose(np.cov(drawn.T), expected, rtol=0.05)
