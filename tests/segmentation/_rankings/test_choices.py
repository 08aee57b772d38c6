"""Rankings as sequences of choices."""

from __future__ import annotations

import numpy as np

from custvalue.segmentation._rankings.choices import choices_of, log_likelihood_curve
from support.strict_orders import all_orders, partial_rankings


def test_the_last_level_and_unknown_items_are_no_choice():
    """(a, then b and c tied) is one choice from three; (a, c) with b unknown is one from two."""
    found = choices_of(np.array([[0, 1, 1], [0, -1, 1]]))
    np.testing.assert_array_equal(found.wins, [[1, 0, 0], [1, 0, 0]])
    sets = found.sets[found.set_index[:, 0]]
    np.testing.assert_array_equal(sets, [[True, True, True], [True, False, True]])
    assert len(found.chosen) == 0


def test_a_ranking_that_only_ties_says_nothing():
    """All items on one level, or none known, have probability 1."""
    found = choices_of(np.array([[0, 0, 0], [-1, -1, -1]]))
    np.testing.assert_array_equal(found.log_density(np.array([[1.0, 0.0, -1.0]])), [[0.0], [0.0]])


def test_many_rankings_share_few_choices():
    """The 120 orders of five items choose from 26 sets of two or more."""
    assert len(choices_of(all_orders(5)).sets) == 26


def test_the_curve_is_the_weighted_log_density_and_its_derivatives_fit():
    """Value against `log_density`, derivatives against central differences, with ties and gaps."""
    generator = np.random.default_rng(2)
    levels, weights = partial_rankings(5, 60, generator), generator.random(60)
    choices, logs, step = choices_of(levels), generator.normal(0, 1.5, 5), 1e-5
    weighed = choices.weigh(weights)
    found = log_likelihood_curve(choices, weighed, logs)
    np.testing.assert_allclose(
        found.value, weights @ choices.log_density(logs[None])[:, 0], rtol=1e-12
    )
    ends = [
        [log_likelihood_curve(choices, weighed, logs + sign * step * unit) for sign in (1, -1)]
        for unit in np.eye(5)
    ]
    # Central differences of step 1e-5 are right to 1e-9 of the size.
    np.testing.assert_allclose(
        found.gradient, [(up.value - down.value) / (2 * step) for up, down in ends], atol=1e-8
    )
    np.testing.assert_allclose(
        found.hessian, [(up.gradient - down.gradient) / (2 * step) for up, down in ends], atol=1e-8
    )


def test_the_log_likelihood_is_concave():
    """No second derivative is positive in any direction, wherever it is looked at."""
    generator = np.random.default_rng(3)
    choices = choices_of(partial_rankings(5, 80, generator))
    weighed = choices.weigh(np.ones(80))
    for _ in range(20):
        curve = log_likelihood_curve(choices, weighed, generator.normal(0, 2, 5))
        assert np.linalg.eigvalsh(curve.hessian).max() < 1e-10
