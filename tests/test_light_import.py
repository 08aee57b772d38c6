"""Importing the library costs next to nothing until something of it is used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = (
    "duckdb",
    "ibis",
    "jinja2",
    "matplotlib",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "scipy",
    "sklearn",
    "statsmodels",
    "typer",
)


def loaded_by(statement: str) -> list[str]:
    """Return the modules that a statement loads in a fresh interpreter."""
    program = (
        "import json, sys\nbefore = set(sys.modules)\n"
        f"{statement}\nprint(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_the_import_loads_the_face_and_nothing_else_of_the_library():
    """Of our own modules only the face and the version are loaded."""
    ours = [name for name in loaded_by("import custvalue") if name.startswith("custvalue")]
    assert ours == ["custvalue", "custvalue._version"]


def test_the_import_loads_no_other_library():
    """No frame, array, learning, drawing or database library is loaded by ``import custvalue``."""
    roots = {name.split(".")[0] for name in loaded_by("import custvalue; dir(custvalue)")}
    assert roots.isdisjoint(HEAVY)
    assert roots - {"custvalue"} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("room", "absent"),
    [
        ("datasets", ("ibis", "duckdb", "sklearn", "matplotlib")),
        ("lifetime", ("ibis", "duckdb", "matplotlib", "statsmodels", "polars")),
        ("segmentation", ("ibis", "duckdb", "matplotlib", "statsmodels", "polars")),
        ("factors", ("ibis", "duckdb", "matplotlib", "statsmodels", "polars")),
        ("service", ("matplotlib", "statsmodels", "polars")),
        ("plotting", ("matplotlib.pyplot", "matplotlib")),
        ("workflow", ("matplotlib", "jinja2", "statsmodels")),
    ],
)
def test_a_room_loads_only_what_it_needs(room, absent):
    """Touching a room through the face loads it, and no engine or canvas beyond its needs."""
    loaded = loaded_by(f"import custvalue; custvalue.{room}")
    assert f"custvalue.{room}" in loaded
    assert set(loaded).isdisjoint(absent)
