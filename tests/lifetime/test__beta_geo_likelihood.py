"""Gradient and Hessian of the beta-geometric likelihoods, by row."""

import numpy as np
import pytest

from custvalue.lifetime import _beta_geo_nbd, _modified_beta_geo_nbd
from custvalue.lifetime._beta_geo_cnbd import regular_law
from custvalue.lifetime._beta_geo_likelihood import BetaGeoLikelihood

PARAMETERS = np.array([0.5, 6.0, 0.9, 1.6])


def histories(n_rows=60):
    """Return x, t_x, T of all kinds, in no order."""
    generator = np.random.default_rng(7)
    x = generator.choice([0.0, 1, 2, 5, 20, 300], n_rows)
    T = 10 ** generator.uniform(-1, 3, n_rows)
    return x, np.where(x > 0, T * generator.choice([0.01, 0.5, 1.0], n_rows), 0.0), T


@pytest.mark.parametrize("chances", [0, 1])
@pytest.mark.parametrize("k", [1, 2, 12])
def test_hessian_agrees_with_differences_of_the_gradient(k, chances):
    """Central differences with a step of 1e-5 agree to 1e-7 of the largest entry of a row."""
    rows, law = histories(), regular_law(k, chances)
    _, _, hessian = law(*PARAMETERS)._by_row(*rows, 2)
    for i, step in enumerate(1e-5 * PARAMETERS):
        shift = step * np.eye(4)[i]
        up, down = (law(*(PARAMETERS + s))._by_row(*rows, 1)[1] for s in (shift, -shift))
        slope = (up - down) / (2 * step)
        scale = np.abs(slope).max(axis=1, keepdims=True)
        # Rounding of the gradient, over the step, is 1e-9.
        assert (np.abs(hessian[:, i] - slope) <= 1e-7 * scale + 1e-9).all()


@pytest.mark.parametrize("chances", [0, 1])
@pytest.mark.parametrize("k", [1, 3])
def test_gradient_agrees_with_differences(k, chances):
    """Central differences with a step of 1e-5 agree to 1e-7."""
    rows, law = histories(), regular_law(k, chances)
    _, gradient, _ = law(*PARAMETERS)._by_row(*rows, 1)
    for i, step in enumerate(1e-5 * PARAMETERS):
        shift = step * np.eye(4)[i]
        up, down = (law(*(PARAMETERS + s))._values(*rows) for s in (shift, -shift))
        np.testing.assert_allclose(gradient[:, i], (up - down) / (2 * step), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("module", [_beta_geo_nbd, _modified_beta_geo_nbd])
@pytest.mark.parametrize("k", [1, 3])
def test_arrays_of_parameters_are_the_numbers_row_by_row(module, k):
    """Numbers, arrays and any mixture of them give the same digits."""
    rows = histories()
    for arrays in ([0], [1], [2, 3], [0, 1, 2, 3]):
        mixed = [np.full(60, v) if i in arrays else v for i, v in enumerate(PARAMETERS)]
        for of_mixed, of_numbers in zip(
            module.law_for(k)(*mixed)._by_row(*rows, 2),
            module.law_for(k)(*PARAMETERS)._by_row(*rows, 2),
            strict=True,
        ):
            np.testing.assert_allclose(of_mixed, of_numbers, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("module", [_beta_geo_nbd, _modified_beta_geo_nbd])
def test_nobody_who_surely_left_depends_on_the_time_since(module):
    """With the last purchase far ago the slope is that of an observation until then, exactly."""
    law = module.law_for(1)(900.0, 0.01, 5.0, 2.0)
    x, t_x = np.array([3.0]), np.array([1e-4])
    _, gradient = law.log_likelihood_with_gradient(x, t_x, np.array([900.0]))
    _, until_then = law.log_likelihood_with_gradient(x, t_x, np.array([901.0]))
    np.testing.assert_allclose(gradient, until_then, rtol=1e-13)


def test_starts_and_units_follow_the_data():
    """Alpha is as large as times are, and the mean rate of stages is that of the data."""
    x, _, T = histories()
    weights = np.ones(60)
    units = BetaGeoLikelihood._units(T, weights)
    np.testing.assert_allclose(units, [1, T.mean(), 1, 1])
    starts = BetaGeoLikelihood._starts(x, T, weights)
    np.testing.assert_allclose(starts[:, 0] / starts[:, 1], x.sum() / T.sum())


@pytest.mark.parametrize("k", [1, 2, 12])
@pytest.mark.parametrize("chances", [0, 1])
def test_every_parameter_of_the_search_gives_numbers(k, chances):
    """Between 1e-6 and 1e6 of the units nothing is infinite or not a number, and no warning."""
    rows = histories()
    generator = np.random.default_rng(1)
    for parameters in 10 ** generator.choice([-6.0, 0.0, 6.0], (60, 4)):
        for values in regular_law(k, chances)(*parameters)._by_row(*rows, 2):
            assert np.isfinite(values).all()
