"""Where the names of points go."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting._importance_performance_display import (
    checked_points,
    placed_boxes,
    tether,
)

INSIDE = np.array([0.0, 0.0, 400.0, 350.0])


def clashes(boxes, others=None):
    """Return how many pairs of boxes overlap, among themselves or with others."""
    pairs = [
        (one, other)
        for i, one in enumerate(boxes)
        for other in (boxes[:i] if others is None else others)
    ]
    return sum(
        bool((np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]) > 1e-9).all()) for a, b in pairs
    )


def placed(points, width=90.0, obstacles=None):
    """Return boxes for points with names of one width."""
    sizes = np.tile([width, 14.0], (len(points), 1))
    fixed = np.empty((0, 4)) if obstacles is None else obstacles
    return placed_boxes(points, sizes, INSIDE, obstacles=fixed, radius=5.0)


def test_a_name_alone_stands_on_the_right():
    """At its point, on the same height."""
    [box] = placed(np.array([[100.0, 100.0]]))
    np.testing.assert_allclose(box, [105, 93, 195, 107])


def test_a_name_at_the_right_end_stands_on_the_left():
    """No name leaves the picture."""
    [box] = placed(np.array([[390.0, 100.0]]))
    assert box[2] == 385


@pytest.mark.parametrize("seed", range(6))
def test_names_of_scattered_points_are_apart(seed):
    """Fourteen points at random: no two boxes overlap, no dot is covered, none leaves."""
    points = np.random.default_rng(seed).uniform([30, 30], [370, 320], (14, 2))
    boxes = placed(points)
    assert clashes(boxes) == 0
    assert clashes(boxes, np.hstack([points - 5, points + 5])) == 0
    assert (boxes[:, :2] >= INSIDE[:2]).all()
    assert (boxes[:, 2:] <= INSIDE[2:]).all()


def test_names_of_points_in_one_place_are_apart():
    """Ten items with the same ratings have ten names one can read."""
    boxes = placed(np.full((10, 2), 200.0))
    assert clashes(boxes) == 0


def test_headings_are_not_covered():
    """A name goes round what is already written."""
    heading = np.array([[105.0, 80.0, 300.0, 120.0]])
    boxes = placed(np.array([[100.0, 100.0]]), obstacles=heading)
    assert clashes(boxes, heading) == 0


def test_names_stand_beside_lines_where_there_is_room():
    """A dot on a line, and on both: its name crosses none, and is no further than it must be."""
    dot, size = np.array([[200.0, 175.0]]), np.array([[90.0, 14.0]])
    across, up = [0.0, 174.5, 400.0, 175.5], [199.5, 0.0, 200.5, 350.0]

    def beside(*lines):
        return placed_boxes(
            dot, size, INSIDE, obstacles=np.empty((0, 4)), radius=5.0, lines=np.array(lines)
        )

    def away(boxes):
        return np.hypot(*(tether(dot[0], boxes[0]) - dot[0]))

    assert clashes(placed(dot), np.array([across])) == 1
    assert clashes(beside(across), np.array([across])) == 0
    assert away(beside(across)) <= 5.0
    assert clashes(beside(across, up), np.array([across, up])) == 0
    assert away(beside(across, up)) <= 2 * 14.0
    # Where a line is everywhere the name stays at its dot.
    assert away(beside(*([0.0, y, 400.0, y + 1.0] for y in range(0, 350, 7)))) <= 5.0


def test_the_same_points_have_the_same_boxes():
    """Nothing is left to chance."""
    points = np.random.default_rng(3).uniform(50, 300, (9, 2))
    np.testing.assert_array_equal(placed(points), placed(points.copy()))


def test_a_line_leads_to_the_nearest_place_of_a_box():
    """A corner, a side, or the point itself inside."""
    box = np.array([2.0, 1.0, 4.0, 2.0])
    assert tether(np.array([0.0, 0.0]), box).tolist() == [2.0, 1.0]
    assert tether(np.array([3.0, 5.0]), box).tolist() == [3.0, 2.0]
    assert tether(np.array([3.0, 1.5]), box).tolist() == [3.0, 1.5]


@pytest.mark.parametrize(
    ("importance", "performance", "message"),
    [
        ({}, {}, "same items, each once"),
        ({"a": 1.0}, {"b": 1.0}, "found a and b"),
        (pd.Series([1.0, 2.0], ["a", "a"]), pd.Series([1.0, 2.0], ["a", "a"]), "each once"),
        ({"a": 1.0, "b": np.inf}, {"a": 1.0, "b": 2.0}, r"finite; item 'b' .* \(1 such\)"),
    ],
)
def test_what_are_no_points_is_refused(importance, performance, message):
    """One sentence with what must hold and what was found."""
    with pytest.raises(ValueError, match=message):
        checked_points(importance, performance)
