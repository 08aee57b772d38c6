"""The cases of the factors room, and their surveys, simulated once from known factors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

SEED = 42
N_FACTORS = 5
N_REPLICATES = 100
LOADINGS = (0.5, 0.8)
"""Between these lie the loadings of the items of a factor."""
BETWEEN = 0.3
"""Correlation of any two factors."""
CUTS = (-1.5, -0.75, 0.0, 0.6, 1.4)
"""Between the six answers of an item, on the scale of a standard normal variable."""
SPREAD = 0.4
"""By up to this much the cuts of an item are moved, all to one side."""
FLOOR = "numpy"
"""Not a rival: the work that cannot be left out."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be solved, how large, beside whom, and what is asked.

    Attributes
    ----------
    name : str
    rows, items : int
    others : tuple of str
        Who else solves it.
    asked : str
        In words, empty where nothing is.
    faster_than : dict of str to float
        How many times faster than each of the others custvalue must be.
    seconds : float
        custvalue's time must be below.
    megabytes : float
        Memory that custvalue takes above the data must be below.
    """

    name: str
    rows: int
    items: int
    others: tuple[str, ...]
    asked: str
    faster_than: dict[str, float]
    seconds: float = float("inf")
    megabytes: float = float("inf")


SURVEY, LARGE = (2_400, 25), (1_000_000, 30)
LARGE_MB = LARGE[0] * LARGE[1] * 8 / 2**20
PROBLEMS = {
    one.name: one
    for one in (
        Problem(
            "minres-oblimin",
            *SURVEY,
            ("factor_analyzer",),
            "3 times faster",
            {"factor_analyzer": 3.0},
        ),
        Problem("minres-oblimin-alone", *SURVEY, ("factor_analyzer",), "", {}),
        Problem("minres-oblimin-10", *SURVEY, ("factor_analyzer",), "", {}),
        Problem("polychoric", *SURVEY, ("psych",), "below 4.5 s", {}, seconds=4.5),
        Problem(
            "parallel",
            *SURVEY,
            (FLOOR, "psych"),
            "at most 3 times the floor",
            {FLOOR: 1 / 3},
        ),
        Problem(
            "million",
            *LARGE,
            ("factor_analyzer",),
            f"no second copy of {LARGE_MB:.0f} MB",
            {},
            megabytes=LARGE_MB,
        ),
    )
}


def data_file(problem: Problem, folder: Path) -> Path:
    """Return the file with the answers, simulating them if they are not there yet."""
    path = folder / f"survey-{problem.rows}-{problem.items}.npy"
    if not path.exists():
        answers = survey(problem.rows, problem.items, np.random.default_rng(SEED))
        np.save(path, answers)
        if problem.rows <= SURVEY[0]:
            np.savetxt(path.with_suffix(".csv"), answers, fmt="%d", delimiter=",")
    return path


def survey(rows: int, items: int, generator: np.random.Generator) -> np.ndarray:
    """Draw answers from 1 to 6, as float64, of shape (rows, items)."""
    own = np.arange(items) % N_FACTORS
    loadings = np.zeros((items, N_FACTORS))
    loadings[np.arange(items), own] = generator.uniform(*LOADINGS, items)
    shift = generator.uniform(-SPREAD, SPREAD, items)
    between = np.full((N_FACTORS, N_FACTORS), BETWEEN) + (1 - BETWEEN) * np.eye(N_FACTORS)
    half = np.linalg.cholesky(between)
    unique = np.sqrt(1 - (loadings**2).sum(axis=1))
    answers = np.empty((rows, items))
    for start in range(0, rows, 50_000):
        part = answers[start : start + 50_000]
        factors = generator.standard_normal((len(part), N_FACTORS)) @ half.T
        latent = factors @ loadings.T + unique * generator.standard_normal(part.shape)
        part[:] = 1 + np.searchsorted(CUTS, latent + shift)
    return answers
