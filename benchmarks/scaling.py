"""Seconds and memory against the number of customers: python -m benchmarks.scaling.

Every number is that of a process of its own. Memory is the peak of resident memory less that of
the same process on 500 customers, which has loaded the library and solved a small problem. It
contains the input (three columns of float64) and the answer.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

from benchmarks.cases import GRAINS, Case
from benchmarks.child import WARM_UP_ROWS
from benchmarks.data import data_file
from benchmarks.environments import HERE
from benchmarks.measure import measure
from benchmarks.scaling_plot import draw
from benchmarks.tables import machine, table

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
PROBLEMS = ("fit", "predict")
MOST_OF_RIVAL = 1_000_000
INPUT_COLUMNS = 3
MEGABYTE = 2**20
PLOT = HERE.parent / "docs" / "_static" / "scaling.png"
COLUMNS = ("problem", "data", "customers", "library", "seconds", "MB", "MB above input", "x input")


@dataclass(frozen=True, slots=True)
class Point:
    """What a library needs for one size.

    Attributes
    ----------
    problem, grain, library, version : str
    size : int
    seconds : tuple of float
        One time a process.
    median : float
        Of the times.
    memory_mb : float
        Peak of resident memory above that of a process with a small problem, input included.
    input_mb : float
        Size of the input.
    failure : str
        Last line of the error, or nothing.
    """

    problem: str
    grain: str
    size: int
    library: str
    version: str
    seconds: tuple[float, ...]
    median: float
    memory_mb: float
    input_mb: float
    failure: str = ""

    @property
    def above_mb(self) -> float:
        """Peak memory above the input."""
        return max(0.0, self.memory_mb - self.input_mb)

    @property
    def multiple(self) -> float:
        """Peak memory above the input, in units of the input."""
        return self.above_mb / self.input_mb

    @property
    def row(self) -> tuple[str, ...]:
        """The cells of the table."""
        names = (self.problem, self.grain, f"{self.size:,}", self.library)
        if self.failure:
            return (*names, f"failed: {self.failure}", "", "", "")
        memory = (f"{self.memory_mb:.3g}", f"{self.above_mb:.3g}", f"{self.multiple:.2f}")
        return (*names, f"{self.median:.3g}", *memory)


def main(arguments: list[str] | None = None) -> int:
    """Measure every size, write table and plot, and return 1 if a library failed anywhere."""
    options = parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = measured(options, Path(folder))
    page = markdown(found, options.repeats)
    print(page)
    if options.write:
        write(found, page, options.repeats)
    return 1 if any(one.failure for one in found) else 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(prog="benchmarks.scaling", description=__doc__)
    options.add_argument("--size", nargs="+", type=int, default=SIZES)
    options.add_argument("--problem", nargs="+", choices=PROBLEMS, default=PROBLEMS)
    options.add_argument("--grain", nargs="+", choices=GRAINS, default=GRAINS)
    options.add_argument("--rival", choices=["lifetimes"], default="lifetimes")
    options.add_argument("--repeats", type=int, default=3, help="processes for each")
    options.add_argument("--write", action="store_true", help="write results/scaling.* and plot")
    return options


def measured(options: argparse.Namespace, folder: Path) -> list[Point]:
    """Return a point for every problem, grain, size and library, largest data last."""
    small = {
        (problem, library): measure(
            library, Case(problem, WARM_UP_ROWS, GRAINS[0]), options.repeats, folder
        ).peak_mb
        for problem, library in product(options.problem, ("custvalue", options.rival))
    }
    found = []
    for size, grain in product(sorted(options.size), options.grain):
        for problem, library in product(options.problem, ("custvalue", options.rival)):
            if library == "custvalue" or size <= MOST_OF_RIVAL:
                case = Case(problem, size, grain)
                print(f"{case} {library} ...", file=sys.stderr, flush=True)
                rest = small[problem, library]
                found.append(point(case, library, options.repeats, folder, rest))
        data_file(Case(options.problem[0], size, grain), folder).unlink()
    return found


def point(case: Case, library: str, repeats: int, folder: Path, rest_mb: float) -> Point:
    """Measure a library on a case."""
    one = measure(library, case, repeats, folder)
    return Point(
        problem=case.problem,
        grain=case.grain,
        size=case.size,
        library=library,
        version=one.version,
        seconds=one.seconds,
        median=float("nan") if one.failure else one.median,
        memory_mb=one.peak_mb - rest_mb,
        input_mb=INPUT_COLUMNS * 8 * case.size / MEGABYTE,
        failure=one.failure,
    )


def heading(found: list[Point], repeats: int) -> str:
    """Return what was measured and how."""
    versions = sorted({f"{one.library} {one.version}" for one in found if one.version})
    return (
        f"BG/NBD: fit; P(alive) and expected purchases (predict). {', '.join(versions)}. Medians "
        f"of {repeats} processes. MB: peak memory above that of a process that has solved a small "
        "problem, 2^20 bytes; it contains the input, three columns of float64, and the answer. A "
        f"few MB of working memory do not grow with the customers. {machine()}"
    )


def markdown(found: list[Point], repeats: int) -> str:
    """Return the points as a page of Markdown, problem by problem."""
    order = {name: i for i, name in enumerate((*PROBLEMS, *GRAINS))}
    ordered = sorted(
        found,
        key=lambda one: (order[one.problem], order[one.grain], one.library, one.size),
    )
    return f"{heading(found, repeats)}\n\n{table(COLUMNS, [one.row for one in ordered])}\n"


def write(found: list[Point], page: str, repeats: int) -> None:
    """Write the table, every single time, and the plot."""
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / "scaling.md").write_text(page, encoding="utf-8")
    document = {"machine": heading(found, repeats), "points": [asdict(one) for one in found]}
    (folder / "scaling.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    draw([one for one in found if not one.failure], PLOT)


if __name__ == "__main__":
    raise SystemExit(main())
