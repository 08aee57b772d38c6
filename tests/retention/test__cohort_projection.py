"""What becomes of cohorts, with bands."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom, binom

from custvalue.retention._cohort_coordinates import Coordinates
from custvalue.retention._cohort_pooling import CohortPrior, cohort_posterior, pool_cohorts
from custvalue.retention._cohort_projection import (
    NewCohort,
    Sampling,
    expected_counts,
    expected_lifetimes,
    last_ages,
    project_counts,
    project_new,
)
from custvalue.retention._shifted_beta_geo import ShiftedBetaGeoLaw

SBG = Coordinates(ShiftedBetaGeoLaw, orders=False)
ORDERS = Coordinates(ShiftedBetaGeoLaw, orders=True)
COUNTS = np.array([[1000, 631, 468, 382], [500, 330, np.nan, np.nan], [90, np.nan, np.nan, np.nan]])
AGES = np.arange(9.0)
SAMPLING = Sampling(level=0.9, n_draws=2000, seed=0)


def known(coordinates, mean, dispersion=1.0):
    """Return a prior of cohorts that are all alike, and known."""
    p = len(coordinates.names)
    zero = np.zeros((p, p))
    x = np.array(mean)
    return CohortPrior(x, zero, zero, x[None], zero[None], dispersion, 1.0, converged=True)


def test_survival_goes_on_from_the_last_count():
    """Counts stay; ahead it is the last count times S(k) / S(l)."""
    x = np.tile([-1.0, 0.5], (3, 1))
    found = expected_counts(SBG, COUNTS, x, AGES)
    there = ~np.isnan(COUNTS)
    np.testing.assert_array_equal(found[:, :4][there], COUNTS[there])
    law = ShiftedBetaGeoLaw(*SBG.parameters(x[0]))
    np.testing.assert_array_equal(last_ages(COUNTS), [3, 1, 0])
    for i, (last, count) in enumerate([(3, 382), (1, 330), (0, 90)]):
        ahead = last < AGES
        expected = count * law.survival(AGES[ahead]) / law.survival(float(last))
        np.testing.assert_allclose(found[i, ahead], expected, rtol=1e-12)


def test_activity_goes_on_from_the_size():
    """Ahead it is the size times q S(k), whatever came last."""
    x = np.tile([-1.0, 0.5, 0.0], (3, 1))
    found = expected_counts(ORDERS, COUNTS, x, AGES)
    law = ShiftedBetaGeoLaw(*SBG.parameters(x[0, :2]))
    np.testing.assert_allclose(found[1, 2:], 500 * law.survival(AGES[2:]) / 2, rtol=1e-12)


def test_bands_of_known_cohorts_are_those_of_the_binomial():
    """scipy's quantiles, within 2.5 % of the size of the band's base (2,000 draws)."""
    bands = project_counts(SBG, COUNTS, known(SBG, [-1.0, 0.5]), AGES, SAMPLING)
    law = ShiftedBetaGeoLaw(*SBG.parameters(np.array([-1.0, 0.5])))
    chance = law.survival(AGES[2:]) / law.survival(1.0)
    np.testing.assert_allclose(bands.lower[1, 2:], binom.ppf(0.05, 330, chance), atol=4)
    np.testing.assert_allclose(bands.upper[1, 2:], binom.ppf(0.95, 330, chance), atol=4)


def test_dispersion_widens_bands_to_the_beta_binomial():
    """scipy's quantiles at four times the binomial variance, within a tenth of the width."""
    bands = project_counts(ORDERS, COUNTS, known(ORDERS, [-1, 0.5, 0], 4.0), AGES, SAMPLING)
    law = ShiftedBetaGeoLaw(*SBG.parameters(np.array([-1.0, 0.5])))
    p = law.survival(AGES[2:]) / 2
    rest = (500 - 4) / 3
    for tail, ends in ((0.05, bands.lower), (0.95, bands.upper)):
        expected = betabinom.ppf(tail, 500, p * rest, (1 - p) * rest)
        np.testing.assert_allclose(ends[1, 2:], expected, atol=8)


def test_observed_ages_have_no_width():
    """Where a count is known it is estimate and both ends."""
    bands = project_counts(SBG, COUNTS, known(SBG, [-1.0, 0.5]), AGES, SAMPLING)
    there = ~np.isnan(COUNTS)
    for ends in (bands.estimate, bands.lower, bands.upper):
        np.testing.assert_array_equal(ends[:, :4][there], COUNTS[there])


def test_projected_survival_never_rises():
    """Estimates and bands fall with age, and lie in order."""
    prior = pool_cohorts(SBG, COUNTS, "partial", 0)
    bands = project_counts(SBG, COUNTS, prior, AGES, SAMPLING)
    assert (np.diff(bands.estimate, axis=1) <= 0).all()
    assert (bands.lower <= bands.estimate + 1).all()
    assert (bands.estimate <= bands.upper + 1).all()


