"""What a survey tells of its service elements: correlations, factors and all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from custvalue._estimator.comparisons import inconsistency
from custvalue._numerics.weighting import AHPWeights
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.factors._correlations.build import correlations
from custvalue.factors._correlations.result import Correlations
from custvalue.factors._doubts import search_doubts, solution_doubts
from custvalue.factors._element_evidence import (
    FEWEST_FOR_FACTORS,
    METHODS,
    NEEDS_CORRELATIONS,
    NEEDS_FACTORS,
    NEEDS_LOADINGS,
    Evidence,
    obstacle,
    scoring_of,
    weights_by,
)
from custvalue.factors._element_survey import ElementSurvey, refuse_constant
from custvalue.factors._element_weights import component_weights
from custvalue.factors._factor_analyzer import NOT_SHUFFLED, chosen_number, codes_to_shuffle
from custvalue.factors._retention.retention import retention
from custvalue.factors._solution import Settings, solve

__all__ = [
    "Finding",
    "Plan",
    "component_doubts",
    "find_evidence",
    "first_items",
    "method_doubts",
    "weights_of_all",
]

_REPAIRED = 1e-6
"""A repaired matrix has no smaller eigenvalue than 1e-8, and one not much larger."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for.

    Attributes
    ----------
    method : str
    compare : bool
    kind, missing : str
        As for `correlations`.
    n_factors : int or "parallel"
    settings : Settings
        Of the factors.
    comparisons : AHPWeights or None
    """

    method: str
    compare: bool
    kind: str
    missing: str
    n_factors: int | str
    settings: Settings
    comparisons: AHPWeights | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and sentences that the user should read.

    Attributes
    ----------
    evidence : Evidence
    doubts : tuple of str
        On the data and what they can tell; on factors only where the method needs them.
    search_doubts : tuple of str
        On searches that did not end well.
    """

    evidence: Evidence
    doubts: tuple[str, ...]
    search_doubts: tuple[str, ...] = ()


def find_evidence(survey: ElementSurvey, plan: Plan, generator: np.random.Generator) -> Finding:
    """Return what the survey tells, as far as the plan needs it.

    Parameters
    ----------
    survey : ElementSurvey
    plan : Plan
    generator : numpy.random.Generator

    Returns
    -------
    Finding

    Raises
    ------
    DataError
        If the method needs correlations that the ratings do not have.
    """
    evidence = Evidence(survey.values(), survey.counts, comparisons=plan.comparisons)
    if not (plan.compare or plan.method in NEEDS_CORRELATIONS):
        return Finding(evidence, survey.doubts)
    try:
        refuse_constant(survey)
        found = correlations(
            survey.ratings, kind=plan.kind, missing=plan.missing, weights=survey.counts
        )
    except DataError as error:
        if plan.method in NEEDS_CORRELATIONS:
            raise
        doubt = f"methods that need correlations are not compared: {error}"
        return Finding(evidence, (*survey.doubts, doubt))
    return _with_factors(survey, plan, evidence, found, generator)


def weights_of_all(plan: Plan, evidence: Evidence) -> dict[str, FloatArray]:
    """Return the weights by the method asked for, and by all that are possible to compare.

    Raises
    ------
    DataError
        If something stands against the method asked for.
    """
    reason = obstacle(plan.method, evidence)
    if reason is not None:
        raise DataError(f"method={plan.method!r} {reason}")
    wanted = METHODS if plan.compare else (plan.method,)
    return {
        method: weights_by(method, evidence)
        for method in wanted
        if obstacle(method, evidence) is None
    }


def method_doubts(method: str, evidence: Evidence) -> list[str]:
    """Return sentences on contradicting comparisons, scores by the model, and deciding signs."""
    doubts: list[str] = []
    if evidence.comparisons is not None:
        doubts += inconsistency(evidence.comparisons.consistency_ratio, "elements")
    if method == "regression" and scoring_of(evidence) is not evidence.matrix:
        doubts.append(
            "the correlations of the elements have no inverse: satisfaction is regressed on factor "
            "scores by the correlations that the factors imply"
        )
    return doubts + (component_doubts(evidence) if method == "principal_component" else [])


def first_items(found: Correlations, p: int) -> Correlations:
    """Return the correlations of the first p items.

    They are singular only if the first p items are what the repair was needed for.
    """
    matrix = found.matrix[:p, :p]
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    return replace(
        found,
        matrix=matrix,
        means=found.means[:p],
        standard_deviations=found.standard_deviations[:p],
        thresholds=None if found.thresholds is None else found.thresholds[:p],
        smallest_eigenvalue=smallest if smallest > _REPAIRED else found.smallest_eigenvalue,
    )


def component_doubts(evidence: Evidence) -> list[str]:
    """Return sentences on signs that decide, where weights come from principal components."""
    assert evidence.matrix is not None
    assert evidence.solution is not None
    found = component_weights(evidence.matrix, evidence.solution.loadings.shape[1])
    doubts = []
    if found.deciding_signs:
        named = " or ".join(str(k + 1) for k in found.deciding_signs)
        doubts.append(
            f"the sign of a principal component is arbitrary, but the other sign of component "
            f"{named} would give another ranking; 'loading' and 'communality' have no such choice"
        )
    if (found.weights < 0).any():
        doubts.append(
            f"weights should not be negative; {int((found.weights < 0).sum())} of "
            f"{len(found.weights)} by principal components are, and no score is made with them"
        )
    return doubts


def _with_factors(
    survey: ElementSurvey,
    plan: Plan,
    evidence: Evidence,
    found: Correlations,
    generator: np.random.Generator,
) -> Finding:
    p = len(survey.elements)
    own = first_items(found, p)
    outcome = None if survey.satisfaction is None else found.matrix[:p, p]
    evidence = replace(
        evidence, matrix=own.matrix, with_satisfaction=outcome, singular=own.singular
    )
    doubts = (*survey.doubts, *found.doubts)
    if p < FEWEST_FOR_FACTORS or not (plan.compare or plan.method in NEEDS_FACTORS):
        return Finding(evidence, doubts)
    number, more = _number_of_factors(survey, plan, own, generator)
    solution = solve(own.matrix, number, plan.settings, generator)
    components = component_weights(own.matrix, number).coefficients
    evidence = replace(
        evidence, solution=solution, extraction=plan.settings.method, components=components
    )
    if plan.method in NEEDS_FACTORS:
        doubts = (*doubts, *more)
    if plan.method not in NEEDS_LOADINGS:
        return Finding(evidence, doubts)
    doubts = (*doubts, *solution_doubts(solution, survey.elements))
    return Finding(evidence, doubts, tuple(search_doubts(solution)))


def _number_of_factors(
    survey: ElementSurvey, plan: Plan, found: Correlations, generator: np.random.Generator
) -> tuple[int, list[str]]:
    """Return the number asked for, or that of parallel analysis, and sentences to read."""
    if not isinstance(plan.n_factors, str):
        return int(plan.n_factors), []
    codes = None
    if plan.kind == "polychoric":
        ratings = survey.ratings.select(survey.elements)
        codes = codes_to_shuffle(ratings, survey.counts, plan.missing)
    doubts = [NOT_SHUFFLED] if plan.kind == "polychoric" and codes is None else []
    suggested = retention(found, criteria=(plan.n_factors,), generator=generator, codes=codes)
    number, more = chosen_number(plan.n_factors, suggested, len(found.matrix), plan.settings.method)
    return number, [*doubts, *more]
