"""Parameters that the summary and the split share."""

from __future__ import annotations

import pytest

from custvalue.transactions._parameters import (
    check_edge,
    check_extra,
    check_id_name,
    order_columns,
)


def test_columns_by_part():
    """Without an amount there are two parts."""
    assert order_columns("a", "b", None) == {"customer": "a", "date": "b"}
    assert order_columns("a", "b", "c") == {"customer": "a", "date": "b", "amount": "c"}


def test_extra_columns():
    """A list does as well as a tuple; the order stays."""
    assert check_extra(["total_value", "n_orders"], has_amount=True) == ("total_value", "n_orders")
    assert check_extra((), has_amount=False) == ()


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (("n_orders", "n"), "among n_orders, .*, left_truncated; found 'n'"),
        (("n_orders", "n_orders"), "each column once; found"),
        (("total_value",), "'total_value' needs an amount column; found amount=None"),
    ],
)
def test_wrong_extra_columns_are_refused(extra, message):
    """Unknown and double names, and values without an amount."""
    with pytest.raises(ValueError, match=message):
        check_extra(extra, has_amount=False)


def test_a_left_edge_allows_its_column():
    """Whole numbers do; without an edge the column is refused and the message says what it is."""
    assert check_edge(2) == 2.0
    assert check_edge(None) is None
    assert check_extra(("left_truncated",), True, 2.0) == ("left_truncated",)
    with pytest.raises(ValueError, match="'left_truncated' needs left_edge, how long a customer"):
        check_extra(("left_truncated",), True)


@pytest.mark.parametrize("edge", [0, -1.0, float("inf"), float("nan"), "4 weeks"])
def test_an_edge_must_be_a_length(edge):
    """Above zero, and a number."""
    with pytest.raises(ValueError, match="left_edge must be a number above 0, or None; found"):
        check_edge(edge)


@pytest.mark.parametrize("name", ["T", "t", "frequency", "Frequency"])
def test_the_id_must_not_be_named_like_a_column_of_the_summary(name):
    """Engines do not tell capitals apart."""
    check_id_name("customer_id", ("frequency", "T"))
    with pytest.raises(ValueError, match=f"customer must not be named .*; found '{name}'"):
        check_id_name(name, ("frequency", "T"))
