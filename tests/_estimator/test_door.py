"""The door reads every kind of table the same way, and says what is wrong with a bad one."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.compose import make_column_selector

from custvalue._estimator.door import (
    Table,
    column_names,
    doubts_of,
    kind_of,
    read_columns,
    read_table,
    read_weights,
    remember_columns,
    require,
    row_name,
)
from custvalue.exceptions import DataError

NAMES = ("frequency", "T")
ROWS = [[2.0, 30.5], [0.0, 12.0], [7.0, 38.0]]
ARRAY = np.array(ROWS)
IDS = pd.Index(["x", "y", "z"], name="customer_id")
FRAME = pd.DataFrame(ROWS, columns=list(NAMES), index=IDS)


def as_polars() -> pl.DataFrame:
    """Return the table in polars, the id first and a column beside."""
    return pl.DataFrame({"customer_id": list("xyz"), "T": ARRAY[:, 1], "frequency": [2, 0, 7]})


TABLES = {
    "pandas": FRAME,
    "columns of pandas in another order, others beside": FRAME[["T", "frequency"]].assign(note="n"),
    "polars": as_polars(),
    "pyarrow table": as_polars().to_arrow(),
    "pyarrow batch": as_polars().to_arrow().to_batches()[0],
    "array": ARRAY,
    "list of lists": ROWS,
    "tuple of tuples": tuple(map(tuple, ROWS)),
    "array of objects": ARRAY.astype(object),
    "whole numbers and small floats": pd.DataFrame(
        {"frequency": np.array([2, 0, 7], dtype="int8"), "T": ARRAY[:, 1].astype("float32")}
    ),
    "nullable pandas": FRAME.astype({"frequency": "Int64", "T": "Float64"}),
    "pandas on arrow": FRAME.astype({"frequency": "int64[pyarrow]", "T": "double[pyarrow]"}),
    "decimals": pa.table(
        {"frequency": [Decimal(2), Decimal(0), Decimal(7)], "T": list(map(Decimal, ARRAY[:, 1]))}
    ),
}


@pytest.mark.parametrize("X", TABLES.values(), ids=TABLES)
def test_every_kind_of_table_gives_the_same_columns(X):
    """Columns come as float64 in the order asked for, whatever held them."""
    table = read_table(X, NAMES)
    assert list(table.columns) == list(NAMES)
    for i, name in enumerate(NAMES):
        assert table[name].dtype == np.float64
        np.testing.assert_array_equal(table[name], ARRAY[:, i])


@pytest.mark.parametrize(
    ("X", "kind"),
    [
        (FRAME, "pandas"),
        (as_polars(), "polars"),
        (as_polars().to_arrow(), "pyarrow"),
        (as_polars().to_arrow().to_batches()[0], "pyarrow"),
        (ARRAY, "array"),
        (ROWS, "array"),
        (FRAME["T"], "array"),
    ],
)
def test_the_kind_of_a_table(X, kind):
    """Frames are known by their library; all else that is rectangular is an array."""
    assert kind_of(X) == kind


@pytest.mark.parametrize(
    ("X", "name"),
    [
        ("orders.csv", "str"),
        (b"orders", "bytes"),
        ({"frequency": [1]}, "dict"),
        ({1, 2}, "set"),
        (5, "int"),
        (None, "NoneType"),
        ((row for row in ROWS), "generator"),
    ],
)
def test_what_is_no_table_is_refused_by_type(X, name):
    """A path, a mapping or a number is a TypeError that says what was found."""
    with pytest.raises(TypeError, match=rf"must be a pandas.*found {name}$"):
        read_table(X, NAMES)


def reader():
    """Return a stream of pyarrow batches."""
    table = as_polars().to_arrow()
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches())


class Foreign:
    """A frame of a library that we do not know; it can be read as an array."""

    columns = ("customer_id", "T", "frequency")

    def __array__(self, dtype=None, copy=None):
        return ARRAY

    def __len__(self):
        return len(ARRAY)


def table_of(engine):
    """Return a table of an engine that holds the columns in another order."""
    arrow = as_polars().select("T", "frequency").to_arrow()
    if engine == "ibis":
        return pytest.importorskip("ibis").memtable(arrow)
    if engine == "duckdb":
        return pytest.importorskip("duckdb").from_arrow(arrow)
    return {"lazy": as_polars().lazy, "stream": reader, "foreign": Foreign}[engine]()


@pytest.mark.parametrize("engine", ["ibis", "duckdb", "lazy", "stream", "foreign"])
def test_a_table_of_an_engine_is_never_read_by_position(engine):
    """Its columns have names and may come in any order; the message says what to do."""
    with pytest.raises(TypeError, match=r"collect it first.*custvalue\.workflow\.score\(model, X"):
        read_table(table_of(engine), NAMES)


class Spark:
    """Looks as a Spark frame does, without a session."""

    __module__ = "pyspark.sql.classic.dataframe"

    def __len__(self):
        return 3


class Bare:
    """Holds numbers without names, as arrays of other libraries do."""

    def __array__(self, dtype=None, copy=None):
        return ARRAY


def test_arrays_of_other_libraries_are_still_arrays():
    """What has no names is read by position; what comes from an engine is not."""
    assert kind_of(Bare()) == "array"
    assert kind_of(ARRAY.view(np.matrix)) == "array"
    with pytest.raises(TypeError, match=r"found pyspark\.sql\.classic\.dataframe\.Spark"):
        kind_of(Spark())


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csr_array, sparse.coo_array])
def test_a_sparse_matrix_is_refused(make):
    """The message says how to make it dense."""
    with pytest.raises(TypeError, match="must be dense; found a sparse matrix"):
        read_table(make(ARRAY), NAMES)


def test_row_labels_are_the_pandas_index():
    """The index of pandas comes along, and so do the notes of the frame."""
    frame = FRAME.copy()
    frame.attrs["time_unit"] = "week"
    table = read_table(frame, NAMES)
    pd.testing.assert_index_equal(table.index, IDS)
    assert table.attrs == {"time_unit": "week"}


@pytest.mark.parametrize("X", [as_polars(), as_polars().to_arrow()], ids=["polars", "pyarrow"])
def test_row_labels_are_the_first_column_of_other_frames(X):
    """The first column is the id where it is not one of the columns asked for."""
    table = read_table(X, NAMES)
    assert list(table.index) == ["x", "y", "z"]
    assert table.index.name == "customer_id"


def test_a_first_column_that_is_data_is_no_label():
    """A frame that begins with a column asked for has no labels, optional columns included."""
    X = as_polars().drop("customer_id")
    assert read_table(X, NAMES).index is None
    assert read_table(X, ("frequency",), optional=("T",)).index is None
    assert read_table(ARRAY, NAMES).index is None


def test_optional_columns_come_where_they_are():
    """A frame may lack them; an array holds as many as it is wide."""
    assert "money" not in read_table(FRAME, NAMES, optional=("money",))
    assert "money" in read_table(FRAME.assign(money=1.0), NAMES, optional=("money",))
    assert list(read_table(ARRAY, ("frequency",), optional=("T", "money")).columns) == [*NAMES]


def test_the_input_is_not_changed():
    """Reading copies what it converts; the values read are the caller's own at most."""
    frame, array = FRAME.copy(), ARRAY.copy()
    read_table(frame, NAMES)["T"] * 2
    read_table(array, NAMES)
    pd.testing.assert_frame_equal(frame, FRAME)
    np.testing.assert_array_equal(array, ARRAY)


