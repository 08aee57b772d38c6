"""Importance resampling against known moments, and the fit of tails against known shapes."""

import numpy as np
import pytest
from scipy.special import digamma, polygamma
from scipy.stats import genpareto

from custvalue._numerics.importance import (
    importance_draws,
    pareto_k,
    smoothed_log_weights,
)


def generator(seed=0):
    return np.random.default_rng(seed)


def gaussian(k, seed=1):
    """Return the log density of a correlated Gaussian around 3, and its covariance."""
    root = generator(seed).normal(size=(k, k))
    covariance = root @ root.T / k + 0.1 * np.eye(k)
    precision = np.linalg.inv(covariance)
    return lambda t: -0.5 * np.einsum("ni,ij,nj->n", t - 3, precision, t - 3), covariance


def banana(t):
    """x_1 standard normal, x_2 normal around x_1^2 - 1: E = 0, var = 1 and 3."""
    bent = t[:, 1] - (t[:, 0] ** 2 - 1)
    return -0.5 * (t[:, 0] ** 2 + bent**2 + (t[:, 2:] ** 2).sum(axis=1))


def log_gamma(t, shape=0.3):
    """Logarithms of Gamma(shape) variables: mean digamma(shape), variance trigamma(shape)."""
    with np.errstate(over="ignore"):
        return (shape * t - np.exp(t)).sum(axis=1)


def student(t, degrees):
    return -(degrees + t.shape[1]) / 2 * np.log1p((t**2).sum(axis=1) / degrees)


@pytest.mark.parametrize("k", [1, 4, 10])
def test_a_gaussian_is_recovered_in_one_round(k):
    """Mean and covariance come within five Monte Carlo errors, and nothing is adapted."""
    log_density, covariance = gaussian(k)
    found = importance_draws(log_density, np.full(k, 3.0), covariance, 4000, generator())
    assert found.draws.shape == (4000, k)
    assert found.n_evaluations == 8000
    assert found.pareto_k < 0.3
    assert found.effective_size > 4000
    deviations = np.sqrt(np.diag(covariance))
    assert np.abs((found.draws.mean(axis=0) - 3) / deviations).max() < 5 / np.sqrt(4000)
    apart = (np.cov(found.draws.T) - covariance) / np.outer(deviations, deviations)
    assert np.abs(apart).max() < 5 * np.sqrt(2 / 4000)


def test_a_bent_density_is_recovered():
    """Moments of a banana in four dimensions come out, averaged over ten runs of 2,000 draws."""
    mode = np.array([0.0, -1.0, 0.0, 0.0])
    runs = [importance_draws(banana, mode, np.eye(4), 2000, generator(i)) for i in range(10)]
    draws = np.concatenate([run.draws for run in runs])
    assert max(run.pareto_k for run in runs) < 0.7
    # A little of the two arms is missing: importance sampling with finite samples falls short.
    np.testing.assert_allclose(draws.mean(axis=0), 0, atol=0.08)
    np.testing.assert_allclose(draws.var(axis=0), [1, 3, 1, 1], rtol=0.1)


def test_a_skewed_density_is_recovered():
    """Logarithms of Gamma(0.3) have a variance 3.7 times that of Laplace; draws find it."""
    mode = np.full(4, np.log(0.3))
    found = importance_draws(log_gamma, mode, np.eye(4) / 0.3, 4000, generator())
    variance = polygamma(1, 0.3)
    assert found.pareto_k < 0.5
    error = 5 * np.sqrt(variance / 4000)
    np.testing.assert_allclose(found.draws.mean(axis=0), digamma(0.3), atol=error)
    # Kurtosis 9 makes the relative error of a variance sqrt(8 / 4000) = 0.045.
    np.testing.assert_allclose(found.draws.var(axis=0), variance, rtol=0.2)


@pytest.mark.parametrize("scale", [1e-2, 1e2, 1e4])
def test_a_wrong_covariance_is_put_right(scale):
    """A variance that is off by four powers of ten costs rounds, not accuracy."""
    log_density, covariance = gaussian(4)
    found = importance_draws(log_density, np.full(4, 3.5), scale * covariance, 2000, generator())
    assert found.pareto_k < 0.5
    assert found.n_evaluations > 4000
    np.testing.assert_allclose(found.draws.var(axis=0), np.diag(covariance), rtol=0.2)


