"""Names as codes, counts of moves, and what each flow says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from custvalue._estimator.mixed import read_mixed
from custvalue.exceptions import DataError
from custvalue.segmentation._segment_migration import (
    MOVES,
    check_order,
    flow_frame,
    move_table,
    named_periods,
    period_counts,
    row_shares,
    segment_codes,
    segment_list,
    shares_of_moves,
    values_by_segment,
)


def named(**columns):
    return named_periods(read_mixed(pd.DataFrame(columns)))


def test_names_are_kept_as_given_and_sorted():
    """Whole numbers stay whole, missing is None, and segments are sorted or in the order given."""
    table = named(a=[3.0, np.nan, 1.0], b=[2, 3, 3])
    assert repr(table["a"].tolist()) == "[3, None, 1]"
    assert segment_list(table, None, absent=False) == [1, 2, 3]
    assert segment_list(table, [3, 2, 1, np.int64(0)], absent=True) == [3, 2, 1, 0, "Absent"]
    assert segment_list(named(a=[True], b=[False]), None, absent=False) == [False, True]
    assert segment_list(named(a=["x", None], b=["y", "y"]), None, absent=False) == ["x", "y"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": [1.5, 2.0], "b": [1, 2]}, r"'a' must be text, whole.*row 0 has a=1.5 \(1 such"),
        ({"a": ["x", "y"], "b": [1, 2]}, "in one way.*found str in 'a', int in 'b'"),
        ({"a": [1, 0], "b": [True, False]}, "in one way"),
    ],
)
def test_other_names_are_refused(columns, message):
    """Fractions are no names, and all periods name segments in one way."""
    with pytest.raises(DataError, match=message):
        named(**columns)


def test_a_table_without_any_segment_and_the_name_of_absence_are_refused():
    """Every value missing, or a segment that is called as the state is."""
    with pytest.raises(DataError, match="every value is missing"):
        segment_list(named(a=[None], b=[None]), None, absent=True)
    for order in (None, ["x", "Absent"]):
        with pytest.raises(DataError, match="no segment may be named 'Absent'"):
            segment_list(named(a=["Absent"], b=["x"]), order, absent=True)
    assert segment_list(named(a=["Absent"], b=["x"]), None, absent=False) == ["Absent", "x"]


@pytest.mark.parametrize(
    ("order", "message"),
    [(["a", 1.5], "found 1.5"), (["a", None], "found None"), (["a", "b", "a"], "found 'a' again")],
)
def test_an_order_names_segments_once(order, message):
    """Fractions and None are no names, and no name is there twice."""
    with pytest.raises(ValueError, match=message):
        check_order(order)


def test_codes_are_positions_and_unknown_segments_are_named():
    """-1 is missing; a segment outside the list is an error with row and number."""
    table = named(a=["x", None, "y"], b=["y", "x", "z"])
    assert segment_codes(table, ["z", "y", "x"]).tolist() == [[2, 1], [-1, 2], [1, 0]]
    message = r"'b' must be one of the segments \(x, y\); row 2 has b='z' \(1 such row\)"
    with pytest.raises(DataError, match=message):
        segment_codes(table, ["x", "y"])
    with pytest.raises(DataError, match=r"\(s0, .*s9, \.\.\.\)"):
        segment_codes(table, [f"s{i}" for i in range(12)])


@settings(max_examples=30)
@given(
    codes=st.lists(
        st.lists(st.integers(-1, 3), min_size=4, max_size=4), min_size=1, max_size=30
    ).map(np.array)
)
def test_moves_are_counted_as_a_loop_counts_them(codes):
    """One count for each customer who was there before and after, in its place."""
    expected = np.zeros((3, 4, 4), dtype=int)
    for row in codes:
        for t in range(3):
            if row[t] >= 0 and row[t + 1] >= 0:
                expected[t, row[t], row[t + 1]] += 1
    np.testing.assert_array_equal(period_counts(codes, 4), expected)


def test_flows_say_what_their_definitions_say():
    """Every column by hand, Wilson's interval by scipy."""
    counts = np.array([[6, 4, 0], [1, 9, 0], [0, 0, 0]])
    flows = flow_frame(counts, ["a", "b", "c"], 0.9)
    row = flows.loc[("a", "b")]
    interval = binomtest(4, 10).proportion_ci(0.9, method="wilson")
    assert row["count"] == 4
    assert row["probability"] == 0.4
    assert (row["lower"], row["upper"]) == pytest.approx((interval.low, interval.high))
    assert row["expected_no_change"] == 2.5
    assert row["difference"] == 1.5
    assert row["standardised"] == pytest.approx(3 / np.sqrt(5))
    assert flows.loc[("b", "a"), "standardised"] == pytest.approx(-3 / np.sqrt(5))
    assert flows.loc[("a", "a"), "standardised"] == 0.0
    nobody = flows.loc[("c", "a")]
    assert nobody[["lower", "upper"]].tolist() == [0.0, 1.0]
    assert nobody[["probability", "standardised"]].isna().all()
    above = flows["standardised"].unstack().to_numpy()[np.triu_indices(3, 1)]
    assert np.nansum(above**2) == pytest.approx(9 / 5)  # Bowker's statistic


