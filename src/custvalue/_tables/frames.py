"""Frames in memory as Arrow tables: only the columns asked for, copied only where they must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from custvalue._tables.names import check_names
from custvalue._typing import BoolArray
from custvalue.exceptions import DataError

_UUID_CUTS = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))

__all__ = ["from_pandas", "from_polars", "from_pyarrow"]


def from_pandas(frame: pd.DataFrame, columns: Mapping[str, str], owner: str) -> pa.Table:
    """Return columns of a pandas frame, named by the part they play.

    Parameters
    ----------
    frame : pandas.DataFrame
    columns : mapping of str to str
        From the part that a column plays to its name.
    owner : str

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    DataError
        If a column is missing or double, or its values have no common type.
    """
    check_names(list(frame.columns), columns, owner)
    arrays = {part: _from_series(frame[name], name) for part, name in columns.items()}
    return _plain_table(pa.table(arrays), columns)


def from_polars(frame: Any, columns: Mapping[str, str], owner: str) -> pa.Table:
    """Return columns of a polars frame, eager or lazy, named by the part they play.

    Parameters
    ----------
    frame : polars.DataFrame or polars.LazyFrame
    columns : mapping of str to str
    owner : str

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    DataError
        If a column is missing, or holds Python objects.
    """
    types = frame.collect_schema()
    check_names(types.names(), columns, owner)
    for name in columns.values():
        if str(types[name]) == "Object":
            raise DataError(f"column {name!r} must hold values of one type; found Python objects")
    chosen = frame.lazy().select(list(columns.values())).collect().to_arrow()
    return _plain_table(chosen.rename_columns(list(columns)), columns)


def from_pyarrow(table: Any, columns: Mapping[str, str], owner: str) -> pa.Table:
    """Return columns of an Arrow table or record batch, named by the part they play.

    Parameters
    ----------
    table : pyarrow.Table or pyarrow.RecordBatch
    columns : mapping of str to str
    owner : str

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    DataError
        If a column is missing or double, or of a type that has no order.
    """
    check_names(table.schema.names, columns, owner)
    arrays = {part: table.column(name) for part, name in columns.items()}
    return _plain_table(pa.table(arrays), columns)


def _from_series(column: pd.Series, name: str) -> pa.Array | pa.ChunkedArray:
    """Return a pandas column as Arrow; NaN and NaT become missing."""
    try:
        array = pa.array(column, from_pandas=True)
    except (pa.ArrowException, TypeError, OverflowError) as error:
        raise DataError(_no_common_type(column, name, str(error))) from error
    if column.dtype == object and pa.types.is_timestamp(array.type):
        _require_one_zone(column, name)
    return array


def _no_common_type(column: pd.Series, name: str, reason: str) -> str:
    rule = f"column {name!r} must hold values of one type that a table can hold"
    kinds = column.map(type).to_numpy()
    present = column.notna().to_numpy()
    first_kind = kinds[int(np.argmax(present))] if present.any() else object
    strange = present & np.array([kind is not first_kind for kind in kinds], dtype=bool)
    if not strange.any():
        return f"{rule}; found dtype {column.dtype}: {reason}"
    other = kinds[int(np.argmax(strange))].__name__
    return f"{rule}; {_first(column, name, strange, f'of {other} among {first_kind.__name__}')}"


def _require_one_zone(column: pd.Series, name: str) -> None:
    """Raise if an object column has times of more than one zone, which Arrow would mix."""
    present = column.notna().to_numpy()
    zones = np.array([str(getattr(value, "tzinfo", None)) for value in column], dtype=object)
    own = zones[int(np.argmax(present))]
    strange = present & (zones != own)
    if strange.any():
        other = zones[int(np.argmax(strange))]
        where = _first(column, name, strange, f"of zone {other} among {own}")
        raise DataError(f"column {name!r} must hold times of one time zone; {where}")


def _first(column: pd.Series, name: str, flags: BoolArray, what: str) -> str:
    first, count = int(np.argmax(flags)), int(flags.sum())
    rows = "row" if count == 1 else "rows"
    return f"row {first} has {name}={column.iloc[first]!r} {what} ({count} such {rows})"


def _plain_table(table: pa.Table, columns: Mapping[str, str]) -> pa.Table:
    arrays = [_plain(table.column(part), name) for part, name in columns.items()]
    return pa.table(arrays, names=list(columns))


def _plain(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return the column in a type that every engine knows; times as those of the wall clock."""
    values = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if isinstance(values, pa.BaseExtensionType) and not isinstance(values, pa.UuidType):
        raise DataError(_no_plain_type(values, name))
    if pa.types.is_dictionary(column.type):
        column = column.cast(values)
    if isinstance(column.type, pa.UuidType):
        return _uuid_text(column)
    if pa.types.is_nested(column.type):
        raise DataError(_no_plain_type(values, name))
    if pa.types.is_float16(column.type):
        return column.cast(pa.float32())
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        return pc.local_timestamp(column)
    return column


def _no_plain_type(found: pa.DataType, name: str) -> str:
    return f"column {name!r} must hold numbers, text or dates; found {found}"


def _uuid_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return UUIDs as text, as engines write them: 8-4-4-4-12 digits."""
    digits = [pc.binary_slice(_hex(chunk), *cut) for chunk in column.chunks for cut in _UUID_CUTS]
    parts = [digits[at : at + len(_UUID_CUTS)] for at in range(0, len(digits), len(_UUID_CUTS))]
    texts = [pc.binary_join_element_wise(*part, b"-").cast(pa.string()) for part in parts]
    return pa.chunked_array(texts, type=pa.string())


def _hex(chunk: pa.Array) -> pa.Array:
    """Return the hexadecimal digits of each value of a column of fixed width; null where null."""
    storage = chunk.storage.fill_null(bytes(16))
    values = storage.cast(pa.binary()).to_numpy(zero_copy_only=False)
    digits = b"".join(values).hex().encode()
    rows = np.frombuffer(digits, dtype="S32") if digits else np.array([], dtype="S32")
    return pa.array(rows, mask=chunk.is_null().to_numpy(zero_copy_only=False))
