from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.service._service_level_optimizer_curves import Curve
from custvalue.service._service_level_optimizer_profit import (
    Profit,
    elasticities,
    find_optimum,
    optimum_interval,
)


def power(a: float, b: float) -> Curve:
    """Return a power curve."""
    return Curve("power", np.array([a, b]))


def quadratic(a: float, b: float, c: float) -> Curve:
    """Return a quadratic curve."""
    return Curve("quadratic", np.array([a, b, c]))


BALLOU = Profit(power(0.5, 0.5), power(0.00055, 2.0), 0, 100)
TWO_HILLS = Profit(
    Curve("function", np.empty(0), lambda s: np.exp(-50 * (s - 0.2) ** 2) + s),
    Curve("function", np.empty(0), lambda s: 2 * (s > 0.7) * (s - 0.7)),
    0,
    1,
)


def test_the_textbook_optimum():
    """R = .5 sqrt(SL), C = .00055 SL^2: SL* = (.25 / .0011)^(2/3) = 37.2419 (Ballou)."""
    optimum = find_optimum(BALLOU)
    assert optimum.level == pytest.approx((0.25 / 0.0011) ** (2 / 3), rel=1e-9)
    assert round(optimum.level, 4) == 37.2419
    assert (optimum.place, optimum.concave, len(optimum.maxima)) == ("inside", True, 1)


@settings(max_examples=30)
@given(st.floats(0.2, 5), st.floats(0.1, 0.9), st.floats(0.2, 5), st.floats(1.1, 4))
def test_power_curves_have_a_closed_form(a, b, c, d):
    """The optimum is (a b / (c d))^(1 / (d - b)), or the upper end if that is beyond it."""
    optimum = find_optimum(Profit(power(a, b), power(c, d), 0, 1))
    assert optimum.level == pytest.approx(min(1.0, (a * b / (c * d)) ** (1 / (d - b))), rel=1e-6)


@pytest.mark.parametrize(
    ("revenue", "cost", "place"),
    [
        (power(1, 1), power(0.5, 1), "upper end"),
        (power(0.5, 1), power(1, 1), "lower end"),
        (power(1, 0), power(1, 0), "lower end"),
    ],
)
def test_corners_are_named(revenue, cost, place):
    """Where profit only rises or only falls an end is best; where it is level, the low end."""
    optimum = find_optimum(Profit(revenue, cost, 0.1, 0.9))
    assert optimum.place == place
    assert optimum.level == {"upper end": 0.9, "lower end": 0.1}[place]


def test_a_flat_profit_is_known():
    """Revenue and cost that move together leave a profit that is the same, but for rounding."""
    both = power(1e6 / 3, 0.5)
    optimum = find_optimum(Profit(both, power(1e6 / 3 * (1 + 1e-15), 0.5), 0, 1))
    assert (optimum.flat, optimum.level, len(optimum.maxima)) == (True, 0, 1)
    assert not find_optimum(BALLOU).flat


def test_all_local_maxima_are_found():
    """A profit with two hills has both, and the higher is the optimum."""
    optimum = find_optimum(TWO_HILLS)
    assert len(optimum.maxima) == 2
    assert not optimum.concave
    assert optimum.maxima[1] == pytest.approx(0.7, abs=1e-3)
    assert optimum.level == optimum.maxima[0]
    ends = find_optimum(Profit(quadratic(0, -1, 1), power(0, 1), 0, 1))
    assert ends.maxima.tolist() == [0.0, 1.0]


def test_a_cost_without_end_is_no_obstacle():
    """A cost that is infinite at full service leaves the optimum inside; NaN is refused."""
    with np.errstate(divide="ignore"):
        cost = Curve("function", np.empty(0), lambda s: 0.01 / (1 - np.minimum(s, 1.0)))
        optimum = find_optimum(Profit(power(1, 1), cost, 0, 1))
    assert optimum.level == pytest.approx(0.9, abs=1e-6)
    bad = Curve("function", np.empty(0), lambda s: np.where(s > 0.5, np.nan, s))
    with pytest.raises(ValueError, match=r"finite profit .* found nan at 0\.5005"):
        find_optimum(Profit(bad, power(1, 1), 0, 1))


def test_elasticities_are_those_of_the_closed_form():
    """1 / (d - b) by a, minus that by c, and difference quotients by b and d."""
    found = elasticities(BALLOU, find_optimum(BALLOU))
    by = dict(zip(found.inputs, found.level, strict=True))
    # the curvature is a difference quotient
    assert by["revenue"] == by["revenue a"] == pytest.approx(2 / 3, rel=1e-6)
    assert by["cost"] == by["cost a"] == pytest.approx(-2 / 3, rel=1e-6)
    levels = [
        find_optimum(Profit(power(0.5, 0.5 * up), BALLOU.cost, 0, 100)).level
        for up in (1.0001, 0.9999)
    ]
    quotient = (levels[0] - levels[1]) / 37.2419 / 0.0002
    assert by["revenue b"] == pytest.approx(quotient, rel=1e-4)
    gained = dict(zip(found.inputs, found.profit, strict=True))
    assert gained["revenue"] + gained["cost"] == pytest.approx(1.0, rel=1e-12)


def test_a_corner_does_not_move():
    """The elasticity of an optimum at the end of the range is 0, that of its profit is not."""
    profit = Profit(power(1, 1), power(0.5, 1), 0, 1)
    found = elasticities(profit, find_optimum(profit))
    assert (found.level == 0).all()
    assert found.profit[0] == pytest.approx(2.0)


def test_the_interval_is_fieller_s_for_quadratics():
    """The ends solve (b + 2 c s)^2 = t^2 var(b + 2 c s), here in closed form."""
    profit = Profit(quadratic(0, 1, -1), quadratic(0, 0, 0), 0, 1)
    V = np.zeros((6, 6))
    V[1, 1], V[2, 2] = 0.01**2, 0.03**2
    optimum = find_optimum(profit)
    found = optimum_interval(profit, optimum, V, 30, 0.95)
    t = 2.0422724563  # 97.5 % of Student's t with 30 degrees of freedom, printed tables: 2.042
    # (1 - 2 s)^2 = t^2 (v1 + 4 s^2 v2)
    ends = np.sort(np.roots([4 - 4 * t**2 * V[2, 2], -4, 1 - t**2 * V[1, 1]]))
    # crossings are interpolated between levels 0.0005 apart
    assert found == pytest.approx(ends, abs=1e-5)


def test_the_interval_reaches_to_the_range_where_data_do_not_tell():
    """A huge variance leaves all levels; none is a point, and a missing one is NaN."""
    optimum = find_optimum(BALLOU)
    wide = optimum_interval(BALLOU, optimum, np.eye(4) * 100.0, 30, 0.95)
    assert wide.tolist() == [0, 100]
    point = optimum_interval(BALLOU, optimum, np.zeros((4, 4)), 30, 0.95)
    assert point.tolist() == [optimum.level] * 2
    assert np.isnan(optimum_interval(BALLOU, optimum, np.full((4, 4), np.nan), 30, 0.95)).all()
    assert np.isnan(optimum_interval(BALLOU, optimum, np.eye(4), 0, 0.95)).all()
