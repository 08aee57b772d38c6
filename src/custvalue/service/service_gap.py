"""How far service falls short of what customers expect."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import kind_of, read_weights, remember_columns
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._estimator.ratings import Ratings, read_ratings
from custvalue._estimator.resampling import distinct_answers
from custvalue._typing import AnyArray, FloatArray
from custvalue.exceptions import DataQualityWarning
from custvalue.service._gap_arguments import (
    check_dimensions,
    check_prefixes,
    check_weights,
    observed_scale,
    refuse_unanswered,
    total_doubts,
)
from custvalue.service._item_survey import (
    check_scale,
    numbered_items,
    paired_items,
    refuse_outside,
    refuse_unnamed,
    single_items,
    whole_answers,
)
from custvalue.service._service_gap import PairedAnswers, paired
from custvalue.service._service_gap_tables import (
    GapPlan,
    ceiling_doubts,
    dimension_table,
    gap_plan,
    item_table,
    overall_table,
    respondent_scores,
)
from custvalue.service._survey_checks import refuse_huge, refuse_tiny, weight_doubts

__all__ = ["ServiceGap"]

_SIGNS = {"perception_minus_expectation": 1.0, "expectation_minus_perception": -1.0}


class ServiceGap(OutputMixin, PersistenceMixin, BaseEstimator):
    """Measure how far service falls short of expectations, by item, dimension and overall.

    Respondents rate each item twice: what they expect of good service (E) and what they perceive
    (P). The gap of SERVQUAL [1]_, its mean over a dimension of items, and the mean over dimensions
    are ::

        G_j = P_j - E_j        G_d = mean of G_j over the items of d
        overall = mean of G_d over the dimensions         weighted = sum_d w_d G_d

    A negative gap is service below what was expected.

    Parameters
    ----------
    expectation : str or None, default ``"E_"``
        Beginning of the names of columns of expectations: ``E_speed`` is that of item ``speed``.
        None where only perceptions were asked (SERVPERF [2]_).
    perception : str, default ``"P_"``
        Beginning of the names of columns of perceptions.
    dimensions : dict of str to str, optional
        The dimension of each item, as in ``{"speed": "reliability"}``. It must name every item.
        Left out: all items make one dimension, "all".
    weights : dict of str to float, or pandas.Series, optional
        Importance of each dimension, by its share of their sum. A sum other than 1 or 100 gives a
        warning.
    missing : {"pairwise", "listwise", "raise"}, default="pairwise"
        "pairwise" takes each item from those who answered both its questions, and each respondent's
        dimension from the items answered; "listwise" leaves out respondents with any gap in their
        answers; "raise" makes a missing answer an error.
    scale : (float, float), optional
        Lowest and highest rating; answers beyond them are an error. Left out: the lowest and
        highest answer at `fit`, see ``scale_``, and all answers pass.
    level : float, default=0.95
        Probability of the intervals.
    direction : {"perception_minus_expectation", "expectation_minus_perception"}, \
