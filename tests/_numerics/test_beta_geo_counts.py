"""Count probabilities add up and have the expected mean."""

import numpy as np
import pytest

from custvalue._numerics.beta_geo_counts import beta_geo_count_probability
from custvalue._numerics.beta_geometric import beta_geo_expectation

STATE = (1.3, 1.0, 0.8, 2.4)


@pytest.mark.parametrize(("every", "phase"), [(1, 0), (2, 0), (3, 2), (12, 5)])
def test_distribution(every, phase):
    """All probabilities together are 1, their mean is the expectation, to 1e-13."""
    n = np.arange(2000.0)
    chances = beta_geo_count_probability(*STATE, n, 20.0, every=every, phase=phase)
    np.testing.assert_allclose(chances.sum(), 1, rtol=1e-13)
    mean = beta_geo_expectation(*STATE, 20.0, every=every, phase=phase)
    np.testing.assert_allclose(chances @ n, mean, rtol=1e-13)


@pytest.mark.parametrize("every", [1, 4])
def test_ends(every):
    """In no time nothing happens; for ever, the number of events is that until stopping."""
    n = np.arange(4.0)
    found = beta_geo_count_probability(*STATE, n, 0.0, every=every)
    np.testing.assert_array_equal(found, [1, 0, 0, 0])
    found = beta_geo_count_probability(*STATE, n, np.inf, every=every)
    a, b = STATE[2:]
    first, second = a / (a + b), b / (a + b) * a / (a + b + 1)
    np.testing.assert_allclose(found[:3], [0, first, second], rtol=1e-14)
