"""Rotation of factors against GPArotation, R, and what must hold for every rotation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from custvalue.exceptions import DataError
from custvalue.factors._conventions import PRESETS, Conventions
from custvalue.factors._rotation.convention import in_convention
from custvalue.factors._rotation.manifolds import random_orthogonal
from custvalue.factors._rotation.methods import METHODS
from custvalue.factors._rotation.rotate import rotate

GOLDEN = json.loads((Path(__file__).parent / "gparotation.json").read_text())
ABILITY = np.array(GOLDEN["loadings"]["ability"])
THREE = np.array(GOLDEN["loadings"]["three"])
FREE = np.where(np.abs(THREE) < 0.2, 0.0, np.nan)


def rotated(A, method, *, n_starts=10, conventions=None, seed=0, **more):
    """Return a rotation with its factors in order and signed."""
    conventions = conventions or Conventions()
    found = rotate(
        A,
        method=method,
        conventions=conventions,
        n_starts=n_starts,
        generator=np.random.default_rng(seed),
        **more,
    )
    return in_convention(found, conventions)


def options_of(method, A):
    return {"target": np.where(np.abs(A) < 0.2, 0.0, np.nan)} if "target" in method else None


def case_name(case):
    options = ",".join(case["options"])
    return f"{case['loadings']}-{case['method']}-{options}-{case['kaiser']}"


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=case_name)
def test_lowest_minima_are_those_of_gparotation(case):
    """Criterion, loadings and factor correlations; the file tells how R was run.

    The gradients of R end between 1e-10 and 8e-8, its loadings near 1e-7 of the optimum.
    """
    A = np.array(GOLDEN["loadings"][case["loadings"]])
    options = dict(case["options"])
    if "target" in options:
        options["target"] = np.array(options["target"], dtype=float)
    found = rotated(A, case["method"], options=options, kaiser=case["kaiser"])
    assert found.converged
    assert found.criterion == pytest.approx(case["criterion"], abs=1e-9)
    np.testing.assert_allclose(found.loadings.ravel(), case["rotated"], atol=1e-6)
    upper = found.factor_correlations[np.triu_indices(A.shape[1], 1)]
    np.testing.assert_allclose(upper, case["correlations"], atol=1e-6)


PUBLISHED = {
    "oblimin": [0.3863616, 0.4745127, -0.0110059, 0.6458721, -0.0262926, 0.8961141,
                -0.0180201, 0.4882928, 0.9900945, -0.0370718, 0.7905657, 0.0526110],
    "quartimax": [0.5347147, 0.5087781, 0.1973481, 0.6096893, 0.2629198, 0.8442120,
                  0.1396161, 0.4594417, 0.9662915, 0.1176415, 0.7980638, 0.1717562],
    "varimax": [0.5158665, 0.5278795, 0.1750546, 0.6164602, 0.2320577, 0.8532116,
                0.1228225, 0.4642132, 0.9613764, 0.1526899, 0.7912928, 0.2006534],
    "geomin_oblique": [0.3967205, 0.4713296, 0.0042445, 0.6389466, -0.0051098, 0.8864521,
                       -0.0064696, 0.4830102, 0.9870986, -0.0318960, 0.7901118, 0.0558690],
}  # fmt: skip


@pytest.mark.parametrize("method", PUBLISHED)
def test_tables_that_gparotation_publishes(method):
    """Of tests/rotations.R of GPArotation, from factanal's loadings of ability.cov.

    factanal stops up to 1e-5 from the optimum of maximum likelihood, and the loadings with it:
    2e-5. From loadings at 1e-14 the same R code agrees to 1e-6, in the test above.
    """
    found = rotated(ABILITY, method, kaiser=False)
    np.testing.assert_allclose(found.loadings.ravel(), PUBLISHED[method], atol=2e-5)


def test_kaiser_varimax_is_the_optimum_that_one_angle_gives():
    """With two factors varimax is a function of one angle: scipy finds its lowest value."""
    lengths = np.linalg.norm(ABILITY, axis=1, keepdims=True)

    def turned(angle):
        cosine, sine = np.cos(angle), np.sin(angle)
        return ABILITY @ np.array([[cosine, -sine], [sine, cosine]])

    def roughness(angle):
        return -np.var((turned(angle) / lengths) ** 2, axis=0).sum()

    start = min(np.linspace(0, np.pi / 2, 200), key=roughness)
    bounds = (start - 0.01, start + 0.01)
    angle = minimize_scalar(roughness, bounds=bounds, options={"xatol": 1e-12}).x
    squares = turned(angle) ** 2
    expected = np.sort(squares, axis=1)
    found = np.sort(rotated(ABILITY, "varimax").loadings ** 2, axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-7)  # A minimum shows half its digits.


def test_the_loose_varimax_of_r():
    """varimax of stats, R 4, to all the digits that it prints; it is 0.002 from the optimum."""
    expected = [
        0.4994394743, 0.5434482858, 0.1560695433, 0.6215385186, 0.2057864339, 0.8599258018,
        0.1085317239, 0.4677599999, 0.9562365966, 0.1820983603, 0.7847721263, 0.2248207653,
    ]  # fmt: skip
    found = rotated(ABILITY, "varimax", conventions=PRESETS["r"])
    np.testing.assert_allclose(found.loadings.ravel(), expected, atol=1e-9)
    raw = rotated(ABILITY, "varimax", conventions=PRESETS["psych"], kaiser=False)
    assert raw.loadings[0] == pytest.approx([0.5155482637, 0.5281910787], abs=1e-9)
    assert (found.n_starts, found.converged) == (1, True)
    assert 1e-3 < found.gradient < 1e-2


def test_promax_of_r():
    """promax of stats, R 4, behind its loose varimax, with powers 4 and 3."""
    found = rotated(ABILITY, "promax", conventions=PRESETS["r"])
    expected = [
        0.36422179053, 0.470405285699, -0.05774652221, 0.671196698509, -0.09148307550,
        0.931884345366, -0.05365472360, 0.507995146240, 1.02336582295, -0.095491479456,
        0.81123695439, 0.009100834371,
    ]  # fmt: skip
    np.testing.assert_allclose(found.loadings.ravel(), expected, atol=1e-9)
    assert found.factor_correlations[0, 1] == pytest.approx(0.5569226512, abs=1e-9)
    cubed = rotated(ABILITY, "promax", conventions=PRESETS["r"], options={"power": 3})
    assert cubed.loadings[0] == pytest.approx([0.37259583418, 0.47486746243], abs=1e-9)


def test_promax_starts_from_the_optimum_of_varimax_by_default():
    """Its criterion is that of varimax; the loadings are near R's, which stops early."""
    found, behind = rotated(ABILITY, "promax"), rotated(ABILITY, "varimax")
    assert found.criterion == behind.criterion
    ends_in_r = rotated(ABILITY, "promax", conventions=PRESETS["r"])
    np.testing.assert_allclose(found.loadings, ends_in_r.loadings, atol=1e-3)


