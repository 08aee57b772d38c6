"""How much of the machine other work takes while a benchmark runs."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

STAT = Path("/proc/stat")
IDLE = (3, 4)
"""Fields of the first line of /proc/stat that are no work: idle, and waiting for disks."""
FIELDS = 8
"""Those behind count guests, which are in the first ones."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Time in seconds: on the clock, of all CPUs at work, and of this process with its children.

    Attributes
    ----------
    clock, machine, own : float
        ``machine`` is NaN where there is no /proc/stat.
    """

    clock: float
    machine: float
    own: float

    @classmethod
    def now(cls) -> Self:
        """Return the times until now."""
        times = os.times()
        return cls(time.perf_counter(), machine_seconds(), sum(times[:4]))

    def others(self) -> float | None:
        """Return how many CPUs other work has taken since, on average; None if unknown."""
        now = Usage.now()
        work = (now.machine - self.machine) - (now.own - self.own)
        return max(0.0, work / (now.clock - self.clock)) if work == work else None


def machine_seconds() -> float:
    """Return the time that all CPUs have worked."""
    if not STAT.exists():
        return float("nan")
    fields = [int(field) for field in STAT.read_text().split("\n", 1)[0].split()[1:]]
    ticks = sum(fields[:FIELDS]) - sum(fields[i] for i in IDLE)
    return ticks / os.sysconf("SC_CLK_TCK")
