"""What parallel analysis from simulated answers cannot do without: no library, but a floor."""

from __future__ import annotations

import numpy as np

from benchmarks.factors_cases import N_REPLICATES, SEED
from benchmarks.segmentation_problem import Solver

VERSION = np.__version__


def draw_and_decompose(answers: np.ndarray) -> None:
    """Draw so many surveys of normal answers, and find the eigenvalues of so many matrices."""
    generator = np.random.default_rng(SEED)
    matrix = np.corrcoef(answers, rowvar=False)
    for _ in range(N_REPLICATES):
        generator.standard_normal(answers.shape)
        np.linalg.eigvalsh(matrix)


def smc_eigenvalues(found: None, answers: np.ndarray) -> dict[str, np.ndarray]:
    """Return the eigenvalues of the matrix with squared multiple correlations on its diagonal."""
    matrix = np.corrcoef(answers, rowvar=False)
    np.fill_diagonal(matrix, 1 - 1 / np.diag(np.linalg.inv(matrix)))
    return {"eigenvalues": np.linalg.eigvalsh(matrix)[::-1]}


PROBLEMS = {"parallel": Solver(lambda data: data["answers"], draw_and_decompose, smc_eigenvalues)}
