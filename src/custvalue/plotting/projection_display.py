"""What was seen of customers who renew, and how many will: a curve with a fan of bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from custvalue.plotting._display import Display
from custvalue.plotting._fitted import check_fitted
from custvalue.plotting._labels import shortened, spread, told_apart, width_of
from custvalue.plotting._projection_display import (
    checked_bands,
    checked_cohorts,
    checked_curves,
    checked_levels,
    checked_shares,
    chosen_cohorts,
    level_text,
    one_seed,
)
from custvalue.plotting.formatting import share
from custvalue.plotting.style import FONT_SIZE, INK, MUTED, PAPER, RAMP, RULE, SERIES, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ProjectionDisplay"]

_LEVELS = (0.5, 0.8, 0.95)
_SAID = {"survival": "share of customers still there", "retention": "share that renews"}
_OF_COHORTS = {"survival": _SAID["survival"], "activity": "share of customers who order"}
_HIGHEST_FLOOR = 0.9
_LONGEST_NAME = 18
_GAP = 0.075


class ProjectionDisplay(Display):
    """Show survival or retention as it was seen, as a model has it, and as it will be.

    Points are what was seen, the line is the model's, and the bands widen beyond the end of the
    data, where nothing holds the model. All is shares: numbers of customers are not shown.

    Parameters
    ----------
    curves : pandas.DataFrame
        Columns ``curve``, ``period``, ``observed`` (missing where nothing was seen) and
        ``estimate``.
    bands : pandas.DataFrame
        Columns ``curve``, ``period``, ``level``, ``lower`` and ``upper``.
    said : str
        What is shown, for the title.
    time_unit : str or None, default=None
        What a period is, for the axis; None where it is not known.

    Attributes
    ----------
    curves, bands, said, time_unit :
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    lines_ : dict of str to matplotlib.lines.Line2D
        After `plot`: the model's curves.
    points_ : dict of str to matplotlib.lines.Line2D
        After `plot`: what was seen.
    fans_ : list of matplotlib.collections.FillBetweenPolyCollection
        After `plot`: the bands, the widest first.
    texts_ : list of matplotlib.text.Text
        After `plot`: the names of several curves, then what the bands hold.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.plotting import ProjectionDisplay
    >>> from custvalue.retention import ShiftedBetaGeo
    >>> counts = [1000, 869, 743, 653, 593, 551, 517, 491]
    >>> cohort = pd.DataFrame({"period": range(8), "customers": counts})
    >>> model = ShiftedBetaGeo().fit(cohort)
    >>> display = ProjectionDisplay.from_estimator(model, 12, random_state=0)
    >>> display.curves.tail(6).round(3)
       curve  period  observed  estimate
    7           7.0     0.491     0.489
    8           8.0       NaN     0.460
    9           9.0       NaN     0.436
    10         10.0       NaN     0.414
    11         11.0       NaN     0.395
    12         12.0       NaN     0.378
    """

    _aspect = 0.72

    def __init__(
        self,
        *,
        curves: pd.DataFrame,
        bands: pd.DataFrame,
        said: str,
        time_unit: str | None = None,
    ) -> None:
        self.curves = curves
        self.bands = bands
        self.said = said
        self.time_unit = time_unit

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        periods: int | None = None,
        *,
        of: str = "survival",
        levels: float | Sequence[float] = _LEVELS,
        n_draws: int = 1000,
        random_state: int | np.random.Generator | None = None,
    ) -> Self:
        """Take the projection of a fitted contractual model.

        Parameters
        ----------
        estimator : fitted ShiftedBetaGeo, BetaDiscreteWeibull or Geometric
            Or another with ``observed_``, ``n_periods_`` and ``projection``.
        periods : int or None, default=None
            How far to look; None is half as far again as the data go.
        of : {"survival", "retention"}, default="survival"
            The share still there, or the share of those still there that renews.
        levels : float or sequence of float, default=(0.5, 0.8, 0.95)
            Levels of the bands, at most five. All are of the same draws: narrow bands lie in wide
            ones.
        n_draws : int, default=1000
        random_state : int, numpy.random.Generator or None, default=None
            None takes the estimator's.

        Returns
        -------
        ProjectionDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        TypeError
            If it has no projection.
        ValueError
            If an argument is out of its range.
        """
        check_fitted(
            estimator, cls.__name__, "observed_", "n_periods_", "projection", like="ShiftedBetaGeo"
        )
        if of not in _SAID:
            raise ValueError(f"of must be one of {', '.join(_SAID)}; found {of!r}")
        last = int(np.ceil(1.5 * estimator.n_periods_)) if periods is None else periods
        ordered = checked_levels(levels)
        seed = one_seed(
            getattr(estimator, "random_state", None) if random_state is None else random_state
        )
        drawn = {
            ("", level): estimator.projection(
                last, level, of=of, n_draws=n_draws, random_state=seed
            )
            for level in ordered
        }
        told = drawn["", ordered[0]]
        seen = estimator.observed_[of].reindex(told.index)
        curve = pd.DataFrame({"observed": seen, "estimate": told["estimate"]})
        return cls(
            curves=checked_curves({"": curve}),
            bands=checked_bands(drawn),
            said=_SAID[of],
            time_unit=getattr(estimator, "time_unit", None),
        )

    @classmethod
    def from_projection(
        cls,
        projection: Any,
        cohorts: Any = None,
        *,
        level: float = 0.9,
        time_unit: str | None = None,
    ) -> Self:
        """Take the projection of cohorts, one curve each.

        Parameters
        ----------
        projection : pandas, polars or pyarrow frame
            What ``CohortRetention.project(of="share")`` gives: columns ``cohort``, ``age``,
            ``observed``, ``estimate``, ``lower`` and ``upper``. Not what ``of="customers"`` gives.
        cohorts : sequence, one cohort, or None, default=None
            Which to show, at most five; None takes the first, the last and those evenly between.
        level : float, default=0.9
            The level of the bands, for the legend.
        time_unit : str or None, default=None
            What a step of age is, such as "month", for the axis.

        Returns
        -------
        ProjectionDisplay

        Raises
        ------
        TypeError
            If the projection is no frame.
        ValueError
            If a column is missing, a number is no share, a cohort is not in the projection, or the
            level is not between 0 and 1.
        """
        [checked] = checked_levels(level)
        found = checked_cohorts(projection)
        chosen = chosen_cohorts(found, cohorts, len(SERIES))
        named = dict(found[one] for one in chosen)
        ahead = {(name, checked): part.dropna(subset=["lower"]) for name, part in named.items()}
        return cls(
            curves=checked_curves(named),
            bands=checked_bands({key: part for key, part in ahead.items() if len(part)}),
            said=_OF_COHORTS[getattr(projection, "attrs", {}).get("kind", "survival")],
            time_unit=time_unit,
        )

    @classmethod
    def from_predictions(
        cls, observed: Any, estimate: Any, lower: Any, upper: Any, *, level: float = 0.9
    ) -> Self:
        """Take one curve as given, for periods 0, 1, 2, ...

        Parameters
        ----------
        observed, estimate, lower, upper : array-like of shape (n_periods,)
            Shares from 0 to 1; what was not seen is missing.
        level : float, default=0.9

        Returns
        -------
        ProjectionDisplay

        Raises
        ------
        ValueError
            If they are not of one length, a number is no share, or a lower end lies above its upper
            end.
        """
        columns = {"observed": observed, "estimate": estimate, "lower": lower, "upper": upper}
        arrays = {name: np.asarray(value, dtype=float) for name, value in columns.items()}
        if len({value.shape for value in arrays.values()}) > 1 or arrays["observed"].ndim != 1:
            shapes = [value.shape for value in arrays.values()]
            raise ValueError(f"all four must be of one length; found shapes {shapes}")
        frame = checked_shares(pd.DataFrame(arrays))
        [checked] = checked_levels(level)
        return cls(
            curves=checked_curves({"": frame}),
            bands=checked_bands({("", checked): frame}),
            said=_SAID["survival"],
        )

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        bare(ax, keep=("bottom",))
        names = list(dict.fromkeys(self.curves["curve"]))
        looks = dict(zip(names, SERIES, strict=False))
        inks = {name: ink for name, (ink, _) in looks.items()}
        self._set_axes(ax)
        self.fans_ = self._draw_fans(ax, inks)
        self.lines_, self.points_ = {}, {}
        for name, curve in self.curves.groupby("curve", sort=False):
            look: dict[str, Any] = {"color": inks[name], "linewidth": 2.0, "zorder": 4}
            look["linestyle"] = looks[name][1]
            seen = curve.dropna(subset=["observed"])
            [self.lines_[name]] = ax.plot(curve["period"], curve["estimate"], **(look | settings))
            dots: dict[str, Any] = {"marker": "o", "markersize": 5.5, "linestyle": ""}
            dots |= {"color": inks[name], "markeredgecolor": PAPER, "zorder": 5, "clip_on": False}
            [self.points_[name]] = ax.plot(seen["period"], seen["observed"], **dots)
        if len(names) == 1:
            self._mark_the_end(ax)
        self.texts_ = self._name_curves(ax, inks) + self._name_levels(ax)

    def _set_axes(self, ax: Axes) -> None:
        first, last = float(self.curves["period"].min()), float(self.curves["period"].max())
        ax.set_xlim(first, last if last > first else first + 1.0)
        floor = self._floor()
        ax.set_ylim(floor, 1.02)
        ticks = [
            tick for tick in np.linspace(0, 1, 6 if floor == 0 else 11) if tick >= floor - 1e-9
        ]
        ax.set_yticks(ticks, [share(tick, 0) for tick in ticks])
        ax.grid(axis="y", color=RULE, linewidth=0.8, zorder=0)
        ax.set_axisbelow(True)
        whole: dict[str, Any] = {"integer": True}
        ax.locator_params(axis="x", **whole)
        ax.set_xlabel(f"{self.time_unit or 'period'}s since the first", parse_math=False)
        names = self.curves["curve"].unique()
        alone = shortened(names[0], _LONGEST_NAME - 2) if len(names) == 1 else ""
        said = f"{self.said}, {alone}" if alone else self.said
        ax.set_title(said, loc="left", fontsize=FONT_SIZE, color=INK, parse_math=False)

    def _floor(self) -> float:
        """Return where the axis begins: at 0, or below the lowest where all is high."""
        low = min(self.curves[["observed", "estimate"]].min().min(), self.bands["lower"].min())
        return 0.0 if not low > 0.5 else min(float(np.floor(low * 10) / 10), _HIGHEST_FLOOR)

    def _draw_fans(self, ax: Axes, inks: dict[str, str]) -> list[Any]:
        several = self.curves["curve"].nunique() > 1
        levels = sorted(self.bands["level"].unique(), reverse=True)
        shades = dict(zip(levels, RAMP[1:], strict=False))
        fans = []
        for level in levels:
            of_level = self.bands[self.bands["level"] == level]
            for name, band in of_level.groupby("curve", sort=False):
                look: dict[str, Any] = (
                    {"color": inks[name], "alpha": 0.16} if several else {"color": shades[level]}
                )
                ends = (band["period"], band["lower"], band["upper"])
                fans.append(ax.fill_between(*ends, linewidth=0, zorder=2, **look))
        return fans

    def _mark_the_end(self, ax: Axes) -> None:
        """Draw where the data end, if the curve goes on."""
        seen = self.curves.dropna(subset=["observed"])["period"].max()
        if seen < self.curves["period"].max():
            ax.axvline(seen, color=MUTED, linewidth=0.9, linestyle=(0, (2, 2)), zorder=3)
            look: dict[str, Any] = {"fontsize": FONT_SIZE, "color": MUTED, "va": "top"}
            look |= {"xytext": (4, -2), "textcoords": "offset points"}
            look |= {"xycoords": ("data", "axes fraction")}
            ax.annotate("projected", (seen, 1.0), **look)

    def _name_levels(self, ax: Axes) -> list[Any]:
        """Write the levels of the bands into the corner where survival is not."""
        levels = self.bands["level"].unique().tolist()
        if not levels:
            return []
        several = self.bands["curve"].nunique() > 1
        look: dict[str, Any] = {"fontsize": FONT_SIZE, "color": MUTED, "va": "bottom", "zorder": 6}
        look["bbox"] = {"facecolor": PAPER, "pad": 1.5, "lw": 0}
        return [
            ax.text(0.03, 0.04, level_text(levels, several=several), transform=ax.transAxes, **look)
        ]

    def _names(self) -> list[str]:
        """Return the names of several curves; nothing of one alone."""
        names = self.curves["curve"].unique().tolist()
        return told_apart(names, _LONGEST_NAME) if len(names) > 1 else []

    def _name_curves(self, ax: Axes, inks: dict[str, str]) -> list[Any]:
        """Write the names beside the right ends of several curves."""
        names = self._names()
        if not names:
            return []
        ends = self.curves.groupby("curve", sort=False)["estimate"].last()
        low, high = ax.get_ylim()
        places = spread(ends.to_numpy(dtype=float), _GAP * (high - low)).tolist()
        look: dict[str, Any] = {"fontsize": FONT_SIZE, "va": "center", "parse_math": False}
        look |= {"xytext": (5, 0), "textcoords": "offset points", "annotation_clip": False}
        right = float(ax.get_xlim()[1])
        return [
            ax.annotate(name, (right, place), color=ink, **look)
            for name, ink, place in zip(names, inks.values(), places, strict=True)
        ]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches: wider for names of curves."""
        width, height = super().size
        return width + width_of(self._names()), height
