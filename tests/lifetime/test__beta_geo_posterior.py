"""The state of a customer after a history."""

import numpy as np
import pytest

from custvalue._numerics.beta_geometric import beta_geo_expectation
from custvalue.lifetime._beta_geo_cnbd import regular_law
from custvalue.lifetime._beta_geo_posterior import if_alive

PARAMETERS = (0.5, 6.0, 0.9, 1.6)


@pytest.mark.parametrize(("k", "chances"), [(1, 0), (1, 1), (3, 0), (3, 1)])
def test_alive_and_left_add_up(k, chances):
    """P(alive) and P(left) are 1 together, and neither is lost where the other is nearly 1."""
    law = regular_law(k, chances)(*PARAMETERS)
    x, T = np.array([0.0, 1.0, 40.0, 40.0]), np.full(4, 500.0)
    t_x = np.array([0.0, 2.0, 1.0, 500.0])
    alive, left = law._alive(x, t_x, T), law._left(x, t_x, T)
    np.testing.assert_allclose(alive + left, 1, rtol=1e-15)
    assert 0 < alive[2] < 1e-60 < left[3] < 1
    assert (left[0] == 0) == (chances == 0)


def test_many_rows_are_interpolated_and_stay_the_same():
    """10,000 rows of few counts agree with the rows alone to 1e-12."""
    law = regular_law(2, 1)(*PARAMETERS)
    generator = np.random.default_rng(0)
    x, T = generator.integers(0, 3, 10_000).astype(float), generator.uniform(1, 40, 10_000)
    together = law._ahead(beta_geo_expectation, x, T, 20.0, phase=1)
    alone = beta_geo_expectation(*law._posterior(x, T, 1), 20.0, every=2, phase=1)
    np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_nobody_who_left_buys_for_ever():
    """Nothing times infinity is nothing."""
    np.testing.assert_array_equal(if_alive(np.array([0.0, 0.5]), np.full(2, np.inf)), [0, np.inf])
