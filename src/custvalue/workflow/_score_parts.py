"""Finished parts are kept beside the output, so that an interrupted run goes on where it was."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import joblib
import pyarrow as pa
import pyarrow.parquet as pq

from custvalue._estimator.files import replacing
from custvalue._estimator.persistence import PersistenceMixin, document_of
from custvalue._version import __version__
from custvalue.exceptions import DataError, PersistenceError
from custvalue.workflow._score_chunks import PARQUET_ENDINGS

__all__ = [
    "WorkingFolder",
    "check_output",
    "fingerprint",
    "is_one_file",
    "publish",
    "replace_folder",
    "write_chunks",
]


def is_one_file(to: Path) -> bool:
    """Return whether the output is one file, by its ending, or else a folder of parts."""
    return to.suffix.lower() in PARQUET_ENDINGS


def check_output(to: Any, overwrite: bool) -> Path:
    """Return where to write.

    Raises
    ------
    FileExistsError
        If something is there and may not be replaced.
    FileNotFoundError
        If the folder that it lies in does not exist.
    TypeError
        If it is no path.
    ValueError
        If it has the ending of another format.
    """
    if not isinstance(to, (str, os.PathLike)):
        raise TypeError(f"to must be a path; found {to!r}")
    path = Path(to).resolve()
    if path.suffix and not is_one_file(path):
        raise ValueError(
            f"to must end in .parquet, or have no ending and name a folder; found {os.fspath(to)!r}"
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder of {os.fspath(to)!r} must exist; it does not")
    if path.exists() and not overwrite:
        raise FileExistsError(
            f"{os.fspath(to)!r} exists; state overwrite=True to replace it, or choose another name"
        )
    return path


def fingerprint(model: Any, files: Sequence[str], choices: Sequence[Any]) -> str:
    """Return a name of the work: the same only for the same model, files and choices.

    Parameters
    ----------
    model : estimator
    files : sequence of str
        Known by name, size and time of the last change.
    choices : sequence
        What else decides what comes out.

    Returns
    -------
    str
    """
    stats = [(os.path.abspath(one), os.stat(one)) for one in files]
    known = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
    text = json.dumps([__version__, _state_of(model), known, list(choices)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _state_of(model: Any) -> str:
    """Return all that a model is, the same after it was stored and read back."""
    if isinstance(model, PersistenceMixin):
        with contextlib.suppress(PersistenceError):
            return document_of(model)
    return str(joblib.hash(model))


class WorkingFolder:
    """A hidden folder beside the output that holds finished parts.

    Parameters
    ----------
    to : pathlib.Path
        The output.
    key : str
        What ``fingerprint`` gave.
    """

    def __init__(self, to: Path, key: str) -> None:
        self.to = to
        self.path = to.parent / f".{to.name}.{key}.partial"

    def __enter__(self) -> WorkingFolder:
        self.path.mkdir(exist_ok=True)
        return self

    def __exit__(self, *details: object) -> None:
        """Leave finished parts for the next run, but no empty folder."""
        with contextlib.suppress(OSError):
            self.path.rmdir()

    def part(self, number: int) -> Path:
        """Return where a part is, or will be."""
        return self.path / f"part-{number:06}.parquet"

    def write(self, number: int, table: pa.Table) -> None:
        """Write a part; it is there whole or not at all."""
        draft = self.path / f"draft-{uuid4().hex}"
        try:
            pq.write_table(table, draft)
            draft.replace(self.part(number))
        finally:
            draft.unlink(missing_ok=True)


def write_chunks(chunks: Iterable[pa.Table], to: Path) -> Path:
    """Write chunks that cannot be had again; nothing is left of them where one fails.

    Parameters
    ----------
    chunks : iterable of pyarrow.Table
    to : pathlib.Path

    Returns
    -------
    pathlib.Path
        ``to``.

    Raises
    ------
    DataError
        If there are none.
    """
    with WorkingFolder(to, uuid4().hex) as folder:
        try:
            n_parts = 0
            for n_parts, chunk in enumerate(chunks, start=1):
                folder.write(n_parts - 1, chunk)
            if not n_parts:
                raise DataError("data must hold at least one customer; found no rows")
            publish(folder, n_parts)
        finally:
            shutil.rmtree(folder.path, ignore_errors=True)
    return to


def publish(folder: WorkingFolder, n_parts: int) -> None:
    """Put the output in place, and remove what this and earlier runs left beside it.

    Parameters
    ----------
    folder : WorkingFolder
    n_parts : int
    """
    to = folder.to
    if is_one_file(to):
        with replacing(to) as draft:
            _join([folder.part(i) for i in range(n_parts)], draft)
    else:
        replace_folder(folder.path, to)
    for left in to.parent.glob(f".{_escaped(to.name)}.*.partial"):
        shutil.rmtree(left, ignore_errors=True)


def _join(parts: Sequence[Path], draft: Path) -> None:
    """Write the row groups of all parts one after the other."""
    schema = pq.read_schema(parts[0])
    with pq.ParquetWriter(draft, schema) as writer:
        for table in _groups(parts):
            writer.write_table(table.cast(schema))


def _groups(parts: Sequence[Path]) -> Iterator[pa.Table]:
    for part in parts:
        with pq.ParquetFile(part) as file:
            for i in range(file.metadata.num_row_groups):
                yield file.read_row_group(i)


def replace_folder(made: Path, to: Path) -> None:
    """Put a folder in the place of another, which is there until then."""
    before = to.parent / f".{to.name}.{uuid4().hex}.partial"
    if to.exists():
        to.rename(before)
    try:
        made.rename(to)
    except OSError:
        if before.exists():
            before.rename(to)
        raise


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
