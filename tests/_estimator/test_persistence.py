"""What an estimator is made of goes to a file as data and comes back equal."""

from __future__ import annotations

import datetime
import json
import os
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression

from custvalue import __version__
from custvalue._estimator.persistence import checked_dtype, persistent_value, stored_type
from custvalue._estimator.reading import read_estimator
from custvalue.exceptions import PersistenceError
from support.keeper import Keeper, Note, resolve


@pytest.fixture
def round_trip(tmp_path):
    """Return a function that sends a value through a file, as parameter and as fitted value."""

    def send(value):
        path = tmp_path / "model.json"
        Keeper(value=value).fit(value).save(path)
        again = read_estimator(path, resolve)
        return again.value, again.kept_

    return send


PLAIN = [
    None,
    True,
    0,
    -(10**30),
    0.1 + 0.2,
    1e-308,
    "",
    "Grüße \u2028 \x00 \\",
    [],
    [1, [2.5, None]],
    (),
    (1, (2, "a")),
    {},
    {"$array": 1, 2: "b", (3, 4): [5], None: {"k": ()}},
    Note("text", (1, 2)),
    pd.Timestamp("1997-09-30 12:34:56.123456789"),
    pd.Timestamp("1997-09-30 12:00", tz="Europe/Berlin"),
    datetime.date(1997, 9, 30),
]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_values_come_back_equal_and_of_their_type(round_trip, value):
    """Numbers, text, lists, tuples, dicts with any keys, dates and registered dataclasses."""
    for again in round_trip(value):
        assert again == value
        assert type(again) is type(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(2.5), 2.5),
        (np.float32(0.5), 0.5),
        (np.int32(7), 7),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.datetime64("1997-09-30"), pd.Timestamp("1997-09-30")),
        (np.datetime64("1997-09-30T01:02:03.000000004", "ns"), pd.Timestamp(875581323000000004)),
        (datetime.datetime(1997, 9, 30, 12), pd.Timestamp("1997-09-30 12:00")),
    ],
    ids=repr,
)
def test_numpy_scalars_and_datetimes_come_back_as_plain_ones(round_trip, value, expected):
    """A scalar of NumPy is its Python value, a moment is a Timestamp, to the nanosecond."""
    for again in round_trip(value):
        assert again == expected
        assert type(again) is type(expected)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_numbers_that_json_lacks_come_back(round_trip, value):
    """Infinities and NaN survive, in a file that is strict JSON."""
    for again in round_trip(value):
        np.testing.assert_equal(again, value)


def test_a_missing_moment_stays_missing(round_trip):
    """NaT comes back as NaT."""
    for again in round_trip(pd.NaT):
        assert again is pd.NaT


ARRAYS = [
    np.array([[1.5, np.nan], [np.inf, -0.0]]),
    np.arange(6, dtype="int32").reshape(1, 2, 3),
    np.array(3.5),
    np.empty((0, 4)),
    np.array([True, False]),
    np.array(["a", "bcd"]),
    np.array(["a", 1, None], dtype=object),
    np.array(["1997-09-30", "NaT"], dtype="datetime64[us]"),
    np.array(["1997-09-30T00:00:00.000000001"], dtype="datetime64[ns]"),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}-{array.shape}")
def test_arrays_come_back_with_shape_and_type(round_trip, array):
    """Values, shape and dtype are those that were saved."""
    for again in round_trip(array):
        np.testing.assert_array_equal(again, array, strict=True)


INDEX = pd.MultiIndex.from_tuples([("purchase", "age"), ("dropout", "age")], names=["process", "x"])
SERIES = [
    pd.Series([0.1, np.nan], index=["r", "alpha"], name="estimate"),
    pd.Series([1, 2], index=pd.Index([2.5, np.inf], name="cut")),
    pd.Series(["a", "b"], index=pd.RangeIndex(2)),
    pd.Series([True, False], index=pd.to_datetime(["1997-01-01", "1997-02-01"])),
    pd.Series(pd.to_datetime(["1997-01-01", None])),
    pd.Series([1.0, 2.0], index=INDEX, name=("a", "b")),
    pd.Series([], dtype=float, index=pd.Index([], dtype="str", name="segment")),
    pd.Series([1, "a"], dtype=object),
]


@pytest.mark.parametrize("series", SERIES, ids=lambda series: str(series.dtype))
def test_series_come_back_with_labels_and_names(round_trip, series):
    """Values, index, levels, names and dtypes are those that were saved."""
    for again in round_trip(series):
        pd.testing.assert_series_equal(again, series, check_index_type="equiv", check_freq=False)


FRAMES = [
    pd.DataFrame({"lower": [0.1, 0.2], "upper": [1.0, np.inf]}, index=["r", "alpha"]),
    pd.DataFrame({"n": [1, 2], "word": ["a", "b"]}, index=pd.Index([2, 3], name="score")),
    pd.DataFrame([[1, 2]], columns=pd.Index(["a", "a"], name="twice")),
    pd.DataFrame([[1.0, 2.0]], columns=INDEX),
    pd.DataFrame({"a": []}, dtype=float),
    pd.DataFrame(index=["a", "b"]),
]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: str(frame.columns.tolist()))
def test_frames_come_back_with_labels_and_types(round_trip, frame):
    """Columns with one name, several levels or none at all included."""
    for again in round_trip(frame):
        pd.testing.assert_frame_equal(again, frame, check_index_type="equiv")


