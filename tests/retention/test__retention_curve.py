"""Curves of groups as tables and back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.retention._curve_groups import Groups
from custvalue.retention._product_limit import Spells
from custvalue.retention._retention_curve import (
    at_risk_frame,
    check_followed,
    curve_doubts,
    curve_frame,
    curves_of,
    equality_test,
    group_curves,
    mean_frame,
    mean_limit,
    pairwise_frame,
    row_survival,
    values_of,
)


def spells(rows):
    """Return spells of rows of duration, churned and entry."""
    duration, churned, entry = np.array(rows, dtype=float).T
    return Spells(duration, churned, entry, np.ones(len(rows)))


def groups(*labels):
    """Return the groups of rows of these labels."""
    found = sorted(set(labels))
    numbers = np.array([found.index(label) for label in labels])
    return Groups(numbers, tuple((label,) for label in found))


def two_groups():
    """Return the curves of two groups."""
    rows = [(1, 1, 0), (2, 0, 0), (4, 1, 0), (2, 1, 0), (5, 1, 0)]
    return group_curves(spells(rows), groups(*"bbbaa"))


def test_rows_without_weight_make_no_group():
    """A group of weight 0 is not there, and the others are in the order of the groups."""
    rows = Spells(np.ones(4), np.ones(4), np.zeros(4), np.array([1.0, 0.0, 2.0, 1.0]))
    found = groups("c", "b", "c", "a")
    curves = group_curves(rows, found)
    assert list(curves) == ["a", "c"]
    assert values_of(found, curves) == {"a": ("a",), "c": ("c",)}


def test_a_table_of_curves_gives_the_curves_back():
    """What is stored suffices for every answer."""
    curves = two_groups()
    again = curves_of(curve_frame(curves, 0.95))
    assert list(again) == list(curves)
    for label, curve in curves.items():
        for name in ("time", "at_risk", "events", "censored", "survival"):
            np.testing.assert_array_equal(getattr(again[label], name), getattr(curve, name))


def test_late_entries_are_doubts():
    """Nobody from the start, and a curve at 0 too early, are said of the group."""
    late = group_curves(spells([(3, 1, 1), (5, 0, 2)]), groups(*"aa"))
    [doubt] = curve_doubts(late)
    assert doubt == (
        "nobody of group 'a' was followed from the start: its curve is that of customers who had "
        "stayed until 1"
    )
    early = group_curves(spells([(1, 1, 0), (5, 1, 3), (6, 0, 3)]), groups(*"aaa"))
    [doubt] = curve_doubts(early)
    assert doubt.startswith("the curve of group 'a' falls to 0 at 1, since all who were then at")
    assert curve_doubts(two_groups()) == []


def test_somebody_must_be_followed():
    """Rows that all end on entry are refused."""
    with pytest.raises(ValueError, match="followed beyond entry; in all 2 rows that count"):
        check_followed(spells([(3, 0, 3), (5, 0, 5)]))


def test_the_limit_of_the_mean():
    """The smallest of the longest times unless given; beyond a curve above 0 it is refused."""
    curves = two_groups()
    assert mean_limit(curves, None) == 4.0
    assert mean_limit(curves, 100.0) == 100.0
    above = group_curves(spells([(1, 1, 0), (2, 0, 0)]), groups(*"aa"))
    with pytest.raises(ValueError, match="found limit=3.0, and group 'a' ends at 2"):
        mean_limit(above, 3.0)


def test_limits_of_means_stay_inside():
    """A mean is not said to be negative or beyond its limit."""
    frame = mean_frame(two_groups(), 4.0, 0.999)
    assert (frame["lower"] >= 0).all()
    assert (frame["upper"] <= 4.0).all()


def test_tests_of_groups():
    """One group has no test; two groups have one pair, with the p-value of the whole test."""
    curves = two_groups()
    assert equality_test({"a": curves["a"]}) is None
    pairs = pairwise_frame(curves)
    assert pairs[["group", "other"]].to_numpy().tolist() == [["a", "b"]]
    assert pairs["p_value"][0] == pytest.approx(equality_test(curves)["p_value"])
    assert len(pairwise_frame({"a": curves["a"]})) == 0


def test_numbers_at_risk_between_the_times_of_the_data():
    """They are counted from the rows at any time: entered before, not yet ended."""
    generator = np.random.default_rng(5)
    entry = generator.integers(0, 5, 60).astype(float)
    duration = entry + generator.integers(1, 9, 60)
    churned = generator.integers(0, 2, 60).astype(float)
    data = Spells(duration, churned, entry, np.ones(60))
    times = np.array([0.0, 0.5, 1.0, 3.7, 8.0, 20.0])
    found = at_risk_frame(group_curves(data, groups(*"a" * 60)), times)
    for i, t in enumerate(times):
        at_risk = ((entry < t) & (duration >= t)).sum() if t else (entry == 0).sum()
        assert found["at_risk"][i] == at_risk
        assert found["events"][i] == ((duration <= t) & (churned == 1)).sum()
        assert found["censored"][i] == ((duration <= t) & (churned == 0)).sum()


def test_each_row_is_answered_by_its_group():
    """Survival of a row is that of its own curve at its time, NaN beyond a curve above 0."""
    curves = two_groups()
    found = pd.DataFrame(row_survival(curves, np.array([1, 0, 1]), np.array([1.5, 1.5, 9.0]), 0.95))
    np.testing.assert_allclose(found["survival"], [2 / 3, 1.0, 0.0])
    assert found["upper"].tolist()[1] == 1.0
