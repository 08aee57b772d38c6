"""How covariates act on the parameters of a row.

A process of a model ("purchase", "dropout", "spend") has one linear predictor, eta = coefficients
times covariates, and one link that says which parameters it moves. At eta = 0 nothing moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit

from custvalue._typing import FloatArray

__all__ = ["Link", "ScaleLink", "ShareLink"]

Parameters = dict[str, FloatArray]


class Link(Protocol):
    """Moves some parameters by a linear predictor."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters it moves."""

    def moved(self, values: Parameters, eta: FloatArray) -> Parameters:
        """Return the parameters of every row, from those at eta = 0."""

    def pulled_back(
        self, values: Parameters, eta: FloatArray, gradient: Parameters
    ) -> tuple[FloatArray, Parameters]:
        """Return derivatives in eta, and in the logarithms of the parameters at eta = 0.

        ``gradient`` holds the derivatives in the rows' own parameters.
        """


@dataclass(frozen=True, slots=True)
class ScaleLink:
    """One parameter is multiplied: theta_i = theta exp(sign eta_i)."""

    parameter: str
    sign: float = -1.0

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameter it moves."""
        return (self.parameter,)

    def moved(self, values: Parameters, eta: FloatArray) -> Parameters:
        """Return the parameter of every row."""
        return {self.parameter: values[self.parameter] * np.exp(self.sign * eta)}

    def pulled_back(
        self, values: Parameters, eta: FloatArray, gradient: Parameters
    ) -> tuple[FloatArray, Parameters]:
        """Return derivatives in eta and in log theta."""
        by_log = gradient[self.parameter] * self.moved(values, eta)[self.parameter]
        return self.sign * by_log, {self.parameter: by_log}


@dataclass(frozen=True, slots=True)
class ShareLink:
    """The mean of a Beta(a, b) is moved on the logit scale, a + b is kept.

    logit(a_i / (a_i + b_i)) = logit(a / (a + b)) + sign eta_i.
    """

    a: str
    b: str
    sign: float = 1.0

    @property
    def parameters(self) -> tuple[str, ...]:
        """The two parameters it moves."""
        return (self.a, self.b)

    def moved(self, values: Parameters, eta: FloatArray) -> Parameters:
        """Return both parameters of every row."""
        a, b = values[self.a], values[self.b]
        log_odds = np.log(a) - np.log(b) + self.sign * eta
        return {self.a: (a + b) * expit(log_odds), self.b: (a + b) * expit(-log_odds)}

    def pulled_back(
        self, values: Parameters, eta: FloatArray, gradient: Parameters
    ) -> tuple[FloatArray, Parameters]:
        """Return derivatives in eta, in log a and in log b."""
        a, b = values[self.a], values[self.b]
        own = self.moved(values, eta)
        total = a + b
        by_logit = (gradient[self.a] - gradient[self.b]) * own[self.a] * own[self.b] / total
        by_log_total = gradient[self.a] * own[self.a] + gradient[self.b] * own[self.b]
        by_logs = {
            self.a: by_logit + by_log_total * a / total,
            self.b: -by_logit + by_log_total * b / total,
        }
        return self.sign * by_logit, by_logs
