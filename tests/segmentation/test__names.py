"""Names of segments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.segmentation._names import (
    check_segment_names,
    jaccard_table,
    matched_names,
    name_matched,
    name_segments,
)

partitions = st.lists(
    st.tuples(st.integers(-1, 3), st.integers(-1, 2), st.integers(0, 3)), min_size=1, max_size=25
)


def objects(*values):
    return np.array(values, dtype=object)


@pytest.mark.parametrize("names", [None, [], ["Best", "Rest"], {"Segment 1": "Best"}, ("A",)])
def test_different_texts_are_names(names):
    """A sequence, a mapping, none at all."""
    check_segment_names(names)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["Best", 2], "none of them empty; found 2"),
        (["Best", "  "], "none of them empty; found '  '"),
        ({"Segment 1": ""}, "found ''"),
        (["A", "B", "A"], "names must differ; found 'A' more than once"),
        ({"Segment 1": "A", "Segment 2": "A"}, "found 'A' more than once"),
    ],
)
def test_other_names_are_refused(names, message):
    """No text, an empty one and one that is there twice are named."""
    with pytest.raises(ValueError, match=message):
        check_segment_names(names)


def test_segments_are_numbered_or_take_the_names_in_order():
    """Default names have a number from 1; a longer list leaves its end unused."""
    assert name_segments(3, None) == ["Segment 1", "Segment 2", "Segment 3"]
    assert name_segments(2, None, noun="Class") == ["Class 1", "Class 2"]
    assert name_segments(2, ["Best", "Good", "Rest"]) == ["Best", "Good"]
    assert name_segments(2, ()) == ["Segment 1", "Segment 2"]


def test_a_mapping_renames_what_is_there():
    """By the default name; a name that an earlier fit kept counts as there."""
    assert name_segments(2, {"Segment 2": "Rest"}) == ["Segment 1", "Rest"]
    assert name_segments(2, {"Segment 1": "Best"}, kept={0: "Best"}) == ["Best", "Segment 2"]
    assert name_segments(2, {"Segment 2": "Old"}, kept={0: "Segment 2"}) == ["Old", "Segment 1"]
    with pytest.raises(ValueError, match=r"are there \(Segment 1, Segment 2\); found 'Segment 3'"):
        name_segments(2, {"Segment 3": "Rest"})


def test_kept_names_stay_and_the_others_take_the_first_free():
    """A number that is kept elsewhere is not given again."""
    assert name_segments(3, None, kept={0: "Segment 2"}) == ["Segment 2", "Segment 1", "Segment 3"]
    kept = {2: "Segment 1", 0: "Segment 3"}
    assert name_segments(3, None, kept=kept) == ["Segment 3", "Segment 2", "Segment 1"]
    assert name_segments(2, ["Best", "Rest"], kept={1: "Old"}) == ["Best", "Old"]


def test_too_few_names_and_a_name_twice_are_refused():
    """The list must name all segments, and renaming must not join two."""
    with pytest.raises(ValueError, match="names must name all 3 segments; found 2"):
        name_segments(3, ["A", "B"])
    with pytest.raises(ValueError, match="'Segment 2' would be there twice"):
        name_segments(2, {"Segment 1": "Segment 2"})
    assert name_segments(2, {"Segment 1": "Segment 2", "Segment 2": "Segment 1"}) == [
        "Segment 2",
        "Segment 1",
    ]


@settings(max_examples=30)
@given(rows=partitions)
def test_jaccard_is_both_over_either(rows):
    """Every pair by sets of weighted rows; rows without a group are in none."""
    one, other, weights = np.array(rows).T
    found = jaccard_table(one, other, (4, 3), weights.astype(float))
    for i in range(4):
        for j in range(3):
            both = weights[(one == i) & (other == j)].sum()
            either = weights[(one == i) | (other == j)].sum()
            assert found[i, j] == pytest.approx(both / either if either else 0.0)


def test_a_partition_is_like_itself():
    """Ones on the diagonal, without weights too."""
    codes = np.array([0, 1, 1, 2])
    np.testing.assert_array_equal(jaccard_table(codes, codes, (3, 3)), np.eye(3))


def test_segments_are_matched_one_to_one_for_the_most_overlap():
    """A segment that was split hands its name to the larger part; the other has none."""
    previous = objects(*["big"] * 9, *["small"] * 3)
    codes = np.array([0] * 6 + [1] * 3 + [2] * 3)
    found = matched_names(codes, 3, previous)
    assert found["previous"].to_dict() == {0: "big", 2: "small"}
    assert found["jaccard"].tolist() == [6 / 9, 1.0]


def test_customers_who_are_new_or_unplaced_do_not_spoil_a_match():
    """Rows without an earlier name or a segment now are not counted against it."""
    previous = objects("a", "a", None, None, "b")
    found = matched_names(np.array([1, 1, 1, 0, -1]), 2, previous)
    assert found.loc[1].to_dict() == {"previous": "a", "jaccard": 1.0}


def test_little_overlap_is_no_match():
    """Below the least similarity a segment takes no earlier name; nobody known is no match."""
    previous = objects(*"abcdefgh")
    codes = np.zeros(8, dtype=int)
    assert matched_names(codes, 1, previous).empty
    assert len(matched_names(codes, 1, previous, least=0.1)) == 1
    assert matched_names(codes, 1, objects(*[None] * 8)).empty


@settings(max_examples=30)
@given(rows=partitions, seed=st.integers(0, 2**32 - 1))
def test_the_order_of_the_customers_changes_no_similarity(rows, seed):
    """Shuffled customers give matches of the same total similarity."""
    codes, previous, _ = np.array(rows).T
    names = np.where(previous < 0, None, np.array(list("xyz"), dtype=object)[previous])
    order = np.random.default_rng(seed).permutation(len(codes))
    one = matched_names(codes, 4, names, least=0.0)
    other = matched_names(codes[order], 4, names[order], least=0.0)
    assert other["jaccard"].sum() == pytest.approx(one["jaccard"].sum())


def test_matched_segments_keep_their_names_and_the_rest_are_numbered():
    """The matching has a row for each segment, empty for a new one; none without an earlier fit."""
    matched = pd.DataFrame({"previous": ["Old"], "jaccard": [0.8]}, index=[1])
    naming = name_matched(2, None, matched, noun="Class")
    assert naming.names == ["Class 1", "Old"]
    assert naming.matching.index.tolist() == ["Class 1", "Old"]
    assert naming.matching["jaccard"].isna().tolist() == [True, False]
    assert name_matched(2, None, None).matching is None
