from dataclasses import dataclass

import numpy as np
import pytest

from custvalue._numerics.dropout_quadrature import (
    composite_rule,
    gauss_rule,
    in_blocks,
    nodes_needed,
    take_rows,
)


@dataclass(frozen=True)
class Inner:
    """One number, one array."""

    number: float
    rate: np.ndarray


@dataclass(frozen=True)
class Outer:
    """A record in a record."""

    inner: Inner
    upper: np.ndarray


def record(n):
    """Return rows whose integrals of rate exp(-rate v) over (0, upper) are known."""
    generator = np.random.default_rng(0)
    return Outer(Inner(1.0, generator.uniform(0.1, 20, n)), generator.uniform(0.1, 2, n))


def integral(rows, size):
    """Return the integral by a rule of the size."""
    nodes, weights = gauss_rule(size)
    v = nodes * rows.upper
    return (weights @ np.exp(-rows.inner.rate * v) * rows.upper * rows.inner.rate)[None, :]


def test_rules_integrate_powers():
    """n nodes are exact for the power 2n - 1; repeated on panels, as well."""
    for nodes, weights in (gauss_rule(5), composite_rule(5, 7)):
        assert weights @ nodes[:, 0] ** 9 == pytest.approx(0.1, rel=1e-14)
    assert composite_rule(5, 7)[0].shape == (35, 1)


def test_rows_wait_in_blocks_and_come_back_in_order():
    """20,000 rows of many sizes are each integrated to 13 digits, in the order given."""
    rows = record(20_000)
    sizes = nodes_needed(np.zeros(20_000), rows.inner.rate * rows.upper, 4.6)
    assert len(np.unique(sizes)) > 5
    found = in_blocks(integral, rows, sizes, 1)[0]
    np.testing.assert_allclose(found, -np.expm1(-rows.inner.rate * rows.upper), rtol=1e-13)


def test_no_rows_are_no_work():
    """An empty table gives empty results."""
    assert in_blocks(integral, record(0), np.array([], dtype=int), 1).shape == (1, 0)


def test_longer_charts_and_steeper_integrands_want_more_nodes():
    """Up to the largest rule there is."""
    steeper = nodes_needed(np.zeros(4), np.array([0.0, 1.0, 10.0, 40.0]), 4.6)
    longer = nodes_needed(np.array([0.0, 1.0, 10.0, 1e9]), np.zeros(4), 4.6)
    assert (np.diff(steeper) > 0).all()
    assert (np.diff(longer) > 0).all()
    assert longer[-1] == 512


def test_numbers_stand_for_all_rows():
    """A record of some rows keeps numbers and takes entries of arrays, at every depth."""
    some = take_rows(record(10), np.array([7, 2]))
    assert some.inner.number == 1.0
    np.testing.assert_array_equal(some.inner.rate, record(10).inner.rate[[7, 2]])
    np.testing.assert_array_equal(some.upper, record(10).upper[[7, 2]])
