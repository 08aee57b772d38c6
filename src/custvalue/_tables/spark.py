"""Spark DataFrames: read through a temporary view, computed in their own session."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from custvalue._tables.names import check_names
from custvalue.exceptions import DataError

__all__ = ["SparkEngine", "is_spark", "spark_engine"]


class SparkEngine:
    """The session of a Spark DataFrame; no setting of it is changed.

    Parameters
    ----------
    session : pyspark.sql.SparkSession
    """

    def __init__(self, session: Any) -> None:
        self.session = session

    def frame(self, expression: ir.Table) -> Any:
        """Return an expression as a Spark DataFrame, which nothing has run yet.

        Parameters
        ----------
        expression : ibis.Table

        Returns
        -------
        pyspark.sql.DataFrame
        """
        return self.session.sql(str(ibis.to_sql(expression, dialect="pyspark")))

    def collect(self, expression: ir.Table) -> pa.Table:
        """Compute an expression and return its rows; times are those of the session's clock.

        Parameters
        ----------
        expression : ibis.Table

        Returns
        -------
        pyarrow.Table

        Raises
        ------
        DataError
            If Spark cannot compute the rows.
        """
        from pyspark.errors import PySparkException

        try:
            return _rows_of(self.frame(expression))
        except PySparkException as error:
            said = str(error).splitlines()[0]
            raise DataError(f"X must be readable as a table; Spark says: {said}") from error


def is_spark(X: Any) -> bool:
    """Return whether X is a DataFrame of Spark, whatever its session."""
    return type(X).__module__.startswith("pyspark.sql.") and hasattr(X, "sparkSession")


@contextmanager
def spark_engine(
    X: Any, columns: Mapping[str, str], owner: str
) -> Iterator[tuple[SparkEngine, ir.Table]]:
    """Give the session of a Spark DataFrame, and its columns named by the part they play.

    What has been made of them within the block stays good after it; the view does not stay.

    Parameters
    ----------
    X : pyspark.sql.DataFrame
    columns : mapping of str to str
        From the part that a column plays to its name.
    owner : str
        Who asks, for messages.

    Yields
    ------
    SparkEngine
    ibis.Table

    Raises
    ------
    DataError
        If a column is missing or double.
    TypeError
        If X belongs to a session of Spark Connect.
    """
    if ".connect." in type(X).__module__:
        raise TypeError(
            f"{owner} needs a DataFrame of a classic Spark session; found one of Spark Connect "
            f"({type(X).__module__}.{type(X).__name__}); write it to Parquet and give the path"
        )
    check_names(X.columns, columns, owner)
    chosen = _chosen(X, columns)
    view = f"custvalue_{uuid4().hex}"
    chosen.createOrReplaceTempView(view)
    try:
        yield SparkEngine(X.sparkSession), ibis.table(_schema(chosen), name=view)
    finally:
        X.sparkSession.catalog.dropTempView(view)


def _chosen(X: Any, columns: Mapping[str, str]) -> Any:
    """Return the columns asked for, named by the part they play."""
    names, placed = list(X.columns), _by_place(X)
    chosen = {part: placed[placed.columns[names.index(name)]] for part, name in columns.items()}
    return placed.select(*(column.alias(part) for part, column in chosen.items()))


def _by_place(X: Any) -> Any:
    """Return the frame with its columns named by place.

    To Spark a dot in a name is a field, and names that differ in capitals alone are one name.
    """
    return X.toDF(*(f"c{place}" for place in range(len(X.columns))))


def _rows_of(frame: Any) -> pa.Table:
    names, placed = frame.columns, _by_place(frame)
    times = [kind == "timestamp" for _, kind in frame.dtypes]
    clocks = [
        placed[at].cast("timestamp_ntz").alias(at) if is_time else placed[at]
        for at, is_time in zip(placed.columns, times, strict=True)
    ]
    rows: pa.Table = placed.select(*clocks).toArrow()
    return rows.rename_columns(names)


def _schema(X: Any) -> ibis.Schema:
    """Return the schema of a Spark DataFrame as Ibis has it."""
    with warnings.catch_warnings():
        # What pyspark says of the installed pandas when Ibis declares functions that are not used.
        warnings.filterwarnings("ignore", "PySpark does not yet fully support", FutureWarning)
        from ibis.backends.pyspark.datatypes import PySparkType

        # The compiler for Spark asks for options that come with the first use of this name.
        _ = ibis.pyspark
    return ibis.schema(PySparkType.to_ibis(X.schema))
