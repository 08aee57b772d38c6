"""What the parameters of an importance-performance map must be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import DataError
from custvalue.service._importance_arguments import (
    check_importance,
    check_items,
    cross_hair_rule,
    derivation_doubts,
    given_importance,
    refuse_points,
    refuse_underivable,
)
from custvalue.service._importance_performance import MapAnswers, Points

ITEMS = ["speed", "stock"]


def answers(performance, satisfaction, derivation="lmg"):
    """Return answers of which importance is to be derived."""
    return MapAnswers(
        np.asarray(performance, float), None, np.asarray(satisfaction, float), None, derivation
    )


def test_a_map_needs_items_but_not_too_many():
    """Two at least; "lmg" looks at every subset and takes 15."""
    with pytest.raises(DataError, match="at least 2 items; found 1"):
        check_items(["speed"], None)
    many = [f"q{i}" for i in range(16)]
    check_items(many, None)
    check_items(many, "regression")
    with pytest.raises(DataError, match="takes at most 15 items; found 16"):
        check_items(many, "lmg")


def test_derived_importance_needs_satisfaction():
    """Stated importance does not."""
    with pytest.raises(ValueError, match="satisfaction must name a column where importance"):
        check_importance("derived", None, None)
    check_importance("derived", None, "overall")
    check_importance("stated", None, None)


@pytest.mark.parametrize(
    ("importance", "message"),
    [
        ({"speed": 1.0, "stock": -0.1}, "at least 0, not all 0; found {'stock': -0.1}"),
        ({"speed": np.nan, "stock": 1.0}, "found {'speed': nan}"),
        ({"speed": 0.0, "stock": 0.0}, "not all 0"),
        ({"speed": 1e308, "stock": 1e308}, "importance must have a finite sum"),
        ({"speed": "high", "stock": 1.0}, "'high'"),
        ({"speed": 1.0}, "name each item once; found speed"),
        (pd.Series([1.0, 2.0, 3.0], ["speed", "stock", "stock"]), "each item once"),
    ],
)
def test_importance_given_is_a_weight_of_each_item(importance, message):
    """Finite, not negative, not all zero, and of the items that are named."""
    with pytest.raises(ValueError, match=message):
        check_importance(importance, ITEMS, None)


def test_importance_given_is_taken_by_name():
    """In the order of the items, from a dict or a Series."""
    given = {"stock": 2, "speed": 3.0}
    check_importance(given, None, None)
    assert given_importance(given, ITEMS).tolist() == [3.0, 2.0]
    assert given_importance(pd.Series(given), ITEMS).tolist() == [3.0, 2.0]


def test_lines_cross_by_rule_or_number():
    """The midpoint is that of a scale, which stated importance alone has."""
    assert cross_hair_rule("mean", None, stated=False) == "mean"
    assert cross_hair_rule((0.2, 4), None, stated=False) == (0.2, 4.0)
    assert cross_hair_rule("midpoint", (1.0, 7.0), stated=True) == (4.0, 4.0)
    assert cross_hair_rule("midpoint", (1e308, 1.5e308), stated=True) == (1.25e308, 1.25e308)
    with pytest.raises(ValueError, match="scale must be given where cross_hair='midpoint'"):
        cross_hair_rule("midpoint", None, stated=True)
    with pytest.raises(ValueError, match="needs importance='stated'"):
        cross_hair_rule("midpoint", (1.0, 7.0), stated=False)


@pytest.mark.parametrize("wrong", [(1,), (1, 2, 3), (1, np.nan), ("a", "b"), [[1, 2]]])
def test_what_are_no_lines_is_refused(wrong):
    """Two finite numbers, of importance and of performance."""
    with pytest.raises(ValueError, match="cross_hair must be 'mean', 'median', 'midpoint', or two"):
        cross_hair_rule(wrong, None, stated=True)


def test_importance_cannot_be_derived_from_too_little():
    """Too few whole answers, an item that does not vary, satisfaction that does not."""
    performance = [[1, 2], [2, 1], [3, 3], [4, np.nan], [2, 5]]
    good = answers(performance, [1, 2, 3, 4, 5])
    refuse_underivable(good, np.ones(5), ITEMS)
    with pytest.raises(DataError, match=r"at least 4 respondents .* found 3 sample"):
        refuse_underivable(good, np.array([1.0, 1, 1, 9, 0]), ITEMS)
    with pytest.raises(DataError, match=r"satisfaction does not, .* \(1 such\)"):
        refuse_underivable(answers(performance, [3] * 5), np.ones(5), ITEMS)
    constant = [[1, 2], [1, 1], [1, 3], [4, np.nan], [1, 5]]
    with pytest.raises(DataError, match="performance of item 'speed' does not"):
        refuse_underivable(answers(constant, [1, 2, 3, 4, 5]), np.ones(5), ITEMS)


def test_points_that_are_not_there_are_named():
    """Which question nobody answered, or that the regression has no answer."""
    full, holed = np.array([1.0, 2.0]), np.array([1.0, np.nan])
    refuse_points(Points(full, full), ITEMS, derived=False)
    with pytest.raises(DataError, match=r"performance of each item .* item 'stock' has no answer"):
        refuse_points(Points(full, holed), ITEMS, derived=False)
    with pytest.raises(DataError, match=r"importance of each item .*'stock'"):
        refuse_points(Points(holed, full), ITEMS, derived=False)
    with pytest.raises(DataError, match="items that do not determine one another"):
        refuse_points(Points(np.full(2, np.nan), full), ITEMS, derived=True)


def test_what_derived_importance_leaves_out_is_told():
    """Respondents with a gap, and items whose importance is negative."""
    survey = answers([[1, 2], [2, np.nan]], [1, 2])
    points = Points(np.array([0.5, -0.1]), np.ones(2))
    left_out, negative = derivation_doubts(survey, np.array([5.0, 3.0]), points, ITEMS)
    assert "3 of 8 respondents did not" in left_out
    assert "negative for 'stock' (1 such item(s))" in negative
    stated = MapAnswers(np.ones((2, 2)), np.ones((2, 2)), None, None, "lmg")
    assert derivation_doubts(stated, np.ones(2), points, ITEMS) == []
