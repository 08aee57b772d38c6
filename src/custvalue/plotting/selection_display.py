"""How many segments: the criteria side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue.plotting._display import Display
from custvalue.plotting._selection_display import Criterion, criteria_in, recommended_number
from custvalue.plotting.formatting import decimal, significant
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, PAPER, QUIET, WIDTH, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SelectionDisplay"]

_COLUMNS = 2
_PANEL_HEIGHT = 1.4
_FOOT_HEIGHT = 0.55
_HEADING_SHARE = 0.3
_BETWEEN = 0.1
_MOST_TICKS = 10
_IN_THOUSANDS = 100_000


class SelectionDisplay(Display):
    """Show how criteria judge each number of segments, and which number is recommended.

    Every criterion has a picture of its own, since each has a scale of its own; an arrow tells
    whether it is better high or low. The same number is marked in all, with the value there.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: the numbers of segments. Columns: criteria known by name, such as ``silhouette`` and
        ``bic``, and ``recommended``, True for one number. Other columns are not shown.

    Attributes
    ----------
    table : pandas.DataFrame
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    panels_ : dict of str to matplotlib.axes.Axes
        After `plot`: by column of the table, the axes of each criterion.
    lines_ : dict of str to matplotlib.lines.Line2D
        After `plot`.
    texts_ : list of matplotlib.text.Text
        After `plot`: the names of the criteria and the values of the recommended number.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.plotting import SelectionDisplay
    >>> table = pd.DataFrame(
    ...     {"silhouette": [0.31, 0.52, 0.44], "recommended": [False, True, False]}, index=[2, 3, 4]
    ... )
    >>> SelectionDisplay(table=table).number
    3
    """

    def __init__(self, *, table: pd.DataFrame) -> None:
        self.table = table

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """Take the comparison that a segmenter made when it was fitted.

        Parameters
        ----------
        estimator : fitted segmenter
            `custvalue.segmentation.CustomerSegmenter`, `PreferenceSegmenter`,
            `LatentClassSegmenter`, or another with ``selection_``.

        Returns
        -------
        SelectionDisplay

        Raises
        ------
        ValueError
            If no criterion was compared.
        """
        check_is_fitted(estimator)
        criteria_in(estimator.selection_)
        return cls(table=estimator.selection_)

    @property
    def number(self) -> int | None:
        """The recommended number of segments, None where none is marked."""
        return recommended_number(self.table)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        return WIDTH, _PANEL_HEIGHT * self._rows() + _FOOT_HEIGHT

    def _rows(self) -> int:
        return math.ceil(len(criteria_in(self.table)) / _COLUMNS)

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        criteria = criteria_in(self.table)
        rows, columns = self._rows(), min(len(criteria), _COLUMNS)
        bare(ax)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_xlabel("number of segments", labelpad=FONT_SIZE * 2)
        width, height = (1 - _BETWEEN * (columns - 1)) / columns, 1 / rows
        self.panels_: dict[str, Any] = {}
        self.lines_: dict[str, Any] = {}
        self.texts_: list[Any] = []
        for i, criterion in enumerate(criteria):
            left = (i % columns) * (width + _BETWEEN)
            bottom = 1 - (i // columns + 1) * height
            panel = ax.inset_axes((left, bottom, width, height * (1 - _HEADING_SHARE)))
            last = i + columns >= len(criteria)
            self._draw_panel(panel, criterion, settings, last=last)

    def _draw_panel(
        self, panel: Axes, criterion: Criterion, settings: dict[str, Any], *, last: bool
    ) -> None:
        numbers = self.table.index.to_numpy(dtype=np.float64)
        style: dict[str, Any] = {"color": ACCENT, "linewidth": 1.8, "marker": "o", "markersize": 3}
        bare(panel)
        panel.set_yticks([])
        panel.set_xlim(numbers.min() - 0.5, numbers.max() + 0.5)
        panel.set_xticks(_ticks(numbers), None if last else [])
        if criterion.errors is not None:
            low, high = criterion.values - criterion.errors, criterion.values + criterion.errors
            panel.vlines(numbers, low, high, color=QUIET, linewidth=1.5)
        [line] = panel.plot(numbers, criterion.values, clip_on=False, **(style | settings))
        self.panels_[criterion.column] = panel
        self.lines_[criterion.column] = line
        self.texts_.append(_heading(panel, criterion))
        self._mark(panel, criterion, line.get_color())

    def _mark(self, panel: Axes, criterion: Criterion, ink: Any) -> None:
        """Mark the recommended number, with its value beside the name of the criterion."""
        if self.number is None:
            return
        panel.axvline(self.number, color=MUTED, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
        value = float(criterion.values[self.table.index == self.number][0])
        if math.isnan(value):
            return
        look: dict[str, Any] = {"marker": "o", "markersize": 8, "markeredgecolor": PAPER}
        panel.plot(self.number, value, color=ink, zorder=4, clip_on=False, **look)
        style: dict[str, Any] = {"ha": "right", "va": "baseline", "fontsize": FONT_SIZE}
        text = panel.annotate(
            _figure(value),
            (1, 1),
            (0, 8),
            xycoords="axes fraction",
            textcoords="offset points",
            color=INK,
            **style,
        )
        self.texts_.append(text)


def _heading(panel: Axes, criterion: Criterion) -> Any:
    arrow = "\u2191" if criterion.better == "higher" else "\u2193"
    style: dict[str, Any] = {"ha": "left", "va": "baseline", "fontsize": FONT_SIZE}
    return panel.annotate(
        f"{criterion.name} {arrow}",
        (0, 1),
        (0, 8),
        xycoords="axes fraction",
        textcoords="offset points",
        color=MUTED,
        **style,
    )


def _figure(value: float) -> str:
    """Return a value in the few letters that fit beside the name of a criterion."""
    if abs(value) >= _IN_THOUSANDS:
        return f"{decimal(value / 1000, 0)}k"
    return decimal(value, 2) if abs(value) < 1 else significant(value, 3)


def _ticks(numbers: Any) -> Any:
    """Return the numbers to write: all, or some where they are many."""
    return numbers[:: math.ceil(len(numbers) / _MOST_TICKS)].astype(np.int64)
