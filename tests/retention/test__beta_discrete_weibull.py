import numpy as np
import pytest
from mpmath import mp

from custvalue._likelihood.fit import fit_rows
from custvalue._likelihood.specification import Specification
from custvalue.retention._beta_discrete_weibull import BetaDiscreteWeibullLaw
from custvalue.retention._shifted_beta_geo import ShiftedBetaGeoLaw
from support.oracle.contracts import BetaDiscreteWeibull

GENERATOR = np.random.default_rng(12)
SHAPES = [
    *zip(
        *(10 ** GENERATOR.uniform(-3, 3, (2, 14))),
        10 ** GENERATOR.uniform(-1.3, 0.7, 14),
        strict=True,
    ),
    (1.0, 1.0, 1.0),
    (20.0, 3.0, 0.05),
    (0.2, 1e9, 5.0),
    (1e6, 4e6, 0.8),
]
DURATION = np.array([0, 1, 1, 2, 10, 365, 9_999, 1_000_000], dtype=float)
CHURNED = np.array([0, 1, 0, 1, 0, 1, 0, 1], dtype=float)
ENTRY = np.array([0, 0, 0, 1, 10, 0, 7_000, 999_000], dtype=float)
ROWS = (DURATION, CHURNED, ENTRY)


@pytest.mark.parametrize(("alpha", "beta", "c"), SHAPES)
def test_log_likelihood_and_derivatives_are_those_of_the_oracle(alpha, beta, c):
    """Every kind of row, relative to 1 + |ll| and in units of the parameters."""
    law, truth = BetaDiscreteWeibullLaw(alpha, beta, c), BetaDiscreteWeibull(alpha, beta, c)
    values, gradient, hessian = law.log_likelihood_with_hessian(*ROWS)
    np.testing.assert_array_equal(law.log_likelihood(*ROWS), values)
    np.testing.assert_array_equal(law.log_likelihood_with_gradient(*ROWS)[1], gradient)
    scale = np.array([alpha, beta, c])
    for i, row in enumerate(zip(*ROWS, strict=True)):
        exact = float(truth.log_likelihood(*row))
        assert values[i] == pytest.approx(exact, rel=1e-12, abs=1e-12)
        slopes = scale * np.array(truth.gradient(*row), dtype=float)
        np.testing.assert_allclose(scale * gradient[i], slopes, rtol=1e-10, atol=1e-13)
    units = np.outer(scale, scale)
    for i in (3, 5):
        bends = units * np.array(truth.hessian(*(column[i] for column in ROWS)), dtype=float)
        size = np.abs(bends).max()
        np.testing.assert_allclose(units * hessian[i], bends, rtol=1e-9, atol=1e-12 * (1 + size))


@pytest.mark.parametrize(("alpha", "beta", "c"), SHAPES[::2])
def test_survival_retention_and_churn(alpha, beta, c):
    """S(t) for as long as doubles hold it; r(t) = S(t) / S(t - 1)."""
    law, truth = BetaDiscreteWeibullLaw(alpha, beta, c), BetaDiscreteWeibull(alpha, beta, c)
    t = np.array([1.0, 2.0, 30.0, 1e4, 1e9])
    with mp.workdps(100):
        survival = np.array([float(truth.survival(v)) for v in t])
        kept = [truth.survival(v) / truth.survival(v - 1) for v in t]
        left = [float(truth.survival(v - 1) - truth.survival(v)) for v in t]
    np.testing.assert_allclose(law.survival(t), survival, rtol=1e-11, atol=1e-290)
    np.testing.assert_allclose(law.retention(t), [float(r) for r in kept], rtol=1e-11)
    np.testing.assert_allclose(law.churn(t), [float(1 - r) for r in kept], rtol=1e-11)
    np.testing.assert_allclose(law.probability_of_leaving(t), left, rtol=1e-11, atol=1e-290)
    assert law.survival(np.array([0.0, np.inf])).tolist() == [1, 0]
    expected = float(truth.renewals(3, 0.01, 40))
    assert law.discounted_renewals(3.0, 0.01, 40.0) == pytest.approx(expected, rel=1e-12)


