"""The service level at which profit is largest."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import Table, remember_columns
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._typing import AnyArray, FloatArray
from custvalue.exceptions import DataQualityWarning
from custvalue.service._service_level_optimizer_doubts import item_doubts, scale_doubts
from custvalue.service._service_level_optimizer_fit import FittedCurves, fit_group, profit_of
from custvalue.service._service_level_optimizer_input import (
    CHANGES,
    EVERYTHING,
    ROLES,
    TOP,
    Observations,
    checked_curve,
    checked_limits,
    checked_scenarios,
    column_names,
    levels_only,
    read_items,
    read_observations,
    require_known_groups,
    require_used,
)
from custvalue.service._service_level_optimizer_items import (
    Items,
    item_answer,
    item_elasticities,
    item_scenarios,
    items_of,
)
from custvalue.service._service_level_optimizer_profit import Profit, find_optimum
from custvalue.service._service_level_optimizer_tables import (
    coefficient_frame,
    curve_answer,
    curve_scenarios,
    maxima_frame,
    optimum_frame,
    profit_frame,
    sensitivity_frame,
    warnings_of,
    whole_range,
)

__all__ = ["ServiceLevelOptimizer"]

_COMMON = ("optimal_service_level", "service_level_gap", "optimal_profit", "profit_gain")
_MORE = {
    "newsvendor": ("safety_factor", "stock", "mismatch_cost"),
    "marginal": ("safety_factor", "safety_stock", "profit_per_point", "cost_per_safety_factor"),
    "curve": (),
}


class ServiceLevelOptimizer(OutputMixin, PersistenceMixin, BaseEstimator):
    r"""Find the service level at which profit is largest: more service pays, until it does not.

    Three forms of one question. "newsvendor" and "marginal" answer it for each item of a table from
    its costs; "curve" learns from observations how revenue and cost grow with the service level,
    and answers it for all of them, or for each group.

    *newsvendor*: a unit too few costs Cu, a unit too many Co, demand is normal. The best
    probability of meeting demand is :math:`SL^* = C_u / (C_u + C_o)`, the stock
    :math:`\mu + z \sigma` with :math:`\Phi(z) = SL^*` [1]_.

    *marginal* [2]_: one point of service more earns dP = margin x response x volume. It needs more
    safety stock and costs dC = K dz, where K = carrying rate x unit cost x :math:`\sigma_L`. The
    level rises from 50 % by ``step`` as long as dP is not below dC.

    *curve*: the largest R(SL) - C(SL), where R and C are fitted or given.

    Parameters
    ----------
    form : {"newsvendor", "marginal", "curve"}, default="newsvendor"
        What is known.
    columns : mapping of str to str, optional
        Which column of X is which, where it is not called so already. newsvendor: ``underage``
        (Cu, money per unit), ``overage`` (Co), ``mean`` and ``sd`` of the demand. marginal:
        ``margin`` (money per unit), ``response`` (share of the volume that one point of service
        brings: 0.0012 is 0.12 %), ``volume`` (units a year), ``carrying_rate`` (a year), and
        ``unit_cost``, ``demand_sd`` (units, of one period), ``lead_time`` (periods). curve:
        ``service_level``, ``revenue``, ``cost``. Items may have a ``service_level`` too, that of
        today.
    scale : {"fraction", "percent"}, default="fraction"
        Whether service levels run from 0 to 1 or from 0 to 100, in X and in answers.
    by : str, optional
        Curve form: column of groups (segments, sites), each with curves and an optimum of its own.
    revenue_curve, cost_curve : str, tuple or callable, default="power"
        Curve form: what to fit, "power" a SL^b, "quadratic" a + b SL + c SL^2, or "logistic"
        a / (1 + exp(-b (SL - c))), with SL in the scale of X; or a curve that is known,
        such as ``("power", 0.5, 0.5)`` or a function of an array of levels. X needs no column
        for a curve that is known. A model with a function cannot be saved.
    limits : tuple of two float, optional
        Curve form: lowest and highest level allowed. Left out, the whole scale.
    step : float or None, default=0.01
        Marginal form: the step by which the level rises, as a share, at most 0.25. None lets it be
        any number.
    lead_time_scaling : {"sqrt", "linear"}, default="sqrt"
        Marginal form: :math:`\sigma_L` is ``demand_sd`` times the square root of the lead time,
        where the demand of one period says nothing about the next; or times the lead time itself,
        as some sources have it, which holds if all periods of a lead time rise and fall together.
    level : float, default=0.95
        Curve form: level of the intervals.

    Attributes
    ----------
    optimum_ : pandas.DataFrame
        A row a group, "all" where there are none. curve: ``service_level`` with ``lower`` and
        ``upper``; ``profit``, ``revenue`` and ``cost`` there; ``place``: "inside", "lower end" or
        "upper end" of the limits; ``n_maxima``, how many local maxima the profit has; ``concave``;
        ``observed_from``, ``observed_to`` and ``n_rows``. Other forms: ``service_level`` (mean of
        the items), ``profit`` (sum) and ``n_rows``.
    maxima_ : pandas.DataFrame or None
        Curve form: every local maximum, its ``profit``, and whether it is the ``best``.
    coefficients_ : pandas.DataFrame or None
        Curve form: ``estimate`` and ``standard_error`` by group, curve and coefficient.
    sensitivity_ : pandas.DataFrame or None
        Curve form: by group and input, the ``value`` of the input and by how many per cent the
        optimal ``service_level`` and the ``profit`` change if it grows by 1 %. The inputs "revenue"
        and "cost" are the whole curves.
    curves_ : dict or None
        Curve form: what was fitted, by group.
    messages_ : list of str
        What was warned of.
    n_features_in_ : int
        Number of columns used.
    feature_names_in_ : ndarray
        Their names; only where X is a frame.

    See Also
    --------
    custvalue.plotting.ProfitCurveDisplay : The picture of the curve form.

    Notes
    -----
    The interval of the optimum holds every level around it at which the slope of the profit is not
    different from zero, with the standard error of the slope from both curves together (HC3
    sandwich) and Student's t: Fieller's way, which is exact for quadratic curves and reaches to the
    limits where the data do not tell. It takes the shapes as true.

    The newsvendor and the marginal form have an optimum for each row anyway: items of a segment are
    rows of it, and need no ``by``.

    In the newsvendor form a level of 1 needs an infinite stock and is best only if Co is 0. A stock
    is never below 0, and neither is demand: where its mean is below 5 standard deviations, what the
    normal law has below 0 counts as 0 in cost and profit. The marginal form starts at 0.5, where
    there is no safety stock, and answers 0.5 if no step pays.

    References
    ----------
    .. [1] K. J. Arrow, T. Harris and J. Marschak (1951). Optimal inventory policy. Econometrica
       19, 250-272.
    .. [2] R. H. Ballou (2004). Business Logistics / Supply Chain Management, 5th ed. Pearson.

    Examples
    --------
    What does a newspaper cost that nobody buys, and one that was missing?

    >>> import pandas as pd
    >>> from custvalue.service import ServiceLevelOptimizer
    >>> items = pd.DataFrame(
    ...     {"underage": [30.0], "overage": [10.0], "mean": [100.0], "sd": [20.0]},
    ...     index=pd.Index(["paper"], name="product"),
    ... )
    >>> best = ServiceLevelOptimizer().fit_transform(items)
    >>> best[["optimal_service_level", "safety_factor", "stock", "mismatch_cost"]].round(4)
             optimal_service_level  safety_factor     stock  mismatch_cost
    product
    paper                     0.75         0.6745  113.4898       254.2213

    Curves that are known, over percentages:

    >>> optimizer = ServiceLevelOptimizer(
    ...     form="curve",
    ...     scale="percent",
    ...     revenue_curve=("power", 0.5, 0.5),
    ...     cost_curve=("power", 0.00055, 2.0),
    ... ).fit(pd.DataFrame({"service_level": [20.0, 60.0]}))
    >>> optimizer.optimum_["service_level"].round(4).to_dict()
    {'all': 37.2419}

    What if the same service cost as much as a level that is 10 points lower does now?

    >>> optimizer.compare({"new warehouse": {"cost_shift": 10}}).iloc[:, [0, 3]].round(2)
                   service_level  profit
    scenario
    base                   37.24    2.29
    new warehouse          44.19    2.68
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "form": [StrOptions({"newsvendor", "marginal", "curve"})],
        "columns": [Mapping, None],
        "scale": [StrOptions({"fraction", "percent"})],
        "by": [str, None],
        "revenue_curve": [StrOptions({"power", "quadratic", "logistic"}), tuple, list, callable],
        "cost_curve": [StrOptions({"power", "quadratic", "logistic"}), tuple, list, callable],
        "limits": [tuple, list, None],
        "step": [interval(0, 0.25, closed="right"), None],
        "lead_time_scaling": [StrOptions({"sqrt", "linear"})],
        "level": [interval(0, 1)],
    }

    optimum_: pd.DataFrame
    maxima_: pd.DataFrame | None
    coefficients_: pd.DataFrame | None
    sensitivity_: pd.DataFrame | None
    curves_: dict[Any, FittedCurves] | None
    messages_: list[str]
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        form: str = "newsvendor",
        columns: Mapping[str, str] | None = None,
        scale: str = "fraction",
        by: str | None = None,
        revenue_curve: Any = "power",
        cost_curve: Any = "power",
        limits: Sequence[float] | None = None,
        step: float | None = 0.01,
        lead_time_scaling: str = "sqrt",
        level: float = 0.95,
    ) -> None:
        self.form = form
        self.columns = columns
        self.scale = scale
        self.by = by
        self.revenue_curve = revenue_curve
        self.cost_curve = cost_curve
        self.limits = limits
        self.step = step
        self.lead_time_scaling = lead_time_scaling
        self.level = level

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the items, or fit the curves and find their optimum.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_rows, n_columns)
            One row an item, or in the curve form an observation, such as a site in a month. An
            array has the columns in the order of ``columns``, then ``by``.
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, or one is given that the form does not use.
        custvalue.exceptions.DataError
            If a column is missing, a number is missing or negative, a service level is outside its
            scale, both costs of an item are 0, money is too large or too small to reckon with, or
            there are fewer different service levels than coefficients.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            curve: if the optimum is an end of the limits or outside the levels observed, or its
            interval is the whole range; if there are several local maxima, the profit is the same
            everywhere, or revenue does not rise with the service level. newsvendor: if ``sd`` is
            above half of ``mean``. newsvendor and marginal: if ``profit_gain`` is unknown for the
            service level of an item. All: if no service level is above 1 though they are per cent.
        """
        self._validate_params()
        require_used(self.form, self.get_params(deep=False), type(self)().get_params(deep=False))
        names = column_names(self.form, self.columns)
        self.messages_: list[str] = []
        if self.form == "curve":
            return self._fit_curves(X, names)
        table = self._read_items(X)
        items, now = self._items(table), self._now(table)
        answer = item_answer(items, now, self.step, TOP[self.scale])
        self.optimum_ = pd.DataFrame(
            {
                "service_level": [answer["optimal_service_level"].mean()],
                "profit": [answer["optimal_profit"].sum()],
                "n_rows": [len(table)],
            },
            index=pd.Index([EVERYTHING], name="group"),
        )
        self.maxima_ = self.coefficients_ = self.sensitivity_ = self.curves_ = None
        remember_columns(self, table)
        self.messages_ = self._doubts(items, now, table)
        self._warn(self.messages_)
        return self

    def transform(self, X: Any) -> Any:
        """Return the best service level of each row, and what it would gain by it.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array
            The columns of `fit`. In the curve form a frame needs only the service level, and the
            group where there is one.

        Returns
        -------
        frame of shape (n_rows, n_columns)
            ``optimal_service_level``; ``service_level_gap``, the optimum less the level of the row;
            ``optimal_profit``, the expected profit at the optimum; ``profit_gain``, that less the
            profit at the level of the row. Gap and gain are NaN where items have no level; the gain
            is NaN too where a level has no profit: marginal, below 50 %; newsvendor and marginal,
            100 %, unless its infinite stock costs nothing. The profit is per period; in the
            marginal form per year and counted from a level of 50 %.

            newsvendor adds ``safety_factor`` z, ``stock`` in units and ``mismatch_cost``, the
            expected cost of units too few and too many; marginal adds ``safety_factor``,
            ``safety_stock``, ``profit_per_point`` dP and ``cost_per_safety_factor`` K.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            As in `fit`, and if a group was not fitted.
        """
        check_is_fitted(self)
        if self.curves_ is None:
            table = self._read_items(X)
            items, now = self._items(table), self._now(table)
            answer = item_answer(items, now, self.step, TOP[self.scale])
            self._warn(self._doubts(items, now, table))
            return self._frame(table, {name: answer[name] for name in self._output_columns})
        rows, codes = self._read_levels(X)
        self._warn(self._scale_doubts(rows.level))
        optima = self.optimum_["service_level"].to_numpy()
        return self._frame(rows.table, curve_answer(self._profits(), optima, codes, rows.level))

    def sensitivity(self, X: Any) -> Any:
        """Return by how many per cent the best level of each row changes if an input grows by 1 %.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array
            As for `transform`.

        Returns
        -------
        frame of shape (n_rows, n_inputs)
            Elasticities of the best level, a column an input: the columns of an item by their
            roles, or "revenue", "cost" and the coefficients. Those of the marginal form are for a
            level that may be any number.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            As in `transform`.
        """
        check_is_fitted(self)
        if self.sensitivity_ is None:
            table = self._read_items(X)
            return self._frame(table, item_elasticities(self._items(table), self.step))
        rows, codes = self._read_levels(X)
        by_group = self.sensitivity_["service_level"].unstack("input", sort=False)
        values = by_group.to_numpy()[codes]
        names = [str(name) for name in by_group.columns]
        return self._frame(rows.table, dict(zip(names, values.T, strict=True)))

    def compare(self, scenarios: Mapping[Any, Mapping[str, float]], X: Any = None) -> pd.DataFrame:
        """Find the optimum again under other conditions.

        Parameters
        ----------
        scenarios : mapping of name to mapping of change to number
            Changes of the curve form: ``revenue_factor`` and ``cost_factor`` multiply a curve;
            ``revenue_shift`` and ``cost_shift`` move it to the right, in units of the level: a cost
            curve moved by 5 points gives each level at the cost that 5 points less had; and
            ``fixed_cost`` is added. Of the other forms: the columns by their roles, with factors.
        X : table, optional
            The items; not in the curve form.

        Returns
        -------
        pandas.DataFrame
            First the row "base", then one a scenario; with ``by`` those of every group. curve:
            ``service_level``, ``revenue``, ``cost`` and ``profit`` at the new optimum,
            ``service_level_change`` and ``profit_change`` from the base, and ``saved_at_base``,
            what the old optimal level costs less than before. Other forms: ``service_level`` (mean
            of the items), ``stock`` (sum; of the marginal form the safety stock), ``profit`` (sum),
            ``service_level_change`` and ``profit_change``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        TypeError
            If scenarios are no mapping of mappings.
        ValueError
            If a change is unknown or no finite number, or X is missing.
        """
        check_is_fitted(self)
        if self.curves_ is None:
            if X is None:
                raise ValueError(f"X must hold the items (form={self.form!r}); found None")
            known = checked_scenarios(scenarios, ROLES[self.form][:-1])
            items = self._items(self._read_items(X))
            return item_scenarios(items, known, self.step, TOP[self.scale])
        known = checked_scenarios(scenarios, CHANGES)
        frame = curve_scenarios(self.optimum_.index, self._profits(), known)
        return frame if self.by is not None else frame.droplevel(0)

    def profit_curve(self, levels: Any = None) -> pd.DataFrame:
        """Return revenue, cost and profit over the service level, in the curve form.

        Parameters
        ----------
        levels : array-like of float, optional
            Service levels. Left out, 201 over the limits.

        Returns
        -------
        pandas.DataFrame
            Index: the group and ``service_level``. Columns ``revenue``, ``cost``, ``profit`` and
            its pointwise interval, ``lower`` and ``upper``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If the form is another, or a level is not within the scale.
        """
        check_is_fitted(self)
        if self.curves_ is None:
            raise ValueError(f"profit_curve needs form='curve'; found {self.form!r}")
        places = None if levels is None else np.asarray(levels, dtype=np.float64)
        if places is not None and not ((places >= 0) & (places <= TOP[self.scale])).all():
            raise ValueError(f"levels must be from 0 to {TOP[self.scale]:g}; found {levels!r}")
        models = list(self.curves_.values())
        return profit_frame(self.optimum_.index, self._profits(), models, places, self.level)

    @property
    def _output_columns(self) -> tuple[str, ...]:  # type: ignore[override]
        return (*_COMMON, *_MORE[self.form])

    def _fit_curves(self, X: Any, names: dict[str, str]) -> Self:
        """Fit the curves of every group, and set what follows from them."""
        limits = checked_limits(self.limits, TOP[self.scale])
        given = self._curves()
        rows = self._read_observations(X, self._asked(names))
        groups = range(len(rows.keys))
        said = ["" if self.by is None else f" of {self.by} {key}" for key in rows.keys]
        models = [fit_group(rows, group, given, said[group]) for group in groups]
        functions = self.revenue_curve, self.cost_curve
        profits = [profit_of(model, functions, limits) for model in models]
        optima = [find_optimum(profit) for profit in profits]
        keys, name = rows.keys, self.by or "group"
        self.curves_ = dict(zip(keys, models, strict=True))
        self.optimum_ = optimum_frame(keys, profits, optima, models, self.level, name)
        self.maxima_ = maxima_frame(keys, profits, optima, name)
        self.coefficients_ = coefficient_frame(self.curves_, name)
        self.sensitivity_ = sensitivity_frame(keys, profits, optima, name)
        unknown = whole_range(self.optimum_, limits)
        self.messages_ = self._scale_doubts(rows.level)
        for group in groups:
            self.messages_ += warnings_of(
                said[group], optima[group], models[group], bool(unknown[group])
            )
        remember_columns(self, rows.table)
        self._warn(self.messages_, stacklevel=4)
        return self

    def _warn(self, sentences: list[str], stacklevel: int = 3) -> None:
        for sentence in sentences:
            warnings.warn(sentence, DataQualityWarning, stacklevel=stacklevel)

    def _scale_doubts(self, level: FloatArray) -> list[str]:
        name = column_names(self.form, self.columns)["service_level"]
        return scale_doubts(level, TOP[self.scale], name)

    def _doubts(self, items: Items, now: FloatArray | None, table: Table) -> list[str]:
        doubts = [] if now is None else self._scale_doubts(now)
        return doubts + item_doubts(items, now, TOP[self.scale], table.index)

    def _now(self, table: Table) -> FloatArray | None:
        return table.columns.get(column_names(self.form, self.columns)["service_level"])

    def _curves(self) -> tuple[Any, Any]:
        return (
            checked_curve(self.revenue_curve, "revenue_curve"),
            checked_curve(self.cost_curve, "cost_curve"),
        )

    def _asked(self, names: dict[str, str]) -> dict[str, str]:
        """Return the columns of the level and of the curves that are to be fitted."""
        revenue, cost = (isinstance(curve, str) for curve in self._curves())
        wanted = {"service_level": True, "revenue": revenue, "cost": cost}
        return {role: name for role, name in names.items() if wanted[role]}

    def _read_observations(self, X: Any, names: dict[str, str]) -> Observations:
        return read_observations(X, names, self.by, self.scale, type(self).__name__)

    def _read_levels(self, X: Any) -> tuple[Observations, AnyArray]:
        """Return the rows asked about, and the place of the fitted group of each."""
        asked = self._asked(column_names(self.form, self.columns))
        rows = read_observations(
            X, levels_only(X, asked), self.by, self.scale, type(self).__name__, answers=True
        )
        return rows, require_known_groups(rows, list(self.optimum_.index), self.by)

    def _profits(self) -> list[Profit]:
        limits = checked_limits(self.limits, TOP[self.scale])
        functions = self.revenue_curve, self.cost_curve
        models = (self.curves_ or {}).values()
        return [profit_of(model, functions, limits) for model in models]

    def _read_items(self, X: Any) -> Table:
        names = column_names(self.form, self.columns)
        return read_items(X, self.form, names, self.scale, type(self).__name__)

    def _items(self, table: Table) -> Items:
        names = column_names(self.form, self.columns)
        columns: list[FloatArray] = [table[names[role]] for role in ROLES[self.form][:-1]]
        return items_of(self.form, columns, root=self.lead_time_scaling == "sqrt")
