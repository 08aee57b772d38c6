from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from custvalue.plotting._labels import (
    CHARACTER_WIDTH,
    shortened,
    spread,
    told_apart,
    width_of,
    wrapped,
)


def test_long_names_are_cut_and_short_ones_stay():
    """A cut name has the length allowed, the ellipsis counted."""
    assert shortened("Champions", 9) == "Champions"
    assert shortened("Champions!", 9) == "Champion…"


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        (["Champions!", "Lost"], ["Champion…", "Lost"]),
        (["premium north", "premium south"], ["prem…orth", "prem…outh"]),
        (["long north side", "long south side"], ["long nor…", "long sou…"]),
        (
            ["premium X segments", "premium Y segments"],
            ["premium X segments", "premium Y segments"],
        ),
        (["premium north", "premium…"], ["prem…orth", "premium…"]),
        ([], []),
    ],
)
def test_cut_names_are_told_apart(names, texts):
    """Cut at the end, in the middle where that is equal, and whole where both are."""
    assert told_apart(names, 9) == texts


@given(st.lists(st.text("ab", max_size=12), unique=True, max_size=8))
@settings(max_examples=30)
def test_different_names_stay_different(names):
    """Whatever they are; short ones as they are."""
    texts = told_apart(names, 5)
    assert len(set(texts)) == len(names)
    assert all(text == name for text, name in zip(texts, names, strict=True) if len(name) <= 5)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("T", ["T"]),
        ("monetary_value", ["monetary_", "value"]),
        ("days since order", ["days since", "order"]),
        ("Donaudampfschiff", ["Donaudampf…"]),
        ("one two three four five six", ["one two", "three four…"]),
        ("", [""]),
    ],
)
def test_names_are_parted_at_spaces_and_underscores(name, lines):
    """No line is longer than allowed, and there are at most two."""
    assert wrapped(name, 11).split("\n") == lines


def test_the_widest_line_sets_the_width():
    """Lines count, not whole names."""
    assert width_of(["ab\nabcd", "abc"]) == pytest.approx(4 * CHARACTER_WIDTH)
    assert width_of([]) == 0.0


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8))
@settings(max_examples=30)
def test_places_are_apart_and_in_their_order(values):
    """No two are nearer than the gap, none passes another, and their mean stays."""
    places = np.array(values)
    found = spread(places, 0.7)
    order = np.argsort(places, kind="stable")
    assert (np.diff(found[order]) >= 0.7 - 1e-9).all()
    assert found.mean() == pytest.approx(places.mean(), abs=1e-9)


def test_the_moves_are_the_smallest():
    """A general optimiser finds no smaller sum of squares.

    SLSQP stops at 1e-9 of the sum; the tolerance allows for it.
    """
    places = np.array([0.0, 0.1, 0.15, 2.0, 2.2, 5.0])
    apart = {"type": "ineq", "fun": lambda moved: np.diff(moved) - 0.5}
    best = minimize(
        lambda moved: ((moved - places) ** 2).sum(),
        np.arange(6.0),
        constraints=[apart],
        options={"ftol": 1e-12},
    )
    np.testing.assert_allclose(spread(places, 0.5), best.x, atol=1e-5)


def test_places_far_apart_do_not_move():
    """Nothing is moved without need."""
    places = np.array([3.0, 0.0, 1.5])
    np.testing.assert_array_equal(spread(places, 1.0), places)
