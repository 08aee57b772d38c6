"""Every room shows few names, in order, and each of them is there and explained."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import typing
from pathlib import Path
from types import ModuleType

import pytest

import custvalue

SOURCE = Path(custvalue.__file__).parent
DOCS = SOURCE.parents[1] / "docs"
ROOMS = sorted(
    path.name
    for path in SOURCE.iterdir()
    if (path / "__init__.py").exists() and not path.name.startswith("_")
)
MODULES = [f"custvalue.{room}" for room in (*ROOMS, "exceptions")]
MOST_NAMES = {"custvalue.plotting": 36}
"""Sixteen elsewhere. Displays are one list that nobody learns: each is found from what it shows."""


def public_names() -> list[tuple[str, str]]:
    """Return module and name of everything public."""
    return [(room, name) for room in MODULES for name in importlib.import_module(room).__all__]


@pytest.mark.parametrize("module", ["custvalue", *MODULES])
def test_names_are_sorted_and_few(module):
    """Sixteen names a room, with one exception, each once, in alphabetical order."""
    names = importlib.import_module(module).__all__
    assert list(names) == sorted(set(names), key=lambda name: (not name.isupper(), name))
    assert len(names) <= MOST_NAMES.get(module, 16)


@pytest.mark.parametrize(("module", "name"), public_names())
def test_every_name_is_there_and_explained(module, name):
    """What ``__all__`` promises can be imported and has a docstring of its own."""
    found = getattr(importlib.import_module(module), name)
    if inspect.isclass(found) or inspect.isfunction(found):
        assert found.__name__ == name
        assert "__doc__" in vars(found) or inspect.isfunction(found)
        assert inspect.getdoc(found)


@pytest.mark.parametrize("module", MODULES)
def test_nothing_public_is_left_out_of_all(module):
    """A room's module holds no class or function under a public name beyond ``__all__``."""
    room = importlib.import_module(module)
    extra = {
        name
        for name, found in vars(room).items()
        if not name.startswith("_") and (inspect.isclass(found) or inspect.isfunction(found))
    }
    assert extra <= set(room.__all__)


def test_the_face_shows_every_room():
    """The face names every public room, and nothing else but version, errors and ``load``."""
    assert set(custvalue.__all__) == {*ROOMS, "__version__", "exceptions", "load"}
    assert set(custvalue._ROOMS) == set(ROOMS)


@pytest.mark.parametrize("name", custvalue.__all__)
def test_every_name_of_the_face_is_there(name):
    """Each name of the face answers, the rooms as modules."""
    found = getattr(custvalue, name)
    assert isinstance(found, ModuleType) == (name in ROOMS or name == "exceptions")


def test_no_name_stands_in_two_rooms():
    """A public name is public once, so that ``custvalue.load`` can find classes by name."""
    names = [name for _, name in public_names()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(("module", "name"), public_names())
def test_types_of_public_functions_can_be_read(module, name):
    """Annotations of public functions and constructors name real types."""
    found = getattr(importlib.import_module(module), name)
    function = found.__init__ if inspect.isclass(found) else found
    if inspect.isfunction(function):
        assert "return" in typing.get_type_hints(function)


@pytest.fixture(scope="module")
def api_pages(tmp_path_factory):
    """Return the folder with the pages of the API reference, written anew."""
    spec = importlib.util.spec_from_file_location("api_pages", DOCS / "api_pages.py")
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    folder = tmp_path_factory.mktemp("pages")
    writer.write_api_pages(folder)
    return folder


def test_the_api_reference_has_a_page_for_every_public_name_and_no_other(api_pages):
    """What the rooms promise and what the reference explains are one list."""
    pages = {path.name.removesuffix(".rst") for path in api_pages.glob("custvalue.*.rst")}
    assert pages == {*MODULES, *(f"{module}.{name}" for module, name in public_names())}


def directive(found):
    """Return how a page calls up what has a public name."""
    if inspect.isclass(found):
        return "autoclass"
    return "autofunction" if inspect.isfunction(found) else "data"


@pytest.mark.parametrize(("module", "name"), public_names())
def test_the_page_of_a_name_shows_its_docstring(api_pages, module, name):
    """The page calls up the object itself, and the page of its room leads there."""
    page = (api_pages / f"{module}.{name}.rst").read_text(encoding="utf-8")
    assert f".. currentmodule:: {module}\n" in page
    assert f".. {directive(getattr(importlib.import_module(module), name))}:: {name}\n" in page
    assert f"   {module}.{name}\n" in (api_pages / f"{module}.rst").read_text()


def test_the_page_of_the_catalogue_shows_every_element(api_pages):
    """Data have no docstring of their own: their page lists what is in them."""
    page = (api_pages / "custvalue.service.SERVICE_ELEMENTS.rst").read_text(encoding="utf-8")
    assert "`ServiceElement`" in page
    for element in custvalue.service.SERVICE_ELEMENTS:
        assert f"      * - {element.key}\n        - {element.english}\n" in page


def test_the_reference_shows_every_room(api_pages):
    """The overview on the first page of the reference leads to every room and to the face."""
    overview = (api_pages / "rooms.inc").read_text()
    assert all(f"generated/{module}\n" in overview for module in ("custvalue", *MODULES))
    assert "generated/rooms.inc" in (DOCS / "reference" / "index.rst").read_text()
    assert ".. autofunction:: custvalue.load" in (api_pages / "custvalue.rst").read_text()
