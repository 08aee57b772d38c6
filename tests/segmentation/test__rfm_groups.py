"""Cut points of groups of customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.mixed import MixedTable
from custvalue.exceptions import DataError
from custvalue.segmentation._rfm_groups import (
    POOLED,
    cut_points_frame,
    fixed_group_points,
    group_labels,
    group_rows,
    group_scores,
    learned_group_points,
    points_of,
    rows_by_group,
)
from custvalue.segmentation._rfm_scorer import MEASURES

BINS = {"recency": [9, 4], "frequency": [0, 3], "monetary": [10, 50]}
OTHER = {"recency": [90, 40], "frequency": [1, 2], "monetary": [1, 2]}


def objects(*values):
    return np.array(values, dtype=object)


def table(*groups):
    return MixedTable({"market": objects(*groups)}, "pandas", pd.RangeIndex(len(groups)), {})


def test_labels_are_sorted_whatever_their_type():
    """Numbers stand before text; True and numbers are compared as numbers are."""
    assert group_labels(objects("UK", "DE", "UK")) == ["DE", "UK"]
    assert group_labels(objects(49, 1, 86)) == [1, 49, 86]
    assert group_labels(objects("UK", True, False)) == [False, True, "UK"]


def test_no_group_is_called_as_all_together():
    """The label of the pooled cut points belongs to them."""
    with pytest.raises(DataError, match=r"no group may be named '\(all\)'"):
        group_labels(objects("UK", POOLED))


def test_every_row_is_in_one_part():
    """Rows of each label in their order, and those of no label last."""
    parts = rows_by_group(objects("b", "x", "a", "b", 7), ["a", "b", "c"])
    assert [part.tolist() for part in parts] == [[2], [0, 3], [], [1, 4]]


def test_unknown_groups_are_an_error_or_pooled():
    """Without pooled cut points the first unknown group is named with the fitted ones."""
    known = table("UK", "DE", "FR", "DE")
    pooled = group_rows(known, "market", ["DE", "UK", POOLED])
    assert {label: rows.tolist() for label, rows in pooled.items()} == {
        "DE": [1, 3],
        "UK": [0],
        POOLED: [2],
    }
    message = r"'market' must be one of the 2 fitted groups \(DE, UK\); row 2 has market='FR' \(1"
    with pytest.raises(DataError, match=message):
        group_rows(known, "market", ["DE", "UK"])
    many = [f"g{i:02}" for i in range(12)]
    with pytest.raises(DataError, match=r"12 fitted groups \(g00, .*g09, \.\.\.\)"):
        group_rows(known, "market", many)


def test_numbers_meet_whether_whole_or_not():
    """The group 49 of the fit is the group 49.0 of a table that has 49.5 too."""
    rows = group_rows(table(49.0, 49.5), "market", [49, POOLED])
    assert rows[49].tolist() == [0]
    assert rows[POOLED].tolist() == [1]


def test_each_group_learns_from_its_own_rows():
    """The learner sees the rows of one group at a time, and all of them for all."""
    seen = learned_group_points(lambda rows: rows.tolist(), objects("b", "a", "b"), ["a", "b"])
    assert seen == {"a": [1], "b": [0, 2]}
    both = learned_group_points(lambda rows: rows.tolist(), objects("b", "a"), ["a", "b", POOLED])
    assert both[POOLED] == [0, 1]


def test_the_frame_gives_back_the_cut_points():
    """With groups and without, the frame holds the cut points in their order."""
    points = fixed_group_points({"UK": BINS, 7: OTHER}, 3, ["UK", 7])
    frame = cut_points_frame(points, 3)
    assert frame.index.names == ["group", "score"]
    assert frame.index.tolist() == [("UK", 2), ("UK", 3), (7, 2), (7, 3)]
    again = points_of(frame)
    assert list(again) == ["UK", 7]
    for label in points:
        for name in MEASURES:
            np.testing.assert_array_equal(again[label][name], points[label][name])
    alone = cut_points_frame({None: points["UK"]}, 3)
    assert alone.index.tolist() == [2, 3]
    assert points_of(alone)[None]["recency"].tolist() == [9.0, 4.0]


def test_given_cut_points_are_for_all_groups_or_for_each():
    """One set serves every group; a dict of sets must have one for each."""
    shared = fixed_group_points(BINS, 3, ["UK", "DE"])
    assert list(shared) == ["UK", "DE"]
    assert shared["DE"]["monetary"].tolist() == [10.0, 50.0]
    with pytest.raises(ValueError, match=r"every group; missing: 'DE' \(1 such group"):
        fixed_group_points({"UK": BINS}, 3, ["UK", "DE"])
    with pytest.raises(ValueError, match=r"of group 'DE': bins\['monetary'\] must hold"):
        fixed_group_points({"UK": BINS, "DE": {**BINS, "monetary": [1]}}, 3, ["UK", "DE"])
    with pytest.raises(ValueError, match="found None"):
        fixed_group_points(None, 3, ["UK"])


def test_scores_come_back_in_the_order_of_the_rows():
    """Every row is scored by the cut points of its group."""
    points = fixed_group_points({"UK": BINS, "DE": OTHER}, 3, ["UK", "DE"])
    measures = [np.full(4, 5.0), np.full(4, 2.0), np.full(4, 20.0)]
    rows = {"UK": np.array([1, 3]), "DE": np.array([0, 2])}
    found = group_scores(measures, rows, points, positive_money=False)
    assert found.T.tolist() == [[3, 2, 3], [2, 2, 2], [3, 2, 3], [2, 2, 2]]
