"""Seconds and memory of the factors room: python -m benchmarks.factors.

Every number is that of a process of its own. Beside custvalue stand factor_analyzer, in an
environment of its own, and R's psych where there is Rscript. Before that, custvalue solves psych's
golden set.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.agreement import Verdict
from benchmarks.environments import HERE, python_for
from benchmarks.factors_agreement import JUDGES, read_answer, with_psych
from benchmarks.factors_cases import FLOOR, N_REPLICATES, PROBLEMS, SEED, Problem, data_file
from benchmarks.measure import Measurement
from benchmarks.segmentation_usage import Usage
from benchmarks.tables import machine, seconds, table

COLUMNS = (
    "problem",
    "rows x items",
    "custvalue",
    "beside it",
    "",
    "ratio",
    "MB above the data",
    "asked",
    "agreement",
)
R_LIBRARIES = {"psych": "factors_with_psych.R"}


@dataclass(frozen=True, slots=True)
class Result:
    """One problem, done by custvalue and by one other."""

    problem: Problem
    ours: Measurement
    other: Measurement
    verdict: Verdict

    @property
    def ratio(self) -> float:
        """How many times faster custvalue is; NaN where one of them failed."""
        both = self.ours.seconds and self.other.seconds
        return self.other.median / self.ours.median if both else float("nan")

    @property
    def met(self) -> bool:
        """Whether custvalue does what is asked of it here."""
        problem = self.problem
        fast = problem.faster_than.get(self.other.library, 0.0)
        return (
            bool(self.ours.seconds)
            and not self.ratio < fast
            and self.ours.median <= problem.seconds
            and not self.ours.peak_mb > problem.megabytes
        )

    @property
    def row(self) -> tuple[str, ...]:
        """The cells of the table; where the answers do not agree it says so beside the times."""
        problem, own, other = self.problem, self.ours, self.other
        ratio = f"{self.ratio:.1f}" if self.verdict.agrees else "not counted"
        return (
            problem.name,
            f"{problem.rows:,} x {problem.items}",
            seconds(own),
            other.library,
            seconds(other) if other.seconds else "",
            ratio if other.seconds else "",
            f"{own.peak_mb:.0f}" + (f" / {other.peak_mb:.0f}" if other.peak_mb >= 0 else ""),
            self.asked,
            self.verdict.note,
        )

    @property
    def asked(self) -> str:
        """What is asked beside this one, and whether it is so."""
        problem = self.problem
        if problem.faster_than and self.other.library not in problem.faster_than:
            return ""
        return f"{problem.asked}: {'yes' if self.met else 'no'}" if problem.asked else ""


def main(arguments: list[str] | None = None) -> int:
    """Measure every problem, print the table, and return 1 if an answer or a demand is missed."""
    options = parser().parse_args(arguments)
    usage = Usage.now()
    psych = with_psych()
    print(psych.note, file=sys.stderr, flush=True)
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.problem:
            for result in solved(PROBLEMS[name], options.repeats, Path(folder)):
                results.append(result)
                print(*result.row, sep=" | ", file=sys.stderr, flush=True)
    page = (
        f"{heading(results, options.repeats, usage.others())}\n\n"
        f"{table(COLUMNS, [one.row for one in results])}\n\n{psych.note}\n"
    )
    print(page)
    if options.write:
        (HERE / "results" / "factors.md").write_text(page, encoding="utf-8")
    good = psych.agrees and all(one.met and one.verdict.agrees for one in results)
    return 0 if good else 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(prog="benchmarks.factors", description=__doc__)
    options.add_argument("--problem", nargs="+", choices=list(PROBLEMS), default=list(PROBLEMS))
    options.add_argument("--repeats", type=int, default=3, help="processes for each")
    options.add_argument("--write", action="store_true", help="write results/factors.md")
    return options


def solved(problem: Problem, repeats: int, folder: Path) -> list[Result]:
    """Let custvalue and all others solve a problem, and compare."""
    ours = measure("custvalue", problem, repeats, folder)
    others = [measure(library, problem, repeats, folder) for library in problem.others]
    return [Result(problem, ours, other, judged(problem, ours, other)) for other in others]


def judged(problem: Problem, ours: Measurement, other: Measurement) -> Verdict:
    """Compare two answers; one that cannot be had here is no disagreement."""
    if ours.failure:
        return Verdict(False, f"custvalue failed: {ours.failure}")
    if other.failure:
        missing = other.failure.startswith("skipped")
        return Verdict(missing, other.failure if missing else f"failed: {other.failure}")
    return JUDGES[problem.name](ours.answer, other.answer)


def measure(library: str, problem: Problem, repeats: int, folder: Path) -> Measurement:
    """Run the library on the problem in new processes."""
    in_r = library in R_LIBRARIES
    if in_r and shutil.which("Rscript") is None:
        return failed(library, "skipped: there is no Rscript here")
    data = data_file(problem, folder)
    job = {
        "library": library,
        "problem": problem.name,
        "data": str(data.with_suffix(".csv") if in_r else data),
        "answer": str(folder / ("answer.json" if in_r else "answer.npz")),
        "report": str(folder / "report.json"),
        "n_replicates": N_REPLICATES,
        "seed": SEED,
    }
    path = folder / "job.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    reports = []
    for _ in range(repeats):
        failure = run(command(library, path), folder)
        if failure:
            return failed(library, failure)
        reports.append(json.loads((folder / "report.json").read_text(encoding="utf-8")))
    return Measurement(
        library=library,
        version=reports[0]["version"],
        seconds=tuple(report["seconds"] for report in reports),
        peak_mb=statistics.median(report.get("peak_mb", float("nan")) for report in reports),
        answer=read_answer(Path(job["answer"])),
    )


def failed(library: str, failure: str) -> Measurement:
    """Return what is known of a library that did not answer."""
    return Measurement(library, "", (), float("nan"), {}, failure)


def command(library: str, job: Path) -> list[str]:
    """Return how a library is run on a job."""
    if library in R_LIBRARIES:
        return ["Rscript", str(HERE / R_LIBRARIES[library]), str(job)]
    python = Path(sys.executable) if library == FLOOR else python_for(library)
    return [str(python), "-m", "benchmarks.factors_child", str(job)]


def run(arguments: list[str], folder: Path) -> str:
    """Run one child; return the last line of its error, or nothing."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    done = subprocess.run(
        arguments, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines()
    missing = [line for line in lines if "there is no package called" in line]
    if missing:
        return f"skipped: {missing[0].split(':')[-1].strip()}"
    return lines[-1] if lines else f"exit status {done.returncode}"


def heading(results: list[Result], repeats: int, others: float | None) -> str:
    """Return what was measured, and on which machine, and how much of it others used."""
    done = [one for result in results for one in (result.ours, result.other)]
    versions = sorted({f"{one.library} {one.version}" for one in done if one.version})
    busy = "" if others is None else f" Other work took {others:.1f} of the CPUs meanwhile."
    return (
        f"{', '.join(versions)}. Seconds, median of {repeats} processes; ratio = the other's time "
        f"/ custvalue's; MB: most that solving took above library and data, custvalue / the "
        f"other; {FLOOR} is no rival but the least work: {N_REPLICATES} times normal answers and "
        f"eigenvalues. {machine()}{busy}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
