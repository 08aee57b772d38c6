"""The house stands: imports point down, none is hidden, none goes round in a circle."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.architecture import (
    FACE,
    Allowance,
    cycles,
    foreign_privates,
    hidden_imports,
    is_hidden,
    module_names,
    private_imports,
    read_imports,
    relative_imports,
    wrong_arrows,
)

SOURCE = Path(__file__).parents[1] / "src" / "custvalue"

FLOORS = {
    "cli": 9,
    FACE: 8,
    "load": 8,
    "__version__": 8,
    "workflow": 7,
    "plotting": 6,
    "evaluation": 5,
    "datasets": 5,
    "transactions": 4,
    "lifetime": 4,
    "retention": 4,
    "segmentation": 4,
    "factors": 4,
    "service": 4,
    "_likelihood": 3,
    "_estimator": 2,
    "_tables": 2,
    "_numerics": 1,
    "exceptions": 0,
    "_typing": 0,
    "_catalogue": 0,
    "_version": 0,
}
"""The face stands below the command, the only module that may import it."""

PUBLIC_ROOMS = [room for room, floor in FLOORS.items() if 4 <= floor <= 7]

ALLOWED = [
    Allowance("__init__.py", "load", "custvalue._estimator.reading.*", "the face is lazy"),
    Allowance("__init__.py", "_public_class", "?", "the face is lazy"),
    Allowance("__init__.py", "__getattr__", "?", "the face is lazy"),
    Allowance("_estimator/output.py", "build_frame", "polars", "only where the caller has it"),
    Allowance("_estimator/output.py", "build_frame", "pyarrow", "only where it is asked for"),
    Allowance(
        "_likelihood/engine_rows.py", "distinct_rows", "custvalue._tables.*", "no engine yet"
    ),
    Allowance("_tables/spark.py", "collect", "pyspark*", "Spark is optional"),
    Allowance("_tables/spark.py", "_schema", "ibis.backends.pyspark*", "Spark is optional"),
    Allowance("plotting/*.py", "plot", "matplotlib*", "drawing is optional"),
    Allowance("workflow/_page.py", "render", "jinja2*", "the report is optional"),
    Allowance("workflow/_score_job.py", "in_spark", "pyspark*", "Spark is optional"),
    Allowance("workflow/_svg.py", "_drawn", "matplotlib*", "the report is optional"),
]


@pytest.fixture(scope="module")
def imports():
    """Return every import of the library."""
    return read_imports(SOURCE)


def test_every_import_points_to_a_lower_floor_or_stays_in_its_room(imports):
    """A room imports only from lower floors; rooms of one floor never import each other."""
    assert wrong_arrows(imports, FLOORS) == []


def test_every_module_has_a_floor():
    """A new room is first given its floor here."""
    rooms = {path.name.removesuffix(".py") for path in SOURCE.iterdir() if _is_source(path)}
    assert rooms - {"__init__"} <= set(FLOORS)


def test_no_modules_import_each_other_in_a_circle(imports):
    """The imports have no cycle, lazy ones counted."""
    assert cycles(imports, module_names(SOURCE)) == []


def test_no_import_is_relative(imports):
    """Every import names its module in full."""
    assert relative_imports(imports) == []


def test_no_import_is_hidden(imports):
    """Imports stand at the top of their module, but for those allowed by name."""
    assert hidden_imports(imports, ALLOWED) == []


@pytest.mark.parametrize("allowance", ALLOWED, ids=lambda one: f"{one.file}-{one.target}")
def test_every_allowance_is_needed(imports, allowance):
    """An allowance that no import uses any more is struck off the list."""
    assert any(is_hidden(found) and allowance.covers(found) for found in imports)


def test_private_names_of_scikit_learn_are_imported_in_one_room(imports):
    """What scikit-learn may change without notice is imported in _estimator alone."""
    assert private_imports(imports, "sklearn", home="_estimator") == []


def test_private_modules_of_a_public_room_stay_in_it(imports):
    """A public room is used through its public names by everybody else."""
    assert foreign_privates(imports, PUBLIC_ROOMS) == []


def _is_source(path: Path) -> bool:
    return path.suffix == ".py" or (path / "__init__.py").exists()


@pytest.fixture
def plant(tmp_path):
    """Return a function that writes one module of a made-up house and reads its imports."""

    def write(file: str, text: str):
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return read_imports(tmp_path)

    return write


def test_an_upward_arrow_is_found(plant):
    """The message says file, line, both rooms and their floors."""
    found = plant(
        "lifetime/value.py", '"""A module."""\n\nfrom custvalue.plotting import Picture\n'
    )
    assert wrong_arrows(found, FLOORS) == [
        "custvalue/lifetime/value.py:3: lifetime (floor 4) must not import "
        "custvalue.plotting.Picture (floor 6)"
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "import custvalue.segmentation",
        "from custvalue import segmentation",
        "from custvalue.segmentation.rfm_scorer import RFMScorer",
        "def f():\n    from custvalue.segmentation import RFMScorer",
        "import custvalue",
        "from custvalue import load",
    ],
)
def test_a_room_of_the_same_floor_or_the_face_is_found(plant, statement):
    """However the import is written, a sideways or upward arrow does not pass."""
    assert len(wrong_arrows(plant("lifetime/value.py", statement), FLOORS)) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "from custvalue.lifetime import GammaGamma",
        "from custvalue._numerics.delta import f",
        "import os",
    ],
)
def test_arrows_down_inside_and_outside_pass(plant, statement):
    """Lower floors, the own room and other libraries are fine."""
    assert wrong_arrows(plant("lifetime/value.py", statement), FLOORS) == []


def test_a_room_without_a_floor_is_found(plant):
    """A room that nobody has given a floor does not pass unseen."""
    assert wrong_arrows(plant("attic/box.py", "import custvalue.exceptions"), FLOORS) == [
        "custvalue/attic/box.py:1: 'attic' has no floor"
    ]


def test_a_cycle_is_found_although_one_of_its_arrows_is_lazy(plant, tmp_path):
    """Two modules of one room that need each other are a cycle, also by a late import."""
    plant("lifetime/one.py", "from custvalue.lifetime.two import b")
    found = plant("lifetime/two.py", "def f():\n    from custvalue.lifetime.one import a\n")
    [message] = cycles(found, module_names(tmp_path))
    assert "custvalue.lifetime.one" in message
    assert "custvalue.lifetime.two" in message


def test_a_cycle_through_the_room_is_found(plant, tmp_path):
    """A module that imports from its own package, which imports the module, is a cycle."""
    plant("lifetime/__init__.py", "from custvalue.lifetime.one import a")
    found = plant("lifetime/one.py", "from custvalue.lifetime import a")
    assert cycles(found, module_names(tmp_path)) != []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("def f():\n    import matplotlib", "f()"),
        ("class C:\n    def draw(self):\n        import matplotlib.pyplot", "draw()"),
        ("try:\n    import matplotlib\nexcept ImportError:\n    matplotlib = None", "statement"),
        ("if True:\n    import matplotlib", "statement"),
        ("import importlib\nm = importlib.import_module('matplotlib')", "call"),
        ("m = __import__('matplotlib')", "call"),
        ("from importlib import import_module\nm = import_module(name)", "call"),
    ],
)
def test_a_hidden_import_is_found(plant, text, place):
    """Functions, try, if and import calls hide nothing."""
    [message] = hidden_imports(plant("lifetime/value.py", text), ALLOWED)
    assert message.startswith("custvalue/lifetime/value.py:")
    assert message.endswith(place)


def test_the_same_import_passes_where_it_is_allowed(plant):
    """Drawing code inside .plot() of a Display is allowed, inside another function it is not."""
    text = "class D:\n    def {}(self):\n        import matplotlib.pyplot\n"
    assert hidden_imports(plant("plotting/display.py", text.format("plot")), ALLOWED) == []
    assert hidden_imports(plant("plotting/display.py", text.format("prepare")), ALLOWED) != []


def test_an_import_for_type_checking_is_not_hidden(plant):
    """Both branches of ``if TYPE_CHECKING`` count as the top of the module."""
    text = "if TYPE_CHECKING:\n    import os\nelse:\n    import sys\n"
    assert hidden_imports(plant("lifetime/value.py", text), []) == []


@pytest.mark.parametrize("text", ["from . import x", "from .x import y", "from .. import z"])
def test_a_relative_import_is_found(plant, text):
    """Leading dots are found whatever follows them."""
    assert len(relative_imports(plant("lifetime/value.py", text))) == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("from sklearn.utils._param_validation import Interval", 1),
        ("from sklearn.utils.validation import _is_arraylike", 1),
        ("from sklearn.utils.validation import check_is_fitted", 0),
    ],
)
def test_a_private_name_of_scikit_learn_is_found(plant, text, count):
    """Private modules and private members are found, public ones pass; in _estimator all pass."""
    assert len(private_imports(plant("lifetime/value.py", text), "sklearn", "_estimator")) == count
    inside = plant("_estimator/door.py", text)
    assert len(private_imports(inside, "sklearn", "_estimator")) == count


def test_a_private_module_of_another_room_is_found(plant):
    """The workflow may use the rooms, not what is behind their public names."""
    text = "from custvalue.lifetime._attrition import AttritionModel"
    assert len(foreign_privates(plant("workflow/analysis.py", text), PUBLIC_ROOMS)) == 1
