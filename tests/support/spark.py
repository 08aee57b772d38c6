"""A small Spark session for tests: two cores, loopback alone, one a process."""

from __future__ import annotations

import functools
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pytest

__all__ = ["quiet_spark", "spark_frame", "spark_session"]

_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def spark_session() -> Any:
    """Return the session of this process; skip the test where there is no Java.

    Tests that use it carry ``@pytest.mark.xdist_group("spark")``, so that one process starts it.
    """
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is no java on the path")
    return _session()


@functools.cache
def _session() -> Any:
    from pyspark.sql import SparkSession

    # Workers run this Python; the host's own name may stand for an address that is not loopback.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master("local[2]").appName("custvalue-tests")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    with quiet_spark():
        return builder.getOrCreate()


def spark_frame(frame: Any, *, instants: bool = True) -> Any:
    """Return a pandas frame or an Arrow table as a Spark DataFrame.

    ``instants`` makes times Spark's TIMESTAMP, which the session's zone reads, and not
    TIMESTAMP_NTZ, which no zone reads.
    """
    table = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame)
    if not isinstance(frame, pa.Table):
        table = table.select([str(name) for name in frame.columns])
    with quiet_spark():
        made = spark_session().createDataFrame(_in_microseconds(table))
    clock = "timestamp" if instants else "timestamp_ntz"
    placed = made.toDF(*(f"c{place}" for place in range(len(made.columns))))
    columns = [
        placed[at].cast(clock) if kind.startswith("timestamp") else placed[at]
        for at, (_, kind) in zip(placed.columns, made.dtypes, strict=True)
    ]
    return placed.select(*columns).toDF(*made.columns)


@contextmanager
def quiet_spark() -> Iterator[None]:
    """Let pass what pyspark says of pandas 3, which it does not know yet."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        warnings.filterwarnings("ignore", "The copy keyword is deprecated")
        warnings.filterwarnings("ignore", "distutils Version classes are deprecated")
        yield


def _in_microseconds(table: pa.Table) -> pa.Table:
    """Return the table with times as Spark takes them."""
    fields = [
        field.with_type(pa.timestamp("us", field.type.tz))
        if pa.types.is_timestamp(field.type)
        else field.with_type(pa.string())
        if pa.types.is_large_string(field.type)
        else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
