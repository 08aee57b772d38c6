"""Newton steps within bounds, from many starts, and past saddles."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.factors._extraction.descent import (
    GRADIENT_TOLERANCE,
    descend,
    free_items,
    least_curvature,
)
from custvalue.factors._extraction.maximum_likelihood import MaximumLikelihood
from custvalue.factors._extraction.minres import Minres

# The symmetric point of the correlations 0.4^|i - j|, at which R's factanal stops.
SYMMETRIC = [0.8392472054, 0.5820958187, 0.5820958187, 0.8392472054]


@pytest.mark.parametrize("kind", [MaximumLikelihood, Minres])
def test_every_end_is_a_minimum(kind, harman):
    """The slope is below 1e-9 and all directions curve upwards."""
    problem = kind(harman, 5)
    starts = problem.theta(np.random.default_rng(0).uniform(0.05, 0.95, size=(12, 24)))
    ends = descend(problem, starts)
    here = problem.landscape(ends.theta)
    free = free_items(here.theta, here.gradient, problem.bounds)
    assert ends.converged.all()
    assert np.abs(np.where(free, here.gradient, 0.0)).max() <= GRADIENT_TOLERANCE
    assert least_curvature(here, problem.bounds)[0].min() > 0
    np.testing.assert_allclose(here.value, ends.value, rtol=1e-12)


def test_starts_do_not_touch_each_other(harman):
    """A start ends where it ends alone, after as many steps, and is left as it was."""
    problem = Minres(harman, 5)
    starts = problem.theta(np.random.default_rng(0).uniform(0.05, 0.95, size=(6, 24)))
    before = starts.copy()
    together = descend(problem, starts)
    np.testing.assert_array_equal(starts, before)
    for i in range(6):
        alone = descend(problem, starts[i : i + 1])
        np.testing.assert_allclose(together.theta[i], alone.theta[0], atol=1e-9)


def test_the_value_never_rises(harman):
    """Each start ends lower than it began, but for rounding."""
    problem = MaximumLikelihood(harman, 5)
    starts = problem.theta(np.random.default_rng(1).uniform(0.05, 0.95, size=(10, 24)))
    ends = descend(problem, starts)
    assert (ends.value <= problem.landscape(starts).value[ends.origins]).all()


def test_a_saddle_is_left_on_both_sides(autoregressive):
    """The symmetric point ends at two mirror images that are lower than it."""
    problem = MaximumLikelihood(autoregressive(4), 1)
    saddle = problem.theta(np.array([SYMMETRIC]))
    # statsmodels' test_ml_factor.py::test_1factor: R's answer is not the most likely one.
    assert problem.landscape(saddle).value[0] == pytest.approx(0.126683692, abs=1e-9)
    ends = descend(problem, saddle)
    np.testing.assert_allclose(ends.value, 0.126681634, atol=1e-9)
    assert ends.origins.tolist() == [0, 0]
    np.testing.assert_allclose(ends.theta[0], ends.theta[1][::-1], atol=1e-8)
    assert np.abs(ends.theta[0] - ends.theta[1]).max() > 0.02


def test_the_curvature_of_a_saddle_is_negative(autoregressive):
    """Its direction moves the two halves apart, and has a largest entry of one."""
    problem = MaximumLikelihood(autoregressive(4), 1)
    here = problem.landscape(problem.theta(np.array([SYMMETRIC])))
    curvature, direction = least_curvature(here, problem.bounds)
    assert curvature[0] < -1e-4
    np.testing.assert_allclose(direction[0], -direction[0][::-1], atol=1e-6)
    assert np.abs(direction).max() == pytest.approx(1.0)


def test_items_pushed_against_a_bound_are_held():
    """The slope at a bound decides: inwards is free."""
    theta = np.array([0.0, 0.0, 0.5, 1.0, 1.0])
    slope = np.array([1.0, -1.0, 1.0, 1.0, -1.0])
    found = free_items(theta, slope, (0.0, 1.0))
    assert found.tolist() == [False, True, True, True, False]


def test_a_start_at_the_bounds_finds_its_way(ability):
    """From all lowest, all highest, and mixed corners, the one minimum is reached."""
    problem = Minres(ability, 1)
    corners = np.array([[0.005] * 6, [1.0] * 6, [0.005, 1.0] * 3])
    ends = descend(problem, corners)
    assert ends.converged.all()
    np.testing.assert_allclose(ends.value, ends.value[0], rtol=1e-9)
