"""Bars with a mark each: what something costs, and how much of it is its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, WIDTH, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Bars", "shares_of"]

_ROW_HEIGHT = 0.33
_HEADING_HEIGHT = 0.5
_LONGEST_NAME = 20
# Where the columns of text end, in lengths of the longest bar; the bars begin at 0.
_LEFT, _NAMES, _FIRST, _SECOND = -1.22, -0.05, 1.6, 2.4
_KEY_WIDTH = 0.1
_LETTER = 0.066
_MARK: dict[str, Any] = {"color": INK, "linewidth": 1.8}


@dataclass(frozen=True, slots=True)
class Bars:
    """A picture of two figures for each of some things: a bar and a mark on it.

    Attributes
    ----------
    lengths : pandas.DataFrame
        Two columns, what the bars and the marks show, whose names are written above; index: the
        things, the first on top. A mark that is NaN is not drawn.
    words : pandas.DataFrame
        The same figures as text.
    """

    lengths: pd.DataFrame
    words: pd.DataFrame

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        return WIDTH, _HEADING_HEIGHT + _ROW_HEIGHT * len(self.lengths)

    def plot(self, ax: Axes) -> Self:
        """Draw on axes.

        Parameters
        ----------
        ax : matplotlib.axes.Axes

        Returns
        -------
        self
        """
        values: FloatArray = np.nan_to_num(self.lengths.to_numpy(dtype=np.float64))
        longest = max(float(values.max(initial=0.0)), 1e-12)
        rows = np.arange(len(values))
        ax.barh(rows, values[:, 0], height=0.5, color=ACCENT)
        marked = self.lengths.iloc[:, 1].notna().to_numpy()
        ax.vlines(values[marked, 1], rows[marked] - 0.38, rows[marked] + 0.38, **_MARK)
        bare(ax)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_xlim(_LEFT * longest, _SECOND * longest)
        ax.set_ylim(len(rows) - 0.45, -1.4)
        self._write_headings(ax, longest)
        self._write_rows(ax, longest)
        return self

    def _write_headings(self, ax: Axes, longest: float) -> None:
        """Name the two columns of figures, each beside the mark that draws it."""
        first, second = map(str, self.words.columns)
        left = (_FIRST - 0.08 - _KEY_WIDTH - _LETTER * len(first)) * longest
        ax.barh([-1.0], [_KEY_WIDTH * longest], left=left, height=0.3, color=ACCENT)
        mark = (_SECOND - 0.1 - _LETTER * len(second)) * longest
        ax.vlines([mark], [-1.22], [-0.78], **_MARK)
        _write(ax, _FIRST * longest, -1.0, first, INK)
        _write(ax, _SECOND * longest, -1.0, second, MUTED)

    def _write_rows(self, ax: Axes, longest: float) -> None:
        for row, (name, (first, second)) in enumerate(
            zip(self.words.index, self.words.to_numpy(), strict=True)
        ):
            _write(ax, _NAMES * longest, row, _shortened(str(name)), INK)
            _write(ax, _FIRST * longest, row, first, INK)
            _write(ax, _SECOND * longest, row, second, MUTED)


def shares_of(values: Sequence[float] | pd.Series) -> FloatArray:
    """Return each value as a share of their sum, NaN where that is 0.

    Examples
    --------
    >>> shares_of([3.0, 1.0])
    array([0.75, 0.25])
    """
    numbers = np.asarray(values, dtype=np.float64)
    total = numbers.sum()
    return numbers / total if total else np.full(len(numbers), np.nan)


def _write(ax: Axes, x: float, y: float, words: str, ink: str) -> None:
    # Names come from the user: a dollar sign in them is no formula.
    place: dict[str, Any] = {"ha": "right", "va": "center_baseline", "parse_math": False}
    ax.text(x, y, words, fontsize=FONT_SIZE, color=ink, **place)


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "\u2026"
