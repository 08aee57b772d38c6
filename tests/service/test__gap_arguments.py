"""What the parameters of an analysis of service gaps must be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue.exceptions import DataError
from custvalue.service._gap_arguments import (
    check_dimensions,
    check_prefixes,
    check_weights,
    is_weight,
    observed_scale,
    refuse_unanswered,
    total_doubts,
)

DIMENSIONS = {"speed": "delivery", "stock": "delivery", "advice": "care"}


@pytest.mark.parametrize("pair", [("E_", "E_"), ("E_", "E_P_"), ("E_P_", "E_"), ("", "P_")])
def test_beginnings_of_names_can_be_told_apart(pair):
    """Neither may begin with the other; where only perceptions are asked all is well."""
    with pytest.raises(ValueError, match="expectation and perception must begin the names"):
        check_prefixes(*pair)
    check_prefixes("E_", "P_")
    check_prefixes(None, "")


def test_dimensions_are_text_by_text():
    """No other type, no empty mapping, and no name that the result has for something else."""
    for wrong in ({}, {"speed": 1}, {1: "delivery"}, {"speed": None}):
        with pytest.raises(ValueError, match="dimensions must name the dimension of each item"):
            check_dimensions(wrong)
    for name in ("overall", "weighted"):
        with pytest.raises(ValueError, match=f"columns of the result; found '{name}'"):
            check_dimensions({"speed": name})
    check_dimensions(DIMENSIONS)
    check_dimensions(None)


@pytest.mark.parametrize("total", [1, 100])
def test_weights_sum_to_one_or_a_hundred(total):
    """As a dict or a Series, whole or not, a zero allowed."""
    for shares in ((0.3, 0.7), (0.0, 1.0), (0.1 + 0.2, 0.7)):
        weights = {"care": shares[0] * total, "delivery": shares[1] * total}
        check_weights(weights, DIMENSIONS)
        check_weights(pd.Series(weights), DIMENSIONS)
        assert total_doubts(weights) == total_doubts(pd.Series(weights)) == []


@pytest.mark.parametrize(("care", "delivery", "total"), [(0.5, 0.4, "0.9"), (50, 51, "101")])
def test_another_sum_of_weights_is_allowed_and_told(care, delivery, total):
    """Sums just beside 1 and 100 may be a slip of the pen."""
    weights = {"care": care, "delivery": delivery}
    check_weights(weights, DIMENSIONS)
    [doubt] = total_doubts(weights)
    assert f"weights sum to {total}, neither to 1 nor to 100" in doubt
    assert total_doubts(None) == []


def test_a_weight_is_a_finite_number_of_at_least_0():
    """Numbers of numpy too; truth values and text are none."""
    assert all(is_weight(one) for one in (0, 1.5, np.float32(2), np.int64(3)))
    assert not any(is_weight(one) for one in (-1, np.inf, 10**400, np.nan, True, "1", None))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"care": 0.0, "delivery": 0}, "positive, finite sum; found a sum of 0"),
        ({"care": 1e308, "delivery": 1e308}, "positive, finite sum; found a sum of inf"),
        ({"care": 1.0}, r"name each dimension once \(delivery, care\); found care"),
        ({"care": 0.5, "delivery": 0.3, "price": 0.2}, "found care, delivery, price"),
        ({"care": 1.5, "delivery": -0.5}, "at least 0; 'delivery' has -0.5"),
        ({"care": np.nan, "delivery": 1.0}, "'care' has nan"),
        ({"care": "1", "delivery": 0}, "'care' has '1'"),
        ({"care": True, "delivery": 0.0}, "'care' has True"),
        (pd.Series([0.5, 0.25, 0.25], ["care", "care", "delivery"]), "once"),
    ],
)
def test_wrong_weights_are_refused(weights, message):
    """The message says what must hold and what was found."""
    with pytest.raises(ValueError, match=message):
        check_weights(weights, DIMENSIONS)


def test_weights_without_dimensions_are_refused():
    """There is nothing that they could weigh."""
    with pytest.raises(ValueError, match="weights must name the dimensions; found no dimensions"):
        check_weights({"all": 1.0}, None)
    check_weights(None, None)


def test_the_observed_scale_is_that_of_all_answers():
    """Gaps and items that nobody answered are passed over."""
    table = pd.DataFrame({"a": [3.0, np.nan], "b": [6.0, 2.0], "c": [np.nan, np.nan]})
    assert observed_scale(read_ratings(table)) == (2.0, 6.0)


def test_an_item_that_nobody_answered_is_named():
    """The first of them and their number."""
    score = np.array([[1.0, np.nan, np.nan], [np.nan, np.nan, np.nan]])
    with pytest.raises(DataError, match=r"item 'b' has none \(2 such item"):
        refuse_unanswered(score, ["a", "b", "c"])
    refuse_unanswered(score[:, :1], ["a"])
