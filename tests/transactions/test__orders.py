"""An order log, opened, checked and summed."""

from __future__ import annotations

import datetime
import os

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.transactions._orders import inferred_end, read_orders, summary_frame
from custvalue.transactions._rfm_summary import SummaryRules
from support.order_logs import as_input, small_log

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
END = datetime.date(2024, 3, 1)
RULES = SummaryRules(has_amount=True, end=END)


def test_orders_are_scanned_once(tmp_path, monkeypatch):
    """The file may vanish once the orders are read: checks and summary need no second look."""
    path = as_input(small_log(), "parquet", tmp_path)
    with read_orders(path, COLUMNS, RULES, "The test") as read:
        os.remove(path)
        found = summary_frame(read, END, "pandas")
    assert read.counts.n_rows == 6
    assert found.index.tolist() == ["a", "b", "c"]


def test_an_expression_stays_one_until_the_caller_runs_it():
    """From an Ibis table comes an Ibis table; the orders are in no other."""
    X = ibis.memtable(pa.Table.from_pandas(small_log()))
    with read_orders(X, COLUMNS, RULES, "The test") as read:
        table = summary_frame(read, END, "ibis")
    assert isinstance(table, ibis.Table)
    assert table.to_pyarrow().num_rows == 3
    assert X.op() in table.op().find(type(X.op()))


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "ibis"])
def test_a_frame_of_any_kind_can_be_asked_for(kind, tmp_path):
    """Whatever the orders were in."""
    path = as_input(small_log(), "csv", tmp_path)
    with read_orders(path, COLUMNS, RULES, "The test") as read:
        found = summary_frame(read, END, kind)
    package = type(found).__module__.split(".")[0]
    assert package == kind


def test_consecutive_ids_stay_an_ordinary_index():
    """Ids 1, 2, 3 are no range, and keep their type."""
    X = small_log().assign(customer_id=pd.Series([1, 1, 2, 3, 3, 3], dtype="int32"))
    with read_orders(X, COLUMNS, RULES, "The test") as read:
        index = summary_frame(read, END, "pandas").index
    assert not isinstance(index, pd.RangeIndex)
    assert index.dtype == "int32"


def test_wrong_orders_do_not_pass():
    """The checks run before anything is given."""
    with (
        pytest.raises(DataError, match="must hold finite numbers"),
        read_orders(small_log().assign(amount=None), COLUMNS, RULES, "The test"),
    ):
        pytest.fail("the block must not be entered")


def test_the_end_is_that_of_the_last_order():
    """The warning names the day and what to do."""
    rules = SummaryRules(has_amount=True)
    with (
        read_orders(small_log(), COLUMNS, rules, "The test") as read,
        pytest.warns(DataQualityWarning, match="inferred to be 2024-02-10, .* state it"),
    ):
        assert inferred_end(read.counts, stacklevel=2) == datetime.date(2024, 2, 10)
