"""RetentionCurve: how long customers stay, by Kaplan and Meier."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, Self

import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.arguments import read_time
from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import read_weights, remember_columns
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._numerics.time_units import TIME_UNITS
from custvalue._typing import AnyArray
from custvalue.exceptions import DataQualityWarning
from custvalue.retention._curve_groups import check_labels, fitted_numbers, group_columns
from custvalue.retention._curve_input import (
    Customers,
    check_spells,
    read_customers,
    read_shares,
    read_times,
)
from custvalue.retention._retention_curve import (
    at_risk_frame,
    check_followed,
    conditional_frame,
    curve_doubts,
    curve_frame,
    curves_of,
    equality_test,
    group_curves,
    mean_frame,
    mean_limit,
    median_frame,
    pairwise_frame,
    quantile_frame,
    row_survival,
    spells_of,
    survival_frame,
    values_of,
)

__all__ = ["RetentionCurve"]


class RetentionCurve(OutputMixin, PersistenceMixin, BaseEstimator):
    r"""Estimate how long customers stay, by group, without a model (Kaplan and Meier).

    Of the customers at risk at the times :math:`t_i` at which someone leaves, :math:`n_i`, a share
    :math:`d_i / n_i` leaves:

    .. math:: S(t) = \prod_{t_i \le t} \Bigl(1 - \frac{d_i}{n_i}\Bigr), \qquad
              \widehat{\operatorname{Var}} \log S(t) = v(t)
              = \sum_{t_i \le t} \frac{d_i}{n_i (n_i - d_i)}

    (Kaplan and Meier [1]_; Greenwood's variance). Customers who are still there count as long as
    they were followed, so that the young ones do not pull the curve up or down. Customers are at
    risk at t where entry < t <= duration; those who are seen from the start, with entry 0, at 0
    too.

    Parameters
    ----------
    by : str, sequence of str or None, default=None
        Columns that make groups, each with its own curve: of numbers, text, dates, periods or
        intervals (such as those of ``pandas.cut``); the last three are named by their text. Groups
        of several columns are named by their values, joined by a comma. None: one curve of all,
        the group "all".
    level : float, default=0.95
        Coverage of the limits, between 0 and 1: of each point, not of the whole curve.
    limit : float or None, default=None
        Up to when the restricted mean counts time, in ``time_unit``. None: the smallest of the
        groups' longest durations.
    time_unit : {"day", "week", "month", "year"}, default="month"
        What durations are measured in. A pandas frame or Arrow table that says another unit, as
        those of `durations_from_orders` do, is refused; a polars frame can say none.

    Attributes
    ----------
    curve_ : pandas.DataFrame
        Columns ``group``, ``time``, ``at_risk`` (customers just before ``time``), ``events`` (who
        left at it), ``censored`` (who was last seen at it), ``survival``, ``std_error``,
        ``lower`` and ``upper``. A row for time 0 and for every time in the data of the group
        (entries too): round durations, to days or months, where it should stay small.
    medians_ : pandas.DataFrame
        By group: ``median``, the first time at which survival is at most one half, ``lower`` and
        ``upper``; infinite where a curve or its limit stays above one half.
    restricted_means_ : pandas.DataFrame
        By group: ``mean`` (of the smaller of lifetime and limit, the area under the curve up to the
        limit), ``std_error``, ``lower``, ``upper`` and ``limit``, in ``time_unit``.
    test_ : dict or None
        ``statistic``, ``df`` and ``p_value`` of the log-rank test that all groups have one curve;
        None where there is one group. NaN where no time tells the groups apart.
    groups_ : dict
        From the name of each group to the tuple of its values of the columns of ``by``.
    n_customers_ : int or float
        Number of customers: of rows, or the sum of their weights.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X was a frame.

    See Also
    --------
    durations_from_orders : Durations from an order log.
    cohort_survival : Survival from the P(alive) of a model.

    Notes
    -----
    The limits of survival are symmetric in log(-log S) and so lie within 0 and 1:
    :math:`S^{\exp(\mp z \sqrt{v} / \log S)}` [2]_. Before anyone left, where S is 1, both are 1.
    Where S is 0 there is no variance: ``std_error`` is NaN, the lower limit 0 and the upper limit
    that of the time before.

    The limits of a median are the times at which the limits of the curve pass one half
    (Brookmeyer and Crowley [3]_). R takes the middle where the curve is exactly one half for a
    while; here it is the first time, as in lifelines.

    The variance of the restricted mean is :math:`\sum_i A_i^2 d_i / (n_i (n_i - d_i))` with
    :math:`A_i` the area under the curve from :math:`t_i` to the limit.

    Weights are numbers of customers: a row of weight 3 counts like three rows.

    Durations must be censored by the calendar, not by the customer's plans. That is not so where
    only customers who left have been recorded, or where those who are about to leave drop out of
    sight.

    References
    ----------
    .. [1] E. L. Kaplan and P. Meier (1958). Nonparametric estimation from incomplete observations.
       Journal of the American Statistical Association 53, 457-481.
    .. [2] J. D. Kalbfleisch and R. L. Prentice (1980). The Statistical Analysis of Failure Time
       Data. Wiley, section 1.3.
    .. [3] R. Brookmeyer and J. Crowley (1982). A confidence interval for the median survival time.
       Biometrics 38, 29-41.

    Examples
    --------
    Months that ten customers of two plans stayed; 0 in ``churned`` is a customer still there.

    >>> import pandas as pd
    >>> from custvalue.retention import RetentionCurve
    >>> customers = pd.DataFrame({
    ...     "duration": [2, 3, 3, 5, 9, 1, 1, 2, 4, 6],
    ...     "churned": [1, 1, 0, 1, 0, 1, 1, 1, 1, 0],
    ...     "plan": ["yearly"] * 5 + ["monthly"] * 5,
    ... })
    >>> curve = RetentionCurve(by="plan").fit(customers)
    >>> curve.survival([3, 6]).round(3)
         group  time  survival  lower  upper
    0  monthly   3.0       0.4  0.052  0.753
    1  monthly   6.0       0.2  0.008  0.582
    2   yearly   3.0       0.6  0.126  0.882
    3   yearly   6.0       0.3  0.012  0.719
    >>> curve.medians_
             median  lower  upper
    group
    monthly     2.0    1.0    inf
    yearly      5.0    2.0    inf
    >>> round(curve.test_["p_value"], 3)
    0.383
    """

    _output_columns = ("survival", "lower", "upper")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "by": [str, list, tuple, None],
        "level": [interval(0, 1)],
        "limit": [interval(0, None), None],
        "time_unit": [StrOptions(set(TIME_UNITS))],
    }

    curve_: pd.DataFrame
    medians_: pd.DataFrame
    restricted_means_: pd.DataFrame
    test_: dict[str, float] | None
    groups_: dict[Any, tuple[Any, ...]]
    n_customers_: float
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        by: Any = None,
        level: float = 0.95,
        limit: float | None = None,
        time_unit: str = "month",
    ) -> None:
        self.by = by
        self.level = level
        self.limit = limit
        self.time_unit = time_unit

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Estimate the curve of each group.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, 2 or 3)
            ``duration``, how long the customer stayed or has stayed so far, in ``time_unit``;
            ``churned``, 1 (or True) where they left at ``duration``, 0 where they were still there;
            ``entry``, if there, since when they were followed (0 where from the start); and the
            columns of ``by``. An array has the columns in this order and no groups.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_customers,), optional
            How many customers each row stands for.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is not what it must be, or ``limit`` lies beyond a curve.
        custvalue.exceptions.DataError
            If a column is missing, a row cannot be, a group is missing, or two groups have one
            name.
        TypeError
            If X is not a table.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If nobody of a group was followed from the start, or late entries leave so few at risk
            that a curve falls to 0 early.
        """
        self._validate_params()
        customers = self._customers(X, fitting=True)
        check_spells(customers.numbers)
        check_labels(customers.groups, group_columns(self.by))
        weights = read_weights(sample_weight, customers.numbers)
        spells = spells_of(customers.numbers, weights)
        check_followed(spells)
        curves = group_curves(spells, customers.groups)
        limit = mean_limit(curves, self.limit)
        for doubt in curve_doubts(curves):
            warnings.warn(doubt, DataQualityWarning, stacklevel=2)
        self.curve_ = curve_frame(curves, self.level)
        self.medians_ = median_frame(curves, self.level)
        self.restricted_means_ = mean_frame(curves, limit, self.level)
        self.test_ = equality_test(curves)
        self.groups_ = values_of(customers.groups, curves)
        self.n_customers_ = len(customers.rows) if weights is None else float(weights.sum())
        remember_columns(self, customers.rows)
        return self

    def transform(self, X: Any) -> Any:
        """Return the survival of each customer's group at the customer's duration.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, 2 or 3)
            ``duration`` and the columns of ``by``; an array as in `fit`.

        Returns
        -------
        frame of shape (n_customers, 3)
            ``survival``, the share of the group that stays longer than ``duration``, ``lower`` and
            ``upper``; NaN beyond the longest time of a curve that stays above 0.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        custvalue.exceptions.DataError
            If a column is missing, a row cannot be, or a group was not fitted.
        TypeError
            If X is not a table.
        """
        check_is_fitted(self)
        customers = self._customers(X, fitting=False)
        curves = curves_of(self.curve_)
        fitted = [self.groups_[label] for label in curves]
        numbers = fitted_numbers(customers.rows, customers.groups, fitted, group_columns(self.by))
        found = row_survival(curves, numbers, customers.numbers["duration"], self.level)
        return self._frame(customers.rows, found)

    def survival(self, times: Any) -> pd.DataFrame:
        """Return the share of customers who stay longer than given times.

        Parameters
        ----------
        times : float or array-like of shape (n_times,)
            In ``time_unit``.

        Returns
        -------
        pandas.DataFrame of shape (n_groups x n_times, 5)
            ``group``, ``time``, ``survival``, ``lower`` and ``upper``; NaN beyond the longest time
            of a curve that stays above 0.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        ValueError
            If the times are no finite numbers of at least 0.
        """
        check_is_fitted(self)
        return survival_frame(curves_of(self.curve_), read_times(times, "times"), self.level)

    def at_risk(self, times: Any) -> pd.DataFrame:
        """Return how many customers are at risk at given times: the numbers under a plot.

        Parameters
        ----------
        times : float or array-like of shape (n_times,)
            In ``time_unit``.

        Returns
        -------
        pandas.DataFrame of shape (n_groups x n_times, 5)
            ``group``, ``time``, ``at_risk`` (customers just before ``time``), ``events`` (who left
            up to ``time``, at it too) and ``censored`` (who was last seen up to then).

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        ValueError
            If the times are no finite numbers of at least 0.
        """
        check_is_fitted(self)
        return at_risk_frame(curves_of(self.curve_), read_times(times, "times"))

    def quantile(self, q: Any) -> pd.DataFrame:
        """Return by when given shares of the customers have left.

        Parameters
        ----------
        q : float or array-like of shape (n_shares,)
            Shares between 0 and 1; 0.5 is the median.

        Returns
        -------
        pandas.DataFrame of shape (n_groups x n_shares, 5)
            ``group``, ``q``, ``time`` (the first at which survival is at most 1 - q), ``lower`` and
            ``upper``; infinite where a curve or its limit does not come down so far.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        ValueError
            If a share does not lie between 0 and 1.
        """
        check_is_fitted(self)
        return quantile_frame(curves_of(self.curve_), read_shares(q, "q"), self.level)

    def conditional_survival(self, times: Any, given: float) -> pd.DataFrame:
        """Return the share that stays longer still, of those who have stayed for a while.

        Parameters
        ----------
        times : float or array-like of shape (n_times,)
            Further time, counted from ``given``, in ``time_unit``.
        given : float
            How long they have stayed, in ``time_unit``.

        Returns
        -------
        pandas.DataFrame of shape (n_groups x n_times, 6)
            ``group``, ``given``, ``time``, ``survival``, which is S(given + time) / S(given),
            ``lower`` and ``upper``. NaN where either is not known or S(given) is 0.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        ValueError
            If a time is no finite number of at least 0.
        """
        check_is_fitted(self)
        further, start = read_times(times, "times"), read_time(given, "given")
        return conditional_frame(curves_of(self.curve_), further, start, self.level)

    def pairwise_tests(self) -> pd.DataFrame:
        """Test every two groups against each other.

        Returns
        -------
        pandas.DataFrame of shape (n_groups (n_groups - 1) / 2, 5)
            ``group``, ``other``, ``statistic`` and ``p_value`` of their log-rank test with one
            degree of freedom, and ``p_adjusted``, the p-value by Holm's method for this many tests.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        """
        check_is_fitted(self)
        return pairwise_frame(curves_of(self.curve_))

    def _customers(self, X: Any, *, fitting: bool) -> Customers:
        return read_customers(
            X,
            group_columns(self.by),
            time_unit=self.time_unit,
            owner="RetentionCurve",
            fitting=fitting,
        )
