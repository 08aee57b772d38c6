"""Results as a Markdown table and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.agreement import Verdict
from benchmarks.cases import Case
from benchmarks.measure import Measurement

COLUMNS = ("problem", "grain", "size", "custvalue", "rival", "ratio", "peak MB", "agreement")


@dataclass(frozen=True, slots=True)
class Result:
    """One case, done by both."""

    case: Case
    ours: Measurement
    rival: Measurement
    verdict: Verdict

    @property
    def ratio(self) -> float | None:
        """How many times faster custvalue is; None where the answers do not agree."""
        return self.rival.median / self.ours.median if self.verdict.agrees else None


def markdown(results: list[Result], repeats: int) -> str:
    """Return the results as a page of Markdown."""
    rows = [row(result) for result in results]
    return f"{heading(results, repeats)}\n\n{table(COLUMNS, rows)}\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows of cells as a Markdown table."""
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def machine() -> str:
    """Return where this runs."""
    return (
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} CPUs."
    )


def heading(results: list[Result], repeats: int) -> str:
    """Return what was compared with what, on which machine."""
    versions = sorted(
        {
            f"{one.library} {one.version}"
            for result in results
            for one in (result.ours, result.rival)
            if one.version
        }
    )
    return (
        f"{' against '.join(versions)}. Median of {repeats} processes; seconds; ratio = rival's "
        f"time / custvalue's. {machine()}"
    )


def row(result: Result) -> tuple[str, ...]:
    """Return the cells of one result; times count only where the answers agree."""
    case, ours, rival = result.case, result.ours, result.rival
    ratio = "not counted" if result.ratio is None else f"{result.ratio:.1f}"
    return (
        case.problem,
        case.grain,
        f"{case.size:,}",
        seconds(ours),
        seconds(rival),
        ratio,
        f"{ours.peak_mb:.0f} / {rival.peak_mb:.0f}",
        result.verdict.note,
    )


def seconds(one: Measurement) -> str:
    """Return the median time of a library to three significant digits."""
    if one.failure:
        return "failed"
    return f"{one.median:.3g}" if one.median < 100 else f"{one.median:.0f}"


def as_json(results: list[Result], repeats: int) -> str:
    """Return the results as JSON, every single time included."""
    records = [record(result) for result in results]
    return json.dumps({"machine": heading(results, repeats), "results": records}, indent=1) + "\n"


def record(result: Result) -> dict[str, Any]:
    """Return one result as plain data."""
    case = result.case
    return {
        "problem": case.problem,
        "grain": case.grain,
        "size": case.size,
        "agrees": result.verdict.agrees,
        "agreement": result.verdict.note,
        "ratio": result.ratio,
        "libraries": {
            one.library: {
                "version": one.version,
                "seconds": list(one.seconds),
                "peak_mb": None if one.failure else one.peak_mb,
                "failure": one.failure,
            }
            for one in (result.ours, result.rival)
        },
    }
