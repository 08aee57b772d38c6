"""The cases of the segmentation room, and their data, simulated once from known segments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np

SEED = 42
SIZES = (10_000, 100_000, 1_000_000)
QUICK = 10_000

N_CLASSES, N_ITEMS, N_ANSWERS = 3, 8, 3
WORTHS = np.array([0.35, 0.25, 0.15, 0.12, 0.08, 0.05])
CENTRES = np.array([[1, 2, 3, 4, 5, 6], [5, 6, 4, 2, 3, 1]])  # ranks
SHARES = np.array([0.6, 0.4])
CONCENTRATION = np.array([0.8, 1.2])
N_SEGMENTS = 5

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Case:
    """A problem, how many rows, and who else solves it.

    Attributes
    ----------
    problem : str
    size : int
        Rows.
    rival : str
        A library, or nothing.
    """

    problem: str
    size: int
    rival: str = ""

    @property
    def data(self) -> str:
        """Name of the kind of data."""
        return PROBLEMS[self.problem].data


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be solved: on which data, how large, and beside whom."""

    data: str
    sizes: tuple[int, ...]
    rival: str = ""


PROBLEMS = {
    "latent-classes": Problem("answers", SIZES[:2], "stepmix"),
    "plackett-luce": Problem("choices", SIZES[:2], "choix"),
    "mallows": Problem("rankings", SIZES[1:2]),
    "kendall": Problem("rankings", SIZES[1:2]),
    "clusters": Problem("customers", SIZES, "sklearn"),
    "clusters-stability": Problem("customers", SIZES),
    "clusters-auto": Problem("customers", SIZES),
    "clusters-sizes": Problem("customers", SIZES[1:2]),
    "clusters-predict": Problem("customers", SIZES),
    "rfm-quantile": Problem("histories", SIZES[2:]),
    "rfm-breaks": Problem("histories", SIZES[2:]),
}


def cases(problems: list[str], *, quick: bool) -> list[Case]:
    """Return the cases of the problems, the small ones alone where it must be quick."""
    return [
        Case(name, size, PROBLEMS[name].rival)
        for name in problems
        for size in ((QUICK,) if quick else PROBLEMS[name].sizes)
    ]


def data_file(case: Case, folder: Path) -> Path:
    """Return the file with the data of a case, simulating them if they are not there yet."""
    path = folder / f"{case.data}-{case.size}.npz"
    if not path.exists():
        np.savez(path, **SIMULATORS[case.data](case.size, np.random.default_rng(SEED)))
    return path


def answers(size: int, generator: np.random.Generator) -> Arrays:
    """Draw answers to items from three classes of shares .5, .3 and .2."""
    probabilities = generator.dirichlet(np.ones(N_ANSWERS), size=(N_CLASSES, N_ITEMS))
    classes = generator.choice(N_CLASSES, size=size, p=[0.5, 0.3, 0.2])
    limits = probabilities.cumsum(axis=2)[classes]
    draws = generator.uniform(size=(size, N_ITEMS, 1))
    return {"answers": (draws > limits[:, :, :-1]).sum(axis=2)}


def choices(size: int, generator: np.random.Generator) -> Arrays:
    """Draw rankings from the Plackett-Luce model: the order of log worth plus Gumbel noise."""
    utility = np.log(WORTHS) + generator.gumbel(size=(size, len(WORTHS)))
    return {"ranks": np.argsort(np.argsort(-utility, axis=1), axis=1) + 1}


def rankings(size: int, generator: np.random.Generator) -> Arrays:
    """Draw rankings from two Mallows models, of all that there are."""
    every = np.array(list(permutations(range(1, CENTRES.shape[1] + 1))))
    segments = generator.choice(len(SHARES), size=size, p=SHARES)
    ranks = np.empty((size, CENTRES.shape[1]), dtype=int)
    for k, centre in enumerate(CENTRES):
        chances = np.exp(-CONCENTRATION[k] * kendall(every, centre))
        rows = np.flatnonzero(segments == k)
        ranks[rows] = every[generator.choice(len(every), len(rows), p=chances / chances.sum())]
    return {"ranks": ranks}


def kendall(ranks: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Return how many pairs of items each row puts in the other order than the centre."""
    first, second = np.triu_indices(len(centre), 1)
    opposite = (ranks[:, first] < ranks[:, second]) != (centre[first] < centre[second])
    return opposite.sum(axis=1)


def customers(size: int, generator: np.random.Generator) -> Arrays:
    """Draw customers of five kinds: key, loyal, occasional, lapsed, and new."""
    kind = generator.choice(N_SEGMENTS, size=size, p=[0.1, 0.2, 0.25, 0.25, 0.2])

    def lognormal(medians: list[float], spread: float) -> np.ndarray:
        return np.array(medians)[kind] * generator.lognormal(0, spread, size)

    frequency = 1 + generator.poisson(lognormal([60, 20, 6, 2, 1], 0.2))
    return {
        "frequency": frequency.astype(float),
        "weeks_since": lognormal([1.5, 4, 12, 60, 4], 0.35),
        "money": frequency * lognormal([90, 40, 25, 20, 15], 0.3),
        "tenure": lognormal([110, 80, 70, 100, 8], 0.25),
    }


def histories(size: int, generator: np.random.Generator) -> Arrays:
    """Draw customer summaries: a third or so without repeat purchase."""
    T = generator.uniform(13, 104, size)
    frequency = generator.poisson(generator.gamma(0.8, T / 20)).astype(float)
    last = generator.uniform(size=size) ** (1 / np.maximum(frequency, 1))
    spend = generator.gamma(6 * (frequency + 1)) / generator.gamma(4, 1 / 15, size)
    recency = np.where(frequency > 0, T * last, 0.0)
    return {"frequency": frequency, "recency": recency, "T": T, "total_value": spend}


SIMULATORS: dict[str, Callable[[int, np.random.Generator], Arrays]] = {
    "answers": answers,
    "choices": choices,
    "customers": customers,
    "histories": histories,
    "rankings": rankings,
}
