"""How custvalue solves the problems."""

from __future__ import annotations

import numpy as np
import pandas as pd

import custvalue
from custvalue.lifetime import BetaGeoNBD
from custvalue.transactions import RFMSummary

VERSION = custvalue.__version__


def fit(x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> dict[str, float]:
    """Fit BG/NBD."""
    return BetaGeoNBD().fit(_frame(x, t_x, T)).params_.to_dict()


def predict(
    params: dict[str, float], x: np.ndarray, t_x: np.ndarray, T: np.ndarray, horizon: float
) -> dict[str, np.ndarray]:
    """Return P(alive) and expected purchases of BG/NBD."""
    model = BetaGeoNBD.from_params(params, horizon=horizon)
    predicted = model.transform(_frame(x, t_x, T))
    return {name: predicted[name].to_numpy() for name in predicted.columns}


def summary_frame(orders: pd.DataFrame, observation_end: str) -> pd.DataFrame:
    """Summarise a pandas frame."""
    return RFMSummary(amount="amount", observation_end=observation_end).fit_transform(orders)


def summary_parquet(path: str, observation_end: str) -> pd.DataFrame:
    """Summarise a Parquet file, in place."""
    return RFMSummary(amount="amount", observation_end=observation_end).fit_transform(path)


def _frame(x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"frequency": x, "recency": t_x, "T": T})
