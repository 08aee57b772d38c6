"""A file is written whole or not at all, and nothing is left beside it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from custvalue._estimator.files import replacing, write_text


def _fail_half_way(target: Path) -> None:
    with replacing(target) as draft:
        draft.write_text("half of the n")
        raise RuntimeError("half way")


def test_text_is_written_and_nothing_else(tmp_path):
    """The file holds the text as UTF-8; no temporary file stays."""
    write_text(tmp_path / "a.txt", "Grüße\n")
    assert (tmp_path / "a.txt").read_bytes() == "Grüße\n".encode()
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_path_may_be_text(tmp_path):
    """A path as a string does as well."""
    write_text(str(tmp_path / "a.txt"), "one")
    assert (tmp_path / "a.txt").read_text() == "one"


def test_a_failure_leaves_the_old_file_as_it_was(tmp_path):
    """What was there stays, byte for byte, and the draft goes."""
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError, match="half way"):
        _fail_half_way(target)
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_failure_leaves_no_new_file(tmp_path):
    """Where there was nothing there is nothing."""
    with pytest.raises(RuntimeError, match="half way"):
        _fail_half_way(tmp_path / "a.txt")
    assert os.listdir(tmp_path) == []


def test_the_draft_keeps_the_ending(tmp_path):
    """Writers that go by the ending of the name see the right one, in the same folder."""
    with replacing(tmp_path / "scores.parquet") as draft:
        assert draft.suffix == ".parquet"
        assert draft.parent == tmp_path


def test_a_new_file_has_the_usual_permissions(tmp_path):
    """Readers whom the umask admits can read the file."""
    old = os.umask(0o022)
    try:
        write_text(tmp_path / "a.txt", "text")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o644


def test_the_permissions_of_a_replaced_file_stay(tmp_path):
    """A file that only its owner may read does not become public."""
    target = tmp_path / "a.txt"
    target.write_text("old")
    target.chmod(0o600)
    write_text(target, "new")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_link_stays_a_link(tmp_path):
    """Writing through a symbolic link changes the file that it points to."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "real" / "a.txt")
    write_text(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real" / "a.txt").read_text() == "new"


def test_a_missing_folder_is_named(tmp_path):
    """The error says which folder, and makes none."""
    with pytest.raises(FileNotFoundError, match=r"the folder of '.*nowhere/a\.txt' must exist"):
        write_text(tmp_path / "nowhere" / "a.txt", "text")
    assert os.listdir(tmp_path) == []


def test_a_folder_is_not_a_file(tmp_path):
    """A folder in the place of the file is refused before anything is written."""
    with pytest.raises(IsADirectoryError, match="must be a file; it is a folder"):
        write_text(tmp_path, "text")
    assert os.listdir(tmp_path.parent).count(tmp_path.name) == 1


def test_a_device_is_not_replaced(tmp_path):
    """A pipe or device such as the null device is left alone."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FileExistsError, match="must be a regular file"):
        write_text(pipe, "text")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_bare_name_goes_into_the_working_folder(tmp_path, monkeypatch):
    """A name without a folder is a file in the folder where one is."""
    monkeypatch.chdir(tmp_path)
    write_text("a.txt", "text")
    assert Path("a.txt").read_text() == "text"
