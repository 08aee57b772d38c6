"""Plackett-Luce models and mixtures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from custvalue.segmentation._rankings.plackett_luce import (
    draw_plackett_luce,
    fit_plackett_luce,
    plackett_luce_log_density,
)
from support.strict_orders import all_orders, compatible, partial_rankings
from support.words import WORD_COUNTS, WORD_RANKS

LEVELS = WORD_RANKS - 1
WORTHS = np.array([[1.2, 0.6, 0.0, -0.6, -1.2], [-1.0, -0.5, 0.4, -0.2, 1.3]])


def fitted(levels, counts, k, **options):
    given = {"n_starts": 12, "max_concentration": 5.0, "min_size": 0.0} | options
    return fit_plackett_luce(levels, counts, k, generator=np.random.default_rng(0), **given)


def two_groups():
    generator = np.random.default_rng(6)
    sizes = (2400, 1600)
    parts = [draw_plackett_luce(w, n, generator) for w, n in zip(WORTHS, sizes, strict=True)]
    return np.concatenate(parts)


def by_definition(log_worths):
    """Return the log-likelihood of the words, choice by choice in plain Python."""
    total = 0.0
    for ranks, count in zip(WORD_RANKS, WORD_COUNTS, strict=True):
        left = [math.exp(log_worths[item]) for item in np.argsort(ranks)]
        total += count * sum(math.log(left[i] / math.fsum(left[i:])) for i in range(len(left)))
    return total


def test_one_component_is_that_of_an_independent_maximisation():
    """Words: scipy climbs the likelihood, written anew from the definition, to the same point."""
    found = fitted(LEVELS, WORD_COUNTS, 1)
    options = {"gtol": 1e-9}
    end = minimize(lambda v: -by_definition(np.append(v, 0.0)), np.zeros(4), options=options)
    expected = np.append(end.x, 0.0)
    assert found.log_likelihood == pytest.approx(-end.fun, abs=1e-8)
    # BFGS with differences of 1e-8 leaves about 1e-6 in the worths.
    np.testing.assert_allclose(found.log_worths[0], expected - expected.mean(), atol=2e-5)
    assert found.log_likelihood == pytest.approx(by_definition(found.log_worths[0]), rel=1e-12)
    assert found.n_parameters == 4


def test_wins_are_as_many_as_expected():
    """At the maximum each item is chosen as often as the worths say (Hunter 2004)."""
    worths = np.exp(fitted(LEVELS, WORD_COUNTS, 1).log_worths[0])
    observed, expected = np.zeros(5), np.zeros(5)
    for ranks, count in zip(WORD_RANKS, WORD_COUNTS, strict=True):
        order = np.argsort(ranks)
        for place in range(4):
            observed[order[place]] += count
            left = order[place:]
            expected[left] += count * worths[left] / worths[left].sum()
    # Of 392 choices.
    np.testing.assert_allclose(observed, expected, atol=1e-5)


def test_the_trap_of_a_group_of_two_is_refused():
    """Words: two components end with 1.8 students in one at the cap; with 5 % there are none."""
    free = fitted(LEVELS, WORD_COUNTS, 2)
    assert free.shares[1] * 98 == pytest.approx(1.8, abs=0.02)
    np.testing.assert_array_equal(free.at_cap, [False, True])
    assert free.n_parameters == 9
    assert fitted(LEVELS, WORD_COUNTS, 2, min_size=4.9) is None


@pytest.mark.parametrize("m", [2, 3, 4, 5])
def test_rankings_have_the_probability_of_all_orders_that_agree(m):
    """All m! orders add up to 1, and ties and unknown items to the orders they leave open."""
    generator = np.random.default_rng(m)
    worths, orders = generator.normal(0, 2, (3, m)), all_orders(m)
    levels = partial_rankings(m, 60, generator)
    law = np.exp(plackett_luce_log_density(orders, worths))
    np.testing.assert_allclose(law.sum(axis=0), 1, rtol=1e-12)
    expected = np.log(compatible(levels, orders) @ law)
    found = plackett_luce_log_density(levels, worths)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_equal_worths_make_all_orders_alike():
    """A strict order of m items has log-probability -log m!."""
    found = plackett_luce_log_density(np.arange(8)[None], np.full((1, 8), 3.0))
    assert found[0, 0] == pytest.approx(-math.log(math.factorial(8)), rel=1e-14)


def test_an_item_that_always_wins_ends_at_the_bound():
    """Its worth is e^(2 cap) times the least, the mean is zero, and that is said."""
    levels = np.array([[0, 1, 2], [0, 2, 1]])
    found = fitted(levels, np.array([5.0, 5.0]), 1, max_concentration=2.0)
    assert np.ptp(found.log_worths[0]) == pytest.approx(4.0, abs=1e-6)
    assert found.log_worths[0].mean() == pytest.approx(0, abs=1e-12)
    assert found.at_cap[0]


def test_parameters_come_back_from_simulated_answers():
    """4,000 answers of two groups: log worths within 0.25, shares within 0.04."""
    found = fitted(two_groups(), np.ones(4000), 2)
    # Standard errors are .03 to .08 for log worths in a mixture of this size, .012 for a share.
    np.testing.assert_allclose(found.shares, [0.6, 0.4], atol=0.04)
    np.testing.assert_allclose(found.log_worths, WORTHS - WORTHS.mean(axis=1)[:, None], atol=0.25)
    assert found.converged
    assert not found.at_cap.any()


def test_ties_and_unknown_items_leave_the_worths_unbiased():
    """3,000 answers, a third with the two best tied, a third with items hidden: within 0.15."""
    generator = np.random.default_rng(7)
    levels = draw_plackett_luce(WORTHS[0], 3000, generator)
    levels[:1000] = np.maximum(levels[:1000] - 1, 0)
    levels[1000:2000][generator.random((1000, 5)) < 0.3] = -1
    found = fitted(levels, np.ones(3000), 1)
    # Standard errors are about .03.
    np.testing.assert_allclose(found.log_worths[0], WORTHS[0], atol=0.15)


def test_rows_in_any_order_and_counts_for_repeats_give_the_same():
    """Shuffled single answers and counted distinct ones end at the same numbers."""
    levels = two_groups()
    shuffled = np.random.default_rng(1).permutation(levels)
    rows, counts = np.unique(levels, axis=0, return_counts=True)
    one = fitted(shuffled, np.ones(4000), 2, n_starts=3)
    other = fitted(rows, counts.astype(float), 2, n_starts=3)
    np.testing.assert_array_equal(one.log_worths, other.log_worths)
    np.testing.assert_array_equal(one.shares, other.shares)


def test_items_by_other_names_give_the_same_in_those_names():
    """Columns in another order give the worths in that order."""
    levels, order = two_groups(), np.array([3, 0, 4, 2, 1])
    one = fitted(levels, np.ones(4000), 2, n_starts=6)
    other = fitted(levels[:, order], np.ones(4000), 2, n_starts=6)
    np.testing.assert_allclose(one.log_worths[:, order], other.log_worths, atol=1e-3)


def test_many_rows_go_in_chunks(monkeypatch):
    """The log-probability of a row does not depend on which others are asked."""
    levels = partial_rankings(5, 30, np.random.default_rng(0))
    whole = plackett_luce_log_density(levels, WORTHS)
    monkeypatch.setattr("custvalue.segmentation._rankings.plackett_luce._CHUNK", 1)
    np.testing.assert_allclose(
        plackett_luce_log_density(levels, WORTHS), whole, rtol=1e-13, atol=1e-13
    )


def test_draws_have_the_law_of_the_model():
    """Frequencies of 24 orders in 40,000 draws: chi-square below its 99.9 % point of 49.7."""
    worths = np.array([0.5, 0.1, -0.2, -0.4])
    drawn = draw_plackett_luce(worths, 40_000, np.random.default_rng(2))
    orders = all_orders(4)
    seen = (drawn[:, None, :] == orders).all(axis=2).sum(axis=0)
    expected = 40_000 * np.exp(plackett_luce_log_density(orders, worths[None]))[:, 0]
    assert ((seen - expected) ** 2 / expected).sum() < 49.7
