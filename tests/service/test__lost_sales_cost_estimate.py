"""Probabilities of leaving from histories."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.exceptions import DataError
from custvalue.service._lost_sales_cost_estimate import (
    Histories,
    component_table,
    estimate_all,
    estimate_component,
)


def simulated(generator, n, r0, p):
    """Return failures of two components, met together by the same customers, and who stayed."""
    busy = generator.random(n) < 0.5
    failures = generator.poisson(np.where(busy, 1.2, 0.2)[:, None], (n, 2)).astype(float)
    staying = r0 * np.prod((1 - np.array(p)) ** failures, axis=1)
    return failures, (generator.random(n) < staying).astype(float)


@pytest.mark.parametrize("r0", [1.0, 0.5])
def test_one_probability_is_recovered_whoever_leaves_anyway(r0):
    """300 tables of 400 customers, p = 0.15: the mean within 4 errors, 95 % intervals hold it.

    The share of intervals within 4 binomial errors, 0.90 to 0.99.
    """
    generator = np.random.default_rng(7)
    values, inside = [], []
    for _ in range(300):
        failures = generator.poisson(0.9, 400).astype(float)
        alive = (generator.random(400) < r0 * 0.85**failures).astype(float)
        found = estimate_all(Histories(alive, np.ones(400), None, 0.95), failures > 0, failures)
        values.append(found.value)
        inside.append(found.lower <= 0.15 <= found.upper)
    assert abs(np.mean(values) - 0.15) < 4 * np.std(values) / np.sqrt(300)
    assert 0.90 < np.mean(inside) < 0.99


@pytest.mark.parametrize("r0", [1.0, 0.5])
def test_components_that_fail_together_are_told_apart(r0):
    """100 tables of 1,500 customers, p = 0.05 and 0.3: means within 4 errors, intervals hold them.

    The share of intervals within 4 binomial errors above 0.86; an end at 0 makes more of them hold.
    """
    generator = np.random.default_rng(8)
    truth, values, inside = (0.05, 0.3), [], []
    for _ in range(100):
        failures, alive = simulated(generator, 1500, r0, truth)
        histories = Histories(alive, np.ones(1500), None, 0.95)
        found = [estimate_component(histories, failures, c, ("late", "short")) for c in (0, 1)]
        values.append([one.value for one in found])
        inside.append([one.lower <= p <= one.upper for one, p in zip(found, truth, strict=True)])
    errors = np.std(values, axis=0) / 10
    assert (np.abs(np.mean(values, axis=0) - truth) < 4 * errors).all()
    assert (np.mean(inside, axis=0) > 0.86).all()


def test_strata_and_weights_count_in_every_component():
    """Weighted rows give what repeated rows give, within groups."""
    generator = np.random.default_rng(9)
    failures, alive = simulated(generator, 300, 0.8, (0.1, 0.3))
    groups, weights = generator.integers(0, 2, 300), generator.integers(0, 3, 300)
    again = np.repeat(np.arange(300), weights)
    kept = weights > 0
    one = Histories(alive[kept], weights[kept].astype(float), groups[kept], 0.9)
    two = Histories(alive[again], np.ones(len(again)), groups[again], 0.9)
    found = estimate_component(one, failures[kept], 1, ("late", "short"))
    other = estimate_component(two, failures[again], 1, ("late", "short"))
    assert found.value == pytest.approx(other.value, rel=1e-9)
    assert (found.lower, found.upper) == pytest.approx((other.lower, other.upper), rel=1e-9)


def test_a_component_without_counterparts_is_named():
    """Two components that always fail together cannot be told apart."""
    failures = np.repeat([[0.0, 0.0], [1.0, 1.0]], 5, axis=0)
    histories = Histories(np.ones(10), np.ones(10), None, 0.95)
    with pytest.raises(DataError, match="short: some stratum must have"):
        estimate_component(histories, failures, 1, ("late", "short"))


def test_given_probabilities_have_no_width():
    """The table has both kinds."""
    histories = Histories(np.array([1.0, 1.0, 1.0, 0.0]), np.ones(4), None, 0.95)
    found = estimate_all(histories, np.array([False, False, True, True]), None)
    table = component_table(("late", "short"), {"late": 0.1, "short": None}, {"short": found})
    assert table.loc["late"].tolist() == [0.1, 0.1, 0.1]
    assert table.loc["short", "leaving_probability"] == 0.5