def _with(value):
    return FRAME.astype(object).assign(T=pd.Series([30.5, value, value], index=IDS, dtype=object))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (FRAME[["T"]], r"needs the columns frequency, T; missing: frequency; found: T"),
        (FRAME[[]], r"missing: frequency, T; found: none"),
        (FRAME.iloc[:0], r"at least one row; X has columns but no rows"),
        (as_polars().head(0), r"at least one row"),
        (as_polars().to_arrow().slice(0, 0), r"at least one row"),
        (np.empty((0, 2)), r"at least one row; found array with 0 sample"),
        (FRAME.iloc[:, [0, 1, 1]], r"column names must be unique; found more than once: T"),
        (pa.table([[1], [2], [3]], names=["frequency", "T", "T"]), r"found more than once: T"),
        (np.empty((3, 0)), r"needs the columns frequency, T; found an array with 0 feature\(s\)"),
        (ARRAY[:, :1], r"X has 1 features, but this estimator is expecting 2 features"),
        (np.ones((3, 3)), r"X has 3 features, but this estimator is expecting 2 features"),
        (ARRAY[:, 0], r"must be a 2-D array with the columns frequency, T; found .* 1 dim"),
        (FRAME["T"], r"found an array of 1 dimension"),
        (np.ones((2, 2, 2)), r"found an array of 3 dimension"),
        ([[1.0, 2.0], [3.0]], r"X must be a 2-D array, every row of one length"),
        (ARRAY.astype(complex), r"Complex data not supported: column 'frequency'"),
        (
            FRAME.assign(T=pd.Timestamp("1997-01-01")),
            r"column 'T' must hold numbers; found dtype datetime64",
        ),
        (
            FRAME.assign(T=[30.5, np.nan, np.nan]),
            r"column 'T' must be finite .*; row 1 \(customer_id 'y'\) has T=nan \(2 such rows\)",
        ),
        (
            FRAME.assign(T=[30.5, 1.0, np.inf]),
            r"row 2 \(customer_id 'z'\) has T=inf \(1 such row\)",
        ),
        (_with("12"), r"column 'T' must be a number; row 1 .* has T='12' \(2 such rows\)"),
        (_with(None), r"column 'T' must be a number; row 1 .* has T=None"),
        (_with(True), r"column 'T' must be a number; row 1 .* has T=True"),
        (_with(pd.NA), r"column 'T' must be a number; row 1 .* has T=<NA>"),
        (_with(np.nan), r"column 'T' must be finite .*; row 1 .* has T=nan"),
        (
            FRAME.assign(T=pd.array([30.5, None, 1.0], dtype="Float64")),
            r"column 'T' must be finite .*; row 1 .* has T=nan \(1 such row\)",
        ),
        (FRAME.assign(T=list("abc")), r"column 'T' must be a number; row 0 .* has T='a' \(3 such"),
        (np.array([["1", "2"]]), r"column 'frequency' must be a number; row 0 has frequency='1'"),
        (
            as_polars().with_columns(T=pl.Series([30.5, None, 38.0])),
            r"row 1 \(customer_id 'y'\) has T=nan \(1 such row\)",
        ),
        (
            as_polars().with_columns(T=pl.Series([30.5, None, 38.0])).to_arrow().to_batches()[0],
            r"row 1 \(customer_id 'y'\) has T=nan \(1 such row\)",
        ),
        (np.ma.masked_less(ARRAY, 1.0), r"must have no masked value; found 1"),
        (np.array([[1.0, np.nan]]), r"row 0 has T=nan \(1 such row\)"),
    ],
)
def test_a_bad_table_is_refused_with_column_row_and_number(X, message):
    """The error says what must hold, what was found, where first, and how often."""
    with pytest.raises(DataError, match=message):
        read_table(X, NAMES)


