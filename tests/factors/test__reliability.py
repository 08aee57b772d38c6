"""Alpha, lambda 6, Schmid-Leiman and omega, on arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue._estimator.ratings import read_ratings
from custvalue._numerics.reliability import cronbach_alpha as alpha
from custvalue.datasets import load_attitude
from custvalue.factors._reliability import (
    alpha_interval,
    alpha_without_each,
    average_correlation,
    equal_general_loadings,
    first_component,
    general_of_factors,
    hierarchical_factors,
    item_total_correlations,
    lambda_six,
    omega,
    one_general_factor,
    pair_scales,
    schmid_leiman,
    sides,
)
from custvalue.factors._solution import Settings, solve

BFI = [
    [0.489221],
    [0.392327, 0.509769],
    [0.092054, 0.09391, 0.123531],
    [0.133781, 0.140033, 0.115742, 0.430775],
    [0.193951, 0.124566, 0.129859, 0.313826, 0.367236],
    [0.247908, 0.383303, 0.415083, 0.118704, 0.150821, 0.086189],
    [0.284967, 0.377189, 0.477455, 0.144336, 0.121634, 0.091274, 0.423071],
    [0.296065, 0.254804, 0.266888, 0.246817, 0.250293, 0.207633, 0.386748, 0.319448],
]
"""Correlations of A2, A3, A5, C1, C2, C3, E3, E4, E5 of 2,644 persons (bfi of psych)."""

TOY = np.array([0.8, 0.7, 0.6, 0.5])
SEEDS = st.integers(0, 2**31)


def full_matrix(below: list[list[float]]) -> np.ndarray:
    """Return a correlation matrix from what stands below its diagonal."""
    matrix = np.eye(len(below) + 1)
    for i, row in enumerate(below, start=1):
        matrix[i, :i] = matrix[:i, i] = row
    return matrix


def toy_matrix() -> np.ndarray:
    """Return the exact correlations of one factor."""
    return np.outer(TOY, TOY) + np.diag(1 - TOY**2)


def some_covariances(seed: int, p: int) -> np.ndarray:
    """Return covariances of p items that share something."""
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(40, 1)) + generator.normal(size=(40, p))
    return np.cov((X * generator.uniform(0.5, 3, p)).T)


@pytest.fixture
def attitude() -> np.ndarray:
    """Return the covariances of the attitude data, 30 departments."""
    return np.cov(load_attitude().to_numpy(dtype=float).T)


def test_the_exact_toy():
    """Loadings .8, .7, .6, .5: alpha .742055, omega .749446, lambda 6 .693574, by formula."""
    R = toy_matrix()
    assert alpha(R) == pytest.approx(0.742055, abs=1e-6)
    assert lambda_six(R) == pytest.approx(0.693574, abs=1e-6)
    found = omega(R, one_general_factor(TOY[:, None]))
    assert found.total == pytest.approx(0.749446, abs=1e-6)
    assert found.hierarchical == found.total
    assert found.group.shape == (0,)
    assert found.explained_common_variance == 1


def test_alpha_of_attitude(attitude):
    """All figures agree with psych 2.2.9 to its digits."""
    assert alpha(attitude) == pytest.approx(0.843142769565, abs=1e-11)
    dropped = [
        0.809760206309,
        0.796917457274,
        0.827847765939,
        0.803030975023,
        0.795386574198,
        0.863872311446,
        0.840464868265,
    ]
    np.testing.assert_allclose(alpha_without_each(attitude), dropped, atol=1e-11)
    with_rest = [
        0.671262057224,
        0.742109710222,
        0.560711111480,
        0.714445498134,
        0.786275593834,
        0.265034339197,
        0.460810549468,
    ]
    np.testing.assert_allclose(item_total_correlations(attitude), with_rest, atol=1e-11)


def test_standardised_figures_of_attitude(attitude):
    """Standardised alpha, lambda 6 and the average correlation agree with psych 2.2.9."""
    scale = np.sqrt(np.diag(attitude))
    R = attitude / np.outer(scale, scale)
    assert alpha(R) == pytest.approx(0.83908380303, abs=1e-11)
    assert lambda_six(R) == pytest.approx(0.87521513736, abs=1e-11)
    assert average_correlation(R) == pytest.approx(0.42690664265, abs=1e-11)


def test_the_interval_of_attitude():
    """Feldt's limits agree with psych 2.2.9, alpha.ci, at 95 %."""
    lower, upper = alpha_interval(0.843142769565, 7, 30, 0.95)
    assert lower == pytest.approx(0.739375685643, abs=1e-11)
    assert upper == pytest.approx(0.91577307216, abs=1e-11)


def test_the_interval_of_unknown_respondents():
    """Without n there are no limits, and no warning."""
    assert np.isnan(alpha_interval(0.8, 5, np.nan, 0.95)).all()


