"""What a caller says of features is taken by name, and refused by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.mixed import read_mixed
from custvalue.segmentation._clusters.feature_parameters import (
    check_columns,
    feature_weights,
    scale_methods,
)

TABLE = read_mixed(pd.DataFrame({"money": [1.0, 2.0], "visits": [3, 4], "city": ["a", "b"]}))
NUMERIC = ["money", "visits"]


def test_one_method_serves_all_numbers():
    """A name goes to every number feature."""
    assert scale_methods(TABLE, NUMERIC, "log") == {"money": "log", "visits": "log"}


def test_methods_by_column_leave_the_default_to_the_rest():
    """Columns left out have the power transform."""
    found = scale_methods(TABLE, NUMERIC, {"visits": "none"})
    assert found == {"money": "yeo_johnson", "visits": "none"}


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        ({"age": "log"}, r"scale must name features \(money, visits, city\); found 'age'"),
        ({"city": "log"}, "scale must name features that are numbers; 'city' holds categories"),
        ({"money": "cube"}, "scale must be one of yeo_johnson, .*; found 'cube'"),
        ("cube", "scale must be one of .*; found 'cube'"),
    ],
)
def test_wrong_methods_are_refused(scale, message):
    """The message names the parameter and what was found."""
    with pytest.raises(ValueError, match=message):
        scale_methods(TABLE, NUMERIC, scale)


def test_weights_left_out_are_one():
    """Every feature has a weight."""
    assert feature_weights(TABLE, None) == {"money": 1.0, "visits": 1.0, "city": 1.0}
    assert feature_weights(TABLE, {"city": 0, "money": np.float32(2)}) == {
        "money": 2.0,
        "visits": 1.0,
        "city": 0.0,
    }


@pytest.mark.parametrize("weight", [-1, np.inf, np.nan, "2", True, None])
def test_wrong_weights_are_refused(weight):
    """A weight is a finite number of at least 0."""
    with pytest.raises(ValueError, match=r"weights\['city'\] must be a finite number of at least"):
        feature_weights(TABLE, {"city": weight})


def test_weights_of_zero_for_all_are_refused():
    """Nothing would be left to tell customers apart."""
    with pytest.raises(ValueError, match="weights must not be 0 for every feature"):
        feature_weights(TABLE, {"money": 0, "visits": 0, "city": 0})


def test_unknown_columns_are_refused():
    """The message names the parameter, the features and the first unknown name."""
    check_columns(TABLE, ["city"], "categorical")
    with pytest.raises(ValueError, match=r"weights must name features .*; found 'age'"):
        feature_weights(TABLE, {"age": 1})
    with pytest.raises(ValueError, match=r"categorical must name features .*; found 'age'"):
        check_columns(TABLE, ["city", "age"], "categorical")
