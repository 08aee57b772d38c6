from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from custvalue.service._service_level_optimizer import (
    MarginalItems,
    NewsvendorItems,
    safety_factor_elasticity,
)

HOMEWORK = (18.0, 0.0012, 120_000.0, 0.24, 75.0, 300.0, 4.0)
positive = st.floats(0.01, 1000)


def newsvendor(*numbers: float) -> NewsvendorItems:
    """Return one item."""
    return NewsvendorItems(*(np.array([number]) for number in numbers))


def marginal(*numbers: float, root: bool = True) -> MarginalItems:
    """Return one item."""
    return MarginalItems(*(np.array([number]) for number in numbers), root=root)


def test_the_newsvendor_has_the_figures_of_stockpyl():
    """Cu 30, Co 10, N(100, 20): .75, z .674490, 113.48979500392163, cost 254.2212581472856."""
    # stockpyl 1.0.1, newsvendor_normal(10, 30, 100, 20): the same closed form, hence 1e-12
    items = newsvendor(30, 10, 100, 20)
    best = items.best()
    assert best[0] == 0.75
    assert norm.ppf(best[0]) == pytest.approx(0.674490, abs=5e-7)
    assert items.stock(best)[0] == pytest.approx(113.48979500392163, rel=1e-12)
    assert items.cost(best)[0] == pytest.approx(254.2212581472856, rel=1e-12)


def test_the_cost_is_that_of_simulated_demand():
    """The closed form agrees with the mean over 400,000 draws of demand."""
    demand = np.random.default_rng(2).normal(100, 20, 400_000)
    items, level = newsvendor(30, 10, 100, 20), np.array([0.9])
    stock = items.stock(level)[0]
    drawn = np.where(demand > stock, 30 * (demand - stock), 10 * (stock - demand))
    # four standard errors of the mean
    assert items.cost(level)[0] == pytest.approx(drawn.mean(), abs=4 * drawn.std() / 632)


@settings(max_examples=30)
@given(positive, positive, positive, positive, st.floats(0.001, 0.999))
def test_no_other_level_costs_less(underage, overage, mean, sd, other):
    """The critical ratio is a minimum of the cost."""
    items = newsvendor(underage, overage, mean, sd)
    best, cost = items.cost(items.best())[0], items.cost(np.array([other]))[0]
    assert best <= cost * (1 + 1e-9)


def test_newsvendor_corners():
    """A unit too few that costs nothing: no stock; one too many that costs nothing: no end of it.

    Without variation the stock is the mean and costs nothing at any level.
    """
    never, always, sure = newsvendor(0, 5, 10, 2), newsvendor(5, 0, 10, 2), newsvendor(3, 1, 10, 0)
    assert [never.best()[0], never.stock(never.best())[0]] == [0, 0]
    assert [always.best()[0], always.stock(always.best())[0]] == [1, np.inf]
    assert always.cost(always.best())[0] == 0
    assert [sure.stock(np.array([1.0]))[0], sure.cost(np.array([1.0]))[0]] == [10, 0]
    assert newsvendor(3, 1, 10, 2).cost(np.array([1.0]))[0] == np.inf


def test_a_stock_is_never_below_nothing():
    """Demand so uncertain that the formula asks for less than 0 gets 0, and its cost."""
    items = newsvendor(1, 9, 10, 100)
    assert items.stock(items.best())[0] == 0
    # E[D+] for N(10, 100): all demand is missed, and nothing unsold of nothing
    short = 100 * norm.pdf(0.1) + 10 * norm.cdf(0.1)
    assert items.cost(items.best())[0] == pytest.approx(short, rel=1e-12)
    assert items.profit(items.best())[0] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("level", [0.3, 0.6, 0.95])
def test_demand_below_nothing_is_nothing(level):
    """Cost and profit are those of 400,000 draws of max(D, 0), D normal with sd twice the mean."""
    demand = np.maximum(np.random.default_rng(4).normal(10, 20, 400_000), 0)
    items, at = newsvendor(1, 99, 10, 20), np.array([level])
    stock = items.stock(at)[0]
    short, over = np.maximum(demand - stock, 0), np.maximum(stock - demand, 0)
    drawn = short + 99 * over
    # four standard errors of the mean
    assert items.cost(at)[0] == pytest.approx(drawn.mean(), abs=4 * drawn.std() / 632)
    sold = demand - drawn
    assert items.profit(at)[0] == pytest.approx(sold.mean(), abs=4 * sold.std() / 632)


