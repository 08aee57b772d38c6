from __future__ import annotations

import re
from dataclasses import asdict

import numpy as np
import pytest

from custvalue.segmentation._clusters.rules import NO_RULE, segment_rules

NAMES = ["gold", "silver", "bronze"]
MISSING = r"\((?P<of>\w+) <= (?P<bound>\S+) or missing\)"


def evaluated(rule, columns):
    """Return whom a printed rule names, by reading its text."""
    n = len(next(iter(columns.values())))
    named = np.zeros(n, dtype=bool)
    for part in rule.split(", or "):
        met = np.ones(n, dtype=bool)
        for condition in [] if part == "all customers" else part.split(" and "):
            met &= _condition(condition, columns)
        named |= met
    return named


def _condition(text, columns):
    if found := re.fullmatch(MISSING, text):
        values = columns[found["of"]]
        return (values <= float(found["bound"])) | np.isnan(values)
    name, sign, value = re.fullmatch(r"(\w+) (<=|>|is not|is) (.+)", text).groups()
    values = columns[name]
    if sign in ("<=", ">"):
        return values <= float(value) if sign == "<=" else values > float(value)
    missing = np.array([entry is None or entry != entry for entry in values])
    level = {"missing": missing, "known": ~missing}.get(value)
    met = np.array([str(entry) == value for entry in values]) if level is None else level
    return met if sign == "is" else ~met


@pytest.fixture(scope="module")
def customers():
    """Return 900 customers of three overlapping segments, with gaps, and 100 in none."""
    generator = np.random.default_rng(4)
    codes = np.repeat([0, 1, 2, -1], [100, 300, 500, 100])
    spend = generator.gamma(2.0, np.array([200.0, 60.0, 15.0, 30.0])[codes])
    spend[generator.random(1000) < 0.1] = np.nan
    orders = generator.poisson(np.array([9, 4, 1, 3])[codes]).astype(np.float64)
    chance = np.array([0.9, 0.2, 0.4, 0.5])[codes]
    channel = np.where(generator.random(1000) < chance, "shop", "web").astype(object)
    channel[generator.random(1000) < 0.1] = None
    return {"spend": spend, "orders": orders, "channel": channel}, codes


@pytest.fixture(scope="module")
def found(customers):
    """Return the rules of these segments."""
    return segment_rules(*customers, NAMES, seed=0)


def test_precision_and_recall_are_those_of_the_printed_rule(customers, found):
    """Who reads the text and applies it by hand comes to the same figures."""
    columns, codes = customers
    for j, (_, row) in enumerate(found.table.iterrows()):
        named = evaluated(row["rule"], columns)
        assert row["precision"] == (named & (codes == j)).sum() / named.sum()
        assert row["recall"] == (named & (codes == j)).sum() / (codes == j).sum()


def test_segments_that_rules_can_part_are_parted():
    """Rules that made the segments are found again, with round bounds."""
    generator = np.random.default_rng(8)
    columns = {
        "orders": generator.integers(0, 12, 2000).astype(np.float64),
        "spend": np.round(generator.gamma(2.0, 30.0, 2000), 2),
        "region": generator.choice(np.array(["North", "South", "West"], dtype=object), 2000),
    }
    codes = np.where(columns["region"] == "North", 0, np.where(columns["orders"] > 4, 1, 2))
    found = segment_rules(columns, codes, NAMES, seed=0)
    assert found.table["rule"].tolist() == [
        "region is North",
        "region is not North and orders > 4",
        "region is not North and orders <= 4",
    ]
    assert (found.table[["precision", "recall"]] == 1.0).all(axis=None)
    assert (found.fidelity, found.balanced_fidelity) == (1.0, 1.0)


def test_a_segment_in_two_places_has_two_alternatives():
    """Both ends of a scale are one segment: their union is its rule."""
    x = np.arange(90.0)
    codes = np.where((x < 30) | (x >= 60), 0, 1)
    found = segment_rules({"x": x}, codes, ["ends", "middle"], seed=0)
    assert found.table["rule"].tolist() == ["x <= 29, or x > 59", "x > 29 and x <= 59"]


def test_the_missing_can_be_a_segment():
    """Being missing is a rule of its own, for numbers and for categories."""
    x = np.array([np.nan] * 20 + [1.0, 2.0] * 20)
    codes = np.repeat([0, 1], [20, 40])
    texts = np.array([None if gap else "yes" for gap in np.isnan(x)], dtype=object)
    for values in (x, texts):
        found = segment_rules({"x": values}, codes, ["silent", "known"], seed=0)
        assert found.table["rule"].tolist() == ["x is missing", "x is known"]


