"""Fit of factor models and the variance that factors explain, on arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, ncx2

from custvalue.datasets import load_attitude
from custvalue.factors._fit_indices import discrepancy, fit_indices, variance_explained
from support.matrices import ABILITY

UNIQUENESSES = {
    1: [0.53459892, 0.852578998, 0.748185647, 0.910127807, 0.23171611, 0.279741116],
    2: [0.455224172, 0.589332165, 0.21817956, 0.769421445, 0.052451756, 0.333588335],
}
"""Of one and two factors by maximum likelihood, R's factanal with a tight stop."""

ATTITUDE_ML = [0.209726, 0.132336, 0.641017, 0.396382, 0.317739, 0.896860, 0.036622]
"""Uniquenesses of two factors, factanal of R, printed to six digits."""

OBLIMIN = np.array(
    [
        [0.9142697876393, -0.1078915260328],
        [0.9578565208254, -0.0538889644456],
        [0.4873973120419, 0.2052450466498],
        [0.5784551404022, 0.3521085787650],
        [0.5679584331039, 0.4538928261746],
        [0.1130220323602, 0.2735654683097],
        [-0.0421580788964, 0.9659743670346],
    ]
)
PHI = np.array([[1.0, 0.342882600145], [0.342882600145, 1.0]])
"""Two minimum residual factors of attitude, oblimin: psych 2.2.9."""


def maximum_likelihood(matrix: np.ndarray, uniquenesses: list[float], k: int):
    """Return loadings and uniquenesses, by the eigenvectors that fit these uniquenesses."""
    psi = np.array(uniquenesses)
    root = np.sqrt(psi)
    values, vectors = np.linalg.eigh(matrix / np.outer(root, root))
    loadings = root[:, None] * vectors[:, -k:] * np.sqrt(values[-k:] - 1)
    return loadings, psi


def ability_fit(k: int, **options):
    """Return the fit of k factors of the ability tests."""
    R = ABILITY
    loadings, psi = maximum_likelihood(R, UNIQUENESSES[k], k)
    return fit_indices(R, loadings, np.eye(k), psi, 112, {1: 9, 2: 4}[k], **options)


def attitude() -> np.ndarray:
    """Return the correlations of the attitude data, 30 departments."""
    return np.corrcoef(load_attitude().to_numpy(dtype=float).T)


@pytest.mark.parametrize(
    ("k", "expected"),
    [
        (
            1,
            {
                "discrepancy": 0.699345035354,
                "chi_square": 75.1795913005,
                "p_value": 1.45638456547e-12,
                "null_chi_square": 268.353765307,
                "tli": 0.561782277352,
                "rmsea": 0.25607404958,
                "bic": 32.7131014589,
                "rms_residual": 0.159289596883,
            },
        ),
        (
            2,
            {
                "discrepancy": 0.057160216837,
                "chi_square": 6.10661649875,
                "p_value": 0.19132631561,
                "null_chi_square": 268.353765307,
                "tli": 0.968406548104,
                "rmsea": 0.0679840524681,
                "bic": -12.7673789864,
                "rms_residual": 0.0354604698616,
            },
        ),
    ],
)
def test_fit_of_the_ability_tests_as_psych_gives_it(k, expected):
    """All figures are those of psych 2.2.9; 1e-8 for uniquenesses that are known to nine digits."""
    found = ability_fit(k)
    for name, value in expected.items():
        assert getattr(found, name) == pytest.approx(value, abs=1e-8, rel=1e-8), name
    assert found.null_degrees_of_freedom == 15


@pytest.mark.parametrize(("k", "nnfi", "cfi"), [(1, 0.564643, 0.738786), (2, 0.968819, 0.991685)])
def test_incremental_fit_of_the_ability_tests(k, nnfi, cfi):
    """NNFI and CFI by hand from the chi-squares of R's factanal, six digits."""
    found = ability_fit(k)
    assert found.nnfi == pytest.approx(nnfi, abs=1e-6)
    assert found.cfi == pytest.approx(cfi, abs=1e-6)


