from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import least_squares

from custvalue.service._service_response import fit_response, scaled, stage_names

ENDS, VALUES = [0, 0.25, 0.6, 0.8, 1], [1, 1.1, 4, 4.3, 3.2]


def simulated(n: int, seed: int, noise: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """Return levels and values around four stages, more spread at high levels."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, n)
    return x, np.interp(x, ENDS, VALUES) + noise * (0.5 + x) * rng.standard_normal(n)


def fitted(x, y, *, stages=4, share=0.1, draws=200, seed=0):
    """Return the response with the default settings and a few draws."""
    return fit_response(scaled(x, y), stages, share, 0.95, draws, np.random.default_rng(seed))


def test_change_points_lie_in_their_intervals():
    """Nominal 95 % intervals of two change points hold them in at least 34 of 40 cases."""
    held = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.uniform(0, 1, 200)
        y = np.interp(x, [0, 0.3, 0.7, 1], [0, 0, 3, 3]) + 0.4 * rng.standard_normal(200)
        response = fitted(x, y, stages=3, draws=100, seed=seed)
        ends = response.knot_ends * np.ptp(x) + x.min()
        held += int(((ends[:, 0] <= [0.3, 0.7]) & (ends[:, 1] >= [0.3, 0.7])).sum())
    # binomial: below 34 of 40 has probability 0.003 at 95 %
    assert held >= 34


@pytest.mark.parametrize("noise", [lambda x: 1.0, lambda x: 0.2 + 2 * x])
def test_stages_that_are_not_there_are_rarely_found(noise):
    """Straight lines with noise, equal or not: at nominal 5 %, a second stage in few of 200."""
    false = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x = rng.uniform(0, 1, 60)
        y = 2 * x * (seed % 2) + noise(x) * rng.standard_normal(60)
        false += len(fitted(x, y, stages=2, draws=199, seed=seed).line.knots)
    # more than 12 of 100 have probability 0.002 if the rate is 5 %
    assert false <= 12


def test_the_line_is_the_least_squares_line():
    """A general optimiser, begun at the stages found, finds nothing better."""
    data = scaled(*simulated(300, 3))
    response = fitted(*simulated(300, 3))

    def residual(theta):
        knots, (a, b), d = theta[:3], theta[3:5], theta[5:]
        return data.y - a - b * data.x - np.maximum(data.x[:, None] - knots, 0) @ d

    start = np.concatenate([response.line.knots, response.line.theta])
    best = least_squares(residual, start, xtol=1e-12, ftol=1e-12)
    # knots end on grids with steps of about 1e-6 of the range
    assert response.line.misfit <= 2 * best.cost * (1 + 1e-6)


def test_a_broken_line_without_noise_is_found_exactly():
    """Change points and slopes to rounding of the grid, and no stage more."""
    x = np.linspace(0, 1, 201)
    response = fitted(x, np.interp(x, [0, 0.4, 1], [0, 0, 3]))
    # the grid ends at steps of 1e-6 of the range
    assert response.line.knots == pytest.approx([0.4], abs=1e-5)
    assert response.stopped == "tested"


def test_why_there_are_no_more_stages_is_kept():
    """A test that sees none, the most allowed, or no room."""
    x, y = simulated(500, 1)
    straight = x + 0.1 * np.random.default_rng(2).standard_normal(500)
    assert fitted(x, straight).stopped == "tested"
    assert fitted(x, y, stages=2).stopped == "most"
    levels = np.repeat([1.0, 2.0, 3.0], 20)
    few = fitted(levels, levels + np.random.default_rng(1).standard_normal(60))
    assert (few.stopped, len(few.selection)) == ("room", 1)


def test_slopes_have_the_errors_of_repeated_samples():
    """Intervals of the slope of a straight line of unequal spread hold it in about 95 of 100."""
    held = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = rng.uniform(0, 1, 80)
        y = x + (0.2 + 2 * x) * rng.standard_normal(80)
        data = scaled(x, y)
        ends = fitted(x, y, stages=1, draws=2, seed=seed).slope_ends[0] * data.spread / data.width
        held += ends[0] <= 1 <= ends[1]
    # binomial: fewer than 180 of 200 have probability 0.001 at 95 %
    assert held >= 180


@pytest.mark.parametrize(
    ("slopes", "names"),
    [
        ([0.0], ["flat"]),
        ([1.0], ["rising"]),
        ([-1.0], ["falling"]),
        ([0.0, 1.0], ["low", "rising"]),
        ([0.5, 1.0, 0.4], ["low", "rising", "transition"]),
        ([1.0, 0.0, -1.0], ["rising", "transition", "falling"]),
        ([0.0, -1.0], ["transition", "falling"]),
        ([-1.0, 0.0], ["falling", "flat"]),
        ([-1.0, 1.0], ["falling", "rising"]),
    ],
)
def test_names_follow_the_slopes(slopes, names):
    """The steepest rise is rising, before it low, after it transition, below 0 falling."""
    found = np.array(slopes)
    assert stage_names(found, np.column_stack([found - 0.1, found + 0.1])) == names


def test_a_slope_of_rounding_is_zero():
    """A level stage without noise is low, though its slope is only nearly 0 and looks certain."""
    slopes = np.array([-2e-6, 3.0, 5e-6])
    ends = np.column_stack([slopes - 1e-8, slopes + 1e-8])
    assert stage_names(slopes, ends) == ["low", "rising", "transition"]


@pytest.mark.parametrize("level", [np.linspace(50, 100, 301), "random"])
def test_intervals_without_noise_are_numbers(level):
    """Variances of rounding may be below 0; the square root is not taken of those."""
    if isinstance(level, str):
        level = np.random.default_rng(0).uniform(50, 100, 400)
    value = np.interp(level, [50, 70, 90, 100], [3, 3, 45, 45])
    response = fitted(level, value, draws=100)
    assert np.isfinite(response.slope_ends).all()
    names = stage_names(response.line.slopes, response.slope_ends)
    assert names == ["low", "rising", "transition"]


@pytest.mark.parametrize("seed", [1, 3, 8, 9, 11, 14, 16, 20])
def test_an_exact_low_stage_hides_no_other(seed):
    """Nothing is sold below 62, with noise above: four stages, none lost to errors of rounding."""
    rng = np.random.default_rng(seed)
    level = rng.uniform(50, 100, 400)
    mean = np.interp(level, [50, 62, 80, 92, 100], [0, 0, 30, 32, 20])
    value = np.where(level < 62, 0, mean + rng.normal(0, 2, 400))
    response = fitted(level, value, draws=100)
    assert stage_names(response.line.slopes, response.slope_ends) == [
        "low",
        "rising",
        "transition",
        "falling",
    ]


@pytest.mark.parametrize("unit", [2.0**530, 2.0**-700])
def test_values_of_any_size_have_the_same_stages(unit):
    """Squares that are no numbers do no harm: results times a power of two are the same."""
    x, y = simulated(300, 3)
    one, other = scaled(x, y), scaled(x, unit * y)
    assert other.y.tolist() == one.y.tolist()
    assert [other.mean / unit, other.spread / unit] == [one.mean, one.spread]


def test_values_that_do_not_vary_are_zero():
    """A constant has no spread, whatever rounding says."""
    data = scaled(np.arange(5.0), np.full(5, 0.1))
    assert data.spread == 0
    assert not data.y.any()
