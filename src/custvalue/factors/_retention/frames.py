"""The answers of the criteria as frames."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from custvalue.factors._retention.parallel import Comparison
from custvalue.factors._retention.partials import AveragePartials
from custvalue.factors._retention.retention import Retention

__all__ = ["comparison_table", "partials_table", "retention_table", "suggested_numbers"]


def comparison_table(comparison: Comparison) -> pd.DataFrame:
    """Return observed eigenvalues beside those of replicates, by number from 1."""
    columns = {
        "eigenvalue": comparison.observed,
        "mean": comparison.mean,
        "percentile": comparison.percentile,
        "retained": comparison.retained,
    }
    index = pd.RangeIndex(1, len(comparison.observed) + 1, name="number")
    return pd.DataFrame(columns, index=index)


def partials_table(partials: AveragePartials) -> pd.DataFrame:
    """Return the mean powers of partial correlations, by number of components from 0."""
    columns = {
        "average_squared_partial": partials.squared,
        "average_fourth_power_partial": partials.fourth,
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(len(partials.squared), name="n_factors"))


def retention_table(found: Retention) -> pd.DataFrame:
    """Return what the criteria look at, by number of factors from 0."""
    table = pd.DataFrame(dict(found.table))
    return table.rename_axis(index="n_factors")


def suggested_numbers(found: Retention, criteria: Sequence[str] | None = None) -> pd.Series:
    """Return the number that each criterion suggests, missing where it has no answer.

    Parameters
    ----------
    found : Retention
    criteria : sequence of str, optional
        The index; those that were not asked are missing. Left out: those that were.

    Returns
    -------
    pandas.Series of Int64
    """
    names = list(found.suggested) if criteria is None else list(criteria)
    numbers = [found.suggested.get(name) for name in names]
    index = pd.Index(names, name="criterion")
    return pd.Series(numbers, index=index, dtype="Int64", name="n_factors")
