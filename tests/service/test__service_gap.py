"""Gaps, their means and intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import ttest_1samp, ttest_rel

from custvalue.factors import cronbach_alpha
from custvalue.service._service_gap import (
    dimension_means,
    known_average,
    mean_of_means,
    means,
    paired,
    pooled_mean,
    reliability,
    shares_at_top,
    varies,
)

NAN = np.nan


@pytest.fixture
def survey():
    """Return expectations and perceptions of 4 items by 60 respondents."""
    generator = np.random.default_rng(3)
    E = np.round(generator.normal(5.5, 1.0, (60, 4)))
    own = generator.normal(size=(60, 1))
    return E, np.round(E + own + generator.normal([-1, -0.2, 0, 0.5], 1.0, (60, 4)))


def ones(values):
    """Return a count of 1 for each row."""
    return np.ones(len(values))


def test_a_gap_needs_both_answers():
    """Half an answer is dropped from both sides and marked."""
    E, P = np.array([[5.0, NAN, 4.0, NAN]]), np.array([[4.0, 3.0, NAN, NAN]])
    found = paired(E, P, sign=1.0)
    np.testing.assert_array_equal(found.score, [[-1.0, NAN, NAN, NAN]])
    np.testing.assert_array_equal(found.expectation, [[5.0, NAN, NAN, NAN]])
    np.testing.assert_array_equal(found.perception, [[4.0, NAN, NAN, NAN]])
    assert found.half_answered.tolist() == [[False, True, True, False]]
    assert paired(E, P, sign=-1.0).score[0, 0] == 1.0


def test_without_expectations_the_score_is_the_perception():
    """SERVPERF asks one question only."""
    P = np.array([[4.0, NAN]])
    found = paired(None, P, sign=-1.0)
    np.testing.assert_array_equal(found.score, P)
    assert np.isnan(found.expectation).all()
    assert not found.half_answered.any()


def test_intervals_are_those_of_the_paired_t_test(survey):
    """Mean, ends, t and p agree with ``scipy.stats.ttest_rel``; rounding alone differs."""
    E, P = survey
    found = means(P - E, ones(E), 0.9)
    truth = ttest_rel(P, E)
    interval = truth.confidence_interval(0.9)
    np.testing.assert_allclose(found.mean, (P - E).mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(found.lower, interval.low, rtol=1e-11)
    np.testing.assert_allclose(found.upper, interval.high, rtol=1e-11)
    np.testing.assert_allclose(found.t, truth.statistic, rtol=1e-11)
    np.testing.assert_allclose(found.p_value, truth.pvalue, rtol=1e-9)
    assert found.n.tolist() == [60.0] * 4


def test_each_column_rests_on_those_who_answered_it():
    """Gaps leave respondents out of their column alone."""
    values = np.array([[1.0, 5.0], [2.0, NAN], [4.0, 7.0], [NAN, 6.0]])
    found = means(values, ones(values), 0.95)
    for k in range(2):
        known = values[~np.isnan(values[:, k]), k]
        truth = ttest_1samp(known, 0.0)
        assert found.n[k] == 3
        assert found.t[k] == pytest.approx(truth.statistic, rel=1e-12)
        assert found.upper[k] == pytest.approx(truth.confidence_interval(0.95).high, rel=1e-12)


def test_where_nothing_varies_there_is_no_interval():
    """One respondent, equal answers that are no round number, and none at all."""
    alone = means(np.array([[2.0]]), np.ones(1), 0.95)
    alike = means(np.full((7, 1), -0.65), np.ones(7), 0.95)
    nobody = means(np.full((7, 1), NAN), np.ones(7), 0.95)
    assert alone.mean[0] == 2.0
    assert alike.mean[0] == pytest.approx(-0.65, rel=1e-14)
    assert np.isnan(nobody.mean[0])
    for found in (alone, alike, nobody):
        assert np.isnan([found.lower, found.upper, found.t, found.p_value]).all()


@settings(max_examples=30)
@given(
    arrays(np.float64, (6, 3), elements=st.integers(-6, 6).map(float)),
    arrays(np.int64, 6, elements=st.integers(1, 4)),
)
def test_counts_are_repeated_rows(values, counts):
    """In means, their interval, the mean of means and the reliability."""
    repeated = np.repeat(values, counts, axis=0)
    weights = np.array([0.5, 0.3, 0.2])
    for measure in (
        lambda rows, w: means(rows, w, 0.95),
        lambda rows, w: mean_of_means(rows, w, weights, 0.95),
    ):
        one, other = measure(values, counts.astype(float)), measure(repeated, ones(repeated))
        np.testing.assert_allclose(one.mean, other.mean, atol=1e-12)
        np.testing.assert_allclose(one.lower, other.lower, atol=1e-9)
    alphas = [reliability(values, counts.astype(float)), reliability(repeated, ones(repeated))]
    np.testing.assert_allclose(*alphas, rtol=1e-6, atol=1e-9)


def test_the_mean_of_means_is_that_of_the_respondents_own_means(survey):
    """With all answers there the interval is the t interval of the weighted means."""
    E, P = survey
    weights = np.array([0.4, 0.3, 0.2, 0.1])
    own = (P - E) @ weights
    found = mean_of_means(P - E, ones(E), weights, 0.95)
    truth = ttest_1samp(own, 0.0)
    interval = truth.confidence_interval(0.95)
    assert found.mean[0] == pytest.approx(own.mean(), rel=1e-12)
    assert found.t[0] == pytest.approx(truth.statistic, rel=1e-10)
    assert [found.lower[0], found.upper[0]] == pytest.approx(list(interval), rel=1e-10)
    assert found.n[0] == 60


def test_the_mean_of_means_weighs_dimensions_by_their_weights_whoever_answered():
    """A dimension that few answered counts as much as its weight says."""
    values = np.array([[1.0, 10.0], [3.0, NAN], [2.0, NAN], [2.0, 14.0]])
    found = mean_of_means(values, np.ones(4), np.array([0.5, 0.5]), 0.95)
    assert found.mean[0] == pytest.approx((2.0 + 12.0) / 2)
    assert found.n[0] == 2
    # By hand: z = [(1-2)/4 + (10-12)/2, 1/4, 0, (14-12)/2] / 2; error^2 = sum z^2 * 2 / 1.
    z = np.array([-1.25, 0.25, 0.0, 1.0]) / 2
    assert found.t[0] == pytest.approx(7.0 / np.sqrt(2 * np.sum(z**2)), rel=1e-12)


def test_a_weight_of_zero_leaves_a_dimension_out():
    """Whatever is said of it, and however few say it."""
    values = np.array([[1.0, NAN], [3.0, 9.0], [4.0, NAN]])
    found = mean_of_means(values, np.ones(3), np.array([1.0, 0.0]), 0.95)
    alone = means(values[:, :1], np.ones(3), 0.95)
    assert found.mean[0] == pytest.approx(alone.mean[0], rel=1e-14)
    assert found.lower[0] == pytest.approx(alone.lower[0], rel=1e-12)
    assert found.n[0] == 3


def test_intervals_of_means_with_gaps_hold_what_they_promise():
    """In 2,000 simulated surveys, a third of answers missing, about 95 % cover the true mean."""
    generator = np.random.default_rng(0)
    hits = 0
    for _ in range(2000):
        common = generator.normal(size=(80, 1))
        values = common + generator.normal(size=(80, 3))
        values[generator.random((80, 3)) < 1 / 3] = NAN
        found = mean_of_means(values, np.ones(80), np.full(3, 1 / 3), 0.95)
        hits += found.lower[0] <= 0 <= found.upper[0]
    # Standard error of a share of 0.95 in 2,000: 0.005.
    assert hits / 2000 == pytest.approx(0.95, abs=0.02)


def test_a_dimension_is_the_mean_of_the_items_answered():
    """Item by item for each respondent; nobody's silence is a number."""
    values = np.array([[1.0, 2.0, 6.0], [NAN, 3.0, NAN], [NAN, NAN, 1.0]])
    found = dimension_means(values, np.array([0, 0, 1]), 2)
    np.testing.assert_array_equal(found, [[1.5, 6.0], [3.0, NAN], [NAN, 1.0]])


