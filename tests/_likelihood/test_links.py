import numpy as np
import pytest
from scipy.special import logit

from custvalue._likelihood.links import ScaleLink, ShareLink

VALUES = {"alpha": np.float64(4.4), "a": np.float64(0.8), "b": np.float64(2.4)}
LINKS = [ScaleLink("alpha"), ScaleLink("alpha", sign=1.0), ShareLink("a", "b")]
ETA = np.array([-1.5, 0.0, 0.3, 2.0])


def score(moved):
    """Return a function of the parameters of every row, and its derivatives in them."""
    weights = {name: 0.3 + i for i, name in enumerate(sorted(VALUES))}
    value = sum(weights[name] * np.sin(moved[name]) for name in moved)
    return value, {name: weights[name] * np.cos(moved[name]) for name in moved}


def test_a_scale_is_multiplied_by_the_exponential():
    """alpha exp(-eta): a positive predictor makes alpha smaller, so that more is bought."""
    moved = ScaleLink("alpha").moved(VALUES, ETA)
    np.testing.assert_allclose(moved["alpha"], 4.4 * np.exp(-ETA), rtol=1e-15)


def test_a_share_moves_on_the_logit_scale_and_keeps_the_sum():
    """logit(a / (a + b)) grows by eta."""
    moved = ShareLink("a", "b").moved(VALUES, ETA)
    total = moved["a"] + moved["b"]
    np.testing.assert_allclose(total, 3.2, rtol=1e-14)
    np.testing.assert_allclose(logit(moved["a"] / total), logit(0.25) + ETA, atol=1e-13)


@pytest.mark.parametrize("link", LINKS)
def test_derivatives_agree_with_central_differences(link):
    """In eta and in the logarithms of the parameters; the differences are good to 1e-9."""
    _, gradient = score(link.moved(VALUES, ETA))
    by_eta, by_logs = link.pulled_back(VALUES, ETA, gradient)
    step = 1e-5

    def slope(up, down):
        return (score(up)[0] - score(down)[0]) / (2 * step)

    found = slope(link.moved(VALUES, ETA + step), link.moved(VALUES, ETA - step))
    np.testing.assert_allclose(by_eta, found, atol=1e-8)
    for name in link.parameters:
        up, down = (VALUES | {name: VALUES[name] * np.exp(s)} for s in (step, -step))
        found = slope(link.moved(up, ETA), link.moved(down, ETA))
        np.testing.assert_allclose(by_logs[name], found, atol=1e-8)
