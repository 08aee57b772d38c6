"""Statements that make a table hold what a query gives, each figure in the column of its name."""

from __future__ import annotations

from collections.abc import Sequence

import sqlglot
from sqlglot import exp

from custvalue._tables.sql_terms import quoted, table_named
from custvalue.workflow._query_columns import output_names, star_written_out, tables_read

__all__ = ["REFRESHED", "refresh_texts"]

REFRESHED = (
    "bigquery",
    "databricks",
    "duckdb",
    "mysql",
    "postgres",
    "snowflake",
    "spark",
    "sqlite",
    "trino",
)
"""Dialects that know CREATE TABLE IF NOT EXISTS ... AS."""


def refresh_texts(
    query: str, *, table: tuple[str, ...], columns: Sequence[str] | None, dialect: str
) -> list[str]:
    """Return the three statements that make a table hold what a query gives.

    Parameters
    ----------
    query : str
        One SELECT.
    table : tuple of str
    columns : sequence of str or None
        The columns of the table; None takes all of the query, whose text must tell them.
    dialect : str
        One of ``REFRESHED``.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        If the query is not one SELECT of the dialect, reads the table, or gives other columns.
    """
    inner, parsed = _one_select(query, table, dialect)
    given = output_names(parsed)
    if given is None:
        written = _written_out(parsed, columns)
        given, inner = output_names(written) or [], written.sql(dialect=dialect, pretty=True)
    _require_once(given)
    chosen = given if columns is None else _chosen(given, columns)
    listed = ", ".join(name.sql(dialect=dialect) for name in chosen)
    name = table_named(table).sql(dialect=dialect)
    rows = f"SELECT {listed} FROM (\n{inner}\n) AS refreshed"
    return [
        f"CREATE TABLE IF NOT EXISTS {name} AS\n{rows}\nWHERE 1 = 0",
        f"DELETE FROM {name} WHERE 1 = 1",
        f"INSERT INTO {name} ({listed})\n{rows}",
    ]


def _one_select(query: str, into: tuple[str, ...], dialect: str) -> tuple[str, exp.Expr]:
    """Return the one SELECT that a text is, and that does not read the table, as text and tree."""
    try:
        text = _without_end(query, dialect)
        parts = sqlglot.parse(text, read=dialect)
    except sqlglot.errors.SqlglotError as error:
        raise ValueError(f"query must be one SELECT of {dialect}; {error}") from error
    found = [one for one in parts if one is not None]
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        kinds = ", ".join(type(one).__name__ for one in found) or "nothing"
        raise ValueError(f"query must be one SELECT of {dialect}; found {kinds}")
    for read in tables_read(found[0]):
        if _may_be(into, read):
            raise ValueError(
                "query must not read the table that is emptied before it runs; "
                f"found {read.sql(dialect=dialect)}"
            )
    return text, found[0]


def _without_end(query: str, dialect: str) -> str:
    """Return the text of a query up to its last word: no semicolon, no comment behind it."""
    tokens = sqlglot.Dialect.get_or_raise(dialect).tokenize(query)
    words = [one for one in tokens if one.token_type is not sqlglot.TokenType.SEMICOLON]
    return query[: words[-1].end + 1].lstrip() if words else ""


def _may_be(into: tuple[str, ...], read: exp.Table) -> bool:
    """Return whether two names of tables can be those of one: as far as both go, they agree."""
    both = zip(reversed(into), (read.name, read.db, read.catalog), strict=False)
    return all(theirs.lower() in ("", ours.lower()) for ours, theirs in both)


def _written_out(query: exp.Expr, columns: Sequence[str] | None) -> exp.Select:
    """Return a query that names its columns, where the text of the one given does not."""
    if columns is None:
        raise ValueError(
            "columns must be given where query does not name its own; found columns=None and "
            f"{_hidden(query)!r} in query. Name every column in query (AS), or for a * give "
            "columns=[...]"
        )
    found = star_written_out(query, columns)
    if found is None:
        raise ValueError(
            "query must name its columns, or be one plain SELECT with a * of tables beside columns "
            "that have names (no DISTINCT, GROUP BY or ORDER BY); write them out in query; found "
            f"{_hidden(query)!r}"
        )
    return found


def _hidden(query: exp.Expr) -> str:
    """Return a term of a query that has no name."""
    terms = query.selects if isinstance(query, exp.Query) else []
    hidden = [one for one in terms if one.is_star or not isinstance(one, exp.Alias | exp.Column)]
    return (hidden or [query])[0].sql()


def _chosen(given: Sequence[exp.Identifier], columns: Sequence[str]) -> list[exp.Identifier]:
    """Return the names that are wanted, as the query gives them."""
    exact = {name.name: name for name in given}
    plain = {name.name.lower(): name for name in given if not name.quoted}
    missing = [name for name in columns if name not in exact and name.lower() not in plain]
    if missing:
        raise ValueError(
            f"columns must be among those that query gives: {', '.join(map(repr, exact))}; "
            f"found {missing[0]!r}"
        )
    return [exact.get(name, plain.get(name.lower(), quoted(name))) for name in columns]


def _require_once(given: Sequence[exp.Identifier]) -> None:
    """Raise where two columns have one name; most databases ignore case."""
    names = [name.name.lower() for name in given]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"query must give each column once, capitals or not; found {', '.join(twice)} more "
            "than once: rename one of them"
        )
