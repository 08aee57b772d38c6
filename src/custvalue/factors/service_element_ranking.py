"""Which elements of service matter most."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.comparisons import read_comparisons
from custvalue._estimator.door import kind_of, read_columns, read_weights, remember_columns
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval, whole_numbers
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._estimator.randomness import random_generator
from custvalue._estimator.ratings import Ratings, read_ratings
from custvalue._estimator.resampling import check_draws
from custvalue._numerics.weighting import AHPWeights, ahp_weights
from custvalue._typing import AnyArray, FloatArray
from custvalue.exceptions import ConvergenceWarning, DataError, DataQualityWarning
from custvalue.factors._element_arguments import check_elements, check_reverse, check_stages
from custvalue.factors._element_bootstrap import RankLimits, rank_limits
from custvalue.factors._element_evidence import METHODS, Evidence
from custvalue.factors._element_ranking import (
    agreement,
    dimensions_of,
    rank_correlations,
    ranking_frame,
    stages_of,
    weight_frame,
)
from custvalue.factors._element_solution import (
    Plan,
    find_evidence,
    method_doubts,
    weights_of_all,
)
from custvalue.factors._element_survey import (
    ElementSurvey,
    beyond_doubts,
    element_survey,
    refuse_beyond,
    turned,
    weighted_scores,
)
from custvalue.factors._factor_analyzer import loading_frame
from custvalue.factors._rotation.methods import METHODS as ROTATION_METHODS
from custvalue.factors._solution import Settings

__all__ = ["ServiceElementRanking"]

_ROTATIONS = {name for name in ROTATION_METHODS if not name.startswith("target")}


class ServiceElementRanking(OutputMixin, PersistenceMixin, BaseEstimator):
    """Rank elements of service by importance, and say how sure each rank is.

    "Importance" has several meanings. Each method gives every element a weight, all weights sum to
    1, and the largest weight has rank 1:

    ========================  ======================================================================
    ``method``                weight of element j, as a share
    ========================  ======================================================================
    "stated"                  mean rating: for ratings of importance
    "loading"                 factor weight: sum_k abs(l_jk) W_k, with W_k the share of factor k in
                              the variance that all factors explain
    "communality"             h2_j: how much of the element the factors explain
    "principal_component"     mean coefficient in the first principal components, weighted by their
                              variances: sum_k (l_jk / sqrt(lambda_k)) lambda_k
    "regression"              derived importance: abs(W beta)_j, with beta the regression of
                              satisfaction on the factor scores z W, W = R^-1 L Phi
    "lmg"                     derived importance: share in the R squared of the regression of
                              satisfaction on the elements, averaged over all orders of entry [1]_
    "entropy"                 1 - e_j: how much the ratings of the element differ, with e_j their
                              entropy over ln(n)
    "ahp"                     eigenvector of the comparisons in pairs of the analytic hierarchy
                              process [2]_
    ========================  ======================================================================

    "loading", "communality" and "principal_component" tell which elements respondents see most
    through the few factors that they all share; "regression" and "lmg" which go along with
    satisfaction; "entropy" where respondents differ. None of them shows what satisfaction would be
    if an element were changed.

    Parameters
    ----------
    method : str, default="loading"
        As above.
    elements : sequence of str, optional
        Columns that hold the ratings of elements. Left out: all columns but satisfaction; of a
        polars or pyarrow frame all but the first too, the id.
    satisfaction : str, optional
        Column with the overall satisfaction; "regression" and "lmg" need it.
    stages : mapping of str to str, optional
        The stage of an element: "pre", "in" or "post" the transaction. Others have that of
        `custvalue.service.SERVICE_ELEMENTS`, if their name is there, else "unknown".
    reverse : sequence of str, or dict of str to (float, float), default=()
        Elements whose ratings are better the smaller they are. Their ratings are turned before
        anything else: x becomes low + high - x. A dict gives the ends of each scale, low and high,
        as in ``{"waiting_time": (1, 7)}``; otherwise they are the least and the largest rating at
        `fit`, of respondents with a weight. Only weights by "stated", "principal_component" and
        "entropy" depend on it.
    n_factors : int or "parallel", default="parallel"
        Factors, and principal components; "parallel" asks parallel analysis.
    extraction : {"minres", "ml", "principal_axis", "principal"}, default="minres"
        As ``method`` of `FactorAnalyzer`.
    rotation : str or None, default="varimax"
        As `FactorAnalyzer`, but those to a target. Of the weights only "loading" depends on it.
    correlation : {"pearson", "spearman", "polychoric"}, default="pearson"
        As `FactorAnalyzer`.
    comparisons : pandas.DataFrame or array-like of shape (n_elements, n_elements), optional
        For "ahp": entry (i, j) says how many times as important i is as j, entry (j, i) is its
        reciprocal. A frame has the elements as index and columns, in any order.
    level : float, default=0.9
        Confidence that all ranks lie within their limits together.
    n_bootstrap : int, default=500
        Resamples of respondents behind the limits of ranks; 0 for no limits.
    missing : {"raise", "pairwise", "listwise"}, default="raise"
        At `fit`, "pairwise" takes each figure from those who gave the answers that it needs,
        "listwise" leaves out respondents with a gap. `transform` scores respondents by what they
        answered with both.
    compare : bool, default=True
        Also weigh by every other method that the data allow.
    random_state : int, Generator, RandomState or None, default=None
        Of parallel analysis, starts of factors, and bootstrap.
    progress : bool, default=False
        Show a bar during the bootstrap.

    Attributes
    ----------
    ranking_ : pandas.DataFrame
        Index ``element``, the most important first. ``stage``; ``dimension``, the factor with the
        largest loading, or "unknown" without factors; ``weight``; ``rank``, equal for equal
        weights ("1224"); ``rank_lower`` and ``rank_upper``, between which all true ranks lie
        together at the given level: NaN for "ahp", without bootstrap, and where more than a fifth
        of the resamples gave no weights.
    weights_ : pandas.Series
        Index ``element`` in the order of the columns; the sum is 1.
    comparison_ : pandas.DataFrame
        Weights by element and method: of all methods that can be computed from what was given.
        Without ``compare`` only the one asked for. "lmg" takes at most 15 elements; "stated" and
        "entropy" no ratings below 0; those by factors at least three elements.
    rank_correlations_ : pandas.DataFrame
        Kendall's tau-b between the rankings of ``comparison_``.
    rank_agreement_ : dict or None
        Kendall's ``w`` of all rankings of ``comparison_``, corrected for ties, with ``statistic``,
        ``degrees_of_freedom`` and ``p_value`` and the number of ``methods``. The p-value is that
        of independent judges, which methods that see the same data are not. None for one method.
    factor_loadings_ : pandas.DataFrame or None
        Pattern loadings by element, ``factor_1`` first; None where no factors were needed.
    n_factors_ : int or None
    consistency_ratio_ : float or None
        Of ``comparisons``: up to 0.1 is usually accepted.
    reversed_ : dict of str to tuple of float
        Ends of the scales that are turned.
    n_resamples_ : int
        Resamples behind the limits of ranks; those from which no weights came are left out.
    elements_ : list of str
    columns_ : list of str
        All columns read at `fit`, satisfaction too.
    n_respondents_ : float
        By their weights; of those not left out.
    n_features_in_ : int
        Number of columns read, satisfaction too.
    feature_names_in_ : ndarray of shape (n_columns,)
        Their names; only where X is a frame.

    See Also
    --------
    FactorAnalyzer : The factors themselves.
    custvalue.service.SERVICE_ELEMENTS : Elements of service by stage.

    Notes
    -----
    The limits of the ranks are the simultaneous confidence sets of Mogstad, Romano, Shaikh and
    Wilhelm [3]_: pairs of elements are compared by the difference of their weights, in standard
    deviations of the bootstrap, against the largest of all pairs; an element stands above another
    where this is shown. In simulated surveys of eight elements and 200 or 1,000 respondents, limits
    of 90 % held all ranks together in about 88 % where all true means were equal, which leaves no
    slack, in 94 to 98 % where some were, and in 99 % and more otherwise; quantiles of resampled
    ranks held them in at most 1 %, 33 to 39 % and 83 % and more (``benchmarks/rank_coverage.py``).
    Resamples keep the number of factors: that it was found in the same data is not in the limits.

    Coefficients of principal components have no sign of their own. Each component is turned so that
    its sum is positive, which decides the ranking where loadings of both signs are large; a warning
    then tells which component does. Components of resamples take the signs of those of all
    respondents. Such weights may be negative, and `transform` refuses them.

    Where the correlations of the elements have no inverse, as where one element is the sum of
    others, "regression" takes that of L Phi L' + diag(psi) in place of R^-1; principal components
    do without.

    "stated" reads ratings as importance, so that in a survey of satisfaction its column in
    ``comparison_`` tells how content people are. "entropy" changes with the zero of the scale.

    References
    ----------
    .. [1] R. H. Lindeman, P. F. Merenda and R. Z. Gold (1980), Introduction to Bivariate and
       Multivariate Analysis, Scott, Foresman.
    .. [2] T. L. Saaty (1980), The Analytic Hierarchy Process, McGraw-Hill.
    .. [3] M. Mogstad, J. P. Romano, A. M. Shaikh and D. Wilhelm (2024), "Inference for ranks with
       applications to mobility across neighbourhoods and academic achievement across countries",
       Review of Economic Studies 91, 476-518.

    Examples
    --------
    Six elements, rated by 600 respondents of a simulated survey; three factors stand behind them,
    one a stage.

    >>> from custvalue.datasets import make_survey
    >>> from custvalue.factors import ServiceElementRanking
    >>> elements = ["written_policy", "accessibility", "order_fill_rate",
    ...             "order_status_information", "complaints_claims_returns",
    ...             "tracking_and_warranty"]
    >>> survey = make_survey(600, elements=elements, random_state=1)
    >>> ranking = ServiceElementRanking(
    ...     method="lmg", satisfaction="overall_satisfaction", random_state=0
    ... ).fit(survey)
    >>> ranking.ranking_[["stage", "weight", "rank", "rank_lower", "rank_upper"]].round(3)
                              stage  weight  rank  rank_lower  rank_upper
    element
    order_fill_rate              in   0.366     1           1           2
    complaints_claims_returns  post   0.229     2           1           4
    order_status_information     in   0.163     3           2           6
    accessibility               pre   0.110     4           2           6
    written_policy              pre   0.067     5           3           6
    tracking_and_warranty      post   0.065     6           3           6

    What respondents see most through the factors is another question.

    >>> ranking.comparison_[["lmg", "loading"]].round(2)
    method                      lmg  loading
    element
    written_policy             0.07     0.14
    accessibility              0.11     0.15
    order_fill_rate            0.37     0.18
    order_status_information   0.16     0.21
    complaints_claims_returns  0.23     0.14
    tracking_and_warranty      0.07     0.17

    The weighted score of two respondents.

    >>> ranking.transform(survey.head(2)).round(2)
                   service_score  coverage
    respondent_id
    1                       5.73       1.0
    2                       5.37       1.0
    """

    _output_columns = ("service_score", "coverage")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "method": [StrOptions(set(METHODS))],
        "elements": [list, tuple, None],
        "satisfaction": [str, None],
        "stages": [dict, None],
        "reverse": [list, tuple, dict],
        "n_factors": [StrOptions({"parallel"}), whole_numbers(1)],
        "extraction": [StrOptions({"minres", "ml", "principal_axis", "principal"})],
        "rotation": [StrOptions(_ROTATIONS), None],
        "correlation": [StrOptions({"pearson", "spearman", "polychoric"})],
        "comparisons": [pd.DataFrame, "array-like", None],
        "level": [interval(0, 1)],
        "n_bootstrap": [whole_numbers(0)],
        "missing": [StrOptions({"raise", "pairwise", "listwise"})],
        "compare": ["boolean"],
        "random_state": ["random_state", np.random.Generator],
        "progress": ["boolean"],
    }

    ranking_: pd.DataFrame
    weights_: pd.Series
    comparison_: pd.DataFrame
    rank_correlations_: pd.DataFrame
    rank_agreement_: dict[str, float] | None
    factor_loadings_: pd.DataFrame | None
    n_factors_: int | None
    consistency_ratio_: float | None
    reversed_: dict[str, tuple[float, float]]
    n_resamples_: int
    elements_: list[str]
    columns_: list[str]
    n_respondents_: float
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        method: str = "loading",
        elements: Sequence[str] | None = None,
        satisfaction: str | None = None,
        stages: Mapping[str, str] | None = None,
        reverse: Sequence[str] | Mapping[str, tuple[float, float]] = (),
        n_factors: int | str = "parallel",
        extraction: str = "minres",
        rotation: str | None = "varimax",
        correlation: str = "pearson",
        comparisons: Any = None,
        level: float = 0.9,
        n_bootstrap: int = 500,
        missing: str = "raise",
        compare: bool = True,
        random_state: Any = None,
        progress: bool = False,
    ) -> None:
        self.method = method
        self.elements = elements
        self.satisfaction = satisfaction
        self.stages = stages
        self.reverse = reverse
        self.n_factors = n_factors
        self.extraction = extraction
        self.rotation = rotation
        self.correlation = correlation
        self.comparisons = comparisons
        self.level = level
        self.n_bootstrap = n_bootstrap
        self.missing = missing
        self.compare = compare
        self.random_state = random_state
        self.progress = progress

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Weigh and rank the elements.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_columns)
            One row a respondent, one column an element, and satisfaction where it is named. The
            columns of an array are called ``x0``, ``x1``, ... unless ``elements`` names them; then
            satisfaction is the last.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_respondents,), optional
            How many respondents each row stands for; 0 leaves it out.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range or names what is no element, ``comparisons`` are not
            reciprocal, or satisfaction is needed and not named.
        custvalue.exceptions.DataError
            If a column is missing or holds text, an answer is missing where ``missing="raise"``,
            a rating lies beyond the ends given in ``reverse``, ``sample_weight`` has no finite sum,
            there are fewer than two elements, or the method cannot be had from the ratings.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If respondents were left out, correlations were repaired, signs of components decide
            the ranking, comparisons contradict one another, or resamples gave no weights. Of the
            factors as `FactorAnalyzer.fit`, where ``method`` needs them.
        custvalue.exceptions.ConvergenceWarning
            As `FactorAnalyzer.fit`, where ``method`` needs factors.
        """
        self._validate_params()
        ratings = self._read(X)
        sample_weights = read_weights(sample_weight, ratings)
        plan = self._plan([item for item in ratings.items if item != self.satisfaction])
        survey = element_survey(
            ratings,
            sample_weights,
            satisfaction=self.satisfaction,
            reverse=self.reverse,
            missing=self.missing,
        )
        self._rank(survey, plan)
        self.columns_, self.reversed_ = ratings.items, survey.ends
        remember_columns(self, ratings)
        return self

    def transform(self, X: Any) -> Any:
        """Return the weighted service score of each respondent.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_columns)
            The columns of ``elements_``; an array has the columns of `fit`.

        Returns
        -------
        frame of shape (n_respondents, 2)
            ``service_score``: the mean of the ratings, weighted by ``weights_``, over the elements
            that were answered, reversed ones turned; NaN where none was. ``coverage``: the share of
            the weight that was answered.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the ranking is not fitted.
        ValueError
            If a weight is negative.
        custvalue.exceptions.DataError
            If a column is missing or holds text, an answer is missing where ``missing="raise"``, or
            a rating lies beyond the ends given in ``reverse``.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If a rating of a reversed element lies beyond those at `fit`, and the ends of its scale
            were not given.
        """
        check_is_fitted(self)
        self._require_weights_to_score_with()
        ratings = self._read_fitted(X)
        if self.missing == "raise":
            ratings.refuse_gaps()
        if isinstance(self.reverse, Mapping):
            refuse_beyond(ratings, self.reversed_)
        for doubt in beyond_doubts(ratings, self.reversed_):
            warnings.warn(doubt, DataQualityWarning, stacklevel=2)
        scores, coverage = weighted_scores(turned(ratings, self.reversed_), dict(self.weights_))
        return self._frame(ratings, {"service_score": scores, "coverage": coverage})

    def _read(self, X: Any) -> Ratings:
        owner = type(self).__name__
        names: list[str] | None = None
        if self.elements is not None:
            named = read_columns(X, self.elements, "elements")
            if self.satisfaction in named:
                raise ValueError(
                    f"satisfaction must be no element; found {self.satisfaction!r} in elements"
                )
            names = [*named, *([] if self.satisfaction is None else [self.satisfaction])]
        ratings = read_ratings(X, names, owner=owner)
        if self.satisfaction is not None and self.satisfaction not in ratings.items:
            raise DataError(
                f"satisfaction must name a column; found {self.satisfaction!r} and the columns "
                f"{', '.join(ratings.items)}"
            )
        return ratings

    def _read_fitted(self, X: Any) -> Ratings:
        """Return the ratings of the elements; an array has all columns of `fit`."""
        names = self.columns_ if kind_of(X) == "array" else self.elements_
        return read_ratings(X, names, owner=type(self).__name__).select(self.elements_)

    def _plan(self, elements: list[str]) -> Plan:
        check_elements(self.method, elements, self.satisfaction)
        check_reverse(self.reverse, elements)
        check_stages(self.stages, elements)
        check_draws(self.n_bootstrap, self.level)
        if self.method == "ahp" and self.comparisons is None:
            raise ValueError("comparisons must be given where method='ahp'; found None")
        return Plan(
            method=self.method,
            compare=self.compare,
            kind=self.correlation,
            missing=self.missing,
            n_factors=self.n_factors,
            settings=Settings(method=self.extraction, rotation=self.rotation),
            comparisons=self._compared(elements),
        )

    def _compared(self, elements: list[str]) -> AHPWeights | None:
        if self.comparisons is None:
            return None
        return ahp_weights(read_comparisons(self.comparisons, elements), elements)

    def _rank(self, survey: ElementSurvey, plan: Plan) -> None:
        generator = random_generator(self.random_state)
        finding = find_evidence(survey, plan, generator)
        weights = weights_of_all(plan, finding.evidence)
        limits = rank_limits(
            survey,
            plan,
            finding.evidence,
            weights[self.method],
            level=self.level,
            n_draws=self.n_bootstrap,
            generator=generator,
            progress=self.progress,
        )
        self._set_factors(survey.elements, finding.evidence)
        self._set_weights(survey.elements, weights, limits)
        self.elements_, self.n_respondents_ = survey.elements, float(survey.counts.sum())
        doubts = method_doubts(self.method, finding.evidence)
        for doubt in (*finding.doubts, *doubts, *limits.doubts):
            warnings.warn(doubt, DataQualityWarning, stacklevel=3)
        for doubt in finding.search_doubts:
            warnings.warn(doubt, ConvergenceWarning, stacklevel=3)

    def _set_factors(self, elements: list[str], evidence: Evidence) -> None:
        self.factor_loadings_, self.n_factors_, self.consistency_ratio_ = None, None, None
        if evidence.solution is not None:
            loadings = loading_frame(evidence.solution.loadings, elements)
            self.factor_loadings_ = loadings.rename_axis(index="element")
            self.n_factors_ = loadings.shape[1]
        if evidence.comparisons is not None:
            self.consistency_ratio_ = evidence.comparisons.consistency_ratio

    def _set_weights(
        self, elements: list[str], weights: Mapping[str, FloatArray], limits: RankLimits
    ) -> None:
        self.comparison_ = weight_frame(weights, elements)
        self.rank_correlations_ = rank_correlations(self.comparison_)
        self.rank_agreement_ = agreement(self.comparison_)
        self.weights_ = self.comparison_[self.method].rename("weight")
        self.n_resamples_ = limits.n_resamples
        self.ranking_ = ranking_frame(
            weights[self.method],
            elements,
            stages_of(elements, self.stages),
            dimensions_of(self.factor_loadings_, len(elements)),
            limits.sets,
        )

    def _require_weights_to_score_with(self) -> None:
        negative = self.weights_[self.weights_ < 0]
        if len(negative):
            raise ValueError(
                f"weights must not be negative to score with; {negative.index[0]!r} has "
                f"{float(negative.iloc[0]):.4g} by method={self.method!r} "
                f"({len(negative)} such element(s))"
            )
