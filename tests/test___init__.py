"""The face of the library: its version, its rooms, and the way back from a file."""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys

import pytest

import custvalue
from custvalue.exceptions import PersistenceError
from custvalue.lifetime import BetaGeoNBD, LifetimeValue
from custvalue.segmentation import RFMScorer

PARAMS = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}


@pytest.fixture
def saved(tmp_path):
    """Return the path of a saved model of published parameters."""
    path = tmp_path / "model.json"
    BetaGeoNBD.from_params(PARAMS, horizon=39.0).save(path)
    return path


def change(path, **entries):
    """Change entries of a saved document."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))


def test_the_version_is_that_of_the_package():
    """One version, in one place, in the form that installers understand."""
    assert custvalue.__version__ == importlib.metadata.version("custvalue")
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?(\.?(dev|a|b|rc)\d+)?", custvalue.__version__)


@pytest.mark.parametrize("room", ["datasets", "lifetime", "segmentation", "exceptions"])
def test_a_room_answers_by_name(room):
    """A room is there as an attribute, without an import of its own."""
    assert getattr(custvalue, room) is sys.modules[f"custvalue.{room}"]


@pytest.mark.parametrize("name", ["_numerics_", "lifetimes", "BetaGeoNBD", "__path_to__"])
def test_an_unknown_name_is_an_attribute_error(name):
    """A slip of the pen does not become an import."""
    with pytest.raises(AttributeError, match=f"'custvalue' has no attribute '{name}'"):
        getattr(custvalue, name)


def test_the_directory_lists_the_public_names():
    """``dir`` shows what is public, in order, so that completion works before the first use."""
    assert dir(custvalue) == sorted(custvalue.__all__)


@pytest.mark.parametrize("as_text", [True, False])
def test_a_model_comes_back_from_its_file(saved, as_text):
    """The path may be text; class, parameters and fitted values are those saved."""
    model = custvalue.load(str(saved) if as_text else saved)
    assert type(model) is BetaGeoNBD
    assert model.horizon == 39.0
    assert model.params_.to_dict() == PARAMS


def test_an_estimator_with_an_estimator_inside_comes_back(tmp_path):
    """Parameters that are estimators are found among the public classes too."""
    model = LifetimeValue(attrition=BetaGeoNBD(horizon=3.0))
    model.attrition_ = BetaGeoNBD.from_params(PARAMS)
    model.save(tmp_path / "value.json")
    again = custvalue.load(tmp_path / "value.json")
    assert again.attrition.horizon == 3.0
    assert again.attrition_.params_.to_dict() == PARAMS


@pytest.mark.parametrize(
    "name",
    [
        "subprocess.Popen",
        "os.system",
        "Pipeline",
        "AttritionModel",
        "SegmentRule",
        "load_cdnow",
        "DataError",
        "custvalue.lifetime.BetaGeoNBD",
        "__class__",
        "",
    ],
)
def test_only_public_estimators_can_be_named(saved, name):
    """Other libraries, private classes, functions and plain values are refused by name."""
    change(saved, **{"class": name})
    with pytest.raises(PersistenceError, match=f"estimator of custvalue; found {name!r}"):
        custvalue.load(saved)


def test_a_file_runs_nothing(saved, tmp_path):
    """A hostile file that names a command leaves no trace of it."""
    trace = tmp_path / "trace"
    hostile = {
        "class": "Popen",
        "parameters": {"args": ["touch", str(trace)]},
        "fitted": {"params_": {"$value": {"class": "Popen", "fields": {"args": str(trace)}}}},
    }
    change(saved, fitted={"params_": {"$estimator": hostile}})
    with pytest.raises(PersistenceError):
        custvalue.load(saved)
    assert not trace.exists()


def test_a_file_of_another_class_is_not_taken_for_ours(tmp_path):
    """A class of another room has its own parameters; mixing them is refused."""
    path = tmp_path / "model.json"
    scorer = RFMScorer()
    scorer.cut_points_ = 1
    scorer.save(path)
    change(path, **{"class": "BetaGeoNBD"})
    with pytest.raises(PersistenceError, match="parameters must be those of BetaGeoNBD"):
        custvalue.load(path)


def test_a_missing_file_says_so(tmp_path):
    """A wrong path is the usual error of the file system."""
    with pytest.raises(FileNotFoundError, match=r"none\.json"):
        custvalue.load(tmp_path / "none.json")
