"""A simulated survey: ratings of service elements whose factors and importances are known."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import BoolArray, FloatArray
from custvalue.datasets._survey import (
    SATISFACTION,
    FactorModel,
    answers,
    factor_model,
    ratings,
    thresholds,
)

__all__ = ["make_survey"]

_MEAN_SHARE = 0.65
_LEAST_CATEGORIES = 2


def make_survey(
    n_respondents: int = 400,
    *,
    loadings: Any = None,
    factor_correlations: Any = None,
    elements: Sequence[str] | None = None,
    n_categories: int | None = 7,
    mean_rating: float | Sequence[float] | None = None,
    satisfaction: bool = True,
    importances: Sequence[float] | None = None,
    missing_share: float = 0.0,
    random_state: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Simulate a survey on service elements with known factors.

    A few things that cannot be asked, the factors, stand behind the answers: the answer to an
    element is the sum of its loadings times the factors, and noise. Respondents round it to a
    rating. How satisfied they are with the service as a whole depends on the factors too.

    Parameters
    ----------
    n_respondents : int, default=400
        Number of rows.
    loadings : frame or array-like of shape (n_elements, n_factors), optional
        What a factor does to an answer, in standard deviations. The index and columns of a frame
        are the names. By default one factor a stage of the catalogue,
        `custvalue.service.SERVICE_ELEMENTS`, with loadings from 0.5 to 0.85.
    factor_correlations : array-like of shape (n_factors, n_factors), optional
        By default 0.3 between any two factors.
    elements : sequence of str, optional
        Names of the columns, one a row of ``loadings``. Without loadings, the elements of the
        catalogue to ask for, by key, English or Chinese name; by default all 14 keys.
    n_categories : int or None, default=7
        Ratings are whole numbers from 1 to this; None leaves the answers as they are: continuous,
        with mean 0 and variance 1.
    mean_rating : float or sequence of float, optional
        Where the average respondent stands on the scale, for all elements or each. By default
        65 % of the way up, which is 4.9 of 7.
    satisfaction : bool, default=True
        Whether the last column is ``overall_satisfaction``, on the same scale.
    importances : sequence of float of shape (n_factors,), optional
        Standardised regression coefficients of satisfaction on the factors. By default 0.2 (pre),
        0.5 (in) and 0.3 (post) for the catalogue, otherwise alike with half the variance
        explained.
    missing_share : float, default=0.0
        Chance that an answer to an element is missing, whatever it is; below 1. Satisfaction is
        always answered.
    random_state : int, numpy.random.Generator or None
        Seed, or the generator to draw from.

    Returns
    -------
    pandas.DataFrame of shape (n_respondents, n_elements + 1)
        Index ``respondent_id`` from 1; one column an element: int64 ratings, or float64 where
        answers are missing or continuous. ``attrs`` holds what is true, as plain lists and
        dictionaries: ``factors``, ``loadings`` by element, ``factor_correlations``,
        ``importances`` by factor, and ``thresholds`` by column.

    Raises
    ------
    TypeError
        If ``n_respondents`` or ``n_categories`` is not a whole number, or ``satisfaction`` is not
        True or False.
    ValueError
        If a number is out of its range, shapes do not fit, the factor correlations are not
        positive definite, an element is unknown or named twice, or factors explain the whole
        variance of an element or of satisfaction.

    See Also
    --------
    load_attitude : A real survey.

    Notes
    -----
    With loadings :math:`\Lambda` and factor correlations :math:`\Phi`, continuous answers have
    the correlations :math:`\Lambda \Phi \Lambda'` off the diagonal. Ratings correlate less,
    because they are rounded; their polychoric correlations are the same. A rating is the nearest
    whole number of the mean rating plus a fifth of the length of the scale times the answer.

    Examples
    --------
    >>> from custvalue.datasets import make_survey
    >>> survey = make_survey(
    ...     200, elements=["accessibility", "order_fill_rate", "call_out_time"], random_state=0
    ... )
    >>> survey.shape, survey["order_fill_rate"].between(1, 7).all()
    ((200, 4), np.True_)
    >>> survey.attrs["loadings"]["order_fill_rate"], survey.attrs["importances"]
    ([0.0, 0.85, 0.0], {'pre': 0.2, 'in': 0.5, 'post': 0.3})
    """
    _check_arguments(n_respondents, n_categories, satisfaction, missing_share)
    model = factor_model(loadings, factor_correlations, elements, importances)
    cuts = _cuts(n_categories, mean_rating, len(model.elements))
    generator = np.random.default_rng(random_state)
    drawn = answers(model, n_respondents, generator)
    gone = generator.random((n_respondents, len(model.elements))) < missing_share
    survey = _frame(model, drawn if cuts is None else ratings(drawn, cuts), gone)
    if n_categories is not None:
        whole = survey.columns if not missing_share else [SATISFACTION]
        survey = survey.astype(dict.fromkeys(whole, np.int64))
    survey = survey if satisfaction else survey.drop(columns=SATISFACTION)
    survey.attrs |= _truth(model, cuts, survey.columns, satisfaction=satisfaction)
    return survey


