"""How many factors: the eigenvalues, and those of random data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from custvalue.plotting._display import Display
from custvalue.plotting._fitted import check_fitted
from custvalue.plotting._labels import LINE_HEIGHT, spread, width_of, wrapped
from custvalue.plotting._scree_display import checked_number, eigenvalue_table, retention_table
from custvalue.plotting._snake_display import even_steps
from custvalue.plotting.formatting import counted, decimal
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, PAPER, QUIET, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ScreeDisplay"]

_MOST_TICKS = 10
_AXIS_WIDTH = 0.55
_LETTERS = 13
_ROOM = 0.06


class ScreeDisplay(Display):
    """Show how many factors are kept: the eigenvalues from the largest to the smallest.

    Where there is a reference, the eigenvalues that random data of the same size would give, the
    factors above it are more than chance. Those that are kept are in colour.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: numbers from 1. Column ``eigenvalue``, and ``reference`` if there is one.
    n_factors : int or None
        How many are kept; None marks none.
    names : tuple of two str
        What stands at the end of the two lines.

    Attributes
    ----------
    table, n_factors, names :
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    line_ : matplotlib.lines.Line2D
        After `plot`: the eigenvalues.
    reference_line_ : matplotlib.lines.Line2D or None
        After `plot`.
    kept_ : matplotlib.lines.Line2D or None
        After `plot`: the eigenvalues that are kept.
    texts_ : list of matplotlib.text.Text
        After `plot`: names of the lines, and the number that is kept.

    See Also
    --------
    LoadingsDisplay : What the factors are.

    Examples
    --------
    >>> from custvalue.plotting import ScreeDisplay
    >>> display = ScreeDisplay.from_predictions([1.8, 0.7, 0.5], [1.3, 1.0, 0.8], n_factors=1)
    >>> display.table.loc[1].to_dict()
    {'eigenvalue': 1.8, 'reference': 1.3}
    """

    def __init__(
        self,
        *,
        table: pd.DataFrame,
        n_factors: int | None = None,
        names: tuple[str, str] = ("these data", "random data, 95\u00a0%"),
    ) -> None:
        self.table = table
        self.n_factors = n_factors
        self.names = names

    @classmethod
    def from_estimator(cls, estimator: Any, *, of: str = "components") -> Self:
        """Take the eigenvalues that a factor analysis has compared when it was fitted.

        Parameters
        ----------
        estimator : fitted factor analysis
            `custvalue.factors.FactorAnalyzer`, or another with ``retention_`` and ``n_factors_``.
            The line of random data is named by its ``percentile``, if it has one.
        of : {"components", "factors"}, default="components"
            Eigenvalues of the correlation matrix itself, or of the reduced one, whose diagonal
            holds what the items share.

        Returns
        -------
        ScreeDisplay

        Raises
        ------
        ValueError
            If ``of`` is neither of the two, or the analysis has no such eigenvalues.
        TypeError
            If the estimator is no factor analysis.
        """
        check_fitted(estimator, cls.__name__, "retention_", "n_factors_", like="FactorAnalyzer")
        table = retention_table(estimator.retention_, of)
        number = checked_number(estimator.n_factors_, len(table))
        percentile = getattr(estimator, "percentile", None)
        if percentile is None:
            return cls(table=table, n_factors=number)
        names = ("these data", f"random data, {percentile:g}\u00a0%")
        return cls(table=table, n_factors=number, names=names)

    @classmethod
    def from_predictions(
        cls, eigenvalues: Any, reference: Any = None, n_factors: int | None = None
    ) -> Self:
        """Take eigenvalues as given.

        Parameters
        ----------
        eigenvalues : array-like of shape (n_eigenvalues,)
            From the largest to the smallest.
        reference : array-like of shape (n_eigenvalues,) or None
            What random data give: the 95 % points of a parallel analysis.
        n_factors : int or None
            How many are kept; None marks none.

        Returns
        -------
        ScreeDisplay

        Raises
        ------
        ValueError
            If a number is not finite, the eigenvalues rise, the reference has another length, or
            ``n_factors`` is not a whole number from 0 to that of the eigenvalues.
        """
        table = eigenvalue_table(eigenvalues, reference)
        return cls(table=table, n_factors=checked_number(n_factors, len(table)))

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        numbers = self.table.index.to_numpy()
        values = self.table["eigenvalue"].to_numpy(dtype=np.float64)
        look: dict[str, Any] = {"color": MUTED, "linewidth": 1.4, "marker": "o", "markersize": 5}
        look["clip_on"] = False
        bare(ax)
        self._set_limits(ax)
        ax.plot([0.5, len(numbers) + 0.1], [0, 0], color=QUIET, linewidth=0.8, zorder=1)
        self.reference_line_ = self._draw_reference(ax)
        [self.line_] = ax.plot(numbers, values, zorder=3, **(look | settings))
        self.kept_ = self._mark_kept(ax)
        self.texts_ = [*self._name_lines(ax), *self._tell_number(ax)]

    def _set_limits(self, ax: Axes) -> None:
        """Leave room for the number on top and the names on the right."""
        values = self.table.to_numpy(dtype=np.float64)
        low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
        room = _ROOM * (high - low) or 1.0
        on_top = LINE_HEIGHT / self.size[1] * (high - low) * 1.6 if self.n_factors else 0.0
        ax.set_ylim(low - room, high + room + on_top)
        steps = even_steps(low, high)
        places = next(n for n in range(16) if np.allclose(steps, np.round(steps, n), atol=1e-9))
        ax.set_yticks(steps, [decimal(step, places) for step in steps])
        ax.set_ylabel("eigenvalue")
        count = len(self.table)
        share = self._name_width() / (self.size[0] - _AXIS_WIDTH)
        ax.set_xlim(0.5, count + 0.5 + count * share / (1 - share))
        numbers = self.table.index[:: math.ceil(count / _MOST_TICKS)]
        ax.set_xticks(numbers, [str(number) for number in numbers])
        ax.set_xlabel("number", x=0.5 * (1 - share))

    def _draw_reference(self, ax: Axes) -> Any:
        if "reference" not in self.table:
            return None
        look: dict[str, Any] = {"color": QUIET, "linewidth": 1.8, "linestyle": (0, (4, 2))}
        return ax.plot(self.table.index, self.table["reference"], zorder=2, **look)[0]

    def _mark_kept(self, ax: Axes) -> Any:
        """Draw the eigenvalues that are kept once more, in colour."""
        if not self.n_factors:
            return None
        kept = self.table["eigenvalue"].iloc[: self.n_factors]
        look: dict[str, Any] = {"color": ACCENT, "linewidth": 2.2, "marker": "o", "markersize": 8}
        look |= {"markeredgecolor": PAPER, "clip_on": False}
        return ax.plot(kept.index, kept, zorder=4, **look)[0]

    def _tell_number(self, ax: Axes) -> list[Any]:
        """Part the kept from the rest by a line, with their number at its top."""
        if not self.n_factors:
            return []
        place, (_, top) = min(self.n_factors + 0.5, len(self.table)), ax.get_ylim()
        if self.n_factors < len(self.table):
            ax.axvline(place, color=QUIET, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
        left = place <= 0.5 * ax.get_xlim()[1]
        style: dict[str, Any] = {"ha": "left" if left else "right", "va": "top"}
        return [
            ax.annotate(
                f"{counted(self.n_factors, 'factor')} kept",
                (place, top),
                (6 if left else -6, 0),
                textcoords="offset points",
                color=ACCENT,
                fontsize=FONT_SIZE,
                **style,
            )
        ]

    def _labels(self) -> list[str]:
        shown = self.names if "reference" in self.table else self.names[:1]
        return [wrapped(name, _LETTERS, lines=3) for name in shown]

    def _name_width(self) -> float:
        return width_of(self._labels()) + 0.2

    def _name_lines(self, ax: Axes) -> list[Any]:
        """Write the names beside the last points, apart from each other and below the number."""
        ends = self.table.iloc[-1].to_numpy(dtype=np.float64)
        labels, (low, high) = self._labels(), ax.get_ylim()
        line = LINE_HEIGHT * (high - low) / (0.8 * self.size[1])
        gap = line * max(label.count("\n") + 1 for label in labels)
        written = spread(ends, gap)
        highest = high - line * bool(self.n_factors) - gap / 2
        written = written - max(0.0, float(written.max()) - highest)
        style: dict[str, Any] = {"va": "center", "fontsize": FONT_SIZE, "parse_math": False}
        right = len(self.table) + 0.15 + 0.02 * (ax.get_xlim()[1] - 0.5)
        rows = zip(labels, written, (INK, MUTED), strict=False)
        return [ax.text(right, place, label, color=ink, **style) for label, place, ink in rows]
