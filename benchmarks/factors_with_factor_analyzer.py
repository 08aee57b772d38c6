"""How factor_analyzer finds factors: from one start, and without Kaiser's normalisation."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from factor_analyzer import FactorAnalyzer

from benchmarks.factors_cases import N_FACTORS
from benchmarks.segmentation_problem import Solver

VERSION = version("factor_analyzer")


def frame(data: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return the answers as a frame."""
    return pd.DataFrame(data["answers"])


def fit(answers: pd.DataFrame) -> Any:
    """Extract by minres and rotate by oblimin."""
    analyzer = FactorAnalyzer(
        n_factors=N_FACTORS,
        method="minres",
        rotation="oblimin",
        rotation_kwargs={"normalize": False},
    )
    analyzer.fit(answers)
    return analyzer


def loadings(analyzer: Any, answers: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the pattern loadings."""
    return {"loadings": analyzer.loadings_}


PROBLEMS = dict.fromkeys(
    ("minres-oblimin", "minres-oblimin-alone", "minres-oblimin-10", "million"),
    Solver(frame, fit, loadings),
)
