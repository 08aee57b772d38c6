"""Score customers of any number: frames, Parquet to Parquet in chunks, tables in engines, Spark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from custvalue.workflow._score_chunks import arrow_of, is_frame, parquet_files
from custvalue.workflow._score_job import ScoreJob, is_spark
from custvalue.workflow._score_parts import check_output, write_chunks
from custvalue.workflow.customer_analysis import CustomerAnalysis

__all__ = ["score"]


def score(
    model: Any,
    data: Any,
    to: str | Path | None = None,
    *,
    keep: Sequence[str] = (),
    chunk_rows: int = 1_000_000,
    overwrite: bool = False,
    progress: bool = False,
) -> Any:
    """Apply a fitted model to customers of any number, in chunks that fit into memory.

    Parquet files are read a few row groups at a time and scores are written as they come. A run
    that was interrupted goes on where it was, unless model, files or parameters have changed. The
    output is there whole or not at all.

    Parameters
    ----------
    model : fitted estimator or pipeline
        Its ``transform`` gives one row a customer: an attrition model, `LifetimeValue`,
        `RFMSegmenter`, `CustomerSegmenter`, ... A `CustomerAnalysis` takes orders instead, the
        whole history of every customer, and scores them at once.
    data : frame, Parquet path or glob, Spark DataFrame, or whatever else holds rows
        One row per customer with the columns that the model reads. Also DuckDB relations, Ibis
        tables, CSV paths, lazy polars frames, Arrow readers and datasets.
    to : str, pathlib.Path or None, default=None
        Where to write Parquet: one file if it ends in ``.parquet``, else a folder of parts. None:
        the scores are returned.
    keep : sequence of str, default=()
        Columns of the data to hand on, between ids and scores. The id is the index of pandas, and
        the first column of all else unless the model reads it.
    chunk_rows : int, default=1_000_000
        Customers at a time. Parquet is read by whole row groups.
    overwrite : bool, default=False
        Replace an output that is there.
    progress : bool, default=False
        Show a progress bar.

    Returns
    -------
    pathlib.Path
        Where the scores are, if ``to`` is given.
    frame
        Otherwise: in the kind of a frame given; a Spark DataFrame, not yet computed, for Spark; a
        pandas frame with the ids as index for the rest. Rows are in the order of the data.

    Raises
    ------
    TypeError
        If the model has no ``transform`` or does not give one row a customer, or the data are no
        table.
    ValueError
        If a parameter is not what it must be.
    FileExistsError
        If the output is there and ``overwrite`` is not set.
    custvalue.exceptions.DataError
        If rows break a rule of the model; the message says where they are. Nothing is written.

    See Also
    --------
    CustomerAnalysis : From orders to a customer table in one call.

    Notes
    -----
    Finished parts wait in a hidden folder beside ``to``, named for a fingerprint of the model, the
    library's version, the files (name, size, time of change) and ``chunk_rows`` and ``keep``. Only
    Parquet files can be taken up again: an engine need not give its rows in one order. An Ibis
    table is fetched whole, a DuckDB relation in chunks. Spark writes
    a folder of its own, which all its workers must see; to write elsewhere, take the answer:
    ``score(model, frame).write.parquet("s3://...")``.

    Examples
    --------
    >>> from custvalue.datasets import load_cdnow
    >>> from custvalue.lifetime import BetaGeoNBD
    >>> from custvalue.transactions import RFMSummary
    >>> from custvalue.workflow import score
    >>> customers = RFMSummary(observation_end="1997-09-30").fit_transform(load_cdnow())
    >>> model = BetaGeoNBD().fit(customers)
    >>> score(model, customers, chunk_rows=1_000).head(2).round(3)
                 probability_alive  expected_purchases
    customer_id
    1                        0.727               1.559
    2                        0.212               0.260

    From file to file it is ``score(model, "customers/*.parquet", "scores.parquet")``.
    """
    names = _checked(model, keep, chunk_rows)
    target = None if to is None else check_output(to, overwrite)
    if isinstance(model, CustomerAnalysis):
        return _scores_of_orders(model, data, names, target)
    job = ScoreJob(model, names, int(chunk_rows), progress)
    if is_spark(data):
        return job.in_spark(data, target)
    if is_frame(data):
        return job.of_frame(data, target)
    files = parquet_files(data)
    return job.of_engine(data, target) if files is None else job.of_files(files, target)


def _checked(model: Any, keep: Any, chunk_rows: Any) -> tuple[str, ...]:
    """Return the columns to keep, and check the rest."""
    if not hasattr(model, "transform"):
        raise TypeError(f"model must have transform; found {type(model).__name__}")
    check_is_fitted(model)
    whole = isinstance(chunk_rows, (int, np.integer)) and not isinstance(chunk_rows, bool)
    if not whole or chunk_rows < 1:
        raise ValueError(f"chunk_rows must be a whole number of at least 1; found {chunk_rows!r}")
    names = (keep,) if isinstance(keep, str) else tuple(keep or ())
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise ValueError(f"keep must be different column names; found {keep!r}")
    taken = [name for name in names if name in map(str, model.get_feature_names_out())]
    if taken:
        raise ValueError(f"keep must not name what the model gives; found {', '.join(taken)}")
    return names


def _scores_of_orders(
    analysis: CustomerAnalysis, orders: Any, keep: Sequence[str], target: Path | None
) -> Any:
    """Return or write the customer table of orders, which cannot be cut into chunks."""
    if keep:
        raise ValueError(
            "keep must be empty where a CustomerAnalysis reads orders: customers have no columns "
            f"yet; found {keep!r}"
        )
    answer = analysis.transform(orders)
    return answer if target is None else write_chunks([arrow_of(answer)], target)
