"""SegmentRule and the standard rules."""

from __future__ import annotations

import copy
import pickle
from collections import Counter
from dataclasses import FrozenInstanceError
from itertools import product

import pytest

from custvalue.segmentation import SegmentRule, standard_rules


def holds(rule: SegmentRule, cell: tuple[int, int, int]) -> bool:
    """Return whether a rule holds a cell, told from its fields alone."""
    ranges = (rule.r, rule.f, rule.m)
    pairs = zip(ranges, cell, strict=True)
    return all(limits is None or limits[0] <= score <= limits[1] for limits, score in pairs)


def test_the_standard_rules_partition_all_125_cells():
    """Each of the 125 combinations of scores is in exactly one segment."""
    for cell in product(range(1, 6), repeat=3):
        names = [rule.name for rule in standard_rules() if holds(rule, cell)]
        assert len(names) == 1, (cell, names)


def test_the_standard_segments_have_the_sizes_documented():
    """Eleven segments, one rule each, and how many cells each holds."""
    cells = Counter(
        rule.name
        for cell in product(range(1, 6), repeat=3)
        for rule in standard_rules()
        if holds(rule, cell)
    )
    assert cells == {
        "Champions": 4,
        "Loyal Customers": 16,
        "Potential Loyalists": 20,
        "New Customers": 5,
        "Promising": 5,
        "Need Attention": 15,
        "About To Sleep": 10,
        "Cannot Lose Them": 6,
        "At Risk": 24,
        "Hibernating": 10,
        "Lost": 10,
    }


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ((5, 5, 5), "Champions"),
        ((5, 5, 4), "Loyal Customers"),
        ((4, 3, 5), "Potential Loyalists"),
        ((5, 1, 5), "New Customers"),
        ((4, 1, 1), "Promising"),
        ((3, 4, 2), "Need Attention"),
        ((3, 1, 1), "About To Sleep"),
        ((1, 5, 5), "Cannot Lose Them"),
        ((2, 3, 1), "At Risk"),
        ((2, 2, 2), "Hibernating"),
        ((1, 1, 1), "Lost"),
    ],
)
def test_names_mean_what_the_field_means_by_them(cell, name):
    """A typical customer of each segment is in it."""
    assert [rule.name for rule in standard_rules() if holds(rule, cell)] == [name]


def test_every_standard_rule_says_what_to_do():
    """Each has an action of its own."""
    actions = [rule.action for rule in standard_rules()]
    assert all(actions)
    assert len(set(actions)) == 11


def test_the_standard_rules_are_a_new_list_each_time():
    """Changing the list that was handed out does not change the standard."""
    standard_rules().clear()
    assert len(standard_rules()) == 11


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (SegmentRule("A"), "any r, f, m"),
        (SegmentRule("A", r=(2, 2)), "r 2"),
        (SegmentRule("A", f=(1, 3), m=(5, 5), action="Call"), "f 1-3, m 5"),
        (SegmentRule("A", (1, 2), (3, 4), (5, 10)), "r 1-2, f 3-4, m 5-10"),
    ],
)
def test_a_rule_reads_as_its_ranges(rule, text):
    """Scores that are free are left out, single ones are written once."""
    assert str(rule) == text


def test_a_rule_is_a_value():
    """It compares by its fields, cannot be changed, and survives copying and pickling."""
    rule = SegmentRule("A", r=(1, 2))
    assert copy.deepcopy(rule) == pickle.loads(pickle.dumps(rule)) == rule
    with pytest.raises(FrozenInstanceError):
        rule.name = "B"
