"""The customer summary as SQL text: the same expression, on a table that only has a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import ibis
import ibis.expr.types as ir

from custvalue._tables.query import query_text
from custvalue.transactions._rfm_summary import SummaryRules, customer_days, customer_totals
from custvalue.transactions._summary_columns import summary_table

# What the columns are in the database is not known. These types make every use of them a cast.
_TYPES = {"customer": "string", "date": "timestamp", "amount": "decimal(38, 9)"}

__all__ = ["summary_query"]


def summary_query(
    columns: Mapping[str, str],
    rules: SummaryRules,
    *,
    start: date,
    end: date,
    table: tuple[str, ...],
    dialect: str,
) -> str:
    """Return a query that gives the summary of the orders in a database table.

    Parameters
    ----------
    columns : mapping of str to str
        From "customer", "date" and "amount" to the names of the columns.
    rules : SummaryRules
    start, end : datetime.date
        First and last day of observation.
    table : tuple of str
        Name of the table, behind schema or catalogue and schema.
    dialect : str

    Returns
    -------
    str
    """
    inside = replace(rules, end=None, portable=True)
    orders = _orders_until(_unbound(columns, table), columns, inside, end)
    totals = customer_totals(customer_days(orders, inside), inside)
    return query_text(summary_table(totals, inside, end, columns["customer"], start), dialect)


def _unbound(columns: Mapping[str, str], table: tuple[str, ...]) -> ir.Table:
    *above, name = table
    schema = {column: _TYPES[part] for part, column in columns.items()}
    if not above:
        return ibis.table(schema, name=name)
    catalog = above[0] if len(above) > 1 else None
    return ibis.table(schema, name=name, catalog=catalog, database=above[-1])


def _orders_until(
    table: ir.Table, columns: Mapping[str, str], rules: SummaryRules, end: date
) -> ir.Table:
    """Return the orders of the observation that belong to somebody, named by part."""
    orders = table.select(**{part: table[name] for part, name in columns.items()})
    day = orders["date"].cast("date")
    known = orders["customer"].notnull() & (day <= ibis.date(end.year, end.month, end.day))
    if rules.calendar:
        first = rules.calendar[0]
        known = known & (day >= ibis.date(first.year, first.month, first.day))
    return orders.filter(known)
