"""How many factors a survey holds."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from custvalue._estimator.parameters import check_choice, interval, whole_numbers
from custvalue._estimator.randomness import random_generator
from custvalue._estimator.ratings import Ratings
from custvalue.exceptions import ConvergenceWarning, DataQualityWarning
from custvalue.factors._correlations.pair_tables import code_items
from custvalue.factors._input import (
    MOST_ROWS,
    check_parameter,
    one_row_each,
    read_answers,
    read_correlations,
)
from custvalue.factors._retention.frames import (
    comparison_table,
    partials_table,
    retention_table,
    suggested_numbers,
)
from custvalue.factors._retention.null_matrices import normal_matrices, permuted_matrices
from custvalue.factors._retention.parallel import compare, null_spectra
from custvalue.factors._retention.partials import average_partials
from custvalue.factors._retention.results import (
    FactorRetention,
    MinimumAveragePartial,
    ParallelAnalysis,
)
from custvalue.factors._retention.retention import (
    CRITERIA,
    NEED_RESPONDENTS,
    check_observations,
    retention,
)
from custvalue.factors._retention.spectra import spectra

__all__ = [
    "FactorRetention",
    "MinimumAveragePartial",
    "ParallelAnalysis",
    "factor_retention",
    "minimum_average_partial",
    "parallel_analysis",
]

_SIMULATED = {"parallel", "parallel_factors", "hull"}
"""Criteria that look at matrices of items that share nothing."""


def parallel_analysis(
    X: Any = None,
    *,
    matrix: Any = None,
    n_observations: float | None = None,
    correlation: str = "pearson",
    missing: str = "raise",
    sample_weight: Any = None,
    of: str = "components",
    simulation: str = "auto",
    n_replicates: int = 100,
    percentile: float = 95.0,
    random_state: Any = None,
    progress: bool = False,
) -> ParallelAnalysis:
    """Count the factors whose eigenvalues exceed those of items that share nothing.

    Horn's (1965) parallel analysis [1]_. A factor counts while its eigenvalue exceeds the
    percentile of the eigenvalues of the same rank in replicates, and 0.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items), optional
        Answers. Exactly one of X and ``matrix`` is given.
    matrix : pandas.DataFrame or array of shape (n_items, n_items), optional
        A correlation or covariance matrix.
    n_observations : float, optional
        Respondents behind ``matrix``, more than 2.
    correlation : {"pearson", "spearman", "polychoric"}, default="pearson"
        How to correlate answers.
    missing : {"raise", "pairwise", "listwise"}, default="raise"
        What to do about gaps in the answers: an error, take each pair from those who answered
        both, or leave respondents with gaps out.
    sample_weight : array-like of shape (n_respondents,), optional
        Respondents that each row of X stands for.
    of : {"components", "factors"}, default="components"
        Eigenvalues of the correlation matrix itself, as Horn took them, or of the matrix with
        squared multiple correlations on its diagonal [2]_. The first find too few factors where
        these are strongly correlated or have few items, the second too many in large surveys.
    simulation : {"auto", "normal", "permutation"}, default="auto"
        "normal" draws correlation matrices of as many respondents with independent normal answers.
        "permutation" shuffles the answers to each item, gaps with them, and correlates them as they
        were correlated; it needs X, and weights, if any, that are whole and come to at most 20,000.
        "auto" is "permutation" for polychoric correlations of X, which vary more than others, by at
        most 20,000 respondents, else "normal": correlations of ranks vary as those of numbers do.
    n_replicates : int, default=100
        Number of matrices.
    percentile : float, default=95.0
        From 0 to 100, interpolated linearly. 50 is near Horn's own mean, which finds more factors.
    random_state : None, int or numpy.random.Generator, default=None
        Seed of the replicates.
    progress : bool, default=False
        Show a bar.

    Returns
    -------
    ParallelAnalysis
        The number, and the eigenvalues beside those of the replicates.

    Raises
    ------
    DataError
        If answers, weights or matrix break a rule.
    TypeError
        If X or ``matrix`` is no table.
    ValueError
        If a parameter is out of its range, ``n_observations`` is not known, ``sample_weight`` comes
        with ``matrix``, or weighted answers cannot be shuffled as asked.

    Warns
    -----
    DataQualityWarning
        If the correlations had to be repaired, rows were left out, or "auto" is "normal" for
        polychoric correlations, because of weights that are not whole or too many respondents.

    See Also
    --------
    factor_retention : This and other criteria side by side.

    Notes
    -----
    With as many items as respondents or more, each item is determined by the others; the two kinds
    of eigenvalues are then the same. R's ``psych::fa.parallel(SMC=TRUE)`` compares the same
    eigenvalues; without ``SMC`` it takes communalities of a one-factor model.

    References
    ----------
    .. [1] Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis.
       Psychometrika, 30(2), 179-185.
    .. [2] Humphreys, L. G. and Montanelli, R. G. (1975). An investigation of the parallel analysis
       criterion for determining the number of common factors. Multivariate Behavioral Research,
       10(2), 193-205.

    Examples
    --------
    Six ability tests of 112 people (R's ``ability.cov``):

    >>> from custvalue.factors import parallel_analysis
    >>> matrix = [
    ...     [24.641, 5.991, 33.520, 6.023, 20.755, 29.701],
    ...     [5.991, 6.700, 18.137, 1.782, 4.936, 7.204],
    ...     [33.520, 18.137, 149.831, 19.424, 31.430, 50.753],
    ...     [6.023, 1.782, 19.424, 12.711, 4.757, 9.075],
    ...     [20.755, 4.936, 31.430, 4.757, 52.604, 66.762],
    ...     [29.701, 7.204, 50.753, 9.075, 66.762, 135.292],
    ... ]
    >>> found = parallel_analysis(matrix=matrix, n_observations=112, random_state=1)
    >>> found.n_factors
    1
    >>> found.table["eigenvalue"].round(3).tolist()
    [3.077, 1.14, 0.817, 0.411, 0.355, 0.2]
    >>> parallel_analysis(matrix=matrix, n_observations=112, of="factors", random_state=1).n_factors
    2
    """
    owner = "parallel_analysis"
    check_choice(of, "of", ("factors", "components"))
    check_choice(simulation, "simulation", ("auto", "normal", "permutation"))
    _check_replicates(n_replicates, percentile)
    given = read_correlations(
        X,
        matrix=matrix,
        n_observations=n_observations,
        correlation=correlation,
        missing=missing,
        sample_weight=sample_weight,
        owner=owner,
    )
    known = given.correlations
    check_observations(known.n_observations, owner)
    shuffled = None
    if _shuffles(simulation, correlation, X is not None):
        shuffled = _to_shuffle(X, missing, sample_weight, simulation)
    p, n, generator = len(given.items), known.n_observations, random_generator(random_state)
    batches = (
        normal_matrices(p, n, n_replicates, generator, progress=progress)
        if shuffled is None
        else permuted_matrices(
            shuffled, correlation, "pairwise", n_replicates, generator, progress=progress
        )
    )
    used = "normal" if shuffled is None else "permutation"
    observed, null = spectra(known.matrix), null_spectra(batches)
    found = compare(getattr(observed, of), getattr(null, of), percentile)
    return ParallelAnalysis(found.number, comparison_table(found), of, used)


def minimum_average_partial(
    X: Any = None,
    *,
    matrix: Any = None,
    correlation: str = "pearson",
    missing: str = "raise",
    sample_weight: Any = None,
) -> MinimumAveragePartial:
    """Count the components to take out until what is left belongs to single items.

    Velicer's (1976) criterion [1]_: the number of principal components after which the mean squared
    partial correlation of the items is smallest; and its revision with fourth powers [2]_. Both
    look from no component to one less than items.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items), optional
        Answers. Exactly one of X and ``matrix`` is given.
    matrix : pandas.DataFrame or array of shape (n_items, n_items), optional
        A correlation or covariance matrix.
    correlation : {"pearson", "spearman", "polychoric"}, default="pearson"
        How to correlate answers.
    missing : {"raise", "pairwise", "listwise"}, default="raise"
        What to do about gaps in the answers.
    sample_weight : array-like of shape (n_respondents,), optional
        Respondents that each row of X stands for.

    Returns
    -------
    MinimumAveragePartial
        Both numbers, and the mean powers of the partial correlations.

    Raises
    ------
    DataError
        If answers, weights or matrix break a rule.
    TypeError
        If X or ``matrix`` is no table.
    ValueError
        If both or none of X and ``matrix`` are given, ``sample_weight`` comes with ``matrix``, or a
        choice is unknown.

    See Also
    --------
    factor_retention : This and other criteria side by side.

    References
    ----------
    .. [1] Velicer, W. F. (1976). Determining the number of components from the matrix of partial
       correlations. Psychometrika, 41(3), 321-327.
    .. [2] Velicer, W. F., Eaton, C. A. and Fava, J. L. (2000). Construct explication through factor
       or component analysis. In Problems and Solutions in Human Assessment, 41-71.

    Examples
    --------
    Two groups of four questions that have nothing to do with each other:

    >>> import numpy as np
    >>> from custvalue.factors import minimum_average_partial
    >>> matrix = np.kron(np.eye(2), np.full((4, 4), 0.6)) + 0.4 * np.eye(8)
    >>> found = minimum_average_partial(matrix=matrix)
    >>> found.n_factors, found.n_factors_fourth
    (2, 2)
    >>> found.table["average_squared_partial"].head(4).round(3).tolist()
    [0.154, 0.101, 0.048, 0.111]
    """
    given = read_correlations(
        X,
        matrix=matrix,
        correlation=correlation,
        missing=missing,
        sample_weight=sample_weight,
        owner="minimum_average_partial",
    )
    found = average_partials(given.correlations.matrix)
    return MinimumAveragePartial(found.number, found.number_fourth, partials_table(found))


def factor_retention(
    X: Any = None,
    *,
    matrix: Any = None,
    n_observations: float | None = None,
    correlation: str = "pearson",
    missing: str = "raise",
    sample_weight: Any = None,
    criteria: str | Sequence[str] = "all",
    max_factors: int | None = None,
    n_replicates: int = 100,
    percentile: float = 95.0,
    random_state: Any = None,
    progress: bool = False,
) -> FactorRetention:
    """Ask several criteria how many factors to keep.

    No criterion is right everywhere. Numbers that several of them name are worth a look.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items), optional
        Answers. Exactly one of X and ``matrix`` is given.
    matrix : pandas.DataFrame or array of shape (n_items, n_items), optional
        A correlation or covariance matrix.
    n_observations : float, optional
        Respondents behind ``matrix``, more than 2. Without it only "map", "map4", "kaiser", "scree"
        and "optimal_coordinates" have an answer.
    correlation : {"pearson", "spearman", "polychoric"}, default="pearson"
        How to correlate answers.
    missing : {"raise", "pairwise", "listwise"}, default="raise"
        What to do about gaps in the answers.
    sample_weight : array-like of shape (n_respondents,), optional
        Respondents that each row of X stands for.
    criteria : "all", str or sequence of str, default="all"
        Which criteria; see Notes.
    max_factors : int, optional
        Most factors of the models that are fitted for "hull", "chi_square" and "bic". Left out: a
        third of as many as items, at least 3, and more while BIC falls, as far as the degrees of
        freedom go.
    n_replicates : int, default=100
        Replicates of parallel analysis.
    percentile : float, default=95.0
        What the eigenvalues must exceed there, from 0 to 100.
    random_state : None, int or numpy.random.Generator, default=None
        Seed of the replicates and of the starts of the models.
    progress : bool, default=False
        Show bars.

    Returns
    -------
    FactorRetention
        What each criterion suggests, and what it looked at.

    Raises
    ------
    DataError
        If answers, weights or matrix break a rule.
    TypeError
        If X or ``matrix`` is no table.
    ValueError
        If a parameter is out of its range, ``sample_weight`` comes with ``matrix``, or a criterion
        is named that needs ``n_observations`` and it is not known.

    Warns
    -----
    ConvergenceWarning
        If the search for a model ended early.
    DataQualityWarning
        If the correlations had to be repaired, so that "hull", "chi_square" and "bic" have no
        answer; if rows were left out; or if parallel analysis of polychoric correlations takes
        normal variables, because weights are not whole or respondents more than 20,000.

    See Also
    --------
    parallel_analysis : More choices for "parallel".
    minimum_average_partial : "map" and "map4" alone.

    Notes
    -----
    l_1 >= l_2 >= ... >= l_p are the eigenvalues of the correlation matrix of p items by n
    respondents.

    * "parallel": parallel analysis of components [1]_; "parallel_factors": of common factors.
    * "map", "map4": minimum average partial, with squares and with fourth powers.
    * "kaiser": eigenvalues above 1; usually too many.
    * "scree": eigenvalues before the sharpest bend, where l_(j-1) - 2 l_j + l_(j+1) is largest, the
      acceleration factor [2]_. Too few where the first factor towers above the others.
    * "optimal_coordinates": leading eigenvalues above 1 that reach the line through the next and
      the last one [2]_. Too few where factors are equally strong.
    * "ekc": empirical Kaiser criterion [3]_: leading eigenvalues that exceed
      max(1, (1 + sqrt(p/n))^2 (p - l_1 - ... - l_(j-1)) / (p - j + 1)).
    * "hull": Hull method [4]_ with the CFI of maximum likelihood models of 0 to J factors, J one
      more than the larger answer of parallel analysis and at least 3, among those with degrees of
      freedom to spare; it needs three such models. Where fewer than three lie on the hull, the
      simplest of those that fit best is taken.
    * "chi_square": the fewest factors whose maximum likelihood model is not rejected at 5 %. The
      answer rises with n; missing where all models tried are rejected.
    * "bic": the model with the lowest chi-square - df log n.

    Fits by maximum likelihood suppose normal answers. Of polychoric and rank correlations, and of
    gaps treated by pairs, "hull", "chi_square" and "bic" are rough.

    References
    ----------
    .. [1] Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis.
       Psychometrika, 30(2), 179-185.
    .. [2] Raiche, G., Walls, T. A., Magis, D., Riopel, M. and Blais, J.-G. (2013). Non-graphical
       solutions for Cattell's scree test. Methodology, 9(1), 23-29.
    .. [3] Braeken, J. and van Assen, M. A. L. M. (2017). An empirical Kaiser criterion.
       Psychological Methods, 22(3), 450-466.
    .. [4] Lorenzo-Seva, U., Timmerman, M. E. and Kiers, H. A. L. (2011). The Hull method for
       selecting the number of common factors. Multivariate Behavioral Research, 46(2), 340-364.

    Examples
    --------
    Six ability tests of 112 people (R's ``ability.cov``):

    >>> from custvalue.factors import factor_retention
    >>> matrix = [
    ...     [24.641, 5.991, 33.520, 6.023, 20.755, 29.701],
    ...     [5.991, 6.700, 18.137, 1.782, 4.936, 7.204],
    ...     [33.520, 18.137, 149.831, 19.424, 31.430, 50.753],
    ...     [6.023, 1.782, 19.424, 12.711, 4.757, 9.075],
    ...     [20.755, 4.936, 31.430, 4.757, 52.604, 66.762],
    ...     [29.701, 7.204, 50.753, 9.075, 66.762, 135.292],
    ... ]
    >>> found = factor_retention(matrix=matrix, n_observations=112, random_state=1)
    >>> found.suggested.to_dict()
    {'parallel': 1, 'parallel_factors': 2, 'map': 2, 'map4': 1, 'kaiser': 2, 'scree': 1,
     'optimal_coordinates': 2, 'ekc': 2, 'hull': 1, 'chi_square': 2, 'bic': 2}
    >>> found.table.loc[:2, ["chi_square", "degrees_of_freedom", "p_value"]].round(3)
               chi_square  degrees_of_freedom  p_value
    n_factors
    0             268.354                15.0    0.000
    1              75.180                 9.0    0.000
    2               6.107                 4.0    0.191
    """
    asked = _criteria(criteria)
    _check_replicates(n_replicates, percentile)
    if max_factors is not None:
        check_parameter(max_factors, "max_factors", whole_numbers(0))
    given = read_correlations(
        X,
        matrix=matrix,
        n_observations=n_observations,
        correlation=correlation,
        missing=missing,
        sample_weight=sample_weight,
        owner="factor_retention",
    )
    known = given.correlations
    possible = _answerable(asked, criteria == "all", known.n_observations)
    shuffled = None
    if X is not None and correlation == "polychoric" and _SIMULATED & set(possible):
        shuffled = _to_shuffle(X, missing, sample_weight)
    found = retention(
        known,
        criteria=possible,
        generator=random_generator(random_state),
        max_factors=max_factors,
        codes=None if shuffled is None else code_items(shuffled).codes,
        n_replicates=n_replicates,
        percentile=percentile,
        progress=progress,
    )
    for sentence in found.data_doubts:
        warnings.warn(sentence, DataQualityWarning, stacklevel=2)
    for sentence in found.doubts:
        warnings.warn(sentence, ConvergenceWarning, stacklevel=2)
    return FactorRetention(retention_table(found), suggested_numbers(found, asked))


def _shuffles(simulation: str, correlation: str, has_answers: bool) -> bool:
    """Return whether the replicates are the answers, shuffled."""
    if simulation == "permutation" and not has_answers:
        raise ValueError("simulation='permutation' shuffles answers: give X; found matrix alone")
    automatic = simulation == "auto" and correlation == "polychoric" and has_answers
    return automatic or simulation == "permutation"


def _to_shuffle(
    X: Any, missing: str, sample_weight: Any, simulation: str = "auto"
) -> Ratings | None:
    """Return the answers to shuffle; where weights leave none, raise or warn."""
    answers = read_answers(X, missing=missing, sample_weight=sample_weight)
    if simulation == "permutation" and answers.weights is None:
        return answers.ratings
    shuffled = one_row_each(answers)
    if shuffled is not None:
        return shuffled
    total = len(answers.ratings) if answers.weights is None else answers.weights.sum()
    rule = f"at most {MOST_ROWS:,} respondents and whole weights"
    found = f"found {total:g} respondents in {len(answers.ratings)} row(s)"
    if simulation == "permutation":
        raise ValueError(f"simulation='permutation' needs {rule}; {found}")
    warnings.warn(
        f"parallel analysis takes normal variables, whose correlations vary less than polychoric "
        f"ones: shuffled answers need {rule}; {found}",
        DataQualityWarning,
        stacklevel=3,
    )
    return None


def _criteria(criteria: Any) -> tuple[str, ...]:
    """Return the names of the criteria asked for."""
    if isinstance(criteria, str):
        return tuple(CRITERIA) if criteria == "all" else (criteria,)
    names = tuple(criteria)
    if not names or len(set(names)) < len(names):
        raise ValueError(f"criteria must be 'all' or name each criterion once; found {criteria!r}")
    return names


def _answerable(asked: tuple[str, ...], everything: bool, n_observations: float) -> tuple[str, ...]:
    """Return the criteria to compute: of all, those that can be."""
    if everything and np.isnan(n_observations):
        return tuple(name for name in asked if name not in NEED_RESPONDENTS)
    return asked


def _check_replicates(n_replicates: Any, percentile: Any) -> None:
    check_parameter(n_replicates, "n_replicates", whole_numbers(1))
    check_parameter(percentile, "percentile", interval(0, 100, closed="both"))
