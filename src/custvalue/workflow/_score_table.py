"""Score tables: what a model predicts for a purchase history, keyed on whole days.

A model without covariates knows a customer by three numbers: x repeat purchases, the days from the
first to the last purchase and the days from the first to the end of observation. Orders are dated
by day, so these are whole, and what is predicted for them can be looked up. A model of
opportunities counts those instead.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.customer_summary import HISTORY, check_history, check_time_unit
from custvalue._estimator.door import Table, kind_of, read_table, require
from custvalue._numerics.discounting import continuous_rate
from custvalue._numerics.time_units import DAYS_PER_UNIT, parse_horizon, units_per_year
from custvalue._tables.door import open_table
from custvalue._typing import IntArray
from custvalue.lifetime import GammaGamma, LifetimeValue
from custvalue.lifetime.beta_geo_beta_binom import check_opportunities
from custvalue.workflow.customer_analysis import CustomerAnalysis

__all__ = [
    "WHOLE_WITHIN",
    "ScoreModel",
    "keys_of_grid",
    "keys_of_summary",
    "predictions",
    "read_model",
    "row_count_of_grid",
]

WHOLE_WITHIN = 1e-6
"""Whole days in any time unit leave float noise far below this, up to a thousand million days."""

_ID_DIGITS = 12


@dataclass(frozen=True, slots=True)
class ScoreModel:
    """A fitted model as a score table needs it.

    Attributes
    ----------
    name : str
        Its class.
    attrition : estimator
        What is fitted of repeat purchases.
    time_unit : str
    horizon : float
        In ``time_unit``.
    rate : float or None
        Continuous discount rate per ``time_unit``; None where there is no value.
    spend : GammaGamma or None
    margin : float or str or None
        Profit per unit of spend, or the column that holds it.
    """

    name: str
    attrition: Any
    time_unit: str
    horizon: float
    rate: float | None = None
    spend: Any = None
    margin: float | str | None = None

    @property
    def counts_opportunities(self) -> bool:
        """Return whether its times are numbers of opportunities, which need not be days apart."""
        return bool(getattr(self.attrition, "_counts_opportunities", False))

    @property
    def steps(self) -> str:
        """Return what its times are whole numbers of."""
        return "opportunities" if self.counts_opportunities else "days"

    @property
    def steps_per_unit(self) -> float:
        """Return how many of them are in one ``time_unit``."""
        return 1.0 if self.counts_opportunities else DAYS_PER_UNIT[self.time_unit]

    @property
    def keys(self) -> tuple[str, str, str]:
        """Return the names of the three numbers that a history is known by."""
        return ("frequency", f"recency_{self.steps}", f"T_{self.steps}")

    @property
    def outputs(self) -> tuple[str, ...]:
        """Return the names of what is predicted from the history alone."""
        discounted = () if self.spend is None else ("discounted_purchases",)
        return ("probability_alive", "expected_purchases", *discounted)

    @property
    def model_id(self) -> str:
        """Return a short hash of all that predictions depend on: alike models, one id."""
        facts = {
            "model": self.name,
            "attrition": _facts(self.attrition),
            "spend": None if self.spend is None else _facts(self.spend),
            "numbers": [_exact(one) for one in (self.horizon, self.rate, self.margin)],
            "time_unit": self.time_unit,
        }
        text = json.dumps(facts, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]


def read_model(model: Any, owner: str) -> ScoreModel:
    """Return what a score table needs of a fitted model.

    Parameters
    ----------
    model : attrition model, LifetimeValue or CustomerAnalysis
    owner : str
        Who asks, for the messages.

    Returns
    -------
    ScoreModel

    Raises
    ------
    TypeError
        If it is no such model, or a part of it is not.
    ValueError
        If its predictions depend on more than frequency, recency and T.
    """
    model = _unfrozen(model)
    if isinstance(model, CustomerAnalysis):
        check_is_fitted(model)
        model = model.value_
    if isinstance(model, LifetimeValue):
        return _read_value(model, owner)
    attrition = _read_attrition(model, owner)
    return ScoreModel(type(model).__name__, attrition, model.time_unit, float(model.horizon))


def keys_of_summary(X: Any, model: ScoreModel, owner: str) -> IntArray:
    """Return the distinct keys of a customer summary, sorted.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, array, or any other table that an engine reads
        In the time unit of the model.
    model : ScoreModel
    owner : str
        Who asks, for the messages.

    Returns
    -------
    ndarray of int of shape (n_keys, 3)
        Repeat purchases, and days of recency and of T, or opportunities.

    Raises
    ------
    DataError
        If a row is not a purchase history, or a time is no whole number of days.
    """
    table = read_table(X if _is_frame(X) else _distinct(X, owner), HISTORY, owner=owner)
    check_time_unit(table, model.time_unit)
    check_history(table)
    if model.counts_opportunities:
        check_opportunities(table)
    times = [_whole_steps(table, name, model) for name in HISTORY[1:]]
    keys = pd.DataFrame(dict(zip(model.keys, [table["frequency"], *times], strict=True)))
    return keys.drop_duplicates().sort_values(list(model.keys)).to_numpy(dtype=np.int64)


def row_count_of_grid(longest: int, most_purchases: int) -> int:
    """Return how many keys a grid has.

    Examples
    --------
    >>> row_count_of_grid(2, 1), len(keys_of_grid(2, 1))
    (6, 6)
    """
    last = longest - min(most_purchases, longest)
    return longest + 1 + _tetrahedral(longest) - _tetrahedral(last)


def keys_of_grid(longest: int, most_purchases: int) -> IntArray:
    """Return every key that can occur within some days, or opportunities, sorted.

    With purchases on different days the last repeat purchase comes at least as many days after the
    first as there are.

    Parameters
    ----------
    longest : int
        Most days of T, or opportunities.
    most_purchases : int
        Most repeat purchases.

    Returns
    -------
    ndarray of int of shape (n_keys, 3)

    Examples
    --------
    >>> keys_of_grid(2, 1).tolist()
    [[0, 0, 0], [0, 0, 1], [0, 0, 2], [1, 1, 1], [1, 1, 2], [1, 2, 2]]
    """
    T = np.arange(longest + 1, dtype=np.int64)
    none = np.zeros_like(T)
    parts = [np.column_stack([none, none, T])]
    recency, observed = np.triu_indices(longest + 1)
    for x in range(1, min(most_purchases, longest) + 1):
        some = recency >= x
        parts.append(np.column_stack([np.full(some.sum(), x), recency[some], observed[some]]))
    return np.concatenate(parts)


def predictions(model: ScoreModel, keys: IntArray) -> pd.DataFrame:
    """Return keys and predictions, one row a key.

    Parameters
    ----------
    model : ScoreModel
    keys : ndarray of int of shape (n_keys, 3)

    Returns
    -------
    pandas.DataFrame
        Columns ``model.keys`` and ``model.outputs``.
    """
    unit = model.steps_per_unit
    x, t_x, T = keys.T
    history = pd.DataFrame({"frequency": x.astype(float), "recency": t_x / unit, "T": T / unit})
    attrition = model.attrition
    found = {
        "probability_alive": attrition.probability_alive(history),
        "expected_purchases": attrition.expected_purchases(history, model.horizon),
    }
    if model.rate is not None:
        found["discounted_purchases"] = attrition.discounted_expected_purchases(
            history, model.rate, model.horizon
        )
    columns = dict(zip(model.keys, keys.T, strict=True))
    return pd.DataFrame(columns | {name: np.asarray(value) for name, value in found.items()})


def _read_value(model: LifetimeValue, owner: str) -> ScoreModel:
    check_is_fitted(model)
    spend = _unfrozen(model.spend_)
    if not isinstance(spend, GammaGamma):
        raise TypeError(
            f"{owner} writes the expected spend of GammaGamma as a formula; the spend model of "
            f"this LifetimeValue is {type(spend).__name__}"
        )
    if len(spend.coef_):
        raise ValueError(_depends(owner, spend, "the covariates", spend.coef_.index))
    unit = model.time_unit
    return ScoreModel(
        "LifetimeValue",
        _read_attrition(_unfrozen(model.attrition_), owner),
        unit,
        parse_horizon(model.horizon, unit),
        continuous_rate(model.annual_discount_rate, units_per_year(unit)),
        spend,
        model.margin,
    )


def _read_attrition(model: Any, owner: str) -> Any:
    wanted = ("probability_alive", "discounted_expected_purchases", "time_unit", "horizon")
    if isinstance(model, type) or not all(hasattr(model, name) for name in wanted):
        raise TypeError(
            f"{owner} takes a fitted attrition model of custvalue.lifetime, a LifetimeValue or a "
            f"CustomerAnalysis; found {getattr(model, '__name__', type(model).__name__)}"
        )
    check_is_fitted(model, "params_")
    if len(model.coef_):
        raise ValueError(_depends(owner, model, "the covariates", model.coef_.index))
    regularity = vars(model).get("regularity_", getattr(model, "regularity", 1))
    if regularity != 1:
        raise ValueError(
            f"{owner} is keyed on frequency, recency and T alone; a {type(model).__name__} with "
            f"regularity {regularity!r} depends on log_interval_sum too, which is not few-valued"
        )
    return model


def _depends(owner: str, model: Any, what: str, names: pd.Index) -> str:
    listed = ", ".join(sorted({str(name[-1]) for name in names}))
    return (
        f"{owner} is keyed on frequency, recency and T alone; this {type(model).__name__} depends "
        f"on {what} {listed} too. Predict its customers in Python and write the result"
    )


def _unfrozen(model: Any) -> Any:
    return model.estimator if isinstance(model, FrozenEstimator) else model


def _facts(model: Any) -> list[Any]:
    """Return class and parameters of a part, to the last bit."""
    parameters = {str(name): _exact(value) for name, value in model.params_.items()}
    return [type(model).__name__, parameters]


def _exact(value: float | str | None) -> str | None:
    return value if value is None or isinstance(value, str) else float(value).hex()


def _is_frame(X: Any) -> bool:
    """Return whether X is in memory; lazy tables can pass for arrays."""
    try:
        return kind_of(X) != "array" or isinstance(X, (np.ndarray, list, tuple))
    except TypeError:
        return False


def _distinct(X: Any, owner: str) -> pd.DataFrame:
    """Return the distinct histories of a table, found by its engine."""
    with open_table(X, {name: name for name in HISTORY}, owner=owner) as opened:
        history = opened.table
        numbers = {name: history[name].cast("float64") for name in HISTORY}
        found: pd.DataFrame = opened.collect(history.select(**numbers).distinct()).to_pandas()
    return found.sort_values(list(HISTORY), ignore_index=True)


def _whole_steps(table: Table, name: str, model: ScoreModel) -> IntArray:
    steps = table[name] * model.steps_per_unit
    nearest = np.rint(steps)
    rule = f"{name} must be a whole number of {model.steps}, which score tables are keyed on"
    require(table, np.abs(steps - nearest) <= WHOLE_WITHIN, rule, [name])
    return nearest.astype(np.int64)


def _tetrahedral(n: int) -> int:
    return n * (n + 1) * (n + 2) // 6