def test_with_c_of_1_it_is_the_shifted_beta_geometric():
    """Likelihood, derivatives, churn and sums, with parameters by row."""
    alpha, beta = np.array(SHAPES[: len(DURATION)])[:, :2].T
    larger = BetaDiscreteWeibullLaw(alpha, beta, np.ones(len(DURATION)))
    smaller = ShiftedBetaGeoLaw(alpha, beta)
    found, expected = (law.log_likelihood_with_hessian(*ROWS) for law in (larger, smaller))
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(found[1][:, :2], expected[1], rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(larger.churn(5.0), smaller.churn(5.0), rtol=1e-13)
    for rate, horizon in [(0.0, 10.0), (0.0, np.inf), (1e-3, np.inf), (0.2, 5000.0)]:
        found, expected = (
            law.discounted_renewals(DURATION, rate, horizon) for law in (larger, smaller)
        )
        np.testing.assert_allclose(found, expected, rtol=5e-12)


def test_every_row_may_have_its_own_parameters():
    """Arrays of parameters give what each triple gives alone."""
    own = np.array(SHAPES[: len(DURATION)]).T
    law = BetaDiscreteWeibullLaw(*own)
    parts = law.log_likelihood_with_hessian(*ROWS)
    for i in range(len(DURATION)):
        alone = BetaDiscreteWeibullLaw(*own[:, i])
        row = tuple(column[i : i + 1] for column in ROWS)
        for part, one in zip(parts, alone.log_likelihood_with_hessian(*row), strict=True):
            size = np.abs(one[0]).max()
            np.testing.assert_allclose(part[i], one[0], rtol=1e-12, atol=1e-12 * size)


@pytest.mark.parametrize("c", [1e-6, 1e3, 1e6])
def test_nothing_overflows_at_the_ends_of_the_search(c):
    """Values and derivatives stay finite, as a search needs them."""
    for alpha, beta in [(1e-6, 1e-6), (1e6, 1e6), (1e-6, 1e6), (1e6, 1e-6)]:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            parts = BetaDiscreteWeibullLaw(alpha, beta, c).log_likelihood_with_hessian(*ROWS)
        assert all(np.isfinite(part).all() for part in parts)


def cohort(survival):
    """Return distinct rows and how many of 1000 customers each stands for."""
    n = len(survival) - 1
    columns = (np.append(np.arange(1.0, n + 1), n), np.append(np.ones(n), 0), np.zeros(n + 1))
    return columns, np.append(-np.diff(survival), survival[-1]) * 1000


def test_parameters_come_back_from_exact_shares():
    """A cohort that survives exactly as the law says is fitted by that law."""
    truth = (0.9, 4.0, 1.5)
    fit = fit_rows(
        Specification(BetaDiscreteWeibullLaw),
        *cohort(BetaDiscreteWeibullLaw(*truth).survival(np.arange(9.0))),
    )
    np.testing.assert_allclose(fit.estimates, truth, rtol=1e-5)
    assert fit.convergence.converged
    assert fit.convergence.limiting_model is None


def test_customers_who_do_not_differ_are_discrete_weibull():
    """The limit is named after the law that is left, not after the geometric."""
    fit = fit_rows(Specification(BetaDiscreteWeibullLaw), *cohort(0.8 ** (np.arange(9.0) ** 1.3)))
    expected = "discrete Weibull: one churn probability for everybody"
    assert fit.convergence.limiting_model == expected
    assert fit.estimates[2] == pytest.approx(1.3, abs=1e-3)


def test_simulation_follows_the_law():
    """Shares that leave at renewals, within 5 standard errors; later ones are not seen."""
    law, n = BetaDiscreteWeibullLaw(1.2, 6.0, 1.6), 40_000
    drawn = law.simulate(n, np.random.default_rng(3), 30)
    for t in (1.0, 2.0, 6.0):
        p = float(law.probability_of_leaving(t))
        assert abs((drawn == t).mean() - p) < 5 * np.sqrt(p * (1 - p) / n)
    p = float(law.survival(30.0))
    assert abs(np.isinf(drawn).mean() - p) < 5 * np.sqrt(p * (1 - p) / n)
