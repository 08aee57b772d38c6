"""An embedded DuckDB for one call: private, silent, without network, closed after use."""

from __future__ import annotations

import itertools
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from custvalue._tables.relations import arrow_schema
from custvalue.exceptions import DataError

_LIMIT = "CUSTVALUE_MEMORY_LIMIT"
_SIZE = re.compile(r"\d+(?:\.\d+)?\s*[KMGT]i?B", re.IGNORECASE)

__all__ = ["Engine", "collect", "memory_limit", "private_engine", "readable"]


class Engine:
    """A private DuckDB connection and the tables that it knows.

    Tables are referred to by name, as unbound Ibis tables, so that no expression holds on to the
    connection.
    """

    def __init__(self, backend: Any) -> None:
        self.backend = backend
        self._numbers = itertools.count()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection itself, to read files with."""
        connection: duckdb.DuckDBPyConnection = self.backend.con
        return connection

    def register(self, rows: Any, schema: pa.Schema) -> ir.Table:
        """Name an Arrow table or stream without copying it.

        Parameters
        ----------
        rows : pyarrow.Table or object with an Arrow stream
        schema : pyarrow.Schema

        Returns
        -------
        ibis.Table
        """
        name = self._name()
        self.connection.register(name, rows)
        return ibis.table(ibis.Schema.from_pyarrow(schema), name=name)

    def view(self, relation: duckdb.DuckDBPyRelation) -> ir.Table:
        """Name a relation of this connection.

        Parameters
        ----------
        relation : duckdb.DuckDBPyRelation

        Returns
        -------
        ibis.Table
        """
        name = self._name()
        relation.create_view(name)
        return ibis.table(ibis.Schema.from_pyarrow(arrow_schema(relation)), name=name)

    def keep(self, expression: ir.Table, origin: str) -> ir.Table:
        """Compute an expression once and keep its rows until the engine closes.

        Parameters
        ----------
        expression : ibis.Table
        origin : str
            What is read, for the message of an error.

        Returns
        -------
        ibis.Table

        Raises
        ------
        DataError
            If the rows cannot be read.
        """
        name = self._name()
        with readable(origin):
            self.backend.raw_sql(f"CREATE TEMP TABLE {name} AS {self.backend.compile(expression)}")
        return ibis.table(expression.schema(), name=name)

    def collect(self, expression: ir.Table) -> pa.Table:
        """Compute an expression and return its rows.

        Parameters
        ----------
        expression : ibis.Table

        Returns
        -------
        pyarrow.Table
        """
        rows: pa.Table = self.backend.to_pyarrow(expression)
        return rows

    def _name(self) -> str:
        return f"custvalue_{next(self._numbers)}"


def memory_limit() -> str | None:
    """Return how much memory an engine may take, from the environment.

    The variable ``CUSTVALUE_MEMORY_LIMIT`` holds a size such as "3GB" or "800 MiB". Without it, or
    where it is empty, DuckDB takes up to 80 % of the machine's memory.

    Returns
    -------
    str or None

    Raises
    ------
    ValueError
        If it holds something else.
    """
    size = os.environ.get(_LIMIT, "").strip()
    if not size:
        return None
    if _SIZE.fullmatch(size) and float(re.split(r"[a-zA-Z\s]", size)[0]) > 0:
        return size
    raise ValueError(
        f"the environment variable {_LIMIT} must hold a size of memory such as '3GB' or "
        f"'800 MiB'; found {size!r}"
    )


@contextmanager
def private_engine() -> Iterator[Engine]:
    """Give an engine that ends with the block.

    It draws no progress bar, fetches no extension and reads no Python variable. What does not fit
    into its memory, ``memory_limit``, goes to the temporary directory of the system and is removed
    again.

    Yields
    ------
    Engine

    Raises
    ------
    ValueError
        If the limit of memory is not a size.
    """
    limit = memory_limit()
    backend = ibis.duckdb.connect(
        temp_directory=str(Path(tempfile.gettempdir(), f"custvalue-{uuid4().hex}")),
        autoinstall_known_extensions=False,
        **({} if limit is None else {"memory_limit": limit}),
    )
    try:
        backend.con.execute("SET enable_progress_bar = false")
        yield Engine(backend)
    finally:
        backend.con.close()


def collect(expression: ir.Table, engine: Any, origin: str) -> pa.Table:
    """Compute an expression and return its rows.

    Parameters
    ----------
    expression : ibis.Table
    engine : Engine, SparkEngine or None
        Where to compute; None computes where the caller's Ibis table lives.
    origin : str
        What is read, for the message of an error.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    DataError
        If the rows cannot be read.
    """
    with readable(origin):
        return expression.to_pyarrow() if engine is None else engine.collect(expression)


@contextmanager
def readable(origin: str) -> Iterator[None]:
    """Turn what the engine says of unreadable rows into a DataError that names what is read.

    Parameters
    ----------
    origin : str

    Raises
    ------
    DataError
        If DuckDB or Ibis fails within the block.
    """
    try:
        yield
    except (duckdb.Error, ibis.common.exceptions.IbisError) as error:
        said = "; ".join(line.strip() for line in str(error).splitlines()[:3] if line.strip())
        raise DataError(f"{origin} must be readable as a table; {said}") from error