def test_the_interval_covers_alpha():
    """Of 1,000 samples with alpha .8, the 90 % interval covers it in 90 %, within 4 sigma (.038).

    Feldt's F is exact for normal items with equal covariances.
    """
    generator = np.random.default_rng(3)
    p, n, replicates = 4, 25, 1000
    X = generator.normal(size=(replicates, n, 1)) + generator.normal(size=(replicates, n, p))
    limits = [alpha_interval(alpha(np.cov(sample.T)), p, n, 0.9) for sample in X]
    covered = np.mean([lower <= 0.8 <= upper for lower, upper in limits])
    assert covered == pytest.approx(0.9, abs=0.038)


@given(seed=SEEDS, p=st.integers(3, 8))
@settings(max_examples=20, deadline=None)
def test_each_item_left_out_is_alpha_of_the_rest(seed, p):
    """The closed form equals alpha of the smaller matrix, and the correlation with its sum."""
    C = some_covariances(seed, p)
    for i in range(p):
        rest = np.delete(np.arange(p), i)
        assert alpha_without_each(C)[i] == pytest.approx(alpha(C[np.ix_(rest, rest)]), abs=1e-12)
        variance = C[np.ix_(rest, rest)].sum()
        expected = C[i, rest].sum() / np.sqrt(C[i, i] * variance)
        assert item_total_correlations(C)[i] == pytest.approx(expected, abs=1e-12)


def test_two_items_have_no_alpha_without_one():
    """One item has no alpha: NaN."""
    assert np.isnan(alpha_without_each(np.array([[1.0, 0.5], [0.5, 2.0]]))).all()


@given(seed=SEEDS, p=st.integers(2, 8))
@settings(max_examples=20, deadline=None)
def test_lambda_six_is_one_without_the_errors_of_regression(seed, p):
    """It is 1 - the sum of 1 / s_ii over S, with s the inverse of R, by NumPy's own inverse."""
    C = some_covariances(seed, p)
    R = C / np.sqrt(np.outer(np.diag(C), np.diag(C)))
    expected = 1 - np.sum(1 / np.diag(np.linalg.inv(R))) / R.sum()
    assert lambda_six(R) == pytest.approx(expected, abs=1e-10)


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_schmid_leiman_keeps_the_model(seed):
    """Where one factor gives Phi, general and groups give the same correlations as L Phi L'."""
    generator = np.random.default_rng(seed)
    gamma, loadings = generator.uniform(0.2, 0.9, 3), generator.normal(size=(7, 3))
    phi = np.outer(gamma, gamma) + np.diag(1 - gamma**2)
    found = schmid_leiman(loadings, phi, gamma)
    both = np.column_stack([found.general, found.groups])
    np.testing.assert_allclose(both @ both.T, loadings @ phi @ loadings.T, atol=1e-12)
    np.testing.assert_allclose(found.communalities, np.sum(both**2, axis=1), atol=1e-12)
    np.testing.assert_allclose(found.communalities + found.uniquenesses, 1)
    assert found.general.sum() >= 0


def test_a_wholly_explained_factor_leaves_no_group():
    """A second-order loading of 1.2 leaves 0 of the group, not NaN; the others are as ever."""
    loadings = np.full((4, 2), 0.5)
    found = schmid_leiman(loadings, np.eye(2), np.array([1.2, 0.6]))
    np.testing.assert_allclose(found.groups, np.tile([0.0, 0.4], (4, 1)))


@pytest.mark.parametrize("phi", [0.36, -0.25, 0.0])
def test_two_factors_share_their_correlation_equally(phi):
    """The two loadings have one size, and phi as their product."""
    found = equal_general_loadings(np.array([[1, phi], [phi, 1]]))
    assert np.prod(found) == pytest.approx(phi)
    assert abs(found[0]) == abs(found[1])


@pytest.mark.parametrize("k", [1, 2])
def test_few_factors_have_no_second_order(k):
    """One or two factors do not determine a general one."""
    assert general_of_factors(np.eye(k), 1, np.random.default_rng(0)) is None


def test_the_general_of_three_factors_is_exact():
    """Three correlations of one factor give its loadings back, to 1e-7 of the search."""
    gamma = np.array([0.8, 0.7, 0.5])
    phi = np.outer(gamma, gamma) + np.diag(1 - gamma**2)
    found = general_of_factors(phi, 5, np.random.default_rng(0))
    np.testing.assert_allclose(found.loadings[:, 0], gamma, atol=1e-7)
    assert not found.heywood.any()


