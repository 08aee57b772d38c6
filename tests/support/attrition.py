"""The latent-attrition models of the library, each with parameters to try it at.

A case is a model with its constructor's parameters and typical values of its letters. Every public
model has one; ``tests/lifetime/test__attrition.py`` fails while one is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from custvalue import lifetime
from custvalue.lifetime._attrition import AttritionModel

__all__ = ["CASES", "MODELS", "Case", "histories"]

MODELS = [
    model
    for model in (getattr(lifetime, name) for name in lifetime.__all__)
    if isinstance(model, type) and issubclass(model, AttritionModel)
]


@dataclass(frozen=True)
class Case:
    """A model at typical parameters.

    Attributes
    ----------
    model : type
    params : mapping of str to float
        In weeks, or in opportunities.
    constructor : mapping of str to value
    leaves : bool
        Customers may leave; without, P(alive) is 1.
    whole : bool
        Time is counted in opportunities.
    endless : bool
        The purchases expected for ever are infinite at these parameters.
    observed : (float, float)
        Between which times customers are observed, to recover the parameters.
    """

    model: type[AttritionModel]
    params: Mapping[str, float]
    constructor: Mapping[str, Any] = field(default_factory=dict)
    leaves: bool = True
    whole: bool = False
    endless: bool = True
    observed: tuple[float, float] = (20.0, 80.0)

    def __str__(self) -> str:
        return "-".join([self.model.__name__, *(f"{k}{v}" for k, v in self.constructor.items())])

    def typical(self, **constructor: Any) -> Any:
        """Return the model at its parameters."""
        return self.model.from_params(self.params, **{**self.constructor, **constructor})

    def unfitted(self, **constructor: Any) -> Any:
        """Return the model before it is fitted."""
        return self.model(**{**self.constructor, **constructor})

    def times(self, n: int) -> np.ndarray:
        """Return the times that n customers are observed, spread evenly."""
        times = np.linspace(*self.observed, n)
        return np.round(times) if self.whole else times

    def columns(self) -> tuple[np.ndarray, ...]:
        """Return the columns of the law for customers of every kind."""
        x, t_x, T = _OPPORTUNITIES if self.whole else histories()
        if "log_interval_sum" not in self.typical()._fitted_law().columns:
            return x, t_x, T
        with np.errstate(divide="ignore", invalid="ignore"):
            evenly = np.where(x > 0, x * np.log(t_x / x), 0.0)
        return x, t_x, T, evenly - 0.3 * x

    def summary(self) -> pd.DataFrame:
        """Return customers of every kind as a frame."""
        names = self.typical()._fitted_law().columns
        index = pd.Index([f"c{i}" for i in range(10)], name="customer_id")
        return pd.DataFrame(dict(zip(names, self.columns(), strict=True)), index=index)


def histories() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, t_x and T of customers of every kind, heavy and new ones among them."""
    return tuple(
        np.array(
            [
                (0, 0.0, 0.0),
                (0, 0.0, 38.86),
                (1, 0.01, 38.86),
                (1, 38.86, 38.86),
                (2, 30.43, 38.86),
                (7, 20.0, 39.0),
                (26, 216 / 7, 31.0),
                (300, 38.0, 39.0),
                (10_000, 999.5, 1000.0),
                (10_000, 1000.0, 1000.0),
            ]
        ).T
    )


_OPPORTUNITIES = tuple(
    np.array(
        [
            (0, 0, 0),
            (0, 0, 6),
            (1, 1, 6),
            (1, 6, 6),
            (2, 4, 6),
            (6, 6, 6),
            (5, 9, 30),
            (30, 39, 40),
            (400, 499, 500),
            (500, 500, 500),
        ],
        dtype=float,
    ).T
)

_BETA_GEO = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
_MODIFIED = {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}

CASES = [
    Case(lifetime.BetaGeoNBD, _BETA_GEO),
    Case(lifetime.BetaGeoNBD, {**_BETA_GEO, "alpha": 1.5}, {"regularity": 3}),
    Case(lifetime.ModifiedBetaGeoNBD, _MODIFIED),
    Case(lifetime.ModifiedBetaGeoNBD, {**_MODIFIED, "alpha": 2.0}, {"regularity": 2}),
    Case(lifetime.ParetoNBD, {"r": 0.553, "alpha": 10.58, "s": 0.606, "beta": 11.67}),
    Case(
        lifetime.GammaGompertzNBD,
        {"r": 2.0, "alpha": 2.0, "b": 0.15, "s": 1.0, "beta": 20.0},
        endless=False,
    ),
    Case(
        lifetime.BetaGeoBetaBinomial,
        {"alpha": 1.2035, "beta": 0.7497, "gamma": 0.6568, "delta": 2.7838},
        whole=True,
        observed=(5.0, 30.0),
    ),
    Case(lifetime.NBD, {"r": 0.9, "alpha": 10.0}, leaves=False),
]
