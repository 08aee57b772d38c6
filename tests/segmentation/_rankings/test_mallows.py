"""Mallows models and mixtures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from custvalue.segmentation._rankings.mallows import (
    draw_mallows,
    fit_mallows,
    mallows_log_density,
)
from support.strict_orders import all_orders, compatible, partial_rankings
from support.words import WORD_COUNTS, WORD_RANKS

LEVELS = WORD_RANKS - 1


def fitted(levels, counts, k, seed=0, **options):
    given = {"n_starts": 20, "max_concentration": 5.0, "min_size": 0.0} | options
    generator = np.random.default_rng(seed)
    return fit_mallows(levels, counts, k, generator=generator, **given)


def two_groups(n=600):
    """Draw n orders of five items around one centre and n / 2 around its reverse."""
    generator = np.random.default_rng(5)
    centre = np.array([2, 5, 1, 4, 3])
    parts = [
        draw_mallows(centre, 1.5, n, generator),
        draw_mallows(6 - centre, 0.8, n // 2, generator),
    ]
    return np.concatenate(parts)


def test_one_component_is_the_published_consensus():
    """Words: centre 5 1 4 3 2, theta 1.427059, likelihood -251.271732 (all 120 tried)."""
    found = fitted(LEVELS, WORD_COUNTS, 1)
    np.testing.assert_array_equal(found.centres, [[5, 1, 4, 3, 2]])
    # Six decimals are given.
    np.testing.assert_allclose(found.concentrations, [1.427059], atol=5e-7)
    assert found.log_likelihood == pytest.approx(-251.271732, abs=5e-7)
    assert found.n_parameters == 2


def test_two_components_are_those_of_an_exhaustive_search():
    """Words: -240.296237, shares .6592 and .3408, theta 1.8291 and 1.3007, by another program."""
    found = fitted(LEVELS, WORD_COUNTS, 2)
    np.testing.assert_array_equal(found.centres, [[5, 1, 4, 3, 2], [5, 1, 3, 4, 2]])
    # Four decimals are given, six for the log-likelihood.
    np.testing.assert_allclose(found.shares, [0.6592, 0.3408], atol=6e-5)
    np.testing.assert_allclose(found.concentrations, [1.8291, 1.3007], atol=6e-5)
    assert found.log_likelihood == pytest.approx(-240.296237, abs=1e-6)
    assert (found.n_parameters, found.converged) == (5, True)


def test_one_student_becomes_a_component_only_where_that_is_allowed():
    """Three components: unrestricted, (1, 4, 2, 3, 5) stands alone at the cap; with 5 % no more."""
    # Eight of twelve seeds find it with 60 starts; the others stop at lower maxima.
    free = fitted(LEVELS, WORD_COUNTS, 3, seed=2, n_starts=60, max_concentration=20.0)
    # The best of 300 starts of another program, printed to four decimals.
    assert free.log_likelihood == pytest.approx(-232.2990, abs=6e-5)
    np.testing.assert_array_equal(free.centres[2], [1, 4, 2, 3, 5])
    assert free.shares[2] * 98 == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(free.at_cap, [False, False, True])
    held = fitted(LEVELS, WORD_COUNTS, 3, min_size=4.9)
    assert (held.shares * 98 >= 4.9).all()
    assert not held.at_cap.any()
    assert -240.296 < held.log_likelihood < free.log_likelihood


def test_no_mixture_where_the_smallest_size_cannot_be_met():
    """Three components of 40 of 98 students do not exist."""
    assert fitted(LEVELS, WORD_COUNTS, 3, min_size=40.0) is None


@pytest.mark.parametrize("m", [2, 3, 4, 5])
def test_rankings_have_the_probability_of_all_orders_that_agree(m):
    """All m! orders add up to 1, and ties and unknown items to the orders they leave open."""
    generator = np.random.default_rng(m)
    theta = np.array([0.0, 1e-9, 0.7, 30.0])
    centres = generator.permuted(np.tile(np.arange(1, m + 1), (4, 1)), axis=1)
    orders, levels = all_orders(m), partial_rankings(m, 50, generator, unknown=0.15)
    law = np.exp(mallows_log_density(orders, centres, theta))
    np.testing.assert_allclose(law.sum(axis=0), 1, rtol=1e-12)
    expected = np.log(compatible(levels, orders) @ law)
    found = mallows_log_density(levels, centres, theta)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_without_concentration_all_orders_are_alike():
    """At theta = 0 a strict order has log-probability -log m!."""
    found = mallows_log_density(np.arange(8)[None], np.arange(8, 0, -1)[None], np.zeros(1))
    assert found[0, 0] == pytest.approx(-math.log(math.factorial(8)), rel=1e-14)


def test_a_consensus_that_nobody_shares_has_no_concentration():
    """All orders equally often: theta is 0."""
    found = fitted(all_orders(4), np.ones(24), 1)
    assert found.concentrations[0] == pytest.approx(0, abs=1e-12)


def test_one_ranking_alone_reaches_the_cap():
    """Where all agree, theta is the largest allowed, and that is said."""
    found = fitted(LEVELS[:1], np.array([7.0]), 1, max_concentration=3.0)
    assert found.concentrations[0] == 3.0
    assert found.at_cap[0]


def test_parameters_come_back_from_simulated_answers():
    """900 answers of two opposed groups: centres exactly, theta within three standard errors."""
    found = fitted(two_groups(), np.ones(900), 2)
    np.testing.assert_array_equal(found.centres, [[2, 5, 1, 4, 3], [4, 1, 5, 2, 3]])
    # Standard errors: 1 / sqrt(n var d) is .05 and .05, and .02 for a share.
    np.testing.assert_allclose(found.concentrations, [1.5, 0.8], atol=0.2)
    np.testing.assert_allclose(found.shares, [2 / 3, 1 / 3], atol=0.06)


def test_unknown_items_are_completed_without_bias():
    """Theta and centre of 2,000 answers stay where three items in ten are hidden at random."""
    generator = np.random.default_rng(8)
    levels = draw_mallows(np.array([3, 1, 2, 5, 4]), 1.0, 2000, generator)
    levels[generator.random(levels.shape) < 0.3] = -1
    found = fitted(levels, np.ones(2000), 1)
    np.testing.assert_array_equal(found.centres, [[3, 1, 2, 5, 4]])
    # Standard error .02 for complete answers, some more for those with gaps.
    assert found.concentrations[0] == pytest.approx(1.0, abs=0.1)
    assert found.converged


def test_ties_and_unknown_items_reach_the_highest_likelihood():
    """With ties and gaps, none of all 24 centres has more at the theta that scipy finds for it."""
    generator = np.random.default_rng(9)
    levels = draw_mallows(np.array([2, 1, 4, 3]), 0.9, 150, generator)
    levels[:50] = np.minimum(levels[:50], 2)
    levels[100:][generator.random((50, 4)) < 0.3] = -1
    rows, counts = np.unique(levels, axis=0, return_counts=True)
    found = fitted(rows, counts.astype(float), 1)

    def negated(theta, centre):
        return -(counts @ mallows_log_density(rows, centre[None], np.array([theta]))[:, 0])

    ends = [
        minimize_scalar(negated, bounds=(0, 5), args=(centre,), method="bounded")
        for centre in all_orders(4) + 1
    ]
    assert found.log_likelihood == pytest.approx(-min(end.fun for end in ends), abs=1e-6)


def test_rows_in_any_order_and_counts_for_repeats_give_the_same():
    """Shuffled single answers and counted distinct ones end at the same numbers."""
    levels = two_groups()
    shuffled = np.random.default_rng(1).permutation(levels)
    rows, counts = np.unique(levels, axis=0, return_counts=True)
    one, other = fitted(shuffled, np.ones(900), 2), fitted(rows, counts.astype(float), 2)
    np.testing.assert_array_equal(one.concentrations, other.concentrations)
    np.testing.assert_array_equal(one.shares, other.shares)
    assert one.log_likelihood == other.log_likelihood


def test_items_by_other_names_give_the_same_in_those_names():
    """Columns in another order give the centres in that order."""
    levels, order = two_groups(), np.array([3, 0, 4, 2, 1])
    one, other = fitted(levels, np.ones(900), 2), fitted(levels[:, order], np.ones(900), 2)
    np.testing.assert_array_equal(one.centres[:, order], other.centres)
    np.testing.assert_allclose(one.concentrations, other.concentrations, rtol=1e-5)


def test_many_rows_go_in_chunks(monkeypatch):
    """The log-probability of a row does not depend on which others are asked."""
    levels = partial_rankings(4, 30, np.random.default_rng(0))
    centres, theta = np.array([[1, 2, 3, 4], [4, 2, 1, 3]]), np.array([0.5, 1.0])
    whole = mallows_log_density(levels, centres, theta)
    monkeypatch.setattr("custvalue.segmentation._rankings.mallows._CHUNK", 1)
    np.testing.assert_allclose(mallows_log_density(levels, centres, theta), whole, rtol=1e-13)


def test_twelve_items_of_unknown_place_are_refused():
    """Both the density and the fit say that ten items are the most."""
    levels = np.append(np.arange(11), -1)[None]
    with pytest.raises(ValueError, match="at most 10 items"):
        mallows_log_density(levels, np.arange(1, 13)[None], np.ones(1))
    with pytest.raises(ValueError, match="at most 10 items"):
        fitted(levels, np.ones(1), 1)


def test_draws_have_the_law_of_the_model():
    """Frequencies of 24 orders in 40,000 draws: chi-square below its 99.9 % point of 49.7."""
    centre, theta = np.array([3, 1, 4, 2]), 0.6
    drawn = draw_mallows(centre, theta, 40_000, np.random.default_rng(2))
    orders = all_orders(4)
    seen = (drawn[:, None, :] == orders).all(axis=2).sum(axis=0)
    expected = 40_000 * np.exp(mallows_log_density(orders, centre[None], np.array([theta])))[:, 0]
    assert ((seen - expected) ** 2 / expected).sum() < 49.7
