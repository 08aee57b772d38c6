"""Terms of SQL: columns, constants and names, quoted and of a type that every dialect keeps."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import reduce

from sqlglot import exp

__all__ = [
    "all_of",
    "column",
    "constant",
    "days",
    "finite",
    "given",
    "named",
    "number",
    "quoted",
    "require_free_names",
    "table_named",
    "text",
]


def quoted(name: str) -> exp.Identifier:
    """Return a name that is taken letter by letter."""
    return exp.Identifier(this=name, quoted=True)


def column(name: str, table: str | None = None) -> exp.Column:
    """Return a column, of a table where it is named."""
    return exp.Column(this=quoted(name), table=None if table is None else quoted(table))


def number(name: str, table: str | None = None) -> exp.Expression:
    """Return a column as a number in double precision."""
    return exp.cast(column(name, table), exp.DataType.Type.DOUBLE)


def constant(value: float) -> exp.Expression:
    """Return a number in double precision; without an exponent some would read a decimal number.

    Examples
    --------
    >>> constant(0.1).sql()
    '0.1e0'
    >>> constant(-1e-300).sql()
    '-1e-300'
    """
    digits = repr(abs(float(value)))
    literal = exp.Literal.number(digits if "e" in digits else f"{digits}e0")
    return exp.Neg(this=literal) if value < 0 else literal


def text(words: str) -> exp.Expression:
    """Return words as a constant."""
    return exp.Literal.string(words)


def days(day: str) -> exp.Expression:
    """Return a day, written as YYYY-MM-DD, as a constant."""
    return exp.cast(text(day), exp.DataType.Type.DATE)


def named(inner: exp.Expression, name: str) -> exp.Expression:
    """Return a term as a column of the result."""
    return exp.Alias(this=inner, alias=quoted(name))


def table_named(parts: Sequence[str], alias: str | None = None) -> exp.Table:
    """Return a table by the parts of its name: name, schema and name, or catalogue before them.

    Examples
    --------
    >>> table_named(("shop", "orders"), "o").sql()
    '"shop"."orders" AS "o"'
    """
    table = exp.Table(
        **dict(zip(("this", "db", "catalog"), map(quoted, reversed(parts)), strict=False))
    )
    if alias is not None:
        table.set("alias", exp.TableAlias(this=quoted(alias)))
    return table


def finite(inner: exp.Expression) -> exp.Expression:
    """Return whether a number is finite; some databases sort NaN as the largest."""
    largest = constant(sys.float_info.max)
    return exp.Between(this=inner.copy(), low=exp.Neg(this=largest.copy()), high=largest)


def all_of(conditions: Sequence[exp.Expression]) -> exp.Expression:
    """Return whether all conditions hold; of none, true."""
    return reduce(_and, conditions) if conditions else exp.true()


def given(inner: exp.Expression) -> exp.Expression:
    """Return whether a value is there."""
    return exp.Not(this=exp.Is(this=inner.copy(), expression=exp.null()))


def require_free_names(read: Sequence[str], added: Sequence[str], method: str) -> None:
    """Raise where a query would give two columns of one name; most databases ignore case.

    Parameters
    ----------
    read, added : sequence of str
        Columns that the query reads, and those that it adds to them.
    method : str
        What writes the query, for the message.

    Raises
    ------
    ValueError
        If a column that is read has the name of one that is added.

    Examples
    --------
    >>> require_free_names(["Segment"], ["segment", "rule"], "to_sql")
    Traceback (most recent call last):
    ...
    ValueError: to_sql gives the columns segment, rule; rename those of the table that it would
    have twice, such as to 'last_Segment'; found 'Segment'
    """
    names = {name.lower() for name in added}
    taken = [name for name in read if name.lower() in names]
    if taken:
        raise ValueError(
            f"{method} gives the columns {', '.join(added)}; rename those of the table that it "
            f"would have twice, such as to {'last_' + taken[0]!r}; "
            f"found {', '.join(map(repr, taken))}"
        )


def _and(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    return exp.And(this=left.copy(), expression=right.copy())
