"""What all Displays share: they hold what was computed, and draw it when asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Self

from custvalue.plotting.style import WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Display", "with_covariates"]


class Display(ABC):
    """A picture to come. A class computes in its constructors and draws in ``_draw``."""

    _aspect: ClassVar[float] = 0.75

    if TYPE_CHECKING:
        ax_: Any
        figure_: Any

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
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.subplots(figsize=self.size, layout="constrained")[1]
        self.ax_, self.figure_ = ax, ax.figure
        self._draw(ax, kwargs)
        return self

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        return WIDTH, self._aspect * WIDTH

    @abstractmethod
    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        """Draw on the axes and keep the artists; the settings are for the main one."""


def with_covariates(columns: tuple[str, ...], estimator: Any) -> tuple[str, ...]:
    """Return the columns, then those that the coefficients of a fitted estimator stand for.

    Parameters
    ----------
    columns : tuple of str
    estimator : fitted estimator
        May have ``coef_``, indexed by process and covariate.

    Returns
    -------
    tuple of str
        Each column once.
    """
    coefficients = getattr(estimator, "coef_", None)
    covariates = () if coefficients is None else (name for _, name in coefficients.index)
    return tuple(dict.fromkeys((*columns, *covariates)))
