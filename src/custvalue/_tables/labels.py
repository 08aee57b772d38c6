"""Dates, periods and intervals as text, where a column of labels holds them."""

from __future__ import annotations

import datetime
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype

__all__ = ["label_kind", "labels_as_text", "pandas_of_arrow"]

_NO_LABELS = frozenset({"timedelta", "timedelta64", "time", "bytes", "complex"})


def label_kind(column: pd.Series) -> str:
    """Return what the values of a column of labels are.

    Parameters
    ----------
    column : pandas.Series

    Returns
    -------
    {"date", "span", "none", "plain"}
        "date": dates or times; "span": periods or intervals; "none": what is no label, such as
        lengths of time or lists; "plain": numbers, text, true and false.
    """
    if pd.api.types.is_numeric_dtype(column.dtype) or isinstance(column.dtype, pd.StringDtype):
        return "none" if column.dtype.kind == "c" else "plain"
    is_category = isinstance(column.dtype, pd.CategoricalDtype)
    found = infer_dtype(column.cat.categories if is_category else column, skipna=True)
    if found in _NO_LABELS or (found == "mixed" and not all(map(_is_plain, column))):
        return "none"
    if found in ("period", "interval"):
        return "span"
    return "date" if found in ("date", "datetime", "datetime64") else "plain"


def labels_as_text(column: pd.Series) -> pd.Series:
    """Return dates, times, periods or intervals as text.

    Parameters
    ----------
    column : pandas.Series
        Of kind "date" or "span", or categories of them.

    Returns
    -------
    pandas.Series of object
        Dates and times as YYYY-MM-DD, with the time of day where it is not midnight, by the clock
        of their own zone; periods and intervals as pandas writes them, whole ends as whole numbers.
        A missing label is None.
    """
    codes, values = pd.factorize(column)
    words = np.array([*(_word(value) for value in values), None], dtype=object)
    return pd.Series(words[codes], index=column.index, name=column.name, dtype=object)


def pandas_of_arrow(column: Any) -> pd.Series:
    """Return an Arrow column as pandas; categories become their values.

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray

    Returns
    -------
    pandas.Series
    """
    whole = column.combine_chunks() if hasattr(column, "combine_chunks") else column
    if not hasattr(whole, "dictionary"):
        return pd.Series(whole.to_pandas())
    # pyarrow builds no pandas categories of extension types.
    values = whole.dictionary.to_pandas()
    codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return pd.Series(pd.api.extensions.take(values.array, codes, allow_fill=True))


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool, np.bool_, Real, Decimal))


def _word(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        wall = value.replace(tzinfo=None)
        return str(wall.date() if wall == pd.Timestamp(wall).normalize() else wall)
    if isinstance(value, pd.Interval):
        # Arrow keeps whole ends as floats.
        left, right = (_word(_whole(end)) for end in (value.left, value.right))
        opening, closing = "[" if value.closed_left else "(", "]" if value.closed_right else ")"
        return f"{opening}{left}, {right}{closing}"
    return str(value)


def _whole(end: Any) -> Any:
    return int(end) if isinstance(end, float) and end.is_integer() else end
