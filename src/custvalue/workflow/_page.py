"""The report's template, filled in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

__all__ = ["render"]


def render(contents: Mapping[str, Any]) -> str:
    """Return the page; every text that comes from the user is escaped.

    Parameters
    ----------
    contents : mapping
        What the template names. Pictures are SVG and stand under names that end in "picture".

    Returns
    -------
    str

    Raises
    ------
    ImportError
        If jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        raise ImportError(
            'the report needs jinja2, which is not installed: pip install "custvalue[report]"'
        ) from error
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    template = resources.files("custvalue.workflow").joinpath("templates", "report.html")
    return environment.from_string(template.read_text(encoding="utf-8")).render(contents)
