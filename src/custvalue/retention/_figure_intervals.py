"""How sure a figure of new customers is: intervals from draws of the parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from custvalue._likelihood.intervals import intervals_by_simulation, rows_with_draws
from custvalue._likelihood.specification import Specification
from custvalue._typing import FloatArray

__all__ = ["Draws", "figure_intervals"]


@dataclass(frozen=True, slots=True)
class Draws:
    """What a user asks of an interval, not checked yet; without a level there is none."""

    level: Any
    n_draws: Any
    random_state: Any


def figure_intervals(
    functions: Sequence[Callable[[Any], Any]],
    specification: Specification,
    parameters: FloatArray,
    covariates: tuple[FloatArray, ...],
    level: float,
) -> FloatArray:
    """Return equal-tailed intervals of figures over draws of the parameters.

    The ends are among the figures drawn, which may be infinite.

    Parameters
    ----------
    functions : sequence of callable
        Each takes a law and gives a figure of every row of the law.
    specification : Specification
    parameters : ndarray of shape (n_draws, k + m)
    covariates : tuple of ndarray of shape (n_rows,)
        Without any there is one row.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    ndarray of shape (n_functions * n_rows, 2)
    """
    n_rows = len(covariates[0]) if covariates else 1
    columns = (*(np.zeros(n_rows),) * len(specification.law.columns), *covariates)

    def interval_of(function: Callable[[Any], Any]) -> FloatArray:
        def draw(row: tuple[FloatArray, ...]) -> FloatArray:
            law, _ = rows_with_draws(specification, parameters, row)
            shape = (len(row[0]), len(parameters))
            return np.broadcast_to(function(law), (shape[0] * shape[1],)).reshape(shape)

        return intervals_by_simulation(
            draw, columns, len(parameters), level=level, whole=True, total=False, progress=False
        )

    return np.concatenate([interval_of(function) for function in functions])
