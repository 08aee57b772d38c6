"""The likelihood of the latent class model against loops and other formulas."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import multinomial

from custvalue.segmentation._latent_answers import answer_patterns
from custvalue.segmentation._latent_class import (
    LatentClasses,
    class_chances,
    g_squared,
    indicators_of,
    item_offsets,
    logarithms,
    mean_log_likelihood,
    pattern_log_likelihood,
)

SIZES = (2, 3, 4)
TWO = LatentClasses(
    np.array([0.7, 0.3]),
    np.array(
        [
            *([0.9, 0.2], [0.1, 0.8]),
            *([0.5, 0.1], [0.5, 0.1], [0.0, 0.8]),
            *([0.1, 0.4], [0.2, 0.3], [0.3, 0.2], [0.4, 0.1]),
        ]
    ),
    SIZES,
)


def plain_joint(classes: LatentClasses, row) -> list[float]:
    """Return pi_k times the product of the probabilities of what was answered, in loops."""
    joint = []
    for k, share in enumerate(classes.shares):
        for j, answer in enumerate(row):
            if answer >= 0:
                share = share * classes.probabilities[sum(classes.sizes[:j]) + answer, k]
        joint.append(share)
    return joint


def test_likelihood_and_chances_are_their_definition():
    """Against loops, on all patterns with all kinds of gaps."""
    codes = np.array(list(product(*(range(-1, size) for size in SIZES))))
    joint = np.array([plain_joint(TWO, row) for row in codes])
    logs = pattern_log_likelihood(TWO, codes)
    np.testing.assert_allclose(np.exp(logs), joint.sum(axis=1), rtol=1e-13)
    expected = joint / joint.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(class_chances(TWO, codes), expected, rtol=1e-12, atol=1e-200)
    whole = (codes >= 0).all(axis=1)
    assert np.exp(logs[whole]).sum() == pytest.approx(1, rel=1e-13)


def test_answers_that_no_class_gives_have_finite_chances():
    """Probabilities of 0 in every class leave a certain class, and no NaN."""
    never = LatentClasses(np.array([0.5, 0.5]), np.array([[1.0, 1], [0, 0]] * 2), (2, 2))
    codes = np.array([[1, 1], [1, 0], [0, 0]])
    assert np.isfinite(pattern_log_likelihood(never, codes)).all()
    np.testing.assert_allclose(class_chances(never, codes), 0.5)


def test_g_squared_is_the_likelihood_ratio():
    """Against the multinomial of the saturated model; only complete rows count."""
    n = np.array([5, 3, 4, 8])
    half = LatentClasses(np.array([1.0]), np.full((4, 1), 0.5), (2, 2))
    codes = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [-1, 0]])
    found = answer_patterns(codes, [2, 2], np.append(n, 9).astype(float))
    expected = 2 * (multinomial.logpmf(n, 20, n / 20) - multinomial.logpmf(n, 20, [0.25] * 4))
    assert g_squared(half, found) == pytest.approx(expected, rel=1e-12)
    assert np.isnan(g_squared(half, answer_patterns(codes[4:], [2, 2])))


def test_mean_log_likelihood_counts_respondents():
    """A weight is a number of rows."""
    found = answer_patterns(np.array([[0, 0, 0], [1, 1, 1]]), SIZES, np.array([3.0, 1.0]))
    logs = pattern_log_likelihood(TWO, found.codes)
    assert mean_log_likelihood(TWO, found) == pytest.approx((3 * logs[0] + logs[1]) / 4)


def test_answers_are_indicated_item_after_item():
    """A pattern has a 1 for each answer, behind the categories of the items before, else 0."""
    assert item_offsets(SIZES).tolist() == [0, 2, 5]
    found = indicators_of(np.array([[1, 0, 3], [-1, 2, -1]]), SIZES).toarray()
    assert found.tolist() == [[0, 1, 1, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 1, 0, 0, 0, 0]]


def test_logarithms_are_finite():
    """A probability of 0 counts as 1e-300."""
    np.testing.assert_allclose(logarithms(np.array([0.0, 0.5])), [np.log(1e-300), np.log(0.5)])
