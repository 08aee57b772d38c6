from __future__ import annotations

import numpy as np
import pytest

from custvalue.service._service_level_optimizer_curves import Curve, fit_curve, joint_covariance

CURVES = [
    Curve("power", np.array([0.5, 0.5])),
    Curve("power", np.array([0.00055, 2.0])),
    Curve("quadratic", np.array([3.0, -0.2, 0.01])),
    Curve("logistic", np.array([40.0, 0.12, 45.0])),
]
LEVELS = np.linspace(5, 95, 40)


@pytest.mark.parametrize("curve", CURVES)
def test_derivatives_are_difference_quotients(curve):
    """Slope, curvature and both gradients agree with central differences."""
    h = 1e-4
    up, down = LEVELS + h, LEVELS - h
    slope = (curve.value(up) - curve.value(down)) / (2 * h)
    assert curve.slope(LEVELS) == pytest.approx(slope, rel=1e-5, abs=1e-9)
    bend = (curve.slope(up) - curve.slope(down)) / (2 * h)
    assert curve.curvature(LEVELS) == pytest.approx(bend, rel=1e-4, abs=1e-8)
    for i, number in enumerate(curve.theta):
        step = 1e-6 * abs(number)
        moved = [
            Curve(curve.shape, curve.theta + sign * step * np.eye(len(curve.theta))[i])
            for sign in (1, -1)
        ]
        by_value = (moved[0].value(LEVELS) - moved[1].value(LEVELS)) / (2 * step)
        by_slope = (moved[0].slope(LEVELS) - moved[1].slope(LEVELS)) / (2 * step)
        size = 1e-7 * np.abs(by_value).max()
        assert curve.gradient(LEVELS)[:, i] == pytest.approx(by_value, rel=1e-6, abs=size)
        size = 1e-7 * np.abs(by_slope).max()
        assert curve.slope_gradient(LEVELS)[:, i] == pytest.approx(by_slope, rel=1e-6, abs=size)


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_without_noise_is_found_again(curve):
    """Least squares ends at the coefficients that made the data."""
    found = fit_curve(curve.shape, LEVELS, curve.value(LEVELS))
    assert found.theta == pytest.approx(curve.theta, rel=1e-6)


def test_a_power_below_zero_is_zero():
    """Money that falls with the level is a constant, its mean."""
    found = fit_curve("power", LEVELS, 100 - LEVELS)
    assert found.theta.tolist() == [pytest.approx(50.0), 0.0]


def test_a_level_of_zero_does_no_harm():
    """A row at 0 has money 0 in a power curve, and finite slopes."""
    s = np.append(0.0, LEVELS)
    found = fit_curve("power", s, 2 * s**0.7)
    assert found.theta == pytest.approx([2, 0.7], rel=1e-6)
    assert np.isfinite(found.gradient(s)).all()


def test_falling_money_at_level_zero_is_a_constant():
    """No power below 0 is tried where it would be infinite."""
    found = fit_curve("power", np.array([0.0, 0.0, 0.0, 0.5]), np.array([5.0, 6.0, 6.5, 4.8]))
    assert found.theta.tolist() == [pytest.approx(5.575), 0.0]


def test_a_function_is_a_curve_too():
    """Its slope is a difference quotient, and it has no coefficients."""
    curve = Curve("function", np.empty(0), lambda s: s**2)
    assert curve.slope(LEVELS) == pytest.approx(2 * LEVELS, rel=1e-6)
    assert curve.curvature(LEVELS) == pytest.approx(np.full(40, 2.0), rel=1e-3)
    assert curve.gradient(LEVELS).shape == curve.slope_gradient(LEVELS).shape == (40, 0)


def test_changes_multiply_move_and_add():
    """A curve moved by 10 costs at 40 what it did at 30; below the move it is that of level 0."""
    moved = CURVES[1].changed(factor=2, shift=10, fixed=1)
    assert moved.value(np.array([40.0])) == 2 * CURVES[1].value(np.array([30.0])) + 1
    assert moved.value(np.array([5.0])) == 1


def test_covariance_is_that_of_repeated_samples():
    """The sandwich has the variances and the covariance of 400 fits to data of unequal spread."""
    rng = np.random.default_rng(3)
    truth = (CURVES[2], Curve("quadratic", np.array([1.0, 0.1, 0.0])))
    levels = np.tile(LEVELS, 5)
    found, stated = [], []
    for _ in range(400):
        noise = rng.standard_normal(200) * levels / 50
        values = tuple(curve.value(levels) + noise for curve in truth)
        pair = tuple(fit_curve("quadratic", levels, y) for y in values)
        found.append(np.concatenate([curve.theta for curve in pair]))
        stated.append(joint_covariance(levels, pair, values))
    seen, said = np.cov(np.array(found).T), np.mean(stated, axis=0)
    # the error of a variance from 400 samples is 7 %; HC3 states a little too much
    assert np.diag(said) == pytest.approx(np.diag(seen), rel=0.25)
    assert said[1, 4] == pytest.approx(seen[1, 4], rel=0.25)


@pytest.mark.parametrize("shape", ["power", "quadratic", "logistic"])
@pytest.mark.parametrize("unit", [2.0**400, 2.0**-400])
def test_the_unit_of_money_does_not_matter(shape, unit):
    """Money times 2^400 has the same curve and covariance, times 2^400 and 2^800."""
    rng = np.random.default_rng(0)
    y = 40 / (1 + np.exp(-0.1 * (LEVELS - 40))) + rng.standard_normal(40)
    one, other = fit_curve(shape, LEVELS, y), fit_curve(shape, LEVELS, unit * y)
    known = Curve("power", np.array([1.0, 1.0]))
    a, b = (
        joint_covariance(LEVELS, (curve, known), (values, np.empty(0)))
        for curve, values in ((one, y), (other, unit * y))
    )
    assert other.value(LEVELS) / unit == pytest.approx(one.value(LEVELS), rel=1e-9)
    assert b[0, 0] / unit**2 == pytest.approx(a[0, 0], rel=1e-6)


def test_coefficients_that_were_given_have_no_variance():
    """They are zeros in the covariance; too few rows for a fit make it NaN."""
    y = CURVES[0].value(LEVELS) + np.sin(LEVELS)
    fitted = fit_curve("power", LEVELS, y)
    both = joint_covariance(LEVELS, (fitted, CURVES[1]), (y, np.empty(0)))
    assert (both[2:] == 0).all()
    assert (np.diag(both)[:2] > 0).all()
    few = joint_covariance(LEVELS[:2], (fitted, CURVES[1]), (y[:2], np.empty(0)))
    assert np.isnan(few[:2, :2]).all()
