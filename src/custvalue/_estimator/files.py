"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["replacing", "write_text"]


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` that takes its place when the block ends well.

    Parameters
    ----------
    path : str or pathlib.Path
        The file to write. Left as it was if the block raises.

    Yields
    ------
    pathlib.Path
        Where to write.

    Raises
    ------
    FileNotFoundError
        If the folder of ``path`` does not exist.
    IsADirectoryError, FileExistsError
        If ``path`` is a folder, or something else that is no file, such as a device.
    """
    target = Path(path).resolve()
    _check_target(target, str(path))
    handle, name = tempfile.mkstemp(
        dir=target.parent, prefix=f".{target.stem}-", suffix=target.suffix
    )
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(_mode_of(target))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write text as UTF-8, whole or not at all."""
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8")


def _check_target(target: Path, name: str) -> None:
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder of {name!r} must exist; it does not")
    if target.is_dir():
        raise IsADirectoryError(f"{name!r} must be a file; it is a folder")
    if target.exists() and not target.is_file():
        raise FileExistsError(f"{name!r} must be a regular file; it is something else")


def _mode_of(target: Path) -> int:
    """Return the permissions of the file that is replaced, or those of any new file."""
    return stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