def test_the_message_names_who_asks():
    """The owner stands in the message, so that a pipeline's reader knows which step."""
    with pytest.raises(DataError, match=r"^RFMScorer needs the columns"):
        read_table(FRAME[["T"]], NAMES, owner="RFMScorer")
    with pytest.raises(DataError, match=r"RFMScorer is expecting 1 features.*, and at most 2, in"):
        read_table(np.ones((2, 3)), ("T",), optional=("money",), owner="RFMScorer")


def test_masked_arrays_without_a_masked_value_pass():
    """A mask that hides nothing is no fault."""
    table = read_table(np.ma.masked_less(ARRAY, -1.0), NAMES)
    np.testing.assert_array_equal(table["T"], ARRAY[:, 1])


def test_taking_rows_takes_columns_and_labels():
    """A mask or positions choose rows of everything at once."""
    table = read_table(FRAME, NAMES).take(np.array([True, False, True]))
    assert len(table) == 2
    np.testing.assert_array_equal(table["frequency"], [2.0, 7.0])
    assert list(table.index) == ["x", "z"]
    assert read_table(ARRAY, NAMES).take(np.array([0])).index is None


def test_a_rule_that_holds_raises_nothing():
    """Good rows pass in silence."""
    table = read_table(FRAME, NAMES)
    require(table, table["T"] > 0, "T must be positive", ["T"])


def test_a_broken_rule_shows_the_first_row_and_the_number():
    """Rule, label, the values of the columns concerned and the count are all in the message."""
    table = read_table(FRAME, NAMES)
    expected = (
        r"^frequency must be below 2; row 0 \(customer_id 'x'\) has frequency=2\.0, T=30\.5 "
        r"\(2 such rows\)$"
    )
    with pytest.raises(DataError, match=expected):
        require(table, table["frequency"] < 2, "frequency must be below 2", ["frequency", "T"])


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (None, "row 1"),
        (pd.RangeIndex(3), "row 1"),
        (pd.RangeIndex(3, name="customer_id"), "row 1 (customer_id 1)"),
        (pd.Index([7, 8, 9]), "row 1 (index 8)"),
        (pd.Index([7, 8, 9], name=0), "row 1 (0 8)"),
        (pd.Index(["a", "b", "c"], name="id"), "row 1 (id 'b')"),
        (pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), "row 1 (index ('b', 2))"),
    ],
)
def test_the_name_of_a_row(index, name):
    """A row is named by position, and by its label where that says more."""
    assert row_name(index, 1) == name


