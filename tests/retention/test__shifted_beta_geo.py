import numpy as np
import pytest
from mpmath import mp, mpf
from scipy.optimize import minimize

from custvalue._likelihood.fit import fit_rows
from custvalue._likelihood.specification import Specification
from custvalue.retention._shifted_beta_geo import ShiftedBetaGeoLaw, limits_of_beta
from support.oracle.contracts import BetaDiscreteWeibull

GENERATOR = np.random.default_rng(11)
SHAPES = [
    *(10 ** GENERATOR.uniform(-3, 3, (14, 2))),
    (1.0, 1.0),
    (1e-3, 1e9),
    (1e6, 4e6),
    (2.0, 1e9),
]
LIVES = [(0.01, 0.01), (0.657, 2.784), (1.0, 50.0), (1 + 1e-9, 3.0), (3.0, 500.0), (500.0, 900.0)]
DURATION = np.array([0, 1, 1, 2, 10, 365, 9_999, 1_000_000], dtype=float)
CHURNED = np.array([0, 1, 0, 1, 0, 1, 0, 1], dtype=float)
ENTRY = np.array([0, 0, 0, 1, 10, 0, 7_000, 999_000], dtype=float)
ROWS = (DURATION, CHURNED, ENTRY)


@pytest.mark.parametrize(("alpha", "beta"), SHAPES)
def test_log_likelihood_and_derivatives_are_those_of_the_oracle(alpha, beta):
    """Every kind of row, relative to 1 + |ll| and to the largest entry in units of parameters."""
    law, truth = ShiftedBetaGeoLaw(alpha, beta), BetaDiscreteWeibull(alpha, beta)
    values, gradient, hessian = law.log_likelihood_with_hessian(*ROWS)
    np.testing.assert_array_equal(law.log_likelihood(*ROWS), values)
    scale = np.array([alpha, beta])
    for i, row in enumerate(zip(*ROWS, strict=True)):
        exact = float(truth.log_likelihood(*row))
        assert values[i] == pytest.approx(exact, rel=1e-13, abs=1e-13)
        slopes = scale * np.array(truth.gradient(*row)[:2], dtype=float)
        np.testing.assert_allclose(scale * gradient[i], slopes, rtol=1e-11, atol=1e-14)
    with mp.workdps(80):
        bends = np.array(truth.hessian(*(column[5] for column in ROWS)), dtype=float)[:2, :2]
    units = np.outer(scale, scale)
    np.testing.assert_allclose(units * hessian[5], units * bends, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("alpha", "beta"), SHAPES[::2])
def test_survival_retention_and_churn(alpha, beta):
    """S(t) to full relative accuracy for as long as doubles hold it; r(t) = S(t) / S(t - 1)."""
    law, truth = ShiftedBetaGeoLaw(alpha, beta), BetaDiscreteWeibull(alpha, beta)
    t = np.array([1.0, 2.0, 30.0, 1e4, 1e9])
    survival = np.array([float(truth.survival(float(v))) for v in t])
    np.testing.assert_allclose(law.survival(t), survival, rtol=1e-11, atol=1e-290)
    with mp.workdps(100):
        kept = [truth.survival(v) / truth.survival(v - 1) for v in t[:4]]
        np.testing.assert_allclose(law.retention(t[:4]), [float(r) for r in kept], rtol=1e-13)
        np.testing.assert_allclose(law.churn(t[:4]), [float(1 - r) for r in kept], rtol=1e-11)
        left = [float(truth.survival(v - 1) - truth.survival(v)) for v in t[:4]]
    np.testing.assert_allclose(law.probability_of_leaving(t[:4]), left, rtol=1e-11, atol=1e-290)
    assert law.survival(np.array([0.0, np.inf])).tolist() == [1, 0]


@pytest.mark.parametrize(("alpha", "beta"), SHAPES[1::2])
@pytest.mark.parametrize("rate", [0.0, 1e-6, 0.1])
def test_renewals_to_expect(alpha, beta, rate):
    """Sums of the definition: of none, one and hundreds of terms."""
    law, truth = ShiftedBetaGeoLaw(alpha, beta), BetaDiscreteWeibull(alpha, beta)
    for tenure, horizon in [(0, 0), (3, 1), (0, 12), (1000, 100)]:
        expected = float(truth.renewals(tenure, rate, horizon))
        found = law.discounted_renewals(tenure, rate, float(horizon))
        assert found == pytest.approx(expected, rel=5e-13)


@pytest.mark.parametrize(("alpha", "beta"), LIVES)
def test_renewals_to_expect_without_end(alpha, beta):
    """beta / (alpha - 1); discounted, a hypergeometric function (Fader & Hardie 2010)."""
    law = ShiftedBetaGeoLaw(alpha, beta)
    with mp.workdps(40):
        a, b = mpf(alpha), mpf(beta) + 4
        expected = float(b / (a - 1)) if alpha > 1 else np.inf
        assert law.expected_renewals(4.0, np.inf) == pytest.approx(expected, rel=1e-13)
        for rate in (1e-6, 1e-3, 0.1):
            v = mp.exp(-mpf(rate))
            expected = float(v * b / (a + b) * mp.hyp2f1(1, b + 1, a + b + 1, v))
            found = law.discounted_renewals(4.0, rate, np.inf)
            assert found == pytest.approx(expected, rel=2e-12)


