"""What is run: a problem at a size and a grain."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

PROBLEMS = (
    "fit",
    "fit-mbg",
    "fit-pareto",
    "predict",
    "value",
    "summary-frame",
    "summary-parquet",
)
GRAINS = ("continuous", "daily")
HORIZON = 52.0
OBSERVATION_END = "2025-12-31"

LAWS = {
    "BetaGeoNBD": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    "ModifiedBetaGeoNBD": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614},
    "ParetoNBD": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669},
}
MODELS = {"fit-mbg": "ModifiedBetaGeoNBD", "fit-pareto": "ParetoNBD"}
SPEND_LAW = {"p": 6.25, "q": 3.74, "v": 15.44}
MONTHS = 12
WEEKS_A_MONTH = 4.345
"""lifetimes' month."""
MONTHLY_RATE = 0.01

LARGEST = {"fit-pareto": 100_000}
"""Where the rival takes minutes a fit beyond."""
SIZES = {
    "quick": {"customers": (10_000,), "orders": (100_000,)},
    "full": {"customers": (10_000, 100_000, 1_000_000), "orders": (1_000_000,)},
}


@dataclass(frozen=True, slots=True)
class Case:
    """One problem.

    Attributes
    ----------
    problem : str
        One of ``PROBLEMS``.
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
    def model(self) -> str:
        """The model that the customers follow, and that is fitted."""
        return MODELS.get(self.problem, "BetaGeoNBD")

    @property
    def horizon(self) -> float:
        """How many weeks ahead to look: a year, or the 12 months that lifetimes values."""
        return MONTHS * WEEKS_A_MONTH if self.problem == "value" else HORIZON

    @property
    def data(self) -> str:
        """Name of the data: problems on the same data share it."""
        source = "log" if self.grain == "orders" else self.model
        return f"{source}-{self.grain}-{self.size}"

    def __str__(self) -> str:
        """Return a name for a progress line."""
        return f"{self.problem} {self.grain} {self.size:,}"


def choose(problems: list[str], sizes: list[int], grains: list[str], scale: str) -> list[Case]:
    """Return the cases of these problems, sizes and grains; an empty list means the scale's."""
    cases = []
    for problem in problems or PROBLEMS:
        summary = problem.startswith("summary")
        own_sizes = sizes or sizes_of(problem, scale)
        own_grains = ["orders"] if summary else grains or GRAINS
        cases += [Case(problem, size, grain) for size, grain in product(own_sizes, own_grains)]
    return cases


def sizes_of(problem: str, scale: str) -> list[int]:
    """Return the sizes of a problem at a scale."""
    sizes = SIZES[scale]["orders" if problem.startswith("summary") else "customers"]
    return [size for size in sizes if size <= LARGEST.get(problem, size)]