def test_what_is_not_answered_has_no_weight():
    """Weights are shared among what was answered; coverage tells how much that is."""
    values = np.array([[4.0, 2.0], [NAN, 3.0], [NAN, NAN]])
    average, coverage = known_average(values, np.array([3.0, 1.0]))
    np.testing.assert_array_equal(average, [3.5, 3.0, NAN])
    np.testing.assert_array_equal(coverage, [1.0, 0.25, 0.0])


def test_pooling_counts_answers_not_items():
    """An item that more people answered counts for more."""
    values = np.array([[1.0, 5.0], [1.0, NAN], [1.0, NAN]])
    assert pooled_mean(values, np.ones(3)) == 2.0
    assert pooled_mean(values, np.array([1.0, 0.5, 0.5])) == pytest.approx(7 / 3)


def test_reliability_is_that_of_another_implementation(survey):
    """`custvalue.factors.cronbach_alpha` of complete answers, and of those who gave all."""
    gap = survey[1] - survey[0]
    assert reliability(gap, ones(gap)) == pytest.approx(cronbach_alpha(gap).alpha, rel=1e-12)
    holey = gap.copy()
    holey[::7, 1] = NAN
    whole = holey[~np.isnan(holey).any(axis=1)]
    assert reliability(holey, ones(gap)) == pytest.approx(cronbach_alpha(whole).alpha, rel=1e-12)


