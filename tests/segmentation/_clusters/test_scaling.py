"""Scaled numbers are what their definitions say, in any unit, any order and any size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import iqr
from sklearn.preprocessing import PowerTransformer

from custvalue.segmentation._clusters.scaling import (
    MEAN_DEVIATION,
    METHODS,
    learn_scaling,
    scaled,
)

X = np.random.default_rng(6).lognormal(3.0, 1.0, 400)
LEARNED = [method for method in METHODS if method != "none"]


def encoded(x: np.ndarray, method: str) -> np.ndarray:
    """Return the scaled values of those that were learned from."""
    return scaled(x, learn_scaling(x, method))


def test_yeo_johnson_is_that_of_scikit_learn():
    """On x over its median it is PowerTransformer; its exponent is good to 1e-6."""
    expected = PowerTransformer().fit_transform((X / np.median(X))[:, None])[:, 0]
    np.testing.assert_allclose(encoded(X, "yeo_johnson"), expected, atol=1e-6)


def test_the_other_methods_are_their_definitions():
    """Log, standard and robust, each computed in one line."""
    logs = np.log1p(X / np.median(X))
    np.testing.assert_allclose(encoded(X, "log"), (logs - logs.mean()) / logs.std(), rtol=1e-9)
    np.testing.assert_allclose(encoded(X, "standard"), (X - X.mean()) / X.std(), rtol=1e-9)
    robust = (X - np.median(X)) / (iqr(X) / 1.349)
    np.testing.assert_allclose(encoded(X, "robust"), robust, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(encoded(X, "none"), X)


def test_the_log_of_losses_mirrors_that_of_gains():
    """Negative money is scaled like positive, on the other side of 0."""
    x = np.append(X, -X)
    np.testing.assert_allclose(encoded(x, "log")[: len(X)], -encoded(x, "log")[len(X) :])


def test_robust_says_where_it_falls_back_on_the_mean_deviation():
    """Most customers with one value leave no range; the mean deviation takes its place by name."""
    x = np.array([1.0] * 8 + [3.0, 11.0])
    found = learn_scaling(x, "robust")
    assert found.scale == MEAN_DEVIATION
    assert found.spread * found.unit == pytest.approx((2 + 10) / 10 * np.sqrt(np.pi / 2))
    assert learn_scaling(X, "robust").scale == "robust"


@settings(max_examples=30)
@given(
    x=st.lists(st.floats(-1e6, 1e6).map(lambda v: round(v, 2)), min_size=2, max_size=30),
    factor=st.floats(1e-6, 1e6),
    seed=st.integers(0, 2**32 - 1),
)
def test_unit_and_order_do_not_matter(x, factor, seed):
    """Another currency changes no scaled value beyond 1e-9; another order nothing at all."""
    x = np.array(x)
    order = np.random.default_rng(seed).permutation(len(x))
    for method in LEARNED:
        expected = encoded(x, method)
        np.testing.assert_allclose(encoded(factor * x, method), expected, atol=1e-9, rtol=1e-9)
    for method in METHODS:
        assert str(learn_scaling(x, method)) == str(learn_scaling(x[order], method))


@settings(max_examples=30)
@given(
    x=st.lists(st.floats(-1e300, 1e300, allow_subnormal=False), min_size=1, max_size=12),
    new=st.floats(-1.7e308, 1.7e308),
)
def test_any_number_has_a_place(x, new):
    """Whatever was learned from, squares of scaled values are finite numbers for all others too."""
    x = np.array(x)
    for method in METHODS:
        scaling = learn_scaling(x, method)
        z = scaled(np.append(x, new), scaling)
        assert np.isfinite(z**2).all()
        assert scaling.spread > 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [0.0, 7.1, -1e300, 1e-300])
def test_a_constant_column_is_marked_and_zero(method, value):
    """It tells nobody apart: those of other values are 0 as well."""
    scaling = learn_scaling(np.full(3, value), method)
    assert scaling.constant
    assert scaling.spread == 1
    np.testing.assert_array_equal(scaled(np.array([value, 5.0, np.nan]), scaling), 0)


@pytest.mark.parametrize("method", METHODS)
def test_missing_values_are_at_the_median(method):
    """NaN is where the customer in the middle is."""
    scaling = learn_scaling(X[:399], method)
    assert scaling.fill == np.median(X[:399])
    z = scaled(np.array([np.nan, np.median(X[:399])]), scaling)
    assert z[0] == z[1]


def test_the_median_of_two_enormous_values_is_a_number():
    """Their sum would not be."""
    assert learn_scaling(np.array([1.6e308, 1.7e308]), "standard").fill == pytest.approx(1.65e308)
