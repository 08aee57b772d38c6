"""Segments of customers by cluster analysis."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import read_columns, remember_columns
from custvalue._estimator.mixed import MixedTable, read_mixed
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import HasMethods, StrOptions, interval, whole_numbers
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._estimator.randomness import new_seed, random_generator
from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.exceptions import DataQualityWarning
from custvalue.segmentation._clusters.assignment import (
    AssignmentRule,
    GaussianRule,
    assign,
    nearness,
)
from custvalue.segmentation._clusters.clusterers import NAMED, Clustering
from custvalue.segmentation._clusters.features import (
    encode,
    fit_categories,
    fit_numeric,
    split_features,
)
from custvalue.segmentation._clusters.profile import (
    feature_profile,
    in_words,
    size_profile,
    typical_rows,
)
from custvalue.segmentation._clusters.rules import segment_rules
from custvalue.segmentation._clusters.sizes import limit
from custvalue.segmentation._clusters.stability import cluster_stability, instability_warning
from custvalue.segmentation._customer_segmenter import (
    LOADED_WITHOUT_CLUSTERER,
    MONEY,
    SIZES_IMPOSSIBLE,
    UNASSIGNED,
    VALUES,
    Segments,
    all_codes,
    canonical,
    check_pinned,
    choose_number,
    find_pins,
    found_selection,
    in_order,
    make_segments,
    mean_silhouette,
    name_found,
    pins_not_found,
    previous_names,
    value_column,
    values_of,
)
from custvalue.segmentation._names import check_segment_names, name_segments

__all__ = ["CustomerSegmenter"]


def _is_mixture(segmenter: Any) -> bool:
    return isinstance(getattr(segmenter, "rule_", None), GaussianRule) or (
        not hasattr(segmenter, "rule_") and segmenter.clusterer == "gmm"
    )


class CustomerSegmenter(OutputMixin, PersistenceMixin, BaseEstimator):
    """Group customers who are alike, and know tomorrow which group a customer is in.

    Features are brought to one scale, customers are clustered, and the segments are put in the
    order of their value. What `fit` learns is frozen as a rule that `predict` applies to any
    customer, whatever the clusterer: the nearest of at most 200 prototypes, or the likeliest
    component of a Gaussian mixture. The profiles describe the segments by that same rule, so that
    the customers of `fit` are told the same by `predict`, before ``save`` and after
    `custvalue.load`.

    Customers are drawn again and again to see which segments come back. One that does not is a
    matter of chance, and `fit` says so: do not name this segment.

    Parameters
    ----------
    features : sequence of str or callable, optional
        Columns to cluster on, numbers or categories (text, True and False), or a column selector of
        scikit-learn's for a pandas frame. Left out: all columns
        but ``order_by`` and ``describe``; of a polars or pyarrow frame all but the first, the id.
    categorical : sequence of str, default=()
        Features that are categories although they are numbers.
    order_by : str, optional
        Column of numbers to order the segments by, the highest mean first; need not be a feature,
        and is read by `fit` alone. Left out: the first of "value", "total_value" and
        "monetary_value" that is there, else the first feature that is a number.
    describe : sequence of str, default=()
        Columns to profile the segments by without clustering on them.
    scale : str or dict of str to str, default="yeo_johnson"
        How numbers are made alike; a dict gives single columns another way than the default.
        "yeo_johnson" and "log" straighten skewed columns such as money and counts, the first by a
        fitted power, the second by ``sign(x) log(1 + |x| / median)``; both, and "standard", then
        have mean 0 and variance 1. "robust" takes the median and the interquartile range. None of
        these depends on the unit of money. "none" leaves numbers as they are. See ``scaling_``.
    weights : dict of str to float, optional
        How much a feature counts, as a multiple of its variance; 1 for those left out. A category
        counts as much as a number: its indicator columns have variance 1 together.
    missing : {"raise", "impute"}, default="raise"
        "impute" puts the fitted median for a missing number, and takes a missing category for a
        level of its own.
    unseen : {"raise", "average"}, default="raise"
        What to do with a category that `fit` has not seen. "average" puts the customer at the mean
        of all levels.
    clusterer : {"kmeans", "gmm", "hierarchical", "hdbscan"} or estimator, default="kmeans"
        "gmm" is a mixture of Gaussians, "hierarchical" Ward's method. An estimator is cloned, gets
        the number of clusters if it has a parameter for it, and must have ``fit_predict`` or
        ``fit`` and ``predict``; its label -1 is no segment. A file holds its rule, not itself: the
        loaded segmenter has ``clusterer=None``, predicts, and needs one to fit again.
    n_clusters : int or "auto", default="auto"
        "auto" compares one to ``max_clusters`` segments by several criteria, see ``selection_``. A
        clusterer that finds the number by itself, such as "hdbscan", does so in any case.
    max_clusters : int, default=8
        Largest number to compare.
    min_size, max_size : float, int or None, default=None
        Fewest and most customers of a segment: a share between 0 and 1, or a whole number. The
        borders between segments are moved until sizes are right, at the smallest cost in squared
        distance, and `predict` keeps to the moved borders. Equal customers are never parted.
        ``min_size`` of "hdbscan" is its smallest cluster.
    pinned : dict of id to str, optional
        Segments that are settled for some customers, by the id in the index (or the first column)
        of X. They take no part in the clustering, in the order of the segments, or in the limits of
        size. A name that no other segment has makes a segment of its own.
    names : sequence of str, or dict of str to str, optional
        Names in the order of value, or other names for some of "Segment 1", "Segment 2", ...
    n_bootstrap : int, default=50
        How many times customers are drawn anew for ``stability_``; 0 for none.
    sample_size : int, default=20000
        Most customers for what grows faster than their number: "hierarchical" and "hdbscan" (the
        others then follow by the rule), five times as many for "gmm", and for the bootstrap.
        k-means sees all; above 50,000 it starts from the centres of some. Silhouettes and the
        like are computed from 5,000.
    random_state : int, Generator, RandomState or None, default=None
    progress : bool, default=False
        Show a bar while the number is chosen and the customers are drawn.

    Attributes
    ----------
    segments_ : list of str
        Names, the most valuable first, then those of pinned customers alone.
    n_clusters_ : int
        Number of segments found.
    selection_ : pandas.DataFrame
        Index: the number of segments. Columns: the criteria, ``smallest_segment`` as a share and
        ``recommended``. One row where the number was given.
    selection_reason_ : str
        Why that number, in a sentence.
    stability_ : pandas.DataFrame or None
        Index: the segment. ``jaccard``: mean over the bootstraps of the largest Jaccard similarity
        to a new segment (Hennig 2007); ``lower`` and ``upper``, its 5 and 95 %; ``dissolved`` and
        ``recovered``, shares of bootstraps at most .5 and at least .75; ``band`` and ``advice``.
    profile_ : pandas.DataFrame
        Index: the segment. ``customers``, ``share``; ``value``, ``value_share`` and
        ``value_per_customer`` where ``order_by`` was given or is a total; ``description`` in words;
        ``rule``, a short one that a person can apply, with its ``precision`` and ``recall``.
    feature_profile_ : pandas.DataFrame
        Index: segment and feature. Medians (for a category the share of its most special level)
        inside and of all, deviation, effect size, and p-values with Holm's correction. Segments
        were made to differ in the features clustered on (``clustered``), so that only the p-values
        of the others are tests.
    rule_fidelity_ : float
        Share of customers whom the tree behind the short rules puts in their segment.
    scaling_ : pandas.DataFrame
        Index: the features that are numbers; what is done to each.
    categories_ : pandas.DataFrame
        Index: feature and level; share and spread of each.
    rule_ : PrototypeRule or GaussianRule
        The frozen rule.
    agreement_ : float
        Share of customers whom the rule puts where the clusterer did; 1 for "kmeans" and "gmm".
    sizes_within_limits_ : bool
        False where equal customers make ``min_size`` or ``max_size`` impossible.
    matching_ : pandas.DataFrame or None
        After ``fit(X, previous=...)``. Index: the segment. ``previous`` and ``jaccard``, NaN for a
        new one.
    order_by_ : str or None
        The column that orders the segments.
    features_ : list of str
        The features, in the order of an array's columns.
    n_customers_ : int
        Number of customers.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names; only where X is a frame.

    See Also
    --------
    RFMSegmenter : Segments by rules that are known beforehand.
    SegmentMigration : Who moves from segment to segment.
    custvalue.plotting.SnakeDisplay : The profiles as a picture.

    Notes
    -----
    "auto" is decided by the Bayesian information criterion for mixtures. Otherwise each of five
    criteria names a number: the largest silhouette and Calinski-Harabasz index, the smallest
    Davies-Bouldin index, the gap statistic by its one-standard-error rule, and the largest number
    with a prediction strength of at least .8. The number above one that most of them name is taken,
    the smallest of several. One segment is recommended where the gap statistic names one and
    prediction strength does not clearly contradict it, or where prediction strength names one and
    no silhouette is above .25. A number with a segment below ``min_size`` is out. The criteria look
    at 5,000 customers at most.

    The rule of a hierarchical, density-based or foreign clusterer has one prototype a segment, its
    mean, or as many as it takes to repeat 99.5 % of the partition. Where the clusterer left
    customers out, a newcomer is "Unassigned" when farther from the nearest prototype than 99 % of
    those that it stands for.

    References
    ----------
    C. Hennig (2007), "Cluster-wise assessment of cluster stability", Computational Statistics and
    Data Analysis 52, 258-271.

    R. Tibshirani, G. Walther and T. Hastie (2001), "Estimating the number of clusters in a data set
    via the gap statistic", JRSS B 63, 411-423.

    R. Tibshirani and G. Walther (2005), "Cluster validation by prediction strength", Journal of
    Computational and Graphical Statistics 14, 511-528.

    Examples
    --------
    Three kinds of customers, made so that we know them.

    >>> import numpy as np
    >>> import pandas as pd
    >>> from custvalue.segmentation import CustomerSegmenter
    >>> generator = np.random.default_rng(0)
    >>> kind = np.repeat([0, 1, 2], [20, 50, 80])
    >>> customers = pd.DataFrame(
    ...     {
    ...         "orders": generator.poisson(np.array([30, 12, 2])[kind]) + 1,
    ...         "total_value": np.array([4000.0, 300, 60])[kind] * generator.lognormal(0, 0.3, 150),
    ...     },
    ...     index=pd.Index([f"c{i:03}" for i in range(150)], name="customer_id"),
    ... )
    >>> segmenter = CustomerSegmenter(random_state=0).fit(customers)
    >>> print(segmenter.selection_reason_)
    3 segments: named by the silhouette, Davies-Bouldin and prediction strength; ...
    >>> segmenter.profile_[["customers", "share", "value_share"]].round(2)
               customers  share  value_share
    segment
    Segment 1         20   0.13         0.82
    Segment 2         51   0.34         0.13
    Segment 3         79   0.53         0.04
    >>> segmenter.stability_["band"].tolist()
    ['highly stable', 'highly stable', 'highly stable']
    >>> for name, rule in segmenter.profile_["rule"].items():
    ...     print(f"{name}: {rule}")
    Segment 1: total_value > 2000
    Segment 2: total_value > 82.7 and total_value <= 2000 and orders > 6
    Segment 3: orders <= 6, or total_value <= 82.7

    A customer of tomorrow.

    >>> segmenter.transform(pd.DataFrame({"orders": [14], "total_value": [290.0]})).round(2)
         segment  distance next_segment  margin
    0  Segment 2      0.08    Segment 1    0.94

    Names that you give live on in a later fit.

    >>> named = segmenter.rename({"Segment 1": "Key accounts"})
    >>> later = CustomerSegmenter(random_state=1).fit(customers[:120], previous=named)
    >>> later.segments_
    ['Key accounts', 'Segment 2', 'Segment 3']
    """

    _output_columns = ("segment", "distance", "next_segment", "margin")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "features": [list, tuple, callable, None],
        "categorical": [list, tuple],
        "order_by": [str, None],
        "describe": [list, tuple],
        "scale": [
            StrOptions({"yeo_johnson", "log", "robust", "standard", "none"}),
            dict,
        ],
        "weights": [dict, None],
        "missing": [StrOptions({"raise", "impute"})],
        "unseen": [StrOptions({"raise", "average"})],
        "clusterer": [StrOptions(set(NAMED)), HasMethods(["fit", "get_params"]), None],
        "n_clusters": [StrOptions({"auto"}), whole_numbers(1, 200)],
        "max_clusters": [whole_numbers(2, 50)],
        "min_size": [interval(0, 1), whole_numbers(1), None],
        "max_size": [interval(0, 1), whole_numbers(1), None],
        "pinned": [dict, None],
        "names": [list, tuple, dict, None],
        "n_bootstrap": [whole_numbers(0)],
        "sample_size": [whole_numbers(100)],
        "random_state": ["random_state", np.random.Generator],
        "progress": ["boolean"],
    }

    segments_: list[str]
    selection_: pd.DataFrame
    selection_reason_: str
    stability_: pd.DataFrame | None
    profile_: pd.DataFrame
    feature_profile_: pd.DataFrame
    rule_fidelity_: float
    matching_: pd.DataFrame | None
    scaling_: pd.DataFrame
    categories_: pd.DataFrame
    rule_: AssignmentRule
    agreement_: float
    sizes_within_limits_: bool
    order_by_: str | None
    features_: list[str]
    n_clusters_: int
    n_customers_: int
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        features: Sequence[str] | None = None,
        categorical: Sequence[str] = (),
        order_by: str | None = None,
        describe: Sequence[str] = (),
        scale: str | dict[str, str] = "yeo_johnson",
        weights: dict[str, float] | None = None,
        missing: str = "raise",
        unseen: str = "raise",
        clusterer: Any = "kmeans",
        n_clusters: int | str = "auto",
        max_clusters: int = 8,
        min_size: float | None = None,
        max_size: float | None = None,
        pinned: dict[Any, str] | None = None,
        names: Sequence[str] | Mapping[str, str] | None = None,
        n_bootstrap: int = 50,
        sample_size: int = 20_000,
        random_state: Any = None,
        progress: bool = False,
    ) -> None:
        self.features = features
        self.categorical = categorical
        self.order_by = order_by
        self.describe = describe
        self.scale = scale
        self.weights = weights
        self.missing = missing
        self.unseen = unseen
        self.clusterer = clusterer
        self.n_clusters = n_clusters
        self.max_clusters = max_clusters
        self.min_size = min_size
        self.max_size = max_size
        self.pinned = pinned
        self.names = names
        self.n_bootstrap = n_bootstrap
        self.sample_size = sample_size
        self.random_state = random_state
        self.progress = progress

    def fit(self, X: Any, y: Any = None, *, previous: Any = None) -> Self:
        """Find the segments, name them, and say how sure they are.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, n_features)
            One row a customer; the columns of ``features``, ``order_by`` and ``describe``. The
            columns of an array are called ``x0``, ``x1``, ...
        y : None
            Ignored.
        previous : fitted CustomerSegmenter, or pandas Series, optional
            The segments of an earlier fit, or their names by customer. Each new segment keeps the
            name of the earlier one that it shares most customers with, one to one, where they share
            at least a quarter of those in either.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, or limits of size cannot be kept.
        custvalue.exceptions.DataError
            If a column is missing, mixes numbers and text or looks like an id, a value is missing
            where ``missing="raise"``, or fewer customers differ than there are to be segments.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            For segments that are not stable, features that are constant, pinned customers who are
            not there, and limits of size that equal customers make impossible.
        """
        self._validate_params()
        check_segment_names(self.names, reserved=UNASSIGNED)
        if self.clusterer is None:
            raise ValueError(LOADED_WITHOUT_CLUSTERER)
        generator = random_generator(self.random_state)
        table = self._read_training(X)
        check_pinned(self.pinned, table)
        pins = find_pins(self.pinned, table)
        free = ~pins.pinned
        if not free.any():
            raise ValueError(
                f"pinned must leave at least one customer to cluster; all {len(table)} are pinned"
            )
        self._fit_features(table, free)
        Z = self._encode(table)
        self.order_by_ = value_column(table, self.order_by, list(self.scaling_.index))
        value = values_of(table, self.order_by_)
        segments = self._make(Z[free], value[free], generator)
        before = previous_names(previous, X, table, pins)
        naming = name_found(segments, self.names, self.pinned, before, pins)
        self.segments_, self.matching_ = naming.names, naming.matching
        if self.stability_ is not None:
            named = pd.Index(self.segments_[: segments.count], name="segment")
            self.stability_ = self.stability_.set_axis(named)
        self._describe(table, all_codes(segments.codes, pins, naming.names), value, generator)
        self.n_customers_ = len(table)
        self._warn(table, segments)
        return self

    def predict(self, X: Any) -> AnyArray:
        """Return the name of each customer's segment.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, n_features)
            The columns of ``features_``; an array has them in that order.

        Returns
        -------
        ndarray of object of shape (n_customers,)
            Names, "Unassigned" for customers out of reach of all segments.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the segmenter is not fitted.
        custvalue.exceptions.DataError
            If a column is missing, or a value is missing or a category unknown where the parameters
            say that this is an error.
        """
        check_is_fitted(self)
        table = self._read(X)
        codes = assign(self.rule_, self._encode(table))
        pins = find_pins(self.pinned, table)
        return self._names_of(all_codes(codes, pins, self.segments_))

    def transform(self, X: Any) -> Any:
        """Return the segment of each customer, and how clearly they belong to it.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, n_features)
            As for `predict`.

        Returns
        -------
        frame of shape (n_customers, 4)
            ``segment``; ``distance`` to its nearest prototype (to its mean by Mahalanobis for a
            Gaussian mixture), where each feature has variance one; ``next_segment``, the second
            choice; ``margin``, 1 - distance / distance to the second choice: 0 at the border, 1 at
            a prototype, negative where limits of size moved the border. A pinned customer has NaN
            for distance and margin, and for next segment the one that the rule would give.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the segmenter is not fitted.
        custvalue.exceptions.DataError
            As `predict`.
        """
        check_is_fitted(self)
        table = self._read(X)
        found = nearness(self.rule_, self._encode(table))
        pins = find_pins(self.pinned, table)
        following = np.array([*self.segments_, None], dtype=object)
        columns = {
            "segment": self._names_of(all_codes(found.codes, pins, self.segments_)),
            "distance": np.where(pins.pinned, np.nan, found.distance),
            "next_segment": following[np.where(pins.pinned, found.codes, found.runner_up)],
            "margin": np.where(pins.pinned, np.nan, found.margin),
        }
        return self._frame(table, columns)

    @available_if(_is_mixture)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> FloatArray:
        """Return the probability of each segment; for ``clusterer="gmm"`` only.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, n_features)
            As for `predict`.

        Returns
        -------
        ndarray of shape (n_customers, n_clusters)
            In the order of ``segments_``; rows sum to one. Limits of size and pinned customers have
            no part in it.
        """
        check_is_fitted(self)
        rule: GaussianRule = self.rule_  # type: ignore[assignment]
        return rule.chances(self._encode(self._read(X)))

    def score(self, X: Any, y: Any = None) -> float:
        """Return the mean silhouette of the customers in the segments that the rule gives them.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, n_features)
            As for `predict`.
        y : None
            Ignored.

        Returns
        -------
        float
            From -1 to 1 (Rousseeuw 1987), of at most 5,000 customers, evenly taken; 0 where all
            are in one segment.
        """
        check_is_fitted(self)
        Z = self._encode(self._read(X))
        return mean_silhouette(Z, assign(self.rule_, Z))

    def typical_customers(self, X: Any, n: int = 5) -> pd.DataFrame:
        """Return the customers nearest to the prototypes of each segment.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_customers, n_features)
            As for `predict`.
        n : int, default=5
            How many of each segment.

        Returns
        -------
        pandas.DataFrame
            Columns ``segment``, ``distance`` and the features, the nearest first; the index has the
            labels of X.
        """
        check_is_fitted(self)
        table = self._read(X)
        found = nearness(self.rule_, self._encode(table))
        rows = typical_rows(found.distance, found.codes, self.n_clusters_, n)
        columns = {name: table[name][rows] for name in self.features_}
        segments = np.array(self.segments_, dtype=object)[found.codes[rows]]
        index = pd.RangeIndex(len(table)) if table.index is None else table.index
        frame = {"segment": segments, "distance": found.distance[rows], **columns}
        return pd.DataFrame(frame, index=index[rows])

    def rename(self, names: Mapping[str, str]) -> Self:
        """Return a copy of the fitted segmenter whose segments have other names.

        Parameters
        ----------
        names : mapping of str to str
            New names by old ones; segments left out keep theirs. A refit with ``previous=`` hands
            them on.

        Returns
        -------
        CustomerSegmenter
            Fitted like this one.

        Raises
        ------
        ValueError
            If a segment is not there, or two would have one name.
        """
        check_is_fitted(self)
        check_segment_names(names, reserved=UNASSIGNED)
        copied = deepcopy(self)
        if copied.pinned:
            copied.pinned = {one: names.get(name, name) for one, name in copied.pinned.items()}
        copied.segments_ = name_segments(
            len(self.segments_), names, dict(enumerate(self.segments_))
        )
        for table in ("stability_", "profile_", "feature_profile_", "matching_"):
            frame = getattr(copied, table)
            if frame is not None:
                level = 0 if isinstance(frame.index, pd.MultiIndex) else None
                setattr(copied, table, frame.rename(index=dict(names), level=level))
        return copied

    def _read_training(self, X: Any) -> MixedTable:
        """Read the features, and what to order and describe the segments by."""
        owner = type(self).__name__
        aside = list(dict.fromkeys([*filter(None, [self.order_by]), *self.describe]))
        if self.features is None:
            table = read_mixed(X, owner=owner)
            if not set(aside) <= set(table.columns):
                table = read_mixed(X, [*table.columns, *aside], owner=owner)
            self.features_ = [name for name in table.columns if name not in aside]
            return table
        self.features_ = list(read_columns(X, self.features, "features"))
        if not self.features_:
            raise ValueError("features must name at least one column; found none")
        names = list(dict.fromkeys([*self.features_, *aside]))
        return read_mixed(X, names, optional=() if self.order_by else VALUES, owner=owner)

    def _saved_parameters(self) -> dict[str, Any]:
        """Return the parameters without a foreign clusterer, whose rule is saved instead."""
        parameters = self.get_params(deep=False)
        foreign = not isinstance(self.clusterer, str)
        return {**parameters, "clusterer": None} if foreign else parameters

    def _read(self, X: Any) -> MixedTable:
        table = read_mixed(X, self.features_, owner=type(self).__name__)
        check_pinned(self.pinned, table)
        return table

    def _fit_features(self, table: MixedTable, free: AnyArray) -> None:
        used = table.select(self.features_)
        numeric, categorical = split_features(used, self.categorical)
        others = used.take(free)
        self.scaling_ = fit_numeric(others, numeric, scale=self.scale, weights=self.weights)
        self.categories_ = fit_categories(others, categorical, weights=self.weights)
        remember_columns(self, used)

    def _encode(self, table: MixedTable) -> FloatArray:
        policies = {"missing": self.missing, "unseen": self.unseen}
        return encode(table, self.scaling_, self.categories_, **policies)

    def _make(self, Z: FloatArray, value: FloatArray, generator: np.random.Generator) -> Segments:
        """Choose the number, make the rule, and see whether the segments come back."""
        order = canonical(Z)
        ordered, clustering = Z[order], self._clustering(len(Z))
        selection = choose_number(
            ordered,
            clustering,
            self.n_clusters,
            self.max_clusters,
            generator=generator,
            progress=self.progress,
        )
        k, seed = selection.recommended, new_seed(generator)
        segments = make_segments(ordered, clustering, k, value[order], seed)
        selection = found_selection(ordered, segments, selection)
        self.selection_, self.selection_reason_ = selection.table, selection.reason
        self.rule_, self.n_clusters_ = segments.rule, segments.count
        self.agreement_, self.sizes_within_limits_ = segments.agreement, segments.within
        self.stability_ = self._judge(ordered, segments, clustering, generator)
        return in_order(segments, order)

    def _clustering(self, n: int) -> Clustering:
        limits = [
            None if size is None else limit(size, n, name) / n
            for name, size in (("min_size", self.min_size), ("max_size", self.max_size))
        ]
        return Clustering(self.clusterer, self.sample_size, *limits)

    def _judge(
        self,
        Z: FloatArray,
        segments: Segments,
        clustering: Clustering,
        generator: np.random.Generator,
    ) -> pd.DataFrame | None:
        """Draw the customers again and again, and see which segments come back."""
        if self.n_bootstrap == 0:
            return None
        return cluster_stability(
            Z,
            segments.codes,
            segments.count,
            clustering.groups,
            n_bootstrap=self.n_bootstrap,
            generator=generator,
            sample=self.sample_size,
            progress=self.progress,
        )

    def _describe(
        self, table: MixedTable, codes: IntArray, value: FloatArray, generator: np.random.Generator
    ) -> None:
        shown = table.select([*self.features_, *self.describe])
        of_value = value if self.order_by_ in MONEY or self.order_by is not None else None
        features = feature_profile(shown.columns, codes, self.segments_, self.features_)
        sizes = size_profile(codes, self.segments_, of_value, unassigned=UNASSIGNED)
        rules = segment_rules(
            table.select(self.features_).columns, codes, self.segments_, seed=new_seed(generator)
        )
        self.feature_profile_, self.rule_fidelity_ = features, rules.fidelity
        self.profile_ = sizes.join(in_words(features).rename("description")).join(rules.table)

    def _warn(self, table: MixedTable, segments: Segments) -> None:
        """Say in plain words what is doubtful."""
        flat = self.categories_.index.get_level_values(0)[self.categories_["constant"]].unique()
        constant = ", ".join([*self.scaling_.index[self.scaling_["constant"]], *flat])
        sentences = [
            constant and f"features must differ between customers; constant: {constant}",
            pins_not_found(self.pinned, table),
            "" if segments.within else SIZES_IMPOSSIBLE,
            self._fewer_than_asked(),
            self.stability_ is not None and instability_warning(self.stability_, self.segments_),
        ]
        for sentence in filter(None, sentences):
            warnings.warn(str(sentence), DataQualityWarning, stacklevel=3)

    def _fewer_than_asked(self) -> str:
        if not isinstance(self.n_clusters, str) and self.n_clusters_ < self.n_clusters:
            return (
                f"n_clusters={self.n_clusters} gives {self.n_clusters_} segments: no more are found"
            )
        return ""

    def _names_of(self, codes: IntArray) -> AnyArray:
        return np.array([*self.segments_, UNASSIGNED], dtype=object)[codes]
