"""Importance, performance and quadrants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custvalue.datasets import load_attitude
from custvalue.service._importance_performance import (
    QUADRANTS,
    MapAnswers,
    complete_rows,
    cross_hairs,
    derived_importance,
    limits,
    points_of,
    quadrants,
    rarely_answered,
    resampled_points,
    shares_by_quadrant,
    still_items,
)

NAN = np.nan


@pytest.fixture
def attitude():
    """Return 30 ratings of six items, and of the whole."""
    data = load_attitude().to_numpy(dtype=np.float64)
    return data[:, 1:], data[:, 0]


def test_shares_of_r_squared_of_the_attitude_data(attitude):
    """R 2 and LMG as computed apart from this library; R prints Multiple R-squared: 0.7326."""
    found = points_of(MapAnswers(attitude[0], None, attitude[1], None, "lmg"), np.ones(30))
    # complaints, privileges, learning, raises, critical, advance
    expected = [0.370816, 0.050904, 0.155766, 0.120345, 0.006589, 0.028182]
    np.testing.assert_allclose(found.importance, expected, atol=5e-7)
    assert found.r_squared == pytest.approx(0.732602, abs=5e-7)
    np.testing.assert_allclose(found.performance, attitude[0].mean(axis=0), rtol=1e-14)


def test_standardised_coefficients_of_the_attitude_data(attitude):
    """R prints .61319 -.07305 .32033 .08173 .03838 -.21706 for ``lm(rating ~ ., attitude)``."""
    found = points_of(MapAnswers(attitude[0], None, attitude[1], None, "regression"), np.ones(30))
    raw = found.importance * attitude[1].std() / attitude[0].std(axis=0)
    expected = [0.61319, -0.07305, 0.32033, 0.08173, 0.03838, -0.21706]
    np.testing.assert_allclose(raw, expected, atol=5e-6)
    assert found.r_squared == pytest.approx(0.732602, abs=5e-7)


def test_stated_means_are_of_those_who_answered():
    """Each from the answers to its own question, by their counts."""
    P = np.array([[1.0, 4.0], [3.0, NAN], [NAN, 6.0]])
    importance = np.array([[5.0, NAN], [7.0, 1.0], [7.0, 2.0]])
    found = points_of(MapAnswers(P, importance, None, None, "lmg"), np.array([1.0, 3.0, 0.0]))
    np.testing.assert_allclose(found.performance, [2.5, 4.0])
    np.testing.assert_allclose(found.importance, [6.5, 1.0])
    assert np.isnan(found.r_squared)


def test_given_importance_is_taken_as_it_is():
    """Whatever the answers."""
    weights = np.array([0.2, 0.8])
    found = points_of(MapAnswers(np.ones((3, 2)), None, None, weights, "lmg"), np.ones(3))
    assert found.importance.tolist() == [0.2, 0.8]


def test_importance_is_derived_from_whole_answers(attitude):
    """Rows with a gap say nothing of importance, and their performance counts all the same."""
    P, y = attitude[0].copy(), attitude[1]
    P[3, 2] = NAN
    survey = MapAnswers(P, None, y, None, "lmg")
    assert np.flatnonzero(~complete_rows(survey)).tolist() == [3]
    kept = np.arange(30) != 3
    whole = points_of(MapAnswers(P[kept], None, y[kept], None, "lmg"), np.ones(29))
    found = points_of(survey, np.ones(30))
    np.testing.assert_allclose(found.importance, whole.importance, rtol=1e-10)
    assert found.performance[0] == pytest.approx(P[:, 0].mean(), rel=1e-14)


def test_counts_are_repeated_rows(attitude):
    """In derived importance too."""
    counts = np.random.default_rng(0).integers(0, 3, 30)
    P, y = (np.repeat(values, counts, axis=0) for values in attitude)
    weighted = points_of(MapAnswers(*_survey(*attitude)), counts.astype(float))
    repeated = points_of(MapAnswers(*_survey(P, y)), np.ones(len(y)))
    np.testing.assert_allclose(weighted.importance, repeated.importance, rtol=1e-9)


def _survey(P, y):
    return P, None, y, None, "lmg"


def test_items_that_determine_one_another_share_or_have_no_coefficients():
    """Two equal items: half each by "lmg", nothing unique by "regression"."""
    R, r = np.ones((2, 2)), np.array([0.6, 0.6])
    np.testing.assert_allclose(derived_importance(R, r, "lmg"), [0.18, 0.18], rtol=1e-12)
    assert np.isnan(derived_importance(R, r, "regression")).all()


def test_what_does_not_vary_has_no_derived_importance():
    """A draw in which an item is constant is no map, and is counted."""
    P = np.array([[1.0, 2.0], [1.0, 3.0], [2.0, 1.0], [3.0, 5.0]])
    survey = MapAnswers(P, None, np.array([1.0, 2.0, 4.0, 3.0]), None, "lmg")
    draws = resampled_points(survey, [np.ones(4), np.array([2.0, 2.0, 0.0, 0.0])])
    assert draws.n_failed == 1
    assert draws.importance.shape == draws.performance.shape == (1, 2)
    assert still_items(np.array([[0.1, 1.0], [0.3 - 0.2, 2.0]])).tolist() == [True, False]


def test_items_that_one_respondent_rated_are_told():
    """By the counts of those who answered; importance that is given is no rating."""
    P = np.array([[1.0, NAN], [3.0, 2.0], [NAN, NAN]])
    importance = np.array([[NAN, 5.0], [NAN, 4.0], [2.0, 4.0]])
    stated = MapAnswers(P, importance, None, None, "lmg")
    assert rarely_answered(stated, np.ones(3)).tolist() == [[True, False], [False, True]]
    assert not rarely_answered(stated, np.array([1.0, 2.0, 2.0])).any()
    given_weights = MapAnswers(P, None, None, np.ones(2), "lmg")
    assert rarely_answered(given_weights, np.ones(3)).tolist() == [[False, False], [False, True]]


def test_no_draws_have_no_shares_and_no_limits():
    """Tables keep their shape."""
    survey = MapAnswers(np.ones((3, 2)), np.ones((3, 2)), None, None, "lmg")
    draws = resampled_points(survey, [])
    assert draws.importance.shape == (0, 2)
    assert limits(draws.importance, 0.9).shape == (2, 2)
    assert np.isnan(limits(draws.importance, 0.9)).all()
    shares = shares_by_quadrant(np.empty((0, 2), dtype=np.int64))
    assert shares.shape == (2, 4)
    assert np.isnan(shares).all()


def test_the_four_quadrants_have_the_names_of_martilla_and_james():
    """High importance with low performance comes first, and so on (1977, figure 1)."""
    codes = quadrants(np.array([5.0, 5, 1, 1]), np.array([1.0, 5, 1, 5]), np.array([3.0, 3.0]))
    assert [QUADRANTS[code] for code in codes] == [
        "concentrate here",
        "keep up the good work",
        "low priority",
        "possible overkill",
    ]


def test_what_is_on_a_line_is_above_it():
    """Also where the mean of equal numbers is off by rounding."""
    values = np.full(3, 0.1 + 0.2)
    cross = cross_hairs(values, values, "mean")
    assert quadrants(values, values, cross).tolist() == [1, 1, 1]
    assert quadrants(np.zeros(2), np.zeros(2), np.zeros(2)).tolist() == [1, 1]


def test_lines_are_drawn_for_each_draw():
    """Mean or median of the items of a draw; numbers that are given stay."""
    importance, performance = np.array([[1.0, 2, 9], [0, 0, 3]]), np.array([[3.0, 3, 3], [1, 2, 6]])
    np.testing.assert_allclose(cross_hairs(importance, performance, "mean"), [[4, 3], [1, 3]])
    np.testing.assert_allclose(cross_hairs(importance, performance, "median"), [[2, 3], [0, 2]])
    given_lines = cross_hairs(importance, performance, (5.0, 6.0))
    np.testing.assert_array_equal(given_lines, [[5, 6], [5, 6]])


def test_shares_count_draws():
    """Each row sums to 1."""
    shares = shares_by_quadrant(np.array([[0, 1], [0, 3], [2, 1], [0, 1]]))
    np.testing.assert_allclose(shares, [[0.75, 0, 0.25, 0], [0, 0.75, 0, 0.25]])


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=9),
    st.integers(1, 9),
    st.integers(-9, 9),
)
def test_quadrants_do_not_depend_on_unit_or_zero(points, unit, zero):
    """Lines at the mean or median move with the items, and turning performance swaps sides."""
    importance, performance = np.array(points, dtype=float).T
    for rule in ("mean", "median"):
        cross = cross_hairs(importance, performance, rule)
        codes = quadrants(importance, performance, cross)
        moved = unit * importance + zero
        again = quadrants(moved, performance, cross_hairs(moved, performance, rule))
        np.testing.assert_array_equal(codes, again)
    far = np.abs(performance - cross[1]) > 1e-9
    turned = quadrants(importance, -performance, cross * [1, -1])
    np.testing.assert_array_equal(turned[far], (codes ^ 1)[far])
