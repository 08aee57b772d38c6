"""One measurement of segmentation: python -m benchmarks.segmentation_child JOB.json.

The job names library, problem, data and where the answer goes. This module runs in the environment
of the rival: it needs numpy and pandas and nothing of custvalue. The first rows are solved before
the clock starts, so that what a library loads on first use is not part of the time. Nor is what
puts the data into the form that the library takes, and what reads its answer for comparison.
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

WARM_UP_ROWS = 1_000


def main() -> None:
    """Solve the job once and write seconds, peak memory and the answer."""
    warnings.simplefilter("ignore")
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    library = importlib.import_module(f"benchmarks.segmentation_with_{job['library']}")
    problem = library.PROBLEMS[job["problem"]]
    with np.load(job["data"]) as arrays:
        data = dict(arrays)
    problem.solve(problem.prepare({name: values[:WARM_UP_ROWS] for name, values in data.items()}))
    prepared = problem.prepare(data)
    start = time.perf_counter()
    found = problem.solve(prepared)
    seconds = time.perf_counter() - start
    report = {"seconds": seconds, "peak_mb": peak_megabytes(), "version": library.VERSION}
    np.savez(job["answer"], **problem.answer(found, prepared))
    Path(job["report"]).write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main()
