"""A random state gives a generator, the same for the same state."""

from __future__ import annotations

import numpy as np

from custvalue._estimator.randomness import new_seed, new_seeds, random_generator


def test_equal_states_give_equal_sequences():
    """Whole numbers and old generators of one seed give one sequence each."""
    for state in (7, lambda: np.random.RandomState(7)):
        one, other = (random_generator(state() if callable(state) else state) for _ in range(2))
        np.testing.assert_array_equal(one.integers(100, size=9), other.integers(100, size=9))


def test_a_generator_is_used_as_it_is():
    """A generator moves on, so that a second use gives other numbers."""
    generator = np.random.default_rng(3)
    assert random_generator(generator) is generator


def test_no_state_is_another_sequence_each_time():
    """None does not repeat itself."""
    assert random_generator(None).integers(2**60) != random_generator(None).integers(2**60)


def test_seeds_are_what_scikit_learn_takes_and_differ():
    """Whole numbers below 2^31 - 1, the same for the same generator, another at each call."""
    generator, again = np.random.default_rng(3), np.random.default_rng(3)
    seeds = [new_seed(generator), *new_seeds(generator, 5)]
    assert seeds == [new_seed(again), *new_seeds(again, 5)]
    assert len(set(seeds)) == 6
    assert all(type(seed) is int and 0 <= seed < 2**31 - 1 for seed in seeds)
