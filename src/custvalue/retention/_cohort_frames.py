"""Tables that a reading of cohorts shows: tidy frames by cohort and age, and sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd

from custvalue._numerics.proportions import wilson_interval
from custvalue._typing import FloatArray
from custvalue.retention._cohort_coordinates import Coordinates
from custvalue.retention._cohort_curves import average_curve
from custvalue.retention._cohort_pooling import CohortPrior
from custvalue.retention._projection import Bands

__all__ = [
    "average_frame",
    "band_frame",
    "curve_frame",
    "pooled_frame",
    "pooling_notes",
    "projection_frame",
]

_NO_SPREAD = 1e-3
"""Standard deviations below this, on a logit or log scale, are none."""


def curve_frame(counts: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return the retention curve of every cohort, one row for each cell that is observed."""
    values = counts.to_numpy(dtype=np.float64)
    row, age = np.nonzero(~np.isnan(values))
    size, customers = values[row, 0], values[row, age]
    lower, upper = wilson_interval(customers, size, level)
    begun = age == 0
    columns = {
        "cohort": counts.index[row],
        "age": age,
        "size": size,
        "customers": customers,
        "share": customers / size,
        "lower": np.where(begun, 1.0, lower),
        "upper": np.where(begun, 1.0, upper),
    }
    return pd.DataFrame(columns)


def average_frame(counts: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return the average over the cohorts that are old enough, one row for each age."""
    found = average_curve(counts.to_numpy(dtype=np.float64), level)
    columns = {
        "n_cohorts": found.n_cohorts.astype(np.int64),
        "size": found.size,
        "customers": found.customers,
        "share": found.share,
        "lower": np.append(1.0, found.lower[1:]),
        "upper": np.append(1.0, found.upper[1:]),
        "chained": found.chained,
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(len(found.share), name="age"))


def pooled_frame(coordinates: Coordinates, prior: CohortPrior) -> pd.DataFrame:
    """Return what the cohorts have in common, one row for each coordinate."""
    columns = {
        "estimate": coordinates.natural(prior.mean),
        "spread": np.sqrt((prior.factor**2).sum(axis=1)),
        "standard_error": np.sqrt(np.diag(prior.mean_covariance)),
        "scale": [coordinates.scales[name] for name in coordinates.names],
    }
    return pd.DataFrame(columns, index=pd.Index(coordinates.names, name="coordinate"))


def projection_frame(counts: pd.DataFrame, ages: FloatArray, bands: Bands, of: str) -> pd.DataFrame:
    """Return counts, estimates and their bands, one row for each cohort and age."""
    values = counts.to_numpy(dtype=np.float64)
    n_cohorts, n_wanted = bands.estimate.shape
    known = ages < values.shape[1]
    observed = np.full(bands.estimate.shape, np.nan)
    observed[:, known] = values[:, ages[known].astype(np.int64)]
    unit = 1.0 if of == "customers" else values[:, :1]
    columns = {"observed": observed, "estimate": bands.estimate}
    columns |= {"lower": bands.lower, "upper": bands.upper}
    keys = {
        "cohort": np.repeat(np.arange(n_cohorts), n_wanted),
        "age": np.tile(ages.astype(np.int64), n_cohorts),
    }
    numbers = {name: (table / unit).reshape(-1) for name, table in columns.items()}
    return pd.DataFrame({**keys, **numbers}).assign(cohort=counts.index[keys["cohort"]])


def band_frame(ages: FloatArray, bands: Bands) -> pd.DataFrame:
    """Return estimates and their bands, one row for each age."""
    columns = {"estimate": bands.estimate, "lower": bands.lower, "upper": bands.upper}
    return pd.DataFrame(columns, index=pd.Index(ages.astype(np.int64), name="age"))


def pooling_notes(
    coordinates: Coordinates, prior: CohortPrior, pooling: str, n_observed: int
) -> list[str]:
    """Return sentences on how cohorts were pooled and how much their counts scatter."""
    notes = []
    spread = np.sqrt((prior.factor**2).sum(axis=1))
    if pooling == "partial" and n_observed < 2:
        notes.append("pooling is complete: only one cohort is observed beyond age 0")
    elif pooling == "partial":
        notes += [
            f"the cohorts do not differ in {name}: its spread is estimated as 0"
            for name, width in zip(coordinates.names, spread, strict=True)
            if width < _NO_SPREAD
        ]
    if coordinates.orders:
        notes.append(
            "the cells of a cohort are taken as independent counts, though the same customers are "
            f"behind them; bands allow for a variance {prior.dispersion:.2f} times binomial"
        )
    return notes
