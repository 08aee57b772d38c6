"""How custvalue solves the problems of the factors room."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.factors_cases import N_FACTORS, N_REPLICATES, SEED
from benchmarks.segmentation_problem import Solver
from custvalue._estimator.ratings import read_ratings
from custvalue.factors import FactorAnalyzer, parallel_analysis, polychoric
from custvalue.factors._correlations.build import correlations as correlate
from custvalue.factors._solution import FactorSolution, Settings
from custvalue.factors._solution import solve as solve_matrix

VERSION = version("custvalue")


def frame(data: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return the answers as a frame."""
    return pd.DataFrame(data["answers"]).rename(columns="i{}".format)


def fit(n_starts: int) -> Callable[[pd.DataFrame], FactorAnalyzer]:
    """Return the fit of known many factors, rotated by oblimin."""
    analyzer = FactorAnalyzer(
        n_factors=N_FACTORS, rotation="oblimin", n_starts=n_starts, random_state=SEED
    )
    return analyzer.fit


def loadings(analyzer: FactorAnalyzer, answers: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the pattern loadings."""
    return {"loadings": analyzer.loadings_.to_numpy()}


def factors_alone(answers: pd.DataFrame) -> FactorSolution:
    """Read, correlate, extract and rotate: what factor_analyzer does, and nothing else."""
    found = correlate(read_ratings(answers), kind="pearson", missing="raise")
    settings = Settings(rotation="oblimin", n_starts=1)
    return solve_matrix(found.matrix, N_FACTORS, settings, np.random.default_rng(SEED))


def loadings_alone(solution: FactorSolution, answers: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the pattern loadings."""
    return {"loadings": solution.loadings}


def correlations(found: Any, answers: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the polychoric correlations."""
    return {"correlations": found.matrix.to_numpy()}


def parallel(answers: pd.DataFrame) -> Any:
    """Compare eigenvalues with those of independent normal answers."""
    return parallel_analysis(answers, of="factors", n_replicates=N_REPLICATES, random_state=SEED)


def eigenvalues(found: Any, answers: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the eigenvalues that were compared, and the number of factors."""
    return {
        "eigenvalues": found.table["eigenvalue"].to_numpy(),
        "n_factors": np.array(found.n_factors),
    }


PROBLEMS = {
    "minres-oblimin": Solver(frame, fit(1), loadings),
    "minres-oblimin-alone": Solver(frame, factors_alone, loadings_alone),
    "minres-oblimin-10": Solver(frame, fit(10), loadings),
    "polychoric": Solver(frame, polychoric, correlations),
    "parallel": Solver(frame, parallel, eigenvalues),
    "million": Solver(frame, fit(10), loadings),
}
