"""The plot of seconds and memory against the number of customers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from custvalue.plotting.style import ACCENT, FONT_SIZE, MUTED, PAPER, QUIET, RULE, bare

INKS = {"custvalue": ACCENT, "lifetimes": MUTED}
MARKERS = {"fit": "o", "predict": "s"}
WIDTH, HEIGHT, DOTS = 9.5, 4.4, 200
APART = 1.4
"""Labels are at least so many times their size apart."""
ROOM = 0.5
"""Right of the lines, as a share of their width."""


class End(NamedTuple):
    """Where a line ends, and what it is called."""

    x: float
    y: float
    words: str
    ink: str


class Measured(Protocol):
    """What a point of the plot has."""

    problem: str
    grain: str
    library: str
    size: int
    median: float
    memory_mb: float
    input_mb: float


def draw(found: Sequence[Measured], path: Path) -> None:
    """Draw both panels and write them as PNG."""
    with mpl.rc_context({"font.size": FONT_SIZE, "figure.facecolor": PAPER}):
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        left, right = figure.subplots(1, 2)
        panel(left, found, lambda one: one.median, "seconds")
        panel(right, found, lambda one: max(one.memory_mb, 0.1), "peak memory, MB")
        input_line(right, found)
        for axes in (left, right):
            finish(axes, found)
        label(left, ends_of(found, lambda one: one.median))
        label(right, [*ends_of(found, lambda one: max(one.memory_mb, 0.1)), input_end(found)])
        path.parent.mkdir(exist_ok=True)
        figure.savefig(path, dpi=DOTS)


def panel(
    axes: Axes, found: Sequence[Measured], height: Callable[[Measured], float], title: str
) -> None:
    """Draw a line for each problem and library: solid for continuous data, dotted for daily."""
    for problem, library, grain in sorted({(p.problem, p.library, p.grain) for p in found}):
        own = line_of(found, problem, library, grain)
        style: dict[str, Any] = {"color": INKS[library], "linewidth": 1.8}
        if grain == "daily":
            style |= {"linestyle": (0, (1, 1.6)), "linewidth": 1.4}
        else:
            style |= {"marker": MARKERS[problem], "markersize": 5}
        axes.plot([one.size for one in own], [height(one) for one in own], **style)
    axes.set_title(title, loc="left")


def line_of(found: Sequence[Measured], problem: str, library: str, grain: str) -> list[Measured]:
    """Return the points of one line in the order of sizes."""
    own = [p for p in found if (p.problem, p.library, p.grain) == (problem, library, grain)]
    return sorted(own, key=lambda one: one.size)


def input_line(axes: Axes, found: Sequence[Measured]) -> None:
    """Draw the size of the input."""
    sizes = sorted({one.size: one.input_mb for one in found}.items())
    axes.plot(*zip(*sizes, strict=True), color=QUIET, linewidth=1.4, zorder=1)


def input_end(found: Sequence[Measured]) -> End:
    """Return where the line of the input ends, with its label."""
    largest = max(found, key=lambda one: one.size)
    return End(largest.size, largest.input_mb, "input", MUTED)


def ends_of(found: Sequence[Measured], height: Callable[[Measured], float]) -> list[End]:
    """Return where each line ends, with its label and its ink."""
    ends = []
    for problem, library in sorted({(one.problem, one.library) for one in found}):
        own = [p for p in found if (p.problem, p.library) == (problem, library)]
        last = max(own, key=lambda one: (one.size, one.grain == "continuous"))
        ends.append(End(last.size, height(last), f"{library} {problem}", INKS[library]))
    return ends


def label(axes: Axes, ends: Sequence[End]) -> None:
    """Name the lines: right of those that reach the end, above the ends of those that stop."""
    axes.figure.draw_without_rendering()
    farthest = max(end.x for end in ends)
    reaching = sorted((end for end in ends if end.x == farthest), key=lambda end: end.y)
    up = axes.transData.transform([(end.x, end.y) for end in reaching])[:, 1]
    moved = moved_apart(up, APART * FONT_SIZE * axes.figure.dpi / 72) - up
    for end, pixels in zip(reaching, moved, strict=True):
        write(axes, end, (8, pixels * 72 / axes.figure.dpi), ha="left", va="center")
    stopping = sorted((end for end in ends if end.x < farthest), key=lambda end: -end.y)
    for end in (*stopping[:1], *(shortened(end) for end in stopping[1:])):
        write(axes, end, (2, 6), ha="right", va="bottom")


def shortened(end: End) -> End:
    """Return an end without the name of the library, which stands on the line above."""
    return end._replace(words=end.words.split()[-1])


def write(axes: Axes, end: End, offset: tuple[float, float], **alignment: Any) -> None:
    """Write the label of a line, an offset in points away from its end."""
    axes.annotate(
        end.words,
        (end.x, end.y),
        xytext=offset,
        textcoords="offset points",
        color=end.ink,
        fontsize=FONT_SIZE,
        annotation_clip=False,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.5},
        **alignment,
    )


def moved_apart(heights: np.ndarray, apart: float) -> np.ndarray:
    """Return ascending heights that are so far apart; those pushed share the push."""
    groups: list[list[float]] = []
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and bottom(groups[-1], apart) < top(groups[-2], apart) + apart:
            last = groups.pop()
            groups[-1] += last
    return np.concatenate(
        [bottom(group, apart) + apart * np.arange(len(group)) for group in groups]
    )


def bottom(group: list[float], apart: float) -> float:
    """Return where the lowest label of a group goes, the group being centred on its lines."""
    return float(np.mean(group)) - apart * (len(group) - 1) / 2


def top(group: list[float], apart: float) -> float:
    """Return where the highest label of a group goes."""
    return bottom(group, apart) + apart * (len(group) - 1)


def finish(axes: Axes, found: Sequence[Measured]) -> None:
    """Set scales, ticks and labels of a panel."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    bare(axes, keep=("bottom",))
    axes.set_xlabel("customers (dotted: whole days)")
    sizes = sorted({one.size for one in found})
    axes.set_xticks(sizes, [short_number(size) for size in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.15g}"))
    axes.yaxis.set_major_locator(LogLocator())
    axes.yaxis.set_minor_locator(NullLocator())
    # Room for the labels.
    axes.set_xlim(sizes[0] / 1.5, sizes[-1] * (sizes[-1] / sizes[0]) ** ROOM)
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)


def short_number(value: float) -> str:
    """Return 10,000 as "10 k", 1,000,000 as "1 m"."""
    for unit, name in ((1e6, "m"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:.15g} {name}"
    return f"{value:.15g}"
