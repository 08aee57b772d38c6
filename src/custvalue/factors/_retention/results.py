"""What the functions that count factors return."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["FactorRetention", "MinimumAveragePartial", "ParallelAnalysis"]


@dataclass(frozen=True, slots=True, eq=False)
class ParallelAnalysis:
    """Result of `parallel_analysis`.

    Parameters
    ----------
    n_factors : int
        How many eigenvalues exceed the percentile, counted from the largest until the first that
        does not; 0 where the first does not.
    table : pandas.DataFrame
        Index ``number``, from 1. ``eigenvalue`` is observed, ``mean`` and ``percentile`` are of the
        replicates, ``retained`` says whether this one is counted.
    of : {"factors", "components"}
        What the eigenvalues are of.
    simulation : {"normal", "permutation"}
        Where the replicates come from.

    See Also
    --------
    parallel_analysis : Makes it.

    Examples
    --------
    >>> from custvalue.factors import parallel_analysis
    >>> found = parallel_analysis(
    ...     matrix=[[1, 0.6, 0.5], [0.6, 1, 0.4], [0.5, 0.4, 1]],
    ...     n_observations=80,
    ...     random_state=1,
    ... )
    >>> found.n_factors, found.of, found.simulation
    (1, 'components', 'normal')
    """

    n_factors: int
    table: pd.DataFrame
    of: str
    simulation: str


@dataclass(frozen=True, slots=True, eq=False)
class MinimumAveragePartial:
    """Result of `minimum_average_partial`.

    Parameters
    ----------
    n_factors : int
        The number with the smallest mean squared partial correlation (Velicer 1976).
    n_factors_fourth : int
        The number with the smallest mean fourth power (Velicer, Eaton & Fava 2000).
    table : pandas.DataFrame
        Index ``n_factors``, from 0. ``average_squared_partial`` and
        ``average_fourth_power_partial`` after so many components are taken out; NaN where an item
        has no variance left.

    See Also
    --------
    minimum_average_partial : Makes it.

    Examples
    --------
    >>> from custvalue.factors import minimum_average_partial
    >>> found = minimum_average_partial(matrix=[[1, 0.6, 0.5], [0.6, 1, 0.4], [0.5, 0.4, 1]])
    >>> list(found.table.columns)
    ['average_squared_partial', 'average_fourth_power_partial']
    """

    n_factors: int
    n_factors_fourth: int
    table: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class FactorRetention:
    """Result of `factor_retention`.

    Parameters
    ----------
    table : pandas.DataFrame
        Index ``n_factors``, from 0 to the number of items. NaN where there is nothing to say, or
        where no criterion asked for it.

        * ``eigenvalue``, ``reduced_eigenvalue``: the eigenvalue of this rank, of the correlation
          matrix, and of the matrix with squared multiple correlations on its diagonal.
        * ``parallel_components``, ``parallel_factors``: the percentiles that they are compared
          with by parallel analysis.
        * ``ekc_reference``: what the empirical Kaiser criterion compares ``eigenvalue`` with.
        * ``optimal_coordinate``: what "optimal_coordinates" compares it with.
        * ``acceleration``: how sharply the scree bends after it, for "scree".
        * ``average_squared_partial``, ``average_fourth_power_partial``: after so many components.
        * ``chi_square``, ``degrees_of_freedom``, ``p_value``, ``rmsea``, ``cfi``, ``bic``: of the
          maximum likelihood model with so many factors.
        * ``heywood``: its items whose uniqueness ended at its bound. Too many factors cause them.
    suggested : pandas.Series of Int64
        Index ``criterion``. How many factors it suggests; missing where it has no answer.

    See Also
    --------
    factor_retention : Makes it.

    Examples
    --------
    >>> from custvalue.factors import factor_retention
    >>> found = factor_retention(
    ...     matrix=[[1, 0.6, 0.5], [0.6, 1, 0.4], [0.5, 0.4, 1]], criteria=["map", "kaiser"]
    ... )
    >>> found.suggested.to_dict()
    {'map': 1, 'kaiser': 1}
    """

    table: pd.DataFrame
    suggested: pd.Series
