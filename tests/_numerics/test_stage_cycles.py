"""The sums over roots against sums over the stages themselves."""

import numpy as np
import pytest

from custvalue._numerics.negative_binomial import log_probability
from custvalue._numerics.stage_cycles import events_given_stop, roots, survival_given_stop

STOPS = np.array([1e-12, 1e-3, 0.2, 0.89, 0.91, 0.999, 1 - 1e-12])


def by_stages(s, z, every, phase):
    """Return events and survival as sums over 5,000 stages."""
    stages = np.arange(5000.0)
    chances = np.exp(log_probability(stages, np.full(5000, s), np.full(5000, z)))
    events = ((stages + phase) // every)[:, None]
    log_rest = np.log1p(-STOPS)
    reached = -np.expm1(events * log_rest) / STOPS
    return chances @ reached, chances @ np.exp(events * log_rest)


@pytest.mark.parametrize(("every", "phase"), [(1, 0), (2, 1), (3, 0), (3, 2), (12, 0), (12, 11)])
@pytest.mark.parametrize(("s", "z"), [(0.05, 22.0), (2.5, 60.0), (900.0, 0.9)])
def test_long_sums(s, z, every, phase):
    """Events have 12 digits, survival too where it is above 1e-12, for p near 0 and near 1."""
    logs = np.log(STOPS)[None], np.log1p(-STOPS)[None]
    rows = np.array([s]), np.array([z])
    events, survival = by_stages(s, z, every, phase)
    found = events_given_stop(*logs, *rows, every=every, phase=phase)
    np.testing.assert_allclose(found[0], events, rtol=1e-11)
    found = survival_given_stop(*logs, *rows, every=every, phase=phase)
    np.testing.assert_allclose(found[0], survival, rtol=1e-11, atol=1e-24)


@pytest.mark.parametrize("every", [1, 2, 3, 12])
def test_roots_are_roots(every):
    """Each root to the power of k is 1 - p, and all of them count k."""
    found = roots(np.log(np.array([0.3, 0.9])), every)
    for theta, rest, _ in found:
        np.testing.assert_allclose(theta**every, [0.3, 0.9], rtol=1e-13)
        np.testing.assert_allclose(theta + rest, 1, rtol=1e-13)
    assert sum(stands_for for *_, stands_for in found) == every
