"""The one door for tables: frames, files, relations and Ibis tables become an Ibis table."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import duckdb
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from custvalue._tables.engine import Engine, collect, private_engine, readable
from custvalue._tables.files import read_files
from custvalue._tables.frames import from_pandas, from_polars, from_pyarrow
from custvalue._tables.names import check_names
from custvalue._tables.relations import RelationStream, choose_columns, warn_of_instants

Kind = Literal["pandas", "polars", "pyarrow", "ibis"]
_Form = Literal["pandas", "polars", "pyarrow", "path", "relation", "ibis"]

__all__ = ["Kind", "OpenTable", "open_table"]


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table of the caller, to compute on while the block of ``open_table`` lasts.

    Attributes
    ----------
    table : ibis.Table
        The columns asked for, named by the part that they play.
    names : mapping of str to str
        From the part to the caller's name of the column.
    kind : {"pandas", "polars", "pyarrow", "ibis"}
        What the caller expects back.
    origin : str
        What is read, for messages: "X" or a path.
    numbered : bool
        Whether rows have positions that a message can name; an engine's rows have none.
    engine : Engine or None
        The private engine; None where the expressions run in the caller's own.
    """

    table: ir.Table
    names: Mapping[str, str]
    kind: Kind
    origin: str
    numbered: bool
    engine: Engine | None

    def keep(self, expression: ir.Table) -> ir.Table:
        """Compute an expression once and keep its rows until the block ends.

        Parameters
        ----------
        expression : ibis.Table

        Returns
        -------
        ibis.Table
            The rows kept; in the caller's engine the expression itself, where nothing is left.
        """
        if self.engine is None:
            return expression
        return self.engine.keep(expression, self.origin)

    def collect(self, expression: ir.Table) -> pa.Table:
        """Compute an expression and return its rows.

        Parameters
        ----------
        expression : ibis.Table

        Returns
        -------
        pyarrow.Table

        Raises
        ------
        DataError
            If the rows cannot be read.
        """
        return collect(expression, self.engine, self.origin)


@contextmanager
def open_table(X: Any, columns: Mapping[str, str], *, owner: str) -> Iterator[OpenTable]:
    """Open a table of any kind; X is neither changed nor kept, and nothing is left behind.

    Times with a zone: a frame's column, which has a zone of its own, is read as the wall clock of
    that zone. Files and engines keep instants without one, which are read in UTC (an Ibis table's
    in the zone of its engine's session), with a warning.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, path or glob, DuckDB relation or Ibis table
    columns : mapping of str to str
        From the part that a column plays to the caller's name of it.
    owner : str
        Who asks, for messages.

    Yields
    ------
    OpenTable

    Raises
    ------
    DataError
        If a file is missing or unreadable, or a column missing or double.
    TypeError
        If X is not a table.
    """
    form = _form_of(X, owner)
    if form == "ibis":
        table = _from_ibis(X, columns, owner)
        yield OpenTable(table, dict(columns), "ibis", "X", numbered=False, engine=None)
        return
    origin = repr(os.fspath(X)) if form == "path" else "X"
    with private_engine() as engine:
        table = _table_in(engine, X, form, columns, owner, origin)
        numbered = form != "relation"
        yield OpenTable(table, dict(columns), _KINDS[form], origin, numbered, engine)


def _form_of(X: Any, owner: str) -> _Form:
    package = type(X).__module__.split(".")[0]
    if isinstance(X, pd.DataFrame):
        return "pandas"
    if isinstance(X, (str, os.PathLike)):
        return "path"
    if isinstance(X, ir.Table):
        return "ibis"
    if isinstance(X, duckdb.DuckDBPyRelation):
        return "relation"
    if isinstance(X, (pa.Table, pa.RecordBatch)):
        return "pyarrow"
    if package == "polars" and hasattr(X, "collect_schema") and hasattr(X, "lazy"):
        return "polars"
    raise TypeError(
        f"{owner} needs a table: a pandas, polars or pyarrow frame, a path or glob to Parquet or "
        "CSV files, a DuckDB relation or an Ibis table; "
        f"found {type(X).__module__}.{type(X).__name__}"
    )


def _table_in(
    engine: Engine, X: Any, form: _Form, columns: Mapping[str, str], owner: str, origin: str
) -> ir.Table:
    """Name X in the engine and return its columns, named by part."""
    if form in _FROM_FRAME:
        rows = _FROM_FRAME[form](X, columns, owner)
        return engine.register(rows, rows.schema)
    with readable(origin):
        relation = read_files(X, engine.connection) if form == "path" else X
        chosen = choose_columns(relation, columns, owner, origin)
        if form == "path":
            return engine.view(chosen)
        stream = RelationStream(chosen)
        return engine.register(stream, stream.schema)


def _from_ibis(X: ir.Table, columns: Mapping[str, str], owner: str) -> ir.Table:
    """Return columns of an Ibis table, named by the part they play."""
    check_names(list(X.columns), columns, owner)
    for name in columns.values():
        found = X[name].type()
        if found.is_timestamp() and found.timezone is not None:
            warn_of_instants(name, "X", "the engine's session")
    return X.select(**{part: X[name] for part, name in columns.items()})


_KINDS: dict[_Form, Kind] = {
    "pandas": "pandas",
    "polars": "polars",
    "pyarrow": "pyarrow",
    "path": "pandas",
    "relation": "ibis",
    "ibis": "ibis",
}
_FROM_FRAME = {"pandas": from_pandas, "polars": from_polars, "pyarrow": from_pyarrow}
