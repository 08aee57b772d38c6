"""Customer summaries of any size as distinct rows with counts: exact, binned or sampled."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.arguments import is_number
from custvalue._estimator.parameters import check_choice
from custvalue._estimator.randomness import random_generator
from custvalue._tables.counted_rows import CountedRows, counted_rows, systematic_sample
from custvalue.exceptions import DataQualityWarning

__all__ = ["compressed_summary"]

_WEIGHTS = "n_customers"
_TIMES = ("recency", "T")
_MONEY = "monetary_value"
_REMEDY = "State reduce='bin' (with time_step, money_step) or reduce='sample', or raise max_rows"


def compressed_summary(
    X: Any,
    *,
    columns: Sequence[str] = ("frequency", "recency", "T"),
    sample_weight: str | None = None,
    reduce: str | None = None,
    time_step: float | None = None,
    money_step: float = 0.01,
    max_rows: int = 5_000_000,
    random_state: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Count equal customers where the table is, and bring only the distinct ones.

    A million customers observed in whole days are some hundred thousand distinct rows. The models
    of `custvalue.lifetime` fit these with their counts as weights to the same estimates. They do so
    by themselves where ``fit`` is given a table in an engine; this function is for tables that have
    too many distinct rows, which are reduced by choice and with a warning, never silently.

    Parameters
    ----------
    X : frame, DuckDB relation, Ibis table, Spark DataFrame, path or glob
        One row per customer.
    columns : sequence of str, default=("frequency", "recency", "T")
        What the model reads: columns of numbers, its covariates too.
    sample_weight : str or None, default=None
        Column of how many customers each row stands for.
    reduce : {"bin", "sample"} or None, default=None
        What to do with the customers. "bin" rounds ``recency`` and ``T`` to multiples of
        ``time_step`` (at least one step where they are not 0) and ``monetary_value`` to powers of
        1 + ``money_step``; other columns stay. "sample" takes a systematic sample of at most
        ``max_rows`` customers, in the order of the columns, each standing for equally many: it is
        done only where there are more distinct rows than that. None: more than ``max_rows``
        distinct rows are an error.
    time_step : float or None, default=None
        In the unit of the times; needed to bin.
    money_step : float, default=0.01
        Relative: 0.01 changes no amount by more than half a percent.
    max_rows : int, default=5_000_000
        Most rows that are brought.
    random_state : int, numpy.random.Generator or None, default=None
        Where the sample begins.

    Returns
    -------
    pandas.DataFrame of shape (n_distinct, n_columns + 1)
        The columns, and ``n_customers``: the weights for ``fit``. Sorted by the columns.
        ``attrs["reduced"]`` says what was done.

    Raises
    ------
    ValueError
        If a parameter is not what it must be.
    custvalue.exceptions.DataError
        If a column is missing, not of numbers or has missing values, or there are more distinct
        rows than ``max_rows``.

    Warns
    -----
    custvalue.exceptions.DataQualityWarning
        If the customers were binned or sampled; it says how many distinct rows became how many.

    See Also
    --------
    RFMSummary : Orders to customer summaries.

    Notes
    -----
    Binning moves estimates a little and keeps every customer; sampling leaves them unbiased and
    widens their standard errors as fewer customers would, which the weights do not show:
    ``covariance_`` of a fit on a sample is too small by the factor sample / customers.

    Examples
    --------
    >>> from custvalue.datasets import load_cdnow
    >>> from custvalue.lifetime import BetaGeoNBD
    >>> from custvalue.transactions import RFMSummary, compressed_summary
    >>> customers = RFMSummary(observation_end="1997-09-30").fit_transform(load_cdnow())
    >>> rows = compressed_summary(customers)
    >>> len(customers), len(rows), int(rows["n_customers"].sum())
    (2357, 1016, 2357)
    >>> model = BetaGeoNBD().fit(rows, sample_weight=rows["n_customers"])
    >>> model.params_.round(3).to_list()
    [0.243, 4.414, 0.793, 2.426]
    """
    names = _checked_columns(columns)
    reduce = check_choice(reduce, "reduce", ("bin", "sample", None))
    _check_sizes(max_rows, time_step, money_step, reduce)
    moved = _steps(names, time_step, money_step) if reduce == "bin" else None
    sample = partial(_sample, names, max_rows, random_generator(random_state))
    found = counted_rows(
        X,
        names,
        owner="compressed_summary",
        most=max_rows,
        remedy=_REMEDY,
        weight=sample_weight,
        moved=moved,
        reduce=sample if reduce == "sample" else None,
    )
    said = _what_was_done(found, reduce, sorted(moved or {}))
    if said is not None:
        warnings.warn(said, DataQualityWarning, stacklevel=2)
    frame = pd.DataFrame({**found.columns, _WEIGHTS: found.counts})
    frame.attrs["reduced"] = said or "no: every customer is in it"
    return frame


