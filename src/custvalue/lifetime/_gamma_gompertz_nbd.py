"""Gamma-Gompertz/NBD (Bemmaor and Glady 2012, Management Science 58(5), 1012-1021).

A customer leaves with a hazard b eta exp(b t) that grows with time, eta ~ Gamma(s, beta):
S(t) = (beta / (beta - 1 + exp(b t)))^s. Where b and beta both go to 0 it becomes Pareto/NBD with
beta / b for its beta. The rest is in `_gamma_lifetimes`. Expressions in the paper are in error
(Adler 2022); none is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from custvalue._likelihood.links import Link, ScaleLink
from custvalue._numerics.dropout_lifetimes import GompertzLifetime, Lifetime
from custvalue._typing import FloatArray, Number
from custvalue.lifetime._gamma_lifetimes import GammaLifetimesLaw, mean_time, moment_shape

__all__ = ["GammaGompertzNBDLaw"]


@dataclass(frozen=True, slots=True)
class GammaGompertzNBDLaw(GammaLifetimesLaw):
    """Purchase rate ~ Gamma(r, alpha), dropout hazard b eta exp(b t), eta ~ Gamma(s, beta)."""

    r: Number
    alpha: Number
    b: Number
    s: Number
    beta: Number

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "b", "s", "beta")
    columns: ClassVar[tuple[str, ...]] = ("frequency", "recency", "T")
    time_scaled: ClassVar[tuple[str, ...]] = ("alpha",)
    inverse_time_scaled: ClassVar[tuple[str, ...]] = ("b",)
    links: ClassVar[dict[str, Link]] = {
        "purchase": ScaleLink("alpha"),
        "dropout": ScaleLink("beta"),
    }
    limits: ClassVar[dict[str, tuple[str, str]]] = {
        "r": ("purchase rates differ without bound", "Poisson: one purchase rate for everybody"),
        "alpha": ("purchases without end", "Poisson: one purchase rate for everybody"),
        "b": ("Pareto/NBD: dropout rates do not grow", "everybody leaves at once"),
        "s": ("NBD: nobody ever leaves", "Gompertz: one dropout hazard for everybody"),
        "beta": (
            "Pareto/NBD: dropout rates do not grow",
            "NBD: nobody ever leaves, or Gompertz: one dropout hazard for everybody",
        ),
    }

    @property
    def lifetime(self) -> Lifetime:
        """The lifetime of a customer just won."""
        return GompertzLifetime(self.b, self.s, self.beta)

    @classmethod
    def units(
        cls, x: FloatArray, t_x: FloatArray, T: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return the natural size of each parameter, shape (5,): the mean time, or its inverse."""
        time = mean_time(T, weights)
        return np.array([1.0, time, 1 / time, 1.0, 1.0])

    @classmethod
    def starts(
        cls, x: FloatArray, t_x: FloatArray, T: FloatArray, weights: FloatArray
    ) -> FloatArray:
        """Return starting values, shape (4, 5): one near Pareto/NBD, and three with growth."""
        time, r = mean_time(T, weights), moment_shape(x, weights)
        rate = float(weights @ x) / float(weights @ T)
        shapes = [
            (r, 0.6, 0.02, 0.6, 0.01),
            (r, 0.6, 0.5, 0.6, 0.4),
            (r, 0.8, 2.0, 0.3, 1.5),
            (2 * r, 0.7, 1.0, 1.5, 3.0),
        ]
        return np.array([[r, r / rate * a, b / time, s, beta] for r, a, b, s, beta in shapes])