def test_an_index_comes_back(round_trip):
    """A bare index is a value too."""
    for again in round_trip(INDEX):
        pd.testing.assert_index_equal(again, INDEX)


def test_estimators_inside_estimators_come_back_fitted(round_trip):
    """A fitted model as a parameter, frozen or not, keeps what it learned."""
    inner = Keeper(value=1, n_bins=7).fit(2.5)
    for again in round_trip([inner, FrozenEstimator(inner), Keeper()]):
        fitted, frozen, bare = again
        assert (fitted.value, fitted.n_bins, fitted.kept_) == (1, 7, 2.5)
        assert isinstance(frozen, FrozenEstimator)
        assert frozen.estimator.kept_ == 2.5
        assert not hasattr(bare, "kept_")


def test_the_file_is_strict_json_with_a_header(tmp_path):
    """Format, library, version and class stand at the head; nothing needs Python to be read."""
    path = tmp_path / "model.json"
    Keeper(value=float("nan")).fit([1]).save(path)
    document = json.loads(path.read_text(), parse_constant=pytest.fail)
    assert document == {
        "format": 1,
        "library": "custvalue",
        "version": __version__,
        "class": "Keeper",
        "parameters": {"value": {"$float": "nan"}, "n_bins": 5},
        "fitted": {"kept_": [1]},
    }


def test_what_is_not_fitted_by_name_is_not_saved(tmp_path):
    """Only names that end in one underscore and begin with none are fitted values."""
    model = Keeper().fit(1)
    model.note, model._private_, model.__dict__["cache"] = "a", "b", "c"
    model.save(tmp_path / "model.json")
    assert set(json.loads((tmp_path / "model.json").read_text())["fitted"]) == {"kept_"}


def test_an_estimator_must_be_fitted_to_be_saved(tmp_path):
    """There is nothing to save before."""
    with pytest.raises(NotFittedError):
        Keeper().save(tmp_path / "model.json")
    assert os.listdir(tmp_path) == []


@dataclass(frozen=True)
class Unregistered:
    """A dataclass that nobody has registered."""

    text: str = ""


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (LinearRegression(), "sklearn.linear_model._base.LinearRegression"),
        (FrozenEstimator(LinearRegression()), "sklearn.linear_model._base.LinearRegression"),
        (len, "builtins.builtin_function_or_method"),
        (partial(print), "functools.partial"),
        (Keeper, "builtins.type"),
        ({1, 2}, "builtins.set"),
        (1j, "builtins.complex"),
        (b"bytes", "builtins.bytes"),
        (np.timedelta64(1, "D"), "numpy.timedelta64"),
        (np.random.default_rng(0), "numpy.random._generator.Generator"),
        (Unregistered(), "test_persistence.Unregistered"),
        ([{"a": (object(),)}], "builtins.object"),
    ],
)
def test_what_is_no_data_is_refused_and_the_old_file_stays(tmp_path, value, found):
    """The error names the parameter and the type; the file is as it was, and nothing beside it."""
    path = tmp_path / "model.json"
    path.write_text("old")
    with pytest.raises(PersistenceError, match=rf"^value must be data .*{found}$"):
        Keeper(value=value).fit(1).save(path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["model.json"]


@pytest.mark.parametrize(
    "value",
    [
        np.array([1j]),
        np.zeros(2, dtype=[("a", float)]),
        np.array([1], dtype="timedelta64[D]"),
        pd.Series(pd.period_range("1997", periods=2, freq="Y")),
        pd.interval_range(0, 2),
    ],
)
def test_columns_of_a_special_type_are_refused(tmp_path, value):
    """Complex, structured, duration, period and interval columns are not written wrongly."""
    with pytest.raises(PersistenceError, match="value must"):
        Keeper(value=value).fit(1).save(tmp_path / "model.json")
    assert os.listdir(tmp_path) == []


def test_a_stranger_with_a_known_name_is_refused(tmp_path):
    """A dataclass is known by identity, not by its name."""
    stranger = dataclass(frozen=True)(type("Note", (), {"__annotations__": {"text": str}}))
    with pytest.raises(PersistenceError, match=r"found .*\.Note"):
        Keeper(value=stranger("a")).fit(1).save(tmp_path / "model.json")


def test_two_stored_types_cannot_share_a_name():
    """A second dataclass of a registered name is refused when it is made."""
    clash = type("Note", (), {"__module__": "elsewhere"})
    with pytest.raises(TypeError, match="'Note' in support.keeper and elsewhere"):
        persistent_value(clash)
    assert stored_type("Note") is Note


@pytest.mark.parametrize("name", ["Popen", "", None, 1, ["Note"]])
def test_an_unknown_stored_type_is_none(name):
    """Whatever is asked for, only registered names answer."""
    assert stored_type(name) is None


@pytest.mark.parametrize("dtype", ["float64", "Int64", "datetime64[ns]", "str", "object", "bool"])
def test_plain_dtypes_pass(dtype):
    """Types that a table of results has are stored by their name."""
    assert checked_dtype(dtype, "x") == dtype


@pytest.mark.parametrize("dtype", ["U999999999", "V8", "complex128", "period[M]", "", None, 8, []])
def test_other_dtypes_are_refused(dtype):
    """A type that could ask for any amount of memory, or means nothing, is refused by name."""
    with pytest.raises(PersistenceError, match="x must have a plain dtype"):
        checked_dtype(dtype, "x")