def test_no_weights_mean_none():
    """Absent weights stay absent, so that nobody multiplies by ones."""
    assert read_weights(None, read_table(FRAME, NAMES)) is None


@pytest.mark.parametrize("weights", [[1, 2, 0], np.array([1.0, 2.0, 0.0]), pd.Series([1, 2, 0])])
def test_weights_are_read_as_float64(weights):
    """Lists, arrays and Series give one number per row."""
    read = read_weights(weights, read_table(FRAME, NAMES))
    assert read.dtype == np.float64
    np.testing.assert_array_equal(read, [1.0, 2.0, 0.0])


def test_one_weight_is_for_every_row():
    """A single number stands for all rows."""
    np.testing.assert_array_equal(read_weights(2, read_table(FRAME, NAMES)), [2.0, 2.0, 2.0])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], r"must have shape \(3,\), one weight per row of X; found shape \(2,\)"),
        (np.ones((3, 1)), r"found shape \(3, 1\)"),
        ([1, -1, -2], r"must not be negative; row 1 \(customer_id 'y'\) has .*=-1.0 \(2 such rows"),
        ([1, np.nan, 1], r"'sample_weight' must be finite .*; row 1"),
        ([1, np.inf, 1], r"'sample_weight' must be finite .*; row 1"),
        (["a", "b", "c"], r"'sample_weight' must be a number; row 0"),
        ([0, 0, 0], r"must not be zero for every row; all 3 are 0"),
    ],
)
def test_bad_weights_are_refused(weights, message):
    """Weights are one finite number of at least 0 per row, not all 0."""
    with pytest.raises(DataError, match=message):
        read_weights(weights, read_table(FRAME, NAMES))


def test_a_table_knows_its_columns_and_length():
    """A table answers by name, by membership and by number of rows."""
    table = Table({"T": ARRAY[:, 1]}, "array", None, {})
    assert "T" in table
    assert "frequency" not in table
    assert len(table) == 3


def test_columns_are_remembered_by_number_and_for_frames_by_name():
    """A refit on an array forgets the names of the frame before."""
    model = SimpleNamespace()
    remember_columns(model, read_table(FRAME, NAMES))
    assert model.n_features_in_ == 2
    assert list(model.feature_names_in_) == list(NAMES)
    assert model.feature_names_in_.dtype == object
    remember_columns(model, read_table(ARRAY, NAMES))
    assert vars(model) == {"n_features_in_": 2}


def test_columns_are_named_or_selected():
    """Names as they come; a selector of scikit-learn looks at the pandas frame."""
    frame = pd.DataFrame({"web": [1.0], "age": [30.0], "web_app": [0.0]})
    assert read_columns(frame, ["age", "web"], "covariates") == ("age", "web")
    selector = make_column_selector(pattern="^web")
    assert read_columns(frame, selector, "covariates") == ("web", "web_app")


def test_a_selector_needs_a_pandas_frame():
    """The message says what to do instead."""
    with pytest.raises(TypeError, match="covariates may be a column selector for a pandas frame"):
        read_columns(pl.DataFrame({"web": [1.0]}), make_column_selector(), "covariates")


@pytest.mark.parametrize("names", [("age", "age"), (1, 2), [None]])
def test_column_names_are_different_strings(names):
    """Anything else is an error that shows it."""
    with pytest.raises(ValueError, match="covariates must be different column names"):
        read_columns(pd.DataFrame({"age": [1.0]}), names, "covariates")


def test_gaps_of_an_encoded_column_are_gaps():
    """A pyarrow dictionary with a gap does not get another row's number in its place."""
    encoded = pa.table({"T": pa.array([1.0, None, 2.0]).dictionary_encode()})
    with pytest.raises(DataError, match="'T' must be finite.*row 1"):
        read_table(encoded, ["T"])


def test_columns_are_named_whatever_the_frame():
    """pandas, polars and pyarrow; an array has no names."""
    frame = pd.DataFrame({"a": [1], "b": [2]})
    for table in (frame, pl.from_pandas(frame), pa.Table.from_pandas(frame, preserve_index=False)):
        assert column_names(table) == ["a", "b"]
    assert column_names(np.ones((2, 2))) == []


def test_doubtful_rows_are_told_with_the_first_and_their_number():
    """Nothing is said where no row is doubtful."""
    rows = np.array([False, True, True])
    index = pd.Index(["p0", "p1", "p2"], name="product")
    [doubt] = doubts_of(rows, "demand must be even", index)
    assert doubt == "demand must be even; so in row 1 (product 'p1') (2 such rows)"
    assert doubts_of(rows[:1], "demand must be even", index) == []