def test_the_order_of_the_rows_is_nothing(customers, found):
    """Shuffled customers have the same rules, learnt from all of them or from a sample."""
    columns, codes = customers
    order = np.random.default_rng(1).permutation(len(codes))
    mixed = {name: values[order] for name, values in columns.items()}
    assert repr(asdict(segment_rules(mixed, codes[order], NAMES, seed=0))) == repr(asdict(found))
    one, other = (
        segment_rules(table, places, NAMES, sample=300, seed=7)
        for table, places in ((columns, codes), (mixed, codes[order]))
    )
    assert one.table.equals(other.table)
    assert not one.table.equals(found.table)


def test_units_do_not_change_whom_a_rule_names(customers, found):
    """Money in cents gives rules for the same customers."""
    columns, codes = customers
    other = segment_rules(columns | {"spend": 100 * columns["spend"]}, codes, NAMES, seed=0)
    assert other.fidelity == found.fidelity
    assert other.table[["precision", "recall"]].equals(found.table[["precision", "recall"]])


def test_fidelity_counts_those_in_no_segment_too(customers, found):
    """It is a share of all; the balanced one is a mean over the segments."""
    _, codes = customers
    assert 0.5 < found.fidelity < 1
    assert found.fidelity * len(codes) == pytest.approx(round(found.fidelity * len(codes)))
    assert found.balanced_fidelity > found.fidelity


def test_small_segments_have_rules_too():
    """A segment of one in fifty is named by its rule, though leaving it out would hardly cost."""
    generator = np.random.default_rng(5)
    codes = np.repeat([0, 1], [40, 1960])
    x = generator.normal(np.where(codes == 0, 2.5, 0.0), 1.0)
    found = segment_rules({"x": x}, codes, ["few", "many"], seed=0)
    assert found.table.loc["few", "recall"] > 0.5


def test_more_segments_than_ends_have_a_deeper_tree():
    """Twelve segments side by side all have a rule, though three questions have eight answers."""
    x = np.repeat(np.arange(12.0), 10)
    found = segment_rules({"x": x}, x.astype(np.int64), [f"s{j}" for j in range(12)], seed=0)
    assert (found.table["recall"] == 1).all()
    assert found.fidelity == 1.0


def test_a_segment_that_no_rule_finds_says_so():
    """An empty segment, or one like another, has no rule, no precision and a recall of 0."""
    x = np.arange(20.0)
    found = segment_rules({"x": x}, np.repeat([0, 1], 10), NAMES, seed=0)
    assert found.table.loc["bronze", "rule"] == NO_RULE
    assert np.isnan(found.table.loc["bronze", "precision"])
    assert found.table.loc["bronze", "recall"] == 0.0
    same = segment_rules({"x": np.ones(30)}, np.repeat([0, 1], [20, 10]), ["a", "b"], seed=0)
    assert sorted(same.table["recall"]) == [0.0, 1.0]
    assert NO_RULE in same.table["rule"].tolist()


@pytest.mark.parametrize("values", [np.full(5, np.nan), np.array([None] * 5, dtype=object)])
def test_one_segment_is_all_customers(values):
    """With nothing to ask there is one rule, met by all."""
    found = segment_rules({"x": values}, np.zeros(5, dtype=np.int64), ["one"], seed=0)
    assert found.table.loc["one"].tolist() == ["all customers", 1.0, 1.0]


def test_numbers_that_single_precision_cannot_tell_apart_are_parted():
    """A split between neighbours in double precision is found and printed in full."""
    low, high = 16777216.25, 16777216.5
    x = np.array([low] * 10 + [high] * 10)
    found = segment_rules({"x": x}, np.repeat([0, 1], 10), ["a", "b"], seed=0)
    assert found.fidelity == 1.0
    assert evaluated(found.table.loc["a", "rule"], {"x": x}).tolist() == [True] * 10 + [False] * 10


def test_only_frequent_levels_are_asked_for():
    """A code that nearly every customer has for himself makes no rule, and costs no memory."""
    generator = np.random.default_rng(6)
    codes = generator.integers(0, 2, 400)
    account = np.array([f"a{i}" for i in range(400)], dtype=object)
    columns = {"account": account, "orders": codes * 5.0}
    found = segment_rules(columns, codes, ["a", "b"], seed=0)
    assert found.table["rule"].tolist() == ["orders <= 0", "orders > 0"]
