"""PerfectOrder: which orders are perfect, how many, and what keeps the others from it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, as_day, interval, whole_numbers
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._typing import AnyArray
from custvalue.service._order_lines import state_patterns
from custvalue.service._order_lines_frames import sorted_groups
from custvalue.service._order_lines_input import (
    ReadLines,
    choose_parts,
    read_order_lines,
    warn_of_dropped,
)
from custvalue.service._order_lines_quality import quality_counts
from custvalue.service._order_lines_rules import (
    CRITERIA,
    FLAGS,
    MOST_DAYS,
    PARTS,
    LineRules,
    check_columns,
    check_names_of_columns,
    needs,
)
from custvalue.service._perfect_order import perfect_orders
from custvalue.service._perfect_order_tables import (
    PERFECT,
    attribution_table,
    component_table,
    difference_table,
    group_numbers,
    observed_table,
    order_frame,
    states_of,
)

__all__ = ["PerfectOrder"]


class PerfectOrder(OutputMixin, PersistenceMixin, BaseEstimator):
    r"""Tell which orders are perfect, and what keeps the others from it.

    An order is perfect if all of its lines come on time, in full, undamaged and with correct
    documents. The *observed* share counts such orders. The *product* of the shares of the criteria,
    the usual index, is what it would be if failures were independent [1]_:

    .. math:: \text{observed} = \frac{\#\{\text{orders that meet all}\}}{\#\{\text{orders}\}},
              \qquad \text{product} = \prod_j p_j .

    Failures that come together, a late truck whose papers are wrong too, make the observed share
    larger than the product. ``difference_`` says by how much, and ``attribution_`` what each
    criterion costs.

    Parameters
    ----------
    by : str or sequence of str, or None, default=None
        Columns to group by: customer segment, region, warehouse. An order whose lines are in
        several groups counts in each, with the lines that it has there. The labels of the groups
        are part of the fitted estimator and of its file: for a table by customer take
        `order_line_metrics`.
    criteria : sequence of str, default=("on_time", "in_full", "undamaged", "documents")
        Some of these, and columns of X that are True where a line meets a criterion of your own,
        such as ``"right_place"`` or ``"right_price"``.
    columns : mapping of str to str, or None, default=None
        Names of columns that differ from the part they play, such as ``{"order": "order_no"}``. The
        parts are ``order``; ``promised`` or ``requested``, and ``delivered``, for "on_time";
        ``ordered`` and ``delivered_quantity`` for "in_full"; ``damaged`` for "undamaged";
        ``documents_correct`` for "documents"; and, if they are there, ``customer`` (an order of two
        customers is an error) and ``placed`` (lines placed after ``as_of`` do not count).
    reference : {"promised", "requested"}, default="promised"
        The day that a delivery must keep.
    tolerance : int, default=0
        Days after the reference day that still count as on time.
    early : int or None, default=None
        Days before the reference day that still count as on time; None: early is on time.
    as_of : str, date or Timestamp, or None, default=None
        The day from which the lines are looked at. A line without a delivery is then late once it
        is overdue, and short unless its quantity is known; before that it is open: neither late nor
        short. Deliveries after this day are not known yet, and lines ``placed`` after it do not
        count. None: a line without a day of
        delivery is not known to be late, and a quantity short of the order is taken as final.
    on_negative : {"raise", "drop"}, default="raise"
        What negative quantities (returns) mean: an error, or lines left out with a warning that
        counts them.
    level : float, default=0.95
        Confidence of the intervals.

    Attributes
    ----------
    observed_ : pandas.DataFrame of shape (n_groups, 8)
        Index: the groups, or "all". ``orders``; ``known``, those of which it is known whether they
        are perfect; ``perfect_orders``; ``perfect``, their share among the known, with the interval
        of Wilson ``lower``, ``upper``; ``lowest`` and ``highest``, the share of all orders if every
        unknown one fails, and if none does.
    components_ : pandas.DataFrame of shape (n_groups * n_criteria, 4)
        Index: group and ``criterion``. ``known``, the orders of which the criterion is known, the
        ``share`` of them that meet it, and its interval ``lower``, ``upper``.
    product_ : pandas.Series of shape (n_groups,)
        Product of the shares of the criteria.
    difference_ : pandas.DataFrame of shape (n_groups, 5)
        ``observed``, ``product``, and their ``difference`` in two parts that add up to it:
        ``dependence``, the difference on orders of which every criterion is known, and ``unknown``,
        what the other orders do to both.
    attribution_ : pandas.DataFrame of shape (n_groups * n_criteria, 4)
        Index: group and ``criterion``. Shares of the known orders: that ``failed`` the criterion;
        that failed it ``alone``, and would be perfect without; ``attribution``, what the criterion
        costs, which adds up to 1 - ``perfect``; and the latter as a ``share`` of that sum.
    data_quality_ : pandas.Series
        How many lines and orders were read and left out, and of how many orders each criterion is
        unknown.
    n_features_in_ : int
        Number of columns that the criteria and groups need.
    feature_names_in_ : ndarray of str
        Their names.

    See Also
    --------
    order_line_metrics : On time, in full, fill rates and order cycles from the same lines.
    custvalue.plotting.FunnelDisplay : Which groups are worse than chance allows.

    Notes
    -----
    A criterion of an order is False if a line fails it, else unknown if it is unknown of a line,
    else True; and so is ``perfect`` with its criteria. What is unknown is not failed, and counts in
    no share. But an order with something unknown may still be known to fail, and cannot be known to
    be perfect: where much is unknown, ``perfect`` is too low, which shows in ``difference_`` as
    ``unknown``, and ``lowest`` and ``highest`` are what is certain.

    The attribution is the Shapley value [2]_ of the game in which a set of criteria is worth the
    share of orders that fail in any of them. An order with k failures gives 1 / k to each.

    Lines that order 0 have no service level: they are left out and counted.

    The eight rights of logistics (right product, quantity, condition, place, time, customer, price
    and documents) are the four criteria, for time, quantity, condition and documents, and four
    columns of X that are True where a line is right, as in the second example.

    References
    ----------
    .. [1] R. A. Novack and D. J. Thomas (2004), "The Challenges of Implementing the Perfect Order
       Concept", Transportation Journal 43(1), 5-16.
    .. [2] L. S. Shapley (1953), "A Value for n-Person Games", Contributions to the Theory of Games
       II, 307-317.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.service import PerfectOrder
    >>> lines = pd.DataFrame({
    ...     "order": [1, 1, 2, 3, 4],
    ...     "promised": pd.to_datetime(["2025-03-03"] * 5),
    ...     "delivered": pd.to_datetime(["2025-03-03"] * 3 + ["2025-03-05"] * 2),
    ...     "ordered": [10, 5, 20, 8, 8],
    ...     "delivered_quantity": [10, 5, 20, 6, 8],
    ...     "damaged": [False, None, False, False, False],
    ...     "documents_correct": [True, True, True, True, True],
    ... })
    >>> perfect = PerfectOrder().fit(lines)
    >>> perfect.transform(lines)
           on_time  in_full  undamaged  documents  perfect
    order
    1         True     True       <NA>       True     <NA>
    2         True     True       True       True     True
    3        False    False       True       True    False
    4        False     True       True       True    False
    >>> perfect.observed_[["orders", "known", "perfect", "lowest", "highest"]].round(4)
           orders  known  perfect  lowest  highest
    group
    all         4      3   0.3333    0.25      0.5
    >>> perfect.attribution_.loc["all", "attribution"].round(4).to_dict()
    {'on_time': 0.5, 'in_full': 0.1667, 'undamaged': 0.0, 'documents': 0.0}

    All eight rights:

    >>> lines["damaged"] = False
    >>> lines = lines.assign(right_product=True, right_place=[True, True, False, True, True],
    ...                      right_customer=True, right_price=True)
    >>> rights = ("right_product", "in_full", "undamaged", "right_place", "on_time",
    ...           "right_customer", "right_price", "documents")
    >>> PerfectOrder(criteria=rights).fit(lines).observed_["perfect"].tolist()
    [0.25]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "by": [str, tuple, list, None],
        "criteria": [tuple, list],
        "columns": [dict, None],
        "reference": [StrOptions({"promised", "requested"})],
        "tolerance": [whole_numbers(0, MOST_DAYS)],
        "early": [whole_numbers(0, MOST_DAYS), None],
        "as_of": [str, datetime.date, np.datetime64, None],
        "on_negative": [StrOptions({"raise", "drop"})],
        "level": [interval(0, 1)],
    }

    observed_: pd.DataFrame
    components_: pd.DataFrame
    product_: pd.Series
    difference_: pd.DataFrame
    attribution_: pd.DataFrame
    data_quality_: pd.Series
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        by: str | Sequence[str] | None = None,
        criteria: Sequence[str] = CRITERIA,
        columns: Mapping[str, str] | None = None,
        reference: str = "promised",
        tolerance: int = 0,
        early: int | None = None,
        as_of: str | datetime.date | np.datetime64 | None = None,
        on_negative: str = "raise",
        level: float = 0.95,
    ) -> None:
        self.by = by
        self.criteria = criteria
        self.columns = columns
        self.reference = reference
        self.tolerance = tolerance
        self.early = early
        self.as_of = as_of
        self.on_negative = on_negative
        self.level = level

    def fit(self, X: Any, y: Any = None) -> Self:
        """Count perfect orders by group, and what the others fail in.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, DuckDB relation, Ibis table, path or glob
            One row per order line. A path names Parquet or CSV files. Neither changed nor kept.
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is not what it must be.
        custvalue.exceptions.DataError
            If a column is missing or of a wrong type, an order number is missing or belongs to
            several customers, a quantity is infinite or negative, or a flag is neither True nor
            False.
        TypeError
            If X is not a table.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If lines with a negative quantity are left out.
        """
        by = self._checked_groups()
        with self._read(X, by) as read:
            warn_of_dropped(read)
            self._learn(read, by)
        return self

    def transform(self, X: Any) -> Any:
        """Return one row an order: whether it meets each criterion, and whether it is perfect.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, DuckDB relation, Ibis table, path or glob
            One row per order line.

        Returns
        -------
        frame of shape (n_orders, n_criteria + 1)
            Of the kind of X, sorted by order, an Ibis table not yet run from Ibis tables: True,
            False, or missing where it is not known. Each order is judged by all of its lines;
            orders of lines that order 0 are left out.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        custvalue.exceptions.DataError
            As in ``fit``.
        TypeError
            If X is not a table.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If lines with a negative quantity are left out.
        """
        check_is_fitted(self)
        self._checked_groups()
        with self._read(X, ()) as read:
            warn_of_dropped(read)
            kind = self._output_kind(read.opened.kind)
            return order_frame(read, self._named_criteria(read), kind)

    def get_feature_names_out(self, input_features: Any = None) -> AnyArray:
        """Return the names of the columns that ``transform`` gives, the order's id apart.

        Parameters
        ----------
        input_features : array-like of str or None
            Ignored.

        Returns
        -------
        ndarray of str of shape (n_criteria + 1,)
            They depend on the parameters alone.
        """
        check_is_fitted(self)
        return np.asarray([*self.criteria, PERFECT], dtype=object)

    def _checked_groups(self) -> tuple[str, ...]:
        """Check the parameters, and return the columns to group by."""
        self._validate_params()
        columns = check_columns(self.columns)
        own = check_names_of_columns(self.criteria, "criteria", (PERFECT, *PARTS))
        order = columns.get("order", "order")
        if not own or order in own:
            raise ValueError(
                f"criteria must name at least one criterion, and not the order; found {own!r}"
            )
        if order == PERFECT:
            raise ValueError(f"columns must not name the order {PERFECT!r}, a column of the result")
        taken = [columns[part] for part in FLAGS if columns.get(part) in own]
        if taken:
            raise ValueError(
                f"criteria must not name the column of {' or '.join(FLAGS)}; found {taken[0]!r} "
                "('undamaged' and 'documents' are the criteria that read them)"
            )
        return check_names_of_columns(self.by, "by", ("criterion",))

    def _read(self, X: Any, by: tuple[str, ...]) -> Any:
        """Open order lines and sum them by group and order."""
        rules = LineRules(
            reference=self.reference,
            tolerance=int(self.tolerance),
            early=None if self.early is None else int(self.early),
            as_of=None if self.as_of is None else as_day(self.as_of, "as_of"),
            on_negative=self.on_negative,
            counted=tuple(name for name in self.criteria if name in CRITERIA),
        )
        optional = ["customer", self.reference, "delivered", "ordered", "delivered_quantity"]
        if self.as_of is not None:
            optional.append("placed")
        parts = choose_parts(X, check_columns(self.columns), self._required(), optional)
        flags = [name for name in self.criteria if name not in CRITERIA]
        return read_order_lines(X, parts, rules, type(self).__name__, by=by, flags=flags)

    def _required(self) -> tuple[str, ...]:
        known = [name for name in self.criteria if name in CRITERIA]
        return ("order", *(part for name in known for part in needs(name, self.reference)))

    def _named_criteria(self, read: ReadLines) -> dict[str, str]:
        """Return from the name of each criterion to that of its column."""
        parts = iter(read.rules.flags)
        return {name: name if name in CRITERIA else next(parts) for name in self.criteria}

    def _learn(self, read: ReadLines, by: tuple[str, ...]) -> None:
        named, groups = self._named_criteria(read), read.rules.groups
        names = list(named)
        patterns = state_patterns(read.orders, list(named.values()), groups)
        rows = sorted_groups(read.opened.collect(patterns), groups)
        numbers, labels = group_numbers(rows, groups, by)
        counts = rows["orders"].to_numpy().astype(np.float64)
        states = states_of(rows, len(names))
        found = perfect_orders(states, counts, numbers, len(labels), self.level)
        self.observed_ = observed_table(found, labels)
        self.components_ = component_table(found, labels, names)
        self.product_ = pd.Series(found.product, index=labels, name="product")
        self.difference_ = difference_table(found, labels)
        self.attribution_ = attribution_table(found, labels, names)
        unknown = (found.orders[:, None] - found.component_known).sum(axis=0).astype(np.int64)
        of = dict(zip(names, unknown.tolist(), strict=True))
        quality = quality_counts(read.counts, of, grouped=bool(by))
        self.data_quality_ = pd.Series(quality, name="data_quality")
        self._remember(by)

    def _remember(self, by: tuple[str, ...]) -> None:
        columns = check_columns(self.columns)
        parts = [columns.get(part, part) for part in self._required()]
        own = [name for name in self.criteria if name not in CRITERIA]
        names = list(dict.fromkeys((*parts, *own, *by)))
        self.n_features_in_ = len(names)
        self.feature_names_in_ = np.asarray(names, dtype=object)