def test_omega_of_a_hierarchy_by_hand():
    """Two groups of two items: total, hierarchical and group shares by adding up variances."""
    gamma = np.array([0.6, 0.8])
    loadings = np.array([[0.7, 0.0], [0.6, 0.0], [0.0, 0.8], [0.0, 0.5]])
    phi = np.array([[1, 0.48], [0.48, 1]])
    R = loadings @ phi @ loadings.T
    np.fill_diagonal(R, 1)
    found = omega(R, schmid_leiman(loadings, phi, gamma))
    total, general = R.sum(), (0.6 * 1.3 + 0.8 * 1.3) ** 2
    errors = 4 - (0.49 + 0.36 + 0.64 + 0.25)
    assert found.total == pytest.approx(1 - errors / total)
    assert found.hierarchical == pytest.approx(general / total)
    first, second = (1.3 * 0.8) ** 2 / (2 + 2 * 0.42), (1.3 * 0.6) ** 2 / (2 + 2 * 0.4)
    np.testing.assert_allclose(found.group, [first, second])
    squares = 0.36 * 0.85 + 0.64 * 0.89
    assert found.explained_common_variance == pytest.approx(squares / 1.74)


def test_a_group_without_items_has_no_share():
    """A group factor on which no item loads highest has NaN."""
    loadings = np.array([[0.7, 0.1], [0.6, 0.2], [0.5, 0.3]])
    R = loadings @ loadings.T
    np.fill_diagonal(R, 1)
    found = omega(R, schmid_leiman(loadings, np.eye(2), np.zeros(2)))
    assert np.isnan(found.group).tolist() == [False, True]


def test_omega_of_nine_personality_items():
    """Agrees with psych 2.2.9, omega(): 1e-5, since its rotation stops at 1e-5.

    The same formulas from a search and a rotation in R that end at 1e-9 give the other figures.
    """
    R = full_matrix(BFI)
    generator = np.random.default_rng(0)
    solution = solve(R, 3, Settings(method="minres", rotation="oblimin"), generator)
    second = general_of_factors(solution.factor_correlations, 10, generator)
    factors = hierarchical_factors(solution, second)
    found = omega(R, factors)
    psych = [0.812839348402, 0.549873389291, 0.495807973636]
    tight = [0.81283991689, 0.549871869124, 0.495805900193]
    figures = [found.total, found.hierarchical, found.explained_common_variance]
    np.testing.assert_allclose(figures, psych, atol=1e-5)
    np.testing.assert_allclose(figures, tight, atol=1e-6)
    general = [
        0.507084813479,
        0.608041021369,
        0.608826024479,
        0.201267833315,
        0.224720925203,
        0.200405984740,
        0.549885651454,
        0.548680530492,
        0.432816340956,
    ]
    np.testing.assert_allclose(factors.general, general, atol=1e-6)
    groups = [0.206127815738, 0.213622021881, 0.515258194326]
    np.testing.assert_allclose(sorted(found.group), groups, atol=2e-5)


def test_one_factor_is_the_general_one():
    """The solution of one factor comes back as general, without groups."""
    generator = np.random.default_rng(0)
    solution = solve(toy_matrix(), 1, Settings(rotation="oblimin"), generator)
    found = hierarchical_factors(solution, None)
    np.testing.assert_allclose(found.general, TOY, atol=1e-7)
    assert found.groups.shape == (4, 0)


@given(seed=SEEDS)
@settings(max_examples=15, deadline=None)
def test_pairwise_covariances_are_those_of_pandas(seed):
    """With gaps and whole weights: pandas' cov() of the rows repeated, to its last digits."""
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(generator.normal(50, 5, size=(40, 4)), columns=list("abcd"))
    frame = frame.mask(generator.random(frame.shape) < 0.2)
    weights = generator.integers(1, 4, size=40)
    rows = frame.iloc[np.repeat(np.arange(40), weights)]
    scales = pair_scales(
        read_ratings(frame), weights.astype(float), rows.mean().to_numpy(), rows.std().to_numpy()
    )
    np.testing.assert_allclose(rows.corr() * scales, rows.cov(), atol=1e-11)


@pytest.mark.parametrize(
    ("signs", "opposed"),
    [([1, 1, 1, 1], []), ([1, -1, 1, 1], [1]), ([-1, 1, -1, -1], [1]), ([-1, -1, -1, -1], [])],
)
def test_the_smaller_side_is_opposed(signs, opposed):
    """Whichever way the component points."""
    found = sides(toy_matrix() * np.outer(signs, signs), np.nan)
    assert np.flatnonzero(found.opposed).tolist() == opposed
    assert found.clear


def test_chance_makes_no_side():
    """Four items with an eigenvalue of 2.05: more than chance for 100 respondents, not for 10."""
    assert first_component(toy_matrix()) @ first_component(toy_matrix()) > (1 + 0.2) ** 2
    assert sides(toy_matrix(), 100).clear
    assert not sides(toy_matrix(), 10).clear


def test_unrelated_items_have_no_side():
    """A loading of 0 is on neither side."""
    R = np.eye(3)
    R[0, 1] = R[1, 0] = 0.5
    assert not sides(R, np.nan).opposed.any()
    assert not sides(R, np.nan).clear
