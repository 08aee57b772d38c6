"""A file is read as data; whatever it should not hold is refused with a clear sentence."""

from __future__ import annotations

import json

import pytest

from custvalue._estimator.reading import read_estimator
from custvalue.exceptions import PersistenceError
from support.keeper import Keeper, resolve


@pytest.fixture
def read(tmp_path):
    """Return a function that writes text or a document to a file and reads an estimator of it."""

    def from_text(document):
        path = tmp_path / "model.json"
        text = document if isinstance(document, str) else json.dumps(document)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_estimator(path, resolve)

    return from_text


def document(**changes):
    """Return a sound document with some entries changed; None removes an entry."""
    sound = {
        "format": 1,
        "library": "custvalue",
        "version": "0.1",
        "class": "Keeper",
        "parameters": {"value": 1},
        "fitted": {"kept_": [1, 2]},
    }
    return {name: value for name, value in {**sound, **changes}.items() if value is not None}


def fitted(value):
    """Return a document with this fitted value."""
    return document(fitted={"kept_": value})


def test_a_sound_document_is_read(read):
    """Parameters, missing ones at their default, and fitted values are in place."""
    model = read(document())
    assert type(model) is Keeper
    assert (model.value, model.n_bins, model.kept_) == (1, 5, [1, 2])


@pytest.mark.parametrize("version", ["0.0.1", "99.0", "not a version"])
def test_another_version_of_the_library_is_read(read, version):
    """What counts is the format, not the version of the library."""
    assert read(document(version=version)).kept_ == [1, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"must be JSON written by save\(\)"),
        (json.dumps(document())[:-20], r"must be JSON written by save\(\)"),
        ("import os", r"must be JSON"),
        ("[1, 2]", "it must be a model saved by custvalue; it is another document"),
        ("null", "it is another document"),
        ('"custvalue"', "it is another document"),
        (json.dumps({"library": "other"}), "it is another document"),
        (json.dumps(document()).replace("[1, 2]", "NaN"), "numbers must be finite; found NaN"),
        (json.dumps(document()).replace("[1, 2]", "-Infinity"), "found -Infinity"),
        (json.dumps(document()).replace("[1, 2]", "9" * 5000), "must be JSON"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_such_document_is_refused(read, text, message):
    """Empty, cut off, foreign, not strict or endless: each has its sentence, with the path."""
    with pytest.raises(PersistenceError, match=rf"model\.json .*{message}"):
        read(text)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    """A pickle or picture in place of the model is refused like any other."""
    path = tmp_path / "model.json"
    path.write_bytes(b"\x80\x05\xff\xfe")
    with pytest.raises(PersistenceError, match="must be JSON"):
        read_estimator(path, resolve)


def test_a_missing_file_is_the_usual_error(tmp_path):
    """A file that is not there is a FileNotFoundError."""
    with pytest.raises(FileNotFoundError):
        read_estimator(tmp_path / "none.json", resolve)


def deep(levels):
    """Return lists inside lists, as text."""
    return json.dumps(document()).replace("[1, 2]", "[" * levels + "]" * levels)


def test_nesting_that_json_can_read_but_we_cannot_is_refused(read):
    """The depth of a document ends in a sentence, not in a crash."""
    with pytest.raises(PersistenceError, match="nested too deeply"):
        read(deep(2000))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "it must have format 1; found 2 written by version '0.1'"),
        ({"format": None}, "it must have format 1; found None"),
        ({"format": "1"}, "it must have format 1; found '1'"),
        ({"library": "pickle"}, "it is another document"),
        ({"class": None}, r"must have \['class', 'fitted', 'parameters'\]; missing: \['class'\]"),
        ({"parameters": None}, r"missing: \['parameters'\]"),
        ({"fitted": None}, r"missing: \['fitted'\]"),
        ({"class": "Unknown"}, "class must be an estimator of custvalue; found 'Unknown'"),
        ({"class": "subprocess.Popen"}, "class must be an estimator .* found 'subprocess.Popen'"),
        ({"class": "Note"}, "class must be an estimator of custvalue; found 'Note'"),
        ({"class": "dict"}, "class must be an estimator of custvalue; found 'dict'"),
        ({"class": ["Keeper"]}, r"class must be an estimator of custvalue; found \['Keeper'\]"),
        ({"class": 7}, "class must be an estimator of custvalue; found 7"),
        ({"parameters": {"unheard": 1}}, "parameters must be those of Keeper; .*'unheard'"),
        ({"parameters": {"self": 1}}, "parameters must be those of Keeper"),
        ({"parameters": {"n_bins": "many"}}, "parameters must be those of Keeper; .*'n_bins'"),
        ({"parameters": [1]}, "parameters must be an object; found list"),
        ({"parameters": "value"}, "parameters must be an object; found str"),
        ({"fitted": {}}, "a saved model must be fitted; it has no fitted values"),
        ({"fitted": 5}, "fitted values must be an object; found int"),
    ],
)
def test_a_document_of_another_shape_is_refused(read, changes, message):
    """Unknown formats, classes and parameters are named."""
    with pytest.raises(PersistenceError, match=rf"model\.json cannot be read: .*{message}"):
        read(document(**changes))


