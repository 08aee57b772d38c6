"""Parquet files remember what their frame said of itself."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from custvalue._tables.parquet_notes import parquet_attrs


def test_attrs_come_back_from_the_first_file(tmp_path):
    """A path or a glob tells; a file without them, another file and a frame tell nothing."""
    frame = pd.DataFrame({"x": [1.0]})
    frame.attrs["time_unit"] = "day"
    frame.to_parquet(tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [1.0]}), tmp_path / "b.parquet")
    frame.to_csv(tmp_path / "c.csv")
    assert parquet_attrs(tmp_path / "a.parquet") == {"time_unit": "day"}
    assert parquet_attrs(str(tmp_path / "*.parquet")) == {"time_unit": "day"}
    assert parquet_attrs(tmp_path / "b.parquet") == {}
    assert parquet_attrs(tmp_path / "c.csv") == {}
    assert parquet_attrs(frame) == {}
