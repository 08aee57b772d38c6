"""Counts and shares of moves for the matrix picture."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting._migration_display import cell_text, move_counts, move_shares


def objects(*values):
    return np.array(values, dtype=object)


def test_counts_are_those_of_a_crosstab():
    """As pandas counts them, in the order given, with a segment that nobody was in."""
    generator = np.random.default_rng(4)
    before, after = generator.choice(["x", "y", "z"], (2, 200)).astype(object)
    counts = move_counts(before, after, ["z", "x", "nobody", "y"])
    expected = pd.crosstab(before, after)
    for start in "xyz":
        for end in "xyz":
            assert counts.loc[start, end] == expected.loc[start, end]
    assert counts.loc["nobody"].sum() == counts["nobody"].sum() == 0
    assert counts.index.tolist() == counts.columns.tolist() == ["z", "x", "nobody", "y"]


def test_who_is_missing_is_left_out_and_names_are_sorted():
    """None and NaN are nobody; without an order segments are sorted, numbers too."""
    counts = move_counts(objects("b", None, "a", "b"), objects("a", "a", np.nan, "b"), None)
    assert counts.to_numpy().tolist() == [[0, 0], [1, 1]]
    assert move_counts(objects(10, 9), objects(9, 10), None).index.tolist() == [9, 10]


def test_an_unknown_segment_and_nobody_at_all_are_refused():
    """The message names what is missing in the order, and counts."""
    with pytest.raises(ValueError, match=r"order must name every segment; missing: b \(1 of 2\)"):
        move_counts(objects("a"), objects("b"), ["a"])
    with pytest.raises(ValueError, match="there before and after; found none of 2"):
        move_counts(objects("a", None), objects(None, "a"), None)


def test_shares_are_of_the_row():
    """Each row sums to one; a row of zeros has no shares."""
    shares = move_shares(move_counts(objects("a", "a"), objects("a", "b"), None))
    assert shares.loc["a"].tolist() == [0.5, 0.5]
    assert shares.loc["b"].isna().all()


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0"), (0.0049, "<1"), (0.0051, "1"), (0.995, "100"), (1.0, "100"), (np.nan, "")],
)
def test_a_small_share_is_not_written_as_nothing(share, text):
    """Zero is only written where nobody went."""
    assert cell_text(share) == text
