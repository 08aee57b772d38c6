"""Public docstrings follow numpydoc: parameters, results, and examples that run."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator

import pytest
from numpydoc.validate import ERROR_MSGS, validate

ROOMS = (
    "datasets",
    "exceptions",
    "factors",
    "lifetime",
    "plotting",
    "retention",
    "segmentation",
    "service",
    "transactions",
    "workflow",
)

OFF = {
    "ES01": "many a summary says all",
    "PR07": "a parameter whose type says all, such as `X : table as in fit`, needs no more",
    "RT02": "`self` and `frame of shape (...)` are what scikit-learn writes",
    "SA01": "a See Also section only where it helps",
}
ONLY_ON_TOP = {"EX01": "examples stand with the class or function, not with each method"}
"""Codes of numpydoc that are off, and why; all others are on."""


def public_objects() -> Iterator[tuple[str, object]]:
    """Yield path and object of every public class, function and method of the library.

    A method that classes share is yielded once.
    """
    seen = set()
    yield "custvalue.load", importlib.import_module("custvalue").load
    for room in ROOMS:
        module = importlib.import_module(f"custvalue.{room}")
        for name in module.__all__:
            for path, found in _with_members(f"custvalue.{room}.{name}", getattr(module, name)):
                if id(found) not in seen and _is_ours(found):
                    seen.add(id(found))
                    yield path, found


def _with_members(path: str, found: object) -> Iterator[tuple[str, object]]:
    yield path, found
    if not inspect.isclass(found):
        return
    for name, member in inspect.getmembers(found):
        if not name.startswith("_"):
            static = inspect.getattr_static(found, name)
            if isinstance(static, property):
                yield f"{path}.{name}", static.fget
            elif inspect.isroutine(member):
                yield f"{path}.{name}", inspect.unwrap(getattr(member, "__func__", member))


def _is_ours(found: object) -> bool:
    module = getattr(found, "__module__", None) or ""
    return callable(found) and module.split(".")[0] == "custvalue"


def complaints(path: str, *, on_top: bool) -> list[str]:
    """Return what numpydoc finds wrong, without the codes that are off."""
    off = set(OFF) if on_top else {*OFF, *ONLY_ON_TOP}
    report = validate(path)
    if "Returns\n-------\nself\n" in f"{inspect.cleandoc(report['docstring'])}\n":
        off.add("RT03")
    return [f"{code} {text}" for code, text in report["errors"] if code not in off]


def _is_on_top(path: str) -> bool:
    """Return whether a path names a class or function, not a method."""
    return path.count(".") == 2 or path == "custvalue.load"


@pytest.mark.parametrize("path", [path for path, _ in public_objects()])
def test_the_docstring_is_complete(path):
    """Every public class, function and method says what goes in and what comes out."""
    is_error = path.startswith("custvalue.exceptions.")
    assert complaints(path, on_top=_is_on_top(path) and not is_error) == []


def test_the_walk_reaches_methods_and_properties():
    """Methods, class methods and inherited methods of our own are looked at, foreign ones not."""
    first = f"custvalue.lifetime.{importlib.import_module('custvalue.lifetime').__all__[0]}"
    paths = {path for path, _ in public_objects()}
    assert f"{first}.expected_purchases" in paths
    assert f"{first}.from_params" in paths
    assert any(path.endswith(".save") for path in paths)
    assert f"{first}.get_params" not in paths


@pytest.mark.parametrize("code", [*OFF, *ONLY_ON_TOP])
def test_codes_that_are_off_exist(code):
    """The list of codes that are off has no slip of the pen."""
    assert code in ERROR_MSGS


def test_a_poor_docstring_is_found(tmp_path, monkeypatch):
    """A parameter without description of type, a lost result and a missing example are found."""
    docstring = "does things\n\n    Parameters\n    ----------\n    x\n    "
    (tmp_path / "poor_module.py").write_text(f'def f(x, y):\n    """{docstring}"""\n    return x\n')
    monkeypatch.syspath_prepend(tmp_path)
    found = " ".join(complaints("poor_module.f", on_top=True))
    for code in ("SS02", "SS03", "PR01", "PR04", "RT01", "EX01"):
        assert code in found