def test_every_row_may_have_its_own_parameters():
    """Arrays of parameters give what each pair gives alone."""
    alpha, beta = (np.array(column)[: len(DURATION)] for column in zip(*SHAPES, strict=True))
    law = ShiftedBetaGeoLaw(alpha, beta)
    parts = law.log_likelihood_with_hessian(*ROWS)
    renewals = law.expected_renewals(DURATION, 10.0)
    for i in range(len(DURATION)):
        row = tuple(column[i : i + 1] for column in ROWS)
        alone = ShiftedBetaGeoLaw(alpha[i], beta[i])
        for part, one in zip(parts, alone.log_likelihood_with_hessian(*row), strict=True):
            np.testing.assert_allclose(part[i], one[0], rtol=1e-13)
        assert renewals[i] == pytest.approx(alone.expected_renewals(DURATION[i], 10.0), rel=1e-13)


REGULAR = [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1]
HIGH_END = [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1]
GOLDEN = [
    (REGULAR, 0.704077, 1.182043, -1680.265, [22.3, 20.7, 19.4, 18.3, 17.3], 0.4),
    (HIGH_END, 0.668088, 3.806095, -1611.158, [46.8, 44.5, 42.7, 40.9, 39.4], 1.7),
]
"""Fader & Hardie (2007), Table 1, of 1000 customers: years 0 to 7 and, at the end, 8 to 12."""


def rows_of(percent):
    """Return distinct rows and how many customers each stands for."""
    left, n = -np.diff(percent) * 10, len(percent) - 1
    duration = np.append(np.arange(1.0, n + 1), float(n))
    churned = np.append(np.ones(n), 0.0)
    return (duration, churned, np.zeros(n + 1)), np.append(left, percent[-1] * 10)


@pytest.mark.parametrize(("percent", "alpha", "beta", "value", "later", "within"), GOLDEN)
def test_published_cohorts(percent, alpha, beta, value, later, within):
    """The library's search and a plain one end at the published estimates, to all digits printed.

    The projection is as near to what happened as the paper's is: 0.4 and 1.7 percentage points.
    """
    columns, weights = rows_of(percent)

    def negative(theta):
        return -(weights @ ShiftedBetaGeoLaw(*np.exp(theta)).log_likelihood(*columns))

    plain = minimize(negative, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9})
    np.testing.assert_allclose(np.exp(plain.x), [alpha, beta], atol=6e-7)
    assert -plain.fun == pytest.approx(value, abs=6e-4)
    fit = fit_rows(Specification(ShiftedBetaGeoLaw), columns, weights)
    np.testing.assert_allclose(fit.estimates, [alpha, beta], atol=6e-7)
    assert fit.convergence.converged
    projected = 100 * ShiftedBetaGeoLaw(*fit.estimates).survival(np.arange(8.0, 13.0))
    assert np.abs(projected - later).max() < within


def test_customers_who_do_not_differ_are_geometric():
    """Both parameters run to the end of the search, and the limit is named."""
    percent = 100 * 0.75 ** np.arange(7)
    convergence = fit_rows(Specification(ShiftedBetaGeoLaw), *rows_of(percent)).convergence
    assert convergence.limiting_model == "Geometric: one churn probability for everybody"


@pytest.mark.parametrize(
    ("percent", "limit"),
    [
        ([100, 100, 100], "nobody leaves"),
        ([100, 40, 40, 40], "customers either leave at once or never"),
        ([100, 0, 0], "everybody leaves at the first renewal"),
    ],
)
def test_other_limits_are_named(percent, limit):
    """Where nobody leaves, all leave at once, or all who leave do so at once."""
    convergence = fit_rows(Specification(ShiftedBetaGeoLaw), *rows_of(percent)).convergence
    assert limit in convergence.limiting_model


def test_limits_name_the_model_of_customers_who_are_alike():
    """It is the only one that depends on the law."""
    texts = limits_of_beta("Poisson")
    assert set(texts) == {"alpha", "beta"}
    assert all("Poisson" in up for _, up in texts.values())


def test_simulation_follows_the_law():
    """Shares that leave at renewals, within 5 standard errors; later ones are not seen."""
    law, n = ShiftedBetaGeoLaw(0.7, 1.2), 40_000
    drawn = law.simulate(n, np.random.default_rng(3), 30)
    for t in (1.0, 2.0, 10.0):
        p = float(law.probability_of_leaving(t))
        assert abs((drawn == t).mean() - p) < 5 * np.sqrt(p * (1 - p) / n)
    p = float(law.survival(30.0))
    assert abs(np.isinf(drawn).mean() - p) < 5 * np.sqrt(p * (1 - p) / n)
    assert drawn.min() == 1
    assert drawn[np.isfinite(drawn)].max() <= 30
