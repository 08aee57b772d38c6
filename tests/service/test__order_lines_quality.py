"""Counts of what was read."""

from __future__ import annotations

import pandas as pd

from custvalue.service._order_lines_input import read_order_lines
from custvalue.service._order_lines_quality import quality_counts
from custvalue.service._order_lines_rules import LineRules

PARTS = {name: name for name in ("order", "ordered", "delivered_quantity")}


def test_every_line_and_order_is_accounted_for():
    """By hand: of seven lines one is a return, two order nothing, one is too many."""
    lines = pd.DataFrame(
        {
            "order": [1, 1, 1, 2, 2, 3, 4],
            "site": ["a", "b", "a", "a", "a", "b", "b"],
            "ordered": [5, 5, 0, 5, -1, 0, 5],
            "delivered_quantity": [5, 6, 0, 5, 0, 0, 5],
        }
    )
    rules = LineRules(on_negative="drop")
    with read_order_lines(lines, PARTS, rules, "test", by=("site",)) as read:
        counts = read.counts
    assert (counts.lines_read, counts.negative, counts.no_demand, counts.lines) == (7, 1, 2, 4)
    assert (counts.orders_read, counts.orders, counts.orders_in_several_groups) == (4, 3, 1)
    assert (counts.over, counts.open, counts.no_order, counts.unusable) == (1, 0, 0, 0)
    table = quality_counts(counts, {"in_full": 0}, grouped=True)
    assert table["lines_not_yet_placed"] == table["orders_not_yet_placed"] == 0
    assert table["orders_without_demand"] == 1
    assert table["in_full_unknown"] == 0
    assert "orders_in_several_groups" not in quality_counts(counts, {}, grouped=False)
