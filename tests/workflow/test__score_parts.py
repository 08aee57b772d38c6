"""Parts are there whole or not at all, and known by what they were made from."""

from __future__ import annotations

import os
import pickle

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from custvalue.exceptions import DataError
from custvalue.lifetime import BetaGeoNBD
from custvalue.workflow._score_parts import (
    WorkingFolder,
    check_output,
    fingerprint,
    is_one_file,
    publish,
    replace_folder,
    write_chunks,
)

TABLE = pa.table({"x": [1, 2]})
PARAMS = {"r": 0.2, "alpha": 4.0, "a": 0.8, "b": 2.4}


def test_the_ending_says_what_is_written(tmp_path):
    """A Parquet file by its ending, a folder without one, nothing else."""
    assert is_one_file(check_output(tmp_path / "x.PARQUET", overwrite=False))
    assert not is_one_file(check_output(tmp_path / "x", overwrite=False))
    with pytest.raises(ValueError, match="must end in .parquet"):
        check_output(tmp_path / "x.csv", overwrite=False)


def test_the_fingerprint_knows_model_files_and_choices(tmp_path):
    """It stays while nothing changes, and changes with each of them."""
    file = tmp_path / "x.parquet"
    pq.write_table(TABLE, file)
    model = BetaGeoNBD.from_params(PARAMS)
    first = fingerprint(model, [str(file)], [1])
    assert first == fingerprint(BetaGeoNBD.from_params(PARAMS), [str(file)], [1])
    assert first == fingerprint(pickle.loads(pickle.dumps(model)), [str(file)], [1])
    other = BetaGeoNBD.from_params({**PARAMS, "r": 0.3})
    assert fingerprint(other, [str(file)], [1]) != first
    assert fingerprint(model, [str(file)], [2]) != first
    os.utime(file, ns=(1, 1))
    assert fingerprint(model, [str(file)], [1]) != first


def test_a_part_that_fails_is_not_there(tmp_path, monkeypatch):
    """What was begun is removed; what was finished stays."""
    with WorkingFolder(tmp_path / "out", "key") as folder:
        folder.write(0, TABLE)
        monkeypatch.setattr(pq, "write_table", lambda *_: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            folder.write(1, TABLE)
        assert os.listdir(folder.path) == [folder.part(0).name]


def test_an_empty_working_folder_is_removed(tmp_path):
    """A run that wrote nothing leaves nothing."""
    with WorkingFolder(tmp_path / "out", "key"):
        pass
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["out.parquet", "out", "o*t.parquet"])
def test_publishing_leaves_the_output_alone(tmp_path, name):
    """Parts of this and of earlier runs are gone; those of other outputs stay."""
    other = tmp_path / ".another.key.partial"
    other.mkdir()
    with WorkingFolder(tmp_path / name, "old") as old:
        old.write(0, TABLE)
    with WorkingFolder(tmp_path / name, "new") as folder:
        folder.write(0, TABLE)
        folder.write(1, TABLE)
        publish(folder, 2)
    assert pd.read_parquet(tmp_path / name)["x"].to_list() == [1, 2, 1, 2]
    assert sorted(os.listdir(tmp_path)) == sorted([other.name, name])


def test_chunks_that_fail_leave_nothing(tmp_path):
    """An error in the middle, or no rows at all, and the folder is as it was."""

    def failing():
        yield TABLE
        raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError):
        write_chunks(failing(), tmp_path / "out")
    with pytest.raises(DataError, match="at least one customer"):
        write_chunks([], tmp_path / "out")
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_replaced_stays(tmp_path):
    """If the new one is missing the old one comes back."""
    (tmp_path / "out").mkdir()
    with pytest.raises(FileNotFoundError):
        replace_folder(tmp_path / "missing", tmp_path / "out")
    assert os.listdir(tmp_path) == ["out"]
