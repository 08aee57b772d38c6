"""One chunk of customers and what a model says of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.pipeline import Pipeline

from custvalue.exceptions import DataError
from custvalue.workflow._score_chunks import arrow_of

__all__ = ["check_kept", "score_rows"]

_ROW = re.compile(r"\brow (\d+)\b")


def score_rows(
    model: Any, rows: pa.Table, keep: Sequence[str], chunk_rows: int, label: str, start: int = 0
) -> pa.Table:
    """Return the ids of customers, the columns to keep, and the scores.

    Parameters
    ----------
    model : fitted transformer
    rows : pyarrow.Table
    keep : sequence of str
        Columns that are handed on.
    chunk_rows : int
        So many rows at a time.
    label : str
        What the rows are of, for messages.
    start : int, default=0
        Place of the first of the rows in it.

    Returns
    -------
    pyarrow.Table
        Ids and columns that are kept are those of the rows, bit for bit.

    Raises
    ------
    DataError
        If a column is missing, or the rows break a rule of the model.
    """
    check_kept(keep, rows.column_names)
    starts = range(0, max(rows.num_rows, 1), chunk_rows)
    slices = [(rows.slice(at, chunk_rows), start + at) for at in starts]
    return pa.concat_tables([_scored(model, part, keep, label, at) for part, at in slices])


def check_kept(keep: Sequence[str], names: Sequence[str]) -> None:
    """Raise where columns that are to be kept are missing.

    Parameters
    ----------
    keep : sequence of str
    names : sequence of str
        All columns of the data.

    Raises
    ------
    DataError
        If one is not there.
    """
    missing = [name for name in keep if name not in names]
    if missing:
        raise DataError(
            f"keep must name columns of the data; missing: {', '.join(missing)}; found: "
            f"{', '.join(map(str, names))}"
        )


def _scored(model: Any, rows: pa.Table, keep: Sequence[str], label: str, start: int) -> pa.Table:
    try:
        answer = _answer(model, rows)
    except DataError as error:
        said = _ROW.sub(lambda found: f"row {int(found[1]) + start}", str(error), count=1)
        raise DataError(f"{said}, in {label}") from error
    if answer.num_rows != rows.num_rows:
        raise TypeError(
            f"model must give one row a customer; {type(model).__name__} gave {answer.num_rows} "
            f"for {rows.num_rows}"
        )
    ids = [name for name in answer.column_names if name in rows.column_names]
    kept = [*ids, *(name for name in keep if name not in ids)]
    scores = answer.drop_columns(ids) if ids else answer
    names = [*kept, *scores.column_names]
    return pa.table([*rows.select(kept).columns, *scores.columns], names=names)


def _answer(model: Any, rows: pa.Table) -> pa.Table:
    """Return the scores; a pipeline takes pandas, where ids are no feature of its later steps."""
    if not isinstance(model, Pipeline):
        return _as_arrow(model, model.transform(rows))
    first = rows.column_names[0]
    frame = rows.to_pandas()
    if first in getattr(model, "feature_names_in_", ()):
        return _as_arrow(model, model.transform(frame))
    scores = _as_arrow(model, model.transform(frame.set_index(first)))
    names = [name for name in scores.column_names if name != first]
    columns = [rows.column(first), *scores.select(names).columns]
    return pa.table(columns, names=[first, *names])


def _as_arrow(model: Any, answer: Any) -> pa.Table:
    """Return what ``transform`` gave as Arrow; columns of an array have their names."""
    if isinstance(answer, np.ndarray):
        names = [str(name) for name in model.get_feature_names_out()]
        return pa.table({name: answer[:, i] for i, name in enumerate(names)})
    return arrow_of(answer).replace_schema_metadata(None)
