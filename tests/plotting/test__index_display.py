"""The rows of a waterfall."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting._index_display import by_dimension, waterfall

CHANGES = pd.DataFrame(
    {"a": [0.1, 0.0], "b": [-0.3, 0.05], "c": [0.1, 0.05]}, index=["June", "July"]
)
INDEX = {"May": 0.6, "June": 0.5, "July": 0.6}


def test_each_part_starts_where_the_one_above_stops():
    """From period to period, the largest part first, equal ones as they come."""
    table = waterfall(INDEX, CHANGES, most=5)
    assert table["label"].tolist() == ["May", "b", "a", "c", "June", "b", "c", "a", "July"]
    assert table["kind"].tolist() == ["index", *["change"] * 3, "index", *["change"] * 3, "index"]
    np.testing.assert_allclose(table["start"][1:], table["stop"][:-1], rtol=0, atol=1e-15)
    np.testing.assert_allclose(table["stop"], [0.6, 0.3, 0.4, 0.5, 0.5, 0.55, 0.6, 0.6, 0.6])


def test_the_smallest_parts_are_one():
    """So many as are wanted, the rest in the last."""
    table = waterfall(INDEX, CHANGES, most=2)
    assert table["label"].tolist()[:4] == ["May", "b", "2 others", "June"]
    np.testing.assert_allclose(table["stop"][2], 0.5)


def test_one_period_is_a_single_row():
    """It has no change."""
    assert waterfall({"May": 0.6}, CHANGES.iloc[:0], most=2)["label"].tolist() == ["May"]


def test_indicators_add_up_to_their_dimensions():
    """In the order in which the dimensions first appear."""
    out = by_dimension(CHANGES, {"a": "care", "b": "speed", "c": "care"})
    assert list(out.columns) == ["care", "speed"]
    np.testing.assert_allclose(out["care"], [0.2, 0.05])


@pytest.mark.parametrize(
    ("index", "changes", "message"),
    [
        ({}, CHANGES.iloc[:0], "a row for each period of the index but the first"),
        (INDEX, CHANGES.iloc[:1], r"found \['June'\] for \['May', 'June', 'July'\]"),
        ({**INDEX, "July": np.nan}, CHANGES, r"period July has no such figures \(1 of 3\)"),
        (INDEX, CHANGES.replace(-0.3, np.nan), r"period June has no such figures \(1 of 3\)"),
        ({**INDEX, "July": 0.9}, CHANGES, "those of July sum to 0.1, and the index changes by 0.4"),
    ],
)
def test_parts_that_are_not_those_of_the_index_are_refused(index, changes, message):
    """Other periods, figures that are none, and sums that differ."""
    with pytest.raises(ValueError, match=message):
        waterfall(index, changes, most=5)
