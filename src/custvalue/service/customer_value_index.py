"""What a customer gets for what it costs: three measures, named apart."""

from __future__ import annotations

import datetime
import warnings
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import (
    Table,
    read_columns,
    read_table,
    read_weights,
    remember_columns,
    require,
)
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._typing import AnyArray, FloatArray
from custvalue.exceptions import DataQualityWarning
from custvalue.service._customer_value_baseline import baseline_row, baseline_value, sides
from custvalue.service._customer_value_index import disagreement, relative_to, value_of

__all__ = ["CustomerValueIndex"]

_QUALITY_SERVICE = "quality_service"


class CustomerValueIndex(OutputMixin, PersistenceMixin, BaseEstimator):
    r"""Measure the value that customers get, in one of three ways.

    Three definitions of customer value are in use. They answer different questions, so they have
    different names here:

    * ``"ratio"``: total benefits / total cost of ownership. What does one unit of cost bring?
    * ``"net"``: total benefits - total cost. How much is left over?
    * ``"quality_service"``: quality x service / (cost x time). It has no unit of its own and
      means something only beside a baseline.

    Ratio and net value can put two offers in opposite order; `compare` shows where.

    Parameters
    ----------
    measure : {"ratio", "net", "quality_service"}, default="ratio"
    benefits : str or sequence of str, default="benefits"
        Columns of benefits, in one currency, which are added; for "ratio" and "net".
    costs : str or sequence of str, default="costs"
        Columns of the cost of ownership: price, freight, stock, repairs; likewise.
    quality, service, cost, time : str
        Columns for "quality_service", in any units, none negative. ``time`` is how long customers
        wait.
    baseline : None, "mean", row label or dict, default=None
        What ``relative`` refers to. "mean": a row with the mean of every column. A label: that
        row of the table fitted (its number, where X is an array; a text, a date or a tuple). A
        dict: a number for every column, by the rules of the table. None is the point of breaking
        even, ratio 1 or net value 0, and the mean for "quality_service". A row that is called
        "mean" cannot be named.
    zero : {"raise", "nan", "inf"}, default="raise"
        Where cost or time is 0: an error, not a number, or infinite with the sign of the benefits
        (0 / 0 stays not a number). The net value needs no such rule.

    Attributes
    ----------
    baseline_ : pandas.Series or None
        The baseline by column; None for breaking even.
    baseline_value_ : float
        Its value by the measure.
    n_features_in_ : int
        Number of columns used.
    feature_names_in_ : ndarray of str
        Their names; only where X is a frame.

    See Also
    --------
    custvalue.lifetime.LifetimeValue : What customers are worth to the seller.

    Notes
    -----
    ``relative`` is the value divided by that of the baseline, so that the baseline has 1; for the
    net value, which may be 0 or negative, it is the difference, so that the baseline has 0. With a
    baseline of the fitted table, or the mean, the relative "quality_service" does not depend on the
    units of its columns.

    The mean is that of the columns, not of the indices: for the ratio it gives all benefits over
    all costs.

    A ratio is no guide among losses: of two rows with the same negative benefits the one of higher
    cost has the higher ratio. `fit`, `transform` and `compare` warn of negative total benefits.

    Rows of weight 0 are checked and then have no part in the mean; they may still be the baseline.

    An array has the columns of benefits, then those of costs; or quality, service, cost and time.

    Examples
    --------
    A large and a small offer. The small one brings more for each unit of cost, the large one
    leaves more:

    >>> import pandas as pd
    >>> from custvalue.service import CustomerValueIndex
    >>> offers = pd.DataFrame(
    ...     {"benefits": [120.0, 30.0], "costs": [100.0, 20.0]},
    ...     index=pd.Index(["A", "B"], name="product"),
    ... )
    >>> CustomerValueIndex(measure="ratio").fit_transform(offers)["value_index"].to_dict()
    {'A': 1.2, 'B': 1.5}
    >>> CustomerValueIndex(measure="net").fit_transform(offers)["value_index"].to_dict()
    {'A': 20.0, 'B': 10.0}
    >>> CustomerValueIndex().fit(offers).compare(offers)
             ratio   net  ratio_rank  net_rank  reversed_pairs
    product
    A          1.2  20.0           2         1               1
    B          1.5  10.0           1         2               1

    Twice the time halves the value of one service:

    >>> services = pd.DataFrame(
    ...     {"quality": [0.9, 0.9], "service": [0.8, 0.8], "cost": [2.0, 2.0], "time": [3.0, 6.0]},
    ...     index=pd.Index(["now", "slow"], name="product"),
    ... )
    >>> index = CustomerValueIndex(measure="quality_service", baseline="now").fit(services)
    >>> index.transform(services).round(4)
             value_index  relative
    product
    now             0.12       1.0
    slow            0.06       0.5
    """

    _output_columns = ("value_index", "relative")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "measure": [StrOptions({"ratio", "net", _QUALITY_SERVICE})],
        "benefits": [str, tuple, list],
        "costs": [str, tuple, list],
        "quality": [str],
        "service": [str],
        "cost": [str],
        "time": [str],
        "baseline": [None, str, Integral, tuple, dict, datetime.date, np.datetime64],
        "zero": [StrOptions({"raise", "nan", "inf"})],
    }

    baseline_: pd.Series | None
    baseline_value_: float
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        measure: str = "ratio",
        benefits: Any = "benefits",
        costs: Any = "costs",
        quality: str = "quality",
        service: str = "service",
        cost: str = "cost",
        time: str = "time",
        baseline: Any = None,
        zero: str = "raise",
    ) -> None:
        self.measure = measure
        self.benefits = benefits
        self.costs = costs
        self.quality = quality
        self.service = service
        self.cost = cost
        self.time = time
        self.baseline = baseline
        self.zero = zero

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Learn the baseline.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array
            One row an offer, a product or a customer, with the columns of the measure.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_rows,) or None
            How many rows each stands for in the mean.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, two name one column, or the baseline is no row, or has
            no value that others can be relative to.
        custvalue.exceptions.DataError
            If a column is missing, a cost, time, quality or service is negative, or a cost or time
            is 0 where ``zero="raise"``.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If total benefits are negative and the measure is the ratio.
        """
        self._validate_params()
        gains, burdens = self._columns(self.measure)
        table = self._read(X, self.measure)
        weights = read_weights(sample_weight, table)
        wanted = self.baseline
        if wanted is None and self.measure == _QUALITY_SERVICE:
            wanted = "mean"
        not_negative = (*gains, *burdens) if self.measure == _QUALITY_SERVICE else burdens
        self.baseline_ = baseline_row(wanted, table, weights, not_negative)
        self.baseline_value_ = baseline_value(self.baseline_, gains, burdens, self.measure)
        remember_columns(self, table)
        counted = table if weights is None else table.take(weights > 0)
        for doubt in self._doubts(counted, self.measure):
            warnings.warn(doubt, DataQualityWarning, stacklevel=2)
        return self

    def transform(self, X: Any) -> Any:
        """Return the value of each row, and how it stands to the baseline.

        Parameters
        ----------
        X : table as in `fit`

        Returns
        -------
        frame of shape (n_rows, 2)
            ``value_index`` by the measure and ``relative`` to the baseline.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            As in `fit`; and if a value is beyond the largest number.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            As `fit`.
        """
        check_is_fitted(self)
        table = self._read(X, self.measure)
        gain, burden = self._sides(table, self.measure)
        value = value_of(gain, burden, self.measure, self.zero)
        relative = relative_to(value, self.baseline_value_, self.measure)
        self._require_range(table, relative, burden, self.measure)
        for doubt in self._doubts(table, self.measure):
            warnings.warn(doubt, DataQualityWarning, stacklevel=2)
        return self._frame(table, {"value_index": value, "relative": relative})

    def compare(self, X: Any) -> Any:
        """Show where ratio and net value put the rows of X in different order.

        Parameters
        ----------
        X : table with the columns of benefits and costs

        Returns
        -------
        frame of shape (n_rows, 5)
            ``ratio`` and ``net`` value, the ranks of the row by each among the rows of X (1 is the
            highest, equal ones share a rank, also those that differ by rounding, no number is
            last), and ``reversed_pairs``, the number
            of rows that are better by one and worse by the other.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            As in `fit`; and if a value is beyond the largest number.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If total benefits are negative.
        """
        check_is_fitted(self)
        table = self._read(X, "ratio")
        gain, burden = self._sides(table, "ratio")
        found = disagreement(gain, burden, self.zero)
        self._require_range(table, found.ratio, burden, "ratio")
        self._require_range(table, found.net, burden, "net")
        for doubt in self._doubts(table, "ratio"):
            warnings.warn(doubt, DataQualityWarning, stacklevel=2)
        columns = ("ratio", "net", "ratio_rank", "net_rank", "reversed_pairs")
        return self._frame(table, {name: getattr(found, name) for name in columns})

    def _columns(self, measure: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the columns of what is got and of what is given for it."""
        gains: tuple[str, ...]
        burdens: tuple[str, ...]
        if measure == _QUALITY_SERVICE:
            gains, burdens = (self.quality, self.service), (self.cost, self.time)
        else:
            gains = _names(self.benefits, "benefits")
            burdens = _names(self.costs, "costs")
        names = (*gains, *burdens)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f"measure={measure!r} needs columns of their own for all that goes into it; found "
                f"twice: {', '.join(map(repr, twice))}"
            )
        return gains, burdens

    def _read(self, X: Any, measure: str) -> Table:
        gains, burdens = self._columns(measure)
        table = read_table(X, (*gains, *burdens), owner=type(self).__name__)
        for name in (*gains, *burdens) if measure == _QUALITY_SERVICE else burdens:
            require(table, table[name] >= 0, f"{name} must not be negative", [name])
        gain, burden = self._sides(table, measure)
        if measure != _QUALITY_SERVICE:
            good = np.isfinite(gain) & np.isfinite(burden)
            rule = "benefits and costs must each have a total below the largest number"
            require(table, good, rule, [*gains, *burdens])
        if measure != "net" and self.zero == "raise":
            rule = f"{' and '.join(burdens)} must not be 0 where zero='raise'"
            if measure == "ratio" and len(burdens) > 1:
                rule = f"{' + '.join(burdens)} must not be 0 where zero='raise'"
            require(table, burden > 0, rule, burdens)
        return table

    def _require_range(
        self, table: Table, value: FloatArray, burden: FloatArray, measure: str
    ) -> None:
        """Raise where a value is infinite for its size, not for a cost of 0."""
        good = ~np.isinf(value) if measure == "net" else ~np.isinf(value) | (burden == 0)
        rule = f"the value by measure={measure!r} must be below the largest number"
        require(table, good, rule, list(table.columns))

    def _doubts(self, table: Table, measure: str) -> list[str]:
        negative = int((self._sides(table, measure)[0] < 0).sum())
        if measure != "ratio" or not negative:
            return []
        return [
            f"total benefits are negative in {negative} of {len(table)} rows: among losses a "
            "higher cost gives a higher ratio; take measure='net'"
        ]

    def _sides(self, table: Table, measure: str) -> tuple[FloatArray, FloatArray]:
        return sides(table, *self._columns(measure), measure)


def _names(given: Any, parameter: str) -> tuple[str, ...]:
    names = read_columns(None, (given,) if isinstance(given, str) else given, parameter)
    if not names:
        raise ValueError(f"{parameter} must name at least one column; found {given!r}")
    return names
