"""What a factor analysis reports, as tables: arrays in, frames out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.ratings import Ratings
from custvalue._estimator.resampling import in_canonical_order
from custvalue._typing import FloatArray, IntArray
from custvalue.exceptions import DataError
from custvalue.factors._adequacy import bartlett_test, kaiser_meyer_olkin
from custvalue.factors._bootstrap import LoadingDraws
from custvalue.factors._correlations.build import usable_answers
from custvalue.factors._correlations.pair_tables import code_items
from custvalue.factors._correlations.result import Correlations
from custvalue.factors._extraction.extract import degrees_of_freedom, most_factors
from custvalue.factors._extraction.result import Extraction
from custvalue.factors._fit_indices import fit_indices, variance_explained
from custvalue.factors._retention.retention import CRITERIA, NEED_RESPONDENTS, Retention
from custvalue.factors._rotation.result import Rotation
from custvalue.factors._solution import FactorSolution

__all__ = [
    "adequacy_series",
    "by_factor",
    "chosen_number",
    "codes_to_shuffle",
    "convergence_report",
    "criteria_for",
    "factor_names",
    "factor_table",
    "fit_series",
    "interval_frame",
    "item_table",
    "loading_frame",
    "rotation_options",
    "search_doubts",
    "solution_doubts",
]

_FREE = ("map", "map4", "kaiser", "scree", "optimal_coordinates", "ekc")
"""Criteria that need no simulation and no model."""


def criteria_for(n_factors: int | str, n_observations: float) -> list[str]:
    """Return the criteria to ask: all that there can be, or what costs nothing for a number."""
    known = [name for name in CRITERIA if not np.isnan(n_observations)]
    if isinstance(n_factors, str):
        possible = known or [name for name in CRITERIA if name not in NEED_RESPONDENTS]
        return possible if n_factors in possible else [*possible, n_factors]
    return [name for name in _FREE if known or name not in NEED_RESPONDENTS]


def chosen_number(
    criterion: str, found: Retention, n_items: int, method: str
) -> tuple[int, list[str]]:
    """Return how many factors a criterion suggests, at least one, and what is doubtful about it.

    Raises
    ------
    DataError
        If the criterion has no answer.
    """
    suggested = found.suggested[criterion]
    if suggested is None:
        raise DataError(
            f"n_factors={criterion!r} has no answer for these {n_items} items; give a number"
        )
    most = n_items if method == "principal" else max(1, most_factors(n_items))
    number = min(max(suggested, 1), most)
    if number == suggested:
        return number, []
    return number, [
        f"n_factors={criterion!r} suggests {suggested} factors; {number} is taken, since there "
        f"must be 1 to {most} for {n_items} items"
    ]


def codes_to_shuffle(ratings: Ratings, weights: FloatArray | None, missing: str) -> IntArray | None:
    """Return the categories of the answers for parallel analysis, sorted, one row a respondent.

    None where weights are no whole numbers, so that there are no respondents to shuffle.
    """
    answers = usable_answers(ratings, missing=missing, weights=weights)
    rows, counts = in_canonical_order(answers.ratings, answers.weights)
    if not np.all(counts == np.round(counts)):
        return None
    return np.repeat(code_items(rows).codes, counts.astype(np.int64), axis=0)


def rotation_options(options: Mapping[str, Any] | None, items: Sequence[str]) -> dict[str, Any]:
    """Return the options of a rotation, the rows of a target in the order of the items."""
    found = dict(options or {})
    target = found.get("target")
    if isinstance(target, pd.DataFrame) and set(target.index) == set(items):
        found["target"] = target.loc[list(items)]
    return found


def factor_names(n_factors: int) -> pd.Index:
    """Return ``factor_1``, ``factor_2``, ... ."""
    return pd.Index([f"factor_{i + 1}" for i in range(n_factors)], name="factor")


def loading_frame(loadings: FloatArray, items: Sequence[str]) -> pd.DataFrame:
    """Return loadings of shape (p, k) by item and factor."""
    index = pd.Index(items, name="item")
    columns = factor_names(loadings.shape[1]).rename(None)
    return pd.DataFrame(loadings, index=index, columns=columns)


def by_factor(square: FloatArray) -> pd.DataFrame:
    """Return an array of shape (k, k) by factor and factor."""
    names = factor_names(len(square))
    return pd.DataFrame(square, index=names, columns=names.rename(None))


def fit_series(found: Correlations, solution: FactorSolution) -> pd.Series:
    """Return the fit indices by name."""
    p, k = solution.loadings.shape
    indices = fit_indices(
        found.matrix,
        solution.loadings,
        solution.factor_correlations,
        solution.uniquenesses,
        found.n_observations,
        degrees_of_freedom(p, k),
    )
    return pd.Series(asdict(indices), name="value", dtype=np.float64)


def adequacy_series(found: Correlations) -> pd.Series:
    """Return the overall measure of sampling adequacy, and Bartlett's test of sphericity."""
    overall, _ = kaiser_meyer_olkin(found.matrix)
    test = bartlett_test(found.matrix, found.n_observations)
    return pd.Series({"kmo": overall, **asdict(test)}, name="value", dtype=np.float64)