def test_a_cohort_does_not_depend_on_others_that_are_asked():
    """The band of a cohort alone is that of the cohort in its table, to the last bit."""
    prior = pool_cohorts(SBG, COUNTS, "partial", 0)
    together = project_counts(SBG, COUNTS, prior, AGES, SAMPLING)
    alone = project_counts(SBG, COUNTS[1:2], prior, AGES, SAMPLING)
    np.testing.assert_array_equal(alone.lower[0], together.lower[1])
    np.testing.assert_array_equal(alone.upper[0], together.upper[1])


def test_bands_cover_what_comes():
    """Of later counts of eight simulated tables of 10 cohorts 90 % (here 80 to 98 %) lie inside."""
    inside, total = 0, 0
    new = []
    for seed in range(8):
        generator = np.random.default_rng(seed)
        x = [-1.2, 0.8] + generator.standard_normal((11, 2)) @ np.diag([0.35, 0.4])
        there, columns = np.full(11, 300), [np.full(11, 300.0)]
        for age in range(1, 9):
            there = generator.binomial(there, SBG.law_of(x).retention(np.full(11, float(age))))
            columns.append(there.astype(float))
        full = np.column_stack(columns)
        seen = np.where(np.arange(10, 0, -1)[:, None] >= AGES, full[:10], np.nan)
        prior = pool_cohorts(SBG, seen, "partial", seed)
        sampling = Sampling(0.9, 300, seed)
        bands = project_counts(SBG, seen, prior, AGES, sampling)
        hit = (bands.lower <= full[:10]) & (full[:10] <= bands.upper)
        inside += hit[np.isnan(seen)].sum()
        total += np.isnan(seen).sum()
        ahead = project_new(SBG, prior, AGES, sampling, NewCohort(300.0))
        new.append((ahead.lower[8] <= full[10, 8]) & (full[10, 8] <= ahead.upper[8]))
    assert 0.80 < inside / total < 0.98
    assert np.sum(new) >= 6


def test_a_new_cohort_is_as_uncertain_as_cohorts_differ():
    """With mean and spread known the band is that of S at normal quantiles (one coordinate)."""
    x, factor = np.array([-1.0, 2.0]), np.array([[0.3, 0.0], [0.0, 0.0]])
    zero = np.zeros((2, 2))
    prior = CohortPrior(x, factor, zero, x[None], factor[None], 1.0, 1.0, converged=True)
    bands = project_new(SBG, prior, AGES, Sampling(0.9, 20_000, 0), NewCohort(None))
    for ends, z in ((bands.upper, -1.645), (bands.lower, 1.645)):
        law = SBG.law_of(np.array([[-1.0 + 0.3 * z, 2.0]]))
        np.testing.assert_allclose(ends, law.survival(AGES), atol=0.01)
    np.testing.assert_allclose(bands.estimate, SBG.law_of(x[None]).survival(AGES))


@pytest.mark.parametrize("coordinates", [SBG, ORDERS], ids=["survival", "activity"])
def test_a_new_cohort_begins_whole(coordinates):
    """At age 0 the share is 1 and the customers are all, without doubt."""
    prior = known(coordinates, [-1.0, 0.5, 0.0][: len(coordinates.names)])
    for size, all_of_it in ((None, 1.0), (40.0, 40.0)):
        bands = project_new(coordinates, prior, AGES, SAMPLING, NewCohort(size))
        assert bands.estimate[0] == bands.lower[0] == bands.upper[0] == all_of_it


def test_lifetimes_are_sums_of_survival():
    """1 + S(1) + ... + S(10) by hand; infinite for alpha of at most 1 without a horizon."""
    x = np.array([[-1.0, 0.5], [-1.0, 3.0]])
    summed = SBG.law_of(x[:, None]).survival(np.arange(11.0)).sum(axis=1)
    np.testing.assert_allclose(expected_lifetimes(SBG, x, 10.0), summed, rtol=1e-12)
    alpha, beta = SBG.parameters(x).T
    np.testing.assert_array_equal(np.isinf(expected_lifetimes(SBG, x, np.inf)), alpha <= 1)
    endless = expected_lifetimes(SBG, x, np.inf)[1]
    np.testing.assert_allclose(endless, (alpha[1] + beta[1] - 1) / (alpha[1] - 1), rtol=1e-12)


def test_the_posterior_of_an_empty_cohort_is_the_prior():
    """A cohort of which only the size is known is projected like a new one of that size."""
    prior = pool_cohorts(SBG, COUNTS, "partial", 0)
    assert cohort_posterior(SBG, COUNTS, prior).shrinkage[2] == 1
    sampling = Sampling(0.9, 20_000, 0)
    bands = project_counts(SBG, COUNTS, prior, AGES, sampling)
    new = project_new(SBG, prior, AGES, sampling, NewCohort(90.0))
    np.testing.assert_allclose(bands.estimate[2], new.estimate, rtol=1e-12)
    np.testing.assert_allclose(bands.lower[2], new.lower, atol=4)
    np.testing.assert_allclose(bands.upper[2], new.upper, atol=4)
