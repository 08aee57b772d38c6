"""What each segment prefers: rankings side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue.plotting._display import Display
from custvalue.plotting._labels import CHARACTER_WIDTH, shortened, width_of, wrapped
from custvalue.plotting._preference_display import checked_ranks, checked_shares, emphasis
from custvalue.plotting.formatting import share
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, PAPER, QUIET, WIDTH, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["PreferenceDisplay"]

_LONGEST_ITEM = 22
_COLUMN_WIDTH = 1.15
_ROW_HEIGHT = 0.36
_HEADING_HEIGHT = 0.72
_BESIDE = 0.2
_NOTABLE = 0.5


class PreferenceDisplay(Display):
    """Show the rankings of segments side by side, with a line for each item.

    The item that a segment prefers is on top of its column. Items whose place differs the most
    between segments, by at least half the largest difference, have lines in colour.

    Parameters
    ----------
    ranks : pandas.DataFrame
        A row a segment and a column an item: ranks from 1, the most preferred, each once.
    shares : pandas.Series or None
        Share of each segment, for its heading.

    Attributes
    ----------
    ranks, shares :
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    lines_ : list of matplotlib.lines.Line2D
        After `plot`: one an item, in the order of the columns.
    texts_ : list of matplotlib.text.Text
        After `plot`: headings, names of items and ranks.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.plotting import PreferenceDisplay
    >>> ranks = pd.DataFrame(
    ...     {"price": [1, 3], "speed": [2, 1], "advice": [3, 2]}, index=["Savers", "Movers"]
    ... )
    >>> PreferenceDisplay.from_predictions(ranks, [0.7, 0.3]).shares
    Savers    0.7
    Movers    0.3
    dtype: float64
    """

    def __init__(self, *, ranks: pd.DataFrame, shares: pd.Series | None = None) -> None:
        self.ranks = ranks
        self.shares = shares

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """Take the consensus of each segment.

        Parameters
        ----------
        estimator : fitted segmenter
            `custvalue.segmentation.PreferenceSegmenter`, or another with ``consensus_`` and the
            column ``share`` of ``profile_``.

        Returns
        -------
        PreferenceDisplay
        """
        check_is_fitted(estimator)
        return cls.from_predictions(estimator.consensus_, estimator.profile_["share"])

    @classmethod
    def from_predictions(cls, ranks: pd.DataFrame, shares: Any = None) -> Self:
        """Take the ranking of each segment as given.

        Parameters
        ----------
        ranks : pandas.DataFrame
            A row a segment and a column an item.
        shares : pandas.Series, sequence of float, or None
            Share of each segment.

        Returns
        -------
        PreferenceDisplay

        Raises
        ------
        TypeError
            If the ranks are no frame.
        ValueError
            If a row does not hold each rank once, or a segment has no share.
        """
        ranks = checked_ranks(ranks)
        return cls(ranks=ranks, shares=checked_shares(shares, ranks.index))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        columns = self._left() + self._right() + _COLUMN_WIDTH * (len(self.ranks) - 1)
        return max(WIDTH, columns), _HEADING_HEIGHT + _ROW_HEIGHT * self.ranks.shape[1]

    def _items(self) -> list[str]:
        return [shortened(str(item), _LONGEST_ITEM) for item in self.ranks.columns]

    def _left(self) -> float:
        """Return how far the first column is from the left edge, in inches."""
        return width_of(self._items()) + _BESIDE + 0.05

    def _right(self) -> float:
        half = 0.5 * _COLUMN_WIDTH
        return max(self._left(), half) if len(self.ranks) > 1 else half

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        width, _ = self.size
        count, n_items = self.ranks.shape
        between = (width - self._left() - self._right()) / max(count - 1, 1)
        places = self._left() + between * np.arange(count)
        bare(ax)
        ax.set_xticks([])
        ax.set_yticks([])
        # One unit across is an inch, one down is a rank: all margins are in these.
        ax.set_xlim(0, width)
        ax.set_ylim(n_items + 0.5, 0.5 - _HEADING_HEIGHT / _ROW_HEIGHT)
        notable = self._notable()
        self.lines_ = [
            ax.plot(places, self.ranks.iloc[:, i], **(_look(bold=notable[i]) | settings))[0]
            for i in range(n_items)
        ]
        self.texts_ = [
            *self._headings(ax, places, between),
            *self._name_items(ax, places, notable),
            *self._number(ax, places, notable),
        ]

    def _notable(self) -> list[bool]:
        ranges = emphasis(self.ranks)
        least = max(_NOTABLE * ranges.max(), 1)
        return [bool(one >= least) for one in ranges]

    def _headings(self, ax: Axes, places: Any, between: float) -> list[Any]:
        """Write the name of each segment, and its share below, over its column."""
        letters = max(int(0.95 * between / CHARACTER_WIDTH), 4) if len(places) > 1 else 30
        texts = []
        for place, name in zip(places, self.ranks.index, strict=True):
            lines = wrapped(str(name), letters)
            texts.append(_write(ax, place, -0.05, lines, INK, va="bottom", ha="center"))
            if self.shares is not None:
                words = share(float(self.shares[name]), 0)
                texts.append(_write(ax, place, 0.2, words, MUTED, ha="center"))
        return texts

    def _name_items(self, ax: Axes, places: Any, notable: list[bool]) -> list[Any]:
        """Write the items beside the first column, and again beside the last."""
        sides = [(0, places[0] - _BESIDE, "right")]
        if len(places) > 1:
            sides.append((-1, places[-1] + _BESIDE, "left"))
        ranks = self.ranks.to_numpy()
        return [
            _write(ax, x, ranks[row, i], name, INK if notable[i] else MUTED, ha=side)
            for row, x, side in sides
            for i, name in enumerate(self._items())
        ]

    def _number(self, ax: Axes, places: Any, notable: list[bool]) -> list[Any]:
        """Write each rank into its mark."""
        return [
            _write(ax, x, rank, str(rank), PAPER if notable[i] else INK, ha="center", small=True)
            for x, row in zip(places, self.ranks.to_numpy(), strict=True)
            for i, rank in enumerate(row)
        ]


def _look(*, bold: bool) -> dict[str, Any]:
    return {
        "color": ACCENT if bold else QUIET,
        "linewidth": 2.4 if bold else 1.4,
        "marker": "o",
        "markersize": 15,
        "zorder": 3 if bold else 2,
    }


def _write(
    ax: Axes,
    x: float,
    y: float,
    words: str,
    ink: str,
    *,
    ha: str,
    va: str = "center_baseline",
    small: bool = False,
) -> Any:
    # Names come from the user: a dollar sign in them is no formula.
    place: dict[str, Any] = {"ha": ha, "va": va, "parse_math": False, "zorder": 5}
    return ax.text(x, y, words, fontsize=FONT_SIZE - 2 * small, color=ink, **place)
