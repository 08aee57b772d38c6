"""P(alive) by recency and frequency."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from custvalue._estimator.door import read_table
from custvalue._typing import FloatArray
from custvalue.plotting._display import Display, with_covariates
from custvalue.plotting._probability_alive_display import (
    alive_grid,
    binned_means,
    grid_frequencies,
    grid_waits,
    typical_time,
)
from custvalue.plotting.formatting import decimal
from custvalue.plotting.style import (
    FONT_SIZE,
    MUTED,
    PAPER,
    RAMP_INK,
    WIDTH,
    bare,
    ramp_level,
    ramp_rgb,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ProbabilityAliveDisplay"]

_HISTORY = ("frequency", "recency", "T")
_ROW_HEIGHT = 0.34
_LABEL_HEIGHT = 0.85
_GROUPED_SIZE = 9.0


class ProbabilityAliveDisplay(Display):
    """Show how likely a customer is still one, by how often they bought and how long ago.

    A heat map whose cells carry their number. Somebody who used to buy often and has been silent
    for long is more surely gone than somebody who bought seldom and has been silent as long.

    Parameters
    ----------
    frequency : ndarray of shape (n_columns,)
        Repeat purchases of each column.
    since : ndarray of shape (n_rows,)
        Time since the last purchase of each row, in the time unit.
    probability : ndarray of shape (n_rows, n_columns)
        P(alive); NaN where there is nothing to show.
    T : float or None, default=None
        Time since the first purchase, the same in every cell; None where each cell is a mean over
        customers, whose frequency and time begin with those of the column and row.
    time_unit : str, default="time unit"
        For the label.

    Attributes
    ----------
    frequency, since, probability, T, time_unit :
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    mesh_ : matplotlib.collections.QuadMesh
        After `plot`.
    texts_ : list of matplotlib.text.Text
        After `plot`: the numbers in the cells.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.lifetime import BetaGeoNBD
    >>> from custvalue.plotting import ProbabilityAliveDisplay
    >>> model = BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> customers = pd.DataFrame({"frequency": [1, 3], "recency": [9.0, 35.0], "T": [40.0, 40.0]})
    >>> display = ProbabilityAliveDisplay.from_estimator(model, customers)
    >>> display.probability[[0, 4]].round(2)
    array([[0.75, 0.81, 0.85],
           [0.59, 0.53, 0.44]])
    """

    def __init__(
        self,
        *,
        frequency: FloatArray,
        since: FloatArray,
        probability: FloatArray,
        T: float | None = None,
        time_unit: str = "time unit",
    ) -> None:
        self.frequency = frequency
        self.since = since
        self.probability = probability
        self.T = T
        self.time_unit = time_unit

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        frequency: Any = None,
        since: Any = None,
        T: float | None = None,
    ) -> Self:
        """Ask a model about a grid of histories.

        Parameters
        ----------
        estimator : fitted attrition model
            Such as `custvalue.lifetime.BetaGeoNBD`.
        X : customer summary
            Sets the range of what is left None below. Covariates are held at their medians.
        frequency : array-like of shape (n_columns,) or None
            Repeat purchases to ask about.
        since : array-like of shape (n_rows,) or None
            Times since the last purchase to ask about, below ``T``.
        T : float or None
            Time since the first purchase; None takes the median of those who bought again.

        Returns
        -------
        ProbabilityAliveDisplay

        Raises
        ------
        custvalue.exceptions.DataError
            If a column of X is missing, a history cannot be, or nobody in X bought again and ``T``
            is not given.
        """
        table = read_table(X, with_covariates(_HISTORY, estimator), owner=cls.__name__)
        time = typical_time(table["frequency"], table["T"]) if T is None else float(T)
        counts = grid_frequencies(table["frequency"]) if frequency is None else _floats(frequency)
        waits = grid_waits(time) if since is None else _floats(since)
        unit = getattr(estimator, "time_unit", None)
        covariates = {
            name: float(np.median(values))
            for name, values in table.columns.items()
            if name not in _HISTORY
        }
        return cls(
            frequency=counts,
            since=waits,
            probability=alive_grid(estimator, counts, waits, time, unit, covariates),
            T=time,
            time_unit=unit or "time unit",
        )

    @classmethod
    def from_predictions(
        cls, X: Any, probability_alive: Any, *, time_unit: str = "time unit"
    ) -> Self:
        """Average what was predicted for customers with histories alike.

        Parameters
        ----------
        X : customer summary
            Customers without a repeat purchase are left out.
        probability_alive : array-like of shape (n_customers,)
        time_unit : str, default="time unit"
            For the label.

        Returns
        -------
        ProbabilityAliveDisplay

        Raises
        ------
        custvalue.exceptions.DataError
            If a column of X is missing or holds other than numbers.
        """
        table = read_table(X, _HISTORY, owner=cls.__name__)
        counts = grid_frequencies(table["frequency"])
        waits = grid_waits(float(table["T"].max()))
        passed = table["T"] - table["recency"]
        values = _floats(probability_alive)
        means = binned_means(passed, table["frequency"], values, waits, counts)
        return cls(frequency=counts, since=waits, probability=means, time_unit=time_unit)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        return WIDTH, _LABEL_HEIGHT + _ROW_HEIGHT * len(self.since)

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        known = ~np.isnan(self.probability)
        levels = ramp_level(np.where(known, self.probability, 0.0))
        style: dict[str, Any] = {"edgecolors": PAPER, "linewidth": 1.5} | settings
        cells = np.dstack([ramp_rgb(levels), known])
        self.mesh_ = ax.pcolormesh(cells, **style)
        bare(ax)
        ax.invert_yaxis()
        ax.set_xticks(np.arange(len(self.frequency)) + 0.5, self._column_names())
        ax.set_yticks(np.arange(len(self.since)) + 0.5, self._row_names())
        ax.set_title("P(alive), %", loc="left", fontsize=FONT_SIZE, color=MUTED)
        ax.set_xlabel("repeat purchases")
        ax.set_ylabel(f"{self.time_unit}s since the last purchase")
        if self.T is None:
            ax.tick_params(labelsize=_GROUPED_SIZE)
        self.texts_ = [
            ax.text(
                column + 0.5,
                row + 0.5,
                decimal(float(100 * self.probability[row, column]), 0),
                ha="center",
                va="center_baseline",
                fontsize=FONT_SIZE,
                color=RAMP_INK[level],
            )
            for (row, column), level in np.ndenumerate(levels)
            if known[row, column]
        ]

    def _column_names(self) -> list[str]:
        names = [decimal(value, 0) for value in self.frequency]
        if self.T is not None:
            return names
        last = [decimal(value - 1, 0) for value in self.frequency[1:]]
        closed = [a if a == b else f"{a}\u2013{b}" for a, b in zip(names, last, strict=False)]
        return [*closed, f"{names[-1]}+"]

    def _row_names(self) -> list[str]:
        names = [f"{value:g}" for value in self.since]
        if self.T is not None:
            return names
        closed = [f"{a}\u2013{b}" for a, b in pairwise(names)]
        return [*closed, f"{names[-1]}+"]


def _floats(values: Any) -> FloatArray:
    return np.asarray(values, dtype=np.float64)
