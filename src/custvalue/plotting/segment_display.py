"""Segments by customers and by value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from custvalue.plotting._display import Display
from custvalue.plotting._labels import shortened
from custvalue.plotting._segment_display import segment_totals
from custvalue.plotting.formatting import share
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, WIDTH, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SegmentDisplay"]

_ROW_HEIGHT = 0.33
_HEADING_HEIGHT = 0.5
_LONGEST_NAME = 20
# Where the columns of text end, in lengths of the longest bar; the bars begin at 0.
_LEFT, _NAMES, _VALUE, _CUSTOMERS = -1.22, -0.05, 1.5, 2.28
_MARK: dict[str, Any] = {"color": INK, "linewidth": 1.8}


class SegmentDisplay(Display):
    """Show who the segments are and what they are worth.

    Each segment has a bar, its share of the value, and a mark, its share of the customers. Where
    the bar runs past the mark, few customers bring much.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: the segment. Columns ``customers``, ``value``, ``customer_share``, ``value_share``
        and ``value_per_customer``.

    Attributes
    ----------
    table : pandas.DataFrame
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    value_bars_ : matplotlib.container.BarContainer
        After `plot`.
    customer_marks_ : matplotlib.collections.LineCollection
        After `plot`.
    texts_ : list of matplotlib.text.Text
        After `plot`: the key, names and shares.

    Examples
    --------
    >>> from custvalue.plotting import SegmentDisplay
    >>> display = SegmentDisplay.from_predictions(
    ...     segments=["Lost", "Champions", "Lost", "Lost"], value=[1.0, 80.0, 9.0, 10.0]
    ... )
    >>> display.table[["customers", "customer_share", "value_share"]]
               customers  customer_share  value_share
    segment
    Champions          1            0.25          0.8
    Lost               3            0.75          0.2
    """

    def __init__(self, *, table: pd.DataFrame) -> None:
        self.table = table

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, value: Any, *, order: Sequence[str] | None = None
    ) -> Self:
        """Let a segmenter name the segment of every customer.

        Parameters
        ----------
        estimator : fitted segmenter
            `custvalue.segmentation.RFMSegmenter`, or another whose ``predict`` gives names.
        X : customer summary
        value : array-like of shape (n_customers,)
            What every customer is worth.
        order : sequence of str or None
            Order of the segments; None puts the one with the highest value first.

        Returns
        -------
        SegmentDisplay
        """
        return cls.from_predictions(estimator.predict(X), value, order=order)

    @classmethod
    def from_predictions(
        cls, segments: Any, value: Any, *, order: Sequence[str] | None = None
    ) -> Self:
        """Take the segment of every customer as given.

        Parameters
        ----------
        segments : array-like of str of shape (n_customers,)
        value : array-like of shape (n_customers,)
            What every customer is worth.
        order : sequence of str or None
            Order of the segments; None puts the one with the highest value first.

        Returns
        -------
        SegmentDisplay

        Raises
        ------
        ValueError
            If the two are not equally long, or a segment is not in ``order``.
        """
        names = np.asarray(segments, dtype=object)
        values = np.asarray(value, dtype=np.float64)
        if names.shape != values.shape:
            raise ValueError(
                "segments and value must have one entry per customer; "
                f"found {len(names)} and {len(values)}"
            )
        return cls(table=segment_totals(names, values, order))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        return WIDTH, _HEADING_HEIGHT + _ROW_HEIGHT * len(self.table)

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        customers = self.table["customer_share"].to_numpy(dtype=np.float64)
        value = self.table["value_share"].to_numpy(dtype=np.float64)
        longest = float(max(customers.max(), np.nanmax(value, initial=0.0)))
        rows = np.arange(len(self.table))
        style: dict[str, Any] = {"height": 0.5, "color": ACCENT} | settings
        self.value_bars_ = ax.barh(rows, np.nan_to_num(value), **style)
        self.customer_marks_ = ax.vlines(customers, rows - 0.38, rows + 0.38, **_MARK)
        bare(ax)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_xlim(_LEFT * longest, _CUSTOMERS * longest)
        ax.set_ylim(len(rows) - 0.45, -1.4)
        self.texts_ = _headings(ax, longest, style["color"])
        for row, name in enumerate(self.table.index):
            self.texts_ += [
                _write(ax, _NAMES * longest, row, shortened(str(name), _LONGEST_NAME), INK),
                _write(ax, _VALUE * longest, row, share(float(value[row])), INK),
                _write(ax, _CUSTOMERS * longest, row, share(float(customers[row])), MUTED),
            ]


def _headings(ax: Axes, longest: float, color: Any) -> list[Any]:
    """Name the two columns of figures, each beside the mark that draws it."""
    left = (_VALUE - 0.46) * longest
    ax.barh([-1.0], [0.1 * longest], left=left, height=0.3, color=color)
    ax.vlines([(_CUSTOMERS - 0.68) * longest], [-1.22], [-0.78], **_MARK)
    return [
        _write(ax, _VALUE * longest, -1.0, "value", INK),
        _write(ax, _CUSTOMERS * longest, -1.0, "customers", MUTED),
    ]


def _write(ax: Axes, x: float, y: float, words: str, ink: str) -> Any:
    # Names come from the user: a dollar sign in them is no formula.
    place: dict[str, Any] = {"ha": "right", "va": "center_baseline", "parse_math": False}
    return ax.text(x, y, words, fontsize=FONT_SIZE, color=ink, **place)
