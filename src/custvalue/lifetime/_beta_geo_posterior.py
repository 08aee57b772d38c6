"""What a history says of a customer in the beta-geometric models.

Given that a customer of x purchases is alive at T, with j stages over since the last purchase, the
rate of stages is Gamma(r + k x + j, alpha + T) and the dropout probability Beta(a, b + d), d the
chances to leave that were passed. Arrays of shape (n_rows,).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from custvalue._numerics.interpolation import by_run
from custvalue._typing import FloatArray, Number
from custvalue.lifetime._beta_geo_likelihood import BetaGeoLikelihood

__all__ = ["BetaGeoPosterior", "if_alive"]


@dataclass(frozen=True, slots=True)
class BetaGeoPosterior(BetaGeoLikelihood):
    """The likelihood, with the state of a customer that follows from a history."""

    def _alive(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Return P(alive at T | history); 1 for customers who had no chance to leave."""
        alive, risk = np.ones_like(x), self._at_risk(x)
        alive[risk] = expit(self._rows(risk)._log_odds(x[risk], t_x[risk], T[risk]))
        return alive

    def _left(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Return 1 - P(alive) without cancellation."""
        left, risk = np.zeros_like(x), self._at_risk(x)
        left[risk] = expit(-self._rows(risk)._log_odds(x[risk], t_x[risk], T[risk]))
        return left

    def _ahead(
        self,
        function: Callable[..., FloatArray],
        x: FloatArray,
        T: FloatArray,
        *numbers: Number,
        phase: int = 0,
    ) -> FloatArray:
        """Evaluate a function of the state of customers alive and of numbers.

        It depends on x and T alone where all else is the same for all rows: then it is interpolated
        in T where many rows have one x.
        """

        def evaluate(x: FloatArray, T: FloatArray) -> FloatArray:
            state = self._posterior(x, T, phase)
            return function(*state, *numbers, every=self.regularity, phase=phase)

        of_law = (self.r, self.alpha, self.a, self.b)
        if any(np.ndim(value) > 0 for value in (*of_law, *numbers)):
            return evaluate(x, T)
        return by_run(evaluate, x, T)

    def _posterior(
        self, x: FloatArray, T: FloatArray, phase: int = 0
    ) -> tuple[FloatArray, FloatArray, Number, FloatArray]:
        """Return the Gamma and Beta parameters of a customer who is alive at T."""
        chances = x + self.chances_before_repeat
        return self._shape(x) + phase, self.alpha + T, self.a, self.b + chances

    def _prior(self) -> tuple[Number, Number, Number, Number]:
        """Return the Gamma and Beta parameters of a new customer who may buy again."""
        return self.r, self.alpha, self.a, self.b + self.chances_before_repeat

    def _stays(self) -> Number:
        """Return the probability that a new customer may buy again."""
        return self.b / (self.a + self.b) if self.chances_before_repeat else 1.0

    def _leaves(self) -> Number:
        """Return the probability that a new customer leaves at once."""
        return self.a / (self.a + self.b) if self.chances_before_repeat else 0.0


def if_alive(alive: FloatArray, growth: FloatArray) -> FloatArray:
    """Return the product, and 0 for those who left even where the other factor is infinite."""
    with np.errstate(invalid="ignore"):
        return np.where(alive > 0, alive * growth, 0.0)
