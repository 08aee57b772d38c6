"""What the text of a query tells: the names of its columns, and the tables that it reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlglot import exp

from custvalue._tables.sql_terms import column, named

__all__ = ["output_names", "star_written_out", "tables_read"]

_BY_PLACE = ("distinct", "group", "order")
_SET_OPERATIONS = (exp.Union, exp.Except, exp.Intersect)


def output_names(query: exp.Expr) -> list[exp.Identifier] | None:
    """Return the names of the columns that a query gives.

    Parameters
    ----------
    query : sqlglot.exp.Query

    Returns
    -------
    list of sqlglot.exp.Identifier, or None
        In their order, quoted where the query quotes them. None where the text does not tell them:
        a ``*`` of a table, or a term without a name.

    Examples
    --------
    >>> import sqlglot
    >>> found = output_names(sqlglot.parse_one("WITH a AS (SELECT 1 AS x) SELECT * FROM a"))
    >>> [name.name for name in found]
    ['x']
    >>> output_names(sqlglot.parse_one("SELECT * FROM customers")) is None
    True
    """
    return _names(query, ())


def tables_read(query: exp.Expr) -> Iterator[exp.Table]:
    """Yield the tables that a query reads; what its WITH defines is none, nor is a function.

    Parameters
    ----------
    query : sqlglot.exp.Query

    Yields
    ------
    sqlglot.exp.Table

    Examples
    --------
    >>> import sqlglot
    >>> query = sqlglot.parse_one("WITH t AS (SELECT 1 FROM t) SELECT * FROM t JOIN s.t AS u")
    >>> [table.sql() for table in tables_read(query)]
    ['s.t AS u', 't']
    """
    for table in query.find_all(exp.Table):
        if not isinstance(table.this, exp.Func) and _definition(table) is None:
            yield table


def star_written_out(query: exp.Expr, names: Sequence[str]) -> exp.Select | None:
    """Return a query with columns in place of its ``*``.

    Parameters
    ----------
    query : sqlglot.exp.Query
    names : sequence of str
        Columns that are wanted. Those that the query gives by a name of its own are not among
        those of the ``*``.

    Returns
    -------
    sqlglot.exp.Select, or None
        None where rows could change, or where it cannot be told which column a name would be.

    Examples
    --------
    >>> import sqlglot
    >>> query = sqlglot.parse_one("SELECT *, a + 1 AS b FROM t")
    >>> star_written_out(query, ["b", "a"]).sql()
    'SELECT "a" AS "a", a + 1 AS b FROM t'
    """
    if not isinstance(query, exp.Select) or any(query.args.get(part) for part in _BY_PLACE):
        return None
    stars = [one for one in query.expressions if _is_plain_star(one)]
    others = [_name_of(one) for one in query.expressions if not _is_plain_star(one)]
    if not stars or None in others or any(map(_is_derived, _sources(query))):
        return None
    own = {name.name.lower() for name in others if name is not None}
    whose = stars[0].args.get("table") if len(stars) == 1 else None
    wanted = [_column(name, whose) for name in names if name.lower() not in own]
    written = query.copy()
    rest = [one for one in written.expressions if not _is_plain_star(one)]
    written.set("expressions", [*wanted, *rest])
    return written


def _names(query: exp.Expr, inside: tuple[int, ...]) -> list[exp.Identifier] | None:
    """Return the names; ``inside`` are the definitions that are being read."""
    if isinstance(query, _SET_OPERATIONS):
        return None if query.args.get("by_name") else _names(query.this, inside)
    if isinstance(query, exp.Subquery):
        return None if query.args.get("pivots") else _names(query.this, inside)
    if not isinstance(query, exp.Select) or query.args.get("kind"):
        return None
    found: list[exp.Identifier] = []
    for one in query.expressions:
        names = _names_of_star(query, inside) if _is_plain_star(one) else _only(_name_of(one))
        if names is None:
            return None
        found += names
    return found


def _only(name: exp.Identifier | None) -> list[exp.Identifier] | None:
    return None if name is None else [name]


def _names_of_star(query: exp.Select, inside: tuple[int, ...]) -> list[exp.Identifier] | None:
    """Return what a star stands for where the query reads one thing, and that a query."""
    sources = _sources(query)
    if len(sources) != 1 or query.args.get("laterals"):
        return None
    source = sources[0]
    definition = _definition(source) if isinstance(source, exp.Table) else source
    renamed = any(one is not None and one.alias_column_names for one in (source, definition))
    if definition is None or renamed or source.args.get("pivots") or id(definition) in inside:
        return None
    return _names(definition.this, (*inside, id(definition)))


def _sources(query: exp.Select) -> list[exp.Expr]:
    """Return what a query reads from."""
    joins = query.args.get("joins") or []
    return [one.this for one in (_part(query, exp.From), *joins) if one is not None]


def _part(query: exp.Expr, kind: type[exp.Expr]) -> Any:
    """Return a part of a query by its kind: its key is not the same in all versions of sqlglot."""
    return next((one for one in query.args.values() if isinstance(one, kind)), None)


def _is_derived(source: exp.Expr) -> bool:
    """Return whether a source is no table of the database."""
    return not isinstance(source, exp.Table) or _definition(source) is not None


def _is_plain_star(term: exp.Expr) -> bool:
    """Return whether a term is ``*`` or ``c.*``, and leaves out, replaces or renames nothing."""
    star = term.this if isinstance(term, exp.Column) else term
    return isinstance(star, exp.Star) and not any(star.args.values())


def _name_of(term: exp.Expr) -> exp.Identifier | None:
    """Return the name that a query gives to a term, or that a column has."""
    found = term.args.get("alias") if isinstance(term, exp.Alias) else None
    if isinstance(term, exp.Column):
        found = term.this
    return found if isinstance(found, exp.Identifier) else None


def _column(name: str, whose: exp.Identifier | None) -> exp.Expr:
    found = column(name)
    if whose is not None:
        found.set("table", whose.copy())
    return named(found, name)


def _definition(table: exp.Table) -> exp.CTE | None:
    """Return the part of a WITH that a name means, as far as that is certain."""
    if table.db or table.catalog or not isinstance(table.this, exp.Identifier):
        return None
    child: exp.Expr = table
    while child.parent is not None:
        parent = child.parent
        if isinstance(parent, exp.With):
            seen = _before(parent, child)
            child = parent.parent or parent
        else:
            own = _part(parent, exp.With)
            seen = own.expressions if own is not None else []
            child = parent
        for one in reversed(seen):
            if _same_name(one.args["alias"].this, table.this):
                return one if isinstance(one, exp.CTE) else None
    return None


def _before(parts: exp.With, part: exp.Expr) -> list[exp.Expr]:
    """Return what a part of a WITH can read of it: those before it and, if recursive, itself."""
    place = next(i for i, one in enumerate(parts.expressions) if one is part)
    found: list[exp.Expr] = parts.expressions[: place + bool(parts.recursive)]
    return found


def _same_name(one: exp.Identifier, other: exp.Identifier) -> bool:
    """Return whether names are equal in every database; capitals may matter in quotes."""
    if one.name == other.name and one.quoted == other.quoted:
        return True
    return not one.quoted and not other.quoted and one.name.lower() == other.name.lower()
