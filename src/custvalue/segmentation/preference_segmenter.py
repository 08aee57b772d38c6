"""Segments of people by what they prefer: clusters and mixtures of rankings."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, cast

import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import read_weights, remember_columns
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval, whole_numbers
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._estimator.randomness import new_seed, random_generator
from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.exceptions import ConvergenceWarning, DataError, DataQualityWarning
from custvalue.segmentation._names import check_segment_names, matched_names, name_matched
from custvalue.segmentation._rankings.candidates import (
    Candidate,
    MedoidSearch,
    Method,
    MixtureModel,
    MixtureSearch,
    medoid_candidates,
    mixture_candidates,
    smallest_weight,
)
from custvalue.segmentation._rankings.distances import DistanceKind, mid_ranks
from custvalue.segmentation._rankings.levels import compressed_levels
from custvalue.segmentation._rankings.notation import (
    Notation,
    Rankings,
    Unranked,
    check_items,
    check_known,
    read_rankings,
    transposition_warning,
)
from custvalue.segmentation._rankings.profile import (
    describe,
    distance_to_own,
    kind_of,
    largest_first,
    table_of,
)
from custvalue.segmentation._rankings.rules import (
    MallowsRule,
    MedoidRule,
    PlackettLuceRule,
    RankingRule,
    chances,
    log_density,
    reordered,
    segment_of,
    size_of,
)
from custvalue.segmentation._rankings.selection import Selection, selection_of

__all__ = ["PreferenceSegmenter"]

_MIXTURES = ("mallows", "plackett_luce")


def _is_mixture(segmenter: PreferenceSegmenter) -> bool:
    if segmenter.model in _MIXTURES:
        return True
    raise AttributeError(
        f"predict_proba needs a mixture, model='mallows' or 'plackett_luce'; "
        f"found model={segmenter.model!r}"
    )


class PreferenceSegmenter(OutputMixin, PersistenceMixin, BaseEstimator):
    """Find segments of people who put the same things first.

    X has one row a respondent: how they rank some items, say, elements of service. Two families of
    models find the segments.

    * Distances: ``model`` "kendall" counts the pairs of items that two rankings put in opposite
      order (a pair tied in one of them counts one half), "spearman" adds up the squared differences
      of ranks, "footrule" the absolute ones. A segment is what is nearest to its medoid, the
      ranking of the respondent who stands for it best.
    * Mixtures: "mallows" says that a ranking at distance d (Kendall) from the centre of its segment
      is exp(-theta d) times as likely as the centre; "plackett_luce" that each choice falls on an
      item with a probability proportional to its worth among those left.

    Each segment has a consensus ranking. For "kendall" it is Kemeny's: the order with the fewest
    contradictions to its respondents, exact up to 12 items.

    Parameters
    ----------
    items : sequence of str, optional
        The items that are ranked. In rank notation they are the columns to read, left out: all of
        them. In order notation they are the values to expect, left out: those that are there.
    n_segments : int or "auto", default="auto"
        "auto" takes the number with the smallest BIC for mixtures, and tries no larger one after
        two in a row without a smaller BIC; for distances the number with the largest mean
        silhouette, or one segment where that is below 0.25.
    model : {"kendall", "spearman", "footrule", "mallows", "plackett_luce"}, default="kendall"
        See above.
    notation : {"rank", "order"}, default="rank"
        "rank": one column an item, its value the rank, 1 the most preferred. "order": one column a
        place (first choice, second choice, ...), its value the item: a name, or its number in
        ``items`` from 1. The two are easily confused: who orders three items as (3, 1, 2) gives
        them the ranks (2, 3, 1).
    unranked : {"last", "unknown"}, default="last"
        What it means that a respondent does not rank an item: "last", it comes behind all that are
        ranked; "unknown", it could be anywhere. A list of first choices is "last"; "unknown" is for
        respondents who were asked about some of the items only.
    method : {"k_medoids", "hierarchical"}, default="k_medoids"
        How distances make segments: medoids by swapping (PAM), or the groups of average linkage,
        each of which then has its medoid.
    max_segments : int, default=6
        Largest number that "auto" tries.
    min_size : float or int, default=0.05
        Smallest segment, as a share of the respondents below 1, as their number from 1 on. Smaller
        ones are dissolved into the nearest others; of mixtures only those are considered whose
        estimated shares are all as large.
    max_concentration : float, default=5.0
        Largest theta of a Mallows model, and largest distance of the logarithm of a Plackett-Luce
        worth from the mean; respondents who agree completely would give infinity.
    n_starts : int, default=20
        How many starts the search of a mixture makes, and that of medoids where items are unknown.
    names : sequence of str or mapping of str to str, optional
        Names of the segments in their order, or own names for "Segment 1", "Segment 2" and so on.
    random_state : int, RandomState, Generator or None, default=None
        For the starts, and for the sample where more than 2,000 rankings are distinct.
    progress : bool, default=False
        Show a bar on standard error.

    Attributes
    ----------
    segments_ : list of str
        Names, the largest segment first.
    items_ : list of str
        The items.
    consensus_ : pandas.DataFrame of shape (n_segments, n_items)
        Rank of each item in the consensus of each segment, 1 the most preferred.
    consensus_method_ : str
        How the consensus was found, and whether it is exact.
    borda_ : pandas.DataFrame of shape (n_segments, n_items)
        Mean ranks. Ties share the mean of their ranks; where u of m items are unknown, the j-th of
        the others counts as j (m + 1) / (m - u + 1).
    profile_ : pandas.DataFrame
        One row a segment: ``respondents`` and their ``share``; ``mean_distance`` to the consensus
        in the distance of the model (Kendall's for mixtures); ``agreement``, the mean of Kendall's
        tau with the consensus (1: all agree, 0: as by chance); for mixtures ``mixture_share``, the
        estimated share, for "mallows" ``concentration``, theta.
    selection_ : pandas.DataFrame
        One row a number of segments tried: ``silhouette`` and ``mean_distance`` (to the medoid), or
        ``bic``, ``icl``, ``log_likelihood`` and ``n_parameters``; ``smallest_segment``, its share;
        ``recommended``. NaN where a segment would be smaller than ``min_size``.
    selection_reason_ : str
        Why the number was taken.
    medoids_ : pandas.DataFrame or None
        Ranks of the medoid of each segment, ties at their mean. None for mixtures.
    concentration_ : pandas.Series or None
        theta of each segment; for "mallows" only.
    worths_ : pandas.DataFrame or None
        Probability of each item to be a segment's first choice; for "plackett_luce" only.
    log_likelihood_, bic_, icl_ : float or None
        Of the mixture. ICL is BIC plus twice the entropy of the assignments.
    convergence_ : dict or None
        For mixtures: ``converged``, ``iterations``, ``n_starts_agreeing`` (starts that ended at the
        same likelihood) and ``at_cap`` (segments at ``max_concentration``).
    matching_ : pandas.DataFrame or None
        Where `fit` had ``previous``: the earlier name of each segment and their Jaccard similarity.
    rule_ : object
        What puts a ranking in a segment.
    n_respondents_ : float
        Sum of the sample weights.
    n_features_in_ : int
        Number of columns used.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names; only where X is a frame.

    See Also
    --------
    CustomerSegmenter : Segments by what customers are and do.

    Notes
    -----
    Equal rankings are kept once with their number, so that time and memory depend on the distinct
    ones. Medoids and silhouettes of more than 2,000 distinct rankings are found on a sample of
    2,000 respondents; the segments then hold all respondents.

    A distance to a ranking with unknown items leaves their pairs out. Where X has such rankings, no
    respondent stands for a whole order: the consensus of each segment then takes the place of its
    medoid, and the best of ``n_starts`` searches for them is kept. Of two medoids equally near, the
    one whose ranks come first in lexicographic order takes the respondent.

    References
    ----------
    Fligner, M. A. & Verducci, J. S. (1986). Distance based ranking models. Journal of the Royal
    Statistical Society B, 48(3), 359-369.

    Murphy, T. B. & Martin, D. (2003). Mixtures of distance-based models for ranking data.
    Computational Statistics & Data Analysis, 41(3-4), 645-655.

    Examples
    --------
    Ten customers rank four elements of service; six want speed first, four a low price.

    >>> import pandas as pd
    >>> from custvalue.segmentation import PreferenceSegmenter
    >>> ranks = pd.DataFrame(
    ...     [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 4, 3], [2, 1, 3, 4], [1, 2, 3, 4], [1, 3, 2, 4],
    ...      [4, 3, 2, 1], [4, 3, 2, 1], [3, 4, 2, 1], [4, 3, 1, 2]],
    ...     columns=["speed", "stock", "advice", "price"],
    ...     index=pd.Index(list("ABCDEFGHIJ"), name="customer_id"),
    ... )
    >>> segmenter = PreferenceSegmenter(max_segments=3).fit(ranks)
    >>> segmenter.selection_reason_
    '2 segments: the largest mean silhouette, 0.801.'
    >>> segmenter.consensus_
               speed  stock  advice  price
    segment
    Segment 1      1      2       3      4
    Segment 2      4      3       2      1
    >>> segmenter.profile_.round(2)
               respondents  share  mean_distance  agreement
    segment
    Segment 1          6.0    0.6            0.5       0.83
    Segment 2          4.0    0.4            0.5       0.83

    A customer of tomorrow, who names the first two alone.

    >>> tomorrow = pd.DataFrame({"speed": [2], "stock": [None], "advice": [None], "price": [1]})
    >>> segmenter.transform(tomorrow)
         segment  distance
    0  Segment 2       2.5
    """

    _output_columns = ("segment", "distance")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "items": [list, tuple, np.ndarray, pd.Index, None],
        "n_segments": [StrOptions({"auto"}), whole_numbers(1)],
        "model": [StrOptions({"kendall", "spearman", "footrule", *_MIXTURES})],
        "notation": [StrOptions({"rank", "order"})],
        "unranked": [StrOptions({"last", "unknown"})],
        "method": [StrOptions({"k_medoids", "hierarchical"})],
        "max_segments": [whole_numbers(1, 50)],
        "min_size": [interval(0, 1, closed="left"), whole_numbers(1)],
        "max_concentration": [interval(0, None)],
        "n_starts": [whole_numbers(1)],
        "names": [list, tuple, dict, None],
        "random_state": ["random_state", np.random.Generator],
        "progress": ["boolean"],
    }

    segments_: list[str]
    items_: list[str]
    consensus_: pd.DataFrame
    consensus_method_: str
    borda_: pd.DataFrame
    profile_: pd.DataFrame
    selection_: pd.DataFrame
    selection_reason_: str
    medoids_: pd.DataFrame | None
    concentration_: pd.Series | None
    worths_: pd.DataFrame | None
    log_likelihood_: float | None
    bic_: float | None
    icl_: float | None
    convergence_: dict[str, Any] | None
    matching_: pd.DataFrame | None
    rule_: RankingRule
    n_respondents_: float
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        items: Sequence[str] | None = None,
        n_segments: int | str = "auto",
        model: str = "kendall",
        notation: str = "rank",
        unranked: str = "last",
        method: str = "k_medoids",
        max_segments: int = 6,
        min_size: float = 0.05,
        max_concentration: float = 5.0,
        n_starts: int = 20,
        names: Sequence[str] | Mapping[str, str] | None = None,
        random_state: Any = None,
        progress: bool = False,
    ) -> None:
        self.items = items
        self.n_segments = n_segments
        self.model = model
        self.notation = notation
        self.unranked = unranked
        self.method = method
        self.max_segments = max_segments
        self.min_size = min_size
        self.max_concentration = max_concentration
        self.n_starts = n_starts
        self.names = names
        self.random_state = random_state
        self.progress = progress

    def fit(
        self, X: Any, y: Any = None, *, sample_weight: Any = None, previous: Any = None
    ) -> Self:
        """Find the segments, name and describe them.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_columns)
            One row a respondent, in the notation that ``notation`` names. The columns of an array
            are called ``x0``, ``x1``, ..., or by ``items`` in rank notation.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_respondents,), optional
            How many respondents each row stands for.
        previous : fitted PreferenceSegmenter, optional
            The segments of an earlier fit to the same items. Each new segment keeps the name of the
            earlier one that it shares most respondents of X with, one to one, where they share at
            least a quarter of those in either.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, there are less distinct rankings than segments, or no
            mixture with ``n_segments`` segments keeps to ``min_size``.
        TypeError
            If ``previous`` is not a PreferenceSegmenter.
        custvalue.exceptions.DataError
            If a row is not a ranking, or there are less than two items.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            For rankings that look as if they were in the other notation, and for segments that are
            dissolved where ``n_segments`` is a number.
        custvalue.exceptions.ConvergenceWarning
            For a mixture whose search did not end, or that is at ``max_concentration``.
        """
        self._validate_params()
        check_segment_names(self.names)
        rankings = self._read(X, check_items(self.items), None)
        self._check_previous(previous, rankings.items)
        weights = read_weights(sample_weight, rankings.table)
        levels, counts, _ = compressed_levels(rankings.levels, weights)
        levels, counts = levels[counts > 0], counts[counts > 0]
        check_known(levels, rankings.items)
        doubt = transposition_warning(levels, counts, cast(Notation, self.notation))
        if doubt:
            warnings.warn(doubt, DataQualityWarning, stacklevel=2)
        selection = self._select(levels, counts)
        self._set_segments(selection, levels, counts, previous)
        self.items_, self.n_respondents_ = list(rankings.items), float(counts.sum())
        self._describe(levels, counts)
        remember_columns(self, rankings.table)
        self._warn(selection.chosen)
        return self

    def predict(self, X: Any) -> AnyArray:
        """Return the name of each respondent's segment.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_columns)
            The columns of `fit`, in the same notation.

        Returns
        -------
        ndarray of object of shape (n_respondents,)
            Names.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the segmenter is not fitted.
        custvalue.exceptions.DataError
            If a column is missing, a row is not a ranking or has an item that `fit` did not know.
        """
        check_is_fitted(self)
        levels, _, inverse = compressed_levels(self._read_fitted(X).levels)
        return self._names_of(segment_of(self.rule_, levels)[inverse])

    def transform(self, X: Any) -> Any:
        """Return the segment of each respondent, and how near they are to its consensus.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_columns)
            As for `predict`.

        Returns
        -------
        frame of shape (n_respondents, 2), or 3 for mixtures
            ``segment``; ``distance`` to its consensus, in the distance of the model (Kendall's for
            mixtures); for mixtures ``probability`` of the segment.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the segmenter is not fitted.
        custvalue.exceptions.DataError
            As `predict`.
        """
        check_is_fitted(self)
        rankings = self._read_fitted(X)
        levels, _, inverse = compressed_levels(rankings.levels)
        codes = segment_of(self.rule_, levels)
        columns = {
            "segment": self._names_of(codes[inverse]),
            "distance": self._distances(levels, codes)[inverse],
        }
        if not isinstance(self.rule_, MedoidRule):
            own = chances(self.rule_, levels)[np.arange(len(levels)), codes]
            columns["probability"] = own[inverse]
        return self._frame(rankings.table, columns)

    def get_feature_names_out(self, input_features: Any = None) -> AnyArray:
        """Return the names of the columns that `transform` gives.

        Parameters
        ----------
        input_features : array-like of str or None
            Ignored.

        Returns
        -------
        ndarray of str
            They depend on the model alone.
        """
        names = super().get_feature_names_out(input_features)
        if isinstance(self.rule_, MedoidRule):
            return names
        return np.append(names, np.array(["probability"], dtype=object))

    @available_if(_is_mixture)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> FloatArray:
        """Return the probability of each segment; for mixtures only.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_columns)
            As for `predict`.

        Returns
        -------
        ndarray of shape (n_respondents, n_segments)
            In the order of ``segments_``; rows sum to one.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the segmenter is not fitted.
        custvalue.exceptions.DataError
            As `predict`.
        """
        check_is_fitted(self)
        levels, _, inverse = compressed_levels(self._read_fitted(X).levels)
        rule: MallowsRule | PlackettLuceRule = self.rule_  # type: ignore[assignment]
        return chances(rule, levels)[inverse]

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the mean log-likelihood, or for distances minus the mean distance.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_columns)
            As for `predict`.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_respondents,), optional
            How many respondents each row stands for.

        Returns
        -------
        float
            A mean over respondents; the distance is that to the consensus of their segment.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the segmenter is not fitted.
        custvalue.exceptions.DataError
            As `predict`.
        """
        check_is_fitted(self)
        rankings = self._read_fitted(X)
        weights = read_weights(sample_weight, rankings.table)
        levels, counts, _ = compressed_levels(rankings.levels, weights)
        if isinstance(self.rule_, MedoidRule):
            values = -self._distances(levels, segment_of(self.rule_, levels))
        else:
            values = log_density(self.rule_, levels)
        return float(counts @ values / counts.sum())

    def _read(self, X: Any, items: Sequence[str] | None, columns: Sequence[str] | None) -> Rankings:
        return read_rankings(
            X,
            items,
            notation=cast(Notation, self.notation),
            unranked=cast(Unranked, self.unranked),
            owner=type(self).__name__,
            columns=columns,
        )

    def _read_fitted(self, X: Any) -> Rankings:
        places = [f"x{i}" for i in range(self.n_features_in_)]
        return self._read(X, self.items_, list(getattr(self, "feature_names_in_", places)))

    def _names_of(self, codes: IntArray) -> AnyArray:
        return np.array(self.segments_, dtype=object)[codes]

    def _distances(self, levels: IntArray, codes: IntArray) -> FloatArray:
        consensus = self.consensus_.to_numpy(dtype=np.int64)
        return distance_to_own(levels, consensus, codes, kind_of(self.rule_))

    def _check_previous(self, previous: Any, items: Sequence[str]) -> None:
        if previous is None:
            return
        if not isinstance(previous, PreferenceSegmenter):
            raise TypeError(
                f"previous must be a fitted PreferenceSegmenter; found {type(previous).__name__}"
            )
        check_is_fitted(previous)
        if list(previous.items_) != list(items):
            raise ValueError(
                f"previous must rank the same items in the same order, {', '.join(items)}; "
                f"found {', '.join(previous.items_)}"
            )

    def _select(self, levels: IntArray, counts: FloatArray) -> Selection:
        """Make a segmentation for each number of segments, and choose one."""
        auto, mixture = self.n_segments == "auto", self.model in _MIXTURES
        generator = random_generator(self.random_state)
        candidates = self._candidates(levels, counts, self._numbers(len(levels)), generator)
        if not auto and candidates[0].rule is None:
            raise DataError(
                f"no mixture with n_segments={self.n_segments} keeps every segment at "
                f"min_size={self.min_size}; ask for fewer segments or allow smaller ones"
            )
        return selection_of(candidates, auto=auto, mixture=mixture)

    def _numbers(self, n_distinct: int) -> list[int]:
        if self.n_segments == "auto":
            return list(range(1, min(self.max_segments, n_distinct) + 1))
        number = int(self.n_segments)
        if number > n_distinct:
            raise ValueError(
                f"n_segments must be at most the number of distinct rankings, {n_distinct}; "
                f"found {number}"
            )
        return [number]

    def _candidates(
        self,
        levels: IntArray,
        counts: FloatArray,
        numbers: list[int],
        generator: np.random.Generator,
    ) -> list[Candidate]:
        least = smallest_weight(self.min_size, float(counts.sum()))
        if self.model in _MIXTURES:
            model = cast(MixtureModel, self.model)
            mixture = MixtureSearch(model, self.n_starts, self.max_concentration, least)
            seed = new_seed(generator)
            return mixture_candidates(
                levels, counts, numbers, mixture, seed=seed, progress=self.progress
            )
        kind, method = cast(DistanceKind, self.model), cast(Method, self.method)
        search = MedoidSearch(kind, method, least, self.n_starts)
        return medoid_candidates(
            levels, counts, numbers, search, generator=generator, progress=self.progress
        )

    def _set_segments(
        self,
        selection: Selection,
        levels: IntArray,
        counts: FloatArray,
        previous: PreferenceSegmenter | None,
    ) -> None:
        """Order and name the segments, and keep how they were found."""
        chosen = selection.chosen
        assert chosen.rule is not None
        order = largest_first(chosen.rule, levels, counts)
        rule = reordered(chosen.rule, order)
        matched = None if previous is None else _matched(rule, levels, counts, previous)
        naming = name_matched(size_of(rule), self.names, matched)
        self.rule_, self.segments_, self.matching_ = rule, naming.names, naming.matching
        self.selection_, self.selection_reason_ = selection.table, selection.reason
        self.log_likelihood_ = chosen.criteria.get("log_likelihood")
        self.bic_, self.icl_ = chosen.criteria.get("bic"), chosen.criteria.get("icl")
        self.convergence_ = None
        if chosen.convergence:
            capped = np.asarray(chosen.convergence["at_cap"])[order]
            names = [name for name, cap in zip(self.segments_, capped, strict=True) if cap.any()]
            self.convergence_ = {**chosen.convergence, "at_cap": names}

    def _describe(self, levels: IntArray, counts: FloatArray) -> None:
        found, rule, names = describe(self.rule_, levels, counts), self.rule_, self.segments_
        self.consensus_ = table_of(found.consensus, names, self.items_)
        self.consensus_method_ = found.method
        self.borda_ = table_of(found.borda, names, self.items_)
        columns = {
            "respondents": found.respondents,
            "share": found.respondents / self.n_respondents_,
            "mean_distance": found.mean_distance,
            "agreement": found.agreement,
        }
        self.medoids_, self.concentration_, self.worths_ = None, None, None
        if isinstance(rule, MedoidRule):
            self.medoids_ = table_of(mid_ranks(rule.medoids), names, self.items_)
        else:
            columns["mixture_share"] = rule.shares
        if isinstance(rule, PlackettLuceRule):
            self.worths_ = table_of(softmax(rule.log_worths, axis=1), names, self.items_)
        if isinstance(rule, MallowsRule):
            columns["concentration"] = rule.concentrations
        index = self.consensus_.index
        self.profile_ = pd.DataFrame(columns, index=index)
        if isinstance(rule, MallowsRule):
            self.concentration_ = self.profile_["concentration"].copy()

    def _warn(self, chosen: Candidate) -> None:
        lost = chosen.asked - len(self.segments_)
        if lost:
            warnings.warn(
                f"n_segments={chosen.asked} gives {lost} segment(s) smaller than "
                f"min_size={self.min_size}, which were dissolved into the nearest others; "
                f"{len(self.segments_)} are left",
                DataQualityWarning,
                stacklevel=3,
            )
        empty = self.profile_.index[self.profile_["respondents"] == 0]
        if len(empty):
            warnings.warn(
                f"each segment should be somebody's likeliest one; {', '.join(empty)} is nobody's, "
                "and its consensus says nothing. Take fewer segments",
                DataQualityWarning,
                stacklevel=3,
            )
        if self.convergence_ is None:
            return
        if not self.convergence_["converged"]:
            warnings.warn(
                f"the search of the mixture did not end within "
                f"{self.convergence_['iterations']} iterations",
                ConvergenceWarning,
                stacklevel=3,
            )
        if self.convergence_["at_cap"]:
            warnings.warn(
                f"max_concentration={self.max_concentration} bounds the fit of "
                f"{', '.join(self.convergence_['at_cap'])}, whose respondents hardly differ",
                ConvergenceWarning,
                stacklevel=3,
            )


def _matched(
    rule: RankingRule, levels: IntArray, counts: FloatArray, previous: PreferenceSegmenter
) -> pd.DataFrame:
    """Match the segments of a rule to earlier ones by the respondents that both hold."""
    before = previous._names_of(segment_of(previous.rule_, levels))
    return matched_names(segment_of(rule, levels), size_of(rule), before, weights=counts)
