"""Customer summaries for the tests of this room."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

DAYS_A_WEEK = 7


def make_summary(n_customers: int, seed: int) -> pd.DataFrame:
    """Return a summary in weeks of whole days, with ties in every column as shops have them."""
    generator = np.random.default_rng(seed)
    observed = generator.integers(0, 270, n_customers)
    frequency = np.where(observed > 0, generator.poisson(1.2, n_customers), 0)
    last = np.where(frequency > 0, generator.integers(1, np.maximum(observed, 1) + 1), 0)
    mean = np.round(generator.gamma(2.0, 15.0, n_customers), 0)
    return pd.DataFrame(
        {
            "frequency": frequency,
            "recency": last / DAYS_A_WEEK,
            "T": observed / DAYS_A_WEEK,
            "monetary_value": np.where(frequency > 0, mean, 0.0),
            "total_value": mean * (1 + frequency),
        },
        index=pd.Index([f"c{i:03d}" for i in range(n_customers)], name="customer_id"),
    )


@pytest.fixture
def summary() -> pd.DataFrame:
    """200 customers."""
    return make_summary(200, seed=20)


@pytest.fixture
def tomorrow() -> pd.DataFrame:
    """90 other customers."""
    return make_summary(90, seed=21)
