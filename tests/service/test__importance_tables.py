"""Tables of an importance-performance map."""

from __future__ import annotations

import numpy as np
import pandas as pd

from custvalue.service._importance_performance import QUADRANTS, Draws, Points
from custvalue.service._importance_tables import (
    cross_hair_series,
    map_table,
    placed_table,
    stability_table,
    weights_of,
)

ITEMS = ["speed", "stock"]
POINTS = Points(np.array([6.0, 2.0]), np.array([3.0, 5.0]))
DRAWS = Draws(
    importance=np.array([[6.0, 2.0], [7.0, 3.0], [5.0, 1.0], [2.0, 6.0]]),
    performance=np.array([[3.0, 5.0], [2.0, 6.0], [4.0, 4.0], [3.0, 5.0]]),
    n_failed=0,
)


def test_the_lines_are_named():
    """Importance first, by rule or as given."""
    assert cross_hair_series(POINTS, "mean").to_dict() == {"importance": 4.0, "performance": 4.0}
    assert cross_hair_series(POINTS, (1.0, 2.0)).to_list() == [1.0, 2.0]


def test_stability_counts_quadrants_of_draws_with_lines_of_their_own():
    """In the third draw both perform at the line, in the fourth importance changes sides."""
    table = stability_table(DRAWS, "mean", ITEMS)
    assert table.columns.tolist() == list(QUADRANTS)
    assert table.loc["speed"].tolist() == [0.5, 0.25, 0.25, 0.0]
    assert table.loc["stock"].tolist() == [0.0, 0.25, 0.0, 0.75]


def test_the_map_has_points_limits_weights_and_stability():
    """Stability is the share of draws in the item's own quadrant."""
    cross, stability = cross_hair_series(POINTS, "mean"), stability_table(DRAWS, "mean", ITEMS)
    table = map_table(POINTS, DRAWS, cross, stability, level=0.5)
    assert table["quadrant"].tolist() == ["concentrate here", "possible overkill"]
    assert table["stability"].tolist() == [0.5, 0.75]
    assert table["weight"].tolist() == [0.75, 0.25]
    expected = np.quantile(DRAWS.importance[:, 0], [0.25, 0.75])
    assert table.loc["speed", ["importance_lower", "importance_upper"]].tolist() == list(expected)


def test_items_rated_too_rarely_have_no_limits():
    """Of the one question that was; their stability is not known either."""
    rare = np.array([[True, False], [False, False]])
    cross = cross_hair_series(POINTS, "mean")
    stability = stability_table(DRAWS, "mean", ITEMS, rare=rare)
    table = map_table(POINTS, DRAWS, cross, stability, level=0.5, rare=rare)
    assert table["importance_lower"].isna().tolist() == [True, False]
    assert table["performance_upper"].notna().all()
    assert table["stability"].isna().tolist() == [True, False]


def test_another_survey_moves_items_not_lines():
    """Each item with the quadrant it had and the one it has."""
    before = pd.Series(["concentrate here", "possible overkill"], pd.Index(ITEMS, name="item"))
    cross = pd.Series({"importance": 4.0, "performance": 4.0})
    table = placed_table(Points(np.array([6.0, 6.0]), np.array([3.0, 5.0])), cross, before)
    assert table["quadrant"].tolist() == ["concentrate here", "keep up the good work"]
    assert table["moved"].tolist() == [False, True]


def test_weights_are_shares():
    """Zero throughout has none."""
    assert weights_of(np.array([3.0, 1.0])).tolist() == [0.75, 0.25]
    assert np.isnan(weights_of(np.zeros(2))).all()
