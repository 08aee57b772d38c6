"""The Pareto/NBD mathematics against published figures and its limits."""

import numpy as np
import pytest

from custvalue.lifetime._nbd import NBDLaw
from custvalue.lifetime._pareto_nbd import ParetoNBDLaw
from support.attrition import histories

# BTYD's walk-through prints E[X(52)], four conditional expectations and one of customer 1516, all
# at the estimates it found: seven digits of six figures leave these four parameters.
BTYD = ParetoNBDLaw(0.55337084, 10.57951886, 0.60590725, 11.65811012)


def test_published_expectation_of_a_new_customer():
    """1.473434 repeat purchases in a year (BTYD's walk-through)."""
    assert BTYD.expected_purchases_new(52.0) == pytest.approx(1.473434, rel=4e-7)


def test_published_customer_1516():
    """x = 26, t_x = 216 / 7, T = 31: BTYD prints 25.45647 and .997874."""
    row = np.array([26.0]), np.array([216 / 7]), np.array([31.0])
    np.testing.assert_allclose(BTYD.expected_purchases(*row, 52.0), 25.45647, rtol=2e-7)
    np.testing.assert_allclose(BTYD.probability_alive(*row), 0.997874, atol=1e-6)


def test_published_increasing_frequency_paradox():
    """With the last purchase long ago more purchases mean less future (BTYD, T* = 52)."""
    x = np.array([10.0, 15, 20, 25])
    found = BTYD.expected_purchases(x, np.full(4, 20.0), np.full(4, 39.0), 52.0)
    np.testing.assert_allclose(found, [0.7062289, 0.1442396, 0.02250658, 0.00309267], rtol=1e-6)


def test_published_growth_of_the_expectation():
    """E[X(t)], t = 0..9, as BTYD's manual prints it for the parameters of its examples."""
    printed = """.05077821 .09916088 .14542507 .18979930 .23247466 .27361274 .31335159
        .35181024 .38909211"""
    expected = [0.0, *(float(value) for value in printed.split())]
    law = ParetoNBDLaw(0.55, 10.56, 0.61, 11.64)
    np.testing.assert_allclose(law.expected_purchases_new(np.arange(10.0)), expected, atol=5e-9)


def test_published_underflow_pair():
    """One purchase more than lifetimes could count: 6.20605... and 6.25287... (its tests)."""
    law = ParetoNBDLaw(0.55, 10.58, 0.61, 11.67)
    at = np.full(2, 200.0)
    found = law.expected_purchases(np.array([132.0, 133.0]), at, at, 10.0)
    np.testing.assert_allclose(found, [6.2060517889632418, 6.2528722475748113], rtol=1e-12)


def test_published_heavy_buyers_are_finite():
    """The customers of CLVTools' issue 100 have a likelihood, and are alive or not."""
    law = ParetoNBDLaw(0.5143, 2.8845, 0.2856, 14.1087)
    x = np.array([221.0, 254, 161, 204])
    t_x = np.array([103.42857, 97.14286, 94.71429, 98.57143])
    T = np.array([103.57143, 97.28571, 98.0, 99.42857])
    assert np.isfinite(law.log_likelihood(x, t_x, T)).all()
    alive = law.probability_alive(x, t_x, T)
    assert ((alive > 0) & (alive < 1)).all()
    assert alive.argmin() == 2  # the longest silence by far


@pytest.mark.parametrize(("s", "beta"), [(1e-14, 11.0), (1.0, 1e15)])
def test_without_dropout_it_is_the_nbd(s, beta):
    """As s goes to 0, or beta to infinity, likelihood and predictions are those of the NBD."""
    law, nbd, rows = ParetoNBDLaw(0.5, 9.0, s, beta), NBDLaw(0.5, 9.0), histories()
    for method, more in [
        ("log_likelihood", ()),
        ("expected_purchases", (52.0,)),
        ("purchase_probability", (2.0, 52.0)),
        ("discounted_expected_purchases", (0.002, np.inf)),
    ]:
        found, expected = (getattr(each, method)(*rows, *more) for each in (law, nbd))
        # Of heavy buyers even so small a chance to leave explains a silence.
        kept = rows[0] < 26
        np.testing.assert_allclose(found[kept], expected[kept], rtol=1e-9, err_msg=method)


def test_equal_rates_of_dropout_are_one_exponential():
    """As s and beta grow together, S(t) becomes exp(-t s / beta)."""
    law = ParetoNBDLaw(0.5, 9.0, 1e12, 2e13)
    expected = 0.5 / 9.0 * -np.expm1(-52.0 / 20) * 20
    assert law.expected_purchases_new(52.0) == pytest.approx(expected, rel=1e-9)


def test_expectations_go_smoothly_through_s_equal_one():
    """At s = 1 it is the logarithm, and nothing happens around it."""
    at_one = 0.5 / 9.0 * 11.0 * np.log1p(52.0 / 11.0)
    for s in (1 - 1e-12, 1.0, 1 + 1e-12):
        law = ParetoNBDLaw(0.5, 9.0, s, 11.0)
        assert law.expected_purchases_new(52.0) == pytest.approx(at_one, rel=1e-11)


def test_for_ever_is_finite_above_one_only():
    """The purchases expected for ever are r / alpha beta / (s - 1), infinite for s <= 1."""
    assert ParetoNBDLaw(0.5, 9.0, 3.0, 11.0).expected_purchases_new(np.inf) == pytest.approx(
        0.5 / 9.0 * 5.5
    )
    for s in (0.5, 1.0):
        assert np.isinf(ParetoNBDLaw(0.5, 9.0, s, 11.0).expected_purchases_new(np.inf))
    mixed = ParetoNBDLaw(0.5, 9.0, np.array([0.5, 1.0, 3.0]), 11.0)
    np.testing.assert_array_equal(np.isinf(mixed.expected_purchases_new(np.inf)), [1, 1, 0])


def test_rates_of_discount_may_differ_between_rows():
    """A row without discount has its plain expectation."""
    rows = tuple(np.full(2, value) for value in (3.0, 20.0, 39.0))
    both = BTYD.discounted_expected_purchases(*rows, np.array([0.0, 0.01]), 52.0)
    assert both[0] == BTYD.expected_purchases(*rows, 52.0)[0]
    assert both[1] == BTYD.discounted_expected_purchases(*rows, 0.01, 52.0)[1]


def test_starts_are_ordinary_parameters():
    """Units and starts follow the unit of time; customers are away for part of it."""
    x, t_x, T = histories()
    weights = np.ones(len(x))
    scale = np.array([1.0, 7.0, 1.0, 7.0])
    for name in ("units", "starts"):
        function = getattr(ParetoNBDLaw, name)
        weeks, days = function(x, t_x, T, weights), function(x, 7 * t_x, 7 * T, weights)
        np.testing.assert_allclose(days, weeks * scale)
        assert (weeks > 0).all()
