from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting._ranking_display import ranking_table, stage_words

WEIGHTS = pd.Series({"speed": 0.2, "price": 0.5, "staff": 0.3})


def test_equal_weights_share_the_better_rank():
    """Competition ranking: 1, 2, 2, 4, equals in the order given."""
    table = ranking_table({"a": 0.1, "b": 0.2, "c": 0.5, "d": 0.2})
    assert table["rank"].to_dict() == {"c": 1, "b": 2, "d": 2, "a": 4}


def test_without_limits_they_are_missing():
    """The columns are there all the same."""
    assert ranking_table(WEIGHTS)[["rank_lower", "rank_upper"]].isna().all(axis=None)


def test_limits_go_by_name_or_by_place():
    """A Series may come in another order; a list is in the order of the weights."""
    lower = pd.Series({"staff": 1, "price": 1, "speed": 2})
    upper = pd.Series({"price": 2, "speed": 3, "staff": 3})
    by_name = ranking_table(WEIGHTS, lower, upper)
    assert by_name.equals(ranking_table(WEIGHTS, [2, 1, 1], [3, 2, 3]))
    assert by_name["rank_upper"].to_dict() == {"price": 2, "staff": 3, "speed": 3}


@pytest.mark.parametrize(
    "bad", [{}, {"a": np.nan}, pd.Series([0.5, 0.5], index=["a", "a"]), {"a": np.inf}]
)
def test_weights_are_finite_and_of_different_elements(bad):
    """No element, the same element twice, gaps and infinities are refused."""
    with pytest.raises(ValueError, match="weights must be finite, of one or more elements"):
        ranking_table(bad)


@pytest.mark.parametrize(
    ("lower", "upper", "message"),
    [
        ([1, 1, 1], None, "given together; found one"),
        ([1, 1], [3, 3], "lower must have one entry per element; found 2 for 3"),
        (pd.Series({"speed": 1}), [3, 3, 3], r"lower must name every .* price, staff \(2 of 3\)"),
        ([1, 1, 1], [3, 3, 1], r"element 'staff' has rank 2, lower 1, upper 1 \(1 such\)"),
    ],
)
def test_limits_belong_to_the_ranks(lower, upper, message):
    """Both or none, one an element, about its rank."""
    with pytest.raises(ValueError, match=message):
        ranking_table(WEIGHTS, lower, upper)


def test_stages_are_told_in_words():
    """Stages of one's own are told as they are, unknown ones not at all."""
    stages = ["pre", "in", "post", "unknown", None, "billing"]
    table = pd.DataFrame({"stage": stages})
    assert stage_words(table) == ["before", "during", "after", "", "", "billing"]
    assert stage_words(table[[]]) == [""] * 6
