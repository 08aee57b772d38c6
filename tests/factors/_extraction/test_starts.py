"""Where searches start, and which of their ends is the answer."""

from __future__ import annotations

import numpy as np

from custvalue.factors._extraction.descent import Ends
from custvalue.factors._extraction.starts import choose, starting_uniquenesses


def ends_at(values, *, converged=None, origins=None):
    """Return ends with these discrepancies."""
    count = len(values)
    return Ends(
        theta=np.zeros((count, 2)),
        value=np.array(values, dtype=float),
        gradient=np.zeros(count),
        noise=np.full(count, 1e-17),
        iterations=np.ones(count, dtype=np.int64),
        converged=np.array([True] * count if converged is None else converged),
        origins=np.arange(count) if origins is None else np.array(origins),
    )


def test_the_first_start_is_the_given_one_and_others_are_random():
    """Same seed, same starts; one start needs no random number."""
    first = np.array([0.3, 0.4, 0.5])
    starts = starting_uniquenesses(first, 20, np.random.default_rng(1))
    assert starts.shape == (20, 3)
    np.testing.assert_array_equal(starts[0], first)
    assert ((starts[1:] > 0.05) & (starts[1:] < 0.95)).all()
    assert len(np.unique(starts[1:])) == 57
    again = starting_uniquenesses(first, 20, np.random.default_rng(1))
    np.testing.assert_array_equal(starts, again)
    assert starting_uniquenesses(first, 1, np.random.default_rng(1)).tolist() == [first.tolist()]


def test_the_lowest_end_wins_and_minima_are_counted():
    """Three starts at the lowest of two minima agree."""
    places = np.array([[0.2, 0.2], [0.5, 0.5], [0.2, 0.20001], [0.2, 0.2]])
    choice = choose(ends_at([1.0, 2.0, 1.0, 1.0]), places)
    assert (choice.row, choice.n_optima, choice.starts_agreeing) == (0, 2, 3)


def test_of_mirror_images_the_one_with_the_more_unique_first_item_wins():
    """Whichever was found first."""
    images = np.array([[0.2, 0.5], [0.5, 0.2]])
    for order in ([0, 1], [1, 0]):
        choice = choose(ends_at([1.0, 1.0 + 1e-12]), images[order])
        np.testing.assert_array_equal(images[order][choice.row], [0.5, 0.2])
        assert (choice.n_optima, choice.starts_agreeing) == (2, 1)


def test_equal_values_far_apart_are_two_minima_and_so_are_near_places_of_other_value():
    """Both the value and the place make a minimum."""
    apart = choose(ends_at([1.0, 1.0]), np.array([[0.2, 0.2], [0.2, 0.3]]))
    higher = choose(ends_at([1.0, 1.1]), np.array([[0.2, 0.2], [0.2, 0.2]]))
    assert apart.n_optima == higher.n_optima == 2
    assert higher.row == 0


def test_a_start_with_two_ends_agrees_once():
    """Both sides of a saddle may lead to one minimum."""
    choice = choose(ends_at([1.0, 1.0, 1.0], origins=[0, 0, 1]), np.full((3, 2), 0.4))
    assert (choice.n_optima, choice.starts_agreeing) == (1, 2)


def test_ends_that_did_not_converge_count_only_where_none_did():
    """A lower value on the way is no minimum."""
    places = np.array([[0.2, 0.2], [0.5, 0.5]])
    assert choose(ends_at([1.0, 2.0], converged=[False, True]), places).row == 1
    assert choose(ends_at([1.0, 2.0], converged=[False, False]), places).row == 0
