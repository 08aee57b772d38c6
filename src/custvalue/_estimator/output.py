"""What estimators give back: frames of the caller's kind, with the customers' ids kept."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import TransformerMixin
from custvalue._estimator.door import Rows
from custvalue._typing import AnyArray, FloatArray

__all__ = ["OutputMixin", "build_frame", "per_row"]

_DEFAULT_ID = "customer_id"


class OutputMixin(TransformerMixin):
    """Give ``transform`` its output frames, ``set_output`` and ``get_feature_names_out``.

    A class states its columns in ``_output_columns`` and ends ``transform`` with
    ``self._frame(table, columns)``.
    """

    _output_columns: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # scikit-learn's own wrapper loses the ids of polars and pyarrow frames.
        super().__init_subclass__(auto_wrap_output_keys=None, **kwargs)

    def set_output(self, *, transform: str | None = None) -> Self:
        """Choose the kind of frame that ``transform`` returns.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None
            "default" answers in the kind of frame given (pandas for an array); None changes
            nothing.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the kind is not one of these.
        """
        if transform is None:
            return self
        if transform not in ("default", "pandas", "polars"):
            raise ValueError(
                f"transform must be 'default', 'pandas' or 'polars'; found {transform!r}"
            )
        self._sklearn_output_config = {"transform": transform}
        return self

    def get_feature_names_out(self, input_features: Any = None) -> AnyArray:
        """Return the names of the columns that ``transform`` gives.

        Parameters
        ----------
        input_features : array-like of str or None
            Ignored.

        Returns
        -------
        ndarray of str of shape (n_columns,)
            They do not depend on the input.
        """
        check_is_fitted(self)
        return np.asarray(self._output_columns, dtype=object)

    def _frame(self, table: Rows, columns: Mapping[str, AnyArray]) -> Any:
        """Return the columns as the frame that the caller expects."""
        return build_frame(columns, kind=self._output_kind(table.kind), index=table.index)

    def _interval_frame(self, table: Rows, ends: FloatArray, *, total: bool) -> Any:
        """Return ends of shape (n_rows, 2), or those of one total, as a frame."""
        columns = {"lower": ends[:, 0], "upper": ends[:, 1]}
        if not total:
            return self._frame(table, columns)
        index = pd.Index(["total"], name="customers")
        return build_frame(columns, kind=self._output_kind(table.kind), index=index)

    def _output_kind(self, given: str) -> Any:
        """Return the kind of frame that ``set_output`` or scikit-learn's setting want, or X's."""
        wanted = _get_output_config("transform", self)["dense"]
        return given if wanted == "default" else wanted


def build_frame(columns: Mapping[str, AnyArray], *, kind: str, index: pd.Index | None) -> Any:
    """Build a frame of one kind; ids become the pandas index, or else the first column.

    Parameters
    ----------
    columns : mapping of str to ndarray of shape (n_rows,)
    kind : {"pandas", "polars", "pyarrow", "array"}
        "array" gives a pandas frame, so that the columns have their names.
    index : pandas.Index or None

    Returns
    -------
    pandas.DataFrame, polars.DataFrame or pyarrow.Table
    """
    if kind in ("pandas", "array"):
        return pd.DataFrame(dict(columns), index=index)
    data = {**_id_columns(index, columns), **columns}
    if kind == "polars":
        return importlib.import_module("polars").DataFrame(data)
    return importlib.import_module("pyarrow").table(data)


def per_row(table: Rows, values: FloatArray, name: str) -> pd.Series | FloatArray:
    """Return one number per row: a Series for pandas input, else an array."""
    if table.kind == "pandas":
        return pd.Series(values, index=table.index, name=name)
    return values


def _id_columns(index: pd.Index | None, columns: Mapping[str, AnyArray]) -> dict[str, AnyArray]:
    if index is None or (isinstance(index, pd.RangeIndex) and index.name is None):
        return {}
    levels = (index.get_level_values(i) for i in range(index.nlevels))
    named = {str(_DEFAULT_ID if one.name is None else one.name): one.to_numpy() for one in levels}
    return {name: values for name, values in named.items() if name not in columns}
