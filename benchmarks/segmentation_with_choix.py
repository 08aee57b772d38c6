"""How choix estimates the worths of a Plackett-Luce model."""

from __future__ import annotations

from importlib.metadata import version

import choix
import numpy as np

from benchmarks.segmentation_cases import WORTHS
from benchmarks.segmentation_problem import Solver

VERSION = version("choix")

Rankings = list[tuple[int, ...]]


def prepare(data: dict[str, np.ndarray]) -> Rankings:
    """Return each ranking as its items, the best first."""
    return [tuple(order) for order in np.argsort(data["ranks"], axis=1).tolist()]


def solve(rankings: Rankings) -> np.ndarray:
    """Fit by maximum likelihood, without penalty."""
    return choix.ilsr_rankings(len(WORTHS), rankings, alpha=0)


def answer(logs: np.ndarray, rankings: Rankings) -> dict[str, np.ndarray]:
    """Return the worths, which sum to one."""
    return {"worths": np.exp(logs) / np.exp(logs).sum()}


PROBLEMS = {"plackett-luce": Solver(prepare, solve, answer)}
