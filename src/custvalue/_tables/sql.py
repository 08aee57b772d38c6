"""SQL as text: dialects and names of tables as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlglot

__all__ = ["checked_dialect", "checked_table"]


def checked_dialect(dialect: Any) -> str:
    """Return a dialect of SQL that can be written.

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
        If it is none.
    """
    if isinstance(dialect, str) and dialect and sqlglot.Dialect.get(dialect.lower()) is not None:
        return dialect.lower()
    raise ValueError(
        "dialect must name a dialect of SQL, such as 'duckdb', 'postgres', 'snowflake', "
        f"'bigquery', 'mysql', 'tsql' or 'spark'; found {dialect!r}"
    )


def checked_table(table: Any) -> tuple[str, ...]:
    """Return the name of a table in parts.

    Parameters
    ----------
    table : str or sequence of str
        One name with any dots in it; or schema and name; or catalogue, schema and name.

    Returns
    -------
    tuple of str

    Raises
    ------
    ValueError
        If it has none, or more than three parts.
    """
    parts = (table,) if isinstance(table, str) else table
    named = isinstance(parts, Sequence) and all(isinstance(one, str) and one for one in parts)
    if named and 1 <= len(parts) <= 3:
        return tuple(parts)
    raise ValueError(
        "table must be a name, or a sequence of schema and name or catalogue, schema and name; "
        f"found {table!r}"
    )