def _frame(model: FactorModel, drawn: FloatArray, gone: BoolArray) -> pd.DataFrame:
    """Return answers as a table, those that are gone missing."""
    respondents = pd.RangeIndex(1, len(drawn) + 1, name="respondent_id")
    drawn[:, :-1][gone] = np.nan
    return pd.DataFrame(drawn, index=respondents, columns=[*model.elements, SATISFACTION])


def _truth(
    model: FactorModel, cuts: FloatArray | None, columns: pd.Index, *, satisfaction: bool
) -> dict[str, Any]:
    """Return what is true as plain data."""
    truth: dict[str, Any] = {
        "factors": model.factors,
        "loadings": dict(zip(model.elements, model.loadings.tolist(), strict=True)),
        "factor_correlations": model.factor_correlations.tolist(),
    }
    if satisfaction:
        truth["importances"] = dict(zip(model.factors, model.importances.tolist(), strict=True))
    if cuts is not None:
        truth["thresholds"] = dict(zip(columns, cuts[: len(columns)].tolist(), strict=True))
    return truth


def _cuts(n_categories: int | None, mean_rating: Any, count: int) -> FloatArray | None:
    """Return the thresholds of the elements and of satisfaction, which has their average mean."""
    if n_categories is None:
        if mean_rating is not None:
            raise ValueError(
                "mean_rating must be None where n_categories is None: answers then have mean 0; "
                f"found {mean_rating!r}"
            )
        return None
    usual = 1 + _MEAN_SHARE * (n_categories - 1)
    means = np.asarray(usual if mean_rating is None else mean_rating, dtype=np.float64)
    if means.shape not in ((), (count,)):
        raise ValueError(
            f"mean_rating must be one number or one an element ({count}); found {mean_rating!r}"
        )
    means = np.broadcast_to(means, count)
    bad = ~((means >= 1) & (means <= n_categories))
    if bad.any():
        raise ValueError(
            f"mean_rating must be from 1 to n_categories={n_categories}; found "
            f"{means[bad][0].item()!r} ({int(bad.sum())} such)"
        )
    return thresholds(n_categories, np.append(means, means.mean()))


def _check_arguments(
    n_respondents: Any, n_categories: Any, satisfaction: Any, missing_share: Any
) -> None:
    _check_whole(n_respondents, "n_respondents", 1)
    if n_categories is not None:
        _check_whole(n_categories, "n_categories", _LEAST_CATEGORIES)
    if not isinstance(satisfaction, bool):
        raise TypeError(f"satisfaction must be True or False; found {satisfaction!r}")
    if not isinstance(missing_share, Real) or not 0 <= float(missing_share) < 1:
        raise ValueError(f"missing_share must be from 0 to below 1; found {missing_share!r}")


def _check_whole(value: Any, name: str, least: int) -> None:
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number; found {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}; found {value}")