@pytest.mark.parametrize(
    ("k", "lower", "upper"), [(1, 0.20544586577934, 0.31267638917984), (2, 0, 0.17112269710025)]
)
def test_the_interval_of_rmsea(k, lower, upper):
    """R's pchisq inverted to 1e-13 gives these limits; the fit itself is known to 1e-8."""
    found = ability_fit(k)
    assert found.rmsea_lower == pytest.approx(lower, abs=1e-8)
    assert found.rmsea_upper == pytest.approx(upper, abs=1e-8)


@given(chi=st.floats(0.01, 2e4), df=st.integers(1, 300), level=st.floats(0.5, 0.99))
@settings(max_examples=30, deadline=None)
def test_limits_of_rmsea_solve_their_equations(chi, df, level):
    """Put back, a limit gives its probability; it is 0 only where the central one is below."""
    p, r = 3, 0.5
    R = np.full((p, p), r) + (1 - r) * np.eye(p)
    psi = np.full(p, 1.0)
    F = discrepancy(R, np.eye(p))
    n = chi / F + 1 + (2 * p + 5) / 6
    found = fit_indices(R, np.empty((p, 0)), np.empty((0, 0)), psi, n, df, level)
    assert found.chi_square == pytest.approx(chi)
    for limit, side in ((found.rmsea_lower, 1), (found.rmsea_upper, -1)):
        probability = (1 + side * level) / 2
        if limit == 0:
            assert chi2.cdf(found.chi_square, df) <= probability
        else:
            noncentrality = limit**2 * df * (n - 1)
            reached = ncx2.cdf(found.chi_square, df, noncentrality)
            assert reached == pytest.approx(probability, abs=1e-8)


def test_fit_of_two_maximum_likelihood_factors_of_attitude():
    """psych 2.2.9; uniquenesses of six digits leave the chi-square, at its minimum, eight."""
    R = attitude()
    loadings, psi = maximum_likelihood(R, ATTITUDE_ML, 2)
    found = fit_indices(R, loadings, np.eye(2), psi, 30, 8)
    assert found.chi_square == pytest.approx(5.47420119422, abs=1e-7)
    assert found.p_value == pytest.approx(0.70589657984, abs=1e-8)
    assert found.tli == pytest.approx(1.09125515504, abs=1e-8)
    assert (found.rmsea, found.rmsea_lower, found.cfi) == (0, 0, 1)
    assert found.rmsea_upper == pytest.approx(0.165653213554, abs=1e-5)
    assert found.bic == pytest.approx(-21.7353778591, abs=1e-7)
    assert found.aic == pytest.approx(found.chi_square - 16)


def test_fit_of_correlated_factors():
    """Minres, oblimin, attitude: F is that of maximum likelihood at these loadings (psych 2.2.9).

    The loadings carry thirteen digits; psych rounds nothing else.
    """
    psi = 1 - np.sum((OBLIMIN @ PHI) * OBLIMIN, axis=1)
    found = fit_indices(attitude(), OBLIMIN, PHI, psi, 30, 8)
    assert found.discrepancy == pytest.approx(0.231301348154, abs=1e-9)
    assert found.chi_square == pytest.approx(5.66688302978, abs=1e-8)
    assert found.tli == pytest.approx(1.08429370952, abs=1e-8)
    assert found.rms_residual == pytest.approx(0.0434596173442, abs=1e-10)
    assert found.srmr == pytest.approx(0.0434596173442 * np.sqrt(42 / 56), abs=1e-10)


def test_srmr_counts_the_diagonal():
    """A residual of the diagonal enters SRMR over p (p + 1) / 2, not the root mean square."""
    R = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    found = fit_indices(R, np.empty((3, 0)), np.empty((0, 0)), np.array([1.0, 1.0, 0.7]), 50, 3)
    assert found.srmr == pytest.approx(np.sqrt((3 * 0.25 + 0.09) / 6))
    assert found.rms_residual == pytest.approx(0.5)


