"""The metrics of order lines in custvalue."""

from __future__ import annotations

import numpy as np

from custvalue._version import __version__
from custvalue.service import PerfectOrder, order_line_metrics

VERSION = __version__
METRICS = (
    "on_time",
    "in_full",
    "undamaged",
    "documents",
    "otif",
    "error_free",
    "unit_fill_rate",
    "line_fill_rate",
    "order_cycle_time_mean",
    "order_cycle_time_sd",
    "order_cycle_time_p90",
)


def metrics(path: str, by: str) -> dict[str, np.ndarray]:
    """Return the metrics of each group, by name."""
    found = order_line_metrics(path, by)
    return {name: found[name].to_numpy(dtype=float) for name in METRICS}


def perfect(path: str, by: str) -> dict[str, np.ndarray]:
    """Return observed share, product, and what each criterion costs, of each group."""
    fitted = PerfectOrder(by=by).fit(path)
    found = {"perfect": fitted.observed_["perfect"], "product": fitted.product_}
    costs = fitted.attribution_["attribution"].unstack("criterion")
    found |= {f"cost_{name}": costs[name] for name in costs.columns}
    return {name: values.to_numpy(dtype=float) for name, values in found.items()}
