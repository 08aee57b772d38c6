"""Seconds and memory of the segmentation room: python -m benchmarks.segmentation.

Every number is that of a process of its own. Latent classes are compared with StepMix and
Plackett-Luce with choix; no rival does what the rest does, so k-means of scikit-learn stands beside
it for orientation and has no ratio.
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
from pathlib import Path

import numpy as np

from benchmarks.agreement import Verdict
from benchmarks.environments import HERE, python_for
from benchmarks.measure import Measurement
from benchmarks.segmentation_agreement import JUDGES
from benchmarks.segmentation_cases import PROBLEMS, Case, cases, data_file
from benchmarks.segmentation_usage import Usage
from benchmarks.tables import machine, seconds, table

COLUMNS = ("problem", "rows", "custvalue", "rival", "", "ratio", "peak MB", "agreement")
LONG = 20.0
"""Seconds from which on one process is enough."""
ORIENTATION = "sklearn"
"""It clusters and does nothing else, so that a ratio would say nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """One case, done by custvalue and by the rival where there is one."""

    case: Case
    ours: Measurement
    rival: Measurement | None
    verdict: Verdict

    @property
    def row(self) -> tuple[str, ...]:
        """The cells of the table; where the answers do not agree it says so beside the times."""
        own, rival = self.ours, self.rival
        return (
            self.case.problem,
            f"{self.case.size:,}",
            seconds(own),
            "" if rival is None else rival.library,
            "" if rival is None else seconds(rival),
            self.ratio,
            f"{own.peak_mb:.0f}" + ("" if rival is None else f" / {rival.peak_mb:.0f}"),
            self.verdict.note,
        )

    @property
    def ratio(self) -> str:
        """How many times faster custvalue is, where somebody does the same."""
        if not self.verdict.agrees:
            return "not counted"
        if self.rival is None or self.rival.library == ORIENTATION:
            return ""
        return f"{self.rival.median / self.ours.median:.1f}"


def main(arguments: list[str] | None = None) -> int:
    """Measure every case, print the table, and return 1 if answers disagree anywhere."""
    options = parser().parse_args(arguments)
    repeats = options.repeats or (1 if options.quick else 3)
    usage = Usage.now()
    with tempfile.TemporaryDirectory() as folder:
        results = []
        for case in cases(options.problem, quick=options.quick):
            results.append(solved(case, repeats, Path(folder)))
            print(*results[-1].row, sep=" | ", file=sys.stderr, flush=True)
    rows = [one.row for one in results]
    page = f"{heading(results, repeats, usage.others())}\n\n{table(COLUMNS, rows)}\n"
    print(page)
    if options.write:
        (HERE / "results" / "segmentation.md").write_text(page, encoding="utf-8")
    return 0 if all(one.verdict.agrees for one in results) else 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(prog="benchmarks.segmentation", description=__doc__)
    options.add_argument("--quick", action="store_true", help="10,000 rows, one process each")
    options.add_argument("--problem", nargs="+", choices=list(PROBLEMS), default=list(PROBLEMS))
    options.add_argument("--repeats", type=int, help="processes for each; 3, or 1 where quick")
    options.add_argument("--write", action="store_true", help="write results/segmentation.md")
    return options


def solved(case: Case, repeats: int, folder: Path) -> Result:
    """Let custvalue and the rival solve a case, and compare."""
    ours = measure("custvalue", case, repeats, folder)
    rival = measure(case.rival, case, repeats, folder) if case.rival else None
    failures = [one.failure for one in (ours, rival) if one is not None and one.failure]
    if failures:
        return Result(case, ours, rival, Verdict(False, f"failed: {failures[0]}"))
    with np.load(data_file(case, folder)) as arrays:
        data = dict(arrays)
    verdict = JUDGES[case.problem](data, ours.answer, {} if rival is None else rival.answer)
    return Result(case, ours, rival, verdict)


def measure(library: str, case: Case, repeats: int, folder: Path) -> Measurement:
    """Run the library on the case in ``repeats`` new processes, in one where it takes long."""
    job = {
        "library": library,
        "problem": case.problem,
        "data": str(data_file(case, folder)),
        "answer": str(folder / "answer.npz"),
        "report": str(folder / "report.json"),
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    reports = []
    for _ in range(repeats):
        failure = run_child(python_for(library), folder / "job.json")
        if failure:
            return Measurement(library, "", (), float("nan"), {}, failure)
        reports.append(json.loads((folder / "report.json").read_text(encoding="utf-8")))
        if reports[0]["seconds"] > LONG:
            break
    with np.load(folder / "answer.npz", allow_pickle=False) as arrays:
        answer = dict(arrays)
    return Measurement(
        library=library,
        version=reports[0]["version"],
        seconds=tuple(report["seconds"] for report in reports),
        peak_mb=statistics.median(report["peak_mb"] for report in reports),
        answer=answer,
    )


def run_child(python: Path, job: Path) -> str:
    """Run one child; return the last line of its error, or nothing."""
    command = [str(python), "-m", "benchmarks.segmentation_child", str(job)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    done = subprocess.run(
        command, env=environment, cwd=job.parent, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"exit status {done.returncode}"


def heading(results: list[Result], repeats: int, others: float | None) -> str:
    """Return what was measured, and on which machine, and how much of it others used."""
    done = [one for result in results for one in (result.ours, result.rival) if one is not None]
    versions = sorted({f"{one.library} {one.version}" for one in done if one.version})
    busy = "" if others is None else f" Other work took {others:.1f} of the CPUs meanwhile."
    return (
        f"{', '.join(versions)}. Seconds, median of {repeats} processes (one from {LONG:g} s on); "
        "ratio = rival's time / custvalue's; peak MB: of the process, libraries and data "
        "included, custvalue / rival. "
        f"{machine()}{busy}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
