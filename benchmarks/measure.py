"""Runs a library on a case in processes of its own, and keeps times, peaks and the answer."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.cases import (
    LAWS,
    MONTHLY_RATE,
    MONTHS,
    OBSERVATION_END,
    SPEND_LAW,
    Case,
)
from benchmarks.data import SEED, data_file, few_file
from benchmarks.environments import HERE, python_for


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one library did on one case.

    Attributes
    ----------
    library, version : str
    seconds : tuple of float
        One time a process; empty if the library failed.
    peak_mb : float
        Median peak of resident memory, in megabytes of 2**20 bytes.
    answer : dict of str to ndarray
        What the last process answered.
    failure : str
        Last line of the error, or nothing.
    """

    library: str
    version: str
    seconds: tuple[float, ...]
    peak_mb: float
    answer: dict[str, np.ndarray]
    failure: str = ""

    @property
    def median(self) -> float:
        """Median time in seconds."""
        return statistics.median(self.seconds)


def measure(library: str, case: Case, repeats: int, folder: Path) -> Measurement:
    """Run the library on the case, ``repeats`` times, each in a new process."""
    job = write_job(library, case, folder)
    reports = []
    for _ in range(repeats):
        failure = run_child(python_for(library), job)
        if failure:
            return Measurement(library, "", (), float("nan"), {}, failure)
        reports.append(json.loads((folder / "report.json").read_text(encoding="utf-8")))
    with np.load(folder / "answer.npz", allow_pickle=False) as arrays:
        answer = dict(arrays)
    return Measurement(
        library=library,
        version=reports[0]["version"],
        seconds=tuple(report["seconds"] for report in reports),
        peak_mb=statistics.median(report["peak_mb"] for report in reports),
        answer=answer,
    )


def write_job(library: str, case: Case, folder: Path) -> Path:
    """Write what the child is to do."""
    data = data_file(case, folder)
    job = {
        "library": library,
        "problem": case.problem,
        "data": str(data),
        "few": str(few_file(data)),
        "model": case.model,
        "params": LAWS[case.model],
        "spend_params": SPEND_LAW,
        "horizon": case.horizon,
        "months": MONTHS,
        "monthly_rate": MONTHLY_RATE,
        "seed": SEED,
        "observation_end": OBSERVATION_END,
        "answer": str(folder / "answer.npz"),
        "report": str(folder / "report.json"),
    }
    path = folder / "job.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    return path


def run_child(python: Path, job: Path) -> str:
    """Run one child; return the last line of its error, or nothing."""
    command = [str(python), "-m", "benchmarks.child", str(job)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    done = subprocess.run(
        command, env=environment, cwd=job.parent, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"exit status {done.returncode}"
