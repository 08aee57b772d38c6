"""What is expected and what is perceived, as a table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting._gap_display import by_shortfall, gap_table, heading_places


def test_the_item_that_falls_shortest_comes_first():
    """Whatever the sign of the gap; equal ones stay as they were."""
    table = pd.DataFrame(
        {"expectation": [5.0, 6.0, 4.0, 6.0], "perception": [5.5, 4.5, 4.5, 4.0]},
        index=list("abcd"),
    )
    assert by_shortfall(table).index.tolist() == ["d", "b", "a", "c"]


def test_without_expectations_there_is_nothing_to_show():
    """The message says where such a table comes from."""
    table = pd.DataFrame({"expectation": [np.nan], "perception": [5.0]}, index=["a"])
    with pytest.raises(ValueError, match=r"gaps need expectations; .*ServiceGap\(expectation=None"):
        by_shortfall(table)


def test_items_are_matched_by_name():
    """Not by their place."""
    table = gap_table({"a": 5.0, "b": 6.0}, pd.Series({"b": 5.0, "a": 5.5}))
    assert table["gap"].to_dict() == {"b": -1.0, "a": 0.5}


@pytest.mark.parametrize(
    ("expectation", "perception", "message"),
    [
        ({}, {}, "same items, each once"),
        ({"a": 1.0}, {"b": 1.0}, "found a and b"),
        (pd.Series([1.0, 2.0], ["a", "a"]), pd.Series([1.0, 2.0], ["a", "a"]), "each once"),
        ({"a": 1.0, "b": np.nan}, {"a": 1.0, "b": 2.0}, r"must be finite; item 'b' .* \(1 such\)"),
    ],
)
def test_what_is_no_pair_of_ratings_is_refused(expectation, perception, message):
    """One sentence with what must hold and what was found."""
    with pytest.raises(ValueError, match=message):
        gap_table(expectation, perception)


def test_headings_stand_apart_and_within():
    """Over what they name where that is possible; the right one not beyond its end."""
    assert heading_places((4.0, 6.0), 1.0, 9.0) == (4.0, 6.0)
    assert heading_places((6.0, 4.0), 1.0, 9.0) == (6.0, 4.0)
    assert heading_places((6.0, 6.0), 1.0, 9.0) == (6.0, 5.0)
    assert heading_places((8.9, 9.0), 1.0, 8.5) == (7.5, 8.5)
