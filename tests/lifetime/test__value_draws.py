import numpy as np
import pytest

from custvalue.lifetime import _value_draws
from custvalue.lifetime._future import Future
from custvalue.lifetime._gamma_gamma import GammaGammaLaw
from custvalue.lifetime._value_draws import discounted_spend

N = 200_000
LAW = GammaGammaLaw(6.25, 3.74, 15.44)
RATE = 0.02


def drawn(count, span, *, ends, x=3.0, m=30.0, rate=RATE):
    """Return draws of the discounted spend of one kind of future."""
    future = Future(np.full(N, float(count)), np.full(N, span), np.full(N, ends))
    money = (np.full(N, x), np.full(N, m))
    return discounted_spend(future, LAW, money, rate, np.random.default_rng(3))


def expected(count, span, *, ends, x=3.0, m=30.0, rate=RATE):
    """Return its mean: times evenly spread over the span, the last at its end where it ends."""
    spread = -np.expm1(-rate * span) / (rate * span)
    times = (count - ends) * spread + ends * np.exp(-rate * span)
    return times * LAW.expected_spend(np.array([x]), np.array([m]))[0]


@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize("count", [1, 4, 63, 64, 500])
def test_the_mean_is_the_discounted_number_times_the_expected_spend(count, ends):
    """Within four standard errors, drawn one by one or as a sum; many hide how the last falls."""
    found = drawn(count, 30.0, ends=ends)
    error = found.std() / np.sqrt(N)
    slack = 0 if count < 64 else abs(expected(count, 30.0, ends=ends) / count)
    assert abs(found.mean() - expected(count, 30.0, ends=ends)) < 4 * error + slack


def test_a_sum_of_many_has_the_spread_of_purchases_drawn_one_by_one(monkeypatch):
    """Deviations agree within two per cent, without the spread of the mean spends."""
    as_sum = drawn(80, 30.0, ends=False, x=1e6)
    monkeypatch.setattr(_value_draws, "_MANY", 1000)
    one_by_one = drawn(80, 30.0, ends=False, x=1e6)
    assert as_sum.std() == pytest.approx(one_by_one.std(), rel=0.02)


def test_no_purchase_is_worth_nothing():
    """A customer who has left brings no value."""
    assert (drawn(0, 0.0, ends=False) == 0).all()


def test_without_a_rate_every_purchase_counts_in_full():
    """The mean is the number times the expected spend."""
    found = drawn(4, 30.0, ends=False, rate=0.0)
    mean = 4 * LAW.expected_spend(np.array([3.0]), np.array([30.0]))[0]
    assert abs(found.mean() - mean) < 4 * found.std() / np.sqrt(N)
