"""Parameters of a service analysis that do not go together."""

from __future__ import annotations

from typing import Any

from custvalue.exceptions import DataError
from custvalue.workflow._service_analysis import COUNTS, customer_column, failure_columns
from custvalue.workflow._service_analysis_customers import ORDERS, is_estimated

__all__ = ["COSTS", "check_parameters"]

COSTS = ("failures", "value", "expected_leavers", "expected_cost")
"""Columns of the costs of customers."""


def check_parameters(analysis: Any, *, priced: bool) -> None:
    """Raise where two parameters name one column, or a column of the result.

    Parameters
    ----------
    analysis : ServiceAnalysis
    priced : bool
        Whether a table of customers was given.

    Raises
    ------
    ValueError
        With the parameters and the column. A `DataError` where the segment is the customer.
    """
    _check_customer(analysis)
    _check_segment(analysis)
    _check_priority(analysis)
    if priced:
        _check_customers(analysis)


def _check_customer(analysis: Any) -> None:
    customer = customer_column(analysis)
    taken = (*COUNTS, *failure_columns(analysis.criteria), *COSTS)
    if customer in taken:
        raise ValueError(
            f"columns must not name the customer like a column of the result; found {customer!r}, "
            f"the results have {', '.join(taken)}"
        )


def _check_segment(analysis: Any) -> None:
    customer, segment = customer_column(analysis), analysis.segment
    if segment == customer:
        raise DataError(f"segment must not be the column of customers; found {customer!r}")
    if segment in analysis.criteria:
        raise ValueError(f"segment must not be called like a criterion; found {segment!r}")


def _check_priority(analysis: Any) -> None:
    priority = analysis.priority
    given = None if priority is None else priority.customer_value
    if given not in (None, analysis.value):
        raise ValueError(
            f"customer_value of priority must be None or {analysis.value!r}, as value names it; "
            f"found {given!r}"
        )


def _check_customers(analysis: Any) -> None:
    """Raise unless what is read of customers has a column of its own."""
    if ORDERS in analysis.criteria:
        raise ValueError(
            f"criteria must not name {ORDERS!r} where customers are given: the cost counts the "
            f"orders of each customer in a column of that name; found {tuple(analysis.criteria)!r}"
        )
    used = {"value": analysis.value, "columns (customer)": customer_column(analysis)}
    if isinstance(analysis.leaving_probability, str):
        used["leaving_probability"] = analysis.leaving_probability
    labels = {"segment": analysis.segment}
    if is_estimated(analysis):
        used["alive"], labels["strata"] = analysis.alive, analysis.strata
    for parameter, name in labels.items():
        others = [other for other, column in used.items() if column == name]
        if others:
            raise ValueError(
                f"{parameter} must name a column of its own; found {name!r} for {parameter} and "
                f"{others[0]}"
            )
    _require_distinct(used)


def _require_distinct(used: dict[str, str]) -> None:
    first: dict[str, str] = {}
    for parameter, name in used.items():
        if name in first:
            raise ValueError(
                f"{parameter} must name a column of its own; found {name!r} for {first[name]} and "
                f"{parameter}"
            )
        first[name] = parameter
