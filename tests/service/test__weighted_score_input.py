"""Tables of indicators made ready."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service._weighted_score_input import (
    block,
    check_coverage,
    constant_items,
    counted_values,
    learn_scales,
    outside_range,
    refuse_beyond,
    refuse_negative,
    refuse_unsuited,
    sorted_rows,
    warn_of,
    with_weight,
)


@pytest.fixture
def ratings():
    """Return three rows of two items, one value missing."""
    index = pd.Index(["x", "y", "z"], name="site")
    frame = pd.DataFrame({"a": [3.0, 1.0, np.nan], "b": [0.0, 4.0, 2.0]}, index=index)
    return read_ratings(frame)


def test_rows_are_sorted_and_those_without_weight_left_out(ratings):
    """The order they come in leaves no trace; -0.0 is 0.0."""
    rows = sorted_rows(ratings, None)
    turned = sorted_rows(ratings.take(np.array([2, 0, 1])), None)
    for item in ("a", "b"):
        np.testing.assert_array_equal(rows.columns[item], turned.columns[item])
    assert rows.counts.tolist() == [1, 1, 1]
    weighted = sorted_rows(ratings, np.array([2.0, 0.0, 1.0]))
    assert weighted.known("a")[0].tolist() == [3]
    assert weighted.known("a")[1].tolist() == [2]
    assert weighted.known("b")[0].tolist() == [0, 2]


def test_equal_rows_are_counted():
    """Also those with the same gap; a third column parts what two do not."""
    rows = [[1.0, np.nan, 2.0], [1.0, np.nan, 2.0], [1.0, np.nan, 1.0], [0.0, 3.0, 9.0]]
    found = sorted_rows(read_ratings(pd.DataFrame(rows, columns=list("abc"))), None)
    assert found.columns["c"].tolist() == [9, 1, 2]
    assert found.counts.tolist() == [1, 1, 2]
    np.testing.assert_array_equal(found.columns["b"], [3, np.nan, np.nan])


def test_a_column_without_a_value_is_refused(ratings):
    """Nothing can be learned from it, be it for its weights."""
    with pytest.raises(DataError, match="'a' must have a value to learn from; all 3 are missing"):
        sorted_rows(ratings, np.array([0.0, 0.0, 1.0]))


def test_items_are_scaled_each_by_its_own(ratings):
    """Costs turn, gaps stay gaps."""
    scales = learn_scales(sorted_rows(ratings, None), "min_max", ["b"], {})
    counted = counted_values(ratings, scales)
    np.testing.assert_array_equal(counted["a"], [1, 0, np.nan])
    assert counted["b"].tolist() == [1, 0, 0.5]
    np.testing.assert_array_equal(block(counted, ["b", "a"])[:, 0], counted["b"])


def test_constant_items_are_told():
    """By name and value, all in one sentence; none without them."""
    frame = pd.DataFrame({"a": [2.0, 2.0], "b": [1.0, 3.0], "c": [5.0, 5.0]})
    rows = sorted_rows(read_ratings(frame), None)
    [sentence] = constant_items(learn_scales(rows, "z", [], {}))
    assert "found a=2.0, c=5.0" in sentence
    assert constant_items(learn_scales(rows, None, [], {})) == []


def test_values_beyond_the_fit_are_told(ratings):
    """The first row and their number; a row counts once, a gap not at all."""
    scales = learn_scales(sorted_rows(ratings, None), "min_max", [], {})
    assert outside_range(ratings, scales) == []
    new = read_ratings(pd.DataFrame({"a": [2.0, 9.0, np.nan], "b": [1.0, 9.0, -1.0]}))
    [sentence] = outside_range(new, scales)
    assert "row 1 has a=9.0 outside 1.0 to 3.0 (2 such rows)" in sentence


def test_values_that_do_not_suit_are_refused(ratings):
    """A cost of 0 with a target, a count below 0, and a value beyond given ends."""
    scales = learn_scales(sorted_rows(ratings, None), "target", ["b"], {"a": 2.0, "b": 1.0})
    for refuses in (refuse_unsuited, counted_values):
        with pytest.raises(DataError, match=r"'b' must be above 0.*row 0 .*has b=0.0 \(1"):
            refuses(ratings, scales)
    counted = {"a": np.array([0.5, -0.5, np.nan])}
    with pytest.raises(DataError, match=r"'a' must be on a scale .*row 1 .*has a=1.0 \(1 such"):
        refuse_negative(ratings, counted)
    with pytest.raises(DataError, match=r"'b' must be from 1.0 to 3.0.*row 0 .*b=0.0 \(2 such"):
        refuse_beyond(ratings, {"a": (1, 5), "b": (1, 3)})


def test_what_counts_no_finite_amount_is_refused():
    """1e300 to a target of 1e-300 is too large; a gap is none such."""
    X = pd.DataFrame({"a": [1.0, np.nan, 1e300], "b": [1.0, 2.0, 3.0]})
    ratings = read_ratings(X)
    scales = learn_scales(sorted_rows(ratings, None), "target", [], {"a": 1e-300, "b": 1.0})
    with pytest.raises(DataError, match=r"'a' must be such that.*finite; row 2 has a=1e\+300 \(1 "):
        counted_values(ratings, scales)


def test_rows_without_weight_are_left_out(ratings):
    """All stay where there are no weights."""
    assert with_weight(ratings, np.array([0.0, 2.0, 1.0]))["b"].tolist() == [4, 2]
    assert with_weight(ratings, None) is ratings


def test_doubts_are_told_where_the_caller_of_the_caller_is():
    """A public method that has doubts is not the place of the warning."""

    def public():
        warn_of(["first", "second"])

    with pytest.warns(DataQualityWarning) as told:
        public()
    assert [str(one.message) for one in told] == ["first", "second"]
    assert {one.filename for one in told} == {__file__}


@pytest.mark.parametrize("missing", ["raise", "propagate"])
def test_a_least_coverage_is_for_gaps_that_are_shared_out(missing):
    """Elsewhere nothing would use it."""
    check_coverage(0.0, missing)
    check_coverage(0.5, "renormalise")
    with pytest.raises(ValueError, match=f"found 0.5 with missing='{missing}'"):
        check_coverage(0.5, missing)
