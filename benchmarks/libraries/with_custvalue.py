"""How custvalue solves the problems."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.frozen import FrozenEstimator

import custvalue
from custvalue import lifetime
from custvalue.transactions import RFMSummary

VERSION = custvalue.__version__
FEW = 100


def fit(model: str, x: np.ndarray, t_x: np.ndarray, T: np.ndarray, seed: int) -> dict[str, float]:
    """Fit a model; nothing is random."""
    return getattr(lifetime, model)().fit(_frame(x, t_x, T)).params_.to_dict()


def predict(
    params: dict[str, float], x: np.ndarray, t_x: np.ndarray, T: np.ndarray, horizon: float
) -> dict[str, np.ndarray]:
    """Return P(alive) and expected purchases of BG/NBD."""
    model = lifetime.BetaGeoNBD.from_params(params, horizon=horizon)
    return _arrays(model.transform(_frame(x, t_x, T)))


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
    customers = _frame(x, t_x, T).assign(monetary_value=spend)
    model = lifetime.LifetimeValue(
        attrition=FrozenEstimator(lifetime.BetaGeoNBD.from_params(params)),
        spend=FrozenEstimator(lifetime.GammaGamma.from_params(spend_params)),
        horizon=horizon,
        annual_discount_rate=(1 + monthly_rate) ** 12 - 1,
    )
    # Both parts are frozen: this fits nothing.
    predicted = _arrays(model.fit(customers.head(FEW)).transform(customers))
    return {name: predicted[name] for name in predicted if name != "expected_spend"}


def summary_frame(orders: pd.DataFrame, observation_end: str) -> pd.DataFrame:
    """Summarise a pandas frame."""
    return RFMSummary(amount="amount", observation_end=observation_end).fit_transform(orders)


def summary_parquet(path: str, observation_end: str) -> pd.DataFrame:
    """Summarise a Parquet file, in place."""
    return RFMSummary(amount="amount", observation_end=observation_end).fit_transform(path)


def at_points(model: str, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return four quantities at points that have parameters of their own."""
    rows = [_at_point(model, columns, i) for i in range(len(columns["x"]))]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _at_point(model: str, columns: dict[str, np.ndarray], i: int) -> dict[str, float]:
    """Return four quantities at a point."""
    point = {name: float(values[i]) for name, values in columns.items()}
    x, t_x, T, horizon = (point.pop(name) for name in ("x", "t_x", "T", "horizon"))
    fitted = getattr(lifetime, model).from_params(point)
    customer = np.array([[x, t_x, T]])
    return {
        "log_likelihood": float(fitted.log_likelihood(customer)[0]),
        "probability_alive": float(fitted.probability_alive(customer)[0]),
        "expected_purchases": float(fitted.expected_purchases(customer, horizon)[0]),
        "expected_purchases_new": float(fitted.expected_purchases_new(horizon)),
    }


def _frame(x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> pd.DataFrame:
    """Return a frame that shares the memory of its columns."""
    return pd.DataFrame({"frequency": x, "recency": t_x, "T": T}, copy=False)


def _arrays(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    return {name: frame[name].to_numpy() for name in frame.columns}
