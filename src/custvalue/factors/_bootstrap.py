"""Bootstrap of respondents: the same draws for the same seed, in whatever order they came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from custvalue._estimator.progress import tracked
from custvalue._estimator.ratings import Ratings
from custvalue._estimator.resampling import distinct_answers, fewest_draws, resampled_weights
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.factors._correlations.build import correlations
from custvalue.factors._rotation.align import alignment
from custvalue.factors._solution import FactorSolution, Settings, solve_near

__all__ = ["LoadingDraws", "bootstrap_loadings"]


@dataclass(frozen=True, slots=True)
class LoadingDraws:
    """Loadings of resampled respondents, their factors matched with those of all.

    Attributes
    ----------
    loadings : ndarray of shape (n_draws, p, k)
    n_failed : int
        Draws without a fit, such as those in which an item did not vary.
    """

    loadings: FloatArray
    n_failed: int

    def doubts(self, level: float) -> list[str]:
        """Return a sentence on draws without a fit, if there are any."""
        if not self.n_failed:
            return []
        every, few = self.n_failed + len(self.loadings), self._too_few(level)
        rest = "too few are left for intervals" if few else "the intervals rest on the others"
        return [
            f"{self.n_failed} of {every} bootstrap draws had no fit, most often since an item did "
            f"not vary; {rest}"
        ]

    def intervals(self, level: float) -> FloatArray:
        """Return standard errors and percentile intervals: (p, k, 3), error, lower, upper.

        NaN where fewer draws are left than the level takes.
        """
        if self._too_few(level):
            return np.full((*self.loadings.shape[1:], 3), np.nan)
        tails = [(1 - level) / 2, (1 + level) / 2]
        lower, upper = np.quantile(self.loadings, tails, axis=0)
        return np.stack([self.loadings.std(axis=0, ddof=1), lower, upper], axis=-1)

    def _too_few(self, level: float) -> bool:
        return len(self.loadings) < fewest_draws(level)


def bootstrap_loadings(
    ratings: Ratings,
    weights: FloatArray | None,
    solution: FactorSolution,
    settings: Settings,
    *,
    kind: str,
    missing: str,
    n_draws: int,
    generator: np.random.Generator,
    progress: bool = False,
) -> LoadingDraws:
    """Fit resampled respondents again and match the factors with those of all respondents.

    Each fit starts from the solution of all respondents: extraction from its uniquenesses, rotation
    from its axes. Factors are matched one to one by congruence, and signed alike.

    Parameters
    ----------
    ratings : Ratings
    weights : ndarray of shape (n_rows,) or None
    solution : FactorSolution
        Of all respondents.
    settings : Settings
    kind, missing : str
        As for `correlations`.
    n_draws : int
    generator : numpy.random.Generator
    progress : bool

    Returns
    -------
    LoadingDraws
    """
    rows, counts = distinct_answers(ratings, weights)
    draws: list[FloatArray] = []
    resampled = resampled_weights(counts, n_draws, generator)
    # Threads cost such small fits more time than they save.
    with threadpool_limits(1):
        for _ in tracked(range(n_draws), "Bootstrap of loadings", progress=progress):
            try:
                drawn = correlations(rows, kind=kind, missing=missing, weights=next(resampled))
                again = solve_near(drawn.matrix, solution, settings, generator).loadings
            except (DataError, np.linalg.LinAlgError):
                continue
            match = alignment(again, solution.loadings)
            draws.append(again[:, match.order] * match.signs)
    shape = (len(draws), *solution.loadings.shape)
    return LoadingDraws(np.array(draws).reshape(shape), n_draws - len(draws))