def test_a_perfect_model_has_no_discrepancy():
    """Exact correlations of one factor leave 0 to the last bits, not a small negative number."""
    loadings = np.array([[0.8], [0.7], [0.6], [0.5]])
    psi = 1 - loadings[:, 0] ** 2
    R = loadings @ loadings.T + np.diag(psi)
    found = fit_indices(R, loadings, np.eye(1), psi, 200, 2)
    assert 0 <= found.discrepancy < 1e-28
    assert found.p_value == pytest.approx(1)
    assert (found.rmsea, found.cfi) == (0, 1)


def test_no_factor_is_the_null_model():
    """With k = 0 the chi-square is the null's, CFI 0 and NNFI 0."""
    R = attitude()
    found = fit_indices(R, np.empty((7, 0)), np.empty((0, 0)), np.ones(7), 30, 21)
    assert found.chi_square == pytest.approx(98.7527786622, abs=1e-8)
    assert found.chi_square == pytest.approx(found.null_chi_square)
    assert found.cfi == pytest.approx(0, abs=1e-12)
    assert found.nnfi == pytest.approx(0, abs=1e-12)


def test_comparative_fit_stays_between_zero_and_one():
    """A model worse than none has CFI 0; one without excess beside a null without any has 1."""
    R = np.full((3, 3), 0.01) + 0.99 * np.eye(3)
    none, empty = np.empty((3, 0)), np.empty((0, 0))
    assert fit_indices(R, none, empty, np.full(3, 0.2), 50, 3).cfi == 0
    assert fit_indices(R, none, empty, np.ones(3), 50, 3).cfi == 1


def test_the_discrepancy_is_that_of_its_definition():
    """tr(Sigma^-1 R) - log |Sigma^-1 R| - p, by solve and determinant, twelve digits."""
    R, implied = attitude(), OBLIMIN @ PHI @ OBLIMIN.T
    np.fill_diagonal(implied, 1.0)
    ratio = np.linalg.solve(implied, R)
    expected = np.trace(ratio) - np.linalg.slogdet(ratio)[1] - 7
    assert discrepancy(R, implied) == pytest.approx(expected, abs=1e-12)


def test_an_impossible_model_has_no_discrepancy():
    """Where Sigma is not positive definite only the residuals are known."""
    found = fit_indices(
        np.eye(2), np.array([[1.2], [1.0]]), np.eye(1), np.array([-0.44, 0.0]), 9, 1
    )
    assert np.isnan([found.discrepancy, found.chi_square, found.p_value, found.rmsea]).all()
    assert np.isnan([found.tli, found.nnfi, found.cfi, found.bic, found.rmsea_upper]).all()
    assert found.rms_residual == pytest.approx(1.2)


def test_unknown_respondents_leave_what_needs_none():
    """With n NaN the residuals and the discrepancy stay, all else is NaN."""
    R = ABILITY
    loadings, psi = maximum_likelihood(R, UNIQUENESSES[2], 2)
    found = fit_indices(R, loadings, np.eye(2), psi, np.nan, 4)
    known = {"discrepancy", "degrees_of_freedom", "null_degrees_of_freedom"}
    known |= {"srmr", "rms_residual"}
    for name in found.__dataclass_fields__:
        assert np.isnan(getattr(found, name)) == (name not in known), name


@pytest.mark.parametrize("df", [0, -1])
def test_no_degrees_of_freedom_leave_nothing_to_test(df):
    """Tests and indices that divide by df are NaN; chi-square, BIC and residuals are numbers."""
    R = ABILITY
    loadings, psi = maximum_likelihood(R, UNIQUENESSES[2], 2)
    found = fit_indices(R, loadings, np.eye(2), psi, 112, df)
    tests = [found.p_value, found.rmsea, found.rmsea_lower, found.rmsea_upper]
    assert np.isnan([*tests, found.tli, found.nnfi, found.cfi]).all()
    assert found.bic == pytest.approx(found.chi_square - df * np.log(112))


