"""One score out of many: the weighted mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.comparisons import inconsistency
from custvalue._estimator.door import kind_of, read_columns, read_weights, remember_columns
from custvalue._estimator.output import OutputMixin, per_row
from custvalue._estimator.parameters import StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._estimator.ratings import Ratings, read_ratings
from custvalue._typing import AnyArray, FloatArray
from custvalue.service._weighted_score import (
    TIES,
    WeightedMeans,
    score_parts,
    score_ranks,
    weighted_means,
)
from custvalue.service._weighted_score_input import (
    block,
    check_coverage,
    constant_items,
    counted_values,
    learn_scales,
    outside_range,
    refuse_beyond,
    sorted_rows,
    warn_of,
    with_weight,
)
from custvalue.service._weighted_score_scales import (
    check_costs,
    check_targets,
    scale_frame,
    scales_of,
)
from custvalue.service._weighted_score_weights import (
    is_given,
    is_positional,
    named_weights,
    weigh,
)

__all__ = ["WeightedScore"]


class WeightedScore(OutputMixin, PersistenceMixin, BaseEstimator):
    """Score rows by the weighted mean of their items, and say what each item adds.

    With weights w_j >= 0 and n_ij what the value x_ij of item j counts, the score of row i is::

        score_i = sum_j w_j n_ij / sum_j w_j

    over the items that are there (simple additive weighting [1]_). The rows may be respondents,
    customers, suppliers or products.

    Parameters
    ----------
    weights : {"equal", "entropy", "ahp"}, pandas.Series, mapping of str to float, or sequence
        Weight of each item, "equal" by default: given, such as
        ``ServiceElementRanking().weights_``; one for all; by how much the values of the item
        differ, w_j = (1 - e_j) / sum_j (1 - e_j) with e_j = -sum_i p_ij ln(p_ij) / ln(n) and
        p_ij = n_ij / sum_i n_ij [2]_; or the eigenvector of ``comparisons`` [3]_. Given weights
        need not sum to 1. Without names, as a sequence or a Series with a default index, they are
        those of ``items``, or of the columns of an array, in their order.
    comparisons : pandas.DataFrame or array-like of shape (n_items, n_items), optional
        For "ahp": entry (i, j) says how many times as important i is as j, entry (j, i) is its
        reciprocal. A frame has the items as index and columns, in any order. No other ``weights``
        take any.
    items : sequence of str, optional
        Columns to score by. Left out: those that ``weights``, or a frame of ``comparisons``, names;
        otherwise all columns, of a polars or pyarrow frame all but the first, the id.
    costs : sequence of str, or dict of str to (float, float), default=()
        Items where less is better. Without ``scaling`` a dict gives the ends of their scale, as in
        ``{"waiting": (1, 7)}``; otherwise these are the least and the largest value of `fit`.
    scaling : {"min_max", "z"}, mapping of str, or None, default=None
        What a value x counts:

        ==========  ============================  =====================================
        scaling     more is better                less is better (``costs``)
        ==========  ============================  =====================================
        None        x                             low + high - x
        "min_max"   (x - min) / (max - min)       (max - x) / (max - min)
        "z"         (x - mean) / sd               (mean - x) / sd
        a target    x / target                    target / x, for x > 0
        a pair      (x - zero) / (one - zero)     the same: zero is the larger of the two
        ==========  ============================  =====================================

        Figures are those of `fit`, sd with n rather than n - 1. A mapping gives each item its
        target or the pair of values that count 0 and 1. None is for values of one unit, such as
        ratings.
    missing : {"raise", "renormalise", "propagate"}, default="raise"
        What a missing value does: it is refused; its weight is shared out among the items that are
        there; or the row has no score.
    min_coverage : float, default=0.0
        Share of the weight that must be there for a score; above 0 only with "renormalise".

    Attributes
    ----------
    weights_ : pandas.Series
        Index ``item``, in the order of the columns; the sum is 1.
    scales_ : pandas.DataFrame
        Index ``item``. What a value counts: (x - ``origin``) / ``unit`` where ``form`` is "linear",
        ``unit`` / x where it is "inverse"; ``low`` and ``high``, the fitted values at the ends.
    entropies_ : pandas.Series or None
        By item, from 0 (one row has all) to 1 (all rows have the same), where ``weights`` is
        "entropy".
    consistency_ratio_ : float or None
        Of ``comparisons``: up to 0.1 is usually accepted.
    items_ : list of str
    n_rows_ : float
        Number of fitted rows, by their weights.
    n_features_in_ : int
        Number of items.
    feature_names_in_ : ndarray of shape (n_items,)
        Their names; only where X is a frame.

    See Also
    --------
    ServiceQualityIndex : Two levels of weights, and the change from period to period.
    custvalue.factors.ServiceElementRanking : Weights of service elements from a survey.

    Notes
    -----
    An item whose fitted values are all equal has no scale with "min_max" and "z": a warning names
    it, its weight becomes 0 and the others share it. With "entropy" it has weight 0 on any scale.

    Values beyond the range of `fit` are not clipped: on a "min_max" scale they count less than 0 or
    more than 1, and a warning tells how many rows have one. Were the scale learned anew with such
    rows, the distances of all rows in that item would shrink, so that even two old rows may change
    places (rank reversal). Pairs of values that count 0 and 1 do not move with the data.

    A renormalised score supposes that what is missing would have counted as the mean of what is
    there. Compare rows of like ``coverage``.

    Entropies change with the zero of a scale: ratings from 0 to 4 have others than the same ratings
    from 1 to 5.

    References
    ----------
    .. [1] C.-L. Hwang and K. Yoon (1981), Multiple Attribute Decision Making, Springer.
    .. [2] M. Zeleny (1982), Multiple Criteria Decision Making, McGraw-Hill.
    .. [3] T. L. Saaty (1980), The Analytic Hierarchy Process, McGraw-Hill.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from custvalue.service import WeightedScore
    >>> ratings = pd.DataFrame(
    ...     {"speed": [4.2, 4.2, 3.0], "stock": [3.8, 3.8, 5.0], "order": [4.5, 4.5, 3.5],
    ...      "claims": [3.0, np.nan, 4.0], "price": [4.0, 4.0, 2.5]},
    ...     index=pd.Index(["Ann", "Bob", "Cy"], name="customer_id"),
    ... )
    >>> weights = {"speed": 0.30, "stock": 0.25, "order": 0.20, "claims": 0.15, "price": 0.10}
    >>> scorer = WeightedScore(weights=weights, missing="renormalise").fit(ratings)
    >>> scorer.transform(ratings).round(4)
                  score  coverage
    customer_id
    Ann          3.9600      1.00
    Bob          4.1294      0.85
    Cy           3.7000      1.00

    What each item adds to the score:

    >>> scorer.contributions(ratings).round(3)
                 speed  stock  order  claims  price
    customer_id
    Ann          1.260  0.950  0.900    0.45  0.400
    Bob          1.482  1.118  1.059     NaN  0.471
    Cy           0.900  1.250  0.700    0.60  0.250

    Suppliers by figures of different units, weighed by how much they differ; less damage is better:

    >>> suppliers = pd.DataFrame({"on_time": [0.9, 0.8, 0.97], "damage": [3.0, 1.0, 2.0]})
    >>> scorer = WeightedScore(weights="entropy", scaling="min_max", costs=["damage"])
    >>> scorer.fit(suppliers).rank(suppliers).to_list()
    [3.0, 2.0, 1.0]
    """

    _output_columns = ("score", "coverage")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "weights": [
            StrOptions({"equal", "entropy", "ahp"}),
            dict,
            pd.Series,
            list,
            tuple,
            np.ndarray,
        ],
        "comparisons": [pd.DataFrame, "array-like", None],
        "items": [list, tuple, None],
        "costs": [list, tuple, dict],
        "scaling": [StrOptions({"min_max", "z"}), dict, pd.Series, None],
        "missing": [StrOptions({"raise", "renormalise", "propagate"})],
        "min_coverage": [interval(0, 1, closed="both")],
    }

    weights_: pd.Series
    scales_: pd.DataFrame
    entropies_: pd.Series | None
    consistency_ratio_: float | None
    items_: list[str]
    n_rows_: float
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        weights: Any = "equal",
        comparisons: Any = None,
        items: Sequence[str] | None = None,
        costs: Sequence[str] | Mapping[str, tuple[float, float]] = (),
        scaling: Any = None,
        missing: str = "raise",
        min_coverage: float = 0.0,
    ) -> None:
        self.weights = weights
        self.comparisons = comparisons
        self.items = items
        self.costs = costs
        self.scaling = scaling
        self.missing = missing
        self.min_coverage = min_coverage

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Learn the scales and the weights of the items.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_rows, n_items)
            One column an item. The columns of an array are called ``x0``, ``x1``, ... unless
            ``items`` or ``weights`` names them.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_rows,), optional
            How many rows each stands for; 0 leaves it out. Given weights do not depend on it.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, names what is no item, or is given where nothing uses
            it, a weight is negative, all are 0, or comparisons are not positive and reciprocal.
        custvalue.exceptions.DataError
            If a column is missing or holds text, a value is missing where ``missing="raise"``, what
            a value counts is not finite, or entropy finds no differences or values below 0.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If an item is constant and so without a scale, or comparisons contradict one another.
        """
        self._validate_params()
        ratings = read_ratings(X, self._names(X), owner=type(self).__name__)
        self._check_parameters(ratings.items)
        sample_weights = read_weights(sample_weight, ratings)
        self._check_values(ratings)
        rows = sorted_rows(ratings, sample_weights)
        scales = learn_scales(rows, self._scaling(), self.costs, self._given())
        counted_values(with_weight(ratings, sample_weights), scales)
        counted = {item: scale.apply(rows.columns[item]) for item, scale in scales.items()}
        found = weigh(
            self._given_weights(ratings.items),
            ratings.items,
            block(counted, ratings.items),
            rows.counts,
            usable=np.array([scale.usable for scale in scales.values()]),
            comparisons=self.comparisons,
        )
        warn_of([*constant_items(scales), *inconsistency(found.consistency_ratio, "items")])
        index = pd.Index(ratings.items, name="item")
        self.weights_ = pd.Series(found.weights, index=index, name="weight")
        self.entropies_ = (
            None if found.entropies is None else pd.Series(found.entropies, index, name="entropy")
        )
        self.consistency_ratio_ = found.consistency_ratio
        self.scales_ = scale_frame(scales, "item")
        self.items_, self.n_rows_ = ratings.items, float(rows.counts.sum())
        remember_columns(self, ratings)
        return self

    def transform(self, X: Any) -> Any:
        """Return the score of each row.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_rows, n_items)
            The columns of `fit`.

        Returns
        -------
        frame of shape (n_rows, 2)
            ``score``, in the unit of the scaled items; NaN where gaps allow none. ``coverage``, the
            share of the weight whose item is there.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            If a column is missing or holds text, a value is missing where ``missing="raise"``, a
            cost with a target is not above 0, or what a value counts is not finite.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If rows lie beyond the range of a "min_max" scale.
        """
        ratings = self._read(X)
        warn_of(self._doubts(ratings))
        _, means = self._score(ratings)
        return self._frame(ratings, {"score": means.score, "coverage": means.coverage})

    def contributions(self, X: Any) -> Any:
        """Return what each item adds to the score of each row.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_rows, n_items)
            The columns of `fit`.

        Returns
        -------
        frame of shape (n_rows, n_items)
            Of each item w_j n_ij / sum_j w_j, summed over the items that are there. The sum of a
            row without its NaN is its score; NaN where the item is missing, or the row has no
            score.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            As `transform`.
        """
        ratings = self._read(X)
        warn_of(self._doubts(ratings))
        columns, means = self._score(ratings)
        parts = score_parts(columns, self._weights(), means)
        return self._frame(ratings, dict(zip(self.items_, parts, strict=True)))

    def rank(self, X: Any, *, ties: str = "competition") -> pd.Series | FloatArray:
        """Return the place of each row among the rows of X, 1 for the highest score.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_rows, n_items)
            The columns of `fit`.
        ties : {"competition", "dense", "average"}, default="competition"
            Places of equal scores: 1, 2, 2, 4, or 1, 2, 2, 3, or 1, 2.5, 2.5, 4. Scores that differ
            by rounding alone are equal: neighbours whose gap is at most 1e-12 of their size, or
            1e-14 of the sum of the sizes of what their items add.

        Returns
        -------
        pandas.Series or ndarray of shape (n_rows,)
            A Series for pandas. NaN where a row has no score.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If ``ties`` is none of these.
        custvalue.exceptions.DataError
            As `transform`.
        """
        check_is_fitted(self)
        if ties not in TIES:
            raise ValueError(f"ties must be {', '.join(map(repr, TIES))}; found {ties!r}")
        ratings = self._read(X)
        warn_of(self._doubts(ratings))
        columns, means = self._score(ratings)
        sizes = weighted_means([np.abs(values) for values in columns], self._weights()).score
        return per_row(ratings, score_ranks(means.score, ties, sizes), "rank")

    def _names(self, X: Any) -> list[str] | None:
        """Return the columns that are named by one of the parameters, or None."""
        if self.items is not None:
            return list(read_columns(X, self.items, "items"))
        if is_positional(self.weights):
            if kind_of(X) != "array":
                raise ValueError(
                    "weights must have names, or items must be given, where X is a frame, whose "
                    "columns may come in any order; found weights without names"
                )
            return None
        if is_given(self.weights):
            return list(read_columns(X, list(self.weights.keys()), "weights"))
        if self._weighs_by("ahp") and isinstance(self.comparisons, pd.DataFrame):
            return list(read_columns(X, list(self.comparisons.index), "comparisons"))
        return None

    def _check_parameters(self, items: Sequence[str]) -> None:
        check_costs(self.costs, items)
        if isinstance(self.costs, Mapping) and self.scaling is not None:
            raise ValueError(
                "costs may give the ends of scales only where scaling is None; found "
                f"scaling={self.scaling!r}. Name the items in a list"
            )
        if is_given(self.scaling):
            check_targets(self.scaling, items, list(self.costs), parameter="scaling")
        if self.comparisons is not None and not self._weighs_by("ahp"):
            raise ValueError("comparisons may be given only where weights are 'ahp'; found others")
        check_coverage(self.min_coverage, self.missing)
        entropy = self._weighs_by("entropy")
        if entropy and self._scaling() == "z":
            raise ValueError(
                "weights='entropy' needs values of at least 0, which scaling='z' does not give; "
                "use scaling='min_max'"
            )

    def _check_values(self, ratings: Ratings) -> None:
        if self.missing == "raise":
            ratings.refuse_gaps(("renormalise", "propagate"))
        refuse_beyond(ratings, self.costs if isinstance(self.costs, Mapping) else {})

    def _weighs_by(self, method: str) -> bool:
        return isinstance(self.weights, str) and self.weights == method

    def _given_weights(self, items: Sequence[str]) -> Any:
        """Return the weights as they are given, with names where they have none."""
        if is_positional(self.weights):
            return named_weights(self.weights, items)
        return self.weights

    def _scaling(self) -> str | None:
        if self.scaling is None or isinstance(self.scaling, str):
            return self.scaling
        return "target"

    def _given(self) -> Mapping[str, Any]:
        """Return what is given of the scale of some items: targets, or ends."""
        if is_given(self.scaling):
            return dict(self.scaling)
        return self.costs if isinstance(self.costs, Mapping) else {}

    def _weights(self) -> FloatArray:
        return self.weights_.to_numpy(dtype=np.float64)

    def _read(self, X: Any) -> Ratings:
        check_is_fitted(self)
        ratings = read_ratings(X, self.items_, owner=type(self).__name__)
        self._check_values(ratings)
        return ratings

    def _doubts(self, ratings: Ratings) -> list[str]:
        if self._scaling() != "min_max":
            return []
        return outside_range(ratings, scales_of(self.scales_))

    def _score(self, ratings: Ratings) -> tuple[list[FloatArray], WeightedMeans]:
        """Return what the values count, and the scores."""
        columns = list(counted_values(ratings, scales_of(self.scales_)).values())
        least = 1.0 if self.missing == "propagate" else self.min_coverage
        return columns, weighted_means(columns, self._weights(), least=least)
