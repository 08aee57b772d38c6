"""Segments by features: one line a segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.mixed import read_mixed
from custvalue.exceptions import DataError
from custvalue.plotting._display import Display
from custvalue.plotting._labels import LINE_HEIGHT, shortened, spread, width_of, wrapped
from custvalue.plotting._snake_display import (
    even_steps,
    places_of,
    profile_deviations,
    segment_deviations,
)
from custvalue.plotting.formatting import decimal
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, QUIET, RAMP, WIDTH, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SnakeDisplay"]

_LOOKS = [
    (ACCENT, "-"),
    (INK, "-"),
    (RAMP[3], "-"),
    (MUTED, "-"),
    (ACCENT, (0, (4, 2))),
    (INK, (0, (4, 2))),
    (RAMP[3], (0, (4, 2))),
    (MUTED, (0, (4, 2))),
]
"""The first segments are told apart by lightness and dashes; all others are quiet."""

_LONGEST_NAME = 22
_FEATURE_LINE = 11
_COLUMN_WIDTH = 1.02
_AXIS_WIDTH = 0.75
_ROW_HEIGHT = 0.24
_OWN_HEIGHT = 3.0
_EVERYBODY = "all customers"


class SnakeDisplay(Display):
    """Show what sets the segments apart: one line a segment over the features.

    Each point is the median of a segment less that of all customers, in robust standard deviations
    of all customers, so that features of any unit have one scale. Categories are left out.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a segment and a column a feature: deviations from all customers. The first eight
        segments have looks of their own, all others are quiet.

    Attributes
    ----------
    table : pandas.DataFrame
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    lines_ : list of matplotlib.lines.Line2D
        After `plot`: one a segment, in the order of the table.
    texts_ : list of matplotlib.text.Text
        After `plot`: the names at the ends of the lines, that of all customers last.

    See Also
    --------
    custvalue.plotting.SegmentDisplay : Sizes and values of segments.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.plotting import SnakeDisplay
    >>> customers = pd.DataFrame({"orders": [1, 2, 3, 9], "spend": [5.0, 5.0, 8.0, 30.0]})
    >>> display = SnakeDisplay.from_predictions(customers, ["low", "low", "high", "high"])
    >>> display.table.round(2)
             orders  spend
    segment
    high       2.36   5.62
    low       -0.67  -0.67
    """

    def __init__(self, *, table: pd.DataFrame) -> None:
        self.table = table

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """Take the profile that a segmenter made when it was fitted.

        Parameters
        ----------
        estimator : fitted segmenter
            `custvalue.segmentation.CustomerSegmenter`, or another with ``feature_profile_``.

        Returns
        -------
        SnakeDisplay

        Raises
        ------
        custvalue.exceptions.DataError
            If no feature is a number.
        """
        check_is_fitted(estimator)
        return cls(table=_with_features(profile_deviations(estimator.feature_profile_)))

    @classmethod
    def from_predictions(cls, X: Any, segments: Any, *, order: Sequence[str] | None = None) -> Self:
        """Compare the medians of segments as given.

        Parameters
        ----------
        X : table of shape (n_customers, n_features)
            Columns of numbers are shown, missing values left out.
        segments : array-like of str of shape (n_customers,)
        order : sequence of str or None
            Order of the segments; None sorts their names.

        Returns
        -------
        SnakeDisplay

        Raises
        ------
        ValueError
            If the two are not equally long, or a segment is not in ``order``.
        custvalue.exceptions.DataError
            If X is no such table, or no column holds numbers.
        """
        table = read_mixed(X, owner=cls.__name__)
        names = np.asarray(segments, dtype=object)
        if names.shape != (len(table),):
            raise ValueError(
                "X and segments must have one entry per customer; "
                f"found {len(table)} and {len(names)}"
            )
        numbers = {name: v for name, v in table.columns.items() if v.dtype.kind == "f"}
        return cls(table=segment_deviations(numbers, names, order) if numbers else _none())

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        rows = len(self.table) + 1
        width = _AXIS_WIDTH + _COLUMN_WIDTH * max(self.table.shape[1] - 1, 1) + self._name_width()
        return max(WIDTH, width), max(_OWN_HEIGHT, _ROW_HEIGHT * rows + 0.9)

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        deviations = self.table.to_numpy(dtype=np.float64)
        places = np.arange(deviations.shape[1])
        lowest = min(0.0, float(np.nanmin(deviations, initial=0.0)))
        highest = max(0.0, float(np.nanmax(deviations, initial=0.0)))
        room = 0.06 * (highest - lowest) or 1.0
        bare(ax)
        ax.set_ylim(lowest - room, highest + room)
        steps = even_steps(lowest, highest)
        ax.set_yticks(steps, [decimal(step, places_of(steps)) for step in steps])
        ax.set_ylabel("robust standard deviations")
        names = [wrapped(str(name), _FEATURE_LINE, lines=3) for name in self.table.columns]
        ax.set_xticks(places, names, parse_math=False)
        ax.plot([-0.25, places[-1]], [0, 0], color=QUIET, linewidth=1.0, zorder=1)
        self.lines_ = [
            ax.plot(places, row, **(_look(i) | settings))[0] for i, row in enumerate(deviations)
        ]
        self._set_width(ax, float(places[-1]))
        self.texts_ = self._name_lines(ax, deviations, float(places[-1]))

    def _set_width(self, ax: Axes, last: float) -> None:
        """Leave room for the names on the right."""
        share = self._name_width() / max(self.size[0] - _AXIS_WIDTH, 1.0)
        ax.set_xlim(-0.25, last + (last + 0.25) * share / max(1 - share, 0.2) + 0.15)

    def _name_lines(self, ax: Axes, deviations: Any, last: float) -> list[Any]:
        """Write each name at the end of its line, apart from the others."""
        ends = np.append(_last_known(deviations), 0.0)
        low, high = ax.get_ylim()
        height = ax.bbox.height / ax.figure.dpi
        gap = LINE_HEIGHT * (high - low) / height
        # Reversed, so that of equal ends the first segment is written on top.
        written = spread(ends[::-1], gap)[::-1]
        ax.set_ylim(min(low, float(written.min()) - gap), max(high, float(written.max()) + gap))
        names = [*map(str, self.table.index), _EVERYBODY]
        inks = [line.get_color() for line in self.lines_] + [MUTED]
        inks = [MUTED if ink == QUIET else ink for ink in inks]
        left, right = ax.get_xlim()
        away = 0.03 * (right - left)
        rows = zip(names, inks, ends, written, strict=True)
        return [
            _write(ax, name, ink, (last, end), (last + away, place))
            for name, ink, end, place in rows
        ]

    def _name_width(self) -> float:
        names = [shortened(str(name), _LONGEST_NAME) for name in self.table.index]
        return width_of([*names, _EVERYBODY]) + 0.25


def _none() -> pd.DataFrame:
    return _with_features(pd.DataFrame())


def _with_features(table: pd.DataFrame) -> pd.DataFrame:
    if table.shape[1] == 0:
        raise DataError("a feature must be a number to be shown; found 0 such columns")
    return table


def _look(position: int) -> dict[str, Any]:
    known = position < len(_LOOKS)
    ink, dashes = _LOOKS[position] if known else (QUIET, "-")
    width = 2.0 if known else 1.0
    ends = {"marker": "o", "markersize": 4.5, "clip_on": False}
    return {
        "color": ink,
        "linestyle": dashes,
        "linewidth": width,
        "zorder": 3 if known else 2,
        **ends,
    }


def _last_known(deviations: Any) -> Any:
    """Return where each line ends: its last value that is no gap, 0 for a line of gaps."""
    return pd.DataFrame(deviations).ffill(axis=1).iloc[:, -1].fillna(0.0).to_numpy()


def _write(ax: Axes, name: str, ink: Any, end: Any, place: Any) -> Any:
    """Write a name, with a fine line to where it belongs."""
    ax.plot([end[0], place[0]], [end[1], place[1]], color=QUIET, linewidth=0.7, zorder=1)
    style: dict[str, Any] = {"va": "center_baseline", "parse_math": False, "fontsize": FONT_SIZE}
    return ax.text(place[0], place[1], " " + shortened(name, _LONGEST_NAME), color=ink, **style)