def test_variance_of_correlated_factors():
    """Sums of squares and determinacies of attitude, oblimin: psych 2.2.9, all digits."""
    psi = 1 - np.sum((OBLIMIN @ PHI) * OBLIMIN, axis=1)
    found = variance_explained(attitude(), OBLIMIN, PHI, psi)
    np.testing.assert_allclose(found.sum_of_squares, [2.800320596931, 1.532261506626], atol=1e-11)
    np.testing.assert_allclose(found.share_of_variance, [0.400045799562, 0.218894500947])
    np.testing.assert_allclose(found.cumulative_share, [0.400045799562, 0.618940300508])
    squared = np.array([0.935964637977, 0.922598318794])
    np.testing.assert_allclose(found.determinacy**2, squared, atol=1e-10)
    np.testing.assert_allclose(found.minimum_correlation, 2 * squared - 1, atol=1e-10)


def test_reliability_of_a_factor_is_that_of_its_own_items():
    """Own items load highest on the factor, whatever the sign; by hand from two and three items."""
    loadings = np.array([[0.8, 0.1], [-0.6, 0.0], [0.2, 0.7], [0.0, 0.5], [0.1, 0.3]])
    psi = np.array([0.35, 0.64, 0.47, 0.75, 0.9])
    found = variance_explained(np.eye(5), loadings, np.eye(2), psi)
    np.testing.assert_allclose(found.average_variance_extracted, [0.5, 0.83 / 3])
    expected = [1.4**2 / (1.4**2 + 0.99), 1.5**2 / (1.5**2 + 2.12)]
    np.testing.assert_allclose(found.composite_reliability, expected)


def test_the_toy_model_has_its_omega():
    """Loadings .8, .7, .6, .5 have composite reliability 2.6^2 / 9.02 = .749446."""
    loadings = np.array([[0.8], [0.7], [0.6], [0.5]])
    psi = 1 - loadings[:, 0] ** 2
    R = loadings @ loadings.T + np.diag(psi)
    found = variance_explained(R, loadings, np.eye(1), psi)
    assert found.composite_reliability[0] == pytest.approx(0.749446, abs=1e-6)
    assert found.average_variance_extracted[0] == pytest.approx(1.74 / 4)


def test_a_factor_without_items_of_its_own_has_no_reliability():
    """NaN, without a warning; its variance is known all the same."""
    loadings = np.array([[0.8, 0.1], [0.7, 0.2]])
    found = variance_explained(np.eye(2), loadings, np.eye(2), np.array([0.35, 0.47]))
    assert np.isnan(found.average_variance_extracted).tolist() == [False, True]
    assert np.isnan(found.composite_reliability).tolist() == [False, True]
    assert found.sum_of_squares[1] == pytest.approx(0.05)


def test_repaired_correlations_have_no_likelihood():
    """Of a singular matrix the determinant is that of the repair; the residuals stay."""
    R = ABILITY
    loadings, psi = maximum_likelihood(R, UNIQUENESSES[2], 2)
    found = fit_indices(R, loadings, np.eye(2), psi, 112, 4, singular=True)
    known = {"degrees_of_freedom", "null_degrees_of_freedom", "srmr", "rms_residual"}
    for name in found.__dataclass_fields__:
        assert np.isnan(getattr(found, name)) == (name not in known), name
    assert found.srmr == ability_fit(2).srmr


def test_a_determinacy_beyond_one_is_none():
    """No correlation exceeds 1: a loading of 1.1 gives NaN, one of 1 gives 1 but for rounding."""
    R = np.array([[1.0, 0.5], [0.5, 1.0]])
    for loading, determined in [(1.1, np.nan), (1.0, 1.0)]:
        loadings = np.array([[loading], [0.5]])
        found = variance_explained(R, loadings, np.eye(1), 1 - loadings[:, 0] ** 2)
        np.testing.assert_allclose(found.determinacy, determined, atol=1e-12)
        np.testing.assert_allclose(found.minimum_correlation, determined, atol=1e-12)
        assert not (found.determinacy > 1).any()
