"""Means and covariances over when a customer may have left."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from custvalue._numerics.dropout_integral import Silence, silence_probability
from custvalue._numerics.dropout_lifetimes import GompertzLifetime, ParetoLifetime
from custvalue._numerics.dropout_scores import silence_gradient, silence_hessian

SPANS = np.array([1e-6, 0.5, 20.0, 400.0])


@dataclass(frozen=True)
class Left:
    """Scores that are known: whether the customer left, and a number of each row."""

    number: np.ndarray
    n_scores = 2

    def scores(self, u, left):
        """Return 1 where the customer left, and the number."""
        return [left * np.ones_like(u), self.number + 0 * u]

    def curvatures(self, u, left):
        """Return 10 where the customer left, the number, and nothing."""
        return [(0, 0, 10.0 * left), (0, 1, self.number + 0 * u), (1, 1, 0.0)]


@dataclass(frozen=True)
class OfLifetime:
    """The scores of a lifetime."""

    lifetime: object

    @property
    def n_scores(self):
        """Return how many parameters the lifetime has."""
        return len(self.lifetime.names)

    def scores(self, u, left):
        """Return the lifetime's own."""
        return self.lifetime.scores(u, left)

    def curvatures(self, u, left):
        """Return the lifetime's own."""
        return self.lifetime.curvatures(u, left)


def test_scores_are_averaged_over_what_may_have_happened():
    """The mean of "left" is P(left), its variance P(left) P(there); constants have none."""
    silence = Silence(1.5, 10.0, ParetoLifetime(0.6, 11.7), SPANS)
    number = np.array([3.0, 5.0, 7.0, 9.0])
    stay, left = silence_probability(silence)
    share = left / (stay + left)
    log_probability, gradient, hessian = silence_hessian(silence, Left(number))
    np.testing.assert_allclose(log_probability, np.log(stay + left), rtol=1e-13)
    np.testing.assert_allclose(gradient, np.column_stack([share, number]), rtol=1e-13)
    np.testing.assert_allclose(hessian[:, 0, 0], share * (1 - share) + 10 * share, rtol=1e-12)
    np.testing.assert_allclose(hessian[:, 0, 1], number, rtol=1e-13)
    np.testing.assert_array_equal(hessian[:, 0, 1], hessian[:, 1, 0])
    np.testing.assert_allclose(hessian[:, 1, 1], 0, atol=1e-13)


def silence_of(lifetime):
    """Return a silence with its own scores."""
    return Silence(1.5, 10.0, lifetime, SPANS), OfLifetime(lifetime)


@pytest.mark.parametrize("lifetime", [ParetoLifetime(0.6, 11.7), GompertzLifetime(0.05, 0.8, 3.0)])
def test_derivatives_are_those_of_the_probability(lifetime):
    """In every parameter of either lifetime, against central differences of step 1e-5."""
    _, gradient, hessian = silence_hessian(*silence_of(lifetime))
    for i, name in enumerate(lifetime.names):
        value = getattr(lifetime, name)
        up, down = (
            silence_gradient(*silence_of(replace(lifetime, **{name: value * factor})))
            for factor in (1 + 1e-5, 1 - 1e-5)
        )
        slope, bend = ((a - b) / (2e-5 * value) for a, b in zip(up, down, strict=True))
        np.testing.assert_allclose(gradient[:, i], slope, rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose(hessian[:, i], bend, rtol=1e-7, atol=1e-8)
