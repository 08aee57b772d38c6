"""Factors by any method."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.factors._extraction.extract import (
    METHODS,
    Extraction,
    degrees_of_freedom,
    most_factors,
)

SEARCHED = ("minres", "ml")
FACTORED = ("minres", "ml", "principal_axis")

# R 4, factanal.fit.mle with factr = 1: uniquenesses.
ATTITUDE_ML = {
    2: """.2097277146046944 .1323355164301372 .6410152006053914 .3963834351282124
          .3177396142352814 .8968563292307346 .0366159389062926""",
    3: """.2274498971054304 .0801703453205547 .6393720341857846 .005
          .2387753456144497 .7711238494528486 .2993798209664591""",
}
HARMAN_ML = [0.438464548652, 0.780093870223, 0.643515767417, 0.651218838763, 0.352005484160]
# psych 2.2.9: fa(Harman74.cor$cov, 4, fm = "pa", min.err = 1e-15, max.iter = 20000).
HARMAN_FIXED = [0.550178015373661, 0.229844375906191, 0.338470373369865, 0.349795788406118]
# psych 2.2.9: fa(..., fm = "minres"), which stops at a relative gain of 1e-9 or so.
HARMAN_MINRES = [0.550179851355418, 0.229843725430140, 0.338470711373245, 0.349795679545595]


def test_one_likely_factor_of_the_tests_of_ability(ability, run):
    """The uniquenesses and chi-square 75.17959130 of an optimum at 1e-12; R prints three digits."""
    found = run(ability, 1, "ml")
    expected = [0.534599, 0.852579, 0.748186, 0.910128, 0.231716, 0.279741]
    np.testing.assert_allclose(found.uniquenesses, expected, atol=6e-7)
    assert (112 - 1 - 17 / 6 - 2 / 3) * found.objective == pytest.approx(75.17959130, abs=6e-9)
    assert (found.loadings**2).sum() == pytest.approx(2.443, abs=5e-4)
    printed = [0.682, 0.384, 0.502, 0.300, 0.877, 0.849]
    np.testing.assert_allclose(found.loadings[:, 0], printed, atol=6e-4)


def test_two_likely_factors_of_the_tests_of_ability(ability, run):
    """The uniquenesses and chi-square 6.10661650 of an optimum at 1e-12."""
    found = run(ability, 2, "ml")
    expected = [0.455224, 0.589332, 0.218180, 0.769421, 0.052452, 0.333588]
    np.testing.assert_allclose(found.uniquenesses, expected, atol=6e-7)
    assert (112 - 1 - 17 / 6 - 4 / 3) * found.objective == pytest.approx(6.10661650, abs=6e-9)
    assert (found.n_starts, found.n_optima, found.starts_agreeing) == (10, 1, 10)
    assert found.gradient < 1e-9


@pytest.mark.parametrize("n_factors", [2, 3])
def test_likely_factors_of_attitudes(attitude, run, n_factors):
    """R's factanal with its tightest stop; three factors end at its bound of 0.005."""
    found = run(attitude, n_factors, "ml")
    expected = np.array(ATTITUDE_ML[n_factors].split(), dtype=float)
    np.testing.assert_allclose(found.uniquenesses, expected, atol=1e-8)
    assert found.heywood.tolist() == [n_factors == 3 and i == 3 for i in range(7)]
    objective = {2: 0.22343678342904, 3: 0.0865141257242579}[n_factors]
    assert found.objective == pytest.approx(objective, abs=1e-13)


def test_what_factanal_says_of_attitudes_by_default(attitude, run):
    """Its stop at a relative gain of 1e-9 or so leaves 1e-5 in the uniquenesses, none in F."""
    found = run(attitude, 2, "ml")
    default = [0.209726, 0.132336, 0.641017, 0.396382, 0.317739, 0.896860, 0.036622]
    np.testing.assert_allclose(found.uniquenesses, default, atol=1e-5)
    chi2 = (30 - 1 - 19 / 6 - 4 / 3) * found.objective
    assert chi2 == pytest.approx(5.47420119, abs=6e-9)


def test_four_factors_of_twenty_four_tests(harman, run):
    """Maximum likelihood as R finds it, minimum residuals as psych's principal axes end."""
    likely = run(harman, 4, "ml")
    assert likely.objective == pytest.approx(1.71082146960935, abs=1e-11)
    np.testing.assert_allclose(likely.uniquenesses[:5], HARMAN_ML, atol=1e-8)
    least = run(harman, 4, "minres")
    np.testing.assert_allclose(1 - least.uniquenesses[:4], HARMAN_FIXED, atol=1e-10)
    np.testing.assert_allclose(1 - least.uniquenesses[:4], HARMAN_MINRES, atol=3e-6)


