"""The CNBD-k mathematics against the oracle, the plain laws and simulation."""

import numpy as np
import pytest

from custvalue.lifetime._beta_geo_cnbd import regular_law
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw
from custvalue.lifetime._modified_beta_geo_nbd import ModifiedBetaGeoNBDLaw
from support import oracle

PLAIN = [BetaGeoNBDLaw, ModifiedBetaGeoNBDLaw]
ORACLES = ["beta_geo_cnbd", "modified_beta_geo_cnbd"]
KINDS = [(2, 0), (2, 1), (3, 0), (5, 1), (12, 0), (12, 1)]
PARAMETERS = (1.4, 6.0, 0.9, 2.1)
MANY = 100_000

# k or not: r, alpha, a, b; x, t_x, T, sum of logs of gaps; horizon
POINTS = [
    (1.4, 6.0, 0.9, 2.1, 3.0, 20.0, 25.0, 5.1, 12.0),
    (0.05, 0.02, 1.0, 0.03, 0.0, 0.0, 0.4, 0.0, 0.1),
    (700.0, 900.0, 200.0, 0.5, 1.0, 3.0, 3.0, 1.0, 5.0),
    (0.3, 5.0, 0.8, 2.4, 100.0, 3.0, 300.0, -500.0, 20.0),
    (0.3, 50.0, 0.8, 900.0, 2000.0, 400.0, 400.0, -4000.0, 1.0),
]


def rows_of(points):
    """Return histories as arrays."""
    return tuple(np.array(column) for column in zip(*points, strict=True))[4:8]


@pytest.mark.parametrize(("k", "chances"), KINDS)
@pytest.mark.parametrize("point", POINTS)
def test_agrees_with_the_oracle(k, chances, point):
    """Likelihood, gradient and P(alive) have 12 digits at ordinary and at extreme points."""
    exact = oracle.MODELS[ORACLES[chances]](k, *point[:4])
    law, row = regular_law(k, chances)(*point[:4]), rows_of([point])
    values, gradient = law.log_likelihood_with_gradient(*row)
    truth = float(exact.log_likelihood(*point[4:8]))
    assert values[0] == pytest.approx(truth, rel=1e-12, abs=1e-12)
    assert law.log_likelihood(*row)[0] == pytest.approx(truth, rel=1e-12, abs=1e-12)
    slopes = np.array([float(slope) for slope in exact.gradient(*point[4:8])])
    floor = 1e-6 * (1 + abs(truth)) / np.array(point[:4])
    assert (np.abs(gradient[0] - slopes) <= 1e-8 * np.maximum(np.abs(slopes), floor)).all()
    alive = float(exact.probability_alive(*point[4:8]))
    assert law.probability_alive(*row)[0] == pytest.approx(alive, rel=1e-12)


@pytest.mark.parametrize(("k", "chances"), KINDS)
@pytest.mark.parametrize("point", POINTS[:2])
def test_predictions_agree_with_the_oracle(k, chances, point):
    """Expectations, counts and survival ahead have 12 digits."""
    exact = oracle.MODELS[ORACLES[chances]](k, *point[:4])
    law, history, ahead = regular_law(k, chances)(*point[:4]), point[4:8], point[8]
    row = rows_of([point])
    wanted = float(exact.expected_purchases(*history, ahead))
    assert law.expected_purchases(*row, ahead)[0] == pytest.approx(wanted, rel=1e-12)
    wanted = float(exact.probability_alive(*history, ahead))
    assert law.probability_alive(*row, ahead)[0] == pytest.approx(wanted, rel=1e-12)
    for n in (0, 1, 3):
        wanted = float(exact.purchase_probability(*history, n, ahead))
        found = law.purchase_probability(*row, float(n), ahead)[0]
        assert found == pytest.approx(wanted, rel=1e-12, abs=1e-25)


@pytest.mark.parametrize("chances", [0, 1])
def test_one_stage_a_purchase_is_the_plain_law(chances):
    """For k = 1 every method gives what the plain law gives, to the last digit."""
    plain, regular = PLAIN[chances](*PARAMETERS), regular_law(1, chances)(*PARAMETERS)
    x, t_x, T, gaps = rows_of(POINTS)
    for of_plain, of_regular in zip(
        plain.log_likelihood_with_hessian(x, t_x, T),
        regular.log_likelihood_with_hessian(x, t_x, T, gaps),
        strict=True,
    ):
        np.testing.assert_array_equal(of_plain, of_regular)
    for name, arguments in {
        "log_likelihood": (),
        "probability_alive": (3.0,),
        "expected_purchases": (12.0,),
        "discounted_expected_purchases": (0.01, np.inf),
        "purchase_probability": (2.0, 12.0),
    }.items():
        np.testing.assert_array_equal(
            getattr(plain, name)(x, t_x, T, *arguments),
            getattr(regular, name)(x, t_x, T, gaps, *arguments),
        )
    assert plain.expected_purchases_new(12.0) == regular.expected_purchases_new(12.0)


