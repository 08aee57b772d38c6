"""Estimators as JSON of a few kilobytes: parameters and fitted values, no data, no code.

A document is ``{"format", "library", "version", "class", "parameters", "fitted"}``. Values that
JSON lacks are one-entry objects whose key is a tag such as ``"$array"``.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.files import write_text
from custvalue._version import __version__
from custvalue.exceptions import PersistenceError

FORMAT = 1
ValueType = TypeVar("ValueType", bound=type)

_VALUE_TYPES: dict[str, type] = {}
_DTYPES = re.compile(
    r"bool|object|str|string|category|u?int\d+|U?Int\d+|float\d+|Float\d+|datetime64\[\w+\]"
)

__all__ = [
    "FORMAT",
    "PersistenceMixin",
    "checked_dtype",
    "document_of",
    "persistent_value",
    "stored_type",
]


def persistent_value(cls: ValueType) -> ValueType:
    """Let a frozen dataclass be stored as a fitted value (class decorator)."""
    known = _VALUE_TYPES.setdefault(cls.__name__, cls)
    if known.__module__ != cls.__module__:
        raise TypeError(
            f"names of stored values must be unique; found {cls.__name__!r} in "
            f"{known.__module__} and {cls.__module__}"
        )
    _VALUE_TYPES[cls.__name__] = cls
    return cls


def stored_type(name: Any) -> type | None:
    """Return the dataclass of that name that can be stored, or None."""
    return _VALUE_TYPES.get(name) if isinstance(name, str) else None


def checked_dtype(dtype: Any, name: str) -> str:
    """Return a dtype that can be stored; refuse any other."""
    if not isinstance(dtype, str) or not _DTYPES.fullmatch(dtype):
        raise PersistenceError(f"{name} must have a plain dtype; found {dtype!r}")
    return dtype


class PersistenceMixin:
    """Give an estimator ``save``; ``custvalue.load`` reads it back."""

    def save(self, path: str | Path) -> None:
        """Write the fitted estimator as JSON; ``custvalue.load(path)`` reads it back.

        The file holds the parameters, the fitted values and the names of the columns: no data of
        customers and no code. It is written whole or not at all.

        Parameters
        ----------
        path : str or pathlib.Path
            File to write; one that exists is replaced.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.PersistenceError
            If a parameter cannot be written as data, such as an estimator of another library.
        """
        check_is_fitted(self)
        write_text(path, document_of(self))


def document_of(estimator: Any) -> str:
    """Return the text that ``save`` writes.

    Raises
    ------
    custvalue.exceptions.PersistenceError
        If a parameter cannot be written as data.
    """
    document = {"format": FORMAT, "library": "custvalue", "version": __version__}
    document |= _encode_estimator(estimator)
    return json.dumps(document, separators=(",", ":"), allow_nan=False) + "\n"


def _encode_estimator(estimator: Any) -> dict[str, Any]:
    fitted = {
        name: value
        for name, value in vars(estimator).items()
        if name.endswith("_") and not name.startswith("_")
    }
    return {
        "class": type(estimator).__name__,
        "parameters": _encode_items(_parameters_of(estimator)),
        "fitted": _encode_items(fitted),
    }


def _parameters_of(estimator: Any) -> dict[str, Any]:
    """Return the constructor's parameters, which an estimator may give as other data."""
    saved = getattr(estimator, "_saved_parameters", None)
    found: dict[str, Any] = estimator.get_params(deep=False) if saved is None else saved()
    return found


def _encode_items(items: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _encode(value, name) for name, value in items.items()}


def _encode(value: Any, name: str) -> Any:
    """Turn one value into JSON; ``name`` is for the message."""
    if isinstance(value, np.generic) and value.dtype.kind not in "mM":
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": repr(value)}
    if isinstance(value, list):
        return _encode_list(value, name)
    for kind, (tag, encode) in _ENCODERS.items():
        if isinstance(value, kind):
            return {tag: encode(value, name)}
    if stored_type(type(value).__name__) is type(value):
        return {"$value": _encode_value(value)}
    raise PersistenceError(
        f"{name} must be data that JSON can hold or an estimator of custvalue; "
        f"found {type(value).__module__}.{type(value).__name__}"
    )


def _encode_value(value: Any) -> dict[str, Any]:
    fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return {"class": type(value).__name__, "fields": _encode_items(fields)}


def _encode_list(values: Any, name: str) -> list[Any]:
    return [_encode(item, name) for item in values]


def _encode_dict(value: dict[Any, Any], name: str) -> list[list[Any]]:
    return [[_encode(k, name), _encode(v, name)] for k, v in value.items()]


def _encode_index(index: pd.Index, name: str) -> dict[str, Any]:
    names = _encode_list(index.names, name)
    if isinstance(index, pd.MultiIndex):
        return {"labels": _encode_list(index, name), "names": names, "dtype": None}
    return {**_encode_column(index, name), "names": names}


def _encode_column(values: pd.Series | pd.Index, name: str) -> dict[str, Any]:
    return {"labels": _encode_list(values, name), "dtype": _dtype_of(values, name)}


def _encode_series(series: pd.Series, name: str) -> dict[str, Any]:
    return {
        "index": _encode_index(series.index, name),
        "name": _encode(series.name, name),
        **_encode_column(series, name),
    }


def _encode_frame(frame: pd.DataFrame, name: str) -> dict[str, Any]:
    columns = [_encode_column(frame.iloc[:, i], name) for i in range(frame.shape[1])]
    return {
        "index": _encode_index(frame.index, name),
        "names": _encode_index(frame.columns, name),
        "columns": columns,
    }


def _encode_array(array: np.ndarray[Any, Any], name: str) -> dict[str, Any]:
    values = _encode_list(array.ravel().tolist(), name)
    dtype = "str" if array.dtype.kind == "U" else _dtype_of(array, name)
    return {"dtype": dtype, "shape": list(array.shape), "values": values}


def _dtype_of(values: Any, name: str) -> str:
    return checked_dtype(str(values.dtype), name)


_ENCODERS: dict[type, tuple[str, Callable[[Any, str], Any]]] = {
    tuple: ("$tuple", _encode_list),
    dict: ("$dict", _encode_dict),
    datetime.datetime: ("$timestamp", lambda value, name: value.isoformat()),
    np.datetime64: ("$timestamp", lambda value, name: pd.Timestamp(value).isoformat()),
    datetime.date: ("$date", lambda value, name: value.isoformat()),
    pd.Series: ("$series", _encode_series),
    pd.DataFrame: ("$frame", _encode_frame),
    pd.Index: ("$index", _encode_index),
    np.ndarray: ("$array", _encode_array),
    PersistenceMixin: ("$estimator", lambda value, name: _encode_estimator(value)),
    FrozenEstimator: ("$frozen", lambda value, name: _encode(value.estimator, name)),
}
