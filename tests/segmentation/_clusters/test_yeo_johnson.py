"""The power transform agrees with SciPy's, and its exponent is the likeliest for any numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import yeojohnson, yeojohnson_llf, yeojohnson_normmax
from sklearn.preprocessing import PowerTransformer

from custvalue.segmentation._clusters.yeo_johnson import (
    HIGHEST_EXPONENT,
    LOWEST_EXPONENT,
    likeliest_exponent,
    yeo_johnson,
)

GENERATOR = np.random.default_rng(4)
SAMPLES = {
    "money": np.sort(GENERATOR.lognormal(size=1000)),
    "counts": np.sort(GENERATOR.poisson(1.0, 2000).astype(float)),
    "both signs": np.sort(GENERATOR.normal(0.5, 2.0, 500)),
    "losses": np.sort(-GENERATOR.gamma(0.5, size=300)),
}


@pytest.mark.parametrize("x", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("exponent", [-3.0, -0.5, 0.0, 1e-9, 0.7, 1.0, 2.0, 2.5])
def test_the_transform_is_that_of_scipy(x, exponent):
    """Values agree with scipy.stats.yeojohnson to a few units of rounding."""
    np.testing.assert_allclose(yeo_johnson(x, exponent), yeojohnson(x, exponent), rtol=1e-12)


@pytest.mark.parametrize("x", SAMPLES.values(), ids=SAMPLES)
def test_the_exponent_is_that_of_scipy_and_scikit_learn(x):
    """Brent's search on the likelihood is good to about the root of rounding, hence 1e-6."""
    found = likeliest_exponent(x)
    assert found == pytest.approx(yeojohnson_normmax(x), abs=1e-6)
    assert found == pytest.approx(PowerTransformer().fit(x[:, None]).lambdas_[0], abs=1e-6)


@pytest.mark.parametrize("x", SAMPLES.values(), ids=SAMPLES)
def test_no_exponent_nearby_is_likelier(x):
    """SciPy's log-likelihood is highest at the exponent found, rounding aside."""
    found = likeliest_exponent(x)
    best = yeojohnson_llf(found, x)
    for step in (-1e-2, -1e-3, 1e-3, 1e-2):
        assert yeojohnson_llf(found + step, x) < best


def test_a_mirror_image_has_the_mirrored_exponent():
    """For -x the exponent is 2 - lambda, and the bounds mirror each other too."""
    x = SAMPLES["money"]
    assert likeliest_exponent(np.sort(-x)) == pytest.approx(2 - likeliest_exponent(x), abs=1e-10)
    assert LOWEST_EXPONENT == 2 - HIGHEST_EXPONENT


def test_exponents_stay_within_their_bounds():
    """Zeros with a few ones and twos would drive the exponent without end."""
    x = np.array([0.0] * 98 + [1.0, 2.0])
    assert likeliest_exponent(x) == LOWEST_EXPONENT
    assert likeliest_exponent(np.sort(-x)) == HIGHEST_EXPONENT


@pytest.mark.parametrize(
    "x", [[], [3.0], [2.0, 2.0], [0.0, 0.0, 1.0], [5.0, 5.0 + 1e-9, 5.0 + 2e-9], [0.0] * 5]
)
def test_values_without_a_shape_stay_as_they_are(x):
    """Two different values, or a difference of mere rounding, have nothing to learn from."""
    assert likeliest_exponent(np.array(x)) == 1.0


@settings(max_examples=30)
@given(
    x=st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=20),
    exponent=st.floats(LOWEST_EXPONENT, HIGHEST_EXPONENT),
)
def test_any_numbers_give_numbers(x, exponent):
    """Exponents and transformed values are finite, and never fall as x grows."""
    x = np.sort(np.array(x)) + 0.0
    assert LOWEST_EXPONENT <= likeliest_exponent(x) <= HIGHEST_EXPONENT
    y = yeo_johnson(x, exponent)
    assert np.isfinite(y).all()
    assert (np.diff(y) >= 0).all()


def test_values_far_beyond_one_have_an_exponent_too():
    """At low exponents they are all at the limit of the transform, and nothing tells them apart."""
    x = np.array([2e5, 2e16, 6e20])
    for sign in (1, -1):
        found = likeliest_exponent(np.sort(sign * x))
        best = yeojohnson_llf(found, sign * x)
        assert yeojohnson_llf(found - 1e-3, sign * x) < best
        assert yeojohnson_llf(found + 1e-3, sign * x) < best


def test_one_enormous_value_does_not_decide():
    """With one customer at 1e300 the exponent still looks at the others."""
    x = np.append(SAMPLES["money"], 1e300)
    assert -1.5 < likeliest_exponent(x) < 0


def test_an_even_sample_stands_for_many():
    """The exponent of 300,000 values is that of all of them to 1e-3."""
    x = np.sort(np.random.default_rng(5).gamma(2.0, size=300_000))
    assert likeliest_exponent(x) == pytest.approx(yeojohnson_normmax(x), abs=1e-3)
