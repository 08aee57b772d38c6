"""Weights of indicators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import DataError
from custvalue.service._weighted_score_weights import (
    given_weights,
    is_given,
    is_positional,
    named_weights,
    weigh,
)

NAMES = ["a", "b", "c"]
# Reference, section 1.14: pymcdm 1.4.0 gives the same entropy weights to six digits.
ALTERNATIVES = np.array([[7.0, 9, 9], [8, 7, 8], [9, 6, 8], [6, 7, 8]])
ENTROPY_WEIGHTS = [0.474918, 0.467691, 0.057391]
ENTROPIES = [0.991936, 0.992058, 0.999025]
# Reference, section 1.14, by the eigenvector.
COMPARISONS = np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])
AHP_WEIGHTS = [0.636986, 0.258285, 0.104729]
CONSISTENCY_RATIO = 0.033199
ALL = np.ones(3, dtype=bool)


def found(method, usable=ALL, values=ALTERNATIVES, **more):
    """Return the weights of three indicators in four rows."""
    return weigh(method, NAMES, values, np.ones(len(values)), usable=usable, **more)


def test_entropy_gives_the_published_weights():
    """And the entropies behind them; half a unit of the sixth digit."""
    weighing = found("entropy")
    assert weighing.weights == pytest.approx(ENTROPY_WEIGHTS, abs=5e-7)
    assert weighing.entropies == pytest.approx(ENTROPIES, abs=5e-7)


def test_comparisons_give_the_published_weights():
    """From an array, and from a frame in any order; with the consistency ratio."""
    frame = pd.DataFrame(COMPARISONS, index=NAMES, columns=NAMES).loc[["c", "a", "b"]]
    for comparisons in (COMPARISONS, COMPARISONS.tolist(), frame[["b", "a", "c"]]):
        weighing = found("ahp", comparisons=comparisons)
        assert weighing.weights == pytest.approx(AHP_WEIGHTS, abs=5e-7)
        assert weighing.consistency_ratio == pytest.approx(CONSISTENCY_RATIO, abs=5e-7)


def test_equal_and_given_weights_sum_to_one():
    """Given weights are found by name, in a mapping or a Series."""
    assert found("equal").weights.tolist() == [1 / 3] * 3
    for given in ({"c": 6, "a": 1, "b": 3}, pd.Series({"b": 3.0, "a": 1.0, "c": 6.0})):
        assert found(given).weights.tolist() == [0.1, 0.3, 0.6]


@pytest.mark.parametrize("method", ["equal", {"a": 1, "b": 2, "c": 1}, "ahp", "entropy"])
def test_what_is_not_usable_has_no_weight(method):
    """The others share it as they stand to each other."""
    usable = np.array([True, False, True])
    whole = found(method, comparisons=COMPARISONS).weights
    part = found(method, usable=usable, comparisons=COMPARISONS).weights
    assert part[1] == 0
    assert part.sum() == pytest.approx(1, abs=1e-15)
    assert part[0] / part[2] == pytest.approx(whole[0] / whole[2], rel=1e-12)


def test_one_indicator_has_all_the_weight():
    """Whatever the method; but given weights must be right."""
    for method in ("equal", "entropy", "ahp", {"a": 7}):
        one = weigh(method, ["a"], np.ones((2, 1)), np.ones(2), usable=ALL[:1])
        assert one.weights.tolist() == [1]
    with pytest.raises(ValueError, match="not all be 0"):
        weigh({"a": 0}, ["a"], np.ones((2, 1)), np.ones(2), usable=ALL[:1])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"a": 1, "b": 1}, "missing: 'c'; not among them: none"),
        ({"a": 1, "b": 1, "c": 1, "d": 1}, "missing: none; not among them: 'd'"),
        ({"a": 1, "b": -0.5, "c": 1}, "not negative; found -0.5 for 'b'"),
        ({"a": 1, "b": np.nan, "c": 1}, "found nan for 'b'"),
        ({"a": 1, "b": "much", "c": 1}, "found 'much' for 'b'"),
        ({"a": 0, "b": 0, "c": 0}, "not all be 0; found 0 for a, b, c"),
        (pd.Series([1, 1, 1, 1], index=list("abca")), "'a' comes again"),
    ],
)
def test_wrong_weights_are_refused(weights, message):
    """The name at fault is in the message, and that of the parameter."""
    with pytest.raises(ValueError, match=f"importance must.*{message}"):
        given_weights(weights, NAMES, parameter="importance")


def test_weights_on_constant_items_alone_are_refused():
    """They leave nothing to score by."""
    with pytest.raises(DataError, match="all of a, b, c are constant or have weight 0"):
        found({"a": 1, "b": 0, "c": 0}, usable=np.array([False, True, True]))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (ALTERNATIVES - [0, 6.5, 0], "at least 0; 'b' has -0.5"),
        (np.ones((4, 3)), "all are constant"),
        (ALTERNATIVES[:1], "at least two values"),
    ],
)
def test_values_without_an_entropy_are_refused(values, message):
    """Negative, constant, or too few."""
    with pytest.raises(DataError, match=f"weights='entropy'.*{message}"):
        found("entropy", values=values)


def test_comparisons_must_be_given():
    """The error names the items."""
    with pytest.raises(ValueError, match="must be given where weights are 'ahp'; found None for a"):
        found("ahp")


def test_only_names_make_weights_given():
    """A mapping or a Series, not the name of a method."""
    assert is_given({"a": 1})
    assert is_given(pd.Series({"a": 1}))
    assert not is_given("equal")


@pytest.mark.parametrize("weights", [[2, 1], (2, 1), np.array([2, 1]), pd.Series([2, 1])])
def test_weights_without_names_go_by_position(weights):
    """Sequences and a Series without labels; their number must be right."""
    assert is_positional(weights)
    assert named_weights(weights, ["a", "b"]) == {"a": 2, "b": 1}
    with pytest.raises(ValueError, match="one entry for each of a, b, c; found 2"):
        named_weights(weights, ["a", "b", "c"])


@pytest.mark.parametrize("weights", ["equal", {"a": 1}, pd.Series({"a": 1})])
def test_weights_with_names_do_not(weights):
    """Nor does the name of a method."""
    assert not is_positional(weights)
