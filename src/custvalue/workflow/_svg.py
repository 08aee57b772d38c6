"""Pictures as SVG that takes its colours and letters from the page it stands on."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any
from xml.etree import ElementTree

from custvalue.plotting.style import INKS

__all__ = ["picture"]

_ROLES = {ink: f"var(--{role})" for role, ink in INKS.items()}
_INK = re.compile("|".join(_ROLES))
_FONT = re.compile(r"\s*font-family:[^;]*;?")
_REFERENCE = re.compile(r"#([\w-]+)")
_DROPPED = ("metadata", "style")


def picture(display: Any, label: str, name: str) -> str:
    """Draw a Display as an SVG element for an HTML page.

    Its inks become CSS variables (``var(--ink)`` and so on), so that the picture follows a light or
    dark page; its text stays text, in the font of the page.

    Parameters
    ----------
    display : Display
    label : str
        What the picture shows, for those who cannot see it.
    name : str
        Unique on the page; its ids begin with it.

    Returns
    -------
    str

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    root = ElementTree.fromstring(_drawn(display))
    _strip(root)
    used = {found for element in root.iter() for found in _references(element)}
    for element in root.iter():
        _translate(element, name, used)
    box = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib |= {"viewBox": box, "role": "img", "aria-label": label}
    return ElementTree.tostring(root, encoding="unicode")


def _drawn(display: Any) -> str:
    """Draw without pyplot and without the user's settings, which stay as they are."""
    try:
        from matplotlib import style
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            'the report needs matplotlib, which is not installed: pip install "custvalue[report]"'
        ) from error
    settings = {"svg.fonttype": "none", "svg.hashsalt": "custvalue"}
    file = StringIO()
    with style.context(["default", settings]):
        figure = Figure(figsize=display.size, layout="constrained")
        display.plot(figure.add_subplot())
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return file.getvalue()


def _strip(element: ElementTree.Element) -> None:
    """Take away what only a file of its own needs, and name elements without their namespace."""
    element.tag = element.tag.rpartition("}")[2]
    for child in list(element):
        _strip(child)
        empty = child.tag in ("defs", "g") and len(child) == 0
        if child.tag in _DROPPED or empty:
            element.remove(child)
    if len(element):
        element.text = None
    element.tail = None


def _references(element: ElementTree.Element) -> list[str]:
    return [
        found
        for key, value in element.attrib.items()
        if key.endswith("href") or key == "clip-path"
        for found in _REFERENCE.findall(value)
    ]


def _translate(element: ElementTree.Element, name: str, used: set[str]) -> None:
    """Write attributes for the page: short, with its variables, and with ids that are its own."""
    for key, value in list(element.attrib.items()):
        del element.attrib[key]
        short = key.rpartition("}")[2]
        if short == "id" and value not in used:
            continue
        element.attrib[short] = _value(short, value, name)


def _value(key: str, value: str, name: str) -> str:
    if key == "id":
        return f"{name}-{value}"
    if key in ("href", "clip-path"):
        return _REFERENCE.sub(rf"#{name}-\1", value)
    if key == "style":
        return _INK.sub(lambda ink: _ROLES[ink[0]], _FONT.sub("", value)).strip()
    return " ".join(value.split())
