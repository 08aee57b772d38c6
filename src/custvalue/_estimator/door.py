"""The one door through which frames and arrays enter an estimator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils.validation import _is_arraylike

from custvalue._typing import AnyArray, BoolArray, FloatArray
from custvalue.exceptions import DataError

Kind = Literal["pandas", "polars", "pyarrow", "array"]

_ENGINES = ("ibis", "duckdb", "_duckdb", "pyspark")
_NAMES_OF_COLUMNS = ("columns", "column_names", "schema", "collect_schema")

__all__ = [
    "Kind",
    "Rows",
    "Table",
    "check_names",
    "column_names",
    "column_values",
    "doubts_of",
    "kind_of",
    "plain",
    "read_columns",
    "read_table",
    "read_weights",
    "rectangle",
    "remember_columns",
    "require",
    "row_labels",
    "row_name",
    "such_rows",
]


class Rows(Protocol):
    """What is known of the rows of an input, whatever its columns hold."""

    @property
    def columns(self) -> Mapping[str, AnyArray]: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def index(self) -> pd.Index | None: ...
    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Table:
    """Checked columns of one input, as float64 arrays, and who its rows are.

    Attributes
    ----------
    columns : mapping of str to ndarray of shape (n_rows,)
        The columns asked for that are there; every value is a finite number.
    kind : {"pandas", "polars", "pyarrow", "array"}
        What the caller handed in.
    index : pandas.Index or None
        Row labels: a pandas index, or the id column of a polars or pyarrow frame. None where the
        input has no labels.
    attrs : mapping
        Notes that travel with a pandas frame, such as ``time_unit``.
    """

    columns: Mapping[str, FloatArray]
    kind: Kind
    index: pd.Index | None
    attrs: Mapping[Any, Any]

    def __getitem__(self, name: str) -> FloatArray:
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def take(self, rows: slice | BoolArray | AnyArray) -> Table:
        """Return the table of some of its rows."""
        index = None if self.index is None else self.index[rows]
        columns = {name: values[rows] for name, values in self.columns.items()}
        return Table(columns, self.kind, index, self.attrs)


def kind_of(X: Any) -> Kind:
    """Return what kind of table X is.

    Raises
    ------
    TypeError
        If X is neither a pandas, polars or pyarrow frame nor an array. A table of another kind has
        columns with names, which must not be read as an array by their position.
    """
    module = type(X).__module__.split(".")[0]
    if isinstance(X, pd.DataFrame):
        return "pandas"
    if module == "polars" and hasattr(X, "get_column"):
        return "polars"
    if module == "pyarrow" and hasattr(X, "column_names"):
        return "pyarrow"
    if sparse.issparse(X):
        raise TypeError("X must be dense; found a sparse matrix. Use X.toarray()")
    found = f"{type(X).__module__}.{type(X).__name__}".replace("builtins.", "")
    if _names_columns(X, module):
        raise TypeError(
            f"X must be a pandas, polars or pyarrow frame or a 2-D array; found {found}, a table "
            "with named columns of another kind: collect it first. Attrition models fit such a "
            "table of an engine as it is, and custvalue.workflow.score(model, X) scores it"
        )
    if not isinstance(X, (str, bytes, Mapping, Set)) and _is_arraylike(X):
        return "array"
    raise TypeError(f"X must be a pandas, polars or pyarrow frame or a 2-D array; found {found}")


def _names_columns(X: Any, module: str) -> bool:
    """Return whether X, which is no frame that we know, is a table with named columns."""
    if isinstance(X, np.ndarray):
        return False
    # Not hasattr(X, ...): the columns of a lazy frame cost a query.
    own = vars(X) if hasattr(X, "__dict__") else {}
    named = any(name in own or hasattr(type(X), name) for name in _NAMES_OF_COLUMNS)
    return named or module in _ENGINES


def read_table(
    X: Any, required: Sequence[str], *, optional: Sequence[str] = (), owner: str = "this estimator"
) -> Table:
    """Read the named columns of a frame, or an array with the columns in the order named.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_rows, n_columns)
        A frame may have its columns in any order and others beside them. An array holds the
        required columns, then as many of the optional ones as it is wide.
    required, optional : sequence of str
        Column names.
    owner : str
        Who asks, for the messages.

    Returns
    -------
    Table

    Raises
    ------
    DataError
        If a required column is missing or double, a value is not a finite number, or X is empty.
    TypeError
        If X is not a table.
    """
    kind = kind_of(X)
    if kind == "array":
        return _read_array(X, required, optional, owner)
    names = [str(name) for name in (X.column_names if kind == "pyarrow" else X.columns)]
    wanted = [*required, *(name for name in optional if name in names)]
    check_names(names, required, wanted, owner)
    if len(X) == 0:
        raise DataError(f"{owner} needs at least one row; X has columns but no rows (0 sample(s))")
    index = row_labels(X, kind, names, [*required, *optional])
    columns = {
        name: _numbers(column_values(X, kind, names.index(name)), name, index) for name in wanted
    }
    return Table(columns, kind, index, dict(X.attrs) if kind == "pandas" else {})


def read_columns(X: Any, wanted: Any, parameter: str) -> tuple[str, ...]:
    """Return the names of columns that a parameter asks for: names, or a column selector.

    Parameters
    ----------
    X : table
    wanted : sequence of str or callable
        A callable such as ``sklearn.compose.make_column_selector`` takes the pandas frame X.
    parameter : str
        For the message.

    Returns
    -------
    tuple of str

    Raises
    ------
    ValueError
        If the names are not strings, or one is named twice.
    TypeError
        If there is a callable and X is not a pandas frame.
    """
    if callable(wanted):
        if not isinstance(X, pd.DataFrame):
            raise TypeError(
                f"{parameter} may be a column selector for a pandas frame only; name the columns "
                f"of a {type(X).__module__.split('.')[0]} {type(X).__name__}"
            )
        wanted = wanted(X)
    names = tuple(wanted)
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise ValueError(f"{parameter} must be different column names; found {names!r}")
    return names


def read_weights(sample_weight: Any, table: Rows) -> FloatArray | None:
    """Read sample weights, one finite number of at least 0 per row; None means all are 1.

    Raises
    ------
    DataError
        If the number of weights is wrong, one of them is negative, or all are zero.
    """
    if sample_weight is None:
        return None
    values = np.asarray(sample_weight)
    if values.ndim == 0:
        values = np.full(len(table), values)
    if values.shape != (len(table),):
        raise DataError(
            f"sample_weight must have shape ({len(table)},), one weight per row of X; "
            f"found shape {values.shape}"
        )
    weights = _numbers(values, "sample_weight", table.index)
    weighted = Table({"sample_weight": weights}, table.kind, table.index, {})
    require(weighted, weights >= 0, "sample_weight must not be negative", ["sample_weight"])
    if not weights.any():
        raise DataError(f"sample_weight must not be zero for every row; all {len(table)} are 0")
    return weights


def remember_columns(estimator: Any, table: Rows) -> None:
    """Set ``n_features_in_`` and, where the input is a frame, ``feature_names_in_``."""
    estimator.n_features_in_ = len(table.columns)
    if table.kind != "array":
        estimator.feature_names_in_ = np.asarray(list(table.columns), dtype=object)
    elif hasattr(estimator, "feature_names_in_"):
        del estimator.feature_names_in_


def require(table: Table, good: BoolArray, rule: str, columns: Sequence[str]) -> None:
    """Raise unless every row is good, naming the rule, the first bad row and their number.

    Parameters
    ----------
    table : Table
    good : ndarray of bool of shape (n_rows,)
    rule : str
        What must hold, as in "recency must not exceed T".
    columns : sequence of str
        Columns whose values the message shows.

    Raises
    ------
    DataError
        If any row is not good.
    """
    if good.all():
        return
    first = int(np.argmin(good))
    shown = ", ".join(f"{name}={plain(table[name][first])}" for name in columns)
    raise DataError(
        f"{rule}; {row_name(table.index, first)} has {shown} "
        f"({such_rows(len(good) - int(good.sum()))})"
    )


def row_name(index: pd.Index | None, position: int) -> str:
    """Name a row for a message: its position, and its label where it has another."""
    if index is None or (isinstance(index, pd.RangeIndex) and index.name is None):
        return f"row {position}"
    name = "index" if index.name is None else index.name
    return f"row {position} ({name} {plain(index[position])})"


def such_rows(count: int) -> str:
    """Say how many rows break a rule."""
    return f"{count} such row" if count == 1 else f"{count} such rows"


def doubts_of(rows: BoolArray, rule: str, index: pd.Index | None) -> list[str]:
    """Return a sentence on rows that are doubtful, the first of them and their number, if any."""
    if not rows.any():
        return []
    first = row_name(index, int(np.argmax(rows)))
    return [f"{rule}; so in {first} ({such_rows(int(rows.sum()))})"]


def plain(value: Any) -> str:
    """Write a value as Python does, without the type that NumPy would add."""
    if isinstance(value, tuple):
        return f"({', '.join(map(plain, value))})"
    return repr(value.item() if isinstance(value, np.generic) else value)


def check_names(
    names: Sequence[str], required: Sequence[str], wanted: Sequence[str], owner: str
) -> None:
    """Raise where a required column is missing or a wanted one is there twice."""
    missing = [name for name in required if name not in names]
    if missing:
        raise DataError(
            f"{owner} needs the columns {', '.join(required)}; missing: {', '.join(missing)}; "
            f"found: {', '.join(map(str, names)) or 'none'}"
        )
    double = sorted({name for name in wanted if names.count(name) > 1})
    if double:
        raise DataError(f"column names must be unique; found more than once: {', '.join(double)}")


def column_names(X: Any) -> list[str]:
    """Return the names of the columns of a frame; none of an array."""
    kind = kind_of(X)
    if kind == "array":
        return []
    return [str(name) for name in (X.column_names if kind == "pyarrow" else X.columns)]


def column_values(X: Any, kind: Kind, position: int) -> AnyArray:
    """Return one column of a frame as an array; of objects where a nullable type has gaps."""
    if kind == "pandas":
        column = X.iloc[:, position]
        if isinstance(column.dtype, pd.api.extensions.ExtensionDtype) and column.isna().any():
            return np.asarray(column.to_numpy(dtype=object, na_value=np.nan))
        return np.asarray(column.to_numpy())
    if kind == "polars":
        return np.asarray(X.to_series(position).to_numpy())
    column = X.column(position)
    if hasattr(column.type, "index_type"):
        # pyarrow gives the gaps of dictionaries the last value that they hold.
        column = column.cast(column.type.value_type)
    return np.asarray(column.to_numpy(zero_copy_only=False))


def row_labels(X: Any, kind: Kind, names: Sequence[str], used: Sequence[str]) -> pd.Index | None:
    """Return the pandas index, or the first column of another frame where it is not data."""
    if kind == "pandas":
        index: pd.Index = X.index
        return index
    if names[0] in used:
        return None
    labels: pd.Index = pd.Index(column_values(X, kind, 0), name=names[0])
    return labels


def _read_array(X: Any, required: Sequence[str], optional: Sequence[str], owner: str) -> Table:
    values, names = rectangle(X), [*required, *optional]
    if values.ndim != 2:
        raise DataError(
            f"X must be a 2-D array with the columns {', '.join(required)}; found an array of "
            f"{values.ndim} dimension(s). Reshape your data"
        )
    n_rows, width = values.shape
    if width == 0:
        raise DataError(
            f"{owner} needs the columns {', '.join(required)}; found an array with 0 feature(s) "
            f"(shape={values.shape}) while a minimum of {len(required)} is required."
        )
    if not len(required) <= width <= len(names):
        most = f", and at most {len(names)}" if optional else ""
        raise DataError(
            f"X has {width} features, but {owner} is expecting {len(required)} features as input"
            f"{most}, in this order: {', '.join(names)}"
        )
    if n_rows == 0:
        raise DataError(f"{owner} needs at least one row; found array with 0 sample(s)")
    columns = {name: _numbers(values[:, i], name, None) for i, name in enumerate(names[:width])}
    return Table(columns, "array", None, {})


def rectangle(X: Any) -> AnyArray:
    """Return what should be a 2-D array as an array, or say that its rows differ in length."""
    if np.ma.is_masked(X):
        raise DataError(f"X must have no masked value; found {int(np.ma.getmaskarray(X).sum())}")
    try:
        return np.asarray(X)
    except ValueError as error:
        raise DataError(f"X must be a 2-D array, every row of one length; {error}") from error


def _numbers(values: AnyArray, name: str, index: pd.Index | None) -> FloatArray:
    """Return the values as float64, or say which of them is not a finite number."""
    if values.dtype.kind == "c":
        raise DataError(f"Complex data not supported: column {name!r} has dtype {values.dtype}")
    if values.dtype.kind in "OUST":
        _reject(values, [not _is_number(value) for value in values], name, "a number", index)
    elif values.dtype.kind not in "fiub":
        raise DataError(f"column {name!r} must hold numbers; found dtype {values.dtype}")
    numbers = values.astype(np.float64, copy=False)
    if not np.isfinite(numbers).all():
        _reject(numbers, ~np.isfinite(numbers), name, "finite (no NaN, no infinity)", index)
    return numbers


def _is_number(value: Any) -> bool:
    return isinstance(value, (Real, Decimal)) and not isinstance(value, bool)


def _reject(values: AnyArray, bad: Any, name: str, rule: str, index: pd.Index | None) -> None:
    flags = np.asarray(bad, dtype=bool)
    if not flags.any():
        return
    first = int(np.argmax(flags))
    raise DataError(
        f"column {name!r} must be {rule}; {row_name(index, first)} has "
        f"{name}={plain(values[first])} ({such_rows(int(flags.sum()))})"
    )
