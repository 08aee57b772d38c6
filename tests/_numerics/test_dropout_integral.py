"""Integrals over leaving against closed forms, where there are any."""

import numpy as np
import pytest

from custvalue._numerics.dropout_integral import (
    Silence,
    chart_of,
    density,
    nodes_of,
    share_of_leaving,
    silence_probability,
    survival_integral,
)
from custvalue._numerics.dropout_lifetimes import GompertzLifetime, ParetoLifetime

# 13 digits are what the number of nodes is chosen for.
RTOL = 1e-12
SPANS = np.array([0.0, 1e-12, 0.1, 7.0, 1000.0])


def test_equal_scales_have_a_closed_form():
    """With pole = beta everything is a power: left is s / (shape + s) of what is not there."""
    for shape, s in [(0.01, 0.01), (0.55, 0.6), (10_000.5, 0.6), (3.0, 1000.0)]:
        stay, left = silence_probability(Silence(shape, 11.7, ParetoLifetime(s, 11.7), SPANS))
        decay = (shape + s) * np.log1p(SPANS / 11.7)
        np.testing.assert_allclose(stay, np.exp(-decay), rtol=RTOL, atol=1e-300)
        np.testing.assert_allclose(left, -np.expm1(-decay) * s / (shape + s), rtol=RTOL)


@pytest.mark.parametrize("lifetime", [ParetoLifetime(0.6, 11.7), GompertzLifetime(0.05, 0.8, 40.0)])
def test_a_span_is_its_parts(lifetime):
    """Left within t + u: left within t, or there at t and left within u."""
    t, u = np.array([1e-3, 5.0, 40.0]), np.array([10.0, 0.2, 300.0])
    stay, left = silence_probability(Silence(2.5, 3.0, lifetime, t))
    later_stay, later_left = silence_probability(Silence(2.5, 3.0 + t, lifetime.after(t), u))
    whole_stay, whole_left = silence_probability(Silence(2.5, 3.0, lifetime, t + u))
    np.testing.assert_allclose(stay * later_stay, whole_stay, rtol=RTOL)
    np.testing.assert_allclose(left + stay * later_left, whole_left, rtol=RTOL)


def test_for_ever_everybody_leaves_or_buys():
    """Over an endless span the probability of silence is that of leaving first."""
    endless = np.array([np.inf, np.inf])
    for shape, s in [(0.01, 0.01), (0.55, 0.6), (300.0, 2.0)]:
        stay, left = silence_probability(Silence(shape, 5.0, ParetoLifetime(s, 5.0), endless))
        np.testing.assert_array_equal(stay, 0.0)
        np.testing.assert_allclose(left, s / (shape + s), rtol=RTOL)
    # shape = 1e-12: nobody buys, all leave.
    _, left = silence_probability(Silence(1e-12, 5.0, GompertzLifetime(0.1, 0.5, 30.0), endless))
    np.testing.assert_allclose(left, 1.0, rtol=1e-9)


def test_discounted_exponential_lives_have_a_closed_form():
    """Gompertz with beta = 1 is exponential with rate s b, whatever the horizon and the rate."""
    lifetime, rate = GompertzLifetime(0.05, 0.8, 1.0), np.array([0.0, 1e-4, 0.3, 1e-4, 5.0])
    horizon = np.array([52.0, 1e6, 1e-6, np.inf, np.inf])
    total = rate + 0.04
    expected = -np.expm1(-total * horizon) / total
    np.testing.assert_allclose(survival_integral(lifetime, horizon, rate), expected, rtol=RTOL)


def test_pareto_lives_without_discount_have_a_closed_form():
    """With s = 3 the integral of S is beta / 2 (1 - (1 + u / beta)^-2); rate 1e-300 is none."""
    horizon = np.array([0.0, 1e-6, 1.0, 1e3, 1e6])
    found = survival_integral(ParetoLifetime(3.0, 11.7), horizon, 1e-300)
    expected = -np.expm1(-2 * np.log1p(horizon / 11.7)) * 11.7 / 2
    np.testing.assert_allclose(found, expected, rtol=RTOL)


def test_nodes_carry_all_the_probability():
    """What is attributed to the nodes adds up to the probability of having left."""
    silence = Silence(1.55, 20.0, ParetoLifetime(0.6, 11.7), np.array([30.0]))
    charted = chart_of(silence)
    u, left = density(charted, int(nodes_of(charted)[0]))
    assert ((u > 0) & (u < 30)).all()
    assert left.sum() == pytest.approx(silence_probability(silence)[1][0], rel=1e-14)


def test_charts_end_where_nothing_is_left():
    """Of a heavy buyer's long silence only the first days matter."""
    silence = Silence(10_000.0, 50.0, ParetoLifetime(0.6, 11.7), np.array([1e3, 1e-2]))
    end = chart_of(silence).end
    assert end[0] < 1.0
    assert end[1] == 1e-2


def test_the_share_of_leaving_is_that_of_the_hazards():
    """s / (beta + u) against shape / (pole + u)."""
    silence = Silence(2.0, 8.0, ParetoLifetime(3.0, 10.0), np.array([np.inf]))
    assert share_of_leaving(silence, np.array([2.0]))[0] == pytest.approx(0.25 / (0.25 + 0.2))
