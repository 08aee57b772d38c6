"""The mathematics of stock and service."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue._numerics.lead_time_demand import (
    CountDemand,
    EmpiricalDemand,
    GammaDemand,
    NormalDemand,
)
from custvalue.service._inventory_service_level import (
    Items,
    ServiceLevels,
    as_columns,
    blocks,
    demand_law,
    legible,
    pooled_shape,
    service_of_stock,
    service_sums,
    standard_levels,
    stock_for_target,
    window_length,
)


def items(n=2, **changes) -> Items:
    """Return items with mean 100 and sd 20 over one period, ordered 200 at a time."""
    columns = {"mean": 100.0, "sd": 20.0, "time": 1.0, "time_sd": 0.0, "order_quantity": 200.0}
    return Items(**{name: np.full(n, value) for name, value in (columns | changes).items()})


@pytest.mark.parametrize(
    ("demand", "law", "sd"),
    [
        ("normal", NormalDemand, 20.0),
        ("gamma", GammaDemand, 20.0),
        ("poisson", CountDemand, 10.0),
        ("negative_binomial", CountDemand, 20.0),
    ],
)
def test_each_name_has_its_law(demand, law, sd):
    """Mean and sd of the lead time; Poisson demand has its own sd."""
    found = demand_law(items(), demand)
    assert isinstance(found, law)
    assert found.mean.tolist() == [100.0, 100.0]
    np.testing.assert_allclose(found.sd, sd)


def test_fill_rates_of_a_shortage():
    """n = 20 G(0) = 7.9788: 1 - n / Q, Q / (Q + n), 0 where n exceeds Q, NaN without demand."""
    one = items(n=3, order_quantity=np.array([200.0, 5.0, 200.0]), mean=np.array([1.0, 1.0, 0.0]))
    law = NormalDemand(np.zeros(3), np.full(3, 20.0))
    waiting = service_of_stock(law, np.zeros(3), one, backorders=True).fill_rate
    lost = service_of_stock(law, np.zeros(3), one, backorders=False).fill_rate
    np.testing.assert_allclose(waiting, [0.96010577, 0.0, np.nan], rtol=1e-8)
    np.testing.assert_allclose(lost, [200 / 207.97884561, 5 / 12.97884561, np.nan], rtol=1e-9)


@pytest.mark.parametrize("backorders", [True, False])
@pytest.mark.parametrize("measure", ["cycle", "fill_rate"])
def test_the_stock_for_a_target_gives_it(measure, backorders):
    """Forward and back."""
    law, target = demand_law(items(), "gamma"), np.array([0.6, 0.98])
    stock = stock_for_target(law, target, items(), measure=measure, backorders=backorders)
    found = service_of_stock(law, stock, items(), backorders=backorders)
    level = found.fill_rate if measure == "fill_rate" else found.cycle_service_level
    np.testing.assert_allclose(level, target, rtol=1e-12)
    np.testing.assert_allclose(found.safety_stock, stock - 100.0)


def test_sums_weigh_the_fill_rate_by_demand():
    """By hand, an item without demand left out of the fill rate alone."""

    def part(*fill):
        return ServiceLevels(np.full(len(fill), 0.5), np.array(fill), *np.ones((3, len(fill))))

    several = items(n=3, mean=np.array([1.0, 3.0, 0.0]))
    line = service_sums([part(0.5, 0.9), part(np.nan)], several)
    assert line["fill_rate"] == pytest.approx((0.5 + 3 * 0.9) / 4)
    assert line["cycle_service_level"] == 0.5
    assert line["safety_stock"] == line["expected_shortage"] == 3.0
    assert np.isnan(service_sums([part(np.nan)], items(n=1))["fill_rate"])


def test_blocks_hold_every_item_once():
    """In blocks of bounded size, and of one window length where windows are cut."""
    many = items(n=40_000, time=np.resize([1.0, 2.0, 3.4], 40_000))
    for by_window in (False, True):
        parts = list(blocks(many, by_window=by_window))
        assert sorted(np.concatenate(parts).tolist()) == list(range(40_000))
        assert max(map(len, parts)) <= 16_384
    assert all(len(np.unique(window_length(many.time[part]))) == 1 for part in parts)


def test_columns_are_put_back_in_the_order_of_the_items():
    """Blocks come in any order."""
    levels = [ServiceLevels(*np.full((5, 1), value)) for value in (1.0, 2.0)]
    out = as_columns([(np.array([1]), levels[0]), (np.array([0]), levels[1])], 2)
    assert list(out) == list(ServiceLevels.__slots__)
    assert all(values.tolist() == [2.0, 1.0] for values in out.values())


def test_windows_overlap_and_are_scaled_to_the_lead_time():
    """1, 2, 6, 3 in pairs: 3, 8, 9; over 2.4 periods the mean is 1.2 times theirs."""
    one = Items(*np.array([[3.0], [2.0], [2.4], [0.0]]), None, np.array([[1.0, 2.0, 6.0, 3.0]]))
    law = demand_law(one, "empirical")
    assert isinstance(law, EmpiricalDemand)
    sums = np.array([3.0, 8.0, 9.0])
    assert law.mean[0] == pytest.approx(1.2 * sums.mean())
    assert law.sd[0] == pytest.approx(np.sqrt(1.2) * sums.std())
    np.testing.assert_allclose(law.points[0], (sums - sums.mean()) / sums.std())


def test_a_shape_of_many_windows_is_kept_as_a_thousand_quantiles():
    """Of normal demand it is normal: 2,000 items, three standard errors of the median."""
    rng = np.random.default_rng(2)
    history = rng.normal(50.0, 5.0, (2000, 30))
    one = np.ones(2000)
    shape = pooled_shape(Items(50 * one, 5 * one, 2 * one, 0 * one, None, history))
    assert len(shape) == 1000
    assert np.median(shape) == pytest.approx(0.0, abs=0.03)
    order = rng.permutation(2000)
    other = pooled_shape(Items(50 * one, 5 * one, 2 * one, 0 * one, None, history[order]))
    np.testing.assert_array_equal(shape, other)


def test_demand_that_never_varies_has_no_shape():
    """A single 0."""
    flat = Items(*np.ones((4, 2)), None, np.full((2, 9), 0.1))
    assert pooled_shape(flat).tolist() == [0.0]


def test_the_rule_of_thumb_is_rounded_to_what_can_be_read():
    """Whole per cents up to 99, then the digits that part a level from 1."""
    table = standard_levels(np.array([1.0, 4.0]))
    assert table["rounded"].tolist() == [0.84, 0.99997]
    assert [legible(level) for level in (0.2, 0.99, 0.995, 1.0)] == [0, 0, 1, 0]
