"""The look of every picture: a few inks, no frame, no ticks, labels beside what they name.

The inks are told apart by lightness too, so that they survive colour blindness and grey printing.
Each has one hexadecimal code and each code one role: who shows a picture on a page of its own
colours can exchange codes for roles.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from custvalue._typing import FloatArray, IntArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "ACCENT",
    "FONT_SIZE",
    "INK",
    "INKS",
    "MUTED",
    "PAPER",
    "QUIET",
    "RAMP",
    "RAMP_INK",
    "RULE",
    "SERIES",
    "WIDTH",
    "bare",
    "font_families",
    "ramp_level",
    "ramp_rgb",
]

INK = "#1b2127"
MUTED = "#5a6570"
RULE = "#d9dee3"
PAPER = "#fffffe"
ACCENT = "#0b6a8c"
QUIET = "#b4bec7"
RAMP = ("#eef4f7", "#cfe2ea", "#a0cadb", "#68abc5", "#2a7a9a", "#0c5c7b")
RAMP_INK = ("#1b2128", "#1b2129", "#1b212a", "#1b212b", "#fffffd", "#fffffc")

INKS = {
    "ink": INK,
    "muted": MUTED,
    "rule": RULE,
    "paper": PAPER,
    "accent": ACCENT,
    "quiet": QUIET,
    **{f"ramp-{level}": ink for level, ink in enumerate(RAMP)},
    **{f"on-ramp-{level}": ink for level, ink in enumerate(RAMP_INK)},
}

_FALLBACKS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK TC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Noto Sans SC",
    "Noto Sans JP",
    "Noto Sans KR",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "PingFang SC",
    "PingFang HK",
    "Hiragino Sans",
    "Apple SD Gothic Neo",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "SimHei",
    "Arial Unicode MS",
)
"""Fonts with Chinese, Japanese and Korean letters, as systems call them."""

FONT_SIZE = 11.0
WIDTH = 4.75

SERIES: tuple[tuple[str, str | tuple[float, tuple[float, ...]]], ...] = (
    (ACCENT, "-"),
    (INK, (0.0, (5.0, 2.0))),
    (RAMP[3], (0.0, (1.0, 1.2))),
    (MUTED, (0.0, (5.0, 1.5, 1.0, 1.5))),
    (RAMP[4], (0.0, (9.0, 1.5, 1.0, 1.5, 1.0, 1.5))),
)
"""Ink and dash of each of several curves in one picture, in their order."""


def bare(ax: Axes, *, keep: Sequence[str] = ()) -> None:
    """Take frame and ticks off axes and set their labels in quiet ink.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    keep : sequence of {"left", "bottom", "right", "top"}
        Sides whose line stays.
    """
    for side, spine in ax.spines.items():
        spine.set_visible(side in keep)
        spine.set_color(RULE)
    ax.patch.set_visible(False)
    ax.tick_params(length=0, labelsize=FONT_SIZE, labelcolor=MUTED)
    for label in (ax.xaxis.label, ax.yaxis.label, ax.title):
        label.set_fontsize(FONT_SIZE)
        label.set_color(MUTED)


def font_families(own: str | Sequence[str], installed: Collection[str]) -> list[str]:
    """Return the fonts for names that users give: their own, then ones with more letters.

    Matplotlib takes each letter from the first font that has it.

    Parameters
    ----------
    own : str or sequence of str
        The families that matplotlib would use.
    installed : collection of str
        All fonts that it finds.

    Returns
    -------
    list of str
        Own families, then the installed fonts with Chinese, Japanese and Korean letters, if any.

    Examples
    --------
    >>> font_families("sans-serif", {"SimHei", "DejaVu Sans"})
    ['sans-serif', 'SimHei']
    """
    families = [own] if isinstance(own, str) else list(own)
    return families + [name for name in _FALLBACKS if name in installed and name not in families]


def ramp_level(share: FloatArray) -> IntArray:
    """Return which step of the ramp a share falls on.

    Parameters
    ----------
    share : ndarray
        From 0 to 1.

    Returns
    -------
    ndarray of int
        From 0 to ``len(RAMP) - 1``.

    Examples
    --------
    >>> import numpy as np
    >>> ramp_level(np.array([0.0, 0.1, 0.5, 0.99, 1.0]))
    array([0, 0, 3, 5, 5])
    """
    return np.minimum((share * len(RAMP)).astype(np.int64), len(RAMP) - 1)


def ramp_rgb(levels: IntArray) -> FloatArray:
    """Return the colour of each step of the ramp.

    Parameters
    ----------
    levels : ndarray of int of shape (n_rows, n_columns)

    Returns
    -------
    ndarray of shape (n_rows, n_columns, 3)
        Red, green and blue from 0 to 1.
    """
    codes = np.array([list(bytes.fromhex(ink.removeprefix("#"))) for ink in RAMP])
    return codes[levels] / 255.0
