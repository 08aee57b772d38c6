"""How good service is, by dimension and in one figure, and what changed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.comparisons import inconsistency
from custvalue._estimator.door import kind_of, read_weights, remember_columns
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._estimator.ratings import Ratings, read_ratings
from custvalue._typing import AnyArray, FloatArray
from custvalue.exceptions import DataError
from custvalue.service._service_quality_index import (
    Gaps,
    TreeWeights,
    group_means,
    index_scores,
)
from custvalue.service._service_quality_index_periods import (
    OverTime,
    change_frame,
    changes_by_period,
    period_frame,
    read_periods,
)
from custvalue.service._service_quality_index_tree import LEVEL, TAKEN, Tree, read_tree
from custvalue.service._service_quality_index_weights import (
    WeightRules,
    learn_weights,
    split_weights,
)
from custvalue.service._weighted_score_input import (
    block,
    check_coverage,
    constant_items,
    counted_values,
    learn_scales,
    outside_range,
    refuse_negative,
    sorted_rows,
    warn_of,
    with_weight,
)
from custvalue.service._weighted_score_scales import (
    Scale,
    check_costs,
    check_targets,
    scale_frame,
    scales_of,
)

__all__ = ["ServiceQualityIndex"]


class ServiceQualityIndex(OutputMixin, PersistenceMixin, BaseEstimator):
    """Measure service by indicators in dimensions, and tell what changed from period to period.

    A tree of two levels: dimensions such as timeliness, completeness, reliability and flexibility,
    each with its indicators. With n_ij what the value x_ij of indicator j counts, v_j its weight
    within its dimension and V_d the weight of dimension d::

        dimension_id = sum_{j in d} v_j n_ij        index_i = sum_d V_d dimension_id

    or, for a geometric index, prod_{j in d} n_ij^v_j and prod_d dimension_id^V_d [1]_.

    Parameters
    ----------
    tree : mapping of str to sequence of str
        The indicators, columns of X, of each dimension. It must be given.
    weights : {"equal", "entropy", "ahp"}, pandas.Series or mapping of str to float, default="equal"
        Of the indicators within their dimension, as in `WeightedScore`. Given weights name every
        indicator and need not sum to 1.
    dimension_weights : {"equal", "sum", "entropy", "ahp"}, pandas.Series or mapping of str to float
        Of the dimensions; "equal" by default. "sum" takes the sum of the weights of the indicators,
        so that the index is their weighted mean as if there were no dimensions: for ``weights``
        that are given or equal. "entropy" takes that of the scores by dimension.
    comparisons : dict of str to pandas.DataFrame or array-like, optional
        For "ahp": comparisons in pairs of the indicators of each dimension by its name, and those
        of the dimensions by "dimensions". A dimension of one indicator needs none, and a level
        that is weighed otherwise takes none.
    costs : sequence of str, default=()
        Indicators where less is better.
    normalisation : {"target", "min_max", "z"}, default="min_max"
        What a value counts, as ``scaling`` of `WeightedScore`, with the figures of `fit`.
    targets : pandas.Series or mapping of str, optional
        For "target": each indicator's target, above 0, or the pair of values that count 0 and 1.
        A value beyond counts more than 1. A pair also takes costs that may be 0:
        ``{"damage": (0.05, 0.0)}``.
    aggregate : {"arithmetic", "geometric"}, default="arithmetic"
        A geometric index lets a good indicator make up for a poor one less, and is 0 where any
        indicator counts 0: on a "min_max" scale that is the worst fitted row of any indicator. It
        takes no "z".
    period : str, optional
        Column with the period of each row: text, numbers or dates, in ascending order; an ordered
        categorical, a polars Enum or an ordered dictionary of pyarrow in its own. A warning tells
        the order of unordered categories, and of text whose numbers are in another. `transform`
        does not read it.
    missing : {"raise", "renormalise", "propagate"}, default="raise"
        What a missing value does: it is refused; its weight is shared out within its dimension, and
        that of a dimension without any value among the others; or the row has no index.
    min_coverage : float, default=0.0
        Share of the weight that must be there for an index; above 0 only with "renormalise".

    Attributes
    ----------
    weights_ : pandas.Series
        Index ``indicator``: weight in the index, v_j V_d; the sum is 1.
    indicator_weights_ : pandas.Series
        Index ``indicator``: weight within the dimension.
    dimension_weights_ : pandas.Series
        Index ``dimension``.
    consistency_ratios_ : dict of str to float
        Of ``comparisons``, by dimension and "dimensions": up to 0.1 is usually accepted.
    scales_ : pandas.DataFrame
        Index ``indicator``, as in `WeightedScore`.
    by_period_ : pandas.DataFrame or None
        `by_period` of the fitted rows, if there is a ``period``.
    changes_ : pandas.DataFrame or None
        `changes` of the fitted rows, if there is a ``period``.
    n_rows_ : float
        Number of fitted rows, by their weights.
    n_features_in_ : int
        Number of indicators, and the period if there is one.
    feature_names_in_ : ndarray of shape (n_columns,)
        Their names; only where X is a frame.

    See Also
    --------
    WeightedScore : One level of weights.
    custvalue.plotting.IndexDisplay : The index by period, and what changed it, as a picture.

    Notes
    -----
    The index of a period, or of any table as a whole, is that of its profile: the mean of what each
    indicator counts, over the rows that have it. Without gaps and geometric means this is the mean
    of the rows' indices.

    The change from one profile to another is split exactly [2]_. With weights that stay, indicator
    j adds w_j (n_j1 - n_j0). Where weights differ, or an indicator is missing on one side, the rest
    is told as change by weight: (n_j0 + n_j1) / 2 (w_j1 - w_j0), with the mean of both weights in
    the change by value. A geometric index is split in its logarithm and brought back by the
    logarithmic mean of the two indices [3]_.

    An indicator whose fitted values are all equal has no scale with "min_max" and "z": a warning
    names it, its weight becomes 0, and the others of its dimension share it. A dimension of such
    indicators alone is an error. Targets need no differences.

    Values beyond the range of `fit` are not clipped: on a "min_max" scale they count less than 0 or
    more than 1, and a warning tells how many rows have one. Were the scale learned anew, ranks of
    old rows may turn. An index that is to be compared over years needs targets, which stay.

    References
    ----------
    .. [1] OECD and JRC (2008), Handbook on Constructing Composite Indicators, OECD.
    .. [2] T. L. Bennet (1920), "The theory of measurement of changes in cost of living", Journal of
       the Royal Statistical Society 83, 455-462.
    .. [3] B. W. Ang (2005), "The LMDI approach to decomposition analysis: a practical guide",
       Energy Policy 33, 867-871.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.service import ServiceQualityIndex
    >>> months = pd.DataFrame({
    ...     "month": ["May", "May", "June", "June"],
    ...     "cycle_days": [4.0, 5.0, 4.0, 4.0],
    ...     "on_time": [0.90, 0.80, 0.95, 0.85],
    ...     "fill_rate": [0.96, 0.98, 0.93, 0.95],
    ... })
    >>> months["month"] = pd.Categorical(months["month"], ["May", "June"], ordered=True)
    >>> quality = ServiceQualityIndex(
    ...     tree={"timeliness": ["cycle_days", "on_time"], "completeness": ["fill_rate"]},
    ...     dimension_weights={"timeliness": 0.6, "completeness": 0.4},
    ...     costs=["cycle_days"], normalisation="target", period="month",
    ...     targets={"cycle_days": (10.0, 2.0), "on_time": 1.0, "fill_rate": 1.0},
    ... ).fit(months)
    >>> quality.transform(months)
       timeliness  completeness   index  coverage
    0      0.8250          0.96  0.8790       1.0
    1      0.7125          0.98  0.8195       1.0
    2      0.8500          0.93  0.8820       1.0
    3      0.8000          0.95  0.8600       1.0

    By period, and what changed it:

    >>> quality.by_period_.round(3)
           timeliness  completeness   index  coverage  rows
    month
    May         0.769          0.97   0.849       1.0   2.0
    June        0.825          0.94   0.871       1.0   2.0
    >>> quality.changes_.round(5)
           cycle_days  on_time  fill_rate
    month
    June      0.01875    0.015     -0.012
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "tree": [dict],
        "weights": [StrOptions({"equal", "entropy", "ahp"}), dict, pd.Series],
        "dimension_weights": [StrOptions({"equal", "sum", "entropy", "ahp"}), dict, pd.Series],
        "comparisons": [dict, None],
        "costs": [list, tuple],
        "normalisation": [StrOptions({"target", "min_max", "z"})],
        "targets": [dict, pd.Series, None],
        "aggregate": [StrOptions({"arithmetic", "geometric"})],
        "period": [str, None],
        "missing": [StrOptions({"raise", "renormalise", "propagate"})],
        "min_coverage": [interval(0, 1, closed="both")],
    }

    weights_: pd.Series
    indicator_weights_: pd.Series
    dimension_weights_: pd.Series
    consistency_ratios_: dict[str, float]
    scales_: pd.DataFrame
    by_period_: pd.DataFrame | None
    changes_: pd.DataFrame | None
    n_rows_: float
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        tree: Mapping[str, Sequence[str]] | None = None,
        weights: Any = "equal",
        dimension_weights: Any = "equal",
        comparisons: Mapping[str, Any] | None = None,
        costs: Sequence[str] = (),
        normalisation: str = "min_max",
        targets: Any = None,
        aggregate: str = "arithmetic",
        period: str | None = None,
        missing: str = "raise",
        min_coverage: float = 0.0,
    ) -> None:
        self.tree = tree
        self.weights = weights
        self.dimension_weights = dimension_weights
        self.comparisons = comparisons
        self.costs = costs
        self.normalisation = normalisation
        self.targets = targets
        self.aggregate = aggregate
        self.period = period
        self.missing = missing
        self.min_coverage = min_coverage

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Learn the scales of the indicators and the weights of both levels.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_rows, n_columns)
            One row a unit, such as a site or a customer, or a unit in a period; one column an
            indicator. An array has them in the order of the tree, the period last.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_rows,), optional
            How many rows each stands for; 0 leaves it out.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, names what is not in the tree, or is given where nothing
            uses it, a weight is negative, all of a dimension are 0, or comparisons are not positive
            and reciprocal.
        custvalue.exceptions.DataError
            If a column is missing or holds text, a value is missing where ``missing="raise"``, all
            indicators of a dimension are constant, a value does not suit its target or the
            geometric mean, what a value counts is not finite, entropy finds no differences, or a
            period is missing.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If an indicator is constant and so without a scale, comparisons contradict one another,
            or the order of the periods may be another.
        """
        self._validate_params()
        tree = self._checked_tree()
        ratings = self._read(X, tree, array_has_period=True)
        sample_weights = read_weights(sample_weight, ratings)
        rows = sorted_rows(ratings, sample_weights)
        targets = {} if self.targets is None else dict(self.targets)
        scales = learn_scales(rows, self.normalisation, self.costs, targets)
        self._counted(with_weight(ratings, sample_weights), scales)
        counted = {item: scale.apply(rows.columns[item]) for item, scale in scales.items()}
        learned = learn_weights(
            tree,
            block(counted, tree.indicators),
            rows.counts,
            np.array([scale.usable for scale in scales.values()]),
            WeightRules(self.weights, self.dimension_weights, self.comparisons or {}),
            geometric=self._gaps().geometric,
        )
        ratios = learned.consistency_ratios
        contrary = [one for what, ratio in ratios.items() for one in inconsistency(ratio, what)]
        found = None
        if self.period is not None:
            found = self._over_time(X, ratings, sample_weights, scales, learned.weights)
        warn_of([*constant_items(scales), *contrary, *(found.doubts if found else [])])
        self._store(tree, learned.weights, scales, ratios)
        self.n_rows_ = float(rows.counts.sum())
        self._remember(ratings)
        self.by_period_, self.changes_ = (found.table, found.changes) if found else (None, None)
        return self

    def transform(self, X: Any) -> Any:
        """Return the scores by dimension and the index of each row.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_rows, n_columns)
            The indicators of `fit`; an array may lack the period.

        Returns
        -------
        frame of shape (n_rows, n_dimensions + 2)
            One column a dimension, then ``index``, NaN where gaps allow none, and ``coverage``, the
            share of the weight whose indicator is there.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            If a column is missing or holds text, a value is missing where ``missing="raise"``, or a
            value does not suit its target or the geometric mean.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If rows lie beyond the range of a "min_max" scale.
        """
        check_is_fitted(self)
        tree, scales = self._tree(), scales_of(self.scales_)
        ratings = self._read(X, tree)
        warn_of(self._beyond(ratings, scales))
        columns = self._counted(ratings, scales)
        scores = index_scores(list(columns.values()), tree, self._weights(), self._gaps())
        by_dimension = dict(zip(tree.dimensions, scores.dimensions.T, strict=True))
        columns_out = {**by_dimension, "index": scores.index, "coverage": scores.coverage}
        return self._frame(ratings, columns_out)

    def by_period(self, X: Any, *, sample_weight: Any = None) -> pd.DataFrame:
        """Return the scores by dimension and the index of each period.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_rows, n_columns)
            The columns of `fit`, the period too.
        sample_weight : array-like of shape (n_rows,), optional
            How many rows each stands for.

        Returns
        -------
        pandas.DataFrame
            Index: the periods in order. One column a dimension, ``index``, ``coverage`` and
            ``rows``, the number of rows; those of the mean of what each indicator counts. A period
            whose rows all weigh 0 is not there.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If there is no ``period``.
        custvalue.exceptions.DataError
            As `transform`, or if a period is missing.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            As `transform`, or if the order of the periods may be another.
        """
        found = self._asked_over_time(X, sample_weight)
        warn_of(found.doubts)
        return found.table

    def changes(self, X: Any, *, sample_weight: Any = None) -> pd.DataFrame:
        """Return what each indicator adds to the change of the index from period to period.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_rows, n_columns)
            The columns of `fit`, the period too.
        sample_weight : array-like of shape (n_rows,), optional
            How many rows each stands for.

        Returns
        -------
        pandas.DataFrame of shape (n_periods - 1, n_indicators)
            Index: the periods from the second on. The sum of a row is the index less that of the
            period before. NaN where one of both has no index, or a geometric index is 0.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If there is no ``period``.
        custvalue.exceptions.DataError
            As `by_period`.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            As `by_period`.
        """
        found = self._asked_over_time(X, sample_weight)
        warn_of(found.doubts)
        return found.changes

    def decompose(
        self,
        X0: Any,
        X1: Any,
        *,
        weights_before: Any = None,
        sample_weight_before: Any = None,
        sample_weight_after: Any = None,
    ) -> pd.DataFrame:
        """Split the change of the index from one table to another into its causes.

        Parameters
        ----------
        X0, X1 : pandas, polars or pyarrow frame, or array of shape (n_rows, n_columns)
            The tables before and after, each taken by its mean row; single rows are compared as
            they are.
        weights_before : pandas.Series or mapping of str to float, optional
            Weights of the indicators in the index, such as ``weights_`` of another year, that held
            for X0. None for those of this index.
        sample_weight_before, sample_weight_after : array-like of shape (n_rows,), optional
            How many rows each row of X0, and of X1, stands for; 0 leaves it out.

        Returns
        -------
        pandas.DataFrame
            Index ``indicator``. ``dimension``; ``before`` and ``after``, what the indicator counts;
            ``weight_before`` and ``weight_after``, with what is missing shared out; ``by_value``
            and ``by_weight``, what it adds to the change since it counts and since it weighs
            otherwise; ``change``, the sum of both. The sum of ``change`` is that of the index,
            which is in ``attrs``: ``index_before`` and ``index_after``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If ``weights_before`` breaks a rule of weights.
        custvalue.exceptions.DataError
            As `transform`, or if a table has no index, or a geometric one is 0.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            As `transform`.
        """
        check_is_fitted(self)
        tree, weights = self._tree(), self._weights()
        first = weights
        if weights_before is not None:
            first = split_weights(weights_before, tree, parameter="weights_before")
        scales = scales_of(self.scales_)
        given = ((X0, sample_weight_before), (X1, sample_weight_after))
        sides = [self._weighed(X, sample_weight, tree) for X, sample_weight in given]
        warn_of([doubt for ratings, _ in sides for doubt in self._beyond(ratings, scales)])
        profiles = np.vstack([self._profile(*side, scales) for side in sides])
        held = zip(("X0", "X1"), profiles, (first, weights), strict=True)
        ends = [self._required_index(name, row, tree, by) for name, row, by in held]
        frame = change_frame(profiles, (first, weights), tree, geometric=self._gaps().geometric)
        frame.attrs = {"index_before": ends[0], "index_after": ends[1]}
        return frame

    def get_feature_names_out(self, input_features: Any = None) -> AnyArray:
        """Return the names of the columns that `transform` gives.

        Parameters
        ----------
        input_features : array-like of str or None
            Ignored.

        Returns
        -------
        ndarray of str of shape (n_dimensions + 2,)
            The dimensions, ``index`` and ``coverage``.
        """
        check_is_fitted(self)
        return np.asarray([*self._tree().dimensions, *TAKEN[:2]], dtype=object)

    def _checked_tree(self) -> Tree:
        """Return the tree, when the parameters agree with it and with each other."""
        tree = self._tree()
        check_costs(self.costs, tree.indicators)
        if (self.normalisation == "target") != (self.targets is not None):
            raise ValueError(
                "targets must be given where normalisation='target', and nowhere else; found "
                f"normalisation={self.normalisation!r}, targets={self.targets!r}"
            )
        if self.targets is not None:
            check_targets(self.targets, tree.indicators, self.costs, parameter="targets")
        if self.period in tree.indicators:
            raise ValueError(f"period must be no indicator; found {self.period!r} in the tree")
        self._check_methods()
        check_coverage(self.min_coverage, self.missing)
        if self.comparisons is not None:
            _check_levels(self.comparisons, tree, self.weights, self.dimension_weights)
        return tree

    def _check_methods(self) -> None:
        levels = {"weights": self.weights, "dimension_weights": self.dimension_weights}
        by_entropy = [
            name for name, how in levels.items() if isinstance(how, str) and how == "entropy"
        ]
        if self.normalisation == "z" and (by_entropy or self.aggregate == "geometric"):
            what = f"{by_entropy[0]}='entropy'" if by_entropy else "aggregate='geometric'"
            raise ValueError(
                f"{what} needs indicators that count at least 0, which normalisation='z' does not "
                f"give; use 'target' or 'min_max'"
            )
        total = isinstance(self.dimension_weights, str) and self.dimension_weights == "sum"
        if total and isinstance(self.weights, str) and self.weights != "equal":
            raise ValueError(
                "dimension_weights='sum' needs weights that are given or 'equal'; found "
                f"weights={self.weights!r}, whose sum is 1 in each dimension"
            )

    def _tree(self) -> Tree:
        return read_tree(self.tree or {})

    def _weights(self) -> TreeWeights:
        within = self.indicator_weights_.to_numpy(dtype=np.float64)
        return TreeWeights(within, self.dimension_weights_.to_numpy(dtype=np.float64))

    def _gaps(self) -> Gaps:
        return Gaps(self.min_coverage, self.missing == "propagate", self.aggregate == "geometric")

    def _read(self, X: Any, tree: Tree, *, array_has_period: bool = False) -> Ratings:
        """Read the indicators; an array may have the period after them."""
        names = tree.indicators
        if self.period is not None and kind_of(X) == "array":
            wide = np.ndim(X) == 2 and np.shape(X)[1] > len(names)
            names = [*names, self.period] if wide or array_has_period else names
        ratings = read_ratings(X, names, owner=type(self).__name__).select(tree.indicators)
        if self.missing == "raise":
            ratings.refuse_gaps(("renormalise", "propagate"))
        return ratings

    def _counted(self, ratings: Ratings, scales: Mapping[str, Scale]) -> dict[str, FloatArray]:
        """Return what the values of each indicator count."""
        columns = counted_values(ratings, scales)
        if self.aggregate == "geometric":
            refuse_negative(ratings, columns)
        return columns

    def _beyond(self, ratings: Ratings, scales: Mapping[str, Scale]) -> list[str]:
        """Return a sentence on rows beyond the fitted ones, if the scale has ends."""
        return outside_range(ratings, scales) if self.normalisation == "min_max" else []

    def _weighed(self, X: Any, sample_weight: Any, tree: Tree) -> tuple[Ratings, FloatArray]:
        """Return the rows of a table that have weight, and what they have."""
        ratings = self._read(X, tree)
        counts = read_weights(sample_weight, ratings)
        kept = with_weight(ratings, counts)
        return kept, np.ones(len(kept)) if counts is None else counts[counts > 0]

    def _store(
        self,
        tree: Tree,
        weights: TreeWeights,
        scales: Mapping[str, Scale],
        ratios: dict[str, float],
    ) -> None:
        indicators = pd.Index(tree.indicators, name="indicator")
        dimensions = pd.Index(tree.dimensions, name="dimension")
        self.weights_ = pd.Series(weights.of_indicators(tree), indicators, name="weight")
        self.indicator_weights_ = pd.Series(weights.within, indicators, name="weight")
        self.dimension_weights_ = pd.Series(weights.dimensions, dimensions, name="weight")
        self.scales_ = scale_frame(scales, "indicator")
        self.consistency_ratios_ = ratios

    def _remember(self, ratings: Ratings) -> None:
        """Set what was read, the period too."""
        columns = dict(ratings.columns)
        if self.period is not None:
            columns[self.period] = np.empty(0)
        remember_columns(self, Ratings(columns, ratings.kind, ratings.index))

    def _asked_over_time(self, X: Any, sample_weight: Any) -> OverTime:
        """Return the index by period of a table, by what was learned."""
        check_is_fitted(self)
        if self.period is None:
            raise ValueError("period must name a column for an index by period; found None")
        ratings = self._read(X, self._tree(), array_has_period=True)
        counts = read_weights(sample_weight, ratings)
        return self._over_time(X, ratings, counts, scales_of(self.scales_), self._weights())

    def _over_time(
        self,
        X: Any,
        ratings: Ratings,
        counts: FloatArray | None,
        scales: Mapping[str, Scale],
        weights: TreeWeights,
    ) -> OverTime:
        """Return the index by period, and what changed it, of the rows that have weight."""
        tree, gaps, owner = self._tree(), self._gaps(), type(self).__name__
        kept = None if counts is None else counts > 0
        periods = read_periods(X, str(self.period), len(tree.indicators), owner=owner, kept=kept)
        ratings = with_weight(ratings, counts)
        counts = np.ones(len(ratings)) if counts is None else counts[counts > 0]
        labels, size = periods.labels, len(periods.labels)
        values = block(self._counted(ratings, scales), tree.indicators)
        profiles = group_means(values, periods.codes, counts, size)
        rows = np.bincount(periods.codes, weights=counts, minlength=size).astype(np.float64)
        table = period_frame(profiles, rows, labels, tree, weights, gaps)
        index = table["index"].to_numpy(dtype=np.float64)
        changes = changes_by_period(
            profiles, index, labels, tree, weights, geometric=gaps.geometric
        )
        return OverTime(table, changes, [*self._beyond(ratings, scales), *periods.doubts])

    def _profile(
        self, ratings: Ratings, counts: FloatArray, scales: Mapping[str, Scale]
    ) -> FloatArray:
        """Return the mean of what each indicator counts."""
        values = block(self._counted(ratings, scales), ratings.items)
        means: FloatArray = group_means(values, np.zeros(len(values), dtype=np.int64), counts, 1)
        return means

    def _required_index(
        self, name: str, profile: FloatArray, tree: Tree, weights: TreeWeights
    ) -> float:
        gaps = self._gaps()
        index = float(index_scores(list(profile[:, None]), tree, weights, gaps).index[0])
        if np.isnan(index) or (gaps.geometric and index == 0):
            raise DataError(
                f"{name} must have an index{' above 0' if gaps.geometric else ''}, or its change "
                f"has no parts; found {index!r}"
            )
        return index


def _check_levels(
    comparisons: Mapping[str, Any], tree: Tree, weights: Any, dimension_weights: Any
) -> None:
    """Raise where comparisons are those of no level, or of one that is weighed otherwise."""
    others = [repr(name) for name in comparisons if name not in (*tree.dimensions, LEVEL)]
    if others:
        raise ValueError(
            f"comparisons must be those of {', '.join(tree.dimensions)} or {LEVEL!r}; found "
            f"{', '.join(others)}"
        )
    for parameter, how, names in (
        ("weights", weights, [name for name in comparisons if name != LEVEL]),
        ("dimension_weights", dimension_weights, [name for name in comparisons if name == LEVEL]),
    ):
        if names and not (isinstance(how, str) and how == "ahp"):
            raise ValueError(
                f"comparisons of {', '.join(map(repr, names))} may be given only where {parameter} "
                f"are 'ahp'; found others"
            )
