"""Columns of order lines found in every kind of table."""

from __future__ import annotations

import pytest

from custvalue.exceptions import DataError
from custvalue.service._order_lines_input import choose_parts, read_order_lines
from custvalue.service._order_lines_rules import PARTS, LineRules
from support.order_lines import random_lines


def test_parts_are_read_where_they_are():
    """Needed parts always, others where X has them or the caller names them."""
    lines = random_lines(5, 2, 0)[["order", "promised"]]
    assert choose_parts(lines, {}, ("order",), PARTS) == {"order": "order", "promised": "promised"}
    named = choose_parts(lines, {"delivered": "arrived", "order": "no"}, ("order",), PARTS)
    assert named == {"order": "no", "promised": "promised", "delivered": "arrived"}


def test_a_column_may_play_a_part_and_be_a_group():
    """A group that is read already is not read twice; one that is a flag too is one part."""
    lines = random_lines(20, 5, 1).assign(right=True)
    parts = {"order": "order", "ordered": "ordered"}
    with read_order_lines(
        lines, parts, LineRules(), "test", by=("order", "region", "right"), flags=("right",)
    ) as read:
        assert read.rules.groups == ("order", "group_1", "group_2")
        assert read.rules.flags == ("group_2",)
        assert read.opened.names["group_1"] == "region"
    assert parts == {"order": "order", "ordered": "ordered"}


def test_two_parts_need_two_columns():
    """One column cannot be ordered and delivered."""
    lines = random_lines(5, 2, 0)
    parts = {"order": "order", "ordered": "ordered", "delivered_quantity": "ordered"}
    with (
        pytest.raises(DataError, match="a column of its own for each part"),
        read_order_lines(lines, parts, LineRules(), "test"),
    ):
        pass
