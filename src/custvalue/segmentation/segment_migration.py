"""Moves of customers between segments."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import remember_columns
from custvalue._estimator.mixed import MixedTable, read_mixed
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._typing import AnyArray, IntArray
from custvalue.exceptions import DataError
from custvalue.segmentation._migration_chain import chain_value, forecast_sizes, long_run
from custvalue.segmentation._migration_tests import chi_square_frame
from custvalue.segmentation._segment_migration import (
    ABSENT,
    MOVES,
    check_order,
    flow_frame,
    move_table,
    named_periods,
    period_counts,
    row_shares,
    segment_codes,
    segment_list,
    shares_of_moves,
    values_by_segment,
)

__all__ = ["SegmentMigration"]


class SegmentMigration(OutputMixin, PersistenceMixin, BaseEstimator):
    """Count who moved from which segment to which, and say what that means.

    X has a row a customer and a column a period, in the order of time; a value is the segment the
    customer was in. All pairs of consecutive periods are counted together. The counts become
    probabilities with intervals, tests of whether segments grow or shrink and whether moves change
    over time, a forecast of sizes, and the value of a customer in each segment.

    Parameters
    ----------
    periods : sequence of str, optional
        The columns of the periods, in the order of time. Left out: all columns, but for the first
        of a polars or pyarrow frame, which is the id.
    order : sequence, optional
        The segments from the best to the worst, so that moves go up or down. Left out, segments are
        sorted and moves have no direction.
    absent : {"drop", "state"}, default="drop"
        A missing value is a customer who was not there. "drop" counts moves of those who were there
        before and after; "state" makes absence a segment of its own, "Absent", the last one.
    level : float, default=0.95
        Level of the intervals; tests say something below a p value of ``1 - level``.

    Attributes
    ----------
    segments_ : list
        The segments, in order; "Absent" among them where it is a state.
    periods_ : list of str
        The columns of the periods.
    counts_ : pandas.DataFrame of shape (n_segments, n_segments)
        Number of moves from the segment of the row to that of the column.
    probabilities_ : pandas.DataFrame of shape (n_segments, n_segments)
        The same as shares of the row. NaN where nobody was seen leaving the segment.
    flows_ : pandas.DataFrame of shape (n_segments ** 2, 7)
        Index: ``from`` and ``to``. ``count`` n_ij, ``probability``, ``lower`` and ``upper`` (Wilson
        interval), ``expected_no_change`` (n_ij + n_ji) / 2: what it would be if the exchange were
        even and no segment grew or shrank, ``difference`` from it, and ``standardised``, the
        residual (n_ij - n_ji) / sqrt(n_ij + n_ji), which is beyond 2 by chance in one case of
        twenty; NaN where nobody moved either way.
    tests_ : pandas.DataFrame
        Rows "bowker_symmetry" [1]_ (are exchanges even?), "stuart_maxwell" [2]_ (did segments grow
        or shrink?) and, from three periods on, "stationarity" [3]_ (did the probabilities change?).
        Columns ``statistic``, ``df``, ``p_value`` and ``says``.
    steady_state_ : pandas.Series
        Share of the customers that each segment tends to, if moves go on as they did; NaN where
        ``chain_`` says why there is no such answer.
    chain_ : str
        "regular"; "open", where nobody was seen leaving a segment; "reducible", where two groups of
        segments never meet; or "periodic", where customers go round in step.
    moved_ : pandas.Series
        Shares of the moves counted: "up", "down" and "stayed", or without an order "moved" and
        "stayed"; where absence is a state also "new", "lost" and "absent".
    sizes_ : pandas.Series
        Customers in each segment in the last period.
    n_customers_ : int
        Number of rows.
    n_features_in_ : int
        Number of periods.
    feature_names_in_ : ndarray of shape (n_periods,)
        Their columns; only where X is a frame.

    See Also
    --------
    custvalue.plotting.MigrationDisplay : The picture of it.

    Notes
    -----
    Segments are text, whole numbers or bools, one kind of them in all periods. The tests take moves
    as independent; with more than two periods a customer counts several times, and p values are a
    guide. Where absence is not a state, forecast and steady state are about customers who stay
    customers: no one comes and no one leaves.

    References
    ----------
    .. [1] A. H. Bowker (1948). A test for symmetry in contingency tables. Journal of the American
       Statistical Association 43, 572-574.
    .. [2] A. Stuart (1955). A test for homogeneity of the marginal distributions in a two-way
       classification. Biometrika 42, 412-416.
    .. [3] T. W. Anderson and L. A. Goodman (1957). Statistical inference about Markov chains.
       Annals of Mathematical Statistics 28, 89-110.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.segmentation import SegmentMigration
    >>> quarters = pd.DataFrame(
    ...     {
    ...         "Q1": ["Gold"] * 4 + ["Basic"] * 6,
    ...         "Q2": ["Gold", "Gold", "Gold", "Basic", "Gold"] + ["Basic"] * 4 + [None],
    ...     }
    ... )
    >>> migration = SegmentMigration(order=["Gold", "Basic"]).fit(quarters)
    >>> migration.counts_
    to     Gold  Basic
    from
    Gold      3      1
    Basic     1      4
    >>> migration.steady_state_.round(3).to_dict()
    {'Gold': 0.444, 'Basic': 0.556}
    >>> migration.transform(quarters).tail(3)
      before  after    move
    7  Basic  Basic  stayed
    8  Basic  Basic  stayed
    9  Basic    NaN    lost

    A Gold customer brings 100 a quarter and a Basic one 10; money next quarter is worth 5 % less.

    >>> migration.customer_value({"Gold": 100, "Basic": 10}, discount_rate=0.05).round().to_dict()
    {'Gold': 1155.0, 'Basic': 966.0}
    """

    _output_columns = ("before", "after", "move")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "periods": [list, tuple, None],
        "order": [list, tuple, None],
        "absent": [StrOptions({"drop", "state"})],
        "level": [interval(0, 1)],
    }

    segments_: list[Any]
    periods_: list[str]
    counts_: pd.DataFrame
    probabilities_: pd.DataFrame
    flows_: pd.DataFrame
    tests_: pd.DataFrame
    steady_state_: pd.Series
    chain_: str
    moved_: pd.Series
    sizes_: pd.Series
    n_customers_: int
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        periods: Sequence[str] | None = None,
        order: Sequence[Any] | None = None,
        absent: str = "drop",
        level: float = 0.95,
    ) -> None:
        self.periods = periods
        self.order = order
        self.absent = absent
        self.level = level

    def fit(self, X: Any, y: Any = None) -> Self:
        """Count the moves and learn from them.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, n_periods)
            Segment of each customer in each period; missing where they were not there.
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, or there are fewer than two periods.
        custvalue.exceptions.DataError
            If a column is missing, a segment is not in ``order``, or nobody was there in two
            consecutive periods.
        """
        self._validate_params()
        check_order(self.order)
        table = read_mixed(X, self._periods(), owner=type(self).__name__)
        if len(table.columns) < 2:
            found = ", ".join(table.columns)
            raise DataError(f"there must be at least two periods; found 1 feature(s): {found}")
        named = named_periods(table)
        segments = segment_list(named, self.order, absent=self._has_absent)
        codes = segment_codes(named, segments)
        if self._has_absent:
            codes = np.where(codes < 0, len(segments) - 1, codes)
        moves = period_counts(codes, len(segments))
        if not moves.any():
            raise DataError(
                "some customer must be there in two consecutive periods; found none among "
                f"{len(table)} (absent='state' counts who comes and goes)"
            )
        self.segments_, self.periods_, self.n_customers_ = segments, list(table.columns), len(table)
        last = codes[codes[:, -1] >= 0, -1]
        self.sizes_ = self._series(np.bincount(last, minlength=len(segments)), "customers")
        remember_columns(self, table)
        self._learn(moves)
        return self

    def transform(self, X: Any) -> Any:
        """Return where each customer was in the last two periods, and how they moved.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, n_periods)
            As for `fit`, with the same periods.

        Returns
        -------
        frame of shape (n_customers, 3)
            ``before`` and ``after``: the segments of the last two periods (numbers as floats),
            missing where the customer was not there. ``move``: "up", "down" or "stayed", where
            there is no order "moved" or "stayed"; "new" who was not there before, "lost" who is not
            there after, "absent" who was in neither.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the migration is not fitted.
        custvalue.exceptions.DataError
            If a column is missing, or a segment in the last two periods was not fitted.
        """
        check_is_fitted(self)
        table = read_mixed(X, self.periods_, owner=type(self).__name__)
        last = {name: table[name] for name in self.periods_[-2:]}
        named = named_periods(MixedTable(last, table.kind, table.index, table.attrs))
        segments = self.segments_[: len(self.segments_) - self._has_absent]
        before, after = segment_codes(named, segments).T
        moves = move_table(len(segments), ordered=self.order is not None)[before, after]
        columns = (*last.values(), np.asarray(MOVES, dtype=object)[moves])
        return self._frame(table, dict(zip(self._output_columns, columns, strict=True)))

    def forecast(self, sizes: Any = None, periods: int = 1) -> pd.DataFrame:
        """Return the expected number of customers in each segment, if moves go on as they did.

        Parameters
        ----------
        sizes : mapping or Series of segment to number, optional
            Customers now; a segment left out has none. Left out, those of the last period.
        periods : int, default=1
            How many periods to look ahead.

        Returns
        -------
        pandas.DataFrame of shape (periods + 1, n_segments)
            Index ``period``, from 0, which is now.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the migration is not fitted.
        TypeError
            If ``sizes`` is neither a mapping nor a Series.
        ValueError
            If a segment is unknown, a size is negative or no number, ``periods`` is no whole number
            of at least 0, or customers are in a segment that nobody was seen leaving.
        """
        check_is_fitted(self)
        _check_whole("periods", periods)
        given = self.sizes_ if sizes is None else sizes
        start = values_by_segment(given, self.segments_, "sizes", missing=0.0)
        if (start < 0).any():
            raise ValueError(f"sizes must not be negative; found {start.min():g}")
        P = self.probabilities_.to_numpy()
        expected = forecast_sizes(P, start, int(periods), self.segments_)
        index = pd.RangeIndex(len(expected), name="period")
        return pd.DataFrame(expected, index=index, columns=self._labels("segment"))

    def customer_value(
        self, margin: Any, *, discount_rate: float, horizon: int | None = None
    ) -> pd.Series:
        r"""Return what a customer who is in each segment now is expected to bring.

        The margins of this and all later periods, discounted, as Pfeifer and Carraway (2000)
        define it: :math:`V = \sum_{t=0}^T (P / (1 + d))^t R`, and without end
        :math:`V = (I - P / (1 + d))^{-1} R`.

        Parameters
        ----------
        margin : mapping or Series of segment to number
            R, what a customer in the segment brings in one period, in any currency. Every segment
            has one, "Absent" too where it is a state.
        discount_rate : float
            The d of one period: 0.05 makes money one period later worth 1 / 1.05. Above 0 where
            there is no end.
        horizon : int, optional
            T, the number of periods after this one. Left out, there is no end.

        Returns
        -------
        pandas.Series of shape (n_segments,)
            In the currency of ``margin``. NaN for a segment from which customers can come to one
            that nobody was seen leaving.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the migration is not fitted.
        TypeError
            If ``margin`` is neither a mapping nor a Series.
        ValueError
            If a segment is unknown or has no margin, or ``discount_rate`` or ``horizon`` is out of
            range.
        """
        check_is_fitted(self)
        rate = _checked_rate(discount_rate, endless=horizon is None)
        if horizon is not None:
            _check_whole("horizon", horizon)
        R = values_by_segment(margin, self.segments_, "margin")
        value = chain_value(self.probabilities_.to_numpy(), R, rate, horizon)
        return self._series(value, "value")

    @property
    def _has_absent(self) -> bool:
        return self.absent == "state"

    def _periods(self) -> list[str] | None:
        """Return the columns to read, each named once."""
        if self.periods is None:
            return None
        names = list(self.periods)
        if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
            raise ValueError(f"periods must be different column names; found {names!r}")
        if len(names) < 2:
            raise ValueError(f"periods must name at least two columns; found {names!r}")
        return names

    def _learn(self, moves: IntArray) -> None:
        """Set what follows from the counts of each pair of periods."""
        counts, segments = moves.sum(axis=0), self.segments_
        self.counts_ = self._square(counts)
        self.probabilities_ = self._square(row_shares(counts))
        self.flows_ = flow_frame(counts, segments, self.level)
        self.tests_ = chi_square_frame(moves, self.level)
        found = long_run(self.probabilities_.to_numpy(), segments)
        self.steady_state_, self.chain_ = self._series(found.shares, "share"), found.chain
        ordered = self.order is not None
        self.moved_ = shares_of_moves(counts, ordered=ordered, absent=self._has_absent)

    def _labels(self, name: str) -> pd.Index:
        kind = object if ABSENT in self.segments_ else None
        index: pd.Index = pd.Index(self.segments_, name=name, dtype=kind)
        return index

    def _series(self, values: AnyArray, name: str) -> pd.Series:
        return pd.Series(values, index=self._labels("segment"), name=name)

    def _square(self, values: AnyArray) -> pd.DataFrame:
        return pd.DataFrame(values, index=self._labels("from"), columns=self._labels("to"))


def _check_whole(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 0:
        raise ValueError(f"{name} must be a whole number of at least 0; found {value!r}")


def _checked_rate(rate: Any, *, endless: bool) -> float:
    number = float(rate) if isinstance(rate, Real) and not isinstance(rate, bool) else np.nan
    if not (0 <= number < np.inf) or (endless and number == 0):
        least = "above 0 where horizon is None" if endless else "at least 0"
        raise ValueError(f"discount_rate must be a finite number {least}; found {rate!r}")
    return number
