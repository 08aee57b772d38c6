"""The hidden cost of service failure: customers who leave, and prospects lost with them."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import Table, read_columns, read_weights, remember_columns, require
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._typing import AnyArray, FloatArray
from custvalue.exceptions import DataQualityWarning
from custvalue.service._lost_sales_cost import mean_probability
from custvalue.service._lost_sales_cost_curve import (
    TotalCostCurve,
    failure_multiples,
    hidden_costs,
    present_service_level,
    read_direct_cost,
    read_levels,
    total_cost_curve,
)
from custvalue.service._lost_sales_cost_estimate import (
    Estimate,
    Histories,
    component_table,
    estimate_all,
    estimate_component,
)
from custvalue.service._lost_sales_cost_report import Losses, Prospects
from custvalue.service._lost_sales_cost_table import (
    Columns,
    Customers,
    by_component,
    read_customers,
)

__all__ = ["LostSalesCost"]


class LostSalesCost(OutputMixin, PersistenceMixin, BaseEstimator):
    r"""Price service failures by the customers and prospects that they drive away.

    The cost of a failure that no ledger shows is that of the sales which do not come any more. For
    a customer with k failures, each of which drives the customer away with probability p,

    .. math:: E[\text{cost}] = \left(1 - (1 - p)^k\right) (V + w \, v),

    where V is the residual lifetime value of a customer who is still there, w the prospects lost
    per leaver (word of mouth) and v the value of one. A customer leaves once, however many failures
    there were. p is the probability of leaving *because of* a failure, of a customer who would have
    stayed without it: customers who leave for other reasons are no part of it.

    Parameters
    ----------
    failures : str, default="failures"
        Column of the number of failures that each customer met. A part of a failure is the chance
        of one more. Not read where there are ``components`` or a ``failure_rate``.
    components : sequence of str, default=()
        Columns of the number of failures by component of service, such as ``("late", "short")``,
        instead of ``failures``.
    orders : str or None, default=None
        Column of the number of orders. It is needed for a ``failure_rate``; beside counted
        failures it tells `total_cost_curve` the present level of service.
    failure_rate : float, str, dict or None, default=None
        Failures per order, from 0 to 1, for failures that are expected instead of counted: a number
        or a column, or by component a dict of numbers or columns. None counts failures.
    value : str, default="value"
        Column of residual lifetime value, discounted, in the currency that costs come in, of a
        customer who is still there when the failure comes: not lowered once more for those who
        leave because of it. `custvalue.lifetime.LifetimeValue` gives one; any other will do.
    leaving_probability : float, str, dict or None, default=None
        Probability that one failure drives a customer away who would have stayed: a number, a
        column, or a dict with a number for each component. None estimates one for all failures from
        histories when fitted; None in a dict, as in ``{"late": None, "short": 0.1}``, estimates
        that component's, from counted failures that are ``"independent"``.
    alive : str, default="alive"
        Column of 1 for customers who stayed and 0 for those who left, or of the probability of
        being alive. Read by `fit` where the probability is estimated.
    failed : str or None, default=None
        Column of 1 for customers who met any failure in the history that ``alive`` tells of, else
        0. None takes those with a failure in X. Read as ``alive`` is.
    strata : str or None, default=None
        Column of groups within which customers with and without a failure are compared.
    segment : str or None, default=None
        Column of groups to sum the cost by.
    repeated : {"independent", "first"}, default="independent"
        Whether every failure is a new chance to leave, or the first alone.
    prospects_per_leaver : float, default=0.0
        Prospects lost with each customer who leaves.
    prospect_value : float, default=0.0
        Value of one prospect: probability of winning it times its lifetime value.
    level : float, default=0.95
        Of the intervals.

    Attributes
    ----------
    leaving_probability_ : float or pandas.Series
        Probability of leaving after one failure; by component where it was given so. Where a column
        has it, the mean over all failures.
    leaving_interval_ : tuple of two float, pandas.DataFrame or None
        Its interval, within 0 and 1, where it was estimated; by component with columns ``lower``
        and ``upper``, which are equal where the probability was given.
    comparison_ : pandas.DataFrame or None
        Where it was estimated. Index ``group``: customers without and with failure, their
        difference, the share driven away, and both within strata; below ``component`` where each
        has its own. Columns ``customers``, ``retention``, ``lower``, ``upper``.
    total_ : pandas.Series
        ``customers``, ``failures``, ``expected_leavers``, ``prospects_lost``, ``customer_cost``
        (their residual value), ``prospect_cost`` and ``expected_cost``, the sum of the two.
    cost_by_segment_ : pandas.DataFrame or None
        The same by segment and the ``share`` of the cost, the costliest first.
    cost_by_component_ : pandas.DataFrame or None
        By component: ``failures``, ``expected_leavers``, ``expected_cost``, ``avoidable_cost``
        (what would be saved if this component alone never failed; NaN where ``repeated="first"``,
        see the notes) and ``share`` of the cost.
    sensitivity_ : pandas.DataFrame
        Total cost by the probability of leaving (rows: 50 to 150 % of it, or the ends of its
        interval and half way to them; equal ones are one row, so that there may be fewer than
        five) and by prospects lost per leaver (columns; one where prospects are worth nothing).
        With components the rows are called by the mean over all failures, and all components are
        at the same end at once.
    n_features_in_ : int
        Number of columns used.
    feature_names_in_ : ndarray of str
        Their names; only where X is a frame.

    See Also
    --------
    custvalue.lifetime.LifetimeValue : Residual lifetime value of each customer.
    custvalue.plotting.CostCurveDisplay : Direct, hidden and total cost over the level of service.

    Notes
    -----
    *Do not count twice.* Lifetime value is the profit of all sales to come. Add neither the sales
    of the coming year nor the margin of the order that failed: both are part of it. Where that
    order itself was cancelled or refunded its margin is a cost of its own.

    *An estimate* compares customers without and with a failure, of n0 and n1 customers and
    retention r0 and r1. Some leave without any failure, so that the failures take their share of
    r0, not of all: the share driven away is s = 1 - r1 / r0 = d / r0 with the difference d = r0 -
    r1. Its interval comes from Wilson's of r0 and r1 (Donner and Zou 2012) where customers stayed
    or left for certain, and from the log of the ratio where X has probabilities. With ``strata``
    the ratio is that of Mantel and Haenszel, sum(x1 n0 / n) / sum(x0 n1 / n) with x customers
    retained, and the interval that of Greenland and Robins (1985), on the log scale. Where
    ``failed=None`` and failures are independent, p solves mean(1 - (1 - p)^k) = s over those who
    met k failures, each weighed as in the ratio; else p is s. A negative s counts as 0. The
    difference is told too, with the interval of Newcombe (1998, method 10), within strata that of
    Sato (1989), and Welch's for probabilities.

    The share is an effect only if customers with and without failures are alike otherwise. They
    seldom are: whoever orders more meets more failures and stays longer, which hides the effect.
    `fit` therefore warns whenever it estimates. Take the activity before the failure as ``strata``.

    *Estimates by component* compare customers with and without a failure of one component, within
    strata of those who met as many failures of every other. Whoever finds no such counterpart is
    left out, so that many components need many customers. Where the first failure alone counts the
    counts do not tell which component it was: then there is one p for all.

    *Components.* With p_c for component c the customer leaves with probability 1 - prod (1 -
    p_c)^k_c. It is split as if the failures came in any order with equal chance and the first to
    drive the customer away has done it (Shapley values), so that the costs add up. What a
    component's perfection would save is less: another failure may have the same effect. With
    ``repeated="first"`` the probability is the mean p_c over the failures, since X does not tell
    which came first. Without one component another comes first, which might be a worse one: there
    the saving cannot be told, and ``avoidable_cost`` is NaN.

    Rows of weight 0 are checked and then left out.

    A negative value lowers the cost: to lose such a customer is a gain. `fit` says so.

    An array has the columns of failures (or ``orders``, then columns of rates; ``orders`` beside
    counts comes after them), ``value``, a column of leaving probability, and for an estimate
    ``alive`` and ``failed``, as far as they are named. Groups need a frame.

    References
    ----------
    Donner, A., & Zou, G. Y. (2012). Closed-form confidence intervals for functions of the normal
    mean and standard deviation. Statistical Methods in Medical Research 21, 347-359.

    Greenland, S., & Robins, J. M. (1985). Estimation of a common effect parameter from sparse
    follow-up data. Biometrics 41, 55-68.

    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions.
    Statistics in Medicine 17, 873-890.

    Sato, T. (1989). On the variance estimator for the Mantel-Haenszel risk difference. Biometrics
    45, 1323-1324.

    Examples
    --------
    A thousand orders of one each, 5 % of which fail; 20 % of the customers hit leave, worth 4,000
    each, and with every second of them goes a prospect worth 1,000:

    >>> import pandas as pd
    >>> from custvalue.service import LostSalesCost
    >>> customers = pd.DataFrame({"orders": [1], "value": [4000.0]})
    >>> cost = LostSalesCost(
    ...     orders="orders",
    ...     failure_rate=0.05,
    ...     leaving_probability=0.2,
    ...     prospects_per_leaver=0.5,
    ...     prospect_value=1000.0,
    ... )
    >>> cost.fit(customers, sample_weight=[1000]).total_.round(2).to_dict()
    {'customers': 1000.0, 'failures': 50.0, 'expected_leavers': 10.0, 'prospects_lost': 5.0,
    'customer_cost': 40000.0, 'prospect_cost': 5000.0, 'expected_cost': 45000.0}

    How much hangs on the two numbers that are least known:

    >>> cost.sensitivity_.round(2)
    prospects_per_leaver     0.00     0.25     0.50     0.75     1.00
    leaving_probability
    0.10                  20000.0  21250.0  22500.0  23750.0  25000.0
    0.15                  30000.0  31875.0  33750.0  35625.0  37500.0
    0.20                  40000.0  42500.0  45000.0  47500.0  50000.0
    0.25                  50000.0  53125.0  56250.0  59375.0  62500.0
    0.30                  60000.0  63750.0  67500.0  71250.0  75000.0

    What a better service is worth, where it costs more and more:

    >>> levels = [0.90, 0.95, 0.97, 0.98, 0.99]
    >>> curve = cost.total_cost_curve(
    ...     customers, levels, lambda level: 300 / (1 - level), sample_weight=[1000]
    ... )
    >>> curve.table.round(0)
                   direct_cost  hidden_cost  total_cost
    service_level
    0.90                3000.0      90000.0     93000.0
    0.95                6000.0      45000.0     51000.0
    0.97               10000.0      27000.0     37000.0
    0.98               15000.0      18000.0     33000.0
    0.99               30000.0       9000.0     39000.0
    >>> curve.service_level
    0.98

    Failures by component and customer:

    >>> customers = pd.DataFrame(
    ...     {"late": [1, 0, 2], "damaged": [0, 1, 1], "value": [500.0, 2000.0, 1000.0]},
    ...     index=pd.Index(["Ada", "Bo", "Cy"], name="customer_id"),
    ... )
    >>> cost = LostSalesCost(
    ...     components=("late", "damaged"), leaving_probability={"late": 0.1, "damaged": 0.3}
    ... ).fit(customers)
    >>> cost.transform(customers).round(3)
                 expected_cost  expected_leavers
    customer_id
    Ada                   50.0             0.100
    Bo                   600.0             0.300
    Cy                   433.0             0.433
    >>> cost.cost_by_component_.round(2)
               failures  expected_leavers  expected_cost  avoidable_cost  share
    component
    damaged         2.0              0.57          871.0           843.0    0.8
    late            3.0              0.26          212.0           183.0    0.2
    """

    _output_columns = ("expected_cost", "expected_leavers")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "failures": [str],
        "components": [tuple, list],
        "orders": [str, None],
        "failure_rate": [interval(0, 1, closed="both"), str, dict, None],
        "value": [str],
        "leaving_probability": [interval(0, 1, closed="both"), str, dict, None],
        "alive": [str],
        "failed": [str, None],
        "strata": [str, None],
        "segment": [str, None],
        "repeated": [StrOptions({"independent", "first"})],
        "prospects_per_leaver": [interval(0, None, closed="left")],
        "prospect_value": [interval(0, None, closed="left")],
        "level": [interval(0, 1)],
    }

    leaving_probability_: float | pd.Series
    leaving_interval_: tuple[float, float] | pd.DataFrame | None
    comparison_: pd.DataFrame | None
    total_: pd.Series
    cost_by_segment_: pd.DataFrame | None
    cost_by_component_: pd.DataFrame | None
    sensitivity_: pd.DataFrame
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        failures: str = "failures",
        components: Any = (),
        orders: str | None = None,
        failure_rate: float | str | dict[str, float | str] | None = None,
        value: str = "value",
        leaving_probability: float | str | dict[str, float | None] | None = None,
        alive: str = "alive",
        failed: str | None = None,
        strata: str | None = None,
        segment: str | None = None,
        repeated: str = "independent",
        prospects_per_leaver: float = 0.0,
        prospect_value: float = 0.0,
        level: float = 0.95,
    ) -> None:
        self.failures = failures
        self.components = components
        self.orders = orders
        self.failure_rate = failure_rate
        self.value = value
        self.leaving_probability = leaving_probability
        self.alive = alive
        self.failed = failed
        self.strata = strata
        self.segment = segment
        self.repeated = repeated
        self.prospects_per_leaver = prospects_per_leaver
        self.prospect_value = prospect_value
        self.level = level

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Learn the probability of leaving where none is given, and sum the cost.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array
            One row a customer, with the columns that the parameters name.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_customers,) or None
            How many customers each row stands for.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, two name one column, a dict does not have the
            components, a rate has no orders, an estimate has no column of failed customers, one of
            a component has no counts, or prospects are beyond the largest number.
        custvalue.exceptions.DataError
            If a column is missing, a number is out of its range, sums are beyond the largest
            number, or histories are of customers of one kind alone.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            Whenever the probability is estimated, since the difference may be confounded; and where
            values are negative.
        """
        self._validate_params()
        columns = self._columns()
        customers = read_customers(X, columns, fit=True, owner=type(self).__name__)
        if columns.history and self.failed is None:
            _require_whole(customers.table, columns.failures)
        customers, weights = _weighted(sample_weight, customers)
        doubts = self._learn_probability(customers, columns, weights)
        losses = self._losses(customers, columns)
        losses.require_sums(weights)
        self._summarise(losses, customers, columns, weights)
        remember_columns(self, customers.read)
        for sentence in [*doubts, *_doubts_of_value(customers.table[self.value])]:
            warnings.warn(sentence, DataQualityWarning, stacklevel=2)
        return self

    def transform(self, X: Any) -> Any:
        """Return what failures cost with each customer.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array
            The columns of `fit`; those of histories and groups are not needed.

        Returns
        -------
        frame of shape (n_customers, 2)
            ``expected_cost``, in the currency of X, and ``expected_leavers``, the probability that
            failures drive the customer away.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            If a column is missing or a number is out of its range.
        """
        check_is_fitted(self)
        columns = self._columns()
        customers = read_customers(X, columns, fit=False, owner=type(self).__name__)
        losses = self._losses(customers, columns)
        losses.require_sums(np.ones(1))
        leavers = losses.leavers
        found = {"expected_cost": leavers * losses.at_stake, "expected_leavers": leavers}
        return self._frame(customers.table, found)

    def total_cost_curve(
        self,
        X: Any,
        service_levels: Any,
        direct_cost: Any,
        *,
        present_level: float | None = None,
        sample_weight: Any = None,
    ) -> TotalCostCurve:
        """Add the direct cost of service to its hidden cost over levels of service.

        The level of service is 1 minus failures per order. At a level S the customers of X meet
        (1 - S) / (1 - present level) times the failures that they meet now, all components and all
        customers alike. Below the present level failures hit customers of whom X does not tell who
        they are: where failures were counted, u times the failures hit u times the customers, who
        cost what those hit cost now, until all are hit; beyond, each meets more failures.

        Parameters
        ----------
        X : table as in `transform`
        service_levels : array-like of shape (n_levels,)
            From 0 to 1, at least two.
        direct_cost : callable or array-like of shape (n_levels,)
            Cost of stock, transport and orders at each level, for the customers of X and the time
            in which they meet their failures; a callable takes the array of levels.
        present_level : float or None, default=None
            Level at which the failures of X happened; None takes it from ``orders``.
        sample_weight : array-like of shape (n_customers,) or None
            How many customers each row stands for.

        Returns
        -------
        TotalCostCurve
            With ``table`` (index ``service_level``; ``direct_cost``, ``hidden_cost``,
            ``total_cost``), ``service_level`` and ``total_cost`` of the minimum, ``at_end``
            ("lowest", "highest" or None) and ``n_minima``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If an argument is out of range, or the present level is not known.
        custvalue.exceptions.DataError
            If X breaks a rule, or has no failure.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If the minimum is at an end of the levels, or not the only one.
        """
        check_is_fitted(self)
        levels = read_levels(service_levels)
        direct, order = read_direct_cost(direct_cost, levels), np.argsort(levels)
        columns = self._columns()
        customers = read_customers(X, columns, fit=False, owner=type(self).__name__)
        customers, weights = _weighted(sample_weight, customers)
        losses = self._losses(customers, columns)
        losses.require_sums(weights)
        if present_level is None:
            present_level = self._present_level(losses, customers.table, weights)
        multiples = failure_multiples(levels[order], present_level)
        hidden = hidden_costs(losses, weights, multiples, counted=columns.rates is None)
        curve = total_cost_curve(levels[order], direct[order], hidden)
        for sentence in curve.doubts:
            warnings.warn(sentence, DataQualityWarning, stacklevel=2)
        return curve

    def _columns(self) -> Columns:
        """Return which columns the parameters name, or say which parameters do not go together."""
        components = read_columns(None, self.components, "components")
        if self.failure_rate is not None and self.orders is None:
            raise ValueError(
                f"orders must name a column where there is a failure_rate ({self.failure_rate!r}); "
                "found None"
            )
        given = self.leaving_probability
        by_parts = isinstance(given, dict) and None in given.values()
        estimated = given is None or by_parts
        if by_parts:
            self._require_counts()
        elif estimated and self.failed is None and self.failure_rate is not None:
            raise ValueError(
                "failed must name a column where failures are expected from a failure_rate and the "
                "leaving_probability is to be estimated; found None"
            )
        names = components or (self.failures,)
        self._check_probabilities(components)
        columns = Columns(
            failures=names,
            orders=self.orders,
            rates=by_component(self.failure_rate, components, "failure_rate"),
            value=self.value,
            leaving=self.leaving_probability if isinstance(self.leaving_probability, str) else None,
            history=self._history() if estimated else (),
            labels=tuple(n for n in (self.strata if estimated else None, self.segment) if n),
        )
        columns.require_distinct()
        return columns

    def _check_probabilities(self, components: tuple[str, ...]) -> None:
        if isinstance(self.leaving_probability, dict):
            by_component(
                self.leaving_probability,
                components,
                "leaving_probability",
                columns=False,
                gaps=True,
            )

    def _require_counts(self) -> None:
        """Raise unless failures are such as tell the probability of a component."""
        needed = {"failure_rate": None, "failed": None, "repeated": "independent"}
        for name, value in needed.items():
            if getattr(self, name) != value:
                raise ValueError(
                    f"{name} must be {value!r} where leaving_probability has None for a component "
                    f"({self.leaving_probability!r}); found {getattr(self, name)!r}"
                )

    def _history(self) -> tuple[str, ...]:
        return (self.alive,) if self.failed is None else (self.alive, self.failed)

    def _learn_probability(
        self, customers: Customers, columns: Columns, weights: FloatArray
    ) -> list[str]:
        """Set the probability of leaving, given or estimated; return what is doubtful in it."""
        self.comparison_, self.leaving_interval_ = None, None
        given = self.leaving_probability
        if given is None:
            return self._estimate(customers, columns, weights)
        if isinstance(given, dict):
            return self._learn_components(given, customers, columns, weights)
        if isinstance(given, str):
            exposure, p = customers.exposure(columns), customers.table[given][:, None]
            self.leaving_probability_ = mean_probability(exposure, p, weights)
        else:
            self.leaving_probability_ = float(given)
        return []

    def _histories(self, customers: Customers, weights: FloatArray) -> Histories:
        strata = None if self.strata is None else customers.labels[self.strata]
        return Histories(customers.table[self.alive], weights, strata, self.level)

    def _estimate(self, customers: Customers, columns: Columns, weights: FloatArray) -> list[str]:
        """Compare the customers with and without a failure."""
        failures = customers.exposure(columns).failures.sum(axis=1)
        failed = failures > 0 if self.failed is None else customers.table[self.failed] > 0
        once = self.failed is not None or self.repeated == "first"
        histories = self._histories(customers, weights)
        found = estimate_all(histories, failed, None if once else failures)
        self.leaving_probability_ = found.value
        self.leaving_interval_ = (found.lower, found.upper)
        self.comparison_ = found.comparison.frame()
        return found.comparison.doubts()

    def _learn_components(
        self,
        given: dict[str, float | None],
        customers: Customers,
        columns: Columns,
        weights: FloatArray,
    ) -> list[str]:
        """Set the probability of each component, and estimate those that are None."""
        names = columns.failures
        unknown = [c for c, name in enumerate(names) if given[name] is None]
        found: dict[str, Estimate] = {}
        if unknown:
            histories = self._histories(customers, weights)
            failures = customers.exposure(columns).failures
            found = {names[c]: estimate_component(histories, failures, c, names) for c in unknown}
        learned = component_table(names, given, found)
        self.leaving_probability_ = learned["leaving_probability"]
        if found:
            self.leaving_interval_ = learned[["lower", "upper"]]
            frames = {name: one.comparison.frame() for name, one in found.items()}
            self.comparison_ = pd.concat(frames, names=["component"])
        return [
            f"{name}: {doubt}" for name, one in found.items() for doubt in one.comparison.doubts()
        ]

    def _losses(self, customers: Customers, columns: Columns) -> Losses:
        """Return what is lost with each customer, by the probabilities learned."""
        table = customers.table
        if columns.leaving is not None:
            p = table[columns.leaving][:, None]
        elif isinstance(self.leaving_probability_, pd.Series):
            p = self.leaving_probability_.to_numpy(dtype=np.float64)
        else:
            p = np.full(len(columns.failures), self.leaving_probability_)
        prospects = Prospects(float(self.prospects_per_leaver), float(self.prospect_value))
        exposure = customers.exposure(columns)
        return Losses(exposure, p, self.repeated, table[self.value], prospects)

    def _summarise(
        self, losses: Losses, customers: Customers, columns: Columns, weights: FloatArray
    ) -> None:
        """Set the tables of the cost."""
        self.total_ = losses.summary(weights)
        self.cost_by_segment_ = None
        if self.segment is not None:
            groups = customers.labels[self.segment]
            self.cost_by_segment_ = losses.by_segment(weights, groups, self.segment)
        self.cost_by_component_ = None
        if self.components:
            self.cost_by_component_ = losses.by_component(weights, columns.failures)
        ends: Any = self.leaving_interval_
        if isinstance(ends, pd.DataFrame):
            ends = tuple(ends.to_numpy().T)
        self.sensitivity_ = losses.sensitivity(weights, ends)

    def _present_level(self, losses: Losses, table: Table, weights: FloatArray) -> float:
        if self.orders is None:
            raise ValueError(
                "present_level must be given where no column of orders is named; found None"
            )
        return present_service_level(losses.exposure, table[self.orders], weights)


def _weighted(sample_weight: Any, customers: Customers) -> tuple[Customers, FloatArray]:
    """Return the customers that have a weight, and their weights."""
    weights = read_weights(sample_weight, customers.table)
    if weights is None:
        return customers, np.ones(len(customers.table))
    return customers.take(weights > 0), weights[weights > 0]


def _require_whole(table: Table, names: tuple[str, ...]) -> None:
    for name in names:
        rule = f"{name} must be a whole number of failures where they tell who failed"
        require(table, table[name] == np.floor(table[name]), rule, [name])


def _doubts_of_value(value: FloatArray) -> list[str]:
    negative = int((value < 0).sum())
    if not negative:
        return []
    return [
        f"the value is negative for {negative} of {len(value)} customers: to lose them counts as a "
        "gain and lowers the cost"
    ]
