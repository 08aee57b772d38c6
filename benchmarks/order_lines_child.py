"""One measurement of order lines: python -m benchmarks.order_lines_child JOB.json.

The first orders are measured before, so that what a library loads on first use is not part of the
time. Memory is what the whole table needs above that.
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
from benchmarks.factors_child import forget_peak


def main() -> None:
    """Solve the job once and write seconds, memory and the answer."""
    warnings.simplefilter("ignore")
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    library = importlib.import_module(f"benchmarks.order_lines_with_{job['library']}")
    solve = getattr(library, job["problem"])
    solve(job["few"], job["by"])
    before = forget_peak()
    start = time.perf_counter()
    answer = solve(job["data"], job["by"])
    seconds = time.perf_counter() - start
    above = peak_megabytes() - before
    report = {"seconds": seconds, "peak_mb": above, "version": library.VERSION}
    np.savez(job["answer"], **answer)
    Path(job["report"]).write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main()
