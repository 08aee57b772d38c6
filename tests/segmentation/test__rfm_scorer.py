"""The mathematics of RFM scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custvalue.segmentation._rfm_scorer import (
    MEASURES,
    check_score_weights,
    combined_score,
    fitted_cut_points,
    fixed_cut_points,
    scores,
    time_since_purchase,
    weighted_score,
)

BINS = {"recency": [4, 13, 26, 52], "frequency": [0, 1, 3, 7], "monetary": [10, 50, 100, 500]}


@given(
    since=st.integers(0, 5000),
    tenures=st.lists(st.integers(0, 5000), min_size=2, max_size=8),
    unit=st.sampled_from([1.0, 7.0, 365.25 / 12, 365.25]),
)
def test_customers_who_bought_on_one_day_have_one_time_since(since, tenures, unit):
    """T - recency is equal for equal days, whatever the unit and the time of the first purchase."""
    recency = np.array(tenures, dtype=float)
    found = time_since_purchase(recency / unit, (recency + since) / unit)
    assert len(set(found.tolist())) == 1
    assert found[0] == pytest.approx(since / unit, abs=1e-9)


@given(days=st.integers(0, 5000), unit=st.sampled_from([1.0, 7.0, 365.25 / 12, 365.25]))
def test_rounding_never_joins_two_days(days, unit):
    """One day apart stays apart, in the right order."""
    T = np.array([5001.0, 5001.0]) / unit
    since = time_since_purchase(T - np.array([days, days + 1]) / unit, T)
    assert since[0] < since[1]


def test_huge_times_pass_unrounded():
    """Where there is no ninth decimal nothing is rounded and nothing overflows."""
    assert time_since_purchase(np.array([0.0]), np.array([1e308])).tolist() == [1e308]


def test_scores_follow_the_definition_worked_by_hand():
    """Ten customers, by hand: shares strictly worse of 0, 0, 0, .3 ... give 1, 1, 1, 2 ..."""
    since = np.array([9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0])
    frequency = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 9.0])
    money = np.array([-5.0, 0.0, 0.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1e308])
    points = fitted_cut_points(since, frequency, money, 5)
    r, f, m = scores(since, frequency, money, points)
    assert r.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert f.tolist() == [1, 1, 1, 1, 1, 1, 4, 4, 5, 5]
    assert m.tolist() == [1, 1, 1, 2, 3, 3, 4, 4, 5, 5]


def test_cut_points_run_from_worst_to_best_without_negative_zero():
    """Recency descends, the others ascend, and zero is plain zero."""
    zeros = np.zeros(5)
    points = fitted_cut_points(np.arange(5.0), np.arange(5.0), zeros, 5)
    assert points["recency"].tolist() == [4.0, 3.0, 2.0, 1.0]
    assert points["frequency"].tolist() == [0.0, 1.0, 2.0, 3.0]
    flat = fitted_cut_points(zeros, zeros, zeros, 3)
    assert not any(np.signbit(flat[name]).any() for name in MEASURES)


def test_fixed_cut_points_must_be_bettered_to_count():
    """On a cut point a customer is not better than it; either sorting gives the same scores."""
    points = fixed_cut_points(BINS, 5)
    backwards = fixed_cut_points({name: values[::-1] for name, values in BINS.items()}, 5)
    since, frequency, money = np.array([[4.0, 3.9, 60], [7, 8, 0], [500, 500.01, -1]])
    expected = [[4, 5, 1], [4, 5, 1], [4, 5, 1]]
    assert [s.tolist() for s in scores(since, frequency, money, points)] == expected
    assert [s.tolist() for s in scores(since, frequency, money, backwards)] == expected


@pytest.mark.parametrize("day", range(1, 30))
def test_a_fixed_cut_point_in_weeks_is_not_bettered_by_its_own_day(day):
    """A cut point of day/7 weeks is rounded as the times are, so that equality is seen."""
    points = fixed_cut_points({**BINS, "recency": [day / 7] * 4}, 5)
    since = time_since_purchase(np.array([50.0]) / 7, np.array([50.0 + day]) / 7)
    assert scores(since, np.array([0.0]), np.array([0.0]), points)[0].tolist() == [1]


@pytest.mark.parametrize(
    ("bins", "message"),
    [
        (None, "keys recency, frequency, monetary for method='fixed'; found None"),
        ({}, "found no key"),
        ({"recency": [1, 2, 3, 4]}, "found recency$"),
        ({**BINS, "spend": [1]}, "found frequency, monetary, recency, spend"),
        ({**BINS, "monetary": [1, 2, 3]}, r"'monetary'\] must hold n_bins - 1 = 4 .*; found 3"),
        ({**BINS, "monetary": 5}, r"'monetary'\] must hold n_bins - 1 = 4 .*; found 1: \[5\]"),
        ({**BINS, "monetary": "1234"}, r"'monetary'\] must hold n_bins - 1 = 4 .*; found 1"),
        ({**BINS, "frequency": [0, 1, "x", 7]}, r"'frequency'\] must hold finite .*; found 'x'"),
        ({**BINS, "frequency": [0, 1, True, 7]}, r"'frequency'\] must hold finite .*; found True"),
        ({**BINS, "frequency": [0, 1, np.nan, 7]}, r"'frequency'\] must hold finite .*found nan"),
        ({**BINS, "recency": [4, 26, 13, 52]}, r"'recency'\] must be sorted; found \[4, 26, 13"),
    ],
)
def test_wrong_cut_points_are_refused(bins, message):
    """The message names the measure and what was found."""
    with pytest.raises(ValueError, match=message):
        fixed_cut_points(bins, 5)


@pytest.mark.parametrize("n_bins", [2, 9, 10, 99, 100, 999])
def test_the_combined_score_tells_all_three_scores_apart(n_bins):
    """The three can be read back, and more recency outweighs any frequency and money."""
    digits = len(str(n_bins))
    r, f, m = np.array([1, n_bins]), np.array([n_bins, 1]), np.array([n_bins, 1])
    for number, parts in zip(
        combined_score(r, f, m, n_bins).tolist(), zip(r, f, m, strict=True), strict=True
    ):
        text = f"{number:0{3 * digits}d}"
        assert [int(text[i * digits : (i + 1) * digits]) for i in range(3)] == list(parts)
    low, high = combined_score(r, f, m, n_bins)
    assert low < high


def test_breaks_part_what_lies_apart_by_ratio():
    """Money of a few, some tens and some hundreds falls in three scores; days and counts too."""
    money = np.array([2.0, 3.0, 3.0, 40.0, 50.0, 900.0, 1000.0])
    since = np.array([300.0, 310.0, 290.0, 30.0, 40.0, 1.0, 2.0])
    frequency = np.array([0.0, 0.0, 0.0, 4.0, 5.0, 60.0, 90.0])
    points = fitted_cut_points(since, frequency, money, 3, method="breaks")
    expected = [1, 1, 1, 2, 2, 3, 3]
    assert [s.tolist() for s in scores(since, frequency, money, points)] == [expected] * 3
    assert points["recency"].tolist() == [290.0, 30.0]


@pytest.mark.parametrize("unit", [0.01, 1.17, 1e6])
def test_breaks_have_no_unit_and_no_sign(unit):
    """Another unit scales the cut points; the opposite of all money turns them round."""
    generator = np.random.default_rng(5)
    money = np.round(generator.normal(20, 400, 300), 2)
    days = np.ones(300)
    cuts = fitted_cut_points(days, days, money, 5, method="breaks")["monetary"]
    scaled = fitted_cut_points(days, days, money * unit, 5, method="breaks")["monetary"]
    np.testing.assert_array_equal(scaled, cuts * unit)
    turned = fitted_cut_points(money, days, days, 5, method="breaks")["recency"]
    as_money = -fitted_cut_points(days, days, -money, 5, method="breaks")["monetary"]
    np.testing.assert_array_equal(turned, as_money + 0.0)


def test_breaks_stand_all_zero_and_extreme_money():
    """Nothing but zeros has no median; the ends of the floating range overflow nowhere."""
    zeros = np.zeros(4)
    for weights in (None, np.array([1.0, 1.0, 1.0, 0.0])):
        money = np.array([0.0, 0.0, 0.0, 5.0]) if weights is not None else zeros
        points = fitted_cut_points(zeros, zeros, money, 3, method="breaks", weights=weights)
        assert points["monetary"].tolist() == [0.0, 0.0]
    money = np.array([-1e308, -1e-300, 0.0, 1e-300, 1e308])
    points = fitted_cut_points(zeros, zeros, money, 5, method="breaks")
    assert points["monetary"].tolist() == money[:-1].tolist()


def test_positive_money_alone_sets_the_cut_points():
    """Refunds and zeros move no cut point and better none, be it negative."""
    days = np.zeros(6)
    money = np.array([-50.0, 0.0, 1.0, 2.0, 3.0, 4.0])
    points = fitted_cut_points(days, days, money, 4, positive_money=True)
    assert points["monetary"].tolist() == [1.0, 2.0, 3.0]
    assert scores(days, days, money, points)[2].tolist() == [1, 1, 1, 2, 3, 4]
    given = {**points, "monetary": np.array([-90.0, -60.0, 2.0])}
    found = scores(days, days, money, given, positive_money=True)[2]
    assert found.tolist() == [1, 1, 3, 3, 4, 4]


@pytest.mark.parametrize("method", ["quantile", "breaks"])
@pytest.mark.parametrize("positive_money", [False, True])
def test_weights_are_copies(method, positive_money):
    """A customer of weight 3 is three customers, for every measure."""
    generator = np.random.default_rng(7)
    since, frequency, money = generator.integers(0, 30, (3, 60)).astype(float)
    weights = generator.integers(0, 4, 60).astype(float)
    more = {"method": method, "positive_money": positive_money}
    found = fitted_cut_points(since, frequency, money, 5, weights=weights, **more)
    rows = np.repeat(np.arange(60), weights.astype(int))
    copies = fitted_cut_points(since[rows], frequency[rows], money[rows], 5, **more)
    for name in MEASURES:
        np.testing.assert_array_equal(found[name], copies[name])


def test_the_weighted_score_is_the_weighted_mean():
    """Half recency, a quarter each of the others; equal scores keep their value exactly."""
    weights = check_score_weights({"monetary": 0.1, "recency": 0.2, "frequency": 0.1})
    assert weights == {"recency": 0.5, "frequency": 0.25, "monetary": 0.25}
    r, f, m = np.array([[5, 1, 4], [3, 1, 4], [1, 2, 4]])
    np.testing.assert_allclose(weighted_score(r, f, m, weights), [3.5, 1.25, 4.0])
    thirds = check_score_weights(dict.fromkeys(MEASURES, 7))
    fours = np.full(1, 4)
    assert weighted_score(fours, fours, fours, thirds).tolist() == [4.0]
    huge = check_score_weights({"recency": 1e308, "frequency": 1e308, "monetary": 0})
    assert huge == {"recency": 0.5, "frequency": 0.5, "monetary": 0.0}


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({}, "weights must have the keys recency, frequency, monetary; found no key"),
        ({"recency": 1}, "found recency"),
        (dict.fromkeys(MEASURES, 0), "weights must not all be 0"),
        ({**dict.fromkeys(MEASURES, 1), "monetary": -1}, r"'monetary'\] must be .* found -1"),
        ({**dict.fromkeys(MEASURES, 1), "recency": "1"}, r"'recency'\] must be .* found '1'"),
        ({**dict.fromkeys(MEASURES, 1), "recency": True}, "found True"),
        ({**dict.fromkeys(MEASURES, 1), "frequency": np.inf}, "found inf"),
    ],
)
def test_wrong_weights_are_refused(weights, message):
    """The message names the weight and what was found."""
    with pytest.raises(ValueError, match=message):
        check_score_weights(weights)
