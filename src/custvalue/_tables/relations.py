"""DuckDB relations: the columns asked for, and the way from the caller's connection to ours."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from custvalue._tables.names import check_names
from custvalue.exceptions import DataQualityWarning

_INSTANT = "TIMESTAMP WITH TIME ZONE"

__all__ = ["RelationStream", "arrow_schema", "choose_columns", "warn_of_instants"]


def choose_columns(
    relation: duckdb.DuckDBPyRelation, columns: Mapping[str, str], owner: str, origin: str
) -> duckdb.DuckDBPyRelation:
    """Return columns of a relation, named by the part they play; instants as times in UTC.

    Parameters
    ----------
    relation : duckdb.DuckDBPyRelation
    columns : mapping of str to str
        From the part that a column plays to its name.
    owner : str
        Who asks, for messages.
    origin : str
        What is read, for messages.

    Returns
    -------
    duckdb.DuckDBPyRelation

    Raises
    ------
    DataError
        If a column is missing or double.
    """
    check_names(relation.columns, columns, owner)
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    chosen = []
    for part, name in columns.items():
        column: duckdb.Expression = duckdb.ColumnExpression(name)
        if types[name] == _INSTANT:
            warn_of_instants(name, origin, "UTC")
            # A plain cast to a date may be moved into the reader of a file, which then takes the
            # day as it is written there.
            column = duckdb.FunctionExpression("timezone", duckdb.ConstantExpression("UTC"), column)
        chosen.append(column.alias(part))
    return relation.select(*chosen)


def warn_of_instants(name: str, origin: str, zone: str) -> None:
    """Warn that times of a column have no zone of their own, and which one is taken.

    Parameters
    ----------
    name : str
        The column.
    origin : str
        What is read.
    zone : str
    """
    warnings.warn(
        f"column {name!r} of {origin} holds instants without a zone of their own; days are those "
        f"of {zone}",
        DataQualityWarning,
        stacklevel=2,
    )


def arrow_schema(relation: duckdb.DuckDBPyRelation) -> pa.Schema:
    """Return the names and types of a relation's columns without reading its rows."""
    schema: pa.Schema = relation.limit(0).to_arrow_table().schema
    return schema


class RelationStream:
    """A relation of another connection as a stream of Arrow batches, new at every reading.

    Parameters
    ----------
    relation : duckdb.DuckDBPyRelation
    """

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self.relation = relation
        self.schema = arrow_schema(relation)

    def __arrow_c_schema__(self) -> object:
        return self.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.relation.to_arrow_reader().__arrow_c_stream__(requested_schema)
