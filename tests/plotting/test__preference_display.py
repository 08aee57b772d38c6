from __future__ import annotations

import pandas as pd
import pytest

from custvalue.plotting._preference_display import checked_ranks, checked_shares, emphasis


@pytest.fixture
def ranks():
    """Return two rankings of three items."""
    return pd.DataFrame({"price": [1, 3], "speed": [2, 2], "staff": [3, 1]}, index=["a", "b"])


def test_rankings_may_come_as_floats(ranks):
    """Whole numbers are whole numbers."""
    assert checked_ranks(ranks.astype(float)).equals(ranks)


@pytest.mark.parametrize("row", [[1, 1, 3], [0, 1, 2], [1.0, 2.0, float("nan")], [1.5, 1.5, 3]])
def test_a_ranking_holds_each_rank_once(ranks, row):
    """Ties, zeros and gaps are refused, with the segment and its row."""
    bad = ranks.astype(float)
    bad.loc["b"] = row
    with pytest.raises(ValueError, match=r"once a segment; found segment 'b' with .*\(1 such row"):
        checked_ranks(bad)


def test_rankings_are_a_frame_with_rows(ranks):
    """Arrays have no names to write, and no row is no ranking."""
    with pytest.raises(TypeError, match="ranks must be a pandas frame"):
        checked_ranks(ranks.to_numpy())
    with pytest.raises(ValueError, match="found no row"):
        checked_ranks(ranks.iloc[:0])


def test_shares_go_by_name_or_by_place(ranks):
    """A Series may come in another order and hold more; a list is in the order of the rows."""
    shares = pd.Series({"c": 0.1, "b": 0.2, "a": 0.7})
    assert checked_shares(shares, ranks.index).to_dict() == {"a": 0.7, "b": 0.2}
    assert checked_shares([0.7, 0.3], ranks.index).to_dict() == {"a": 0.7, "b": 0.3}
    assert checked_shares(None, ranks.index) is None


def test_every_segment_has_a_share(ranks):
    """The message names the missing ones, or both lengths."""
    with pytest.raises(ValueError, match=r"shares must name every segment; missing: b \(1 of 2\)"):
        checked_shares(pd.Series({"a": 1.0}), ranks.index)
    with pytest.raises(ValueError, match="one entry per segment; found 1 for 2"):
        checked_shares([1.0], ranks.index)


def test_disagreement_is_the_range_of_the_ranks(ranks):
    """An item at one place in all segments has none."""
    assert emphasis(ranks).tolist() == [2, 0, 2]
