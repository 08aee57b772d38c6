"""Periods of a table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue.exceptions import DataError
from custvalue.service._service_quality_index import Gaps, TreeWeights
from custvalue.service._service_quality_index_periods import (
    change_frame,
    changes_by_period,
    period_frame,
    read_periods,
)
from custvalue.service._service_quality_index_tree import read_tree

TREE = read_tree({"speed": ["a", "b"], "care": ["c"]})
WEIGHTS = TreeWeights(np.array([0.25, 0.75, 1.0]), np.array([0.6, 0.4]))
LABELS = pd.Index(["q1", "q2", "q3"], name="when")
PROFILES = np.array([[0.4, 0.8, 0.5], [0.4, 0.4, 1.0], [np.nan, 0.4, 1.0]])
DATES = pd.to_datetime(["2025-02-01", "2025-01-01", "2025-02-01"])


@pytest.mark.parametrize(
    ("values", "labels", "codes"),
    [
        (["b", "a", "b"], ["a", "b"], [1, 0, 1]),
        ([2025, 2024, 2025], [2024, 2025], [1, 0, 1]),
        ([2025.0, 2024.0, 2025.0], [2024, 2025], [1, 0, 1]),
        (DATES, sorted(set(DATES)), [1, 0, 1]),
        (pd.PeriodIndex(DATES, freq="M"), ["2025-01", "2025-02"], [1, 0, 1]),
        (pd.Categorical(["May", "Jan", "May"], ["Jan", "May"], ordered=True), ["Jan", "May"], None),
        (pd.Categorical(["Feb", "Jan", "Feb"], ["Jan", "Mar", "Feb"], ordered=True), None, None),
    ],
)
def test_periods_are_put_in_order(values, labels, codes):
    """Text, numbers, dates, months, and categories in an order of their own."""
    periods = read_periods(pd.DataFrame({"when": values}), "when", 0, owner="Index")
    assert periods.labels.tolist() == (["Jan", "Feb"] if labels is None else list(labels))
    assert periods.codes.tolist() == ([1, 0, 1] if codes is None else codes)
    assert periods.labels.name == "when"


def test_other_tables_have_the_same_periods():
    """polars, pyarrow and arrays, whose period is the last column."""
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "when": [2025, 2024, 2025]})
    for X in (frame, pl.from_pandas(frame), pa.Table.from_pandas(frame), frame.to_numpy()):
        periods = read_periods(X, "when", 1, owner="Index")
        assert periods.labels.tolist() == [2024, 2025]
        assert periods.codes.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a", None, None], r"have a period in every row; row 1 has none \(2 such rows\)"),
        (pd.Categorical(["a", None, "a"], ["a"], ordered=True), r"row 1 has none \(1 such row\)"),
        (["a", 3, "b"], "hold periods of one kind; found int, str"),
    ],
)
def test_wrong_periods_are_refused(values, message):
    """Missing ones, and those without an order."""
    with pytest.raises(DataError, match=f"'when' must.*{message}"):
        read_periods(pd.DataFrame({"when": values}), "when", 0, owner="Index")
    with pytest.raises(DataError, match="Index needs the columns when; missing: when"):
        read_periods(pd.DataFrame({"then": [1]}), "when", 0, owner="Index")


def test_periods_have_the_scores_of_their_profiles():
    """By dimension and as a whole, by hand."""
    table = period_frame(PROFILES, np.array([3.0, 2, 1]), LABELS, TREE, WEIGHTS, Gaps())
    assert list(table.columns) == ["speed", "care", "index", "coverage", "rows"]
    np.testing.assert_allclose(table["speed"], [0.7, 0.4, 0.4])
    np.testing.assert_allclose(table["index"], [0.62, 0.64, 0.64])
    np.testing.assert_allclose(table["coverage"], [1, 1, 0.85])


def test_changes_sum_to_those_of_the_index():
    """From period to period; NaN where one has no index or a geometric one is 0."""
    index = np.array([0.62, 0.64, 0.64])
    changes = changes_by_period(PROFILES, index, LABELS, TREE, WEIGHTS, geometric=False)
    np.testing.assert_allclose(changes.loc["q2"], [0, -0.18, 0.2], atol=1e-15)
    np.testing.assert_allclose(changes.sum(axis=1), np.diff(index), atol=1e-15)
    index[2] = np.nan
    changes = changes_by_period(PROFILES, index, LABELS, TREE, WEIGHTS, geometric=False)
    assert changes.isna().all(axis=1).tolist() == [False, True]
    index[1:] = [0.0, 0.5]
    zero = changes_by_period(PROFILES, index, LABELS, TREE, WEIGHTS, geometric=True)
    assert zero.isna().all(axis=None)
    one = changes_by_period(PROFILES[:1], index[:1], LABELS[:1], TREE, WEIGHTS, geometric=False)
    assert one.shape == (0, 3)


def test_a_change_is_told_indicator_by_indicator():
    """What it counts, weighs and adds, on both sides."""
    heavier = TreeWeights(WEIGHTS.within, np.array([0.5, 0.5]))
    frame = change_frame(PROFILES[:2], (WEIGHTS, heavier), TREE, geometric=False)
    assert frame.index.tolist() == ["a", "b", "c"]
    assert frame["dimension"].tolist() == ["speed", "speed", "care"]
    np.testing.assert_allclose(frame["weight_before"], [0.15, 0.45, 0.4])
    np.testing.assert_allclose(frame["weight_after"], [0.125, 0.375, 0.5])
    np.testing.assert_allclose(frame["by_value"], [0, -0.165, 0.225], atol=1e-15)
    np.testing.assert_allclose(frame["by_weight"], [-0.01, -0.045, 0.075], atol=1e-15)
    assert frame["change"].sum() == pytest.approx(0.7 - 0.62, abs=1e-15)


MONTHS = ["May", "June", "July", "May"]
IN_ORDER = ["May", "June", "July"]


@pytest.mark.parametrize(
    "X",
    [
        pl.DataFrame({"when": MONTHS}, schema={"when": pl.Enum(IN_ORDER)}),
        pa.table({"when": pa.DictionaryArray.from_arrays([0, 1, 2, 0], IN_ORDER, ordered=True)}),
        pa.Table.from_pandas(
            pd.DataFrame({"when": pd.Categorical(MONTHS, IN_ORDER, ordered=True)})
        ),
        pd.DataFrame({"when": pd.Categorical(MONTHS, IN_ORDER, ordered=True)}),
    ],
)
def test_an_order_of_its_own_is_kept(X):
    """That of a polars Enum, an ordered dictionary of pyarrow, an ordered categorical."""
    periods = read_periods(X, "when", 0, owner="Index")
    assert periods.labels.tolist() == IN_ORDER
    assert periods.codes.tolist() == [0, 1, 2, 0]
    assert periods.doubts == ()


def test_a_gap_in_an_order_of_its_own_is_refused():
    """In a polars Enum and in an ordered dictionary of pyarrow."""
    enum = pl.DataFrame({"when": ["May", None]}, schema={"when": pl.Enum(IN_ORDER)})
    codes = pa.array([0, None], pa.int8())
    dictionary = pa.table({"when": pa.DictionaryArray.from_arrays(codes, IN_ORDER, ordered=True)})
    for X in (enum, dictionary):
        with pytest.raises(DataError, match=r"period in every row; row 1 has none \(1 such row\)"):
            read_periods(X, "when", 0, owner="Index")


@pytest.mark.parametrize(
    "X",
    [
        pd.DataFrame({"when": pd.Categorical(MONTHS, IN_ORDER)}),
        pl.DataFrame({"when": pl.Series(MONTHS, dtype=pl.Categorical)}),
        pa.table({"when": pa.array(MONTHS).dictionary_encode()}),
    ],
)
def test_unordered_categories_are_told(X):
    """With the order that was taken; a category alone and categories of numbers have one."""
    periods = read_periods(X, "when", 0, owner="Index")
    [sentence] = periods.doubts
    assert "found unordered categories, taken in the order of the alphabet: July, June, May" in (
        sentence
    )
    assert periods.labels.tolist() == ["July", "June", "May"]
    assert read_periods(X[:1], "when", 0, owner="Index").doubts == ()
    years = pd.DataFrame({"when": pd.Categorical([2025, 2024])})
    assert read_periods(years, "when", 0, owner="Index").doubts == ()


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["9", "10", "11"], "10, 11, 9"),
        (["1", "-2"], None),
        (["-1", "-2"], "-1, -2"),
        (["Q9", "Q10"], "Q10, Q9"),
        (["2024-9", "2024-10"], "2024-10, 2024-9"),
        (["2024-09", "2024-10", "2025-01"], None),
        (["2024", "2025"], None),
        (["1.5", "1.25"], None),
        (["May", "June"], None),
        ([str(i) for i in range(1, 13)], "1, 10, 11, 12, 2, 3, ..."),
    ],
)
def test_text_whose_numbers_are_in_another_order_is_told(values, order):
    """With the order that was taken, at most six of it; text in the right order is not told."""
    doubts = read_periods(pd.DataFrame({"when": values}), "when", 0, owner="Index").doubts
    if order is None:
        assert doubts == ()
    else:
        [sentence] = doubts
        assert sentence.endswith(
            f"found text with numbers, taken in the order of the alphabet: {order}"
        )


@pytest.mark.parametrize("ordered", [True, False])
def test_rows_that_are_not_kept_have_no_period(ordered):
    """They need none, and leave none behind."""
    values = pd.Categorical(["Jan", "May", None, "May"], ordered=ordered)
    when = pd.DataFrame({"when": values if ordered else list(values)})
    kept = np.array([False, True, False, True])
    periods = read_periods(when, "when", 0, owner="Index", kept=kept)
    assert periods.labels.tolist() == ["May"]
    assert periods.codes.tolist() == [0, 0]
