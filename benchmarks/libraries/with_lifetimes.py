"""How lifetimes solves the problems."""

from __future__ import annotations

from importlib.metadata import version

import lifetimes
import numpy as np
import pandas as pd
from lifetimes.utils import summary_data_from_transaction_data

VERSION = version("lifetimes")


def fit(x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> dict[str, float]:
    """Fit BG/NBD, without penalty."""
    fitter = lifetimes.BetaGeoFitter(penalizer_coef=0).fit(x, t_x, T)
    return {name: float(value) for name, value in fitter.params_.items()}


def predict(
    params: dict[str, float], x: np.ndarray, t_x: np.ndarray, T: np.ndarray, horizon: float
) -> dict[str, np.ndarray]:
    """Return P(alive) and expected purchases of BG/NBD."""
    fitter = lifetimes.BetaGeoFitter()
    fitter.params_ = pd.Series(params)
    alive = fitter.conditional_probability_alive(x, t_x, T)
    expected = fitter.conditional_expected_number_of_purchases_up_to_time(horizon, x, t_x, T)
    return {"probability_alive": np.asarray(alive), "expected_purchases": np.asarray(expected)}


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