def item_table(found: Correlations, solution: FactorSolution, items: Sequence[str]) -> pd.DataFrame:
    """Return what is worth knowing of each item."""
    squares = solution.loadings**2
    with np.errstate(invalid="ignore"):
        complexity = squares.sum(axis=1) ** 2 / (squares**2).sum(axis=1)
    names = factor_names(squares.shape[1])
    return pd.DataFrame(
        {
            "factor": names[squares.argmax(axis=1)].to_numpy(),
            "complexity": complexity,
            "kmo": kaiser_meyer_olkin(found.matrix)[1],
            "heywood": solution.extraction.heywood,
        },
        index=pd.Index(items, name="item"),
    )


def factor_table(found: Correlations, solution: FactorSolution) -> pd.DataFrame:
    """Return what is worth knowing of each factor."""
    table = variance_explained(
        found.matrix, solution.loadings, solution.factor_correlations, solution.uniquenesses
    )
    return pd.DataFrame(asdict(table), index=factor_names(solution.loadings.shape[1]))


def interval_frame(draws: LoadingDraws, loadings: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return the intervals of loadings by item and factor."""
    names = loadings.columns.rename("factor")
    index = pd.MultiIndex.from_product([loadings.index, names])
    spread = draws.intervals(confidence).reshape(-1, 3)
    table = pd.DataFrame(spread, index=index, columns=["standard_error", "lower", "upper"])
    table.insert(0, "loading", loadings.to_numpy().ravel())
    return table


def convergence_report(solution: FactorSolution) -> dict[str, bool | int | float]:
    """Return how well both searches went."""
    stages = _stages(solution)
    report: dict[str, bool | int | float] = {
        "converged": all(bool(stage.converged) for stage in stages.values())
    }
    for name, stage in stages.items():
        report |= {
            f"{name}_gradient": float(stage.gradient),
            f"{name}_iterations": int(stage.iterations),
            f"{name}_starts": int(stage.n_starts),
            f"{name}_starts_agreeing": int(stage.starts_agreeing),
            f"{name}_optima": int(stage.n_optima),
        }
    return report


def solution_doubts(solution: FactorSolution, items: Sequence[str]) -> list[str]:
    """Return sentences on items that the factors explain wholly, and on too many factors."""
    doubts = []
    p, k = solution.loadings.shape
    free = degrees_of_freedom(p, k)
    if free < 0:
        doubts.append(
            f"{k} factors of {p} items have more parameters than there are correlations "
            f"(degrees of freedom {free}): other loadings fit as well"
        )
    heywood = np.flatnonzero(solution.extraction.heywood)
    if len(heywood):
        doubts.append(_heywood_doubt(heywood, items, solution.communalities))
    return doubts


def _heywood_doubt(heywood: IntArray, items: Sequence[str], communalities: FloatArray) -> str:
    shown = ", ".join(f"{items[i]!r} ({communalities[i]:.3f})" for i in heywood[:5])
    return (
        f"Heywood case: a communality should stay below 1; {shown} reached it, or the least "
        f"uniqueness ({len(heywood)} such item{'s' if len(heywood) > 1 else ''}). Fewer factors, "
        f"or more respondents, may mend it"
    )


def search_doubts(solution: FactorSolution) -> list[str]:
    """Return sentences on searches that did not end, or ended alone."""
    doubts = []
    for name, stage in _stages(solution).items():
        if not stage.converged:
            doubts.append(
                f"{name} did not converge: its gradient is {stage.gradient:.2g} after "
                f"{stage.iterations} iterations"
            )
        elif stage.n_starts > 1 and stage.starts_agreeing == 1:
            doubts.append(
                f"a single start of {stage.n_starts} reached the best {name} of "
                f"{stage.n_optima} different ones; raise n_starts"
            )
    return doubts


def _stages(solution: FactorSolution) -> dict[str, Extraction | Rotation]:
    return {"extraction": solution.extraction, "rotation": solution.rotation}
