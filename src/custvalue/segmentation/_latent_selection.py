"""How many latent classes there are: criteria of each number, and the one to take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.progress import tracked
from custvalue._numerics.mixtures import classification_entropy
from custvalue.exceptions import DataError
from custvalue.segmentation._latent_answers import AnswerPatterns
from custvalue.segmentation._latent_class import class_chances, g_squared
from custvalue.segmentation._latent_identification import (
    is_identified,
    n_parameters,
    n_possible_patterns,
)
from custvalue.segmentation._latent_search import LatentFit, fit_classes

__all__ = ["LatentSelection", "choose_classes", "criteria", "numbers_to_compare"]

_BOUNDARY = 1e-6
_MANY = 10**300
"""The number of possible patterns may be beyond what a float can hold."""


@dataclass(frozen=True, slots=True)
class LatentSelection:
    """The fit to keep, and why.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``n_classes``; the criteria and ``recommended``.
    fit : LatentFit
    row : dict
        Its criteria.
    reason : str
    """

    table: pd.DataFrame
    fit: LatentFit
    row: dict[str, Any]
    reason: str

    @property
    def n_classes(self) -> int:
        """Number of classes of the fit."""
        return len(self.fit.classes.shares)

    @property
    def degrees_of_freedom(self) -> int:
        """Possible patterns - 1 - parameters."""
        sizes = self.fit.classes.sizes
        return n_possible_patterns(sizes) - 1 - n_parameters(sizes, self.n_classes)

    @property
    def convergence(self) -> dict[str, Any]:
        """How the fit was found."""
        rows = np.repeat(np.asarray(self.fit.classes.sizes) > 1, self.fit.classes.sizes)
        chances = self.fit.classes.probabilities[rows]
        return {
            "converged": self.fit.converged,
            "iterations": self.fit.iterations,
            "starts": self.fit.starts,
            "starts_agreeing": self.fit.starts_agreeing,
            "identified": bool(self.row["identified"]),
            "at_boundary": int(((chances < _BOUNDARY) | (chances > 1 - _BOUNDARY)).sum()),
        }

    @property
    def doubts(self) -> list[str]:
        """What is doubtful about the fit, in sentences."""
        fit, k = self.fit, self.n_classes
        found = []
        if not self.row["identified"]:
            found.append(
                f"these items do not identify {k} classes: other probabilities of the answers fit "
                f"as well (degrees of freedom {self.degrees_of_freedom}); ask for fewer "
                f"classes, use more items, or set prior"
            )
        if not fit.converged:
            found.append(
                f"the likelihood of {k} classes was still rising after {fit.iterations} iterations"
            )
        if fit.starts > 1 and fit.starts_agreeing == 1:
            found.append(
                f"only 1 of {fit.starts} starts reached the highest likelihood of {k} classes, "
                f"which may not be the highest there is; raise n_starts"
            )
        return found


def numbers_to_compare(
    n_classes: Any, most: int, n_patterns: int, sizes: Sequence[int]
) -> list[int]:
    """Return the numbers of classes to fit.

    Parameters
    ----------
    n_classes : int or "auto"
    most : int
        Largest number to try.
    n_patterns : int
        Different rows of answers.
    sizes : sequence of int
        Number of categories of each item.

    Returns
    -------
    list of int
        Those with more parameters than the table has cells are left out.

    Raises
    ------
    DataError
        If more classes are asked for than there are patterns.

    Examples
    --------
    >>> numbers_to_compare("auto", 6, 16, [2, 2, 2, 2])
    [1, 2, 3]
    """
    if n_classes != "auto":
        if n_classes > n_patterns:
            raise DataError(
                f"n_classes must not exceed the number of different rows of answers; found "
                f"n_classes={n_classes} and {n_patterns} different row(s)"
            )
        return [int(n_classes)]
    cells = n_possible_patterns(sizes)
    numbers = range(1, min(most, n_patterns) + 1)
    return [k for k in numbers if k == 1 or n_parameters(sizes, k) <= cells - 1]


def choose_classes(
    patterns: AnswerPatterns,
    sizes: Sequence[int],
    numbers: Sequence[int],
    *,
    asked: bool,
    n_starts: int,
    prior: float,
    seed: int,
    min_size: float = 0.0,
    progress: bool = False,
) -> LatentSelection:
    """Fit each number of classes and take the one of lowest BIC.

    Parameters
    ----------
    patterns : AnswerPatterns
    sizes : sequence of int
    numbers : sequence of int
        Of classes, rising.
    asked : bool
        There is one number, which is taken as it is.
    n_starts : int
    prior : float
    seed : int
        The fit of a number does not depend on the other numbers.
    min_size : float
        Smallest share of a class that may be recommended.
    progress : bool

    Returns
    -------
    LatentSelection
    """
    fits = {
        k: fit_classes(
            patterns,
            sizes,
            k,
            n_starts=n_starts,
            prior=prior,
            generator=np.random.default_rng([seed, k]),
        )
        for k in tracked(numbers, "Fitting classes", progress=progress)
    }
    index = pd.Index(list(fits), name="n_classes")
    rows = {k: criteria(fit, patterns) for k, fit in fits.items()}
    table = pd.DataFrame(list(rows.values()), index=index)
    if asked:
        best, reason = numbers[0], f"The number of classes was given: {numbers[0]}."
    else:
        allowed = table["identified"] & (table["smallest_class"] >= min_size)
        best = min(table.index[allowed], key=lambda k: rows[k]["bic"])
        reason = _reason(table, allowed, best)
    table["recommended"] = table.index == best
    return LatentSelection(table, fits[best], rows[best], reason)


def criteria(fit: LatentFit, patterns: AnswerPatterns) -> dict[str, Any]:
    """Return the criteria of a fit.

    With L the log-likelihood, p the number of parameters, n that of respondents and E the entropy
    of the classification, BIC is -2 L + p log n, AIC -2 L + 2 p, the sample-size adjusted BIC takes
    log((n + 2) / 24) for log n (Sclove 1987), ICL is BIC + 2 E, and ``entropy`` is
    1 - E / (n log k).

    Parameters
    ----------
    fit : LatentFit
    patterns : AnswerPatterns

    Returns
    -------
    dict of str to float, int or bool
    """
    classes, n = fit.classes, float(patterns.counts.sum())
    k, deviance = len(classes.shares), -2 * fit.log_likelihood
    p = n_parameters(classes.sizes, k)
    entropy = classification_entropy(class_chances(classes, patterns.codes), patterns.counts)
    bic = deviance + p * math.log(n)
    return {
        "log_likelihood": fit.log_likelihood,
        "n_parameters": p,
        "bic": bic,
        "aic": deviance + 2 * p,
        "adjusted_bic": deviance + p * math.log((n + 2) / 24),
        "icl": bic + 2 * entropy,
        "entropy": 1.0 if k == 1 else 1 - entropy / (n * math.log(k)),
        "g2": g_squared(classes, patterns),
        "degrees_of_freedom": float(min(n_possible_patterns(classes.sizes) - 1 - p, _MANY)),
        "smallest_class": float(classes.shares.min()),
        "starts_agreeing": fit.starts_agreeing,
        "identified": is_identified(classes),
    }


def _reason(table: pd.DataFrame, allowed: pd.Series, best: int) -> str:
    """Say why that number of classes, in a sentence or two."""
    others = table["bic"][allowed].drop(best).sort_values(kind="stable")
    sentence = f"BIC is lowest for {_classes(best)} ({table['bic'][best]:.1f}"
    if len(others):
        sentence += f"; next {_classes(others.index[0])} with {others.iloc[0]:.1f}"
    left_out = {
        "not identified by these items": ~table["identified"],
        "a class smaller than min_size": table["identified"] & ~allowed,
    }
    ends = [
        f"Left out, {why}: {', '.join(map(str, table.index[which]))}."
        for why, which in left_out.items()
        if which.any()
    ]
    return " ".join([f"{sentence}), compared from 1 to {_classes(table.index[-1])}.", *ends])


def _classes(k: int) -> str:
    return f"{k} class" if k == 1 else f"{k} classes"
