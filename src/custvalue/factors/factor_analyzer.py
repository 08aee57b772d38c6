"""Exploratory factor analysis."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import read_columns, read_weights, remember_columns
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval, whole_numbers
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._estimator.randomness import random_generator
from custvalue._estimator.ratings import Ratings, read_ratings
from custvalue._estimator.resampling import check_draws
from custvalue._typing import AnyArray, FloatArray
from custvalue.exceptions import ConvergenceWarning, DataQualityWarning
from custvalue.factors._bootstrap import LoadingDraws, bootstrap_loadings
from custvalue.factors._conventions import PRESETS
from custvalue.factors._correlations.build import correlations
from custvalue.factors._correlations.result import Correlations
from custvalue.factors._doubts import Doubts, search_doubts, solution_doubts
from custvalue.factors._factor_analyzer import (
    NOT_SHUFFLED,
    adequacy_series,
    by_factor,
    chosen_number,
    codes_to_shuffle,
    convergence_report,
    criteria_for,
    data_doubts,
    factor_table,
    fit_series,
    interval_frame,
    item_table,
    loading_frame,
    rotation_options,
)
from custvalue.factors._given_matrix import given_correlations
from custvalue.factors._likelihood import mean_log_likelihood
from custvalue.factors._retention.frames import retention_table, suggested_numbers
from custvalue.factors._retention.retention import CRITERIA, Retention, retention
from custvalue.factors._rotation.methods import METHODS
from custvalue.factors._scores import (
    SCORES,
    ScoreRule,
    refuse_no_uniqueness,
    scores_of,
    scoring_matrix,
)
from custvalue.factors._solution import FactorSolution, Settings, solve

__all__ = ["FactorAnalyzer"]


class FactorAnalyzer(OutputMixin, PersistenceMixin, BaseEstimator):
    """Find the few factors behind many ratings.

    The correlations R of p items come from k factors that nobody sees (Thurstone 1947) ::

        R = L Phi L' + diag(psi)

    with pattern loadings L, factor correlations Phi (the identity unless the rotation is oblique)
    and uniquenesses psi.

    Parameters
    ----------
    items : sequence of str, optional
        Columns that hold ratings. Left out: all columns; of a polars or pyarrow frame all but the
        first, the id.
    n_factors : int or str, default="parallel"
        How many factors, or the criterion that says it: "parallel" (Horn's parallel
        analysis), "parallel_factors", "map", "map4", "kaiser", "scree", "optimal_coordinates",
        "ekc", "hull", "chi_square" or "bic"; see `factor_retention`.
    method : {"minres", "ml", "principal_axis", "principal"}, default="minres"
        Extraction. "minres" makes the squares of the residual correlations least (unweighted least
        squares), "ml" is maximum likelihood for normal ratings, "principal_axis" iterates the
        communalities to the same end as "minres", "principal" takes principal components, which
        are no factors.
    rotation : str or None, default="varimax"
        Orthogonal: "varimax", "quartimax", "equamax", "geomin_orthogonal", "bentler_orthogonal",
        "infomax_orthogonal", "target_orthogonal". Oblique: "oblimin", "quartimin", "promax",
        "geomin_oblique", "bentler_oblique", "infomax_oblique", "target_oblique", "simplimax".
    rotation_options : dict, optional
        ``gamma`` of oblimin (0), ``power`` of promax (4), ``epsilon`` of geomin (0.01),
        ``n_small`` of simplimax (the number of items), ``target`` of target rotations: an array of
        shape (n_items, n_factors), NaN where a loading is free, or a frame with the items as its
        index. The factors are ordered and signed by what they explain after the rotation, so that
        they need not stand in the order of the target's columns.
    kaiser : bool, optional
        Rotate rows of length one (Kaiser normalisation). Left out: for varimax and promax only, as
        R does.
    correlation : {"pearson", "spearman", "polychoric"}, default="pearson"
        "polychoric" is for ratings of few categories; of two categories it is tetrachoric.
    missing : {"raise", "pairwise", "listwise"}, default="raise"
        "pairwise" takes each correlation from those who answered both items, and scores respondents
        by the items that they answered. "listwise" leaves out respondents with a gap, whose scores
        are missing.
    scores : {"regression", "bartlett", "ten_berge", "anderson"}, default="regression"
        What `transform` gives: Thurstone's least squares prediction; Bartlett's unbiased scores;
        ten Berge's, whose correlations are those of the factors; Anderson and Rubin's, which are
        uncorrelated. Bartlett's and Anderson's need uniquenesses above 0.
    n_starts : int, default=10
        Starts of extraction and of rotation, the first one fixed, the others random. Both may have
        several optima; the best one found counts.
    n_replicates : int, default=100
        Random data sets of parallel analysis.
    percentile : float, default=95.0
        Of the eigenvalues of random data that an eigenvalue must exceed.
    n_bootstrap : int, default=0
        Resamples of respondents for ``loading_intervals_``: 0, or as many as ``level`` takes, 19
        for 0.95.
    level : float, default=0.95
        Of the intervals of loadings; that of RMSEA is 0.90, as everywhere.
    preset : {"psych", "spss", "r"} or None, default=None
        Stop, normalise and order as another program does where that changes digits. None iterates
        to the optimum.
    random_state : int, Generator, RandomState or None, default=None
        Of starts, parallel analysis and bootstrap.
    progress : bool, default=False
        Show a bar during the bootstrap and slow parallel analyses.

    Attributes
    ----------
    n_factors_ : int
    loadings_ : pandas.DataFrame
        Index: the item. One column a factor, ``factor_1`` first: pattern loadings L.
    factor_correlations_ : pandas.DataFrame
        Phi.
    structure_ : pandas.DataFrame
        Correlations of items and factors, L Phi.
    communalities_ : pandas.Series
        Share of each item's variance that the factors give, diag(L Phi L').
    uniquenesses_ : pandas.Series
        psi: 1 less the communality, at least 0.005 for "minres" and "ml".
    unrotated_loadings_ : pandas.DataFrame
        As extracted.
    correlation_ : pandas.DataFrame
        R, which every figure here is taken from.
    factors_ : pandas.DataFrame
        Index: the factor. ``sum_of_squares`` diag(Phi L'L), ``share_of_variance``,
        ``cumulative_share``, ``average_variance_extracted`` and ``composite_reliability`` of the
        items that load highest on it; ``determinacy``, the correlation of the factor with its
        regression score, and ``minimum_correlation``, that of the two most different scores which
        fit alike. Both are NaN where a Heywood case puts them beyond 1.
    item_diagnostics_ : pandas.DataFrame
        Index: the item. ``factor`` with the largest loading, ``complexity`` (Hofmann 1978: on how
        many factors it loads, in effect), ``kmo``, ``heywood``.
    adequacy_ : pandas.Series
        ``kmo``, and of Bartlett's test of sphericity ``chi_square``, ``degrees_of_freedom``,
        ``p_value`` and ``log_p_value``. NaN of repaired correlations.
    fit_indices_ : pandas.Series
        ``chi_square``, ``degrees_of_freedom``, ``p_value``, ``rmsea`` with ``rmsea_lower`` and
        ``rmsea_upper`` (90 %), ``tli``, ``cfi``, ``srmr``, ``bic`` and others; see Notes.
    retention_ : pandas.DataFrame
        Index: the number of factors. What each criterion looks at. Those that cost next to nothing
        are always asked; where ``n_factors`` is a criterion, parallel analysis and this one too.
        NaN for what the others look at: `factor_retention` has all.
    suggested_n_factors_ : pandas.Series
        Index: the criterion. How many factors it suggests.
    loading_intervals_ : pandas.DataFrame or None
        Where ``n_bootstrap`` is above 0. Index: item and factor. ``loading``, ``standard_error``,
        ``lower``, ``upper``; NaN where too few resamples had a fit.
    score_weights_ : pandas.DataFrame
        Weights of the standardised items in the scores of those who answered all.
    heywood_ : list of str
        Items whose communality reached 1, or whose uniqueness ended at its bound.
    convergence_ : dict
        ``converged``; of extraction and rotation the largest projected ``gradient``,
        ``iterations``, ``optima`` (different ones found) and ``starts_agreeing``, which reached
        the best.
    means_, standard_deviations_ : pandas.Series
        Of the items, to standardise new respondents.
    singular_ : bool
        The correlations were not positive definite, and have been repaired; see Notes.
    n_observations_ : float
        Respondents behind R; the fewest of any pair where answers are missing.
    items_ : list of str
        The items, in the order of an array's columns.
    n_features_in_ : int
        Number of items.
    feature_names_in_ : ndarray of shape (n_items,)
        Their names; only where X is a frame.

    See Also
    --------
    factor_retention : How many factors, by every criterion.
    ServiceElementRanking : Which elements of service matter most.
    cronbach_alpha, mcdonald_omega : How reliable a scale is.

    Notes
    -----
    Factors stand in the order of the variance that they explain; the loadings of each sum to 0 or
    more. Loadings, factor correlations and rotation are permuted and signed together.

    The chi-squared statistic is that of the maximum likelihood discrepancy of the solution, by
    Bartlett's (1951) factor n - 1 - (2p + 5)/6 - 2k/3; it has its distribution for "ml" and normal
    ratings, and is a guide for other methods. TLI is that of Tucker and Lewis (1973) in
    discrepancies, as psych has it, not clipped to one; ``nnfi`` is its form in chi-squares.

    Correlations are computed in one pass over blocks of rows: a million respondents need no second
    copy of their ratings.

    Of correlations that are not positive definite the nearest that are is analysed, and said.
    Their determinant and inverse are those of the repair: indices of fit that rest on a likelihood
    and ``adequacy_`` are NaN then, SRMR and the residuals are not; scores and determinacies are
    taken from the correlations L Phi L' + diag(psi) that the factors reproduce.

    "spearman" and "polychoric" solutions score the standardised ratings.

    References
    ----------
    L. L. Thurstone (1947), Multiple-Factor Analysis, University of Chicago Press.

    H. H. Harman and W. H. Jones (1966), "Factor analysis by minimizing residuals (minres)",
    Psychometrika 31, 351-368.

    K. G. Joreskog (1967), "Some contributions to maximum likelihood factor analysis",
    Psychometrika 32, 443-482.

    C. A. Bernaards and R. I. Jennrich (2005), "Gradient projection algorithms and software for
    arbitrary rotation criteria in factor analysis", Educational and Psychological Measurement 65,
    676-696.

    Examples
    --------
    How 30 departments of a company see their supervisors (Chatterjee and Price 1977).

    >>> from custvalue.datasets import load_attitude
    >>> from custvalue.factors import FactorAnalyzer
    >>> ratings = load_attitude()
    >>> analyzer = FactorAnalyzer(n_factors=2, rotation="oblimin", random_state=0).fit(ratings)
    >>> analyzer.loadings_.round(2)
                factor_1  factor_2
    item
    rating          0.91     -0.11
    complaints      0.96     -0.05
    privileges      0.49      0.21
    learning        0.58      0.35
    raises          0.57      0.45
    critical        0.11      0.27
    advance        -0.04      0.97
    >>> round(analyzer.factor_correlations_.loc["factor_1", "factor_2"], 2)
    np.float64(0.34)
    >>> analyzer.fit_indices_[["chi_square", "rmsea", "cfi"]].round(2)
    chi_square    5.67
    rmsea         0.00
    cfi           1.00
    Name: value, dtype: float64

    The scores of two departments.

    >>> analyzer.transform(ratings.head(2)).round(2)
       factor_1  factor_2
    0     -1.39      0.13
    1     -0.20      0.31
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "items": [list, tuple, None],
        "n_factors": [StrOptions(set(CRITERIA)), whole_numbers(1)],
        "method": [StrOptions({"minres", "ml", "principal_axis", "principal"})],
        "rotation": [StrOptions(set(METHODS)), None],
        "rotation_options": [dict, None],
        "kaiser": ["boolean", None],
        "correlation": [StrOptions({"pearson", "spearman", "polychoric"})],
        "missing": [StrOptions({"raise", "pairwise", "listwise"})],
        "scores": [StrOptions(set(SCORES))],
        "n_starts": [whole_numbers(1)],
        "n_replicates": [whole_numbers(1)],
        "percentile": [interval(0, 100)],
        "n_bootstrap": [whole_numbers(0)],
        "level": [interval(0, 1)],
        "preset": [StrOptions({"psych", "spss", "r"}), None],
        "random_state": ["random_state", np.random.Generator],
        "progress": ["boolean"],
    }

    n_factors_: int
    loadings_: pd.DataFrame
    factor_correlations_: pd.DataFrame
    structure_: pd.DataFrame
    communalities_: pd.Series
    uniquenesses_: pd.Series
    unrotated_loadings_: pd.DataFrame
    correlation_: pd.DataFrame
    factors_: pd.DataFrame
    item_diagnostics_: pd.DataFrame
    adequacy_: pd.Series
    fit_indices_: pd.Series
    retention_: pd.DataFrame
    suggested_n_factors_: pd.Series
    loading_intervals_: pd.DataFrame | None
    score_weights_: pd.DataFrame
    heywood_: list[str]
    convergence_: dict[str, Any]
    means_: pd.Series
    standard_deviations_: pd.Series
    singular_: bool
    n_observations_: float
    items_: list[str]
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        items: Sequence[str] | None = None,
        n_factors: int | str = "parallel",
        method: str = "minres",
        rotation: str | None = "varimax",
        rotation_options: Mapping[str, Any] | None = None,
        kaiser: bool | None = None,
        correlation: str = "pearson",
        missing: str = "raise",
        scores: str = "regression",
        n_starts: int = 10,
        n_replicates: int = 100,
        percentile: float = 95.0,
        n_bootstrap: int = 0,
        level: float = 0.95,
        preset: str | None = None,
        random_state: Any = None,
        progress: bool = False,
    ) -> None:
        self.items = items
        self.n_factors = n_factors
        self.method = method
        self.rotation = rotation
        self.rotation_options = rotation_options
        self.kaiser = kaiser
        self.correlation = correlation
        self.missing = missing
        self.scores = scores
        self.n_starts = n_starts
        self.n_replicates = n_replicates
        self.percentile = percentile
        self.n_bootstrap = n_bootstrap
        self.level = level
        self.preset = preset
        self.random_state = random_state
        self.progress = progress

    def fit(self, X: Any, y: Any = None, *, sample_weight: Any = None) -> Self:
        """Find the factors of a survey.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items)
            One row a respondent. The columns of an array are called ``x0``, ``x1``, ...
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
            If a parameter is out of range, more factors are asked for than the items allow, or the
            scores divide by a uniqueness that is not above 0.
        custvalue.exceptions.DataError
            If a column is missing or holds text, an item does not vary, an answer is missing where
            ``missing="raise"``, or there are fewer than three items.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If correlations were repaired or rest on sparse tables, respondents were left out, or a
            communality reached 1.
        custvalue.exceptions.ConvergenceWarning
            If a search did not end, or a single start reached the best optimum of several.
        """
        self._validate_params()
        check_draws(self.n_bootstrap, self.level)
        names = None if self.items is None else read_columns(X, self.items, "items")
        ratings = read_ratings(X, names, owner=type(self).__name__)
        weights = read_weights(sample_weight, ratings)
        found = correlations(ratings, kind=self.correlation, missing=self.missing, weights=weights)
        doubts = self._analyse(ratings.items, found, ratings, weights)
        remember_columns(self, ratings)
        self._warn(doubts)
        return self

    def fit_correlation(
        self,
        R: Any,
        *,
        n_observations: float | None = None,
        means: Any = None,
        standard_deviations: Any = None,
    ) -> Self:
        """Find the factors behind a correlation or covariance matrix.

        ``correlation`` and ``missing`` say how answers become correlations; here they count for
        `transform` only, which refuses gaps where ``missing="raise"``.

        Parameters
        ----------
        R : pandas.DataFrame or array of shape (n_items, n_items)
            A frame has the items as its index and columns; ``items`` chooses some of them.
        n_observations : float, optional
            Respondents behind R; tests and parallel analysis need it. Left out, ``n_factors`` must
            be a number, or a criterion that takes no respondents: "map", "map4", "kaiser", "scree"
            or "optimal_coordinates". The default "parallel" is none.
        means, standard_deviations : array-like of shape (n_items,), optional
            Of the items, so that `transform` can score respondents. A covariance matrix brings its
            own standard deviations.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, more factors are asked for than the items allow, or
            respondents are needed: for ``n_bootstrap``, or the criterion of ``n_factors``.
        custvalue.exceptions.DataError
            If R is no correlation or covariance matrix, or has not all ``items``.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            As `fit`.
        custvalue.exceptions.ConvergenceWarning
            As `fit`.
        """
        self._validate_params()
        if self.n_bootstrap:
            raise ValueError(
                f"n_bootstrap must be 0 where there are no respondents to draw; "
                f"found {self.n_bootstrap}"
            )
        given = given_correlations(
            R,
            n_observations=n_observations,
            means=means,
            standard_deviations=standard_deviations,
            items=None if self.items is None else read_columns(R, self.items, "items"),
            parameter="R",
            owner=type(self).__name__,
        )
        doubts = self._analyse(given.items, given.correlations, None, None)
        self.n_features_in_ = len(given.items)
        if given.labelled:
            self.feature_names_in_ = np.asarray(given.items, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        self._warn(doubts)
        return self

    def transform(self, X: Any) -> Any:
        """Return the factor scores of respondents.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items)
            The columns of ``items_``; an array has them in that order.

        Returns
        -------
        frame of shape (n_respondents, n_factors)
            Columns ``factor_1``, ``factor_2``, ... Scores are in standard deviations of the
            factor. NaN where a respondent answered too little: nothing for "regression", fewer
            items than factors for others, not all where ``missing="listwise"``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the analyzer is not fitted.
        ValueError
            If it was fitted from a matrix without means or standard deviations.
        custvalue.exceptions.DataError
            If a column is missing or holds text, or an answer is missing where
            ``missing="raise"``.
        """
        check_is_fitted(self)
        ratings = self._read(X)
        scores = scores_of(
            ratings,
            self._score_rule(),
            self.means_.to_numpy(),
            self.standard_deviations_.to_numpy(),
            complete_only=self.missing == "listwise",
        )
        return self._frame(ratings, dict(zip(self._factors(), scores.T, strict=True)))

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the mean log-likelihood of a respondent's ratings under the model.

        The ratings are taken for normal, with the means and standard deviations of `fit` and the
        correlations L Phi L' + diag(psi). A gap leaves the likelihood of what was answered. On
        respondents that were not seen at `fit` the number of factors with the highest score
        foretells best.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items)
            As for `transform`.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_respondents,), optional
            How many respondents each row stands for.

        Returns
        -------
        float
            Of those who answered anything; of those who answered all where ``missing="listwise"``.
            NaN where there is nobody.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the analyzer is not fitted.
        ValueError
            If it was fitted from a matrix without means or standard deviations, or Heywood cases
            leave no likelihood.
        custvalue.exceptions.DataError
            As `transform`, and if weights are no weights.
        """
        check_is_fitted(self)
        ratings = self._read(X)
        weights = read_weights(sample_weight, ratings)
        return mean_log_likelihood(
            ratings,
            np.ones(len(ratings)) if weights is None else weights,
            self.structure_.to_numpy() @ self.loadings_.to_numpy().T,
            self.uniquenesses_,
            self.means_.to_numpy(),
            self.standard_deviations_.to_numpy(),
            complete_only=self.missing == "listwise",
        )

    def residuals(self) -> pd.DataFrame:
        """Return what the factors leave of the correlations: R - L Phi L' - diag(psi).

        Returns
        -------
        pandas.DataFrame of shape (n_items, n_items)
            By item and item.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the analyzer is not fitted.
        """
        check_is_fitted(self)
        reproduced = self.structure_.to_numpy() @ self.loadings_.to_numpy().T
        left: pd.DataFrame = self.correlation_ - reproduced - np.diag(self.uniquenesses_)
        return left

    def get_feature_names_out(self, input_features: Any = None) -> AnyArray:
        """Return the names of the columns that `transform` gives.

        Parameters
        ----------
        input_features : array-like of str or None
            Ignored.

        Returns
        -------
        ndarray of str of shape (n_factors,)
            ``factor_1``, ``factor_2``, ...
        """
        check_is_fitted(self)
        return np.asarray(self._factors(), dtype=object)

    def _analyse(
        self,
        items: list[str],
        found: Correlations,
        ratings: Ratings | None,
        weights: FloatArray | None,
    ) -> Doubts:
        """Compute everything, and set it at once."""
        generator = random_generator(self.random_state)
        retention, not_shuffled = self._retain(found, ratings, weights, generator)
        n_factors, number_doubts = self._number(retention, len(items))
        settings = self._settings(items)
        solution = solve(found.matrix, n_factors, settings, generator)
        refuse_no_uniqueness(self.scores, solution.uniquenesses, items)
        draws = self._resample(ratings, weights, solution, settings, generator)
        loadings = loading_frame(solution.loadings, items)
        intervals = None if draws is None else interval_frame(draws, loadings, self.level)
        lost = [] if draws is None else draws.doubts(self.level)
        self._set_items(items, found)
        self._set_solution(items, found, solution)
        self.retention_ = retention_table(retention)
        self.suggested_n_factors_ = suggested_numbers(retention)
        self.loading_intervals_ = intervals
        self.score_weights_ = loading_frame(self._score_rule().weights(), items)
        return Doubts(
            (
                *data_doubts(found, retention, components=self.method == "principal"),
                *not_shuffled,
                *number_doubts,
                *lost,
                *solution_doubts(solution, items),
            ),
            (*retention.doubts, *search_doubts(solution)),
        )

    def _settings(self, items: list[str]) -> Settings:
        return Settings(
            method=self.method,
            rotation=self.rotation,
            options=rotation_options(self.rotation_options, items),
            kaiser=self.kaiser,
            n_starts=self.n_starts,
            conventions=PRESETS[self.preset],
        )

    def _retain(
        self,
        found: Correlations,
        ratings: Ratings | None,
        weights: FloatArray | None,
        generator: np.random.Generator,
    ) -> tuple[Retention, list[str]]:
        """Ask the criteria for the number of factors, and say what is doubtful of the answers."""
        codes = None
        simulated = isinstance(self.n_factors, str) and self.correlation == "polychoric"
        if ratings is not None and simulated:
            codes = codes_to_shuffle(ratings, weights, self.missing)
        asked = retention(
            found,
            criteria=criteria_for(self.n_factors, found.n_observations),
            generator=generator,
            codes=codes,
            n_replicates=self.n_replicates,
            percentile=self.percentile,
            progress=self.progress,
        )
        simulated = simulated and ratings is not None and codes is None
        return asked, [NOT_SHUFFLED] if simulated else []

    def _number(self, retention: Retention, n_items: int) -> tuple[int, list[str]]:
        """Return how many factors to take, and what is doubtful about it."""
        if not isinstance(self.n_factors, str):
            return int(self.n_factors), []
        return chosen_number(self.n_factors, retention, n_items, self.method)

    def _resample(
        self,
        ratings: Ratings | None,
        weights: FloatArray | None,
        solution: FactorSolution,
        settings: Settings,
        generator: np.random.Generator,
    ) -> LoadingDraws | None:
        if ratings is None or self.n_bootstrap == 0:
            return None
        return bootstrap_loadings(
            ratings,
            weights,
            solution,
            settings,
            kind=self.correlation,
            missing=self.missing,
            n_draws=self.n_bootstrap,
            generator=generator,
            progress=self.progress,
        )

    def _set_items(self, items: list[str], found: Correlations) -> None:
        index = pd.Index(items, name="item")
        self.items_ = items
        self.singular_ = found.singular
        self.n_observations_ = found.n_observations
        self.correlation_ = pd.DataFrame(found.matrix, index=index, columns=index.rename(None))
        self.means_ = pd.Series(found.means, index=index, name="mean")
        self.standard_deviations_ = pd.Series(
            found.standard_deviations, index=index, name="standard_deviation"
        )

    def _set_solution(
        self, items: list[str], found: Correlations, solution: FactorSolution
    ) -> None:
        index = pd.Index(items, name="item")
        self.n_factors_ = solution.loadings.shape[1]
        self.loadings_ = loading_frame(solution.loadings, items)
        self.structure_ = loading_frame(solution.structure, items)
        self.unrotated_loadings_ = loading_frame(solution.extraction.loadings, items)
        self.factor_correlations_ = by_factor(solution.factor_correlations)
        self.communalities_ = pd.Series(solution.communalities, index=index, name="communality")
        self.uniquenesses_ = pd.Series(solution.uniquenesses, index=index, name="uniqueness")
        self.factors_ = factor_table(found, solution)
        self.item_diagnostics_ = item_table(found, solution, items)
        self.adequacy_ = adequacy_series(found)
        self.fit_indices_ = fit_series(found, solution)
        self.heywood_ = list(index[solution.extraction.heywood])
        self.convergence_ = convergence_report(solution)

    def _warn(self, doubts: Doubts) -> None:
        """Say what is doubtful, as if from the line of the user."""
        for sentence in doubts.data:
            warnings.warn(sentence, DataQualityWarning, stacklevel=3)
        for sentence in doubts.search:
            warnings.warn(sentence, ConvergenceWarning, stacklevel=3)

    def _read(self, X: Any) -> Ratings:
        """Return the ratings of respondents to score."""
        self._require_scale()
        ratings = read_ratings(X, self.items_, owner=type(self).__name__)
        if self.missing == "raise":
            ratings.refuse_gaps()
        return ratings

    def _factors(self) -> list[str]:
        return list(self.factors_.index)

    def _score_rule(self) -> ScoreRule:
        parts = (
            self.loadings_.to_numpy(),
            self.factor_correlations_.to_numpy(),
            self.uniquenesses_.to_numpy(),
        )
        basis = scoring_matrix(
            self.correlation_.to_numpy(),
            *parts,
            singular=self.singular_,
            components=self.method == "principal",
        )
        return ScoreRule(self.scores, basis, *parts)

    def _require_scale(self) -> None:
        """Raise where respondents cannot be standardised."""
        for name in ("means", "standard_deviations"):
            if getattr(self, f"{name}_").isna().any():
                raise ValueError(
                    f"{name} must be known to score respondents; found none. Give {name} to "
                    f"fit_correlation"
                )
