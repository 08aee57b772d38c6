"""The data of the cases: simulated once, by the parent, and handed on as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.cases import LAWS, OBSERVATION_END, SPEND_LAW, Case
from custvalue import lifetime
from custvalue.datasets import make_orders

SEED = 42
SHORTEST, LONGEST = 13.0, 104.0  # weeks observed
ORDERS_PER_CUSTOMER = 2.86
FEW_ORDERS = 500


def data_file(case: Case, folder: Path) -> Path:
    """Return the file with the data of a case, simulating it if it is not there yet."""
    suffix = "parquet" if case.grain == "orders" else "npz"
    path = folder / f"{case.data}.{suffix}"
    if not path.exists():
        write = write_orders if case.grain == "orders" else write_summary
        write(case, path)
    return path


def few_file(path: Path) -> Path:
    """Return the file with the first orders of an order log, for warming up."""
    return path.with_suffix(".few.parquet")


def read_summary(case: Case, folder: Path) -> pd.DataFrame:
    """Read the columns frequency, recency, T and monetary_value of a case."""
    with np.load(data_file(case, folder)) as arrays:
        return pd.DataFrame(dict(arrays))


def write_orders(case: Case, path: Path) -> None:
    """Write an order log of about ``size`` orders over two years as Parquet, and a short one."""
    n_customers = max(1, round(case.size / ORDERS_PER_CUSTOMER))
    orders = make_orders(n_customers, observation_end=OBSERVATION_END, random_state=SEED)
    orders = orders.astype({"date": "datetime64[us]"})
    orders.to_parquet(path, index=False)
    orders.head(FEW_ORDERS).to_parquet(few_file(path), index=False)


def write_summary(case: Case, path: Path) -> None:
    """Write the columns frequency, recency, T and monetary_value of ``size`` customers."""
    generator = np.random.default_rng(SEED)
    T = generator.uniform(SHORTEST, LONGEST, size=case.size)
    model = getattr(lifetime, case.model).from_params(LAWS[case.model])
    frame = model.simulate(case.size, T, random_state=generator)
    if case.grain == "daily":
        frame = whole_days(frame)
    columns = {name: frame[name].to_numpy(dtype=float) for name in frame.columns}
    np.savez(path, **columns, monetary_value=mean_spend(columns["frequency"], generator))


def whole_days(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the summary that a shop which notes days would have: one purchase a day at most."""
    T = np.ceil(summary["T"] * 7)
    recency = np.where(summary["frequency"] > 0, np.clip(np.ceil(summary["recency"] * 7), 1, T), 0)
    frequency = np.minimum(summary["frequency"], recency)
    return pd.DataFrame({"frequency": frequency, "recency": recency / 7, "T": T / 7})


def mean_spend(frequency: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Draw the mean spend of repeat purchases from the Gamma-Gamma model; 0 without one."""
    p, q, v = SPEND_LAW.values()
    bought = frequency > 0
    total = generator.gamma(p * frequency[bought]) / generator.gamma(q, 1 / v, size=bought.sum())
    spend = np.zeros(len(frequency))
    spend[bought] = total / frequency[bought]
    return spend