@pytest.mark.parametrize("degrees", [0.5, 1.0])
def test_tails_heavier_than_those_of_the_proposals_are_noticed(degrees):
    """The Pareto shape is above 0.7 in one round; more rounds bring it down."""

    def log_density(t):
        return student(t, degrees)

    single, many = (
        importance_draws(log_density, np.zeros(4), np.eye(4), 2000, generator(), most_rounds=n)
        for n in (1, 8)
    )
    assert single.pareto_k > 0.7
    assert many.pareto_k < 0.6
    assert many.effective_size > 5 * single.effective_size


def test_draws_do_not_depend_on_units():
    """Coordinates in other units and from other origins give the same draws, to 1e-9."""
    factors, origin = np.array([7.0, 1 / 365.25, 1e4, 1.0]), np.array([1.0, -3.0, 0.0, 20.0])
    mode = np.full(4, np.log(0.3))
    plain = importance_draws(log_gamma, mode, np.eye(4) / 0.3, 1000, generator())
    scaled = importance_draws(
        lambda t: log_gamma((t - origin) / factors),
        mode * factors + origin,
        np.diag(factors**2) / 0.3,
        1000,
        generator(),
    )
    assert scaled.n_evaluations == plain.n_evaluations > 2000
    np.testing.assert_allclose((scaled.draws - origin) / factors, plain.draws, rtol=1e-9)


