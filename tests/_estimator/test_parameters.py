"""Declared parameter constraints accept what they say and name what they refuse."""

from __future__ import annotations

import datetime
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.parameters import (
    StrOptions,
    as_day,
    check_choice,
    interval,
    whole_numbers,
)


class Model(BaseEstimator):
    """An estimator with one parameter of each kind."""

    _parameter_constraints: ClassVar[dict] = {
        "share": [interval(0, 1)],
        "horizon": [interval(0, None, closed="left")],
        "n_bins": [whole_numbers(2, 20)],
        "n_draws": [whole_numbers(1)],
        "method": [StrOptions({"fixed", "quantile"})],
    }

    def __init__(self, *, share=0.5, horizon=52.0, n_bins=5, n_draws=1, method="fixed"):
        self.share = share
        self.horizon = horizon
        self.n_bins = n_bins
        self.n_draws = n_draws
        self.method = method


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("share", 0.999),
        ("share", np.float64(0.5)),
        ("horizon", 0),
        ("horizon", 1e12),
        ("n_bins", 2),
        ("n_bins", 20),
        ("n_bins", np.int64(7)),
        ("n_draws", 10**9),
        ("method", "quantile"),
    ],
)
def test_what_is_inside_passes(name, value):
    """Ends that belong to the range, and NumPy's numbers, are accepted."""
    Model(**{name: value})._validate_params()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("share", 0.0),
        ("share", 1.0),
        ("share", float("nan")),
        ("share", "0.5"),
        ("horizon", -1e-9),
        ("horizon", None),
        ("n_bins", 1),
        ("n_bins", 21),
        ("n_bins", 5.0),
        ("n_draws", 0),
        ("method", "Fixed"),
        ("method", 1),
    ],
)
def test_what_is_outside_is_refused_by_name_and_value(name, value):
    """The error is a ValueError that names parameter, class and what was found."""
    with pytest.raises(ValueError, match=f"'{name}' parameter of Model .* Got {value!r}"):
        Model(**{name: value})._validate_params()


@pytest.mark.parametrize(
    "value",
    [
        "2024-02-29",
        "2024-02-29 23:59",
        datetime.date(2024, 2, 29),
        datetime.datetime(2024, 2, 29, 23, 59),
        pd.Timestamp("2024-02-29 23:59", tz="Asia/Tokyo"),
        np.datetime64("2024-02-29T12", "h"),
    ],
    ids=repr,
)
def test_dates_times_and_text_are_days(value):
    """A time is the day of its own clock."""
    assert as_day(value, "end") == datetime.date(2024, 2, 29)


@pytest.mark.parametrize(
    "value",
    ["", "soon", "29/02/2024", "2023-02-29", pd.NaT, np.datetime64("NaT"), 20240229, 1.5, None],
    ids=repr,
)
def test_what_is_no_day_is_refused(value):
    """The message names the parameter, shows how to write a date, and what was found."""
    with pytest.raises(ValueError, match=r"^end must be a date such as '2024-12-31'; found "):
        as_day(value, "end")


def test_choices():
    """One of the choices comes back; anything else is refused with all of them."""
    assert check_choice("b", "letter", ("a", "b")) == "b"
    with pytest.raises(ValueError, match="letter must be one of 'a', 'b'; found 'c'"):
        check_choice("c", "letter", ("a", "b"))
    assert check_choice(None, "cycle_from", ("placed", None)) is None
    with pytest.raises(ValueError, match=r"per must be one of 'order'; found \['order'\]"):
        check_choice(["order"], "per", ("order",))
