"""What is run: a problem at a size and a grain."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

PROBLEMS = ("fit", "predict", "summary-frame", "summary-parquet")
GRAINS = ("continuous", "daily")
HORIZON = 52.0
OBSERVATION_END = "2025-12-31"
LAW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}

SIZES = {
    "quick": {"customers": (10_000,), "orders": (100_000,)},
    "full": {"customers": (10_000, 100_000, 1_000_000), "orders": (1_000_000,)},
}


@dataclass(frozen=True, slots=True)
class Case:
    """One problem.

    Attributes
    ----------
    problem : {"fit", "predict", "summary-frame", "summary-parquet"}
    size : int
        Customers, or for a summary about as many orders.
    grain : {"continuous", "daily", "orders"}
        "continuous": times as simulated, no two rows alike. "daily": whole days, measured in
        weeks, as order logs have them. A summary has the grain "orders".
    """

    problem: str
    size: int
    grain: str

    @property
    def data(self) -> str:
        """Name of the data: problems on the same data share it."""
        return f"{self.grain}-{self.size}"

    def __str__(self) -> str:
        """Return a name for a progress line."""
        return f"{self.problem} {self.grain} {self.size:,}"


def choose(problems: list[str], sizes: list[int], grains: list[str], scale: str) -> list[Case]:
    """Return the cases of these problems, sizes and grains; an empty list means the scale's."""
    cases = []
    for problem in problems or PROBLEMS:
        summary = problem.startswith("summary")
        own_sizes = sizes or SIZES[scale]["orders" if summary else "customers"]
        own_grains = ["orders"] if summary else grains or GRAINS
        cases += [Case(problem, size, grain) for size, grain in product(own_sizes, own_grains)]
    return cases
