"""Order lines as expressions: what is judged with which columns, and that nothing is run."""

from __future__ import annotations

import ibis
import pyarrow as pa
import pytest

from custvalue.service._order_lines import (
    group_sums,
    is_no_flag,
    judged_criteria,
    order_states,
    order_totals,
    state_patterns,
)
from custvalue.service._order_lines_rules import PARTS, LineRules

TYPES = {
    "order": "int64",
    "customer": "string",
    **dict.fromkeys(("placed", "requested", "promised", "delivered"), "timestamp"),
    "ordered": "float64",
    "delivered_quantity": "float64",
    "damaged": "boolean",
    "documents_correct": "int8",
    "group_0": "string",
}


def test_criteria_follow_the_columns():
    """Each criterion needs its columns, and those together need both."""
    assert judged_criteria(["order"], LineRules()) == ()
    assert judged_criteria(PARTS, LineRules(flags=("flag_0",))) == (
        "on_time",
        "in_full",
        "undamaged",
        "documents",
        "otif",
        "error_free",
        "flag_0",
    )
    assert judged_criteria(["promised", "delivered"], LineRules(reference="requested")) == ()


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_expressions_need_no_engine(dialect):
    """A table without rows or engine gives the expressions of orders, patterns and groups."""
    lines = ibis.table(TYPES, name="lines")
    rules = LineRules(groups=("group_0",), cycle_from="placed", early=1)
    orders = order_totals(lines, rules)
    assert {"group_0", "order", "lines", "cycle", "otif_good"} <= set(orders.columns)
    assert "state_1" in order_states(orders, ["on_time", "in_full"]).columns
    assert state_patterns(orders, ["on_time"], ["group_0"]).columns[-1] == "orders"
    sums = group_sums(orders, rules, ["in_full"])
    assert {"orders", "units_ws", "timed_ss", "timed_lines", "in_full_ss", "cycle_p90"} <= set(
        sums.columns
    )
    assert "GROUP BY" in ibis.to_sql(sums, dialect=dialect)


def test_numbers_that_are_no_flags_are_found():
    """0, 1 and missing are flags, 2 and 0.5 are none; Booleans always are."""
    values = ibis.memtable(pa.table({"x": [0.0, 1.0, None, 2.0, 0.5, float("nan")]}))
    found = values.select(bad=is_no_flag(values["x"])).to_pyarrow()["bad"].to_pylist()
    assert found == [False, False, False, True, True, False]
    flags = ibis.memtable(pa.table({"x": [True, None]}))
    assert flags.select(bad=is_no_flag(flags["x"])).to_pyarrow()["bad"].to_pylist() == [False] * 2
