"""Which few items bring most of the value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import Table, read_columns, remember_columns, require
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._numerics.concentration import gini
from custvalue._tables.sql import checked_dialect, checked_table
from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.exceptions import DataError
from custvalue.service._abc_analysis import (
    LOSS,
    checked_cuts,
    checked_xyz_cuts,
    class_labels,
    class_names,
    class_totals,
    coefficient_of_variation,
    counted_values,
    cross_table,
    least_values,
    sticky_classes,
    total_value,
    variability_classes,
)
from custvalue.service._abc_curve import ParetoCurve, lorenz_points, pareto_curve
from custvalue.service._abc_input import Columns, read_items, read_last_classes
from custvalue.service._abc_sql import ABCRules, abc_query
from custvalue.service._products import require_distinct

__all__ = ["ABCAnalysis"]


class ABCAnalysis(OutputMixin, PersistenceMixin, BaseEstimator):
    r"""Sort products, customers or services into classes by what they bring (Pareto's principle).

    A few items bring most of the value: often 20 % of the products 80 % of the sales (A), the next
    50 % another 15 % (B), the last 30 % the remaining 5 % (C). With items in descending order of
    value :math:`v_1 \ge v_2 \ge \dots \ge v_n`, the share *before* item :math:`i` is

    .. math:: b_i = \frac{\sum_{j : v_j > v_i} v_j}{\sum_j v_j} \quad \text{(rule "value")},
              \qquad b_i = \frac{|\{j : v_j > v_i\}|}{n} \quad \text{(rule "count")},

    and the item is in the first class whose cut exceeds it. So the first item is always A, even
    where it alone holds more than the cut, and equal values are in one class. A share that reaches
    a cut exactly is in the next class.

    `fit` learns the least value of each class; `transform` sorts any row by these thresholds. On
    the fitted table both give the same classes.

    Parameters
    ----------
    value : str, default="value"
        Column of value, such as yearly sales in any currency.
    rule : {"value", "count"}, default="value"
        Whether the cuts are shares of the value or of the items.
    cuts : sequence of float or None, default=None
        Where each class but the last ends, ascending, between 0 and 1; one cut more is one class
        more, up to twelve. None takes (0.80, 0.95) for the rule "value" and (0.20, 0.70), that is
        20, 50 and 30 % of the items, for "count".
    variability : str, sequence of str, callable or None, default=None
        Adds the classes X, Y and Z of steady, changing and erratic demand. A name: the column of
        coefficients of variation, at least 0. Several names, or a column selector: columns of the
        demand in each period, at least two, of which the coefficient is the sample standard
        deviation (``ddof=1``) over the mean. A row whose mean is not above zero has none and is Z.
    xyz_cuts : sequence of float, default=(0.5, 1.0)
        The largest coefficient of X and the largest of Y.
    hysteresis : float, default=0.0
        How far beyond a threshold the value of an item must be before it leaves the class in
        ``previous``, as a share of the threshold: with 0.1 it falls from A below 90 % of the least
        value of A, and rises to A at 110 %. From 0 to below 1. It keeps items near a threshold from
        changing class every period.
    previous : str or None, default=None
        Column of each item's class in the last period, read by `transform`; missing where an item
        is new. `fit` takes no notice of it.
    negative : {"raise", "zero", "own_class"}, default="raise"
        What a negative value is, where more was returned than sold. "raise": an error. "zero": it
        counts as 0. "own_class": it is in a class of its own, N, and no part of any share.

    Attributes
    ----------
    thresholds_ : pandas.Series of shape (n_classes - 1,)
        Least value of each class but the last. Always above zero. A class whose threshold is that
        of the class before is empty.
    cuts_ : tuple of float
        The cuts used.
    class_summary_ : pandas.DataFrame
        Index ``class``. Columns ``items``, ``item_share``, ``value`` and ``value_share``, the
        share of the total. By the rule alone, without ``previous``.
    xyz_summary_ : pandas.DataFrame or None
        Number of fitted items by class and variability; None without ``variability``.
    curve_ : pandas.DataFrame
        Columns ``value``, ``item_share`` and ``value_share``: what share of the items, and of the
        total, is worth at least so much. Descending values; all distinct ones where there are at
        most 400, else some 400 of them.
    lorenz_ : pandas.DataFrame
        The Lorenz curve: ``value_share`` held by the ``item_share`` of least value, at no more than
        101 points.
    gini_ : float
        Gini coefficient of the values: 0 where all are equal, near 1 where one item holds all.
    total_ : float
        Sum of the values, negative ones left out.
    n_items_ : int
        Number of fitted items, those of class N included.
    variability_columns_ : tuple of str
        The columns that ``variability`` stands for.
    n_features_in_ : int
        Number of columns of numbers used.
    feature_names_in_ : ndarray of str
        Their names; only where X is a frame.

    See Also
    --------
    custvalue.plotting.ABCDisplay : The curve and its classes.
    custvalue.service.PortfolioMatrix : Two measures at once, volume and profit.

    Notes
    -----
    * An item of value 0 is in the last class under both rules. All items of one value are all A.
    * A total that is not above zero has no shares and is an error.
    * `transform` answers each row by itself, whatever the other rows are.
    * Where a value is missing, `transform` raises; the query of `to_sql` gives NULL.

    References
    ----------
    Dickie, H. F. (1951). ABC inventory analysis shoots for dollars, not pennies. *Factory
    Management and Maintenance*, 109(7), 92-94.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.service import ABCAnalysis
    >>> sales = [500.0, 300, 80, 50, 30, 15, 10, 7, 5, 3]
    >>> products = pd.DataFrame({"value": sales}, index=list("abcdefghij"))
    >>> analysis = ABCAnalysis().fit(products)
    >>> analysis.transform(products).head(6)
      class  cumulative_share
    a     A             0.500
    b     A             0.800
    c     B             0.880
    d     B             0.930
    e     B             0.960
    f     C             0.975
    >>> analysis.thresholds_.to_dict(), round(analysis.gini_, 3)
    ({'A': 300.0, 'B': 30.0}, 0.704)
    >>> analysis.class_summary_
           items  item_share  value  value_share
    class
    A          2         0.2  800.0         0.80
    B          3         0.3  160.0         0.16
    C          5         0.5   40.0         0.04

    By number of items:

    >>> ABCAnalysis(rule="count").fit(products).class_summary_["items"].to_dict()
    {'A': 2, 'B': 5, 'C': 3}

    Next year, an A that slips a little stays one:

    >>> later = pd.DataFrame({"value": [280.0, 200.0], "last_class": "A"}, index=["b", "x"])
    >>> sticky = ABCAnalysis(previous="last_class", hysteresis=0.1).fit(products)
    >>> sticky.transform(later)["class"].to_dict()
    {'b': 'A', 'x': 'B'}

    The rules as SQL:

    >>> print(analysis.to_sql(table="sales"))
    SELECT
      *,
      CASE
        WHEN CAST("value" AS DOUBLE) BETWEEN -1.7976931348623157e+308 AND 1.7976931348623157e+308
        THEN CASE
          WHEN CAST("value" AS DOUBLE) < 0.0e0
          THEN NULL
          WHEN CAST("value" AS DOUBLE) >= 300.0e0
          THEN 'A'
          WHEN CAST("value" AS DOUBLE) >= 30.0e0
          THEN 'B'
          ELSE 'C'
        END
      END AS "class"
    FROM "sales"
    """

    _output_columns = ("class", "cumulative_share")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "value": [str],
        "rule": [StrOptions({"value", "count"})],
        "cuts": ["array-like", None],
        "variability": [str, "array-like", callable, None],
        "xyz_cuts": ["array-like"],
        "hysteresis": [interval(0, 1, closed="left")],
        "previous": [str, None],
        "negative": [StrOptions({"raise", "zero", "own_class"})],
    }

    thresholds_: pd.Series
    cuts_: tuple[float, ...]
    class_summary_: pd.DataFrame
    xyz_summary_: pd.DataFrame | None
    curve_: pd.DataFrame
    lorenz_: pd.DataFrame
    gini_: float
    total_: float
    n_items_: int
    variability_columns_: tuple[str, ...]
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        value: str = "value",
        rule: str = "value",
        cuts: Sequence[float] | None = None,
        variability: str | Sequence[str] | Callable[[pd.DataFrame], Sequence[str]] | None = None,
        xyz_cuts: Sequence[float] = (0.5, 1.0),
        hysteresis: float = 0.0,
        previous: str | None = None,
        negative: str = "raise",
    ) -> None:
        self.value = value
        self.rule = rule
        self.cuts = cuts
        self.variability = variability
        self.xyz_cuts = xyz_cuts
        self.hysteresis = hysteresis
        self.previous = previous
        self.negative = negative

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the least value of each class, and how concentrated the value is.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_items, n_columns)
            One row an item, named by the index (in polars and pyarrow by the first column). An
            array holds the value, then the columns of variability, then the last class.
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, cuts do not ascend, or a column plays two parts.
        custvalue.exceptions.DataError
            If a column is missing, a value is no finite number, a value is negative and must not
            be, the total is zero or too large for a float, or an item is there twice.
        """
        self._validate_params()
        cuts = checked_cuts(self.cuts, self.rule)
        checked_xyz_cuts(self.xyz_cuts)
        columns = self._columns(self._variability_columns(X))
        table = read_items(X, columns, owner=type(self).__name__)
        self._check(table, columns)
        require_distinct(table)
        counted = self._counted(table)
        least = least_values(counted, cuts, self.rule)
        self.cuts_ = cuts
        self.variability_columns_ = columns.variability
        self.thresholds_ = pd.Series(
            least, index=pd.Index(class_names(len(cuts))[:-1], name="class"), name="least_value"
        )
        self._describe(counted)
        self._summarise(table)
        remember_columns(self, table)
        return self

    def transform(self, X: Any) -> Any:
        """Return the class of each item, and how much items worth at least as much hold.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_items, n_columns)
            The columns of `fit`, and ``previous``.

        Returns
        -------
        frame of shape (n_items, 2) or (n_items, 4)
            ``class``; ``cumulative_share``, the share of the fitted total that items worth at least
            as much hold, the item included, read from ``curve_`` with straight lines between its
            points: exact for fitted values where at most 400 differ, else off by less than 0.01.
            With ``variability`` also ``xyz``, and ``abc_xyz``, both letters.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            If a column is missing, a value is no finite number, a value is negative and must not
            be, or a last class is none of the classes.
        """
        check_is_fitted(self)
        columns = self._columns(self.variability_columns_)
        table = read_items(X, columns, owner=type(self).__name__)
        self._check(table, columns)
        values = table[self.value]
        labels = self._labels(values, self._last(X))
        curve = ParetoCurve(*(self.curve_[name].to_numpy() for name in self.curve_))
        out = {"class": labels, "cumulative_share": curve.share_at(values)}
        if self.variability_columns_:
            xyz = self._variability(table)
            out |= {"xyz": xyz, "abc_xyz": labels + xyz}
        return self._frame(table, out)

    def get_feature_names_out(self, input_features: Any = None) -> AnyArray:
        """Return the names of the columns that `transform` gives.

        Parameters
        ----------
        input_features : array-like of str or None
            Ignored.

        Returns
        -------
        ndarray of str of shape (2,) or (4,)
            The last two only with ``variability``.
        """
        check_is_fitted(self)
        more = ("xyz", "abc_xyz") if self.variability_columns_ else ()
        return np.asarray([*self._output_columns, *more], dtype=object)

    def to_sql(self, dialect: str = "duckdb", table: str | Sequence[str] = "products") -> str:
        """Return a query that sorts the rows of a database table, thresholds as constants.

        Parameters
        ----------
        dialect : str, default="duckdb"
            Dialect of SQL as the library sqlglot names it, such as "postgres" or "snowflake".
        table : str or sequence of str, default="products"
            Name of the table, taken as one name with any dots in it. A sequence gives schema and
            name, or catalogue, schema and name.

        Returns
        -------
        str
            It selects all columns and, as `transform`, ``class`` and with ``variability`` ``xyz``
            and ``abc_xyz``; no ``cumulative_share``. Where `transform` would raise because a number
            is missing, not finite or negative the class is NULL. A last class that is none counts
            as missing.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If the dialect is unknown, the table has no name of one to three parts, or a column that
            is read has the name of one that the query gives, in any case of the letters.
        """
        check_is_fitted(self)
        rules = ABCRules(
            names=class_names(len(self.cuts_)),
            thresholds=self.thresholds_.to_numpy(dtype=np.float64),
            hysteresis=float(self.hysteresis),
            negative=self.negative,
            xyz_cuts=checked_xyz_cuts(self.xyz_cuts),
        )
        columns = self._columns(self.variability_columns_)
        name = checked_table(table)
        return abc_query(columns, rules, table=name, dialect=checked_dialect(dialect))

    def _variability_columns(self, X: Any) -> tuple[str, ...]:
        if self.variability is None:
            return ()
        if isinstance(self.variability, str):
            return (self.variability,)
        names = read_columns(X, self.variability, "variability")
        if len(names) < 2:
            raise ValueError(
                "variability must be one column of coefficients, named as text, or at least two "
                f"columns of periods; found {names!r}"
            )
        return names

    def _columns(self, variability: tuple[str, ...]) -> Columns:
        columns = Columns(self.value, variability, self.previous)
        columns.require_different()
        return columns

    def _check(self, table: Table, columns: Columns) -> None:
        if self.negative == "raise":
            rule = f"{self.value} must not be negative where negative='raise'"
            require(table, table[self.value] >= 0, rule, [self.value])
        if len(columns.variability) == 1:
            [name] = columns.variability
            require(table, table[name] >= 0, f"{name} must not be negative", [name])

    def _counted(self, table: Table) -> FloatArray:
        """Return the values that are ranked, which must have a total."""
        counted = counted_values(table[self.value], self.negative)
        total = total_value(counted)
        if not 0.0 < total < float("inf"):
            raise DataError(
                f"{self.value} must have a total above zero and below 1.8e308 to be shared out; "
                f"found {total} in {len(table)} row(s), negative values left out"
            )
        return counted

    def _labels(self, values: FloatArray, last: IntArray | None = None) -> AnyArray:
        """Return the name of each item's class, given its last one where there is any."""
        if last is None:
            last = np.full(len(values), -1, dtype=np.int64)
        least = self.thresholds_.to_numpy(dtype=np.float64)
        places = sticky_classes(values, least, last, float(self.hysteresis))
        own = (values < 0) & (self.negative == "own_class")
        return class_labels(places, len(self.cuts_), own)

    def _last(self, X: Any) -> IntArray | None:
        """Return the place of each item's last class, -1 where it has none or had class N."""
        if self.previous is None:
            return None
        places = read_last_classes(X, self.previous, self._names(), owner=type(self).__name__)
        return np.where(places <= len(self.cuts_), places, -1)

    def _names(self) -> tuple[str, ...]:
        own = (LOSS,) if self.negative == "own_class" else ()
        return (*class_names(len(self.cuts_)), *own)

    def _variability(self, table: Table) -> AnyArray:
        columns = [table[name] for name in self.variability_columns_]
        given = len(columns) == 1
        variation = columns[0] if given else coefficient_of_variation(np.column_stack(columns))
        return variability_classes(variation, checked_xyz_cuts(self.xyz_cuts))

    def _describe(self, counted: FloatArray) -> None:
        """Set what is known of the concentration of the values."""
        curve = pareto_curve(counted, self.thresholds_.to_numpy(dtype=np.float64))
        self.curve_ = pd.DataFrame(
            {
                "value": curve.value,
                "item_share": curve.item_share,
                "value_share": curve.value_share,
            }
        )
        item_share, value_share = lorenz_points(counted)
        self.lorenz_ = pd.DataFrame({"item_share": item_share, "value_share": value_share})
        self.gini_ = gini(counted)
        self.total_ = total_value(counted)

    def _summarise(self, table: Table) -> None:
        """Set how many items each class has, and what they bring."""
        values, names = table[self.value], self._names()
        labels = self._labels(values)
        worth = np.maximum(values, 0.0) if self.negative == "zero" else values
        self.class_summary_ = class_totals(labels, worth, names)
        self.n_items_ = len(values)
        crossed = bool(self.variability_columns_)
        self.xyz_summary_ = (
            cross_table(labels, self._variability(table), names) if crossed else None
        )
