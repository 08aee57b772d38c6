"""A model applied to customers: one way for each kind of data that they come in."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import numpy as np
import pandas as pd
import pyarrow as pa

from custvalue._estimator.door import column_names
from custvalue._estimator.progress import tracked
from custvalue._tables.parquet_notes import parquet_attrs
from custvalue.exceptions import DataError
from custvalue.workflow._score_chunks import (
    Part,
    arrow_of,
    common_schema,
    engine_chunks,
    nullable_frame,
    parts_of,
    read_part,
)
from custvalue.workflow._score_parts import (
    WorkingFolder,
    fingerprint,
    is_one_file,
    publish,
    replace_folder,
    write_chunks,
)
from custvalue.workflow._score_rows import check_kept, score_rows

__all__ = ["ScoreJob", "is_spark"]

Item = TypeVar("Item")


def is_spark(data: Any) -> bool:
    """Return whether the data are a Spark DataFrame, without loading Spark."""
    return type(data).__module__.split(".")[0] == "pyspark" and hasattr(data, "mapInPandas")


@dataclass(frozen=True)
class ScoreJob:
    """A model and how it is applied; the methods say to what.

    Attributes
    ----------
    model : fitted transformer
    keep : tuple of str
    chunk_rows : int
    progress : bool
    arrow : pyarrow.Schema or None
        What workers of Spark give.
    """

    model: Any
    keep: tuple[str, ...]
    chunk_rows: int
    progress: bool = False
    arrow: pa.Schema | None = None

    def of_frame(self, frame: Any, target: Path | None) -> Any:
        """Score a frame in memory; the answer is of its kind."""
        if isinstance(frame, np.ndarray):
            if self.keep or target is not None:
                raise TypeError("data must be a frame where keep or to is stated; found an array")
            return self.model.transform(frame)
        check_kept(self.keep, column_names(frame))
        if target is not None:
            rows = arrow_of(frame)
            levels = frame.index.nlevels if isinstance(frame, pd.DataFrame) else 1
            job = replace(self, keep=(*rows.column_names[1:levels], *self.keep))
            starts = self._tracked(range(0, max(rows.num_rows, 1), self.chunk_rows))
            slices = ((rows.slice(start, self.chunk_rows), start) for start in starts)
            return write_chunks((job.scores(part, "data", start) for part, start in slices), target)
        if not self.keep:
            return self.model.transform(frame)
        if isinstance(frame, pd.DataFrame):
            return pd.concat([frame[list(self.keep)], self.model.transform(frame)], axis=1)
        scores = self.scores(arrow_of(frame), "data")
        return scores if isinstance(frame, pa.Table) else type(frame)(scores)

    def of_files(self, files: Sequence[str], target: Path | None) -> Any:
        """Score the rows of Parquet files; finished parts are not scored again."""
        if target is not None and str(target) in {str(Path(one).resolve()) for one in files}:
            raise ValueError(
                f"to must not be one of the files that are read; found {str(target)!r}"
            )
        parts = [part for part in parts_of(files, self.chunk_rows) if part.stop > part.start]
        if not parts:
            raise DataError(f"data must hold at least one customer; found none in {files!r}")
        self._check_time_unit(files[0])
        schema = common_schema(files)
        if target is None:
            return self._with_ids(
                pa.concat_tables([self._of_part(part, schema) for part in self._tracked(parts)])
            )
        key = fingerprint(self.model, files, (self.chunk_rows, list(self.keep)))
        with WorkingFolder(target, key) as folder:
            for number, part in enumerate(self._tracked(parts)):
                if not folder.part(number).exists():
                    folder.write(number, self._of_part(part, schema))
            publish(folder, len(parts))
        return target

    def of_engine(self, data: Any, target: Path | None) -> Any:
        """Score the rows that an engine gives, chunk by chunk."""
        with engine_chunks(data, self.chunk_rows, "score") as chunks:
            scored = self._of_chunks(chunks)
            if target is not None:
                return write_chunks(scored, target)
            found = list(scored)
        if not found:
            raise DataError("data must hold at least one customer; found no rows")
        return self._with_ids(pa.concat_tables(found))

    def in_spark(self, data: Any, target: Path | None) -> Any:
        """Score a Spark DataFrame where it is; only the first row is scored here."""
        from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
        from pyspark.sql.types import StructType

        check_kept(self.keep, data.columns)
        first = data.limit(1).toArrow()
        if not first.num_rows:
            raise DataError("data must hold at least one customer; the Spark DataFrame has no rows")
        scores = self.scores(first, "data")
        given = [name for name in scores.column_names if name in data.columns]
        told = from_arrow_schema(scores.drop_columns(given).schema)
        schema = StructType([*(data.schema[name] for name in given), *told.fields])
        worker = replace(self, arrow=to_arrow_schema(schema))
        answer = data.mapInArrow(worker, schema=schema)
        return answer if target is None else _write_by_spark(answer, target)

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Score the batches of a partition, in a worker of Spark."""
        for batch in batches:
            if batch.num_rows:
                scores = self.scores(pa.Table.from_batches([batch]), "a partition")
                yield from scores.cast(self.arrow or scores.schema).to_batches()

    def scores(self, rows: pa.Table, label: str, start: int = 0) -> pa.Table:
        """Return ids, columns kept and scores of some rows."""
        return score_rows(self.model, rows, self.keep, self.chunk_rows, label, start)

    def _of_part(self, part: Part, schema: pa.Schema) -> pa.Table:
        return self.scores(read_part(part, schema), part.label, part.start)

    def _of_chunks(self, chunks: Iterable[pa.Table]) -> Iterator[pa.Table]:
        start = 0
        for rows in self._tracked(chunks):
            yield self.scores(rows, "data", start)
            start += rows.num_rows

    def _check_time_unit(self, path: str) -> None:
        """Raise if the frame that was written says another unit of time than the model's."""
        found = parquet_attrs(path).get("time_unit")
        expected = getattr(self.model, "time_unit", None)
        if None not in (found, expected) and found != expected:
            raise DataError(
                f"the summary must be measured in time_unit {expected!r}; {path!r} says that it "
                f"was measured in {found!r}"
            )

    def _tracked(self, items: Iterable[Item]) -> Iterable[Item]:
        return tracked(items, "scoring", progress=self.progress)

    def _with_ids(self, scores: pa.Table) -> pd.DataFrame:
        """Return scores as pandas, what is neither kept nor a score as index."""
        known = {*self.keep, *map(str, self.model.get_feature_names_out())}
        ids = [name for name in scores.column_names if name not in known]
        frame = nullable_frame(scores)
        return frame.set_index(ids) if ids else frame


def _write_by_spark(answer: Any, target: Path) -> Path:
    """Let Spark write its parts beside the target, and put them in its place."""
    if is_one_file(target):
        raise ValueError(
            f"to must name a folder where Spark writes, without an ending; found {str(target)!r}"
        )
    folder = target.parent / f".{target.name}.{uuid4().hex}.partial"
    try:
        answer.write.parquet(str(folder))
        replace_folder(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return target