HARMAN = np.array(
    [[0.830, -0.396], [0.818, -0.469], [0.777, -0.470], [0.798, -0.401],
     [0.786, 0.500], [0.672, 0.458], [0.594, 0.444], [0.647, 0.333]]
)  # fmt: skip


def test_eight_physical_variables_of_harman():
    """Quartimin: tests/Harman.R of GPArotation, 7 digits; quartimax: statsmodels test_rotation."""
    quartimin = [
        0.8918218, 0.0560146, 0.9536800, -0.0232460, 0.9291499, -0.0465027, 0.8766829, 0.0336582,
        0.0136988, 0.9250014, -0.0172668, 0.8212535, -0.0524469, 0.7649536, 0.0858881, 0.6831161,
    ]  # fmt: skip
    quartimax = [
        0.8987546, 0.1948236, 0.9339434, 0.1297487, 0.9021315, 0.1038643, 0.8765083, 0.1712842,
        0.3155720, 0.8764761, 0.2511232, 0.7734889, 0.1980071, 0.7146784, 0.3078572, 0.6593345,
    ]  # fmt: skip
    found = rotated(HARMAN, "quartimin")
    np.testing.assert_allclose(found.loadings.ravel(), quartimin, atol=2e-7)
    assert found.factor_correlations[0, 1] == pytest.approx(0.47274762, abs=1e-7)
    np.testing.assert_allclose(rotated(HARMAN, "quartimax").loadings.ravel(), quartimax, atol=2e-7)