default="perception_minus_expectation"
        Sign of the gap. With the second a positive gap is service below what was expected.

    Attributes
    ----------
    gaps_ : pandas.DataFrame
        Index ``item``. ``dimension``; means of ``expectation`` and ``perception``; ``gap``, with
        the ends ``lower`` and ``upper`` of its interval; ``n`` respondents behind it; ``t`` and
        ``p_value`` of a paired t test, ``p_holm`` that after Holm for the number of items;
        ``expectation_at_top`` and ``perception_at_top``, the share of the highest rating;
        ``half_answered``, how many answered one of the two questions only. Without expectations
        ``lower`` and ``upper`` are those of the perception, and figures of the gap are NaN.
    dimensions_ : pandas.DataFrame
        Index ``dimension``. The same of the respondents' means over its items, where "at top" is
        the share with the highest rating of every item; ``n_items``; ``alpha``, Cronbach's
        reliability of the gap scores (NaN for one item), with ``alpha_expectation`` and
        ``alpha_perception`` of the same respondents' answers; ``weight`` where weights were given.
    overall_ : pandas.Series
        ``expectation``, ``perception``, ``gap``, ``lower``, ``upper``, ``n`` (the fewest of any
        dimension), ``t``, ``p_value``. ``pooled`` is the mean of all answers in one pot, in which a
        dimension counts by its number of items, and ``averaging_difference`` the mean over
        dimensions less that.
    weighted_overall_ : pandas.Series or None
        The same with the weights of the dimensions.
    scale_ : tuple of float
        Lowest and highest rating.
    items_ : list of str
    n_respondents_ : float
        By their weights; of those not left out.
    columns_ : list of str
        All columns read: expectations of all items, then perceptions.
    n_features_in_ : int
        Number of columns read.
    feature_names_in_ : ndarray of shape (n_columns,)
        Their names; only where X is a frame.

    See Also
    --------
    ImportancePerformance : Where to act first.
    custvalue.plotting.GapDisplay : Expectation and perception by item.

    Notes
    -----
    Intervals are Student's, of differences within respondents: mean -+ t s / sqrt(n). They are NaN
    for fewer than two respondents, and where all gave the same gap. The error of the overall gap is
    that of the respondents' own means over dimensions; where dimensions were left out it is the
    linearised one of the mean of means.

    Where more than 15 % of at least 50 respondents give the highest rating to every item of a
    dimension, a warning tells of a ceiling [3]_: expectations often have one, and then the gap
    repeats the perception with its sign turned. The reliability of a difference is often poor for
    the same reason, and an expectation and a perception that go together make it worse [4]_.

    References
    ----------
    .. [1] A. Parasuraman, V. A. Zeithaml and L. L. Berry (1988), "SERVQUAL: a multiple-item scale
       for measuring consumer perceptions of service quality", Journal of Retailing 64, 12-40.
    .. [2] J. J. Cronin and S. A. Taylor (1992), "Measuring service quality: a reexamination and
       extension", Journal of Marketing 56(3), 55-68.
    .. [3] C. B. Terwee et al. (2007), "Quality criteria were proposed for measurement properties of
       health status questionnaires", Journal of Clinical Epidemiology 60, 34-42.
    .. [4] J. P. Peter, G. A. Churchill and T. J. Brown (1993), "Caution in the use of difference
       scores in consumer research", Journal of Consumer Research 19, 655-662.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.service import ServiceGap
    >>> survey = pd.DataFrame(
    ...     {
    ...         "E_on_time": [7, 6, 7, 6, 7, 5],
    ...         "E_complete": [6, 6, 7, 5, 6, 6],
    ...         "E_friendly": [5, 4, 6, 5, 4, 5],
    ...         "P_on_time": [5, 5, 4, 5, 6, 4],
    ...         "P_complete": [6, 5, 6, 5, 5, 6],
    ...         "P_friendly": [6, 5, 6, 6, 4, None],
    ...     }
    ... )
    >>> gap = ServiceGap(
    ...     dimensions={
    ...         "on_time": "reliability", "complete": "reliability", "friendly": "empathy"
    ...     },
    ...     weights={"reliability": 70, "empathy": 30},
    ... ).fit(survey)
    >>> gap.gaps_[["expectation", "perception", "gap", "lower", "upper", "n", "p_holm"]].round(2)
              expectation  perception  gap  lower  upper    n  p_holm
    item
    on_time          6.33        4.83 -1.5  -2.38  -0.62  6.0    0.02
    complete         6.00        5.50 -0.5  -1.07   0.07  6.0    0.14
    friendly         4.80        5.40  0.6  -0.08   1.28  5.0    0.14
    >>> gap.dimensions_["gap"].round(2).to_dict()
    {'reliability': -1.0, 'empathy': 0.6}

    Overall, by the weights of the dimensions, and in one pot, where reliability counts double:

    >>> float(round(gap.overall_["gap"], 2)), float(round(gap.weighted_overall_["gap"], 2))
    (-0.2, -0.52)
    >>> float(round(gap.overall_["pooled"], 2))
    -0.53

    The gaps of two respondents, one of whom left out a question:

    >>> gap.transform(survey.tail(2))
       reliability_gap  empathy_gap  overall_gap  weighted_gap  coverage
    4             -1.0          0.0         -0.5          -0.7  1.000000
    5             -0.5          NaN         -0.5          -0.5  0.666667
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "expectation": [str, None],
        "perception": [str],
        "dimensions": [dict, None],
        "weights": [dict, pd.Series, None],
        "missing": [StrOptions({"pairwise", "listwise", "raise"})],
        "scale": [tuple, list, None],
        "level": [interval(0, 1)],
        "direction": [StrOptions(set(_SIGNS))],
    }

    gaps_: pd.DataFrame
    dimensions_: pd.DataFrame
    overall_: pd.Series
    weighted_overall_: pd.Series | None
    scale_: tuple[float, float]
    items_: list[str]
    n_respondents_: float
    columns_: list[str]
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        expectation: str | None = "E_",
        perception: str = "P_",
        dimensions: Mapping[str, str] | None = None,
        weights: Mapping[str, float] | pd.Series | None = None,
        missing: str = "pairwise",
        scale: Sequence[float] | None = None,
        level: float = 0.95,
        direction: str = "perception_minus_expectation",
    ) -> None:
        self.expectation = expectation
        self.perception = perception
        self.dimensions = dimensions
        self.weights = weights
        self.missing = missing
        self.scale = scale
        self.level = level
        self.direction = direction

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Measure the gaps of a survey.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_columns)
            One row a respondent; two columns an item. An array has the expectations of all items,
            then the perceptions of the same, in the order of ``dimensions``; without these the
            items are called ``x0``, ``x1``, ...
        y : None
            Ignored.
        sample_weight : array-like of shape (n_respondents,), optional
            How many respondents each row stands for; 0 leaves it out. Survey weights must have a
            mean of 1, for intervals rest on their sum.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, the beginnings of names cannot be told apart, or
            ``weights`` do not name each dimension or have no positive sum.
        custvalue.exceptions.DataError
            If an item has one of its two columns only or no dimension, a column holds text, an
            answer is beyond ``scale`` or 1e100, all of a column are below 1e-100 but not all 0, an
            item has no respondent who answered both questions, an answer is missing where
            ``missing="raise"``, or ``sample_weight`` sum to less than 1 or more than 2**53.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If respondents were left out by ``missing="listwise"``, many gave the highest rating to
            every item of a dimension, ``weights`` sum neither to 1 nor to 100, or ``sample_weight``
            sum to less than the number of rows, as shares do.
        """
        self._validate_params()
        scale = self._check_parameters()
        items = self._find_items(X)
        ratings = read_ratings(X, self._columns_of(items), owner=type(self).__name__)
        refuse_outside(ratings, scale)
        refuse_huge(ratings)
        refuse_tiny(ratings)
        sample_weights = read_weights(sample_weight, ratings)
        doubts = [*total_doubts(self.weights), *weight_doubts(sample_weights)]
        whole = whole_answers(ratings, sample_weights, missing=self.missing)
        rows, counts = distinct_answers(whole.ratings, whole.weights)
        plan = gap_plan(items, self.dimensions, self.weights)
        doubts += [*whole.doubts, *self._measure(rows, counts, plan, scale)]
        self.items_, self.columns_ = plan.items, ratings.items
        remember_columns(self, ratings)
        for doubt in doubts:
            warnings.warn(doubt, DataQualityWarning, stacklevel=2)
        return self

    def transform(self, X: Any) -> Any:
        """Return the gap of each respondent by dimension and overall.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_columns)
            The columns of `fit`.

        Returns
        -------
        frame of shape (n_respondents, n_dimensions + 2)
            ``<dimension>_gap``, the mean over its items that were answered; ``overall_gap``, the
            mean of these; ``weighted_gap``, that by weights, where weights were given;
            ``coverage``, the share of items with both answers. NaN where nothing was answered, and
            with ``missing="listwise"`` where anything is missing. Without expectations the columns
            end in ``_perception``.

            Where answers are missing, the mean of ``overall_gap`` over respondents is not
            ``overall_["gap"]``: that is the mean of the means of the dimensions, each over all who
            answered it, and a respondent's is over the dimensions that this one answered.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        custvalue.exceptions.DataError
            If a column is missing or holds text, an answer is beyond ``scale`` or 1e100, or one is
            missing where ``missing="raise"``.
        """
        check_is_fitted(self)
        ratings = read_ratings(X, self.columns_, owner=type(self).__name__)
        refuse_outside(ratings, check_scale(self.scale))
        refuse_huge(ratings)
        if self.missing == "raise":
            ratings.refuse_gaps()
        weights = self.dimensions_.get("weight")
        plan = gap_plan(self.items_, dict(self.gaps_["dimension"]), weights)
        score = self._paired(ratings).score
        found = respondent_scores(score, plan, whole=self.missing == "listwise")
        columns = dict(zip(self.get_feature_names_out(), found, strict=True))
        return self._frame(ratings, columns)

    def get_feature_names_out(self, input_features: Any = None) -> AnyArray:
        """Return the names of the columns that `transform` gives.

        Parameters
        ----------
        input_features : array-like of str or None
            Ignored.

        Returns
        -------
        ndarray of str of shape (n_columns,)
            One a dimension, then ``overall_gap``, ``weighted_gap`` where weights were given, and
            ``coverage``.
        """
        check_is_fitted(self)
        names = [*self.dimensions_.index, "overall"]
        names += [] if self.weighted_overall_ is None else ["weighted"]
        word = "perception" if self.expectation is None else "gap"
        return np.asarray([*(f"{name}_{word}" for name in names), "coverage"], dtype=object)

    def _check_parameters(self) -> tuple[float, float] | None:
        check_prefixes(self.expectation, self.perception)
        check_dimensions(self.dimensions)
        check_weights(self.weights, self.dimensions)
        return check_scale(self.scale)

    def _find_items(self, X: Any) -> list[str]:
        owner = type(self).__name__
        if self.dimensions is not None:
            refuse_unnamed(X, self.perception, list(self.dimensions), "dimensions")
            return list(self.dimensions)
        if kind_of(X) == "array":
            return numbered_items(X, 1 if self.expectation is None else 2, owner=owner)
        if self.expectation is None:
            return single_items(X, self.perception, owner=owner)
        return paired_items(X, self.expectation, self.perception, owner=owner)

    def _columns_of(self, items: list[str]) -> list[str]:
        prefixes = [one for one in (self.expectation, self.perception) if one is not None]
        return [prefix + item for prefix in prefixes for item in items]

    def _paired(self, ratings: Ratings) -> PairedAnswers:
        values, sign = ratings.block(slice(None)), _SIGNS[self.direction]
        if self.expectation is None:
            return paired(None, values, sign=sign)
        expectation, perception = np.hsplit(values, 2)
        return paired(expectation, perception, sign=sign)

    def _measure(
        self,
        ratings: Ratings,
        counts: FloatArray,
        plan: GapPlan,
        scale: tuple[float, float] | None,
    ) -> list[str]:
        """Set what is learned; return sentences that the user should read."""
        answers = self._paired(ratings)
        refuse_unanswered(answers.score, plan.items)
        self.scale_ = observed_scale(ratings) if scale is None else scale
        top = self.scale_[1]
        self.gaps_ = item_table(answers, counts, plan, level=self.level, top=top)
        self.dimensions_ = dimension_table(answers, counts, plan, level=self.level, top=top)
        self.overall_ = overall_table(answers, counts, plan, None, level=self.level)
        self.weighted_overall_ = None
        if plan.weights is not None:
            self.weighted_overall_ = overall_table(
                answers, counts, plan, plan.weights, level=self.level
            )
        self.n_respondents_ = float(counts.sum())
        return ceiling_doubts(self.dimensions_, top)
