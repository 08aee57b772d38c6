"""Which elements of service to act on first: importance against performance."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import kind_of, read_columns, read_weights, remember_columns
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval, whole_numbers
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._estimator.progress import tracked
from custvalue._estimator.randomness import random_generator
from custvalue._estimator.ratings import Ratings, read_ratings
from custvalue._estimator.resampling import distinct_answers, resampled_weights
from custvalue._typing import AnyArray, BoolArray, FloatArray
from custvalue.exceptions import DataQualityWarning
from custvalue.service._gap_arguments import check_prefixes
from custvalue.service._importance_arguments import (
    check_importance,
    check_items,
    cross_hair_rule,
    derivation_doubts,
    given_importance,
    refuse_points,
    refuse_underivable,
)
from custvalue.service._importance_performance import (
    Draws,
    MapAnswers,
    Points,
    points_of,
    rarely_answered,
    resampled_points,
)
from custvalue.service._importance_tables import (
    cross_hair_series,
    map_table,
    placed_table,
    stability_table,
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
from custvalue.service._service_gap import known_average
from custvalue.service._survey_checks import (
    fewer_than_two,
    refuse_huge,
    refuse_tiny,
    weight_doubts,
)

__all__ = ["ImportancePerformance"]


@dataclass(frozen=True, slots=True)
class _Survey:
    """A survey made ready.

    Attributes
    ----------
    table : Ratings
        As read.
    answers : MapAnswers
        Of different rows.
    counts : ndarray of shape (n_distinct,)
        How many respondents gave each.
    doubts : tuple of str
        Sentences that the user should read.
    """

    table: Ratings
    answers: MapAnswers
    counts: FloatArray
    doubts: tuple[str, ...]

    @property
    def columns(self) -> list[str]:
        """The columns that were read."""
        return self.table.items


class ImportancePerformance(OutputMixin, PersistenceMixin, BaseEstimator):
    """Tell which elements of service to act on first: the important ones that perform badly.

    Importance-performance analysis [1]_ puts each item on a map whose two lines part four
    quadrants:

    =========================  ==================  ===================
    quadrant                   importance          performance
    =========================  ==================  ===================
    "concentrate here"         on the line, above  below the line
    "keep up the good work"    on the line, above  on the line, above
    "low priority"             below the line      below the line
    "possible overkill"        below the line      on the line, above
    =========================  ==================  ===================

    Means of respondents are uncertain, and so are quadrants. Respondents are drawn anew many times,
    lines included, and each item is told how often it comes out in the same quadrant.

    Parameters
    ----------
    importance : {"stated", "derived"}, dict of str to float, or pandas.Series, default="stated"
        "stated" takes the mean of ratings of importance; "derived" asks which performance goes
        along with satisfaction, see ``derivation``. Numbers by item, such as
        ``ServiceElementRanking().weights_``, are taken as they are.
    importance_prefix : str, default ``"I_"``
        Beginning of the names of columns of stated importance: ``I_speed`` is that of item
        ``speed``.
    performance_prefix : str, default ``"P_"``
        Beginning of the names of columns of performance, where more is better. May be empty unless
        importance is stated.
    items : sequence of str, optional
        Items without prefix. Left out: those that ``importance`` names, or all of X.
    satisfaction : str, optional
        Column with the overall satisfaction; "derived" needs it.
    derivation : {"lmg", "regression"}, default="lmg"
        "lmg": share in the R squared of the regression of satisfaction on the performance of all
        items, averaged over all orders of entry [2]_; the shares sum to R squared; at most 15
        items. "regression": standardised coefficients of that regression, which may be negative.
    cross_hair : {"mean", "median", "midpoint"} or (float, float), default="mean"
        Where the lines cross: at the mean or the median of the items, at the middle of ``scale``,
        or at two numbers, of importance and of performance. Stated importance is high for most
        items, so that the midpoint puts almost all in one quadrant.
    scale : (float, float), optional
        Lowest and highest rating; answers beyond them are an error.
    missing : {"pairwise", "listwise", "raise"}, default="pairwise"
        "pairwise" takes each mean from those who answered the question; "listwise" leaves out
        respondents with any gap at `fit`; "raise" makes a missing answer an error. Derived
        importance always rests on those who answered everything.
    level : float, default=0.95
        Probability of the intervals.
    n_bootstrap : int, default=500
        Resamples of respondents; 0 for no intervals and no stability. Fewer than two respondents
        have none either.
    random_state : int, Generator, RandomState or None, default=None
        Of the bootstrap.
    progress : bool, default=False
        Show a bar during the bootstrap.

    Attributes
    ----------
    map_ : pandas.DataFrame
        Index ``item``. ``importance`` and ``performance`` with the ends of their percentile
        intervals, ``importance_lower``, ``importance_upper``, ``performance_lower`` and
        ``performance_upper``; ``weight``, the share of importance; ``quadrant``; ``stability``, the
        share of resamples with the item in this quadrant.
    stability_ : pandas.DataFrame
        Index ``item``, one column a quadrant: the share of resamples in each.
    cross_hair_ : pandas.Series
        Where the lines cross: ``importance`` and ``performance``.
    r_squared_ : float or None
        Share of the variance of satisfaction that performance explains, for "derived".
    items_ : list of str
    n_respondents_ : float
        By their weights; of those not left out.
    n_resamples_ : int
        Resamples behind intervals and stability; those from which a point was not to be had are
        left out.
    columns_ : list of str
        All columns read: stated importance of all items, performance of all, satisfaction.
    n_features_in_ : int
        Number of columns read.
    feature_names_in_ : ndarray of shape (n_columns,)
        Their names; only where X is a frame.

    See Also
    --------
    ServiceGap : How far service falls short of expectations.
    custvalue.factors.ServiceElementRanking : Other ways to weigh elements of service.
    custvalue.plotting.ImportancePerformanceDisplay : The map.

    Notes
    -----
    Intervals and stability are NaN for an item that fewer than two respondents rated. An item on a
    line counts as above it. `transform` scores respondents; `place` puts the items of
    another survey on this map, with the lines where they are.

    Derived importance shows what goes along with satisfaction in these answers, not what
    satisfaction would be if an item were changed.

    References
    ----------
    .. [1] J. A. Martilla and J. C. James (1977), "Importance-performance analysis", Journal of
       Marketing 41(1), 77-79.
    .. [2] R. H. Lindeman, P. F. Merenda and R. Z. Gold (1980), Introduction to Bivariate and
       Multivariate Analysis, Scott, Foresman.

    Examples
    --------
    Which performance goes along with satisfaction in a simulated survey:

    >>> from custvalue.datasets import make_survey
    >>> from custvalue.service import ImportancePerformance
    >>> elements = ["accessibility", "order_fill_rate", "order_status_information",
    ...             "complaints_claims_returns"]
    >>> survey = make_survey(
    ...     400, elements=elements, mean_rating=[5.5, 4.2, 5.4, 4.0], random_state=1
    ... )
    >>> found = ImportancePerformance(
    ...     importance="derived", performance_prefix="", satisfaction="overall_satisfaction",
    ...     random_state=0,
    ... ).fit(survey)
    >>> found.map_[["importance", "performance", "stability"]].round(2)
                               importance  performance  stability
    item
    accessibility                    0.09         5.39       0.71
    order_fill_rate                  0.16         4.23       0.99
    order_status_information         0.03         5.39       1.00
    complaints_claims_returns        0.12         3.93       0.80
    >>> found.map_["quadrant"].to_dict()
    {'accessibility': 'possible overkill', 'order_fill_rate': 'concentrate here',
     'order_status_information': 'possible overkill',
     'complaints_claims_returns': 'concentrate here'}

    The lines, and the scores of two respondents by these weights:

    >>> found.cross_hair_.round(3).to_dict()
    {'importance': 0.098, 'performance': 4.734}
    >>> found.transform(survey.head(2)).round(2)
                   weighted_performance  coverage
    respondent_id
    1                              5.01       1.0
    2                              4.31       1.0
    """

    _output_columns = ("weighted_performance", "coverage")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "importance": [StrOptions({"stated", "derived"}), dict, pd.Series],
        "importance_prefix": [str],
        "performance_prefix": [str],
        "items": [list, tuple, None],
        "satisfaction": [str, None],
        "derivation": [StrOptions({"lmg", "regression"})],
        "cross_hair": [StrOptions({"mean", "median", "midpoint"}), tuple, list],
        "scale": [tuple, list, None],
        "missing": [StrOptions({"pairwise", "listwise", "raise"})],
        "level": [interval(0, 1)],
        "n_bootstrap": [whole_numbers(0)],
        "random_state": ["random_state", np.random.Generator],
        "progress": ["boolean"],
    }

    map_: pd.DataFrame
    stability_: pd.DataFrame
    cross_hair_: pd.Series
    r_squared_: float | None
    items_: list[str]
    n_respondents_: float
    n_resamples_: int
    columns_: list[str]
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        importance: str | Mapping[str, float] | pd.Series = "stated",
        importance_prefix: str = "I_",
        performance_prefix: str = "P_",
        items: Sequence[str] | None = None,
        satisfaction: str | None = None,
        derivation: str = "lmg",
        cross_hair: str | Sequence[float] = "mean",
        scale: Sequence[float] | None = None,
        missing: str = "pairwise",
        level: float = 0.95,
        n_bootstrap: int = 500,
        random_state: Any = None,
        progress: bool = False,
    ) -> None:
        self.importance = importance
        self.importance_prefix = importance_prefix
        self.performance_prefix = performance_prefix
        self.items = items
        self.satisfaction = satisfaction
        self.derivation = derivation
        self.cross_hair = cross_hair
        self.scale = scale
        self.missing = missing
        self.level = level
        self.n_bootstrap = n_bootstrap
        self.random_state = random_state
        self.progress = progress

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Put the items of a survey on the map.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_columns)
            One row a respondent. An array has stated importance of all items where that counts,
            then performance of all items, then satisfaction where that counts; the items are those
            of ``items`` or ``importance``, else ``x0``, ``x1``, ...
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
            If a parameter is out of range, satisfaction is needed and not named, importance that is
            given is no weight, or the lines cannot be drawn where ``cross_hair`` says.
        custvalue.exceptions.DataError
            If a column is missing or holds text, an answer is beyond ``scale`` or 1e100, all of a
            column are below 1e-100 but not all 0, nobody answered a question, an answer is missing
            where ``missing="raise"``, there are fewer than two items, importance cannot be derived,
            or ``sample_weight`` sum to less than 1 or more than 2**53.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If respondents were left out, derived importance is negative, resamples gave no map,
            there are fewer than two respondents to resample, or ``sample_weight`` sum to less than
            the number of rows, as shares do.
        """
        self._validate_params()
        rule = self._check_parameters()
        items = self._find_items(X)
        survey = self._survey(X, items, sample_weight)
        points = self._points(survey, items)
        draws = self._draws(survey)
        self._set_map(points, draws, rule, items, rarely_answered(survey.answers, survey.counts))
        self.columns_, self.n_respondents_ = survey.columns, float(survey.counts.sum())
        remember_columns(self, survey.table)
        doubts = derivation_doubts(survey.answers, survey.counts, points, items)
        for doubt in (*survey.doubts, *doubts, *self._draw_doubts(draws)):
            warnings.warn(doubt, DataQualityWarning, stacklevel=2)
        return self

    def transform(self, X: Any) -> Any:
        """Return the performance that each respondent sees, weighted by importance.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_columns)
            The columns of performance; an array has all columns of `fit`.

        Returns
        -------
        frame of shape (n_respondents, 2)
            ``weighted_performance``: the mean of the ratings of performance, weighted by the
            ``weight`` of ``map_``, over the items that were answered; NaN where none was.
            ``coverage``: the share of the weight that was answered.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the map is not fitted.
        ValueError
            If a weight is negative, as those by "regression" may be.
        custvalue.exceptions.DataError
            If a column is missing or holds text, an answer is beyond ``scale`` or 1e100, or one is
            missing where ``missing="raise"``.
        """
        check_is_fitted(self)
        self._require_weights_to_score_with()
        performance = [self.performance_prefix + item for item in self.items_]
        names = self.columns_ if kind_of(X) == "array" else performance
        ratings = read_ratings(X, names, owner=type(self).__name__).select(performance)
        refuse_outside(ratings, check_scale(self.scale))
        refuse_huge(ratings)
        if self.missing == "raise":
            ratings.refuse_gaps()
        weights = self.map_["weight"].to_numpy(dtype=np.float64)
        score, coverage = known_average(ratings.block(slice(None)), weights)
        return self._frame(ratings, {"weighted_performance": score, "coverage": coverage})

    def place(self, X: Any, *, sample_weight: Any = None) -> pd.DataFrame:
        """Put the items of another survey, such as the next wave, on the fitted map.

        The lines stay where they are, so that only the items can have moved.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_columns)
            All columns of `fit`.
        sample_weight : array-like of shape (n_respondents,), optional
            How many respondents each row stands for; 0 leaves it out.

        Returns
        -------
        pandas.DataFrame
            Index ``item``. ``importance`` and ``performance`` of this survey, ``quadrant``,
            ``fitted_quadrant``, and whether it ``moved`` to another.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the map is not fitted.
        custvalue.exceptions.DataError
            As `fit`.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If respondents were left out, or ``sample_weight`` sum to less than the number of rows.
        """
        check_is_fitted(self)
        survey = self._survey(X, self.items_, sample_weight)
        points = self._points(survey, self.items_)
        doubts = derivation_doubts(survey.answers, survey.counts, points, self.items_)
        for doubt in (*survey.doubts, *doubts):
            warnings.warn(doubt, DataQualityWarning, stacklevel=2)
        return placed_table(points, self.cross_hair_, self.map_["quadrant"])

    def _stated(self) -> bool:
        return isinstance(self.importance, str) and self.importance == "stated"

    def _derived(self) -> bool:
        return isinstance(self.importance, str) and self.importance == "derived"

    def _check_parameters(self) -> str | tuple[float, float]:
        """Check what depends on more than one parameter; return where the lines are to cross."""
        check_importance(self.importance, self.items, self.satisfaction)
        stated = self._stated()
        if stated:
            check_prefixes(
                self.importance_prefix,
                self.performance_prefix,
                names="importance_prefix and performance_prefix",
            )
        return cross_hair_rule(self.cross_hair, check_scale(self.scale), stated=stated)

    def _find_items(self, X: Any) -> list[str]:
        if self.items is not None:
            items = list(read_columns(X, self.items, "items"))
        elif not isinstance(self.importance, str):
            items = list(dict(self.importance))
            refuse_unnamed(X, self.performance_prefix, items, "importance")
        else:
            items = self._all_items(X)
        check_items(items, self.derivation if self._derived() else None)
        return items

    def _all_items(self, X: Any) -> list[str]:
        owner, second = type(self).__name__, self.performance_prefix
        if kind_of(X) == "array":
            return numbered_items(
                X, 2 if self._stated() else 1, n_more=int(self._derived()), owner=owner
            )
        if self._stated():
            return paired_items(X, self.importance_prefix, second, owner=owner)
        return single_items(X, second, but={str(self.satisfaction)}, owner=owner)

    def _columns_of(self, items: list[str]) -> list[str]:
        """Return the columns to read, in the order in which an array has them."""
        importance = [self.importance_prefix + item for item in items] if self._stated() else []
        columns = [*importance, *(self.performance_prefix + item for item in items)]
        if not self._derived():
            return columns
        if self.satisfaction in columns:
            raise ValueError(
                f"satisfaction must be no item; found {self.satisfaction!r} among the columns of "
                f"performance"
            )
        return [*columns, str(self.satisfaction)]

    def _survey(self, X: Any, items: list[str], sample_weight: Any) -> _Survey:
        """Read a survey, treat its gaps and count equal rows."""
        ratings = read_ratings(X, self._columns_of(items), owner=type(self).__name__)
        refuse_outside(ratings, check_scale(self.scale))
        refuse_huge(ratings)
        refuse_tiny(ratings)
        weights = read_weights(sample_weight, ratings)
        doubts = weight_doubts(weights)
        whole = whole_answers(ratings, weights, missing=self.missing)
        rows, counts = distinct_answers(whole.ratings, whole.weights)
        doubts += whole.doubts
        return _Survey(ratings, self._answers(rows, items), counts, tuple(doubts))

    def _answers(self, rows: Ratings, items: list[str]) -> MapAnswers:
        importance = [self.importance_prefix + item for item in items]
        performance = [self.performance_prefix + item for item in items]
        return MapAnswers(
            performance=rows.select(performance).block(slice(None)),
            importance=rows.select(importance).block(slice(None)) if self._stated() else None,
            satisfaction=rows[str(self.satisfaction)] if self._derived() else None,
            given=None
            if isinstance(self.importance, str)
            else given_importance(self.importance, items),
            derivation=self.derivation,
        )

    def _points(self, survey: _Survey, items: list[str]) -> Points:
        if self._derived():
            refuse_underivable(survey.answers, survey.counts, items)
        points = points_of(survey.answers, survey.counts)
        refuse_points(points, items, derived=self._derived())
        return points

    def _draws(self, survey: _Survey) -> Draws:
        generator = random_generator(self.random_state)
        n_draws = 0 if fewer_than_two(survey.counts.sum()) else self.n_bootstrap
        resampled = resampled_weights(survey.counts, n_draws, generator)
        steps = tracked(range(n_draws), "Bootstrap of the map", progress=self.progress)
        return resampled_points(survey.answers, (next(resampled) for _ in steps))

    def _draw_doubts(self, draws: Draws) -> list[str]:
        if self.n_bootstrap and fewer_than_two(self.n_respondents_):
            return [
                f"intervals and stability need at least 2 respondents; found "
                f"{self.n_respondents_:g}: they are NaN"
            ]
        if not draws.n_failed:
            return []
        return [f"{draws.n_failed} of {self.n_bootstrap} resamples gave no map and are left out"]

    def _set_map(
        self,
        points: Points,
        draws: Draws,
        rule: str | tuple[float, float],
        items: list[str],
        rare: BoolArray,
    ) -> None:
        self.items_, self.n_resamples_ = items, len(draws.importance)
        self.cross_hair_ = cross_hair_series(points, rule)
        self.stability_ = stability_table(draws, rule, items, rare=rare)
        self.map_ = map_table(
            points, draws, self.cross_hair_, self.stability_, level=self.level, rare=rare
        )
        self.r_squared_ = points.r_squared if self._derived() else None

    def _require_weights_to_score_with(self) -> None:
        weights = self.map_["weight"]
        bad = self.map_.index[~(weights >= 0)]
        if len(bad):
            raise ValueError(
                f"importance must not be negative to score with, nor 0 throughout; {bad[0]!r} has "
                f"{float(self.map_.loc[bad[0], 'importance']):.4g} ({len(bad)} such item(s))"
            )
