"""Laws of the demand over a lead time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from custvalue._numerics.lead_time_demand import (
    CountDemand,
    EmpiricalDemand,
    GammaDemand,
    NormalDemand,
    _smallest_whole,
    lead_time_moments,
)

MEAN, SD = np.array([20.0, 3.0, 150.0]), np.array([9.0, 2.5, 14.0])
POINTS = np.array([[-1.5, -0.5, -0.5, 0.5, 2.0]])
POINTS = (POINTS - POINTS.mean()) / POINTS.std()
LAWS = {
    "normal": NormalDemand(MEAN, SD),
    "gamma": GammaDemand(MEAN, SD),
    "poisson": CountDemand.from_moments(MEAN, np.sqrt(MEAN)),
    "mixed": CountDemand.from_moments(MEAN, SD),
    "empirical": EmpiricalDemand(MEAN, SD, POINTS),
    "empirical, each its own": EmpiricalDemand(MEAN, SD, np.repeat(POINTS, 3, axis=0)),
}


@pytest.fixture(params=LAWS.values(), ids=LAWS)
def law(request):
    """Return each law in turn."""
    return request.param


def test_the_moments_of_a_lead_time_that_varies():
    """d = 100, s = 20, L = 4, s_L = .5: 400 and sqrt(4 x 400 + 10,000 x .25), by hand."""
    mean, sd = lead_time_moments(*np.array([[100.0], [20.0], [4.0], [0.5]]))
    assert mean[0] == 400.0
    assert sd[0] == pytest.approx(np.sqrt(1600 + 2500), rel=1e-15)


def test_levels_are_those_of_scipy():
    """P(D <= x) of the four laws, scipy's parameters made of mean and variance."""
    stock = np.array([25.0, 4.0, 140.0])
    size = MEAN**2 / (SD**2 - MEAN)
    expected = {
        "normal": stats.norm(MEAN, SD),
        "gamma": stats.gamma((MEAN / SD) ** 2, scale=SD**2 / MEAN),
        "poisson": stats.poisson(MEAN),
        "mixed": stats.nbinom(size, size / (size + MEAN)),
    }
    for name, scipy_law in expected.items():
        found = LAWS[name].cycle_service_level(stock)
        np.testing.assert_allclose(found, scipy_law.cdf(stock), rtol=1e-12)


def test_the_gamma_shortage_is_an_integral():
    """E[max(D - x, 0)] by scipy's quadrature, which is good to 1e-8."""
    law = stats.gamma((20 / 9) ** 2, scale=81 / 20)
    expected = law.expect(lambda d: d - 25, lb=25)
    found = LAWS["gamma"].expected_shortage(np.array([25.0, 4.0, 140.0]))[0]
    assert found == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("level", [0.05, 0.5, 0.9, 0.999])
def test_the_stock_for_a_level_is_the_smallest_that_reaches_it(law, level):
    """It reaches the level; a little less, or a unit less where units are whole, does not."""
    levels = np.full(3, level)
    stock = law.stock_for_level(levels)
    counts = isinstance(law, CountDemand)
    assert (law.cycle_service_level(stock) >= levels - 1e-12).all()
    assert (law.cycle_service_level(stock - (1 if counts else 1e-6 * SD)) < levels).all()
    assert not counts or (stock == np.floor(stock)).all()


@pytest.mark.parametrize("shortage", [0.001, 0.4, 2.9, 170.0])
def test_the_stock_for_a_shortage_is_the_smallest_that_misses_no_more(law, shortage):
    """As for levels; a shortage above the mean needs less than no stock."""
    allowed = np.full(3, shortage)
    stock = law.stock_for_shortage(allowed)
    counts = isinstance(law, CountDemand)
    assert (law.expected_shortage(stock) <= allowed * (1 + 2e-9)).all()
    assert (law.expected_shortage(stock - (1 if counts else 1e-5)) > allowed).all()
    assert shortage < 170 or (stock < 0).all()


@settings(max_examples=25)
@given(mean=st.floats(0.01, 500), ratio=st.floats(0.5, 8), level=st.floats(0.01, 0.9999))
def test_whole_stocks_agree_with_scipy(mean, ratio, level):
    """The smallest whole number is scipy's quantile, found by another search."""
    variance = mean * ratio
    law = CountDemand.from_moments(np.array([mean]), np.array([np.sqrt(variance)]))
    size = law.size[0]
    other = stats.poisson(mean)
    if np.isfinite(size):
        other = stats.nbinom(size, size / (size + mean))
    expected = other.ppf(level)
    found = law.stock_for_level(np.array([level]))[0]
    # Where the level falls on a step to the last digit both neighbours are right.
    near = abs(other.cdf(min(found, expected)) - level) < 1e-12
    assert found == expected or (near and abs(found - expected) == 1)


def test_shortage_is_the_area_above_the_level(law):
    """n(x) falls by the integral of 1 - P(D <= x), whatever the law."""
    grid = np.linspace(0, 40, 40_001)
    first = law._rows(np.array([True, False, False]))
    rows = type(first)(*(np.repeat(part, len(grid), axis=0) for part in _fields(first)))
    missed, covered = rows.expected_shortage(grid), rows.cycle_service_level(grid)
    area = ((1 - covered[:-1]) * np.diff(grid)).sum()
    # The grid is 0.001 wide and the level rises by at most 1: left sums are off by no more.
    assert missed[0] - missed[-1] == pytest.approx(area, abs=1.1e-3)


def _fields(law):
    return [law.mean, law.sd, *(getattr(law, name) for name in _own(type(law)))]


