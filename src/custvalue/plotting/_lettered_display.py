"""Displays that write names of users, which may be in letters that the usual font lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from custvalue.plotting._display import Display
from custvalue.plotting.style import font_families

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LetteredDisplay"]


class LetteredDisplay(Display):
    """A picture whose ``_draw`` writes names in the fonts ``_fonts``, which `plot` looks up."""

    _fonts: list[str]

    def plot(self, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw the picture.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Where to draw; None makes a new figure.
        **kwargs
            Settings of matplotlib for the main artist, such as ``color``.

        Returns
        -------
        self
            With ``ax_``, ``figure_`` and the artists.
        """
        import matplotlib as mpl
        from matplotlib.font_manager import fontManager

        self._fonts = font_families(mpl.rcParams["font.family"], fontManager.get_font_names())
        return super().plot(ax, **kwargs)
