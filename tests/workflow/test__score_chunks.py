"""Chunks hold every row once, in order, whatever they are cut from."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from custvalue.exceptions import DataError
from custvalue.workflow._score_chunks import (
    arrow_of,
    common_schema,
    engine_chunks,
    is_frame,
    nullable_frame,
    parquet_files,
    parts_of,
    read_part,
)

FRAME = pd.DataFrame({"x": [1.5, 2.5]}, index=pd.Index(["a", "b"], name="customer"))


def test_ids_of_pandas_become_the_first_column():
    """A named index, an unnamed one of labels and several levels travel; positions do not."""
    assert arrow_of(FRAME).to_pydict() == {"customer": ["a", "b"], "x": [1.5, 2.5]}
    assert arrow_of(FRAME.rename_axis(None)).column_names == ["index", "x"]
    assert arrow_of(FRAME.reset_index(drop=True)).column_names == ["x"]
    assert arrow_of(FRAME.reset_index(drop=True).iloc[1:]).column_names == ["index", "x"]
    levels = FRAME.set_axis(pd.MultiIndex.from_tuples([(1, "a"), (2, "b")], names=["n", None]))
    assert arrow_of(levels).column_names == ["n", "index_1", "x"]


def test_other_frames_travel_as_they_are():
    """Arrow is itself, polars its Arrow."""
    table = arrow_of(FRAME)
    assert arrow_of(table) is table
    assert arrow_of(pl.from_arrow(table)).to_pydict() == table.to_pydict()


@pytest.mark.parametrize("chunk_rows", [1, 3, 4, 7, 100])
def test_parts_cover_every_row_once(tmp_path, chunk_rows):
    """Row groups are neither cut nor left out; small ones are taken together."""
    paths = [str(tmp_path / f"{name}.parquet") for name in "ab"]
    for start, path in zip((0, 10), paths, strict=True):
        pq.write_table(pa.table({"x": np.arange(start, start + 10)}), path, row_group_size=3)
    parts, schema = parts_of(paths, chunk_rows), common_schema(paths)
    rows = pa.concat_tables([read_part(part, schema) for part in parts])["x"].to_pylist()
    assert rows == list(range(20))
    assert all(part.stop - part.start <= max(chunk_rows, 3) for part in parts)
    assert parts[0].label == "'a.parquet'"


def test_paths_name_parquet_or_something_else(tmp_path):
    """Globs come in order; other kinds of files and tables are for the engine."""
    for name in ("b.parquet", "a.parquet", "c.csv"):
        (tmp_path / name).touch()
    found = parquet_files(tmp_path / "*.parquet")
    assert [one.rsplit("/", 1)[-1] for one in found] == ["a.parquet", "b.parquet"]
    assert parquet_files(str(tmp_path / "c.csv")) is None
    assert parquet_files(FRAME) is None
    with pytest.raises(DataError, match="data must name a file or a glob"):
        parquet_files(tmp_path / "*.pq")


def test_an_engine_gives_its_rows_in_chunks_under_their_names():
    """Hostile names come back as they were."""
    name = 'a"; drop table x; --'
    relation = duckdb.from_df(pd.DataFrame({name: np.arange(5_000), "select": 1.0}))
    with engine_chunks(relation, 2_048, "score") as chunks:
        found = list(chunks)
    assert all(chunk.column_names == [name, "select"] for chunk in found)
    assert all(chunk.num_rows <= 2_048 for chunk in found)
    assert pa.concat_tables(found)[name].to_pylist() == list(range(5_000))


def test_files_are_read_in_one_type_with_the_index_in_front(tmp_path):
    """An index that pandas stored last comes first; a column of gaps takes the other's type."""
    paths = [str(tmp_path / "a.parquet"), str(tmp_path / "b.parquet")]
    FRAME.assign(city=None, n=[1, 2]).to_parquet(paths[0])
    FRAME.assign(city="x", n=[1.5, 2.0]).to_parquet(paths[1])
    schema = common_schema(paths)
    assert schema.names == ["customer", "x", "city", "n"]
    tables = [read_part(part, schema) for part in parts_of(paths, 10)]
    whole = pa.concat_tables(tables)
    assert whole["city"].to_pylist() == [None, None, "x", "x"]
    assert whole["n"].to_pylist() == [1.0, 2.0, 1.5, 2.0]
    FRAME.rename_axis(None).to_parquet(paths[0])
    [part] = parts_of(paths[:1], 10)
    assert read_part(part, common_schema(paths[:1])).column_names == ["index", "x"]


def test_types_that_do_not_go_together_are_refused(tmp_path):
    """Numbers in one file and text in another are no column."""
    paths = [str(tmp_path / "a.parquet"), str(tmp_path / "b.parquet")]
    FRAME.to_parquet(paths[0])
    FRAME.assign(x="text").to_parquet(paths[1])
    with pytest.raises(DataError, match="the 2 files must have columns of types that go together"):
        common_schema(paths)


def test_large_ids_beside_missing_ones_stay_whole():
    """Numbers that no float can hold are not rounded."""
    ids = [2**53 + 1, None, 2**53 + 3]
    frame = nullable_frame(pa.table({"id": pa.array(ids, pa.int64()), "x": [1, 2, 3]}))
    assert frame["id"].dtype == "Int64"
    assert frame["id"].dropna().to_list() == [2**53 + 1, 2**53 + 3]
    assert frame["x"].dtype == "int64"


def test_a_frame_is_what_lies_in_memory():
    """Paths and tables in engines are none."""
    assert is_frame(FRAME)
    assert is_frame(np.ones((2, 2)))
    assert not is_frame("file.parquet")
    assert not is_frame(duckdb.from_df(FRAME))