@pytest.mark.parametrize(("k", "chances"), KINDS)
def test_densities_add_up(k, chances):
    """P(no purchase) and the integral over the time of the only purchase give P(0 or 1)."""
    law, nodes = regular_law(k, chances)(*PARAMETERS), np.polynomial.legendre.leggauss(60)
    T = 9.0
    t_x, weights = T / 2 * (nodes[0] + 1), T / 2 * nodes[1]
    once = law.log_likelihood(np.ones(60), t_x, np.full(60, T), np.log(t_x))
    none = law.log_likelihood(*(np.array([v]) for v in (0.0, 0.0, T, 0.0)))
    chance = law.purchase_probability_new(np.array([0.0, 1.0]), T)
    np.testing.assert_allclose(np.exp(none), chance[:1], rtol=1e-12)
    np.testing.assert_allclose(weights @ np.exp(once), chance[1], rtol=1e-9)


@pytest.mark.parametrize(("k", "chances"), KINDS[:4])
def test_simulated_customers_follow_the_law(k, chances):
    """Counts have the formulas' mean, and the mean score is zero at the true parameters."""
    law, T = regular_law(k, chances)(*PARAMETERS), np.full(MANY, 30.0)
    x, t_x, gaps = law.simulate(T, np.random.default_rng(4))
    close(x, law.expected_purchases_new(30.0))
    close((x == 1).astype(float), law.purchase_probability_new(1.0, 30.0))
    _, score = law.log_likelihood_with_gradient(x, t_x, T, gaps)
    for column in score.T:
        close(column, 0.0)


@pytest.mark.parametrize(("k", "chances"), KINDS[:4])
def test_drawn_futures_follow_the_law(k, chances):
    """Counts, and who is there at the end, have the probabilities of the formulas."""
    law = regular_law(k, chances)(*PARAMETERS)
    row = tuple(np.repeat(column, MANY) for column in rows_of(POINTS[:1]))
    future = law.simulate_future(*row, 12.0, np.random.default_rng(5))
    one = tuple(column[:1] for column in row)
    close(future.counts, law.expected_purchases(*one, 12.0)[0])
    close((future.counts == 1).astype(float), law.purchase_probability(*one, 1.0, 12.0)[0])
    stays = (future.span == 12) & ~future.ends_with_purchase
    close(stays.astype(float), law.probability_alive(*one, 12.0)[0])


def close(draws, expected):
    """Require the mean of draws to come within four standard errors."""
    assert abs(draws.mean() - expected) < 4 * draws.std() / np.sqrt(len(draws)) + 1e-15


@pytest.mark.parametrize(("k", "chances"), [(2, 0), (12, 1)])
def test_discounting(k, chances):
    """Discounted expectations are the integral of the expectation by parts, to 1e-9."""
    law, row = regular_law(k, chances)(*PARAMETERS), rows_of(POINTS[:1])
    nodes, weights = np.polynomial.legendre.leggauss(80)
    u = 6 * (nodes + 1)
    until = np.array([law.expected_purchases(*row, time)[0] for time in u])
    whole = law.expected_purchases(*row, 12.0)[0] * np.exp(-1.2)
    expected = whole + 0.1 * 6 * weights @ (np.exp(-0.1 * u) * until)
    found = law.discounted_expected_purchases(*row, 0.1, 12.0)[0]
    assert found == pytest.approx(expected, rel=1e-9)


def test_starts_make_k_stages_a_purchase():
    """The mean rate of stages is k times that of purchases."""
    x, t_x, T, gaps = rows_of(POINTS)
    starts = regular_law(3, 0).starts(x, t_x, T, gaps, np.ones(5))
    np.testing.assert_allclose(starts[:, 0] / starts[:, 1], 3 * x.sum() / T.sum())
    assert regular_law(3, 0).units(x, t_x, T, gaps, np.ones(5))[1] == T.mean()
