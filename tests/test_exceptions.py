"""Errors of the library are the built-in ones that callers already catch."""

from __future__ import annotations

import pickle

import pytest

from custvalue import exceptions
from custvalue.exceptions import NoUncertaintyError


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("DataError", ValueError),
        ("PersistenceError", ValueError),
        ("NoUncertaintyError", ValueError),
        ("NoUncertaintyError", AttributeError),
        ("ConvergenceWarning", UserWarning),
        ("DataQualityWarning", UserWarning),
    ],
)
def test_an_error_is_a_builtin_one(name, base):
    """Code that knows only the built-in class catches ours."""
    with pytest.raises(base, match="what happened"):
        raise getattr(exceptions, name)("what happened")


@pytest.mark.parametrize("name", exceptions.__all__)
def test_an_error_survives_pickling(name):
    """Errors of worker processes arrive whole."""
    error = getattr(exceptions, name)("what happened")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == "what happened"


def test_uncertainty_that_is_not_there_looks_absent():
    """``hasattr`` answers no where an attribute raises NoUncertaintyError."""

    class Model:
        @property
        def standard_errors_(self):
            raise NoUncertaintyError("given, not estimated")

    assert not hasattr(Model(), "standard_errors_")
