"""What stands behind a simulated survey: a factor model of the answers, and of satisfaction.

Answers y = L f + e of p elements, f the k factors with variances 1 and correlations Phi, e
independent with the variances that give every y variance 1. Satisfaction s = b'f + d has variance
1 too. Ratings 1 to C cut y at thresholds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue._catalogue import ServiceElement, find_element
from custvalue._typing import FloatArray

__all__ = ["FactorModel", "answers", "default_model", "factor_model", "ratings", "thresholds"]

SATISFACTION = "overall_satisfaction"
STAGES = ("pre", "in", "post")
FACTOR_CORRELATION = 0.3
SHARE_EXPLAINED = 0.5
SPREAD_SHARE = 0.2

_LOADINGS = {
    "written_policy": 0.55,
    "accessibility": 0.80,
    "organisation_structure": 0.60,
    "system_flexibility": 0.70,
    "order_cycle_time": 0.80,
    "order_cycle_variability": 0.75,
    "inventory_availability": 0.70,
    "order_fill_rate": 0.85,
    "order_status_information": 0.60,
    "spares_availability": 0.70,
    "call_out_time": 0.65,
    "tracking_and_warranty": 0.60,
    "complaints_claims_returns": 0.80,
    "temporary_substitution": 0.50,
}
"""Loading of each element on the factor of its stage."""

_STAGE_IMPORTANCES = {"pre": 0.2, "in": 0.5, "post": 0.3}


@dataclass(frozen=True, slots=True)
class FactorModel:
    """The model behind a survey.

    Attributes
    ----------
    elements, factors : list of str
    loadings : ndarray of shape (n_elements, n_factors)
    factor_correlations : ndarray of shape (n_factors, n_factors)
    importances : ndarray of shape (n_factors,)
        Standardised coefficients of satisfaction on the factors.
    """

    elements: list[str]
    factors: list[str]
    loadings: FloatArray
    factor_correlations: FloatArray
    importances: FloatArray

    @property
    def communalities(self) -> FloatArray:
        """Share of the variance of each element that the factors give."""
        shares: FloatArray = ((self.loadings @ self.factor_correlations) * self.loadings).sum(
            axis=1
        )
        return shares

    @property
    def share_explained(self) -> float:
        """Share of the variance of satisfaction that the factors give."""
        return float(self.importances @ self.factor_correlations @ self.importances)


def default_model(elements: Sequence[str] | None) -> tuple[pd.DataFrame, FloatArray]:
    """Return loadings of elements of the catalogue, a factor a stage, and the importances.

    Parameters
    ----------
    elements : sequence of str or None
        Names by which the catalogue knows them; None: all of the catalogue.

    Returns
    -------
    loadings : pandas.DataFrame
        Elements by stages.
    importances : ndarray of shape (n_stages,)

    Raises
    ------
    ValueError
        If the catalogue has no element of a name.
    """
    names = list(_LOADINGS) if elements is None else list(elements)
    found = [_known(name) for name in names]
    stages = [stage for stage in STAGES if any(one.stage == stage for one in found)]
    table = [[_LOADINGS[one.key] * (one.stage == stage) for stage in stages] for one in found]
    loadings = pd.DataFrame(table, index=names, columns=stages, dtype=np.float64)
    return loadings, np.array([_STAGE_IMPORTANCES[stage] for stage in stages])


def factor_model(
    loadings: Any,
    factor_correlations: Any,
    elements: Sequence[str] | None,
    importances: Any,
) -> FactorModel:
    """Return the model once its parts fit together.

    Parameters
    ----------
    loadings : array-like of shape (n_elements, n_factors), or None
        A frame names elements and factors. None: those of the catalogue.
    factor_correlations : array-like of shape (n_factors, n_factors), or None
    elements : sequence of str or None
    importances : array-like of shape (n_factors,), or None

    Returns
    -------
    FactorModel

    Raises
    ------
    ValueError
        If a part has a wrong shape or a value that no such model can have.
    """
    usual = None
    if loadings is None:
        loadings, usual = default_model(elements)
    table = pd.DataFrame(loadings)
    L = _numbers(table, "loadings")
    if not L.size:
        raise ValueError(f"loadings must have an element and a factor; found shape {L.shape}")
    Phi = _correlations(factor_correlations, L.shape[1])
    b = _importances(importances if importances is not None else usual, Phi)
    named = isinstance(loadings, pd.DataFrame)
    names = _labels(table.index, "element", named) if elements is None else list(elements)
    model = FactorModel(
        _distinct(names, len(L)), _labels(table.columns, "factor", named), L, Phi, b
    )
    _check_communalities(model)
    return model


def answers(model: FactorModel, n_respondents: int, generator: np.random.Generator) -> FloatArray:
    """Draw the answers of respondents, and in the last column how satisfied they are.

    Parameters
    ----------
    model : FactorModel
    n_respondents : int
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_respondents, n_elements + 1)
        Standard normal, correlated as the model says.
    """
    f = generator.standard_normal((n_respondents, len(model.factors)))
    f = f @ np.linalg.cholesky(model.factor_correlations).T
    weights = np.vstack([model.loadings, model.importances])
    unexplained = 1 - np.append(model.communalities, model.share_explained)
    noise = generator.standard_normal((n_respondents, len(weights)))
    drawn: FloatArray = f @ weights.T + noise * np.sqrt(unexplained)
    return drawn


def thresholds(n_categories: int, means: FloatArray) -> FloatArray:
    """Return where answers are cut into ratings.

    A rating is the nearest whole number of mean + spread times answer, the spread being a fifth
    of the scale, so that category c ends at (c + 1/2 - mean) / spread.

    Parameters
    ----------
    n_categories : int
    means : ndarray of shape (n_columns,)
        Ratings from 1 to ``n_categories``.

    Returns
    -------
    ndarray of shape (n_columns, n_categories - 1)

    Examples
    --------
    >>> import numpy as np
    >>> thresholds(3, np.array([2.0])).round(4)
    array([[-1.25,  1.25]])
    """
    ends = np.arange(1, n_categories) + 0.5
    cuts: FloatArray = (ends - means[:, None]) / (SPREAD_SHARE * (n_categories - 1))
    return cuts


def ratings(drawn: FloatArray, cuts: FloatArray) -> FloatArray:
    """Return the answers as ratings 1, 2, ...

    Parameters
    ----------
    drawn : ndarray of shape (n_respondents, n_columns)
    cuts : ndarray of shape (n_columns, n_categories - 1)

    Returns
    -------
    ndarray of shape (n_respondents, n_columns)
        Whole numbers.
    """
    columns = [1.0 + np.searchsorted(cut, y) for cut, y in zip(cuts, drawn.T, strict=True)]
    return np.column_stack(columns)


def _known(name: str) -> ServiceElement:
    element = find_element(name)
    if element is None:
        raise ValueError(
            "elements must be in custvalue.service.SERVICE_ELEMENTS where no loadings are given; "
            f"found {name!r}"
        )
    return element


def _numbers(values: Any, name: str) -> FloatArray:
    numbers = np.asarray(values, dtype=np.float64)
    if not np.isfinite(numbers).all():
        bad = int((~np.isfinite(numbers)).sum())
        raise ValueError(
            f"{name} must be finite numbers; found {bad} of {numbers.size} that are not"
        )
    return numbers


def _correlations(given: Any, k: int) -> FloatArray:
    """Return the correlations of k factors, positive definite."""
    if given is None:
        return np.where(np.eye(k, dtype=bool), 1.0, FACTOR_CORRELATION)
    Phi = _numbers(given, "factor_correlations")
    if Phi.shape != (k, k):
        raise ValueError(f"factor_correlations must have shape ({k}, {k}); found {Phi.shape}")
    if not (np.array_equal(Phi, Phi.T) and (np.diag(Phi) == 1).all()):
        raise ValueError(
            f"factor_correlations must be symmetric with ones on the diagonal; found {Phi.tolist()}"
        )
    smallest = float(np.linalg.eigvalsh(Phi)[0])
    if smallest <= 1e-12:
        raise ValueError(
            f"factor_correlations must be positive definite; found an eigenvalue of {smallest:.3g}"
        )
    return Phi


def _importances(given: Any, Phi: FloatArray) -> FloatArray:
    """Return what each factor does to satisfaction; None: all the same, half the variance."""
    if given is None:
        return np.full(len(Phi), np.sqrt(SHARE_EXPLAINED / Phi.sum()))
    b = _numbers(given, "importances")
    if b.shape != (len(Phi),):
        raise ValueError(f"importances must have one number a factor ({len(Phi)}); found {b.shape}")
    explained = float(b @ Phi @ b)
    if explained >= 1:
        raise ValueError(
            "importances must explain less than the whole variance of satisfaction; found "
            f"{b.tolist()}, which explain {explained:.4g} times it"
        )
    return b


def _labels(index: pd.Index, kind: str, named: bool) -> list[str]:
    """Return the labels of a frame, or numbered ones."""
    return [str(name) if named else f"{kind}_{i}" for i, name in enumerate(index, start=1)]


def _distinct(names: list[str], count: int) -> list[str]:
    if len(names) != count:
        raise ValueError(
            f"elements must name the {count} row(s) of loadings; found {len(names)} name(s)"
        )
    taken = [*names, SATISFACTION]
    double = next((name for name in names if taken.count(name) > 1), None)
    if double is not None:
        raise ValueError(
            f"elements must be different names, none of them {SATISFACTION!r}; found {double!r} "
            f"{names.count(double)} time(s)"
        )
    return names


def _check_communalities(model: FactorModel) -> None:
    largest = int(np.argmax(model.communalities))
    value = float(model.communalities[largest])
    if value >= 1:
        raise ValueError(
            "loadings must explain less than the whole variance of each element; those of "
            f"{model.elements[largest]!r} explain {value:.4g} times it"
        )