@pytest.mark.parametrize(
    "name",
    [
        "__class__",
        "__dict__",
        "_private_",
        "predict",
        "save",
        "kept",
        "a b_",
        "",
        "_",
        "twice_",
        "1_",
    ],
)
def test_a_fitted_name_that_fit_does_not_set_is_refused(read, name):
    """Neither methods nor properties nor hidden names can be overwritten."""
    with pytest.raises(PersistenceError, match="fitted names must be those that fit sets; found"):
        read(document(fitted={name: 1}))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"$pickle": "x"}, r"one known tag; found \['\$pickle'\]"),
        ({"$float": "nan", "$tuple": []}, r"one known tag; found \['\$float', '\$tuple'\]"),
        ({}, r"one known tag; found \[\]"),
        ({"key": 1}, r"one known tag; found \['key'\]"),
        ({"$float": "abc"}, "fitted value 'kept_' must be as .* ValueError"),
        ({"$float": [1]}, "fitted value 'kept_' must be as .* TypeError"),
        ({"$tuple": 1}, "fitted value 'kept_' must be as .* TypeError"),
        ({"$dict": [[1]]}, "fitted value 'kept_' must be as .* ValueError"),
        ({"$dict": [[[1], 2]]}, "fitted value 'kept_' must be as .* TypeError"),
        ({"$dict": 3}, "fitted value 'kept_' must be as .* TypeError"),
        ({"$timestamp": "yesterday evening"}, "fitted value 'kept_' must be as"),
        ({"$timestamp": {}}, "fitted value 'kept_' must be as"),
        ({"$date": "1997"}, "fitted value 'kept_' must be as .* ValueError"),
        ({"$date": 7}, "fitted value 'kept_' must be as .* TypeError"),
        ({"$array": [1, 2]}, r"an array must have \['dtype', 'shape', 'values'\]; missing"),
        (
            {"$array": {"values": [1, 2], "dtype": "float64", "shape": [3]}},
            "fitted value 'kept_' must be as .* ValueError: cannot reshape",
        ),
        (
            {"$array": {"values": [1], "dtype": "U999999999", "shape": [1]}},
            "an array must have a plain dtype; found 'U999999999'",
        ),
        (
            {"$array": {"values": ["a"], "dtype": "float64", "shape": [1]}},
            "fitted value 'kept_' must be as .* ValueError",
        ),
        (
            {"$array": {"values": [1], "dtype": "float64", "shape": "1"}},
            "fitted value 'kept_' must be as",
        ),
        (
            {"$array": {"values": [1], "dtype": "float65536", "shape": [1]}},
            "fitted value 'kept_' must be as .* TypeError",
        ),
        ({"$index": {"labels": [1], "dtype": "int64"}}, r"an index must have .* \['names'\]"),
        (
            {"$index": {"labels": [1], "dtype": "int64", "names": ["a", "b"]}},
            "fitted value 'kept_' must be as",
        ),
        ({"$index": {"labels": [1], "dtype": None, "names": ["a"]}}, "'kept_' must be as"),
        ({"$series": {"index": 3, "name": None}}, "an index must have"),
        ({"$series": 3}, r"a series must have \['index', 'name'\]"),
        (
            {
                "$series": {
                    "index": {"labels": [1, 2], "names": [None], "dtype": "int64"},
                    "name": None,
                    "labels": [1.0],
                    "dtype": "float64",
                }
            },
            "fitted value 'kept_' must be as .* ValueError: Length",
        ),
        ({"$frame": {"index": 1}}, r"a frame must have .*; missing: \['columns', 'names'\]"),
        (
            {
                "$frame": {
                    "index": {"labels": [1], "names": [None], "dtype": "int64"},
                    "names": {"labels": [], "names": [None], "dtype": "object"},
                    "columns": 4,
                }
            },
            "fitted value 'kept_' must be as .* TypeError",
        ),
        ({"$value": {"class": "Popen", "fields": {}}}, "of a known type; found 'Popen'"),
        ({"$value": {"class": ["Note"], "fields": {}}}, r"of a known type; found \['Note'\]"),
        ({"$value": {"class": "Note", "fields": {"other": 1}}}, "'kept_' must be as .* TypeError"),
        ({"$value": {"class": "Note", "fields": [1]}}, "fields must be an object; found list"),
        ({"$value": "Note"}, r"a stored value must have \['class', 'fields'\]"),
        ({"$estimator": {"class": "Keeper"}}, r"missing: \['fitted', 'parameters'\]"),
        ({"$estimator": "Keeper"}, r"a saved model must have"),
        (
            {"$estimator": {"class": "os.system", "parameters": {}, "fitted": {}}},
            "class must be an estimator of custvalue; found 'os.system'",
        ),
        ({"$frozen": {"$pickle": ""}}, "one known tag"),
    ],
)
def test_a_value_of_another_shape_is_refused(read, value, message):
    """Each broken value ends in one sentence that says what is wrong and where."""
    with pytest.raises(PersistenceError, match=message):
        read(fitted(value))


def test_a_broken_parameter_is_named(read):
    """The sentence tells parameters from fitted values."""
    with pytest.raises(PersistenceError, match="parameter 'value' must be as save"):
        read(document(parameters={"value": {"$float": "x"}}))


@pytest.mark.parametrize(
    "value", [{"$frozen": 3}, {"$frozen": {"$timestamp": "2024-01-01"}}, {"$float": "1e999"}]
)
def test_a_value_of_our_shape_but_of_no_sense_does_no_harm(read, value):
    """Nothing is run and nothing escapes: the value is refused or is plain data."""
    try:
        read(fitted(value))
    except PersistenceError:
        return
