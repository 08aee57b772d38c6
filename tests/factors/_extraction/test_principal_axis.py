"""Principal axis factoring."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from custvalue.factors._conventions import PRESETS, Conventions
from custvalue.factors._extraction.principal_axis import principal_axes

# psych 2.2.9: fa(cor(attitude), 2, fm = "pa", rotate = "none").
PSYCH_ATTITUDE = [
    [0.785627046025004, -0.4053443672522307],
    [0.861368707072049, -0.3788634039543123],
    [0.590000307567963, -0.0148766800179854],
    [0.771154494039830, 0.0649756774645470],
    [0.828356088465812, 0.1481774771621273],
    [0.284349925309733, 0.1700834336432016],
    [0.587024770021543, 0.7365185141079036],
]
# The same with min.err = 1e-15, max.iter = 20000: communalities.
FIXED_ATTITUDE = [
    0.779884866766788,
    0.884992541782659,
    0.348282992415953,
    0.598268624870165,
    0.705382610803314,
    0.108815654179293,
    0.906947861152625,
]
# psych 2.2.9: fa(Harman74.cor$cov, 4, fm = "pa", rotate = "none"), first four communalities.
PSYCH_HARMAN = [0.550119387929615, 0.229881403517807, 0.338520644942174, 0.349890932388415]
# Figures from passes at 1e-14: the tests of ability.
FIXED_ABILITY = {
    1: [0.643674, 0.277174, 0.466869, 0.162268, 0.520477, 0.484611],
    2: [0.567098, 0.376529, 0.834743, 0.202435, 0.938660, 0.669499],
}
# Four measures of 13 trees (SAS/STAT, INTROREG example) and R's factors of them, as in
# statsmodels' test_factor.py: fa(X, 2, fm = "pa", rotate = "none", SMC = FALSE, min.err = 1e-10).
TREES = [
    [1.0, 0.9821591365432065, 0.8975732596332516, 0.2735377567509817],
    [0.9821591365432065, 1.0, 0.8996222812739360, 0.2860177996353834],
    [0.8975732596332516, 0.8996222812739360, 1.0, 0.4532166125206808],
    [0.2735377567509817, 0.2860177996353834, 0.4532166125206808, 1.0],
]
TREES_FROM_ONES = [
    [0.965392158864, -0.225880658666],
    [0.967587154301, -0.212758741911],
    [0.929891035996, 0.000603217968],
    [0.486822656362, 0.869649573289],
]
# psych 2.2.9, the same with SMC = TRUE.
TREES_FROM_SMC = [
    [0.9754111510496384, -0.2028098674673573],
    [0.9711397533003211, -0.1720749911587696],
    [0.9618704958797595, 0.2004196029288763],
    [0.3757070847087679, 0.4582137917730935],
]
OURS, PSYCH = PRESETS[None], PRESETS["psych"]


def plain(matrix, n_factors, communalities, n_passes):
    """Return the communalities after passes of the definition, in a loop."""
    for _ in range(n_passes):
        reduced = matrix.copy()
        np.fill_diagonal(reduced, communalities)
        values, vectors = np.linalg.eigh(reduced)
        communalities = (vectors[:, -n_factors:] ** 2) @ values[-n_factors:]
    return communalities


def test_the_preset_of_psych_gives_its_digits(attitude, harman):
    """Same start, same passes: 1e-10 is rounding that passes carry on."""
    found = principal_axes(attitude, 2, conventions=PSYCH)
    np.testing.assert_allclose(found.loadings, PSYCH_ATTITUDE, atol=1e-10)
    found = principal_axes(harman, 4, conventions=PSYCH)
    np.testing.assert_allclose(1 - found.uniquenesses[:4], PSYCH_HARMAN, atol=1e-10)
    assert found.converged


@pytest.mark.parametrize("n_factors", [1, 2])
def test_the_fixed_point_of_the_tests_of_ability(ability, n_factors):
    """Communalities to the 6 digits printed; passes alone need 385 for two factors."""
    found = principal_axes(ability, n_factors, conventions=OURS)
    np.testing.assert_allclose(1 - found.uniquenesses, FIXED_ABILITY[n_factors], atol=6e-7)
    assert found.converged
    assert found.iterations < 100


def test_newton_steps_end_where_passes_end(attitude):
    """psych's passes to 1e-15 and ours with Newton steps give one fixed point.

    psych stops on the sum, which leaves about 1e-13 in each communality.
    """
    found = principal_axes(attitude, 2, conventions=OURS)
    np.testing.assert_allclose(1 - found.uniquenesses, FIXED_ATTITUDE, atol=1e-11)
    assert found.gradient < 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_one_more_pass_changes_nothing(sample, seed):
    """A fixed point, of random matrices that have one."""
    matrix = sample(seed, n_items=9)
    found = principal_axes(matrix, 2, conventions=OURS)
    again = plain(matrix, 2, 1 - found.uniquenesses, 1)
    np.testing.assert_allclose(again, 1 - found.uniquenesses, atol=2e-12)
    far = plain(matrix, 2, 1 - 1 / np.diag(np.linalg.inv(matrix)), 3000)
    np.testing.assert_allclose(far, 1 - found.uniquenesses, atol=1e-8)


def test_each_communality_must_settle_under_the_preset_of_spss(ability):
    """The last pass is the first that changes no communality by more than 0.001."""
    found = principal_axes(ability, 2, conventions=PRESETS["spss"])
    start = 1 - 1 / np.diag(np.linalg.inv(ability))
    last, before = (plain(ability, 2, start, found.iterations - back) for back in (0, 1))
    np.testing.assert_allclose(1 - found.uniquenesses, last, atol=1e-12)
    assert found.iterations == 25
    assert not found.converged
    assert np.abs(last - before).max() > 1e-3

    enough = replace(PRESETS["spss"], axis_iterations=1000)
    found = principal_axes(ability, 2, conventions=enough)
    ends = [plain(ability, 2, start, found.iterations - back) for back in (0, 1, 2)]
    assert found.converged
    assert np.abs(ends[0] - ends[1]).max() <= 1e-3 < np.abs(ends[1] - ends[2]).max()


def test_communalities_of_one_are_the_start_without_multiple_correlations():
    """R's SMC = FALSE is a start at uniquenesses of zero, and its figures come out.

    With negative degrees of freedom each start has its own fixed point. 2e-9 is what R's stop
    at 1e-10 leaves.
    """
    found = principal_axes(np.array(TREES), 2, conventions=OURS, start=np.zeros(4))
    np.testing.assert_allclose(found.loadings, TREES_FROM_ONES, atol=2e-9)
    assert found.converged


def test_multiple_correlations_are_the_start_else():
    """psych's figures with SMC = TRUE, after its 50 passes at most."""
    fifty = Conventions(axis_stop="sum", axis_tolerance=1e-10, axis_iterations=50)
    found = principal_axes(np.array(TREES), 2, conventions=fifty)
    np.testing.assert_allclose(found.loadings, TREES_FROM_SMC, atol=1e-10)
    assert not found.converged


