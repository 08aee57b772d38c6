"""The templates of reports, filled in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

__all__ = ["render"]


def render(contents: Mapping[str, Any], template: str = "report.html") -> str:
    """Return the page; every text that comes from the user is escaped.

    Parameters
    ----------
    contents : mapping
        What the template names. Pictures are SVG and stand under names that end in "picture".
    template : str, default="report.html"
        Name of its file.

    Returns
    -------
    str

    Raises
    ------
    ImportError
        If jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, FunctionLoader, StrictUndefined
    except ImportError as error:
        raise ImportError(
            'the report needs jinja2, which is not installed: pip install "custvalue[report]"'
        ) from error
    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template(template).render(contents)


def _source(name: str) -> str:
    file = resources.files("custvalue.workflow").joinpath("templates", name)
    return file.read_text(encoding="utf-8")