def test_where_there_is_no_reliability_it_is_not_a_number():
    """One item, one respondent, no answers in full, nothing that varies."""
    for values in (np.ones((5, 1)), np.ones((1, 3)), np.full((4, 2), NAN), np.full((9, 3), 0.1)):
        assert np.isnan(reliability(values, ones(values)))


def test_shares_at_the_top_are_of_those_who_answered():
    """Gaps do not count; a column of gaps has no share."""
    values = np.array([[7.0, NAN], [6.0, NAN], [7.0, NAN], [NAN, NAN]])
    np.testing.assert_allclose(shares_at_top(values, np.ones(4), 7.0), [2 / 3, NAN])


def test_fewer_than_two_respondents_tell_nothing_of_spread():
    """Also where their weights sum to 1 or 2 but for rounding."""
    values = np.array([[1.0], [2.0], [4.0]])
    for total, known in ((1 + 1e-15, False), (1.9, False), (2 - 1e-15, True), (3.0, True)):
        counts = np.full(3, total / 3)
        found = [means(values, counts, 0.95), mean_of_means(values, counts, np.ones(1), 0.95)]
        assert [bool(np.isfinite(one.lower[0])) for one in found] == [known, known]
        assert np.isfinite(reliability(np.hstack([values, values**2]), counts)) == known


def test_a_spread_too_small_for_a_float_is_not_none():
    """Gaps of 1e-200 have squares of 0: no interval, not one of no width."""
    found = means(np.array([[0.0], [1e-200], [2e-200]]), np.ones(3), 0.95)
    assert np.isnan([found.lower[0], found.upper[0], found.t[0]]).all()


def test_what_varies_differs_by_more_than_rounding():
    """Gaps are passed over; a column without answers does not vary."""
    values = np.array([[0.1 + 0.2, 1.0, NAN, 0.0], [0.3, NAN, NAN, 0.0], [0.3, 2.0, NAN, 0.0]])
    assert varies(values).tolist() == [False, True, False, False]


@settings(max_examples=30)
@given(
    arrays(np.float64, (8, 2), elements=st.integers(1, 7).map(float)),
    st.integers(0, 7),
    st.integers(1, 5),
)
def test_a_higher_answer_raises_every_mean(values, row, step):
    """Monotony: of its own column, of the mean of means and in one pot; no other column moves."""
    higher = values.copy()
    higher[row, 0] += step
    one, other = means(values, ones(values), 0.95), means(higher, ones(values), 0.95)
    assert other.mean[0] > one.mean[0]
    assert other.mean[1] == one.mean[1]
    half = np.array([0.5, 0.5])
    both = [mean_of_means(rows, ones(rows), half, 0.95).mean[0] for rows in (values, higher)]
    assert both[1] > both[0]
    assert pooled_mean(higher, ones(values)) > pooled_mean(values, ones(values))
