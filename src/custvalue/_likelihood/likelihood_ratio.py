"""Whether a larger model explains more than chance would let it."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import chi2

__all__ = ["LikelihoodRatio", "likelihood_ratio"]


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """A likelihood-ratio test of a smaller model within a larger one.

    Attributes
    ----------
    statistic : float
        Twice the difference of the log-likelihoods.
    df : int
        Number of estimates that the larger model has in addition.
    p_value : float
        Probability of a statistic at least as large if the smaller model holds.
    distribution : str
        What the statistic follows if the smaller model holds.
    larger, smaller : str
        The models.
    """

    statistic: float
    df: int
    p_value: float
    distribution: str
    larger: str = "larger"
    smaller: str = "smaller"


def likelihood_ratio(
    statistic: float,
    df: int,
    *,
    on_boundary: bool,
    larger: str = "larger",
    smaller: str = "smaller",
) -> LikelihoodRatio:
    """Judge twice the difference of two maximised log-likelihoods.

    Inside the parameter space the statistic is chi-squared with ``df`` degrees of freedom. Where
    the smaller model lies on the boundary of one parameter of the larger one, that parameter is as
    often estimated at its boundary as inside, and the statistic is one half chi-squared with
    ``df - 1`` and one half with ``df`` degrees of freedom (Self and Liang 1987, case 5 and 6;
    chi-squared with 0 is the number 0).

    Parameters
    ----------
    statistic : float
        At least 0.
    df : int
        At least 1.
    on_boundary : bool
    larger, smaller : str
        Names for the result.

    Returns
    -------
    LikelihoodRatio
    """
    tail = _tail(statistic, df)
    distribution = f"chi2_{df}"
    if on_boundary:
        tail = (_tail(statistic, df - 1) + tail) / 2
        distribution = f"1/2 chi2_{df - 1} + 1/2 chi2_{df}"
    return LikelihoodRatio(statistic, df, tail, distribution, larger, smaller)


def _tail(statistic: float, df: int) -> float:
    """Return P(chi-squared >= statistic); with 0 degrees of freedom all is at 0."""
    if df == 0:
        return float(statistic <= 0)
    return float(chi2.sf(statistic, df))
