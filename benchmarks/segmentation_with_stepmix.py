"""How StepMix finds latent classes."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np
from stepmix import StepMix

from benchmarks.segmentation_cases import N_ANSWERS, N_CLASSES, N_ITEMS, SEED
from benchmarks.segmentation_problem import Solver

VERSION = version("stepmix")


def solve(answers: np.ndarray) -> Any:
    """Fit the classes until a step gains less than 1e-8 relative, from ten starts."""
    model = StepMix(
        n_components=N_CLASSES,
        n_steps=1,
        measurement="categorical",
        n_init=10,
        abs_tol=0,
        rel_tol=1e-8,
        max_iter=1_000,
        random_state=SEED,
        verbose=0,
        progress_bar=0,
    )
    return model.fit(answers)


def answer(model: Any, answers: np.ndarray) -> dict[str, np.ndarray]:
    """Return shares, and probabilities of shape (classes, items, answers)."""
    parameters = model.get_parameters()
    probabilities = np.reshape(parameters["measurement"]["pis"], (N_CLASSES, N_ITEMS, N_ANSWERS))
    return {"shares": np.asarray(parameters["weights"]), "probabilities": probabilities}


PROBLEMS = {"latent-classes": Solver(lambda data: data["answers"], solve, answer)}
