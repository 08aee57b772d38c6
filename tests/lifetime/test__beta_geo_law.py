"""What the two plain models have in common."""

import numpy as np
import pytest

from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw
from custvalue.lifetime._modified_beta_geo_nbd import ModifiedBetaGeoNBDLaw

LAWS = [BetaGeoNBDLaw, ModifiedBetaGeoNBDLaw]
PARAMETERS = (0.525, 6.183, 0.891, 1.614)
ROW = np.array([3.0]), np.array([20.0]), np.array([25.0])
MANY = 200_000


def many(row):
    """Return a history, as often as draws of it are needed."""
    return tuple(np.repeat(column, MANY) for column in row)


def close(draws, expected):
    """Require the mean of draws to come within four standard errors."""
    assert abs(draws.mean() - expected) < 4 * draws.std() / np.sqrt(len(draws)) + 1e-15


@pytest.mark.parametrize("law", LAWS)
def test_drawn_futures_have_the_expected_counts(law):
    """Means and count probabilities of 200,000 futures are those of the formulas."""
    future = law(*PARAMETERS).simulate_future(*many(ROW), 20.0, np.random.default_rng(1))
    close(future.counts, law(*PARAMETERS).expected_purchases(*ROW, 20.0)[0])
    for n in (0.0, 1.0, 2.0, 5.0):
        chance = law(*PARAMETERS).purchase_probability(*ROW, n, 20.0)[0]
        close((future.counts == n).astype(float), chance)


@pytest.mark.parametrize("law", LAWS)
def test_drawn_futures_end_where_customers_leave(law):
    """Who does not leave keeps the horizon; those alive then are as many as the formula says."""
    future = law(*PARAMETERS).simulate_future(*many(ROW), 20.0, np.random.default_rng(2))
    stays = (future.span == 20) & ~future.ends_with_purchase
    close(stays.astype(float), law(*PARAMETERS).probability_alive(*ROW, 20.0)[0])
    assert (future.counts[future.ends_with_purchase] > 0).all()
    assert (future.span[future.ends_with_purchase] < 20).all()
    assert (future.counts[future.span == 0] == 0).all()


@pytest.mark.parametrize("law", LAWS)
def test_drawn_futures_have_the_discounted_expectation(law):
    """Purchases spread over their span are worth what the discounted formula says."""
    generator = np.random.default_rng(3)
    future = law(*PARAMETERS).simulate_future(*many(ROW), 20.0, generator)
    of_row = np.repeat(np.arange(MANY), future.counts.astype(int))
    u = generator.random(len(of_row)) * future.span[of_row]
    last = np.append(np.diff(of_row) > 0, True) & future.ends_with_purchase[of_row]
    u[last] = future.span[of_row[last]]
    worth = np.bincount(of_row, weights=np.exp(-0.1 * u), minlength=MANY)
    close(worth, law(*PARAMETERS).discounted_expected_purchases(*ROW, 0.1, 20.0)[0])


@pytest.mark.parametrize("law", LAWS)
def test_simulated_customers_follow_the_law(law):
    """Repeat purchases of 200,000 new customers have the formulas' mean and probabilities."""
    law = law(*PARAMETERS)
    x, t_x = law.simulate(np.full(MANY, 30.0), np.random.default_rng(4))
    close(x, law.expected_purchases_new(30.0))
    for n in (0.0, 1.0, 4.0):
        close((x == n).astype(float), law.purchase_probability_new(n, 30.0))
    assert ((t_x > 0) == (x > 0)).all()
    # The mean score is zero at the parameters that made the data.
    _, score = law.log_likelihood_with_gradient(x, t_x, np.full(MANY, 30.0))
    for column in score.T:
        close(column, 0.0)


@pytest.mark.parametrize("law", LAWS)
def test_parameters_may_be_arrays_everywhere(law):
    """Rows of their own parameters, in any order, give the digits of the rows alone."""
    generator = np.random.default_rng(5)
    parameters = np.exp(generator.normal(size=(4, 30)))
    x = generator.choice([0.0, 1, 7, 40], 30)
    T = generator.uniform(1, 50, 30)
    t_x = np.where(x > 0, T * generator.random(30), 0.0)
    horizon = generator.choice([0.0, 3.0, 500.0, np.inf], 30)
    n, rate = generator.integers(0, 4, 30).astype(float), np.full(30, 0.02)
    together, methods = law(*parameters), ("probability_alive", "expected_purchases")
    questions = dict.fromkeys(methods, (horizon,))
    questions |= {"discounted_expected_purchases": (rate, horizon)}
    questions |= {"purchase_probability": (n, horizon), "log_likelihood": ()}
    for name, arguments in questions.items():
        found = getattr(together, name)(x, t_x, T, *arguments)
        alone = [
            getattr(law(*map(float, parameters[:, i])), name)(
                x[i : i + 1], t_x[i : i + 1], T[i : i + 1], *(a[i] for a in arguments)
            )[0]
            for i in range(30)
        ]
        np.testing.assert_allclose(found, alone, rtol=1e-12, err_msg=name)
    new = together.expected_purchases_new(horizon)
    alone = [law(*parameters[:, i]).expected_purchases_new(horizon[i]) for i in range(30)]
    np.testing.assert_allclose(new, alone, rtol=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_ends_of_the_horizon(law):
    """Nothing happens at once; for ever, nobody stays and P(0) is that of never buying again."""
    law = law(*PARAMETERS)
    assert law.expected_purchases(*ROW, 0.0)[0] == 0
    assert law.purchase_probability(*ROW, 0.0, 0.0)[0] == pytest.approx(1, abs=1e-15)
    assert law.probability_alive(*ROW, np.inf)[0] == 0
    assert law.expected_purchases(*ROW, np.inf)[0] == np.inf
    never = law.purchase_probability(*ROW, 0.0, np.inf)[0]
    assert never == pytest.approx(1 - law.probability_alive(*ROW)[0], rel=1e-14)
    assert np.isfinite(law.discounted_expected_purchases(*ROW, 0.01, np.inf)[0])
