"""How many factors: all criteria side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from custvalue._typing import AnyArray, FloatArray
from custvalue.factors._correlations.result import Correlations
from custvalue.factors._extraction.extract import most_factors
from custvalue.factors._retention.eigenvalue_rules import (
    acceleration,
    acceleration_number,
    empirical_kaiser_reference,
    kaiser_number,
    leading,
    optimal_coordinates,
    optimal_coordinates_number,
)
from custvalue.factors._retention.hull import hull_number
from custvalue.factors._retention.model_fits import (
    ModelFits,
    lowest_bic_number,
    model_fits,
    sequential_number,
)
from custvalue.factors._retention.null_matrices import (
    coded_ratings,
    normal_matrices,
    permuted_matrices,
)
from custvalue.factors._retention.parallel import Comparison, compare, null_spectra
from custvalue.factors._retention.partials import AveragePartials, average_partials
from custvalue.factors._retention.spectra import Spectra, spectra

__all__ = [
    "CRITERIA",
    "NEED_RESPONDENTS",
    "Retention",
    "check_observations",
    "retention",
]

NEED_RESPONDENTS = ("parallel", "parallel_factors", "ekc", "hull", "chi_square", "bic")
"""Criteria that need to know how many respondents are behind the correlations."""

_FITTED = {"hull", "chi_square", "bic"}
_PARALLEL = {"parallel", "parallel_factors", "hull"}


@dataclass(frozen=True, slots=True)
class Retention:
    """How many factors each criterion suggests, and what it looked at.

    Attributes
    ----------
    table : mapping of str to ndarray of shape (p + 1,)
        By the number of factors, 0 to p; NaN where there is nothing to say. ``eigenvalue`` and
        ``reduced_eigenvalue`` are those of this rank, ``parallel_components``,
        ``parallel_factors``, ``ekc_reference``, ``optimal_coordinate`` what they are compared with.
        ``average_squared_partial``, ``average_fourth_power_partial``, ``acceleration``,
        ``chi_square``, ``degrees_of_freedom``, ``p_value``, ``rmsea``, ``cfi``, ``bic`` and
        ``heywood`` are of this number of components or factors.
    suggested : mapping of str to int or None
        By criterion; None where it has no answer.
    doubts : tuple of str
        Sentences on searches that the user should read.
    data_doubts : tuple of str
        Sentences on the data.
    """

    table: Mapping[str, FloatArray]
    suggested: Mapping[str, int | None]
    doubts: tuple[str, ...]
    data_doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Evidence:
    n_observations: float
    observed: Spectra
    partials: AveragePartials
    components: Comparison | None
    factors: Comparison | None
    fits: ModelFits | None

    @property
    def n_items(self) -> int:
        return len(self.observed.components)


def retention(
    correlations: Correlations,
    *,
    criteria: Sequence[str],
    generator: np.random.Generator,
    max_factors: int | None = None,
    codes: AnyArray | None = None,
    n_replicates: int = 100,
    percentile: float = 95.0,
    progress: bool = False,
) -> Retention:
    """Return how many factors some criteria suggest.

    Parameters
    ----------
    correlations : Correlations
    criteria : sequence of str
        Among `CRITERIA`. Models are fitted and matrices simulated only where one needs them.
        Of correlations that were repaired no model is fitted: their likelihood is that of the
        repair.
    generator : numpy.random.Generator
    max_factors : int, optional
        Most factors of the fitted models. Left out: a third of as many as items, at least 3, and
        more while BIC falls, as far as the degrees of freedom go.
    codes : ndarray of int of shape (n_rows, p), optional
        Categories of the answers, -1 for a gap. Given, parallel analysis shuffles them and computes
        polychoric correlations, which vary more than others; else it takes normal variables.
    n_replicates : int
    percentile : float
    progress : bool

    Returns
    -------
    Retention

    Raises
    ------
    ValueError
        If a criterion is unknown or needs a number of respondents that is not known or too small,
        or ``max_factors`` has negative degrees of freedom.
    """
    _check_criteria(criteria, correlations.n_observations)
    p = len(correlations.matrix)
    _check_most(max_factors, p)
    components, factors = None, None
    observed = spectra(correlations.matrix)
    if _PARALLEL & set(criteria):
        batches = _null_batches(correlations, codes, n_replicates, generator, progress)
        null = null_spectra(batches)
        components = compare(observed.components, null.components, percentile)
        factors = compare(observed.factors, null.factors, percentile)
    fits = None
    if _FITTED & set(criteria) and not correlations.singular:
        n = correlations.n_observations
        fits = model_fits(correlations.matrix, n, max_factors, generator, progress=progress)
    partials = average_partials(correlations.matrix)
    evidence = _Evidence(correlations.n_observations, observed, partials, components, factors, fits)
    suggested = {name: CRITERIA[name](evidence) for name in criteria}
    return Retention(
        _table(evidence), suggested, _doubts(fits), _data_doubts(correlations, criteria)
    )


def check_observations(n_observations: float, what: str) -> None:
    """Raise unless it is known that there are enough respondents for a correlation to vary.

    Raises
    ------
    ValueError
        If it is not known, or 2 or less.
    """
    if np.isnan(n_observations):
        raise ValueError(f"n_observations must be given beside matrix for {what}; found None")
    if n_observations <= 2:
        raise ValueError(f"n_observations must exceed 2 for {what}; found {n_observations:g}")


def _check_criteria(criteria: Sequence[str], n_observations: float) -> None:
    unknown = [name for name in criteria if name not in CRITERIA]
    if unknown:
        known = ", ".join(map(repr, CRITERIA))
        raise ValueError(f"criteria must be among {known}; found {unknown[0]!r}")
    needy = [repr(name) for name in criteria if name in NEED_RESPONDENTS]
    if needy:
        check_observations(n_observations, f"the criteria {', '.join(needy)}")


def _check_most(max_factors: int | None, n_items: int) -> None:
    most = most_factors(n_items)
    if max_factors is not None and max_factors > most:
        raise ValueError(
            f"max_factors must be at most {most} for {n_items} items: more leave negative degrees "
            f"of freedom; found {max_factors}"
        )


def _null_batches(
    correlations: Correlations,
    codes: AnyArray | None,
    n_replicates: int,
    generator: np.random.Generator,
    progress: bool,
) -> Iterator[FloatArray]:
    if codes is None:
        p, n = len(correlations.matrix), correlations.n_observations
        return normal_matrices(p, n, n_replicates, generator, progress=progress)
    return permuted_matrices(
        coded_ratings(codes), "polychoric", "pairwise", n_replicates, generator, progress=progress
    )


def _parallel(evidence: _Evidence) -> int | None:
    return None if evidence.components is None else evidence.components.number


def _parallel_factors(evidence: _Evidence) -> int | None:
    return None if evidence.factors is None else evidence.factors.number


def _map(evidence: _Evidence) -> int | None:
    return evidence.partials.number


def _map4(evidence: _Evidence) -> int | None:
    return evidence.partials.number_fourth


def _kaiser(evidence: _Evidence) -> int | None:
    return kaiser_number(evidence.observed.components)


def _scree(evidence: _Evidence) -> int | None:
    return acceleration_number(evidence.observed.components)


def _optimal_coordinates(evidence: _Evidence) -> int | None:
    return optimal_coordinates_number(evidence.observed.components)


def _ekc(evidence: _Evidence) -> int | None:
    values = evidence.observed.components
    return leading(values > empirical_kaiser_reference(values, evidence.n_observations))


def _hull(evidence: _Evidence) -> int | None:
    """Return what the Hull method chooses among models with degrees of freedom to spare."""
    components, factors, fits = evidence.components, evidence.factors, evidence.fits
    if components is None or factors is None or fits is None:
        return None
    largest = max(components.number + 1, factors.number + 1, 3)
    tested = leading(np.isfinite(fits.cfi[: largest + 1]))
    if tested < 3:
        return None
    return hull_number(fits.cfi[:tested], fits.degrees_of_freedom[:tested])


def _chi_square(evidence: _Evidence) -> int | None:
    return None if evidence.fits is None else sequential_number(evidence.fits.p_value)


def _bic(evidence: _Evidence) -> int | None:
    return None if evidence.fits is None else lowest_bic_number(evidence.fits.bic)


CRITERIA: dict[str, Callable[[_Evidence], int | None]] = {
    "parallel": _parallel,
    "parallel_factors": _parallel_factors,
    "map": _map,
    "map4": _map4,
    "kaiser": _kaiser,
    "scree": _scree,
    "optimal_coordinates": _optimal_coordinates,
    "ekc": _ekc,
    "hull": _hull,
    "chi_square": _chi_square,
    "bic": _bic,
}
"""What each criterion makes of the evidence."""


def _table(evidence: _Evidence) -> dict[str, FloatArray]:
    """Return the columns by number of factors, from 0 to p."""
    values, n, p = evidence.observed.components, evidence.n_observations, evidence.n_items
    by_rank = {
        "eigenvalue": values,
        "reduced_eigenvalue": evidence.observed.factors,
        "parallel_components": _reference(evidence.components, p),
        "parallel_factors": _reference(evidence.factors, p),
        "ekc_reference": empirical_kaiser_reference(values, n),
        "optimal_coordinate": optimal_coordinates(values),
        "acceleration": _before_bend(values),
    }
    by_number = {
        "average_squared_partial": evidence.partials.squared,
        "average_fourth_power_partial": evidence.partials.fourth,
        **_fit_columns(evidence.fits),
    }
    ranked = {name: np.concatenate([[np.nan], column]) for name, column in by_rank.items()}
    return ranked | {name: _padded(column, p + 1) for name, column in by_number.items()}


def _reference(comparison: Comparison | None, n_items: int) -> FloatArray:
    return np.full(n_items, np.nan) if comparison is None else comparison.percentile


def _before_bend(values: FloatArray) -> FloatArray:
    """Return the acceleration behind each eigenvalue, where a choice of so many factors cuts."""
    return np.append(acceleration(values)[1:], np.nan)


def _fit_columns(fits: ModelFits | None) -> dict[str, FloatArray]:
    names = ("chi_square", "degrees_of_freedom", "p_value", "rmsea", "cfi", "bic", "heywood")
    if fits is None:
        return {name: np.empty(0) for name in names}
    return {name: np.asarray(getattr(fits, name), dtype=np.float64) for name in names}


def _padded(column: FloatArray, length: int) -> FloatArray:
    padded = np.full(length, np.nan)
    padded[: len(column)] = column
    return padded


def _doubts(fits: ModelFits | None) -> tuple[str, ...]:
    if fits is None or fits.converged.all():
        return ()
    numbers = ", ".join(map(str, np.flatnonzero(~fits.converged)))
    return (
        f"the models of {numbers} factors did not converge; their chi-square, RMSEA, CFI and BIC "
        f"are those of where the search ended",
    )


def _data_doubts(correlations: Correlations, criteria: Sequence[str]) -> tuple[str, ...]:
    unanswered = [repr(name) for name in criteria if name in _FITTED]
    if not (correlations.singular and unanswered):
        return ()
    return (
        f"the correlations were repaired, and their likelihood is that of the repair: "
        f"{', '.join(unanswered)} {'have' if len(unanswered) > 1 else 'has'} no answer",
    )