def _checked_columns(columns: Any) -> tuple[str, ...]:
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    good = all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
    if not names or not good or _WEIGHTS in names:
        raise ValueError(
            f"columns must be different names, none of them {_WEIGHTS!r}; found {columns!r}"
        )
    return names


def _check_sizes(max_rows: Any, time_step: Any, money_step: Any, reduce: str | None) -> None:
    whole = isinstance(max_rows, (int, np.integer)) and not isinstance(max_rows, bool)
    if not whole or max_rows < 1:
        raise ValueError(f"max_rows must be a whole number of at least 1; found {max_rows!r}")
    if reduce == "bin" and not _is_positive(time_step):
        raise ValueError(
            f"time_step must be a positive number where reduce='bin'; found {time_step!r}"
        )
    if not _is_positive(money_step):
        raise ValueError(f"money_step must be a positive number; found {money_step!r}")


def _is_positive(value: Any) -> bool:
    return is_number(value) and bool(np.isfinite(value)) and value > 0


def _steps(
    names: Sequence[str], time_step: float | None, money_step: float
) -> dict[str, Callable[[Any], Any]]:
    """Return the rounding of every column that has one."""
    times = {name: partial(_to_step, step=time_step) for name in _TIMES if name in names}
    money = {_MONEY: partial(_to_power, step=money_step)} if _MONEY in names else {}
    return {**times, **money}


def _to_step(time: Any, step: float | None) -> Any:
    """Round a time; what is not 0 stays so, and what is at most another stays so.

    Halves go up on every engine: they do not agree on what ``round`` does with them.
    """
    steps = (time / step + 0.5).floor().cast("float64")
    return (time > 0).ifelse((steps > 1).ifelse(steps, 1.0) * step, time)


def _to_power(money: Any, step: float) -> Any:
    """Round money to powers of 1 + step; 0 and what is below stay."""
    size = float(np.log1p(step))
    positive = (money > 0).ifelse(money, 1.0)
    return (money > 0).ifelse(((positive.ln() / size + 0.5).floor() * size).exp(), money)


def _sample(
    names: Sequence[str], max_rows: int, generator: np.random.Generator, rows: Any, total: float
) -> Any:
    step = total / max_rows
    order = [f"c{i}" for i in range(len(names))]
    return systematic_sample(rows, order, step, float(generator.uniform(0, step)))


def _what_was_done(found: CountedRows, reduce: str | None, rounded: Sequence[str]) -> str | None:
    """Say how customers were reduced, if they were."""
    left = len(found.counts)
    if reduce == "bin":
        return (
            f"{', '.join(rounded) or 'no column'} were rounded as stated: {found.n_rows:,} "
            f"customers became {left:,} distinct rows"
        )
    if reduce == "sample" and left < found.n_distinct:
        return (
            f"{found.n_rows:,} customers with {found.n_distinct:,} distinct rows were sampled: "
            f"{left:,} rows stand for them"
        )
    return None
