"""Seconds and memory of the metrics of order lines, from Parquet: python -m benchmarks.order_lines.

Every number is that of a process of its own. Beside custvalue stands the same in pandas, written
plainly. Times count where the answers agree.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.environments import HERE
from benchmarks.segmentation_usage import Usage
from benchmarks.tables import machine, table
from custvalue.datasets import make_order_lines

SEED = 42
LINES_PER_ORDER = 3.01
FEW_LINES = 1000
TOLERANCE = 1e-12
PROBLEMS = ("metrics", "perfect")
GROUPS = ("warehouse", "customer")
LIBRARIES = ("custvalue", "pandas")
COLUMNS = ("problem", "by", "lines", "custvalue", "pandas", "ratio", "MB", "agreement")


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one library did: medians, and what it answered last."""

    seconds: float
    megabytes: float
    version: str
    answer: dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Result:
    """One problem, done by both."""

    problem: str
    by: str
    lines: int
    ours: Measurement
    other: Measurement

    @property
    def distance(self) -> float:
        """Largest relative distance of two answers; infinite where one misses a number."""
        pairs = ((self.ours.answer[name], two) for name, two in self.other.answer.items())
        return max(distance(one, two) for one, two in pairs)

    @property
    def agrees(self) -> bool:
        """Whether the answers are the same up to rounding."""
        return self.distance <= TOLERANCE

    @property
    def row(self) -> tuple[str, ...]:
        """The cells of the table."""
        ratio = f"{self.other.seconds / self.ours.seconds:.1f}" if self.agrees else "not counted"
        return (
            self.problem,
            self.by,
            f"{self.lines:,}",
            f"{self.ours.seconds:.3g}",
            f"{self.other.seconds:.3g}",
            ratio,
            f"{self.ours.megabytes:.0f} / {self.other.megabytes:.0f}",
            f"within {self.distance:.0e}",
        )


def distance(one: np.ndarray, two: np.ndarray) -> float:
    """Return the largest relative distance of two answers."""
    if one.shape != two.shape or (np.isnan(one) != np.isnan(two)).any():
        return float("inf")
    away = np.abs(one - two) / np.maximum(np.abs(two), 1e-300)
    return float(np.nanmax(np.where(one == two, 0.0, away), initial=0.0))


def main(arguments: list[str] | None = None) -> int:
    """Measure every problem, print the table, and return 1 if the answers differ anywhere."""
    options = parser().parse_args(arguments)
    usage = Usage.now()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for size in options.lines:
            data = write_lines(size, Path(folder))
            for problem, by in product(options.problem, GROUPS):
                both = [measure(one, problem, by, data, options.repeats) for one in LIBRARIES]
                results.append(Result(problem, by, count_lines(data), *both))
                print(*results[-1].row, sep=" | ", file=sys.stderr, flush=True)
    page = f"{heading(results, options.repeats, usage.others())}\n\n"
    page += f"{table(COLUMNS, [one.row for one in results])}\n"
    print(page)
    if options.write:
        (HERE / "results" / "order_lines.md").write_text(page, encoding="utf-8")
    return 0 if all(one.agrees for one in results) else 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(prog="benchmarks.order_lines", description=__doc__)
    options.add_argument("--lines", nargs="+", type=int, default=[100_000, 1_000_000])
    options.add_argument("--problem", nargs="+", choices=PROBLEMS, default=PROBLEMS)
    options.add_argument("--repeats", type=int, default=3, help="processes for each")
    options.add_argument("--write", action="store_true", help="write results/order_lines.md")
    return options


def write_lines(size: int, folder: Path) -> Path:
    """Write about ``size`` order lines as Parquet, and the first of them for warming up."""
    n_orders = max(1, round(size / LINES_PER_ORDER))
    n_customers = max(1, n_orders // 50)
    lines = make_order_lines(n_orders, n_customers=n_customers, random_state=SEED)
    lines.attrs.clear()
    path = folder / f"lines-{size}.parquet"
    lines.to_parquet(path, index=False)
    lines.head(FEW_LINES).to_parquet(path.with_suffix(".few.parquet"), index=False)
    return path


def count_lines(path: Path) -> int:
    """Return the number of rows of a Parquet file."""
    return int(pq.ParquetFile(path).metadata.num_rows)


def measure(library: str, problem: str, by: str, data: Path, repeats: int) -> Measurement:
    """Let a library solve a problem, each time in a new process."""
    folder = data.parent
    job = {
        "library": library,
        "problem": problem,
        "by": by,
        "data": str(data),
        "few": str(data.with_suffix(".few.parquet")),
        "answer": str(folder / "answer.npz"),
        "report": str(folder / "report.json"),
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.order_lines_child", str(folder / "job.json")]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    reports = []
    for _ in range(repeats):
        subprocess.run(command, env=environment, cwd=folder, check=True)
        reports.append(json.loads((folder / "report.json").read_text(encoding="utf-8")))
    with np.load(folder / "answer.npz") as arrays:
        answer = dict(arrays)
    return Measurement(
        statistics.median(one["seconds"] for one in reports),
        statistics.median(one["peak_mb"] for one in reports),
        reports[0]["version"],
        answer,
    )


def heading(results: list[Result], repeats: int, others: float) -> str:
    """Return what was measured and how."""
    one = results[0]
    return (
        f"Metrics of order lines by group, from Parquet, reading included: order_line_metrics "
        f"(metrics) and PerfectOrder.fit (perfect). custvalue {one.ours.version} against pandas "
        f"{one.other.version}, written plainly, without intervals. Seconds, median of {repeats} "
        "processes; ratio = pandas' time / custvalue's; MB: most memory above that of a process "
        f"that has measured {FEW_LINES:,} lines, custvalue / pandas. {machine()} Other work took "
        f"{others:.1f} of the CPUs meanwhile."
    )


if __name__ == "__main__":
    raise SystemExit(main())