def _own(cls):
    return {CountDemand: ("size",), EmpiricalDemand: ("points",)}.get(cls, ())


def test_demand_that_is_known_needs_its_mean(law):
    """Without spread the mean is enough, less is not, and what is missed is the difference."""
    known = type(law)(np.zeros(3), np.zeros(3), *[getattr(law, name) for name in _own(type(law))])
    stock = np.array([-2.0, 0.0, 1.0])
    assert known.known.all()
    assert known.cycle_service_level(stock).tolist() == [0.0, 1.0, 1.0]
    assert known.expected_shortage(stock).tolist() == [2.0, 0.0, 0.0]
    assert known.stock_for_level(np.full(3, 1.0)).tolist() == [0.0, 0.0, 0.0]
    assert known.stock_for_shortage(np.array([0.0, 1.0, 2.0])).tolist() == [0.0, -1.0, -2.0]


def test_full_service_is_infinite_but_where_demand_has_a_largest_value(law):
    """Level 1 and shortage 0."""
    largest = MEAN + SD * POINTS.max()
    expected = largest if isinstance(law, EmpiricalDemand) else np.full(3, np.inf)
    np.testing.assert_allclose(law.stock_for_level(np.ones(3)), expected)
    np.testing.assert_allclose(law.stock_for_shortage(np.zeros(3)), expected)
    assert law.cycle_service_level(np.full(3, np.inf)).tolist() == [1.0, 1.0, 1.0]
    assert law.expected_shortage(np.full(3, np.inf)).tolist() == [0.0, 0.0, 0.0]
    assert law.cycle_service_level(np.full(3, -np.inf)).tolist() == [0.0, 0.0, 0.0]


def test_what_varies_no_more_than_its_mean_is_poisson():
    """The size is infinite and the standard deviation that of the Poisson law."""
    law = CountDemand.from_moments(np.array([4.0, 4.0, 0.0]), np.array([1.0, 2.0, 0.0]))
    assert np.isinf(law.size).all()
    assert law.sd.tolist() == [2.0, 2.0, 0.0]


def test_a_whole_stock_that_was_rounded_counts_as_whole():
    """11.9999999999 is twelve units, not eleven."""
    law = CountDemand.from_moments(np.array([10.0]), np.array([4.0]))
    level = law.cycle_service_level(np.array([12.0]))
    assert law.cycle_service_level(np.array([12 - 1e-12])) == level
    assert law.cycle_service_level(np.array([11.99])) < level


def test_an_empirical_law_counts_its_points():
    """By hand: of 5 points with mean 10 and sd 2, at each point's own place."""
    law = EmpiricalDemand(np.array([10.0]), np.array([2.0]), POINTS)
    seen = 10 + 2 * POINTS[0]
    for place, share in zip(seen, (0.2, 0.6, 0.6, 0.8, 1.0), strict=True):
        stock = np.array([place])
        assert law.cycle_service_level(stock)[0] == pytest.approx(share)
        missed = np.maximum(seen - place, 0).mean()
        assert law.expected_shortage(stock)[0] == pytest.approx(missed, abs=1e-14)
    assert law.stock_for_level(np.array([0.61]))[0] == pytest.approx(seen[3])


def test_gamma_demand_below_the_smallest_float_is_no_demand():
    """Shape 1e-4: P(D <= tiny) is near tiny^shape, Gamma(1 + shape) being 1 - 5.8e-5."""
    law = GammaDemand(np.array([0.01]), np.array([1.0]))
    stock = law.stock_for_level(np.array([0.9]))
    assert stock.tolist() == [0.0]
    below = np.exp(1e-4 * np.log(np.finfo(float).tiny))
    assert law.cycle_service_level(stock)[0] == pytest.approx(below, rel=1e-4)
    assert law.cycle_service_level(np.array([-1e-9])).tolist() == [0.0]
    assert law.expected_shortage(stock)[0] == pytest.approx(0.01, rel=1e-12)
    more = law.stock_for_level(np.array([0.94]))
    assert law.cycle_service_level(more)[0] == pytest.approx(0.94, rel=1e-12)


def test_moments_of_large_demand_are_no_squares_of_it():
    """1e300 over a lead time of 4 with sd 1: 4e300 and the root of 4 + 1, times 1e300."""
    mean, sd = lead_time_moments(*np.array([[1e300], [1e300], [4.0], [1.0]]))
    assert (mean[0], sd[0]) == (4e300, pytest.approx(np.sqrt(5) * 1e300, rel=1e-15))
    huge = lead_time_moments(*np.array([[1e308], [1e308], [100.0], [1.0]]))
    assert np.isinf(huge).all()


@pytest.mark.parametrize("sd", [1e8, 1e15])
def test_whole_stocks_beyond_the_whole_floats_are_found(sd):
    """1e15 units and far beyond: the found stock reaches the level, the float below does not."""
    law = CountDemand.from_moments(np.array([1e15]), np.array([sd]))
    level = np.array([1 - 1e-9])
    stock = law.stock_for_level(level)
    assert law.cycle_service_level(stock)[0] >= level[0] - 1e-15
    less = np.minimum(stock - 1, np.nextafter(stock, 0.0))
    assert law.cycle_service_level(less)[0] <= law.cycle_service_level(stock)[0]
    assert law.cycle_service_level(stock * (1 - 1e-6))[0] < level[0]


def test_a_search_that_never_reaches_ends():
    """Whatever it is asked, the search for whole numbers stops, with infinity."""
    found = _smallest_whole(lambda j, rows: j < 0, np.array([2.0**53]), np.zeros(1))
    assert found.tolist() == [np.inf]
