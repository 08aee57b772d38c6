"""Draws that laws share: events of a Poisson process, their times, chances to leave."""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray

__all__ = ["chances_passed", "events", "log_interval_sums", "time_of_event"]

_MOST_EVENTS = 1e15
"""Poisson numbers are drawn up to here."""
_NEARLY_ONE = 1 - 1e-16


def chances_passed(dropout: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Draw how many chances a customer passes before leaving: geometric, from 0 on.

    Parameters
    ----------
    dropout : ndarray of shape (n_rows,)
        Probability to leave at a chance.
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_rows,)
        Infinite where the dropout is 0.
    """
    stays = np.log1p(-np.minimum(dropout, _NEARLY_ONE))
    with np.errstate(divide="ignore", over="ignore"):
        return np.floor(-generator.exponential(size=len(dropout)) / stays)


def events(rate: FloatArray, span: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Draw the number of events of a Poisson process within a span."""
    with np.errstate(over="ignore"):
        mean = np.minimum(rate * span, _MOST_EVENTS)
    return generator.poisson(mean).astype(float)


def time_of_event(
    which: FloatArray, total: FloatArray, span: FloatArray, generator: np.random.Generator
) -> FloatArray:
    """Draw the time of one of some events that are spread evenly over a span; 0 of none.

    Parameters
    ----------
    which, total : ndarray of shape (n_rows,)
        The which-th of the total; 0 is none.
    span : ndarray of shape (n_rows,)
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    times, some = np.zeros(len(which)), which > 0
    fraction = generator.beta(which[some], (total - which + 1)[some])
    times[some] = span[some] * fraction
    return times


def log_interval_sums(
    x: FloatArray, t_x: FloatArray, regularity: int, generator: np.random.Generator
) -> FloatArray:
    """Draw the sum of the logarithms of x gaps that add up to t_x.

    Given their sum, shares of Erlang-k gaps in it are Dirichlet(k, ..., k).

    Parameters
    ----------
    x, t_x : ndarray of shape (n_rows,)
    regularity : int
        k.
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_rows,)
        0 where x is 0.
    """
    of_row = np.repeat(np.arange(len(x)), x.astype(np.int64))
    gaps = generator.standard_gamma(regularity, size=len(of_row))
    totals = np.bincount(of_row, weights=gaps, minlength=len(x))
    logs = np.bincount(of_row, weights=np.log(gaps), minlength=len(x))
    some = x > 0
    scale = np.log(np.where(some, t_x, 1.0) / np.where(some, totals, 1.0))
    return np.asarray(logs + x * scale)
