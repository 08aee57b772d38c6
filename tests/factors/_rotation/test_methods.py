"""Rotations by name and their options."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.factors._rotation.methods import METHODS, check_options

SHAPE = (6, 2)
GOAL = np.where(np.eye(6, 2) == 1, np.nan, 0.0)


def test_defaults():
    """Options that are not given have their usual values."""
    assert check_options("oblimin", None, SHAPE) == {"gamma": 0.0}
    assert check_options("promax", {}, SHAPE) == {"power": 4.0}
    assert check_options("geomin_oblique", None, SHAPE) == {"epsilon": 0.01}
    assert check_options("simplimax", None, SHAPE) == {"n_small": 6}
    assert check_options("varimax", None, SHAPE) == {}
    assert check_options(None, None, SHAPE) == {}


def test_given_options_are_kept():
    """Numbers of numpy and nested lists are taken."""
    assert check_options("oblimin", {"gamma": np.float64(-0.5)}, SHAPE) == {"gamma": -0.5}
    assert check_options("simplimax", {"n_small": np.int64(3)}, SHAPE) == {"n_small": 3}
    kept = check_options("target_oblique", {"target": GOAL.tolist()}, SHAPE)
    np.testing.assert_array_equal(kept["target"], GOAL)


def test_a_target_is_copied():
    """What the caller does to the array afterwards changes nothing."""
    goal = GOAL.copy()
    kept = check_options("target_oblique", {"target": goal}, SHAPE)
    goal[:] = 9
    np.testing.assert_array_equal(kept["target"], GOAL)


@pytest.mark.parametrize(
    ("method", "options", "error", "says"),
    [
        ("oblimax", None, ValueError, "rotation must be one of .* found 'oblimax'"),
        ("varimax", {"power": 3}, ValueError, "takes no option; found 'power'"),
        (None, {"power": 3}, ValueError, "takes no option; found 'power'"),
        ("promax", {"gamma": 3}, ValueError, "takes only the option 'power'; found 'gamma'"),
        ("promax", {"power": 1}, ValueError, "'power' must be a finite number above 1; found 1"),
        ("promax", {"power": True}, TypeError, "'power' must be a finite number above 1"),
        ("oblimin", {"gamma": np.inf}, ValueError, "'gamma' must be a finite number; found inf"),
        ("oblimin", {"gamma": "0"}, TypeError, "'gamma' must be a finite number; found '0'"),
        ("geomin_oblique", {"epsilon": 0}, ValueError, "'epsilon' must be a finite number above 0"),
        ("simplimax", {"n_small": 13}, ValueError, "from 1 to 12, .* found 13"),
        ("simplimax", {"n_small": 0}, ValueError, "from 1 to 12, .* found 0"),
        ("simplimax", {"n_small": 2.0}, TypeError, "a whole number from 1 to 12"),
        ("target_oblique", None, ValueError, "NaN where a loading is free; found none"),
        ("target_oblique", {"target": [[1, 2]]}, ValueError, r"6 items by 2 factors; found .*1, 2"),
        ("target_oblique", {"target": "a"}, TypeError, "of numbers; found 'a'"),
        ("target_oblique", {"target": GOAL * np.nan}, ValueError, "found only NaN"),
        ("target_oblique", {"target": GOAL + np.inf}, ValueError, "found an infinite one"),
    ],
)
def test_what_must_hold_is_said(method, options, error, says):
    """The message names the option, the rule and what was found."""
    with pytest.raises(error, match=says):
        check_options(method, options, SHAPE)


def test_names_tell_whether_factors_may_correlate():
    """Promax starts orthogonally and ends obliquely."""
    oblique = {name for name, method in METHODS.items() if method.oblique}
    assert oblique == {
        "bentler_oblique",
        "geomin_oblique",
        "infomax_oblique",
        "oblimin",
        "promax",
        "quartimin",
        "simplimax",
        "target_oblique",
    }
    assert list(METHODS) == sorted(METHODS)