def test_oblimin_of_the_trees_of_sas():
    """R's oblimin in statsmodels test_factor.py, from the loadings printed there.

    R stopped at the gradient 1e-5, which is 4e-5 in the loadings.
    """
    A = np.array(
        [[0.97541115, 0.20280987], [0.97113975, 0.17207499], [0.9618705, -0.2004196],
         [0.37570708, -0.45821379]]
    )  # fmt: skip
    expected = [1.0283417, -0.06563421, 1.00178840, -0.03096076, 0.71824931, 0.39658839,
                -0.00013510, 0.59261944]  # fmt: skip
    np.testing.assert_allclose(rotated(A, "oblimin").loadings.ravel(), expected, atol=4e-5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("conventions", PRESETS.values(), ids=str)
def test_what_no_rotation_changes(method, conventions):
    """L Phi L' is A A', so communalities stay; L = A inv(T)'; Phi = T'T with ones in it."""
    for A in (ABILITY, THREE):
        found = rotated(A, method, options=options_of(method, A), conventions=conventions)
        L, phi, T = found.loadings, found.factor_correlations, found.rotation_matrix
        np.testing.assert_allclose(L @ phi @ L.T, A @ A.T, atol=1e-12)
        np.testing.assert_allclose(L, A @ np.linalg.inv(T).T, atol=1e-12)
        np.testing.assert_allclose(phi, T.T @ T, atol=1e-12)
        np.testing.assert_allclose(np.diagonal(phi), 1, atol=1e-15)
        if not METHODS[method].oblique:
            np.testing.assert_array_equal(phi, np.eye(A.shape[1]))


@pytest.mark.parametrize("method", METHODS)
def test_the_gradient_is_zero_at_the_end(method):
    """Below 1e-7, and converged says so."""
    found = rotated(THREE, method, options=options_of(method, THREE))
    assert found.gradient < 1e-7
    assert found.converged
    assert 1 <= found.starts_agreeing <= found.n_starts == 10


@pytest.mark.parametrize("method", [name for name in METHODS if "target" not in name])
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_turned_loadings_come_to_the_same_end(method, seed):
    """An orthogonal turn of the factors before, or another seed, changes nothing.

    Loadings agree to 1e-6, from gradients below 1e-7. Simplimax with as few as p small loadings
    has many minima close to each other, so that it is asked for 2 p.
    """
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    options = {"n_small": 18} if method == "simplimax" else None
    found = rotated(THREE @ turn, method, options=options, seed=seed, n_starts=30)
    expected = rotated(THREE, method, options=options, n_starts=30)
    np.testing.assert_allclose(found.loadings, expected.loadings, atol=1e-6)
    np.testing.assert_allclose(found.factor_correlations, expected.factor_correlations, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_items_keep_their_loadings_in_any_order_and_direction(method):
    """Permuted items have permuted loadings; a reversed item has the opposite ones."""
    order = np.random.default_rng(3).permutation(9)
    signs = np.where(np.arange(9) % 4 == 1, -1.0, 1.0)[:, None]
    options, moved = options_of(method, THREE), options_of(method, THREE)
    if moved is not None:
        moved = {"target": (moved["target"] * signs)[order]}
    expected = rotated(THREE, method, options=options)
    found = rotated((THREE * signs)[order], method, options=moved)
    there = (expected.loadings * signs)[order]
    alike = np.abs(there.T @ found.loadings).argmax(axis=1)
    directions = np.sign((there * found.loadings[:, alike]).sum(axis=0))
    np.testing.assert_allclose(found.loadings[:, alike] * directions, there, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("conventions", PRESETS.values(), ids=str)
def test_exact_clusters_and_a_row_of_zeros_stay(method, conventions):
    """Loadings of 0 and 1 (tests/Revelle.R of GPArotation) are simple already: nothing moves."""
    exact = np.vstack([np.kron(np.eye(3), np.ones((3, 1))), np.zeros((1, 3))])
    options = options_of(method, exact)
    found = rotated(exact, method, options=options, conventions=conventions, n_starts=5)
    assert found.converged
    np.testing.assert_allclose(found.loadings, exact, atol=1e-12)


@pytest.mark.parametrize("method", ["varimax", "quartimin", "geomin_oblique", "promax"])
def test_clusters_are_found_from_half_way_between(method):
    """Items between two factors are a saddle of many criteria; one start is enough to leave it."""
    A = 0.6 * np.array([[1.0, 1.0], [1.0, 1.0], [1.0, -1.0], [1.0, -1.0]])
    found = rotated(A, method, n_starts=1)
    expected = np.kron(np.eye(2), np.full((2, 1), 0.6 * np.sqrt(2)))
    np.testing.assert_allclose(found.loadings, expected, atol=1e-7)


def test_several_minima_are_counted():
    """Simplimax of ability.cov ends at several places; ten starts find what each finds alone."""
    found = rotated(ABILITY, "simplimax")
    starts = [np.eye(2), *random_orthogonal(9, 2, np.random.default_rng(0))]
    alone = [rotated(ABILITY, "simplimax", n_starts=1, start=T) for T in starts]
    assert {(one.n_starts, one.n_optima, one.starts_agreeing) for one in alone} == {(1, 1, 1)}
    values = np.round([one.criterion for one in alone], 9)
    assert found.n_optima == len(np.unique(values)) > 1
    assert found.criterion == pytest.approx(values.min(), abs=1e-9)
    assert found.starts_agreeing == (values == values.min()).sum() < 10


def test_a_full_target_is_the_problem_of_procrustes():
    """With every loading specified T = U V' of the decomposition of A'B (Schoenemann 1966)."""
    goal = np.kron(np.eye(3), np.ones((3, 1)))
    U, _, V = np.linalg.svd(THREE.T @ goal)
    found = rotate(
        THREE,
        method="target_orthogonal",
        options={"target": goal},
        conventions=Conventions(),
        n_starts=10,
        generator=np.random.default_rng(0),
    )
    np.testing.assert_allclose(found.rotation_matrix, U @ V, atol=1e-8)


def test_a_target_speaks_of_loadings_before_normalisation():
    """A pattern that can be reached is reached, with Kaiser's normalisation and without."""
    L = np.array([[0.8, 0.0], [0.7, 0.1], [0.2, 0.6], [0.0, 0.5], [0.1, 0.9]])
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(2, 2)))[0]
    goal = np.where(L == 0.6, np.nan, L)
    for kaiser in (True, False):
        found = rotate(
            L @ turn,
            method="target_orthogonal",
            options={"target": goal},
            conventions=Conventions(),
            n_starts=5,
            generator=np.random.default_rng(0),
            kaiser=kaiser,
        )
        np.testing.assert_allclose(found.loadings, L, atol=1e-8)


@pytest.mark.parametrize("method", [None, "varimax", "oblimin", "promax"])
def test_one_factor_is_left_alone(method):
    """There is nothing to rotate, and no criterion."""
    found = rotated(THREE[:, 1:2], method)
    np.testing.assert_array_equal(np.abs(found.loadings), np.abs(THREE[:, 1:2]))
    assert found.converged
    assert np.isnan(found.criterion)


def test_no_rotation_keeps_loadings_and_copies_them():
    """The result does not share memory with the input."""
    A = THREE.copy()
    found = rotate(
        A,
        method=None,
        conventions=Conventions(),
        n_starts=10,
        generator=np.random.default_rng(0),
    )
    np.testing.assert_array_equal(found.loadings, A)
    assert not np.shares_memory(found.loadings, A)
    np.testing.assert_array_equal(found.rotation_matrix, np.eye(3))


@pytest.mark.parametrize("method", [name for name in METHODS if METHODS[name].oblique])
def test_dependent_factors_cannot_be_correlated(method):
    """Two equal columns have no oblique rotation, and the message says what to do."""
    A = THREE[:, [0, 1, 1]]
    with pytest.raises(DataError, match="3 factors whose loadings have rank 2: take 2 factors"):
        rotated(A, method, options=options_of(method, A))


@pytest.mark.parametrize("method", ["varimax", "quartimax", "equamax", "geomin_orthogonal"])
def test_dependent_factors_can_be_turned(method):
    """Orthogonal rotations of two equal columns end at a minimum."""
    found = rotated(THREE[:, [0, 1, 1]], method)
    assert found.converged
    np.testing.assert_allclose(
        (found.loadings**2).sum(axis=1), (THREE[:, [0, 1, 1]] ** 2).sum(axis=1), atol=1e-12
    )


def test_a_criterion_without_minimum_is_told():
    """Oblimin with gamma = 1 lets these factors collapse into one: not converged, none counted."""
    found = rotated(THREE, "oblimin", options={"gamma": 1.0})
    assert not found.converged
    assert found.collapsed
    assert (found.n_optima, found.starts_agreeing) == (0, 0)


def test_the_same_seed_gives_the_same_digits():
    """Random starts come from the generator alone."""
    first, second = (rotated(THREE, "geomin_oblique", seed=4) for _ in range(2))
    np.testing.assert_array_equal(first.loadings, second.loadings)


def test_a_start_at_the_end_stays_there():
    """A single search from an earlier T, the way of a bootstrap, is at its end at once."""
    before = rotated(THREE, "oblimin")
    after = rotated(THREE, "oblimin", n_starts=1, start=before.rotation_matrix)
    np.testing.assert_allclose(after.loadings, before.loadings, atol=1e-8)
    assert after.iterations <= 2


def test_who_normalises():
    """Varimax and promax do, others do not, conventions and the caller can say otherwise."""
    spss, plain = PRESETS["spss"], Conventions()
    for method, usual in (("varimax", True), ("quartimax", False)):
        found = rotated(THREE, method).criterion
        assert found == rotated(THREE, method, kaiser=usual).criterion
        assert found != rotated(THREE, method, kaiser=not usual).criterion
        normalised = rotated(THREE, method, kaiser=True).criterion
        assert rotated(THREE, method, conventions=spss).criterion == normalised
        other = rotated(THREE, method, conventions=spss, kaiser=False)
        assert other.criterion == rotated(THREE, method, conventions=plain, kaiser=False).criterion
