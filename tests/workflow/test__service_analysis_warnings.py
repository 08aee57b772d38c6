from __future__ import annotations

import warnings

import pytest

from custvalue.exceptions import ConvergenceWarning, DataQualityWarning
from custvalue.workflow._service_analysis_warnings import told_at_the_call


def say(*sentences, then=None):
    """Warn of each sentence within, and perhaps fail."""
    with told_at_the_call():
        for category, text in sentences:
            warnings.warn_explicit(text, category, "elsewhere.py", 7)
        if then is not None:
            raise then


def heard(*sentences):
    """Return the warnings that reach the user."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        say(*sentences)
    return said


def test_a_warning_is_given_once_at_the_line_of_the_user():
    """What is said twice inside is said once, at the line that is not of the library."""
    said = heard(*[(DataQualityWarning, "doubtful")] * 2)
    assert [(str(one.message), one.filename) for one in said] == [("doubtful", __file__)]


def test_another_text_or_kind_is_another_warning():
    """Two sentences are two warnings, and so are two kinds of one sentence."""
    kinds = [(DataQualityWarning, "a"), (DataQualityWarning, "b"), (ConvergenceWarning, "a")]
    assert [(one.category, str(one.message)) for one in heard(*kinds)] == kinds


def test_other_warnings_go_their_way():
    """Those of other libraries keep their place."""
    said = heard((FutureWarning, "soon"))
    assert [(one.filename, one.lineno) for one in said] == [("elsewhere.py", 7)]


def test_an_error_is_told_alone():
    """The filters of the user are back afterwards."""
    before = list(warnings.filters)
    with pytest.raises(ZeroDivisionError):
        say((DataQualityWarning, "doubtful"), then=ZeroDivisionError())
    assert warnings.filters == before


def test_a_filter_of_the_user_holds():
    """Warnings that are errors stay errors, as they are in these tests."""
    with pytest.raises(DataQualityWarning, match="doubtful"):
        say((DataQualityWarning, "doubtful"))
