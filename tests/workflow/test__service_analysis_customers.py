from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from custvalue.exceptions import DataError
from custvalue.service import LostSalesCost
from custvalue.workflow import ServiceAnalysis
from custvalue.workflow._service_analysis_customers import (
    COSTING,
    cost_table,
    find_customers,
    is_estimated,
    joined,
    lost_sales,
    numbers_read,
    quality_counts,
    read_customers,
)


@pytest.fixture
def book():
    """Return three customers with value and tier."""
    index = pd.Index(["Ada", "Bo", "Cy"], name="who")
    return pd.DataFrame({"value": [5.0, 6.0, 7.0], "tier": ["a", "b", "a"]}, index=index)


@pytest.fixture
def served():
    """Return what two customers got, one of whom is not in the book."""
    index = pd.Index(["Bo", "Dee"], name="who")
    columns = ["orders", "known_orders", "perfect_orders", "late_failures"]
    return pd.DataFrame([[4, 4, 3, 1], [2, 2, 2, 0]], index=index, columns=columns)


@pytest.mark.parametrize(
    ("given", "history", "names"),
    [
        (0.1, True, ["value"]),
        ("risk", False, ["value", "risk"]),
        (None, True, ["value", "probability_alive"]),
        (None, False, ["value"]),
    ],
)
def test_only_columns_that_are_needed_are_read(given, history, names):
    """Who stayed matters where the probability of leaving is estimated, and at fit alone."""
    analysis = ServiceAnalysis(leaving_probability=given)
    assert numbers_read(analysis, history=history) == names


def test_customers_are_read_by_index_column_or_first_column(book):
    """The same table in three forms."""
    flat = book.reset_index()
    forms = (book, flat.sample(frac=1.0, random_state=1), pl.from_pandas(flat))
    for form in forms:
        found = read_customers(form, "who", ["value"], ["tier"], owner="x").sort_index()
        assert found["value"].tolist() == [5.0, 6.0, 7.0]
        assert found["tier"].tolist() == ["a", "b", "a"]
        assert found.index.tolist() == ["Ada", "Bo", "Cy"]


def test_labels_that_are_numbers_become_text(book):
    """Segments are names, so that they can stand beside "unknown"."""
    found = read_customers(book.assign(tier=[1, 2, 1]), "who", ["value"], ["tier"], owner="x")
    assert found["tier"].tolist() == ["1", "2", "1"]


def test_customers_are_found_by_id(book, served):
    """-1 stands for who is not there; none at all is an error that shows both."""
    assert find_customers(served.index, book, "lines").tolist() == [1, -1]
    with pytest.raises(DataError, match="the lines have 7, customers 'Ada'"):
        find_customers(pd.Index([7, 8]), book, "lines")


def test_what_is_not_in_the_table_is_unknown(book, served):
    """Segments are joined by position."""
    where = find_customers(served.index, book, "lines")
    assert joined(served.index, book["tier"], where).to_dict() == {"Bo": "b", "Dee": "unknown"}


def test_the_cost_table_has_those_of_both_tables(book, served):
    """Failures are called by their criterion."""
    where = find_customers(served.index, book, "lines")
    found = cost_table(served, book, ("late",), where)
    assert found.to_dict("index") == {"Bo": {"late": 1, "orders": 4, "value": 6.0, "tier": "b"}}
    with pytest.raises(DataError, match="found 'late'"):
        cost_table(served, book.rename(columns={"tier": "late"}), ("late",), where)


def test_the_cost_has_the_parameters_of_the_analysis():
    """Whatever says what a failure does is handed on."""
    analysis = ServiceAnalysis(leaving_probability=0.2, value="clv", prospect_value=3.0)
    cost = lost_sales(analysis, "tier")
    assert isinstance(cost, LostSalesCost)
    assert (cost.leaving_probability, cost.value, cost.prospect_value) == (0.2, "clv", 3.0)
    assert (cost.segment, cost.components) == ("tier", analysis.criteria)
    assert {*COSTING} <= set(analysis.get_params(deep=False))


def test_customers_are_counted_in_both_tables(book, served):
    """Without a table of customers nobody knows who is missing in it."""
    lines = pd.Series({"orders": 6}, name="data_quality")
    where = find_customers(served.index, book, "lines")
    judged = np.array([True, False])
    found = quality_counts(lines, judged, book, where)
    assert found.dtype == np.int64
    assert found.to_dict() == {
        "orders": 6,
        "customers": 2,
        "customers_not_judged": 1,
        "customers_without_value": 1,
        "customers_without_order": 2,
    }
    alone = quality_counts(lines, judged, None, None)
    assert alone.to_dict() == {"orders": 6, "customers": 2, "customers_not_judged": 1}


def test_nobody_who_is_judged_has_no_cost(book, served):
    """All customers were left out: there is nothing to price."""
    with pytest.raises(DataError, match="criterion is known; found none among 2 with an order"):
        cost_table(served, book, ("late",), np.array([-1, -1]))


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, True), ({"late": None, "short": 0.1}, True), ({"late": 0.1}, False), (0.1, False)],
)
def test_a_probability_may_be_estimated_for_one_criterion(given, expected):
    """None in a dict asks for an estimate as None does."""
    analysis = ServiceAnalysis(leaving_probability=given)
    assert is_estimated(analysis) is expected
    assert ("probability_alive" in numbers_read(analysis, history=True)) is expected