@pytest.mark.parametrize(("name", "n_factors"), [("ability", 2), ("attitude", 2), ("harman", 5)])
def test_minimum_residuals_and_principal_axes_have_one_answer(request, run, name, n_factors):
    """Where all uniquenesses are inside their bounds."""
    matrix = request.getfixturevalue(name)
    least, axes = run(matrix, n_factors, "minres"), run(matrix, n_factors, "principal_axis")
    np.testing.assert_allclose(least.uniquenesses, axes.uniquenesses, atol=1e-9)
    np.testing.assert_allclose(least.loadings, axes.loadings, atol=1e-8)
    assert least.objective == pytest.approx(axes.objective, rel=1e-10)


@pytest.mark.parametrize("method", FACTORED)
def test_an_exact_factor_comes_back(run, implied, method):
    """Loadings of .8 .7 .6 .5 (personality-project.org), and a discrepancy of zero."""
    loadings = np.array([[0.8], [0.7], [0.6], [0.5]])
    found = run(implied(loadings), 1, method)
    np.testing.assert_allclose(found.loadings, loadings, atol=1e-9)
    np.testing.assert_allclose(found.uniquenesses, [0.36, 0.51, 0.64, 0.75], atol=1e-9)
    assert (found.loadings**2).sum() == pytest.approx(1.74, abs=1e-9)
    assert 0 <= found.objective < 1e-18
    assert found.converged


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), n_factors=st.integers(1, 3), method=st.sampled_from(FACTORED))
def test_exact_models_come_back(run, implied, seed, n_factors, method):
    """Communalities between .2 and .8 of random models are found to 1e-8.

    Three strong items a factor make each model the only one that fits.
    """
    generator = np.random.default_rng(seed)
    items = np.arange(4 * n_factors)
    loadings = generator.uniform(-0.15, 0.15, size=(len(items), n_factors))
    loadings[items, items // 4] = generator.uniform(0.5, 0.8, size=len(items))
    found = run(implied(loadings), n_factors, method)
    np.testing.assert_allclose(1 - found.uniquenesses, (loadings**2).sum(axis=1), atol=1e-8)
    np.testing.assert_allclose(found.loadings @ found.loadings.T, loadings @ loadings.T, atol=1e-8)


@pytest.mark.parametrize("n_starts", [1, 10])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_symmetric_matrix_is_not_fitted_at_its_saddle(autoregressive, run, n_starts, seed):
    """R's factanal ends at F = .126683692; the two mirror images have .126681634.

    The loadings are those of statsmodels' test_ml_factor.py::test_1factor.
    """
    found = run(autoregressive(4), 1, "ml", n_starts=n_starts, seed=seed)
    assert found.objective == pytest.approx(0.126681634, abs=1e-9)
    expected = [0.38353316, 0.62517171, 0.66796508, 0.4170052]
    np.testing.assert_allclose(found.loadings[:, 0], expected, atol=2e-8)
    assert found.n_optima == 2
    assert found.converged


def test_a_factor_that_sums_to_zero_has_its_sign(autoregressive, run):
    """Figures of R's factanal, by statsmodels' test_ml_factor.py::test_2factor, three digits."""
    found = run(autoregressive(6), 2, "ml")
    first = [0.323, 0.586, 0.519, 0.519, 0.586, 0.323]
    second = [0.337, 0.538, 0.187, -0.187, -0.538, -0.337]
    np.testing.assert_allclose(found.loadings, np.transpose([first, second]), atol=6e-4)
    uniquenesses = [0.782, 0.367, 0.696, 0.696, 0.367, 0.782]
    np.testing.assert_allclose(found.uniquenesses, uniquenesses, atol=6e-4)


@pytest.mark.parametrize("method", METHODS)
def test_the_order_and_direction_of_items_do_not_matter(attitude, run, method):
    """Items put in another order, and turned, carry their loadings along."""
    generator = np.random.default_rng(0)
    order, turned = generator.permutation(7), np.where(generator.random(7) < 0.5, -1.0, 1.0)
    moved = (attitude * np.outer(turned, turned))[np.ix_(order, order)]
    found, again = run(attitude, 2, method), run(moved, 2, method)
    np.testing.assert_allclose(again.uniquenesses, found.uniquenesses[order], atol=1e-9)
    expected = (found.loadings * turned[:, None])[order]
    signs = np.sign((expected * again.loadings).sum(axis=0))
    np.testing.assert_allclose(again.loadings, expected * signs, atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_columns_are_ordered_and_signed(harman, run, method):
    """Each column sums to zero or more; another seed changes nothing."""
    found = run(harman, 3, method)
    assert isinstance(found, Extraction)
    assert found.loadings.shape == (24, 3)
    assert (found.loadings.sum(axis=0) >= 0).all()
    again = run(harman, 3, method, seed=8)
    np.testing.assert_allclose(again.loadings, found.loadings, atol=1e-8)


@pytest.mark.parametrize("method", SEARCHED)
def test_more_starts_never_fit_worse(sample, run, method):
    """Four matrices of few rows, factored too finely, with more than one minimum among them."""
    several = 0
    for seed in range(4):
        matrix = sample(seed, n_items=9, n_rows=25)
        one, many = (run(matrix, 4, method, n_starts=n) for n in (1, 30))
        assert many.objective <= one.objective * (1 + 1e-9)
        assert 1 <= many.starts_agreeing <= 30
        assert many.converged
        several += many.n_optima > 1
    assert several > 0


@pytest.mark.parametrize("method", SEARCHED)
def test_a_given_start_is_the_only_one(attitude, run, method):
    """Warm starts end where all others do, in a step or two."""
    cold = run(attitude, 2, method)
    warm = run(attitude, 2, method, start=cold.uniquenesses)
    np.testing.assert_allclose(warm.loadings, cold.loadings, atol=1e-8)
    assert (warm.n_starts, warm.n_optima, warm.starts_agreeing) == (1, 1, 1)
    assert warm.iterations <= 3


def test_a_heywood_case_is_flagged(run):
    """Correlations of .6 .6 .2 would need a communality of 1.8 in the first item."""
    matrix = np.array([[1.0, 0.6, 0.6], [0.6, 1.0, 0.2], [0.6, 0.2, 1.0]])
    for method in FACTORED:
        found = run(matrix, 1, method)
        assert found.heywood.tolist() == [True, False, False]
        assert found.converged
    assert run(matrix, 1, "ml").uniquenesses[0] == 0.005
    assert run(matrix, 1, "principal_axis").uniquenesses[0] == pytest.approx(-0.8)


@pytest.mark.parametrize("method", FACTORED)
def test_items_that_share_nothing_have_no_factor(run, method):
    """The identity, and the identity but for rounding, give loadings of zero."""
    found = run(np.eye(6), 2, method)
    np.testing.assert_array_equal(found.loadings, 0.0)
    np.testing.assert_array_equal(found.uniquenesses, 1.0)
    assert found.converged
    assert not found.heywood.any()


@pytest.mark.parametrize("method", FACTORED)
@pytest.mark.parametrize("n_factors", [1, 2])
def test_nearly_repeated_items_do_not_stop_anything(run, method, n_factors):
    """A smallest eigenvalue near 1e-8: an item is the sum of two others but for a trace."""
    generator = np.random.default_rng(4)
    loadings = generator.normal(size=(8, 2))
    ratings = generator.normal(size=(200, 2)) @ loadings.T + generator.normal(size=(200, 8))
    ratings[:, 7] = ratings[:, 0] + ratings[:, 1] + 2e-4 * generator.normal(size=200)
    matrix = np.corrcoef(ratings, rowvar=False)
    assert 1e-9 < np.linalg.eigvalsh(matrix)[0] < 1e-7
    found = run(matrix, n_factors, method)
    assert found.converged
    assert np.isfinite(found.loadings).all()


def test_too_many_factors_have_one_start(run):
    """Two items and one factor: many fits are perfect, and psych's start decides which."""
    found = run(np.array([[1.0, 0.5], [0.5, 1.0]]), 1, "minres")
    np.testing.assert_allclose(found.loadings[:, 0], np.sqrt([0.5, 0.5]), atol=1e-9)
    assert found.n_starts == 1


def test_factors_must_be_fewer_than_items(run):
    """As many components as items there may be, but not as many factors; and never none."""
    assert run(np.eye(3), 3, "principal").loadings.shape == (3, 3)
    with pytest.raises(ValueError, match="between 1 and 2 for 3 items and method='minres'.*3"):
        run(np.eye(3), 3, "minres")
    with pytest.raises(ValueError, match="between 1 and 3 for 3 items and method='principal'"):
        run(np.eye(3), 4, "principal")
    with pytest.raises(ValueError, match="found 0"):
        run(np.eye(3), 0, "principal_axis")


def test_likelihood_needs_degrees_of_freedom(ability, run):
    """As in R's factanal, four factors of six items are refused, three are not."""
    assert run(ability, 3, "ml").objective < 1e-2
    with pytest.raises(ValueError, match="at most 3 for 6 items .* found 4, with -3 degrees"):
        run(ability, 4, "ml")


def test_unknown_methods_are_refused(run):
    """The sentence names the four that there are."""
    with pytest.raises(ValueError, match="minres, ml, principal_axis, principal; found 'paf'"):
        run(np.eye(3), 1, "paf")


@given(n_items=st.integers(1, 2000))
@settings(max_examples=30)
def test_one_factor_more_than_the_most_has_too_few_degrees_of_freedom(n_items):
    """Ledermann's bound is the largest number whose degrees of freedom are not negative."""
    most = most_factors(n_items)
    assert degrees_of_freedom(n_items, most) >= 0
    assert degrees_of_freedom(n_items, most + 1) < 0
