"""Parallel analysis."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose

from custvalue.factors._retention.null_matrices import normal_matrices
from custvalue.factors._retention.parallel import compare, null_spectra
from custvalue.factors._retention.spectra import spectra

# psych 2.2.9 fa.parallel(cor(attitude), n.obs=30, SMC=TRUE), 20,000 replicates, set.seed(1):
# means of the simulated eigenvalues, their standard deviations, and 95 % points.
PSYCH_COMPONENTS = np.array(
    [1.75682147, 1.41036657, 1.15650709, 0.94837205, 0.75804343, 0.57642513, 0.39346426]
)
PSYCH_FACTORS = np.array(
    [1.01536240, 0.62442598, 0.33805826, 0.11030733, -0.07132553, -0.22032924, -0.34646640]
)
PSYCH_COMPONENT_SPREAD = np.array([0.1651, 0.1093, 0.0878, 0.0810, 0.0838, 0.0845, 0.0842])
PSYCH_FACTOR_SPREAD = np.array([0.2148, 0.1567, 0.1247, 0.0945, 0.0663, 0.0470, 0.0339])
PSYCH_COMPONENT_POINTS = np.array([2.0541993392, 1.6003807977, 1.3044112773, 1.0781480068])
PSYCH_FACTOR_POINTS = np.array([1.3942398652, 0.8937308718, 0.5559381529, 0.2812995418])


def test_replicates_agree_with_psych():
    """Means within 4 standard errors of the difference, 95 % points within 5 % of a deviation."""
    n_replicates = 20_000
    null = null_spectra(normal_matrices(7, 30, n_replicates, np.random.default_rng(3)))
    error = np.sqrt(2 / n_replicates)
    components = compare(np.ones(7), null.components, 95)
    factors = compare(np.ones(7), null.factors, 95)
    assert_allclose(
        (components.mean - PSYCH_COMPONENTS) / (PSYCH_COMPONENT_SPREAD * error), 0, atol=4
    )
    assert_allclose((factors.mean - PSYCH_FACTORS) / (PSYCH_FACTOR_SPREAD * error), 0, atol=4)
    # The 95 % point of a normal sample of 20,000 has a standard error of 1.5 % of the deviation,
    # a difference of two 2.1 %, somewhat more where the tail is long.
    assert_allclose(
        (components.percentile[:4] - PSYCH_COMPONENT_POINTS) / PSYCH_COMPONENT_SPREAD[:4],
        0,
        atol=0.08,
    )
    assert_allclose(
        (factors.percentile[:4] - PSYCH_FACTOR_POINTS) / PSYCH_FACTOR_SPREAD[:4], 0, atol=0.08
    )


def test_attitude_has_one_factor(attitude):
    """psych 2.2.9 fa.parallel(attitude), with and without SMC=TRUE, set.seed(42): 1 and 1."""
    null = null_spectra(normal_matrices(7, 30, 200, np.random.default_rng(0)))
    observed = spectra(attitude)
    assert compare(observed.factors, null.factors, 95).number == 1
    assert compare(observed.components, null.components, 95).number == 1


def test_harman_has_four_factors_and_three_components(harman):
    """psych 2.2.9 fa.parallel(Harman74.cor$cov, n.obs=145, SMC=TRUE, n.iter=4000)."""
    null = null_spectra(normal_matrices(24, 145, 400, np.random.default_rng(0)))
    observed = spectra(harman)
    assert compare(observed.factors, null.factors, 95).number == 4
    assert compare(observed.components, null.components, 95).number == 3


def test_counting_stops_at_the_first_that_does_not_exceed():
    """The third is larger than its percentile, but the second is not; equal is not larger."""
    found = compare(np.array([3.0, 1.0, 0.9]), np.full((5, 3), [2.0, 1.0, 0.5]), 95)
    assert found.retained.tolist() == [True, False, False]
    assert found.number == 1


def test_a_factor_explains_something():
    """An eigenvalue of a reduced matrix that is not positive is no factor, however low the rest."""
    assert compare(np.array([0.5, -0.1]), np.array([[0.2, -0.3]]), 95).number == 1


def test_percentiles_are_interpolated():
    """Of 1 to 5, 95 % of the way is 4.8, and the mean is 3."""
    found = compare(np.array([4.9]), np.arange(1.0, 6.0)[:, None], 95)
    assert_allclose([found.percentile[0], found.mean[0]], [4.8, 3.0])


def test_batches_are_joined(attitude):
    """The eigenvalues of all matrices of all batches, in their order."""
    null = null_spectra([np.stack([attitude, np.eye(7)]), np.eye(7)[None]])
    assert null.components.shape == null.factors.shape == (3, 7)
    assert_allclose(null.components[0], spectra(attitude).components, atol=1e-14)
    assert_allclose(null.components[1:], 1.0)
