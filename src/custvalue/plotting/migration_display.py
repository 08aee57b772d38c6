"""Moves between segments as a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue.plotting._display import Display
from custvalue.plotting._labels import CHARACTER_WIDTH, LINE_HEIGHT, shortened, width_of
from custvalue.plotting._migration_display import cell_text, move_counts, move_shares
from custvalue.plotting.formatting import count
from custvalue.plotting.style import (
    FONT_SIZE,
    INK,
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

__all__ = ["MigrationDisplay"]

_ROW_HEIGHT = 0.34
_CELL_WIDTH = 0.37
_LABELS_WIDTH = 0.5
_LABELS_HEIGHT = 0.6
_LONGEST_NAME = 20


class MigrationDisplay(Display):
    """Show where the customers of each segment went.

    A row is a segment that customers came from, a column one that they were in afterwards. A cell
    has its share of the row in per cent and is the darker the larger that is: the diagonal stayed.
    The number of customers of the row stands at its end.

    Parameters
    ----------
    counts : pandas.DataFrame of shape (n_segments, n_segments)
        Customers who moved from the segment of the row to that of the column.
    shares : pandas.DataFrame of shape (n_segments, n_segments)
        The same as shares of the row; NaN where it has nobody.

    Attributes
    ----------
    counts, shares : pandas.DataFrame
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    mesh_ : matplotlib.collections.QuadMesh
        After `plot`.
    texts_ : list of matplotlib.text.Text
        After `plot`: the numbers in the cells, then those at the end of each row.

    Examples
    --------
    >>> from custvalue.plotting import MigrationDisplay
    >>> display = MigrationDisplay.from_predictions(
    ...     before=["Gold", "Gold", "Basic", "Basic"],
    ...     after=["Gold", "Basic", "Basic", "Basic"],
    ...     order=["Gold", "Basic"],
    ... )
    >>> display.shares
    to     Gold  Basic
    from
    Gold    0.5    0.5
    Basic   0.0    1.0
    """

    def __init__(self, *, counts: pd.DataFrame, shares: pd.DataFrame) -> None:
        self.counts = counts
        self.shares = shares

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """Take the moves that a migration has counted, of all its periods together.

        Parameters
        ----------
        estimator : fitted SegmentMigration
            `custvalue.segmentation.SegmentMigration`.

        Returns
        -------
        MigrationDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the migration is not fitted.
        """
        check_is_fitted(estimator)
        return cls(counts=estimator.counts_, shares=estimator.probabilities_)

    @classmethod
    def from_predictions(
        cls, before: Any, after: Any, *, order: Sequence[Any] | None = None
    ) -> Self:
        """Count the moves between the segments of two dates.

        Parameters
        ----------
        before, after : array-like of shape (n_customers,)
            Segment of each customer, in the same order of the customers. Who is missing in one is
            left out.
        order : sequence or None
            Order of the segments; None sorts them.

        Returns
        -------
        MigrationDisplay

        Raises
        ------
        ValueError
            If the two are not equally long, a segment is not in ``order``, or nobody was there
            before and after.
        """
        one, other = np.asarray(before, dtype=object), np.asarray(after, dtype=object)
        if one.shape != other.shape:
            raise ValueError(
                "before and after must have one entry per customer; "
                f"found {len(one)} and {len(other)}"
            )
        counts = move_counts(one, other, order)
        return cls(counts=counts, shares=move_shares(counts))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        names, size = self._names(), len(self.counts)
        width = max(WIDTH, self._beside() + _CELL_WIDTH * size)
        above = LINE_HEIGHT if self._fits(width) else width_of(names)
        return width, _LABELS_HEIGHT + above + _ROW_HEIGHT * size

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        shares = self.shares.to_numpy(dtype=np.float64)
        known = ~np.isnan(shares)
        levels = ramp_level(np.where(known, shares, 0.0))
        style: dict[str, Any] = {"edgecolors": PAPER, "linewidth": 1.5} | settings
        self.mesh_ = ax.pcolormesh(np.dstack([ramp_rgb(levels), known]), **style)
        bare(ax)
        ax.set_xlim(0, len(shares))
        ax.set_ylim(len(shares), 0)
        self._name_sides(ax)
        centred: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontsize": FONT_SIZE}
        self.texts_ = [
            ax.text(
                j + 0.5, i + 0.5, cell_text(float(shares[i, j])), color=RAMP_INK[level], **centred
            )
            for (i, j), level in np.ndenumerate(levels)
        ]
        self.texts_ += self._row_ends(ax)

    def _names(self) -> list[str]:
        return [shortened(str(name), _LONGEST_NAME) for name in self.counts.index]

    def _totals(self) -> list[str]:
        return [count(float(total)) for total in self.counts.sum(axis=1)]

    def _beside(self) -> float:
        """Return how wide the texts on both sides of the cells are."""
        return _LABELS_WIDTH + width_of(self._names()) + width_of(self._totals())

    def _fits(self, width: float) -> bool:
        """Return whether a name fits above a column when the picture has this width."""
        cell = (width - self._beside()) / len(self.counts)
        return width_of(self._names()) + CHARACTER_WIDTH <= cell

    def _name_sides(self, ax: Axes) -> None:
        middle, names = np.arange(len(self.counts)) + 0.5, self._names()
        level = self._fits(self.size[0])
        ax.xaxis.tick_top()
        ax.set_xticks(middle, names, rotation=0 if level else 90)
        ax.set_yticks(middle, names)
        for label in (*ax.get_xticklabels(), *ax.get_yticklabels()):
            # Names come from the user: a dollar sign in them is no formula.
            label.set_parse_math(False)
            label.set_color(INK)
        ax.set_ylabel("from")
        ax.set_title("to", fontsize=FONT_SIZE, color=MUTED)
        ax.set_xlabel("% of each row; customers at its end")

    def _row_ends(self, ax: Axes) -> list[Any]:
        """Write how many customers each row has, right-aligned after its last cell."""
        totals = self._totals()
        style: dict[str, Any] = {
            "xycoords": ("axes fraction", "data"),
            "textcoords": "offset points",
            "ha": "right",
            "va": "center_baseline",
            "fontsize": FONT_SIZE,
            "color": MUTED,
            "annotation_clip": False,
        }
        offset = (6 + 72 * width_of(totals), 0)
        return [
            ax.annotate(total, (1, row + 0.5), offset, **style) for row, total in enumerate(totals)
        ]
