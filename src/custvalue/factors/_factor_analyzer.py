"""What a factor analysis reports, as tables: arrays in, frames out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.ratings import Ratings
from custvalue._estimator.resampling import in_canonical_order
from custvalue._typing import FloatArray, IntArray
from custvalue.exceptions import DataError
from custvalue.factors._adequacy import sampling_adequacy, sphericity
from custvalue.factors._bootstrap import LoadingDraws
from custvalue.factors._correlations.build import usable_answers
from custvalue.factors._correlations.pair_tables import code_items
from custvalue.factors._correlations.result import Correlations
from custvalue.factors._extraction.extract import degrees_of_freedom, most_factors
from custvalue.factors._extraction.result import Extraction
from custvalue.factors._fit_indices import fit_indices, variance_explained
from custvalue.factors._input import MOST_ROWS, one_row_each
from custvalue.factors._retention.retention import CRITERIA, NEED_RESPONDENTS, Retention
from custvalue.factors._rotation.result import Rotation
from custvalue.factors._scores import scoring_matrix
from custvalue.factors._solution import FactorSolution

__all__ = [
    "NOT_SHUFFLED",
    "adequacy_series",
    "by_factor",
    "chosen_number",
    "codes_to_shuffle",
    "convergence_report",
    "criteria_for",
    "data_doubts",
    "factor_names",
    "factor_table",
    "fit_series",
    "interval_frame",
    "item_table",
    "loading_frame",
    "rotation_options",
]

_FREE = ("map", "map4", "kaiser", "scree", "optimal_coordinates", "ekc")
"""Criteria that need no simulation and no model."""

_PARALLEL = ("parallel", "parallel_factors")

NOT_SHUFFLED = (
    f"parallel analysis simulated normal variables instead of shuffling the answers, since the "
    f"weights are not whole or come to more than {MOST_ROWS:,}; polychoric correlations vary more, "
    f"so that it may suggest too many factors"
)
"""Said where `codes_to_shuffle` has none."""

_NEEDS_INVERSE = (
    "of repaired correlations neither determinant nor inverse mean anything: tests, measures of "
    "fit that rest on a likelihood, and the measure of sampling adequacy are NaN"
)
_MODEL_SCORES = (
    "; scores and determinacies are taken from the correlations that the factors reproduce"
)


def criteria_for(n_factors: int | str, n_observations: float) -> list[str]:
    """Return the criteria to ask: what costs nothing, parallel analysis, and the one that decides.

    For a number, only what costs nothing.

    Raises
    ------
    ValueError
        If the one that decides needs the number of respondents, and it is not known.
    """
    known = not np.isnan(n_observations)
    if not known and n_factors in NEED_RESPONDENTS:
        raise ValueError(
            f"n_observations must be given where n_factors={n_factors!r}; found None. Or give a "
            f"number as n_factors, or a criterion without respondents, such as 'map'"
        )
    wanted = {*_FREE} if not isinstance(n_factors, str) else {*_FREE, *_PARALLEL, n_factors}
    return [name for name in CRITERIA if name in wanted and (known or name not in NEED_RESPONDENTS)]


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
        reasons = "".join(f". {doubt}" for doubt in found.data_doubts)
        raise DataError(
            f"n_factors={criterion!r} has no answer for these {n_items} items; give a "
            f"number{reasons}"
        )
    most = n_items if method == "principal" else max(1, most_factors(n_items))
    number = min(max(suggested, 1), most)
    if number == suggested:
        return number, []
    return number, [
        f"n_factors={criterion!r} suggests {suggested} factor{'' if suggested == 1 else 's'}; "
        f"{number} is taken, since there must be 1 to {most} for {n_items} items"
    ]


def codes_to_shuffle(ratings: Ratings, weights: FloatArray | None, missing: str) -> IntArray | None:
    """Return the categories of the answers for parallel analysis, sorted, one row a respondent.

    None where weights are no whole numbers, so that there are no respondents to shuffle, or
    they would take more than 20,000 rows.
    """
    answers = usable_answers(ratings, missing=missing, weights=weights)
    rows, counts = in_canonical_order(answers.ratings, answers.weights)
    each = one_row_each(replace(answers, ratings=rows, weights=counts))
    return None if each is None else code_items(each).codes


def rotation_options(options: Mapping[str, Any] | None, items: Sequence[str]) -> dict[str, Any]:
    """Return the options of a rotation, the rows of a target in the order of the items.

    Raises
    ------
    ValueError
        If a frame as target has other labels.
    """
    found = dict(options or {})
    target = found.get("target")
    if isinstance(target, pd.DataFrame) and not isinstance(target.index, pd.RangeIndex):
        if not target.index.is_unique or set(target.index) != set(items):
            raise ValueError(
                f"rotation option 'target' must have the items as its index, or a plain range; "
                f"found {', '.join(map(repr, target.index[:6]))} for the items "
                f"{', '.join(map(repr, items[:6]))}"
            )
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
        singular=found.singular,
    )
    return pd.Series(asdict(indices), name="value", dtype=np.float64)


def adequacy_series(found: Correlations) -> pd.Series:
    """Return the overall measure of sampling adequacy, and Bartlett's test of sphericity."""
    overall, _ = sampling_adequacy(found)
    values = {"kmo": overall, **asdict(sphericity(found))}
    return pd.Series(values, name="value", dtype=np.float64)


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
            "kmo": sampling_adequacy(found).items,
            "heywood": solution.extraction.heywood,
        },
        index=pd.Index(items, name="item"),
    )


def factor_table(found: Correlations, solution: FactorSolution) -> pd.DataFrame:
    """Return what is worth knowing of each factor."""
    parts = (solution.loadings, solution.factor_correlations, solution.uniquenesses)
    basis = scoring_matrix(
        found.matrix, *parts, singular=found.singular, components=solution.extraction.components
    )
    table = variance_explained(basis, *parts)
    return pd.DataFrame(asdict(table), index=factor_names(solution.loadings.shape[1]))


def interval_frame(draws: LoadingDraws, loadings: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return the intervals of loadings by item and factor."""
    names = loadings.columns.rename("factor")
    index = pd.MultiIndex.from_product([loadings.index, names])
    spread = draws.intervals(level).reshape(-1, 3)
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


def data_doubts(found: Correlations, retention: Retention, *, components: bool) -> tuple[str, ...]:
    """Return sentences on correlations, and on what becomes of repaired ones."""
    repaired: tuple[str, ...] = ()
    if found.singular:
        repaired = (_NEEDS_INVERSE + ("" if components else _MODEL_SCORES),)
    return (*found.doubts, *repaired, *retention.data_doubts)


def _stages(solution: FactorSolution) -> dict[str, Extraction | Rotation]:
    return {"extraction": solution.extraction, "rotation": solution.rotation}
