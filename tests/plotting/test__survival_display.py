"""What a picture of survival needs of its curves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting._survival_display import (
    checked_curve,
    chosen_groups,
    tick_names,
    tick_times,
)

CURVE = pd.DataFrame(
    {
        "group": "all",
        "time": [0.0, 1.0],
        "survival": [1.0, 0.5],
        "lower": [1, 0.2],
        "upper": [1, 0.8],
    }
)


def test_a_curve_keeps_what_is_shown():
    """Other columns are left out."""
    assert list(checked_curve(CURVE.assign(events=1))) == list(CURVE)


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        (CURVE.drop(columns="lower"), "curve must have the columns .*; missing: lower"),
        (CURVE.assign(survival=[100, 50]), "survival must be from 0 to 1; found 50 to 100"),
        (CURVE.head(0), "survival must be from 0 to 1; found no rows"),
    ],
)
def test_wrong_curves_are_refused(curve, said):
    """Each with the rule and what was found."""
    with pytest.raises(ValueError, match=said):
        checked_curve(curve)


@pytest.mark.parametrize(("longest", "ticks"), [(30.0, 4), (7.0, 4), (0.4, 3)])
def test_ticks_are_round_and_within_the_curve(longest, ticks):
    """They begin at 0."""
    found = tick_times(longest, 6)
    assert found[0] == 0
    assert found[-1] <= longest
    assert 2 <= len(found) <= 7
    assert len(found) >= ticks - 1


def test_customers_who_all_leave_at_once_have_one_tick():
    """A curve of length 0 begins and ends at 0."""
    assert tick_times(0.0, 6).tolist() == [0.0]


@pytest.mark.parametrize(
    ("ticks", "names"),
    [
        ([0, 500, 1000], ["0", "500", "1,000"]),
        ([0, 0.25, 0.5], ["0.00", "0.25", "0.50"]),
        ([0.0], ["0"]),
    ],
)
def test_ticks_are_written_alike(ticks, names):
    """Thousands are parted, and all have as many decimals as one needs."""
    assert tick_names(np.array(ticks, dtype=float)) == names


def test_groups_are_chosen_in_the_order_asked_for():
    """None is all; one alone needs no list; each is shown once."""
    assert chosen_groups(["a", "b"], None, 5) == ["a", "b"]
    assert chosen_groups(["a", "b"], ["b", "a", "b"], 5) == ["b", "a"]
    assert chosen_groups(["ab", "b"], "ab", 5) == ["ab"]
    assert chosen_groups([False, True], [True], 5) == [True]


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (["a", "x", "y"], r"groups must be among 'a', 'b', 'c'; found 'x' \(2 such groups\)"),
        (None, "at most 2 groups and at least 1; found 3: choose some with groups"),
        ([], "at most 2 groups and at least 1; found 0"),
    ],
)
def test_wrong_groups_are_refused(groups, said):
    """Those that are not there, too many, and none."""
    with pytest.raises(ValueError, match=said):
        chosen_groups(["a", "b", "c"], groups, 2)
