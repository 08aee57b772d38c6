"""Confidence sets of ranks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue._numerics.rank_sets import rank_sets


def sets_by_loops(estimates, draws, level):
    """Return the sets by the definition: ordered pairs one by one, set aside step by step."""
    p, n = len(estimates), len(draws)
    pairs = [(j, k) for j in range(p) for k in range(p) if j != k]
    spread = {(j, k): np.std(draws[:, j] - draws[:, k], ddof=1) for j, k in pairs}
    statistic = {(j, k): (estimates[j] - estimates[k]) / spread[j, k] for j, k in pairs}
    above = set()
    while len(above) < len(pairs):
        largest = [
            max(
                (d[j] - d[k] - estimates[j] + estimates[k]) / spread[j, k]
                for j, k in pairs
                if (j, k) not in above
            )
            for d in draws
        ]
        critical = sorted(largest)[min(int(np.ceil((n + 1) * level)), n) - 1]
        more = {pair for pair in pairs if statistic[pair] > critical} - above
        if not more:
            break
        above |= more
    lower = [1 + sum((k, j) in above for k in range(p)) for j in range(p)]
    upper = [p - sum((j, k) in above for k in range(p)) for j in range(p)]
    return lower, upper


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), level=st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_sets_are_those_of_the_definition(seed, level):
    """Against plain loops, for five estimates at various distances and correlated draws."""
    generator = np.random.default_rng(seed)
    truth = generator.normal(0, 3, 5)
    draws = truth + generator.normal(size=(99, 5)) @ generator.normal(size=(5, 5))
    found = rank_sets(truth, draws, level)
    lower, upper = sets_by_loops(truth, draws, level)
    assert found.lower.tolist() == lower
    assert found.upper.tolist() == upper


def test_far_apart_ranks_are_sure_and_equal_ones_are_not():
    """Estimates ten standard errors apart have one rank each; equal ones may have any."""
    draws = np.random.default_rng(1).normal(0, 1, (500, 4))
    apart = np.array([0.0, 20.0, -20.0, 40.0])
    sure = rank_sets(apart, apart + draws)
    assert sure.lower.tolist() == sure.upper.tolist() == [3, 2, 4, 1]
    equal = rank_sets(np.zeros(4), draws)
    assert equal.lower.tolist() == [1] * 4
    assert equal.upper.tolist() == [4] * 4


def test_differences_that_never_vary_are_known():
    """Two that differ by 1 in every draw are in order; two that never differ stay together."""
    common = np.random.default_rng(2).normal(size=(200, 1))
    estimates = np.array([1.0, 0.0, 0.0])
    found = rank_sets(estimates, estimates + common)
    assert found.lower.tolist() == [1, 2, 2]
    assert found.upper.tolist() == [1, 3, 3]


def test_sets_do_not_depend_on_unit_or_place():
    """A change of unit, zero or order of the estimates changes nothing but the order."""
    generator = np.random.default_rng(3)
    estimates = np.array([0.1, 0.2, 0.15, 0.3])
    draws = estimates + generator.normal(0, 0.02, (300, 4))
    found = rank_sets(estimates, draws)
    assert (found.lower < found.upper).any()
    moved = rank_sets(1e6 * estimates + 7, 1e6 * draws + 7)
    np.testing.assert_array_equal(moved.lower, found.lower)
    order = [2, 0, 3, 1]
    turned = rank_sets(estimates[order], draws[:, order])
    np.testing.assert_array_equal(turned.upper, found.upper[order])


def test_more_confidence_never_gives_smaller_sets():
    """From 50 % to 99 %."""
    generator = np.random.default_rng(5)
    estimates = np.linspace(0, 1, 6)
    draws = estimates + generator.normal(0, 0.15, (400, 6))
    found = [rank_sets(estimates, draws, level) for level in (0.5, 0.8, 0.9, 0.99)]
    for small, large in pairwise(found):
        assert (large.lower <= small.lower).all()
        assert (large.upper >= small.upper).all()
    assert (found[0].upper - found[0].lower).sum() < (found[-1].upper - found[-1].lower).sum()


@pytest.mark.parametrize(("gap", "promised"), [(0.0, 0.885), (0.05, 0.9)])
def test_all_ranks_are_held_together_as_often_as_promised(gap, promised):
    """Eight means from 200 respondents, 200 surveys: the share less two binomial standard errors.

    Where all true means are equal no slack is left, and standard deviations from 499 draws cost
    1.5 %: 88.6 % (standard error 0.6 %) over 3,000 surveys.
    """
    generator = np.random.default_rng(6)
    truth = gap * np.arange(8.0)
    ranks = 1 + (truth[None] > truth[:, None]).sum(axis=1)
    n_surveys, held = 200, 0
    for _ in range(n_surveys):
        rows = truth + generator.normal(size=(200, 8)) + generator.normal(size=(200, 1))
        counts = generator.multinomial(200, np.full(200, 1 / 200), size=499)
        found = rank_sets(rows.mean(axis=0), counts @ rows / 200, 0.9)
        held += bool(((found.lower <= ranks) & (ranks <= found.upper)).all())
    assert held >= n_surveys * (promised - 2 * np.sqrt(promised * (1 - promised) / n_surveys))
