"""The mathematics of rules."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custvalue.segmentation import SegmentRule, standard_rules
from custvalue.segmentation._rfm_segmenter import (
    check_rules,
    partition,
    rules_frame,
    segment_profile,
)

HIGH_LOW = [SegmentRule("High", r=(2, 2)), SegmentRule("Low", r=(1, 1))]


def test_the_standard_rules_are_used_for_five_bins_alone():
    """None is the standard set for five bins and an error for any other number."""
    assert list(check_rules(None, 5)) == standard_rules()
    with pytest.raises(ValueError, match=r"rules must be given where n_bins is not 5.*n_bins=4"):
        check_rules(None, 4)


@pytest.mark.parametrize(
    ("rule", "error", "message"),
    [
        ("Champions", TypeError, "rules must be SegmentRule objects; element 1 is a str"),
        (SegmentRule(""), ValueError, "each rule must have a name; rule 1 has name=''"),
        (SegmentRule(3), ValueError, "each rule must have a name; rule 1 has name=3"),
        (SegmentRule("A", r=(0, 2)), ValueError, r"r must be None or .* rule 1 \('A'\) has r=\(0"),
        (SegmentRule("A", f=(1, 6)), ValueError, r"<= 5, in whole .* has f=\(1, 6\)"),
        (SegmentRule("A", m=(3, 2)), ValueError, r"has m=\(3, 2\)"),
        (SegmentRule("A", m=(3,)), ValueError, r"has m=\(3,\)"),
        (SegmentRule("A", m=3), ValueError, "has m=3"),
        (SegmentRule("A", m=(1.5, 2)), ValueError, r"has m=\(1.5, 2\)"),
        (SegmentRule("A", m=(True, 2)), ValueError, r"has m=\(True, 2\)"),
    ],
)
def test_wrong_rules_are_refused_one_by_one(rule, error, message):
    """The message gives the place and name of the rule, and what it holds."""
    with pytest.raises(error, match=message):
        check_rules([SegmentRule("Fine"), rule], 5)


def test_partition_gives_the_position_of_the_rule_of_each_cell():
    """Two rules on r alone: the first rule where r is 2, the second where it is 1."""
    which = partition(HIGH_LOW, 2)
    assert which[1].tolist() == [[0, 0], [0, 0]]
    assert which[0].tolist() == [[1, 1], [1, 1]]


@given(st.permutations(standard_rules()))
def test_the_order_of_the_rules_does_not_matter(rules):
    """Any order puts each cell in the same segment."""
    names = np.array([rule.name for rule in rules])[partition(rules, 5)]
    standard = np.array([rule.name for rule in standard_rules()])[partition(standard_rules(), 5)]
    assert (names == standard).all()


@pytest.mark.parametrize("dropped", range(11))
def test_leaving_out_any_standard_rule_is_noticed(dropped):
    """Without one rule its cells, and no others, are reported as in none."""
    rules = standard_rules()
    gone = rules.pop(dropped)
    cells = int((partition(standard_rules(), 5) == dropped).sum())
    with pytest.raises(ValueError, match=f"; {cells} cells are in none: ") as caught:
        partition(rules, 5)
    first = ", ".join(str((limits or (1, 5))[0]) for limits in (gone.r, gone.f, gone.m))
    assert f"({first})" in str(caught.value)
    assert "several" not in str(caught.value)


def test_gaps_and_overlaps_are_listed_with_the_names_that_claim_a_cell():
    """Both faults are told at once, each cell that two claim with the two names."""
    rules = [SegmentRule("A", r=(1, 1)), SegmentRule("B", r=(1, 2), f=(1, 1), m=(1, 1))]
    message = (
        r"rules must put each of the 8 cells \(r, f, m\) in exactly one segment; "
        r"3 cells are in none: \(2, 1, 2\), \(2, 2, 1\), \(2, 2, 2\); "
        r"1 cell is in several: \(1, 1, 1\) in 'A' and 'B'$"
    )
    with pytest.raises(ValueError, match=message):
        partition(rules, 2)


def test_no_rule_at_all_leaves_every_cell_out():
    """An empty set of rules is refused; long lists of cells are cut."""
    with pytest.raises(ValueError, match=r"125 cells are in none: .*\(1, 2, 5\), \.\.\.$"):
        partition([], 5)


def test_the_frame_of_rules_counts_their_cells():
    """One row a rule, in order, and the cells add up."""
    frame = rules_frame(standard_rules(), partition(standard_rules(), 5))
    assert frame["segment"].tolist() == [rule.name for rule in standard_rules()]
    assert frame["rule"].tolist() == [str(rule) for rule in standard_rules()]
    assert frame["cells"].sum() == 125


def test_the_profile_is_taken_by_segment_and_keeps_the_empty_ones():
    """Counts, shares, means and totals by hand; an empty segment has no mean."""
    names = np.array(["A", "B", "A", "A"], dtype=object)
    frequency, since = np.array([1.0, 0.0, 2.0, 6.0]), np.array([4.0, 8.0, 2.0, 0.0])
    money = np.array([10.0, -2.0, 20.0, 30.0])
    profile = segment_profile(names, ["C", "A", "B"], (frequency, since, money))
    assert profile.index.tolist() == ["C", "A", "B"]
    assert profile["customers"].tolist() == [0, 3, 1]
    assert profile["share"].tolist() == [0.0, 0.75, 0.25]
    assert profile["mean_frequency"].tolist()[1:] == [3.0, 0.0]
    assert profile["mean_time_since_purchase"].tolist()[1:] == [2.0, 8.0]
    assert profile.loc["C", ["mean_frequency", "mean_time_since_purchase"]].isna().all()
    assert profile["total_value"].tolist() == [0.0, 60.0, -2.0]


def test_the_profile_has_no_money_where_there_is_none():
    """Without a total the column is left out rather than guessed."""
    profile = segment_profile(np.array(["A"]), ["A"], (np.ones(1), np.ones(1), None))
    assert "total_value" not in profile
