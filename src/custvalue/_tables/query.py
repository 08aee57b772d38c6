"""Ibis expressions as the text of a query, in the dialects that can hold all of them."""

from __future__ import annotations

from typing import Any

import ibis.backends.sql.compilers as compilers
import ibis.expr.types as ir
from sqlglot.optimizer.eliminate_subqueries import eliminate_subqueries

# Ibis writes for an engine, sqlglot prints a dialect. Spark's own compiler asks a live session.
_COMPILERS = {
    "bigquery": "bigquery",
    "databricks": "databricks",
    "duckdb": "duckdb",
    "mysql": "mysql",
    "postgres": "postgres",
    "snowflake": "snowflake",
    "spark": "databricks",
    "trino": "trino",
}

__all__ = ["checked_engine", "query_text"]


def checked_engine(dialect: Any) -> str:
    """Return a dialect that whole expressions can be written in, which are fewer.

    Parameters
    ----------
    dialect : str
        As sqlglot names it, in capitals or not.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If it is none of them.
    """
    if isinstance(dialect, str) and dialect.lower() in _COMPILERS:
        return dialect.lower()
    raise ValueError(
        f"dialect must be one of {', '.join(map(repr, _COMPILERS))}; found {dialect!r}"
    )


def query_text(expression: ir.Table, dialect: str) -> str:
    """Return an expression on unbound tables as one SELECT, its steps as common table expressions.

    Parameters
    ----------
    expression : ibis.Table
    dialect : str
        What ``checked_engine`` gave.

    Returns
    -------
    str
        Names of columns and tables are quoted.
    """
    compiler = getattr(compilers, _COMPILERS[dialect]).compiler
    query = eliminate_subqueries(compiler.to_sqlglot(expression))
    printed = dialect if dialect == "spark" else compiler.dialect
    return str(query.sql(dialect=printed, pretty=True))
