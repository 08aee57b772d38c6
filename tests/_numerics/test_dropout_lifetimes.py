"""Pareto and Gompertz lifetimes: what w, its inverse, its derivatives and its charts must do."""

import numpy as np
import pytest

from custvalue._numerics.dropout_lifetimes import GompertzLifetime, ParetoLifetime

LIFETIMES = [
    ParetoLifetime(0.6, 11.7),
    GompertzLifetime(0.05, 0.8, 0.2),
    GompertzLifetime(0.05, 0.8, 1.0),
    GompertzLifetime(0.05, 0.8, 40.0),
]
U = np.array([1e-9, 1e-3, 0.5, 7.0, 52.0, 300.0])
each_lifetime = pytest.mark.parametrize("lifetime", LIFETIMES)


def log_of(lifetime, y, left):
    """Return log S(y), or the log-density at y."""
    log_survival = -lifetime.s * lifetime.cumulative(y)
    return log_survival + left * np.log(lifetime.s * lifetime.rate(y))


def shifted(lifetime, i, step):
    """Return the lifetime with one of its parameters moved by a factor of 1 + step."""
    values = [getattr(lifetime, name) for name in lifetime.names]
    values[i] *= 1 + step
    return type(lifetime)(*values)


@each_lifetime
def test_the_inverse_undoes_the_cumulative_rate(lifetime):
    """The time at which w has the value w(u) is u."""
    np.testing.assert_allclose(lifetime.inverse(lifetime.cumulative(U)), U, rtol=1e-12)


@each_lifetime
def test_the_lifetime_to_come_is_of_the_same_family(lifetime):
    """S(t + u) = S(t) times the survival by u of those who are there at t."""
    t = np.array([[0.0], [1e-6], [3.0], [90.0]])
    both = lifetime.cumulative(t) + lifetime.after(t).cumulative(U)
    np.testing.assert_allclose(both, lifetime.cumulative(t + U), rtol=1e-13)


@each_lifetime
def test_the_rate_is_the_derivative_and_rises_no_more_than_said(lifetime):
    """Central differences agree to their own error."""
    step = 1e-5 * U
    slope = (lifetime.cumulative(U + step) - lifetime.cumulative(U - step)) / (2 * step)
    np.testing.assert_allclose(lifetime.rate(U), slope, rtol=1e-9)
    rise = np.log(lifetime.rate(U) / lifetime.rate(0.0))
    assert (rise <= lifetime.log_steepening() + 1e-15).all()


@each_lifetime
@pytest.mark.parametrize("left", [0.0, 1.0])
def test_scores_and_curvatures_are_derivatives(lifetime, left):
    """Of log S and of the log-density, in every parameter, against central differences."""
    y, step = U[2:], 1e-5
    curvatures = {(i, j): value for i, j, value in lifetime.curvatures(y, left)}
    for i, name in enumerate(lifetime.names):
        up, down = shifted(lifetime, i, step), shifted(lifetime, i, -step)
        width = 2 * step * getattr(lifetime, name)
        slope = (log_of(up, y, left) - log_of(down, y, left)) / width
        np.testing.assert_allclose(lifetime.scores(y, left)[i], slope, rtol=1e-7, atol=1e-9)
        for j in range(i + 1):
            bend = (up.scores(y, left)[j] - down.scores(y, left)[j]) / width
            found = np.broadcast_to(curvatures[j, i], y.shape)
            # Differences of scores of size 1 / b have an error of that size.
            np.testing.assert_allclose(found, bend, rtol=1e-7, atol=1e-9 * np.abs(bend).max())


@each_lifetime
@pytest.mark.parametrize("pole", [1e-2, 11.7, 1e4, np.inf])
def test_a_chart_runs_from_zero_to_the_end(lifetime, pole):
    """Its points start at 0 and end at the end, and carry u, w and their slopes."""
    end = np.array([1e-8, 0.3, 300.0])
    chart = lifetime.chart(pole, end)
    v = np.array([[0.0], [0.499], [0.5], [0.501], [1.0]]) * chart.length
    points = lifetime.points(v, chart.scale)
    np.testing.assert_array_equal(points.u[0], 0.0)
    np.testing.assert_allclose(points.u[-1], end, rtol=1e-9)
    np.testing.assert_allclose(points.w, lifetime.cumulative(points.u), rtol=1e-12)
    for values, slopes in [(points.u, points.du), (points.w, points.dw)]:
        found = (values[3] - values[1]) / (v[3] - v[1])
        np.testing.assert_allclose(slopes[2], found, rtol=1e-4)


def test_points_of_falling_and_of_rising_rates_mix():
    """Rows of one array may have beta on both sides of 1; each gets what it gets alone."""
    beta = np.array([0.2, 1.0, 40.0])
    mixed = GompertzLifetime(0.05, 0.8, beta)
    end = np.full(3, 52.0)
    chart = mixed.chart(10.0, end)
    together = mixed.points(0.5 * chart.length[None, :], chart.scale)
    for i in range(3):
        alone = GompertzLifetime(0.05, 0.8, beta[i : i + 1])
        one = alone.chart(10.0, end[:1])
        points = alone.points(0.5 * one.length[None, :], one.scale)
        for name in ("u", "w", "du", "dw"):
            assert getattr(together, name)[0, i] == pytest.approx(getattr(points, name)[0, 0])


def test_long_gompertz_lives_do_not_overflow():
    """At b t = 1e6, w is b t - log(beta), to the last digit."""
    for beta in (1e-6, 1.0, 1e6):
        lifetime = GompertzLifetime(1000.0, 1.0, beta)
        assert lifetime.cumulative(1000.0) == pytest.approx(1e6 - np.log(beta), rel=1e-15)
        assert lifetime.inverse(1e6 - np.log(beta)) == pytest.approx(1000.0, rel=1e-15)
        assert lifetime.after(1000.0).beta == 1.0


def test_gompertz_becomes_pareto():
    """With b and beta both going to 0, it is Pareto with beta / b."""
    b = 1e-11
    gompertz, pareto = GompertzLifetime(b, 0.6, 11.7 * b), ParetoLifetime(0.6, 11.7)
    np.testing.assert_allclose(gompertz.cumulative(U), pareto.cumulative(U), rtol=1e-8)
    np.testing.assert_allclose(gompertz.rate(U), pareto.rate(U), rtol=1e-8)


def test_little_of_the_mean_lies_beyond_reach():
    """Pareto: (1 + u / beta)^(1 - s) of it; for s <= 1 mean and reach are infinite."""
    u = ParetoLifetime(3.0, 11.7).reach(5.0)
    assert (1 + u / 11.7) ** -2 == pytest.approx(np.exp(-5))
    assert np.isinf(ParetoLifetime(1.0, 11.7).reach(5.0))
    lifetime = GompertzLifetime(0.05, 0.8, 0.2)
    survival = np.exp(-0.8 * lifetime.cumulative(lifetime.reach(5.0)))
    # The mean to come is at most 1 / (s b), the mean itself at least beta of that.
    assert survival == pytest.approx(0.2 * np.exp(-5))
