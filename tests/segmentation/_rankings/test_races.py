"""Tied groups as races of exponential times."""

from __future__ import annotations

import itertools

import mpmath
import numpy as np
import pytest

from custvalue.segmentation._rankings.races import log_tied_groups, tied_groups


def by_inclusion(relative):
    """Return log I by inclusion and exclusion in 60 digits: sum of +-1 / (1 + sum of a)."""
    with mpmath.workdps(60):
        a = [mpmath.mpf(float(x)) for x in relative]
        terms = [
            (-1) ** size / (1 + mpmath.fsum(some))
            for size in range(len(a) + 1)
            for some in itertools.combinations(a, size)
        ]
        return float(mpmath.log(mpmath.fsum(terms)))


@pytest.mark.parametrize("size", [2, 3, 5, 7])
def test_groups_of_all_worths_have_their_exact_probability(size):
    """Worths from 1e-4 to 1e4 times the rest: 1e-12 against closed forms in 60 digits."""
    generator = np.random.default_rng(size)
    drawn = generator.uniform(-4, 4, (20, size)) * np.log(10)
    even = np.repeat(np.log([1e-4, 1e-2, 1.0, 1e2, 1e4])[:, None], size, axis=1)
    chosen = np.append(np.ones(size, dtype=bool), False)[None]
    for logs in np.concatenate([drawn, even]):
        found = log_tied_groups(np.append(logs, 0.0), chosen, ~chosen)[0]
        assert found == pytest.approx(by_inclusion(np.exp(logs)), rel=1e-12, abs=1e-12)


def test_a_constant_changes_nothing():
    """Log worths of 900 more, whose exponentials overflow, give the same."""
    logs, chosen = np.array([0.3, -1.0, 0.5]), np.array([[True, True, False]])
    one = log_tied_groups(logs, chosen, ~chosen)
    np.testing.assert_allclose(log_tied_groups(logs + 900, chosen, ~chosen), one, rtol=1e-12)


def test_derivatives_agree_with_central_differences():
    """Gradient and second derivatives of weighted groups, some with items that take no part."""
    generator = np.random.default_rng(4)
    place = generator.integers(0, 3, (30, 5))
    place[:, :3] = [0, 0, 1]
    chosen, rest, weights = place == 0, place == 1, generator.random(30)
    logs, step = generator.normal(0, 1.5, 5), 1e-5
    found = tied_groups(logs, chosen, rest, weights)
    ends = [
        [tied_groups(logs + sign * step * unit, chosen, rest, weights) for sign in (1, -1)]
        for unit in np.eye(5)
    ]
    gradient = [(up.value - down.value) / (2 * step) for up, down in ends]
    hessian = [(up.gradient - down.gradient) / (2 * step) for up, down in ends]
    # Central differences of step 1e-5 are right to 1e-9 here.
    np.testing.assert_allclose(found.gradient, gradient, atol=1e-8)
    np.testing.assert_allclose(found.hessian, hessian, atol=1e-8)


def test_chunks_add_up(monkeypatch):
    """Groups worked through one by one give the same sums."""
    chosen = np.array([[True, True, False], [False, True, True], [True, False, True]])
    logs, weights = np.array([0.1, 0.7, -0.8]), np.array([1.0, 2.0, 3.0])
    whole = tied_groups(logs, chosen, ~chosen, weights)
    monkeypatch.setattr("custvalue.segmentation._rankings.races._CELLS", 1)
    parts = tied_groups(logs, chosen, ~chosen, weights)
    assert parts.value == pytest.approx(whole.value, rel=1e-14)
    np.testing.assert_allclose(parts.hessian, whole.hessian, atol=1e-14)
