"""The contractual models of the library, each with parameters to try it at, and published cohorts.

A case is a model with typical values of its letters. Every contractual model has one;
``tests/retention/test__contractual.py`` runs over them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue.retention._contractual import ContractualModel
from custvalue.retention.beta_discrete_weibull import BetaDiscreteWeibull
from custvalue.retention.geometric import Geometric
from custvalue.retention.shifted_beta_geo import ShiftedBetaGeo

__all__ = ["CASES", "HIGH_END", "REGULAR", "Case", "as_counts", "cohort"]

REGULAR = (100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3)
HIGH_END = (100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4)
"""Percent of customers who survive years 0 to 12: Fader and Hardie (2007), Table 1."""


@dataclass(frozen=True)
class Case:
    """A model at typical parameters.

    Attributes
    ----------
    model : type
    params : mapping of str to float
    endless : bool
        The lifetime expected is infinite at these parameters.
    """

    model: type[ContractualModel]
    params: Mapping[str, float]
    endless: bool

    def __str__(self) -> str:
        return self.model.__name__

    def typical(self, **constructor: Any) -> Any:
        """Return the model at its parameters."""
        return self.model.from_params(self.params, **constructor)

    def rows(self, n_customers: int = 3000, periods: Any = 8, seed: int = 23) -> pd.DataFrame:
        """Return customers who behave as the model says."""
        frame = self.typical().simulate(n_customers, periods, random_state=seed)
        frame.index = pd.Index([f"c{i:04}" for i in range(n_customers)], name="customer_id")
        return frame


CASES = [
    Case(ShiftedBetaGeo, {"alpha": 0.8, "beta": 3.0}, endless=True),
    Case(BetaDiscreteWeibull, {"alpha": 1.0, "beta": 4.0, "c": 1.4}, endless=False),
    Case(Geometric, {"odds": 0.25}, endless=False),
]


def cohort(percent: tuple[float, ...], last: int = 7) -> pd.DataFrame:
    """Return the survival of a cohort up to a period."""
    return pd.DataFrame({"period": range(last + 1), "survival": percent[: last + 1]})


def as_counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the survival counts of customers who are all followed equally long."""
    until = np.where(rows["churned"] == 1, rows["duration"], np.inf)
    periods = np.arange(rows["duration"].max() + 1)
    return pd.DataFrame({"period": periods, "customers": [(until > t).sum() for t in periods]})
