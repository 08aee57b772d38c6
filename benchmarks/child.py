"""One measurement in a process of its own: python -m benchmarks.child JOB.json.

The job names library, problem, data and where the answer goes. This module runs in the
environment of the rival: it needs numpy and pandas and nothing of custvalue. A small problem of
the same kind goes first, so that what a library loads on first use is not part of the time.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

WARM_UP_ROWS = 500
Answer = dict[str, Any]


def main() -> None:
    """Solve the job once and write seconds, peak memory and the answer."""
    warnings.simplefilter("ignore")
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    library = importlib.import_module(f"benchmarks.libraries.with_{job['library']}")
    small, whole = SOLVERS[job["problem"]](library, job)
    small()
    start = time.perf_counter()
    answer = whole()
    seconds = time.perf_counter() - start
    report = {"seconds": seconds, "peak_mb": peak_megabytes(), "version": library.VERSION}
    np.savez(job["answer"], **columns_of(answer))
    Path(job["report"]).write_text(json.dumps(report), encoding="utf-8")


def fit(library: ModuleType, job: dict[str, Any]) -> tuple[Callable[[], Answer], ...]:
    """Return the fit of a few rows and that of all rows."""

    def solve(*columns: np.ndarray) -> Answer:
        return library.fit(job["model"], *columns, job["seed"])

    return of_few_and_all(solve, read_columns(job))


def predict(library: ModuleType, job: dict[str, Any]) -> tuple[Callable[[], Answer], ...]:
    """Return the predictions for a few rows and those for all rows."""

    def solve(*columns: np.ndarray) -> Answer:
        return library.predict(job["params"], *columns, job["horizon"])

    return of_few_and_all(solve, read_columns(job))


def value(library: ModuleType, job: dict[str, Any]) -> tuple[Callable[[], Answer], ...]:
    """Return the predictions and the value of a few rows and those of all rows."""
    times = (job["horizon"], job["months"], job["monthly_rate"])

    def solve(*columns: np.ndarray) -> Answer:
        return library.value(job["params"], job["spend_params"], *columns, *times)

    return of_few_and_all(solve, read_columns(job, "monetary_value"))


def points(library: ModuleType, job: dict[str, Any]) -> tuple[Callable[[], Answer], ...]:
    """Return the quantities at a few points, each with parameters of its own, and at all."""

    def solve(*columns: np.ndarray) -> Answer:
        names = (*job["names"], "x", "t_x", "T", "horizon")
        return library.at_points(job["model"], dict(zip(names, columns, strict=True)))

    with np.load(job["data"]) as data:
        columns = [data[name] for name in (*job["names"], "x", "t_x", "T", "horizon")]
    return of_few_and_all(solve, columns)


def of_few_and_all(
    solve: Callable[..., Answer], columns: list[np.ndarray]
) -> tuple[Callable[[], Answer], ...]:
    """Return the problem of the first rows and that of all rows."""
    few = [column[:WARM_UP_ROWS] for column in columns]
    return lambda: solve(*few), lambda: solve(*columns)


def summary_frame(library: ModuleType, job: dict[str, Any]) -> tuple[Callable[[], Any], ...]:
    """Return the summaries of a few orders and of all, from frames in memory."""
    few, orders = pd.read_parquet(job["few"]), pd.read_parquet(job["data"])
    end = job["observation_end"]
    return lambda: library.summary_frame(few, end), lambda: library.summary_frame(orders, end)


def summary_parquet(library: ModuleType, job: dict[str, Any]) -> tuple[Callable[[], Any], ...]:
    """Return the summaries of a few orders and of all, from files, reading included."""
    few, whole, end = job["few"], job["data"], job["observation_end"]
    return lambda: library.summary_parquet(few, end), lambda: library.summary_parquet(whole, end)


SOLVERS: dict[str, Callable[[ModuleType, dict[str, Any]], tuple[Callable[[], Any], ...]]] = {
    "fit": fit,
    "fit-mbg": fit,
    "fit-pareto": fit,
    "points": points,
    "predict": predict,
    "value": value,
    "summary-frame": summary_frame,
    "summary-parquet": summary_parquet,
}


def read_columns(job: dict[str, Any], *more: str) -> list[np.ndarray]:
    """Read frequency, recency, T and what else is wanted."""
    with np.load(job["data"]) as data:
        return [data[name] for name in ("frequency", "recency", "T", *more)]


def columns_of(answer: Any) -> dict[str, np.ndarray]:
    """Return an answer as arrays by name: a dict, or a frame with its index."""
    if isinstance(answer, pd.DataFrame):
        answer = {"customer": answer.index, **{name: answer[name] for name in answer.columns}}
    return {name: np.asarray(values) for name, values in answer.items()}


def peak_megabytes() -> float:
    """Return the peak of resident memory of this process.

    Linux hands the peak of the parent on to the child in ``getrusage``, so the peak of this
    program alone is read from ``/proc`` where there is one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