def test_communalities_may_exceed_one(implied):
    """Correlations of .6 .6 .2 have the exact loadings sqrt(1.8), sqrt(.2), sqrt(.2): flagged."""
    matrix = np.array([[1.0, 0.6, 0.6], [0.6, 1.0, 0.2], [0.6, 0.2, 1.0]])
    found = principal_axes(matrix, 1, conventions=OURS)
    np.testing.assert_allclose(found.loadings[:, 0] ** 2, [1.8, 0.2, 0.2], atol=1e-10)
    np.testing.assert_allclose(implied(found.loadings), matrix, atol=1e-10)
    assert found.heywood.tolist() == [True, False, False]
    assert found.converged


def test_communalities_that_grow_without_end_are_said_not_to_converge():
    """Equal negative correlations have no fixed point: one loading grows, the others shrink."""
    matrix = np.full((5, 5), -0.2) + 1.2 * np.eye(5)
    found = principal_axes(matrix, 1, conventions=OURS)
    assert not found.converged
    assert found.heywood.sum() == 1


def test_negative_eigenvalues_count_by_size_only_on_demand():
    """Three factors of a matrix with two positive eigenvalues, after one pass."""
    matrix = np.array([[1.0, 0.5, 0.1, 0.0], [0.5, 1.0, 0, 0], [0.1, 0, 1, 0.4], [0, 0, 0.4, 1]])
    once = Conventions(axis_stop="sum", axis_iterations=1)
    plain_pass = principal_axes(matrix, 3, conventions=once)
    sized = principal_axes(matrix, 3, conventions=replace(once, absolute_eigenvalues=True))
    assert np.abs(plain_pass.loadings[:, 2]).max() == 0.0
    assert np.abs(sized.loadings[:, 2]).max() > 0.1


def test_items_that_share_nothing_have_no_communality():
    """The identity gives zeros at once."""
    found = principal_axes(np.eye(5), 2, conventions=OURS)
    np.testing.assert_array_equal(found.loadings, 0.0)
    assert found.converged