def test_draws_follow_from_the_generator():
    """The same seed gives the same draws, another seed others."""
    log_density, covariance = gaussian(4)
    first, again, other = (
        importance_draws(log_density, np.full(4, 3.0), covariance, 100, generator(seed)).draws
        for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.isclose(first, other).any()


@pytest.mark.parametrize(
    "covariance",
    [
        np.full((3, 3), np.nan),
        np.zeros((3, 3)),
        np.diag([1.0, -1.0, np.inf]),
        np.full((3, 3), 0.25),
        np.array([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    ],
    ids=["nan", "zero", "negative", "singular", "indefinite"],
)
def test_an_unsound_covariance_is_replaced(covariance):
    """Whatever the Hessian gave, a Gaussian comes out right."""
    found = importance_draws(
        lambda t: -0.5 * (t**2).sum(axis=1), np.zeros(3), covariance, 2000, generator()
    )
    assert found.pareto_k < 0.5
    np.testing.assert_allclose(found.draws.var(axis=0), 1, rtol=0.2)


def test_an_ill_conditioned_covariance_is_kept():
    """A correlation of 1 - 1e-8 is used as it is: one round suffices."""
    near = 1 - 1e-8
    covariance = np.array([[1.0, near], [near, 1.0]])
    precision = np.linalg.inv(covariance)
    found = importance_draws(
        lambda t: -0.5 * np.einsum("ni,ij,nj->n", t, precision, t),
        np.zeros(2),
        covariance,
        1000,
        generator(),
    )
    assert found.n_evaluations == 2000
    assert found.pareto_k < 0.5


def test_impossible_regions_are_never_drawn():
    """A half normal is drawn from its own side alone, with its mean sqrt(2 / pi)."""

    def log_density(t):
        return np.where(t[:, 0] >= 0, -0.5 * t[:, 0] ** 2, -np.inf)

    found = importance_draws(log_density, np.zeros(1), np.eye(1), 4000, generator())
    assert (found.draws >= 0).all()
    # The standard deviation is 0.6.
    np.testing.assert_allclose(found.draws.mean(), np.sqrt(2 / np.pi), atol=5 * 0.6 / np.sqrt(4000))


def test_resampling_is_unbiased():
    """With unequal weights, the average of many runs of 50 draws is the mean of the density."""

    def log_density(t):
        return -0.5 * ((t[:, 0] - 1) / 0.5) ** 2

    means = [
        importance_draws(log_density, np.zeros(1), np.eye(1), 50, generator(i)).draws.mean()
        for i in range(400)
    ]
    assert abs(np.mean(means) - 1) < 4 * np.std(means) / np.sqrt(400)
    # Systematic resampling leaves the draws about as good as independent ones.
    assert np.std(means) < 1.2 * 0.5 / np.sqrt(50)


def test_no_draw_comes_twice_where_weights_are_even():
    """2,000 proposals of a Gaussian give 1,000 different draws."""
    log_density, covariance = gaussian(4)
    draws = importance_draws(log_density, np.full(4, 3.0), covariance, 1000, generator()).draws
    assert len(np.unique(draws, axis=0)) == 1000


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_density_that_is_no_number_is_an_error(value):
    """NaN and +inf are named, with the first proposal that has them."""

    def log_density(t):
        return np.where(np.arange(len(t)) == 7, value, 0.0)

    with pytest.raises(ValueError, match=f"proposal 7 has {value} \\(1 such"):
        importance_draws(log_density, np.zeros(2), np.eye(2), 10, generator())


def test_a_density_of_zero_is_an_error():
    """Where no proposal is possible nothing can be drawn, and that is said."""
    with pytest.raises(ValueError, match="positive somewhere; all 1000 are 0"):
        importance_draws(
            lambda t: np.full(len(t), -np.inf), np.zeros(2), np.eye(2), 10, generator()
        )


@pytest.mark.parametrize("shape", [-0.5, 0.0, 0.3, 0.7, 1.0, 2.0])
def test_the_shape_of_pareto_samples_is_found(shape):
    """Forty samples of 10,000 ratios average to their shape, drawn to 0.5 by 10 in 310."""
    samples = genpareto.rvs(shape, size=(40, 10_000), random_state=generator())
    expected = (300 * shape + 10 * 0.5) / 310
    estimates = [pareto_k(np.log(sample)) for sample in samples]
    # The standard error of one estimate is about (1 + shape) / sqrt(300).
    assert abs(np.mean(estimates) - expected) < 4 * (1 + abs(shape)) / np.sqrt(300 * 40) + 0.01


def test_the_shape_does_not_depend_on_the_unknown_factor():
    """Ratios times exp(500) have the same tail and the same weights."""
    log_ratios = generator().standard_t(4, size=2000)
    assert pareto_k(log_ratios + 500) == pytest.approx(pareto_k(log_ratios), rel=1e-8)
    np.testing.assert_allclose(
        smoothed_log_weights(log_ratios + 500).log_weights,
        smoothed_log_weights(log_ratios).log_weights,
        rtol=1e-9,
    )


def test_smoothing_keeps_the_order_and_all_but_the_tail():
    """Weights add up to 1, stay in the order of the ratios, and only the largest 134 move."""
    log_ratios = 2 * generator().normal(size=2000)
    weights = smoothed_log_weights(log_ratios)
    assert np.exp(weights.log_weights).sum() == pytest.approx(1, rel=1e-12)
    order = np.argsort(log_ratios)
    assert (np.diff(weights.log_weights[order]) >= 0).all()
    moved = weights.log_weights[order] - log_ratios[order]
    np.testing.assert_allclose(moved[: 2000 - 135], moved[0], rtol=1e-12)
    assert np.ptp(moved[-134:]) > 0.01
    assert weights.effective_size == pytest.approx(
        1 / np.exp(2 * weights.log_weights).sum(), rel=1e-12
    )


def test_smoothing_makes_means_more_accurate():
    """The mean of an exponential from one of half its scale has a smaller error than unsmoothed."""
    raw, smoothed = [], []
    for seed in range(200):
        x = generator(seed).exponential(0.5, size=1000)
        log_ratios = -x + x / 0.5 + np.log(0.5)
        plain = np.exp(log_ratios)
        raw.append(plain @ x / plain.sum() - 1)
        smoothed.append(np.exp(smoothed_log_weights(log_ratios).log_weights) @ x - 1)
    assert np.mean(np.square(smoothed)) < np.mean(np.square(raw))


def test_equal_ratios_have_no_tail():
    """Proposals that are the target itself keep equal weights, shape 0 and full effective size."""
    weights = smoothed_log_weights(np.full(500, -3.0))
    np.testing.assert_allclose(weights.log_weights, -np.log(500))
    assert weights.pareto_k == 0
    assert weights.effective_size == pytest.approx(500)


@pytest.mark.parametrize(
    "log_ratios",
    [np.zeros(20), np.append(np.zeros(5), np.full(1000, -np.inf)), -1e4 * np.arange(1000.0)],
    ids=["few", "few possible", "one beyond all"],
)
def test_a_tail_that_cannot_be_judged_is_not_trusted(log_ratios):
    """Too few ratios, or one that dwarfs all others, give an infinite shape and finite weights."""
    weights = smoothed_log_weights(log_ratios)
    assert weights.pareto_k == np.inf
    assert not np.isnan(weights.log_weights).any()
    assert np.exp(weights.log_weights).sum() == pytest.approx(1)
