"""Weights on the two levels of a service-quality index."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._numerics.weighting import entropy_weights
from custvalue.exceptions import DataError
from custvalue.service._service_quality_index_tree import read_tree
from custvalue.service._service_quality_index_weights import (
    WeightRules,
    learn_weights,
    split_weights,
)

TREE = read_tree({"speed": ["a", "b"], "care": ["c"]})
VALUES = np.array([[7.0, 9, 9], [8, 7, 8], [9, 6, 8], [6, 7, 8]])
ALL = np.ones(3, dtype=bool)


def learned(weights="equal", dimensions="equal", usable=ALL, comparisons=None):
    """Return what three indicators in four rows weigh."""
    rules = WeightRules(weights, dimensions, comparisons or {})
    return learn_weights(TREE, VALUES, np.ones(4), usable, rules)


def test_equal_weights_are_equal_on_each_level():
    """Not over all indicators: that is what "sum" does."""
    equal = learned().weights
    assert equal.within.tolist() == [0.5, 0.5, 1]
    assert equal.dimensions.tolist() == [0.5, 0.5]
    assert equal.of_indicators(TREE).tolist() == [0.25, 0.25, 0.5]
    total = learned(dimensions="sum").weights
    np.testing.assert_allclose(total.of_indicators(TREE), [1 / 3] * 3, rtol=1e-15)


def test_given_weights_are_shares_within_their_dimension():
    """Those of the dimensions are their own, or the sums."""
    weights = pd.Series({"a": 1.0, "b": 3.0, "c": 4.0})
    own = learned(weights, {"speed": 0.9, "care": 0.1}).weights
    np.testing.assert_allclose(own.within, [0.25, 0.75, 1], rtol=1e-15)
    np.testing.assert_allclose(own.of_indicators(TREE), [0.225, 0.675, 0.1], rtol=1e-15)
    total = learned(weights, "sum").weights
    np.testing.assert_allclose(total.of_indicators(TREE), weights / 8, rtol=1e-15)


def test_entropy_is_taken_level_by_level():
    """Of the indicators of a dimension, then of the scores by dimension."""
    found = learned("entropy", "entropy").weights
    within = entropy_weights(VALUES[:, :2]).weights
    np.testing.assert_allclose(found.within, [*within, 1], rtol=1e-14)
    scores = np.column_stack([VALUES[:, :2] @ within, VALUES[:, 2]])
    np.testing.assert_allclose(found.dimensions, entropy_weights(scores).weights, rtol=1e-12)


def test_comparisons_are_those_of_each_level():
    """A dimension of one indicator needs none; each level has its consistency ratio."""
    comparisons = {"speed": [[1, 4], [0.25, 1]], "dimensions": [[1, 3], [1 / 3, 1]]}
    found = learned("ahp", "ahp", comparisons=comparisons)
    np.testing.assert_allclose(found.weights.within, [0.8, 0.2, 1], rtol=1e-14)
    np.testing.assert_allclose(found.weights.dimensions, [0.75, 0.25], rtol=1e-14)
    assert found.consistency_ratios == {"speed": 0.0, "dimensions": 0.0}
    with pytest.raises(ValueError, match="comparisons must be given.*found None for a, b"):
        learned("ahp")


def test_constant_indicators_leave_their_weight_to_the_others():
    """In their dimension; one with constant indicators alone is refused."""
    usable = np.array([False, True, True])
    assert learned({"a": 3, "b": 1, "c": 4}, usable=usable).weights.within.tolist() == [0, 1, 1]
    total = learned({"a": 3, "b": 1, "c": 4}, "sum", usable=usable).weights
    np.testing.assert_allclose(total.dimensions, [0.2, 0.8], rtol=1e-15)
    with pytest.raises(DataError, match="dimension 'care' must have an indicator whose values dif"):
        learned(usable=np.array([True, True, False]))


def test_wrong_weights_name_their_level():
    """Indicators and dimensions."""
    with pytest.raises(ValueError, match="^weights must.*missing: 'c'"):
        learned({"a": 1, "b": 1})
    with pytest.raises(ValueError, match="weights must not all be 0; found 0 for a, b"):
        learned({"a": 0, "b": 0, "c": 1})
    with pytest.raises(ValueError, match="^dimension_weights must.*missing: 'care'"):
        learned(dimensions={"speed": 1})


def test_weights_of_the_whole_are_split_and_put_together_again():
    """A dimension without weight keeps none."""
    given = {"a": 0.0, "b": 0.0, "c": 5.0}
    split = split_weights(given, TREE, parameter="weights_before")
    assert split.of_indicators(TREE).tolist() == [0, 0, 1]
    given = {"a": 0.2, "b": 0.3, "c": 0.5}
    split = split_weights(given, TREE, parameter="weights_before")
    np.testing.assert_allclose(split.of_indicators(TREE), [0.2, 0.3, 0.5], rtol=1e-15)
    with pytest.raises(ValueError, match="weights_before must"):
        split_weights({"a": 1}, TREE, parameter="weights_before")