def test_shares_of_a_row_sum_to_one_or_are_unknown():
    """A row of zeros has no shares."""
    shares = row_shares(np.array([[1, 3], [0, 0]]))
    assert shares[0].tolist() == [0.25, 0.75]
    assert np.isnan(shares[1]).all()


def test_moves_have_names():
    """The first segment is the best; without an order moves have no direction; -1 is not there."""
    table = move_table(3, ordered=True)
    assert MOVES[table[2, 0]] == "up"
    assert MOVES[table[0, 1]] == "down"
    assert MOVES[table[1, 1]] == "stayed"
    assert [MOVES[table[-1, 0]], MOVES[table[0, -1]], MOVES[table[-1, -1]]] == [
        "new",
        "lost",
        "absent",
    ]
    assert MOVES[move_table(3, ordered=False)[0, 2]] == "moved"


def test_shares_of_moves_sum_to_one():
    """By hand, with an order and without, with absence as the last state and without."""
    counts = np.array([[5, 2, 1], [3, 6, 0], [1, 1, 1]])
    directed = shares_of_moves(counts, ordered=True, absent=False)
    assert directed.to_dict() == pytest.approx({"up": 0.25, "down": 0.15, "stayed": 0.6})
    plain = shares_of_moves(counts, ordered=False, absent=True)
    assert plain.to_dict() == pytest.approx(
        {"moved": 0.25, "stayed": 0.55, "new": 0.1, "lost": 0.05, "absent": 0.05}
    )


def test_numbers_by_segment_come_in_their_order():
    """A mapping or a Series; a segment left out is refused or has the number given for it."""
    segments = ["b", "a"]
    assert values_by_segment({"a": 1, "b": 2.5}, segments, "margin").tolist() == [2.5, 1.0]
    series = pd.Series([1.0], index=["a"])
    assert values_by_segment(series, segments, "sizes", missing=0.0).tolist() == [0.0, 1.0]
    assert values_by_segment(pd.Series([1, 2]), [0, 1], "margin").tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("given_", "error", "message"),
    [
        ([1, 2], TypeError, "margin must be a mapping or Series by segment; found list"),
        ({"a": 1}, ValueError, r"one number for each segment \(b, a\); missing: 'b'"),
        ({"a": 1, "b": 2, "c": 3}, ValueError, "unknown: 'c'"),
        ({"a": 1, "b": np.nan}, ValueError, "finite numbers; found nan for 'b'"),
    ],
)
def test_wrong_numbers_by_segment_are_refused(given_, error, message):
    """The message names the parameter, the segments and what was found."""
    with pytest.raises(error, match=message):
        values_by_segment(given_, ["b", "a"], "margin")
