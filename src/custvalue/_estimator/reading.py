"""Estimators back from the JSON that ``save`` wrote: data are rebuilt, nothing is run.

A class name is resolved by the caller among the library's public names, a tag among those below,
and whatever is of another shape is refused with a sentence that says what it is.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.frozen import FrozenEstimator

from custvalue._estimator.persistence import FORMAT, PersistenceMixin, checked_dtype, stored_type
from custvalue._version import __version__
from custvalue.exceptions import PersistenceError

Resolve = Callable[[str], type | None]

_WRONG_SHAPE = (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError)
"""What reading a document of another shape may raise."""

__all__ = ["read_estimator"]


def read_estimator(path: Path, resolve: Resolve) -> Any:
    """Read what ``save`` wrote.

    Parameters
    ----------
    path : pathlib.Path
    resolve : callable
        Gives the public class of a name, or None.

    Returns
    -------
    estimator

    Raises
    ------
    custvalue.exceptions.PersistenceError
        If anything in the file is not known.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
        _check_header(document)
        return _decode_estimator(document, resolve)
    except PersistenceError as error:
        raise PersistenceError(f"{path} cannot be read: {error}") from error
    except RecursionError as error:
        raise PersistenceError(f"{path} cannot be read: it is nested too deeply") from error
    except ValueError as error:
        raise PersistenceError(f"{path} must be JSON written by save(); {error}") from error


def _refuse_constant(name: str) -> None:
    raise PersistenceError(f"numbers must be finite; found {name}")


def _check_header(document: Any) -> None:
    if not isinstance(document, dict) or document.get("library") != "custvalue":
        raise PersistenceError("it must be a model saved by custvalue; it is another document")
    if document.get("format") != FORMAT:
        raise PersistenceError(
            f"it must have format {FORMAT}; found {document.get('format')!r} "
            f"written by version {document.get('version')!r}, this is {__version__}"
        )
    if document.get("fitted") == {}:
        raise PersistenceError("a saved model must be fitted; it has no fitted values")


def _decode_estimator(document: Any, resolve: Resolve) -> Any:
    _check_keys(document, {"class", "parameters", "fitted"}, "a saved model")
    name = document["class"]
    cls = resolve(name) if isinstance(name, str) else None
    if cls is None or not issubclass(cls, PersistenceMixin):
        raise PersistenceError(f"class must be an estimator of custvalue; found {name!r}")
    parameters = _decode_items(document["parameters"], "parameter", resolve)
    try:
        estimator: Any = cls(**parameters)
        estimator._validate_params()
    except (TypeError, ValueError) as error:
        raise PersistenceError(f"parameters must be those of {name}; {error}") from error
    for attribute, value in _decode_items(document["fitted"], "fitted value", resolve).items():
        _set_fitted(estimator, attribute, value)
    return estimator


def _set_fitted(estimator: Any, name: str, value: Any) -> None:
    plain = name.isidentifier() and name.endswith("_") and not name.startswith("_")
    if not plain or hasattr(type(estimator), name):
        raise PersistenceError(f"fitted names must be those that fit sets; found {name!r}")
    setattr(estimator, name, value)


def _check_keys(content: Any, keys: Collection[str], what: str) -> None:
    missing = set(keys) - set(content if isinstance(content, dict) else ())
    if missing:
        raise PersistenceError(f"{what} must have {sorted(keys)}; missing: {sorted(missing)}")


def _decode_items(items: Any, what: str, resolve: Resolve) -> dict[str, Any]:
    if not isinstance(items, dict):
        raise PersistenceError(f"{what}s must be an object; found {type(items).__name__}")
    return {name: _decode_item(value, f"{what} {name!r}", resolve) for name, value in items.items()}


def _decode_item(value: Any, name: str, resolve: Resolve) -> Any:
    try:
        return _decode(value, resolve)
    except PersistenceError:
        raise
    except _WRONG_SHAPE as error:
        reason = f"{type(error).__name__}: {error}"
        raise PersistenceError(f"{name} must be as save() writes it; {reason}") from error


def _decode(value: Any, resolve: Resolve) -> Any:
    if isinstance(value, list):
        return [_decode(item, resolve) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) != 1 or next(iter(value)) not in _DECODERS:
        raise PersistenceError(f"a tagged value must have one known tag; found {sorted(value)}")
    [(tag, content)] = value.items()
    return _DECODERS[tag](content, resolve)


def _decode_index(content: Any, resolve: Resolve) -> pd.Index:
    _check_keys(content, {"labels", "names", "dtype"}, "an index")
    labels, names = _decode(content["labels"], resolve), _decode(content["names"], resolve)
    if content["dtype"] is None:
        return pd.MultiIndex.from_tuples(labels, names=names)
    index: pd.Index = pd.Index(labels, dtype=checked_dtype(content["dtype"], "an index"))
    return index.set_names(names)


def _decode_column(content: Any, index: pd.Index, resolve: Resolve) -> pd.Series:
    _check_keys(content, {"labels", "dtype"}, "a column")
    values, dtype = (
        _decode(content["labels"], resolve),
        checked_dtype(content["dtype"], "a column"),
    )
    column: pd.Series = pd.Series(values, index=index, dtype=dtype)
    return column


def _decode_series(content: Any, resolve: Resolve) -> pd.Series:
    _check_keys(content, {"index", "name"}, "a series")
    series = _decode_column(content, _decode_index(content["index"], resolve), resolve)
    return series.rename(_decode(content["name"], resolve))


def _decode_frame(content: Any, resolve: Resolve) -> pd.DataFrame:
    _check_keys(content, {"index", "names", "columns"}, "a frame")
    index = _decode_index(content["index"], resolve)
    columns = [_decode_column(column, index, resolve) for column in content["columns"]]
    frame = pd.DataFrame(dict(enumerate(columns)), index=index)
    return frame.set_axis(_decode_index(content["names"], resolve), axis=1)


def _decode_array(content: Any, resolve: Resolve) -> Any:
    _check_keys(content, {"values", "dtype", "shape"}, "an array")
    dtype = checked_dtype(content["dtype"], "an array")
    return np.asarray(_decode(content["values"], resolve), dtype=dtype).reshape(content["shape"])


def _decode_value(content: Any, resolve: Resolve) -> Any:
    _check_keys(content, {"class", "fields"}, "a stored value")
    cls = stored_type(content["class"])
    if cls is None:
        raise PersistenceError(
            f"a stored value must be of a known type; found {content['class']!r}"
        )
    return cls(**_decode_items(content["fields"], "field", resolve))


_DECODERS: dict[str, Callable[[Any, Resolve], Any]] = {
    "$float": lambda content, resolve: float(content),
    "$tuple": lambda content, resolve: tuple(_decode(item, resolve) for item in content),
    "$dict": lambda content, resolve: {
        _decode(k, resolve): _decode(v, resolve) for k, v in content
    },
    "$timestamp": lambda content, resolve: pd.Timestamp(content),
    "$date": lambda content, resolve: datetime.date.fromisoformat(content),
    "$series": _decode_series,
    "$frame": _decode_frame,
    "$index": _decode_index,
    "$array": _decode_array,
    "$value": _decode_value,
    "$estimator": _decode_estimator,
    "$frozen": lambda content, resolve: FrozenEstimator(_decode(content, resolve)),
}