def test_a_cost_without_bound_is_no_level():
    """Costs near the largest number keep their ratio, and a tiny one leaves the stock finite."""
    assert newsvendor(1e308, 1e308, 10, 2).best()[0] == 0.5
    assert newsvendor(1e-320, 1e-320, 10, 2).best()[0] == 0.5
    assert np.isnan(newsvendor(0, 0, 10, 2).best()[0])
    dear = newsvendor(1e10, 1e-10, 10, 2)
    assert np.isfinite(dear.stock(dear.best())[0])


def test_levels_without_a_profit_are_unknown():
    """Full service costs an infinite stock; below 50 % the marginal form has no meaning."""
    full, half = np.ones(1), np.array([0.5])
    assert np.isnan(newsvendor(3, 1, 10, 2).profit(full)[0])
    assert newsvendor(3, 0, 10, 2).profit(full)[0] == pytest.approx(30, rel=1e-6)
    assert newsvendor(3, 1, 10, 0).profit(full)[0] == 30
    items = marginal(*HOMEWORK)
    assert np.isnan([items.profit(full)[0], items.profit(np.array([0.49]))[0]]).all()
    assert items.profit(half)[0] == 0


def test_the_worked_example_with_the_lead_time_itself():
    """The published example (homeworkcorp.com): dP 2592, dC/dz 21600, ratio .12, stop at 96 %."""
    items = marginal(*HOMEWORK, root=False)
    assert items.profit_per_point[0] == pytest.approx(2592, rel=1e-12)
    assert items.cost_per_factor[0] == pytest.approx(21600, rel=1e-12)
    assert items.best(0.01)[0] == pytest.approx(0.96, abs=1e-12)
    assert norm.ppf(0.97) - norm.ppf(0.96) == pytest.approx(0.1301, abs=5e-5)
    assert norm.ppf(0.97) - norm.ppf(0.96) > 2592 / 21600 > norm.ppf(0.96) - norm.ppf(0.95)


def test_the_worked_example_with_the_root_of_the_lead_time():
    """Independent periods halve the cost of lead time 4: 10800, and the level is higher."""
    items = marginal(*HOMEWORK)
    assert items.cost_per_factor[0] == pytest.approx(10800, rel=1e-12)
    assert items.best(0.01)[0] == pytest.approx(0.98, abs=1e-12)


@settings(max_examples=30)
@given(st.floats(1e-3, 20), st.sampled_from([0.01, 0.05, 0.001]))
def test_steps_end_at_the_best_of_all_steps(ratio, step):
    """No level on the grid earns more; one that may be any number earns no less."""
    items = marginal(1, 0.01, ratio, 1, 1, 1, 1)
    grid = np.arange(0.5, 1 - 1e-9, step)
    best = items.best(step)
    highest = max(items.profit(np.array([level]))[0] for level in grid)
    assert items.profit(best)[0] == pytest.approx(highest, abs=1e-9)
    assert items.profit(items.best(None))[0] >= items.profit(best)[0] - 1e-9


def test_marginal_corners():
    """Nothing earned: 50 %. Nothing paid: 100 %, with all the stock unless nothing varies."""
    no_gain = marginal(0, *HOMEWORK[1:])
    assert [no_gain.best(0.01)[0], no_gain.best(None)[0], no_gain.profit(np.array([0.5]))[0]] == [
        0.5,
        0.5,
        0,
    ]
    free = marginal(*HOMEWORK[:3], 0, *HOMEWORK[4:])
    assert [free.best(0.01)[0], free.safety_stock(np.ones(1))[0]] == [1, np.inf]
    assert free.profit(np.ones(1))[0] == pytest.approx(50 * 2592)
    steady = marginal(*HOMEWORK[:5], 0, 4)
    assert [steady.best(None)[0], steady.safety_stock(np.ones(1))[0]] == [1, 0]


def test_elasticity_is_the_difference_quotient():
    """The formula agrees with central differences."""
    items = [marginal(*HOMEWORK[:4], 75 * by, *HOMEWORK[5:]) for by in (0.999, 1, 1.001)]
    low, middle, high = (item.best(None)[0] for item in items)
    quotient = (high - low) / middle / 0.002
    # differences of second order in 0.001
    assert safety_factor_elasticity(np.array([middle]))[0] == pytest.approx(quotient, rel=1e-4)
