"""What becomes of cohorts at ages ahead, with the uncertainty of their coordinates and chance.

Survival: of the n customers last counted at age l, Binomial(n, S(k) / S(l)) are there at age k.
Activity: Binomial(size, q S(k)) order at age k, with a beta-binomial where they scatter more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import FloatArray, IntArray
from custvalue.retention._cohort_coordinates import Coordinates
from custvalue.retention._cohort_pooling import CohortPrior, cohort_posterior, draw_coordinates
from custvalue.retention._projection import Bands, bands_of

__all__ = [
    "NewCohort",
    "Sampling",
    "expected_counts",
    "expected_lifetimes",
    "last_ages",
    "project_counts",
    "project_new",
]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How bands are drawn: coverage, number of draws and seed."""

    level: float
    n_draws: int
    seed: int


@dataclass(frozen=True, slots=True)
class NewCohort:
    """A cohort yet to come, of so many customers; None for its share without their chance."""

    n_customers: float | None


def last_ages(counts: FloatArray) -> IntArray:
    """Return the last age that is observed of every cohort."""
    return np.asarray((~np.isnan(counts)).sum(axis=1) - 1)


def expected_counts(
    coordinates: Coordinates, counts: FloatArray, x: FloatArray, ages: FloatArray
) -> FloatArray:
    """Return the customers of every cohort at every age: counted where observed, else expected.

    Parameters
    ----------
    coordinates : Coordinates
    counts : ndarray of shape (n_cohorts, n_ages)
    x : ndarray of shape (n_cohorts, n_coordinates)
    ages : ndarray of shape (n_wanted,)

    Returns
    -------
    ndarray of shape (n_cohorts, n_wanted)
    """
    last = last_ages(counts)
    base, p = _chances(coordinates, counts, x[:, None, :], ages, last)
    out = base[:, None] * p[:, 0, :]
    known = ages < counts.shape[1]
    cells = counts[:, ages[known].astype(np.int64)]
    out[:, known] = np.where(np.isnan(cells), out[:, known], cells)
    return np.asarray(out)


def project_counts(
    coordinates: Coordinates,
    counts: FloatArray,
    prior: CohortPrior,
    ages: FloatArray,
    sampling: Sampling,
) -> Bands:
    """Return expected customers with bands, each of shape (n_cohorts, n_wanted).

    Parameters
    ----------
    coordinates : Coordinates
    counts : ndarray of shape (n_cohorts, n_ages)
    prior : CohortPrior
    ages : ndarray of shape (n_wanted,)
    sampling : Sampling
        Every cohort has the same stream of random numbers, so that no cohort depends on others.

    Returns
    -------
    Bands
        Observed ages have no width.
    """
    posterior = cohort_posterior(coordinates, counts, prior)
    estimate = expected_counts(coordinates, counts, posterior.mean, ages)
    lower, upper = estimate.copy(), estimate.copy()
    last = last_ages(counts)
    for i in range(len(counts)):
        ahead = ages > last[i]
        if not ahead.any():
            continue
        generator = np.random.default_rng(sampling.seed)
        x = draw_coordinates(prior, posterior, i, sampling.n_draws, generator)
        one = slice(i, i + 1)
        base, p = _chances(coordinates, counts[one], x[None], ages[ahead], last[one])
        draws = _drawn(generator, base[0], p[0], prior.dispersion)
        found = bands_of(estimate[i, ahead], draws, sampling.level, whole=True)
        lower[i, ahead], upper[i, ahead] = found.lower, found.upper
    return Bands(estimate, lower, upper)


def project_new(
    coordinates: Coordinates,
    prior: CohortPrior,
    ages: FloatArray,
    sampling: Sampling,
    cohort: NewCohort,
) -> Bands:
    """Return the share, or the customers, of a cohort yet to come, each of shape (n_wanted,).

    Its coordinates are those of a cohort like the others: N(mu, Sigma), with draws of both.

    Parameters
    ----------
    coordinates : Coordinates
    prior : CohortPrior
    ages : ndarray of shape (n_wanted,)
    sampling : Sampling
    cohort : NewCohort

    Returns
    -------
    Bands
    """
    generator = np.random.default_rng(sampling.seed)
    which = np.arange(sampling.n_draws) % len(prior.means)
    z = generator.standard_normal((sampling.n_draws, len(prior.mean)))
    x = prior.means[which] + np.einsum("nij,nj->ni", prior.factors[which], z)
    unborn, none = np.ones((1, 1)), np.zeros(1, dtype=np.int64)
    _, p = _chances(coordinates, unborn, x[None], ages, none)
    _, middle = _chances(coordinates, unborn, prior.mean[None, None], ages, none)
    p[0][:, ages == 0] = middle[0][:, ages == 0] = 1.0
    if cohort.n_customers is None:
        return bands_of(middle[0, 0], p[0], sampling.level)
    draws = _drawn(generator, cohort.n_customers, p[0], prior.dispersion)
    return bands_of(cohort.n_customers * middle[0, 0], draws, sampling.level, whole=True)


def _chances(
    coordinates: Coordinates, counts: FloatArray, x: FloatArray, ages: FloatArray, last: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return the customers that a count ahead is of, and the chance of each to be in it.

    x has shape (n_cohorts, n_draws, n_coordinates), the chances (n_cohorts, n_draws, n_wanted).
    """
    law = coordinates.law_of(x[:, :, None, :])
    log_s = law.log_survival(ages[None, None, :])
    if coordinates.orders:
        return counts[:, 0], np.exp(log_s + coordinates.log_order_probability(x)[:, :, None])
    begun = law.log_survival(last[:, None, None].astype(np.float64))
    return counts[np.arange(len(counts)), last], np.exp(np.minimum(log_s - begun, 0.0))


def _drawn(
    generator: np.random.Generator, base: float, p: FloatArray, dispersion: float
) -> FloatArray:
    """Draw counts out of ``base`` customers, with a variance ``dispersion`` times binomial."""
    n = int(np.round(base))
    spread = min((dispersion - 1) / (n - 1), 0.999) if n > 1 else 0.0
    if spread > 0:
        rest = (1 - spread) / spread
        p = generator.beta(np.maximum(p * rest, 1e-12), np.maximum((1 - p) * rest, 1e-12))
    return generator.binomial(n, np.clip(p, 0.0, 1.0)).astype(np.float64)


def expected_lifetimes(coordinates: Coordinates, x: FloatArray, horizon: float) -> FloatArray:
    """Return the sum of S over the ages 0 to ``horizon`` of every row of x, shape (n_rows,)."""
    law = coordinates.law_of(x)
    zero = np.zeros(len(x))
    return np.asarray(1 + law.expected_renewals(zero, np.full(len(x), horizon)))
