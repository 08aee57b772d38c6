"""Parquet and CSV files, by path and by glob."""

from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from custvalue._tables.files import read_files
from custvalue.exceptions import DataError, DataQualityWarning


@pytest.fixture
def connection():
    """Return a connection that ends with the test."""
    with duckdb.connect() as opened:
        yield opened


def rows(relation):
    """Return the rows of a relation as records."""
    return relation.to_arrow_table().to_pylist()


def write(path: Path, text: str) -> str:
    """Write a file and return its path as text."""
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", ["x.csv", "x.CSV", "x.txt", "x.tsv", "odd [1]* ?{a,b}'\".csv"])
def test_csv_files_are_read_by_any_name(name, tmp_path, connection):
    """A name that is also a pattern is taken by its letters."""
    path = write(tmp_path / name, "a,b\n1,2024-01-31\n")
    assert rows(read_files(path, connection))[0]["a"] == 1


@pytest.mark.parametrize("name", ["x*.csv", "x?.csv", "x[yz].csv"])
def test_a_file_that_is_named_like_a_pattern_is_read_alone(name, tmp_path, connection):
    """Its neighbours that match the pattern are not read with it."""
    write(tmp_path / "xy.csv", "a\n2\n")
    path = write(tmp_path / name, "a\n1\n")
    assert rows(read_files(path, connection)) == [{"a": 1}]


@pytest.mark.parametrize("name", ["x.parquet", "x.pq", "odd [1].parquet"])
def test_parquet_files_are_read_by_any_name(name, tmp_path, connection):
    """A path object does as well as text."""
    pd.DataFrame({"a": [1, 2]}).to_parquet(tmp_path / name)
    assert rows(read_files(tmp_path / name, connection)) == [{"a": 1}, {"a": 2}]


def test_compressed_csv_files_are_read(tmp_path, connection):
    """gzip is opened on the way."""
    with gzip.open(tmp_path / "x.csv.gz", "wt") as file:
        file.write("a\n1\n")
    assert rows(read_files(tmp_path / "x.csv.gz", connection)) == [{"a": 1}]


def test_ids_with_leading_zeros_stay_text(tmp_path, connection):
    """007 is not 7."""
    path = write(tmp_path / "x.csv", "id\n007\n008\n")
    assert [row["id"] for row in rows(read_files(path, connection))] == ["007", "008"]


def test_a_glob_reads_files_in_the_order_of_their_names(tmp_path, connection):
    """Columns of several files are matched by name, also across folders."""
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep" / "b.csv", "id,n\nx,2\n")
    write(tmp_path / "a.csv", "n,id\n1,y\n")
    found = rows(read_files(str(tmp_path / "**" / "*.csv"), connection))
    assert [(row["id"], row["n"]) for row in found] == [("y", 1), ("x", 2)]


@pytest.mark.parametrize(
    ("written", "form"),
    [("31/01/2024", "%d/%m/%Y"), ("01/02/2024", "%d/%m/%Y"), ("12/31/2024", "%m/%d/%Y")],
)
def test_dates_that_leave_room_for_another_reading_are_reported(
    written, form, tmp_path, connection
):
    """The warning names file and format; ISO dates need none."""
    path = write(tmp_path / "x.csv", f"day\n{written}\n")
    with pytest.warns(DataQualityWarning, match=f"'x.csv' were read as {form}; write them as"):
        read_files(path, connection)


@pytest.mark.parametrize("written", ["2024-01-31", "2024-01-31 23:59:00", "2024-01-31T23:59:00"])
def test_iso_dates_are_read_without_a_word(written, tmp_path, connection):
    """Dates and times, with a blank or a T between them."""
    relation = read_files(write(tmp_path / "x.csv", f"day\n{written}\n"), connection)
    assert str(relation.types[0]) in ("DATE", "TIMESTAMP")


@pytest.mark.parametrize("name", ["nowhere.csv", "nowhere/*.parquet", "", "https://x.org/y.csv"])
def test_what_matches_no_file_is_refused(name, connection):
    """The message repeats the name."""
    with pytest.raises(DataError, match=r"X must name a file .*which does not exist"):
        read_files(name, connection)


def test_a_folder_is_refused(tmp_path, connection):
    """The message says that it is a folder."""
    with pytest.raises(DataError, match="which is a folder"):
        read_files(tmp_path, connection)


def test_other_kinds_of_file_are_refused(tmp_path, connection):
    """The message names the endings that are known."""
    path = write(tmp_path / "x.xlsx", "")
    with pytest.raises(DataError, match=r"Parquet files \(.parquet, .pq\) or CSV .*'x.xlsx'"):
        read_files(path, connection)


def test_a_mixture_of_kinds_is_refused(tmp_path, connection):
    """One glob is one kind of file."""
    write(tmp_path / "x.csv", "a\n1\n")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(DataError, match=r"found 'x.csv' among 2 file\(s\)"):
        read_files(str(tmp_path / "x.*"), connection)


def test_a_csv_with_an_unnamed_column_keeps_its_header(tmp_path, connection):
    """What pandas writes with its index, whose name is empty, is read with all its names."""
    orders = pd.DataFrame({"customer_id": ["a", "b"], "amount": [1.5, 2.0]})
    orders.to_csv(tmp_path / "orders.csv")
    found = read_files(tmp_path / "orders.csv", connection).df()
    assert found[["customer_id", "amount"]].to_dict("list") == orders.to_dict("list")
