"""The one door for tables: frames, files, streams, engines' tables become an Ibis table."""

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
import pyarrow.dataset as ds

from custvalue._tables.engine import Engine, collect, private_engine, readable
from custvalue._tables.files import read_files
from custvalue._tables.frames import from_pandas, from_polars, from_pyarrow
from custvalue._tables.names import check_names
from custvalue._tables.relations import RelationStream, choose_columns, warn_of_instants
from custvalue._tables.spark import SparkEngine, is_spark, spark_engine
from custvalue._tables.streams import dataset_stream, reader_stream
from custvalue.exceptions import DataError

Kind = Literal["pandas", "polars", "pyarrow", "ibis", "spark"]
_Form = Literal[
    "pandas", "polars", "pyarrow", "reader", "dataset", "path", "relation", "ibis", "spark"
]

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
    kind : {"pandas", "polars", "pyarrow", "ibis", "spark"}
        What the caller expects back.
    origin : str
        What is read, for messages: "X" or a path.
    numbered : bool
        Whether rows have positions that a message can name; an engine's rows have none.
    engine : Engine, SparkEngine or None
        The private engine; the caller's Spark; None where an Ibis table brings its own.
    """

    table: ir.Table
    names: Mapping[str, str]
    kind: Kind
    origin: str
    numbered: bool
    engine: Engine | SparkEngine | None

    @property
    def private(self) -> bool:
        """Whether the expressions run in the private engine, and not in the caller's own."""
        return isinstance(self.engine, Engine)

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
        if isinstance(self.engine, Engine):
            return self.engine.keep(expression, self.origin)
        return expression

    def unrun(self, expression: ir.Table) -> Any:
        """Return an expression as the caller's engine has it, which nothing has run yet.

        Parameters
        ----------
        expression : ibis.Table

        Returns
        -------
        ibis.Table or pyspark.sql.DataFrame
            It outlives the block.

        Raises
        ------
        TypeError
            If the engine is the private one, which ends with the block.
        """
        if isinstance(self.engine, Engine):
            raise TypeError("the private engine ends with the block; collect the rows")
        return expression if self.engine is None else self.engine.frame(expression)

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
    in the zone of its engine's session), with a warning. Spark shows its times in the zone of the
    session, and in that zone they are read.

    A reader of Arrow batches can be read once; its columns are kept in the private engine.

    Parameters
    ----------
    X : pandas or polars frame, pyarrow table, batch, reader or dataset, path or glob, DuckDB \
            relation, Ibis table or Spark DataFrame
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
    elif form == "spark":
        with spark_engine(X, columns, owner) as (spark, table):
            yield OpenTable(table, dict(columns), "spark", "X", numbered=False, engine=spark)
    else:
        with _privately(X, form, columns, owner) as opened:
            yield opened


@contextmanager
def _privately(X: Any, form: _Form, columns: Mapping[str, str], owner: str) -> Iterator[OpenTable]:
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
    if isinstance(X, pa.RecordBatchReader):
        return "reader"
    if isinstance(X, ds.Dataset):
        return "dataset"
    if is_spark(X):
        return "spark"
    if package == "polars" and hasattr(X, "collect_schema") and hasattr(X, "lazy"):
        return "polars"
    raise TypeError(
        f"{owner} needs a table: a pandas, polars or pyarrow frame, an Arrow reader or dataset, a "
        "path or glob to Parquet or CSV files, a DuckDB relation, an Ibis table or a Spark "
        "DataFrame; "
        f"found {type(X).__module__}.{type(X).__name__}"
    )


def _table_in(
    engine: Engine, X: Any, form: _Form, columns: Mapping[str, str], owner: str, origin: str
) -> ir.Table:
    """Name X in the engine and return its columns, named by part."""
    if form in _FROM_FRAME:
        rows = _FROM_FRAME[form](X, columns, owner)
        return engine.register(rows, rows.schema)
    if form == "reader":
        return _kept_reader(engine, X, columns, owner)
    if form == "dataset":
        stream = dataset_stream(X, columns, owner)
        return engine.register(stream, stream.schema)
    return _relation_in(engine, X, form, columns, owner, origin)


def _kept_reader(
    engine: Engine, X: pa.RecordBatchReader, columns: Mapping[str, str], owner: str
) -> ir.Table:
    """Read a reader once and keep its rows, since rules may have to look again."""
    stream = reader_stream(X, columns, owner)
    kept = engine.keep(engine.register(stream, stream.schema), "X")
    if not collect(kept.limit(1), engine, "X").num_rows:
        raise DataError(
            f"{owner} found no rows in the Arrow reader X; a reader can be read only once (give a "
            "table, a dataset or a path to read it again)"
        )
    return kept


def _relation_in(
    engine: Engine, X: Any, form: _Form, columns: Mapping[str, str], owner: str, origin: str
) -> ir.Table:
    """Name a file or a relation in the engine and return its columns, named by part."""
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
    "reader": "pyarrow",
    "dataset": "pyarrow",
    "path": "pandas",
    "relation": "ibis",
    "ibis": "ibis",
    "spark": "spark",
}
_FROM_FRAME = {"pandas": from_pandas, "polars": from_polars, "pyarrow": from_pyarrow}
