"""Write the pages of the API reference: every room from its ``__all__``, every command's help."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

import custvalue
from custvalue.cli import app

ROOM_PAGE = """\
{title}
{rule}

.. automodule:: {module}
   :no-members:

.. currentmodule:: {module}

.. autosummary::
   :nosignatures:

{names}

.. toctree::
   :hidden:

{pages}
"""

CLASS_PAGE = """\
{title}
{rule}

.. currentmodule:: {module}

.. autoclass:: {name}
   :members:
   :inherited-members: BaseEstimator,Exception,Warning,tuple,object

.. minigallery:: {module}.{name}
   :add-heading: Used in
   :heading-level: -
"""

FUNCTION_PAGE = """\
{title}
{rule}

.. currentmodule:: {module}

.. autofunction:: {name}

.. minigallery:: {module}.{name}
   :add-heading: Used in
   :heading-level: -
"""

DATA_PAGE = """\
{title}
{rule}

.. currentmodule:: {module}

.. data:: {name}

   A tuple of `{kind}`, one a row:

   .. list-table::
      :header-rows: 1

{rows}

.. minigallery:: {module}.{name}
   :add-heading: Used in
   :heading-level: -
"""

ROOMS = """\
.. list-table::
   :widths: 30 70

{rows}

.. toctree::
   :hidden:

   generated/custvalue
{pages}
   command_line
"""

ROOM_ROW = """\
   * - :doc:`generated/custvalue.{room}`
     - {names}
"""

FACE_PAGE = """\
custvalue
=========

.. automodule:: custvalue
   :no-members:

.. autofunction:: custvalue.load
"""


def write_api_pages(folder: Path) -> None:
    """Write a page for the face, for every room and for every public name of it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "custvalue.rst").write_text(FACE_PAGE, encoding="utf-8")
    (folder / "rooms.inc").write_text(overview(), encoding="utf-8")
    for command in ("report", "fit", "score"):
        (folder / f"help_{command}.txt").write_text(help_of(command), encoding="utf-8")
    for room in rooms():
        module = importlib.import_module(f"custvalue.{room}")
        write_room(folder, module.__name__, sorted(module.__all__))


def rooms() -> list[str]:
    """Return the public sub-packages, as the face of the library lists them."""
    return [name for name in custvalue.__all__ if inspect.ismodule(getattr(custvalue, name))]


def overview() -> str:
    """Return the table of all rooms and their names, and the hidden tree of their pages."""
    rows = []
    for room in rooms():
        names = sorted(getattr(custvalue, room).__all__)
        links = ", ".join(f":obj:`~custvalue.{room}.{name}`" for name in names)
        rows.append(ROOM_ROW.format(room=room, names=links))
    pages = "\n".join(f"   generated/custvalue.{room}" for room in rooms())
    return ROOMS.format(rows="".join(rows), pages=pages)


def public_names() -> dict[str, str]:
    """Return the full name of everything public by its bare name."""
    return {
        name: f"custvalue.{room}.{name}"
        for room in rooms()
        for name in getattr(custvalue, room).__all__
    }


def help_of(command: str) -> str:
    """Return what ``custvalue COMMAND --help`` prints."""
    width = {"TERMINAL_WIDTH": "90", "COLUMNS": "90"}
    return CliRunner().invoke(app, [command, "--help"], prog_name="custvalue", env=width).output


def write_room(folder: Path, module: str, names: list[str]) -> None:
    """Write the page of a room and one page for each of its names."""
    lines = {
        "names": "\n".join(f"   {name}" for name in names),
        "pages": "\n".join(f"   {module}.{name}" for name in names),
    }
    page = ROOM_PAGE.format(title=module, rule="=" * len(module), module=module, **lines)
    (folder / f"{module}.rst").write_text(page, encoding="utf-8")
    for name in names:
        page = page_of(module, name)
        (folder / f"{module}.{name}.rst").write_text(page, encoding="utf-8")


def page_of(module: str, name: str) -> str:
    """Return the page of a class, a function, or a tuple of records of one dataclass."""
    found = getattr(importlib.import_module(module), name)
    words = {"title": name, "rule": "=" * len(name), "module": module, "name": name}
    if isinstance(found, tuple):
        return DATA_PAGE.format(kind=type(found[0]).__name__, rows=table_rows(found), **words)
    return (CLASS_PAGE if inspect.isclass(found) else FUNCTION_PAGE).format(**words)


def table_rows(records: tuple[Any, ...]) -> str:
    """Return the rows of a list-table: the fields of the records, then each record."""
    fields = [field.name for field in dataclasses.fields(records[0])]
    table = [fields, *([getattr(record, field) for field in fields] for record in records)]
    starts = ["      * -", *["        -"] * (len(fields) - 1)]
    return "\n".join(
        f"{start} {cell}" for row in table for start, cell in zip(starts, row, strict=True)
    )
