"""Observed against expected purchases in a holdout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from custvalue._estimator.door import read_table
from custvalue.plotting._display import Display, with_covariates
from custvalue.plotting._holdout_display import expected_in_holdout, means_by_frequency
from custvalue.plotting.formatting import nice_steps
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, RULE, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["HoldoutDisplay"]

_COLUMNS = ("frequency", "recency", "T", "holdout_frequency", "holdout_T")


class HoldoutDisplay(Display):
    """Show whether a model foretold the purchases of a time that it had not seen.

    Customers are grouped by their repeat purchases before the holdout; each group has the mean of
    what they bought in the holdout beside what the model expected.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: the frequency as text, such as "0" or "7+". Columns ``customers``, ``observed`` and
        ``expected`` (mean purchases per customer).

    Attributes
    ----------
    table : pandas.DataFrame
        As given.
    observed_total, expected_total : float
        Purchases of all customers in the holdout.
    ax_, figure_ : matplotlib objects
        After `plot`.
    observed_line_, expected_line_ : matplotlib.lines.Line2D
        After `plot`.
    texts_ : list of matplotlib.text.Text
        After `plot`: the labels of the two lines.

    See Also
    --------
    custvalue.transactions.calibration_holdout_split : Makes the table that `from_estimator` reads.

    Examples
    --------
    >>> from custvalue.plotting import HoldoutDisplay
    >>> display = HoldoutDisplay.from_predictions(
    ...     frequency=[0, 0, 0, 1, 2], observed=[0, 1, 0, 1, 2], expected=[0.2, 0.2, 0.2, 0.9, 1.8]
    ... )
    >>> display.table.round(2)
               customers  observed  expected
    frequency
    0                  3      0.33       0.2
    1                  1      1.00       0.9
    2                  1      2.00       1.8
    """

    _aspect = 0.72

    def __init__(self, *, table: pd.DataFrame) -> None:
        self.table = table

    @property
    def observed_total(self) -> float:
        """Purchases of all customers in the holdout."""
        return float((self.table["customers"] * self.table["observed"]).sum())

    @property
    def expected_total(self) -> float:
        """Purchases that the model expected of all customers in the holdout."""
        return float((self.table["customers"] * self.table["expected"]).sum())

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, *, last_group: int = 7) -> Self:
        """Let a model that was fitted on the calibration part foretell the holdout.

        Parameters
        ----------
        estimator : fitted attrition model
            Such as `custvalue.lifetime.BetaGeoNBD`.
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, 5)
            ``frequency``, ``recency``, ``T``, ``holdout_frequency``, ``holdout_T``, and the
            covariates of the estimator where it has any.
        last_group : int, default=7
            Customers with this frequency and more are one group.

        Returns
        -------
        HoldoutDisplay

        Raises
        ------
        custvalue.exceptions.DataError
            If a column is missing or holds other than numbers.
        """
        table = read_table(X, with_covariates(_COLUMNS, estimator), owner=cls.__name__)
        expected = expected_in_holdout(estimator, table)
        observed = table["holdout_frequency"]
        return cls(table=means_by_frequency(table["frequency"], observed, expected, last_group))

    @classmethod
    def from_predictions(
        cls, frequency: Any, observed: Any, expected: Any, *, last_group: int = 7
    ) -> Self:
        """Group what was observed and what was expected.

        Parameters
        ----------
        frequency : array-like of shape (n_customers,)
            Repeat purchases before the holdout.
        observed, expected : array-like of shape (n_customers,)
            Purchases in the holdout.
        last_group : int, default=7
            Customers with this frequency and more are one group.

        Returns
        -------
        HoldoutDisplay
        """
        counts, bought, foretold = (
            np.asarray(values, dtype=np.float64) for values in (frequency, observed, expected)
        )
        return cls(table=means_by_frequency(counts, bought, foretold, last_group))

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        at = np.arange(len(self.table))
        observed, expected = self.table["observed"], self.table["expected"]
        style: dict[str, Any] = {"color": ACCENT, "linewidth": 2.0} | settings
        [self.expected_line_] = ax.plot(at, expected, zorder=2, **style)
        [self.observed_line_] = ax.plot(
            at, observed, linestyle="none", marker="o", markersize=6, color=INK, zorder=3
        )
        bare(ax, keep=("bottom",))
        ax.set_xticks(at, [str(name) for name in self.table.index])
        ax.set_xlabel("repeat purchases before the holdout")
        highest = float(max(observed.max(), expected.max(), 1e-9))
        ax.set_yticks(nice_steps(highest, 5))
        ax.set_ylim(-0.04 * highest, 1.3 * highest)
        ax.grid(axis="y", color=RULE, linewidth=0.8)
        ax.set_axisbelow(True)
        self.texts_ = [
            _key(ax, 0.95, "observed", {"color": INK, "marker": "o", "markersize": 6}),
            _key(ax, 0.86, "expected by the model", style | {"marker": "none"}),
        ]


def _key(ax: Axes, y: float, words: str, style: dict[str, Any]) -> Any:
    """Write what a mark means beside one, where purchases that grow leave room."""
    x = [0.05] if style["marker"] == "o" else [0.03, 0.07]
    ax.plot(x, [y] * len(x), transform=ax.transAxes, **style)
    place: dict[str, Any] = {"va": "center_baseline", "fontsize": FONT_SIZE}
    return ax.text(0.1, y, words, transform=ax.transAxes, color=style["color"], **place)
