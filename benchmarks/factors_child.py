"""One measurement of the factors room: python -m benchmarks.factors_child JOB.json.

Runs in the environment of the library. The first rows are solved before, so that what a library
loads on first use is not part of the time. Memory is what solving needs above what stands there
before it: library and data.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np

from benchmarks.child import peak_megabytes

WARM_UP_ROWS = 500
STATUS = Path("/proc/self/status")
CLEAR_REFS = Path("/proc/self/clear_refs")


def main() -> None:
    """Solve the job once and write seconds, memory above the data and the answer."""
    warnings.simplefilter("ignore")
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    library = importlib.import_module(f"benchmarks.factors_with_{job['library']}")
    problem = library.PROBLEMS[job["problem"]]
    data = {"answers": np.load(job["data"])}
    problem.solve(problem.prepare({"answers": data["answers"][:WARM_UP_ROWS]}))
    prepared = problem.prepare(data)
    data.clear()
    before = forget_peak()
    start = time.perf_counter()
    found = problem.solve(prepared)
    seconds = time.perf_counter() - start
    above = peak_megabytes() - before
    report = {"seconds": seconds, "peak_mb": above, "version": library.VERSION}
    np.savez(job["answer"], **problem.answer(found, prepared))
    Path(job["report"]).write_text(json.dumps(report), encoding="utf-8")


def forget_peak() -> float:
    """Let the peak of memory start anew, and return the resident megabytes.

    NaN where there is no /proc: a peak that cannot be set back says nothing of one step.
    """
    if not CLEAR_REFS.exists():
        return float("nan")
    CLEAR_REFS.write_text("5", encoding="ascii")
    line = next(row for row in STATUS.read_text().splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
