"""How lifetimes solves the problems."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import lifetimes
import numpy as np
import pandas as pd
from lifetimes.utils import summary_data_from_transaction_data

VERSION = version("lifetimes")

FITTERS = {
    "BetaGeoNBD": lifetimes.BetaGeoFitter,
    "ModifiedBetaGeoNBD": lifetimes.ModifiedBetaGeoFitter,
    "ParetoNBD": lifetimes.ParetoNBDFitter,
}


def fit(model: str, x: np.ndarray, t_x: np.ndarray, T: np.ndarray, seed: int) -> dict[str, float]:
    """Fit a model, without penalty; Pareto/NBD starts at random, from the seed."""
    np.random.seed(seed)
    fitter = FITTERS[model](penalizer_coef=0).fit(x, t_x, T)
    return {name: float(value) for name, value in fitter.params_.items()}


def predict(
    params: dict[str, float], x: np.ndarray, t_x: np.ndarray, T: np.ndarray, horizon: float
) -> dict[str, np.ndarray]:
    """Return P(alive) and expected purchases of BG/NBD."""
    fitter = _with_params("BetaGeoNBD", params)
    alive = fitter.conditional_probability_alive(x, t_x, T)
    expected = fitter.conditional_expected_number_of_purchases_up_to_time(horizon, x, t_x, T)
    return {"probability_alive": np.asarray(alive), "expected_purchases": np.asarray(expected)}


def value(
    params: dict[str, float],
    spend_params: dict[str, float],
    x: np.ndarray,
    t_x: np.ndarray,
    T: np.ndarray,
    spend: np.ndarray,
    horizon: float,
    months: int,
    monthly_rate: float,
) -> dict[str, np.ndarray]:
    """Return P(alive), expected purchases and the value of the months ahead; times in weeks."""
    fitter, spender = _with_params("BetaGeoNBD", params), lifetimes.GammaGammaFitter()
    # A fit would set both.
    fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
    spender.params_ = pd.Series(spend_params)
    columns = (pd.Series(column) for column in (x, t_x, T, spend))
    worth = spender.customer_lifetime_value(
        fitter, *columns, time=months, freq="W", discount_rate=monthly_rate
    )
    return {**predict(params, x, t_x, T, horizon), "value": worth.to_numpy()}


def summary_frame(orders: pd.DataFrame, observation_end: str) -> pd.DataFrame:
    """Summarise a pandas frame."""
    return summary_data_from_transaction_data(
        orders,
        "customer_id",
        "date",
        monetary_value_col="amount",
        observation_period_end=observation_end,
        freq="D",
        freq_multiplier=7,
    )


def summary_parquet(path: str, observation_end: str) -> pd.DataFrame:
    """Read a Parquet file into pandas and summarise it."""
    return summary_frame(pd.read_parquet(path), observation_end)


def at_points(model: str, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return four quantities at points that have parameters of their own."""
    return {
        quantity: np.array(
            [_at_point(function, model, columns, i) for i in range(len(columns["x"]))]
        )
        for quantity, function in QUANTITIES.items()
    }


def _at_point(
    function: Callable[..., Any], model: str, columns: dict[str, np.ndarray], i: int
) -> float:
    """Return a quantity at a point, NaN where an error is raised."""
    row = {name: values[i : i + 1] for name, values in columns.items()}
    names = [name for name in row if name not in ("x", "t_x", "T", "horizon")]
    fitter = _with_params(model, {name: float(row[name][0]) for name in names})
    try:
        with np.errstate(all="ignore"):
            return float(np.ravel(function(fitter, row))[0])
    except (ArithmeticError, ValueError):
        return float("nan")


def _log_likelihood(fitter: Any, row: dict[str, np.ndarray]) -> np.ndarray:
    """Return what the fit maximises; at a single row a mean is a value."""
    params, history = fitter.params_.to_numpy(), (row["x"], row["t_x"], row["T"])
    if isinstance(fitter, lifetimes.ParetoNBDFitter):
        return fitter._conditional_log_likelihood(params, *history)
    return -fitter._negative_log_likelihood(np.log(params), *history, np.ones(1), 0.0)


QUANTITIES: dict[str, Callable[..., Any]] = {
    "log_likelihood": _log_likelihood,
    "probability_alive": lambda fitter, row: fitter.conditional_probability_alive(
        row["x"], row["t_x"], row["T"]
    ),
    "expected_purchases": (
        lambda fitter, row: fitter.conditional_expected_number_of_purchases_up_to_time(
            row["horizon"], row["x"], row["t_x"], row["T"]
        )
    ),
    "expected_purchases_new": lambda fitter, row: fitter.expected_number_of_purchases_up_to_time(
        row["horizon"]
    ),
}


def _with_params(model: str, params: dict[str, float]) -> Any:
    """Return a fitter that takes these parameters for fitted ones."""
    fitter = FITTERS[model]()
    fitter.params_ = pd.Series(params)
    return fitter
