from __future__ import annotations

import sys

import pytest
from jinja2 import UndefinedError

from custvalue.workflow._page import render


def test_a_template_that_is_not_filled_is_an_error():
    """Nothing is silently left blank."""
    with pytest.raises(UndefinedError, match="'title' is undefined"):
        render({"version": "0"})


def test_the_template_can_be_chosen():
    """The service report has parts of its own, and shares title and style."""
    contents = {"version": "0", "title": "A title", "headline": [], "notes": []}
    with pytest.raises(UndefinedError, match="'lines' is undefined"):
        render(contents, "service.html")


def test_without_jinja2_the_message_says_what_to_install(monkeypatch):
    """The optional library is named, and the extra that brings it."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r'pip install "custvalue\[report\]"'):
        render({})
