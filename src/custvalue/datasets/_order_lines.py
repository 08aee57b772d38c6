"""What stands behind simulated order lines: failures that one hidden trouble of an order joins.

Line i of order o meets criterion c unless sqrt(rho) z_o + sqrt(1 - rho) e_ioc < cut_c, z and e
standard normal: each criterion fails with its probability Phi(cut_c), and failures of one order
come together. Documents fail or not for the order as a whole.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import poisson

from custvalue._typing import BoolArray, FloatArray, IntArray

__all__ = ["CRITERIA", "failures", "true_shares"]

CRITERIA = ("on_time", "in_full", "undamaged", "documents")
_NODES = 64
_TAIL = 1e-12


def failures(
    chances: FloatArray, order: IntArray, correlation: float, generator: np.random.Generator
) -> BoolArray:
    """Draw which lines fail which criterion.

    Parameters
    ----------
    chances : ndarray of shape (n_lines, 4)
        Probability that a line (of documents: the order) fails each criterion.
    order : ndarray of int of shape (n_lines,)
        Orders from 0, in runs.
    correlation : float
        rho, from 0 to below 1.
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of bool of shape (n_lines, 4)
    """
    n_orders = int(order[-1]) + 1
    trouble = generator.standard_normal(n_orders)[order]
    own = generator.standard_normal(chances.shape)
    own[:, 3] = generator.standard_normal(n_orders)[order]
    latent = np.sqrt(correlation) * trouble[:, None] + np.sqrt(1 - correlation) * own
    return np.asarray(latent < ndtri(chances), dtype=bool)


def true_shares(chances: FloatArray, correlation: float, more_lines: float) -> dict[str, float]:
    """Return the shares of orders that meet each criterion, and all of them.

    An order has 1 + Poisson(``more_lines``) lines. Given z its lines are independent; the mean over
    z is taken by Gauss-Hermite quadrature.

    Parameters
    ----------
    chances : ndarray of shape (4,)
        Probability that a line (of documents: the order) fails each criterion.
    correlation : float
    more_lines : float

    Returns
    -------
    dict of str to float
        The four criteria and "perfect".

    Examples
    --------
    Independent failures of orders of one line give the product:

    >>> import numpy as np
    >>> shares = true_shares(np.array([0.02, 0.03, 0.01, 0.18]), 0.0, 0.0)
    >>> {name: round(share, 8) for name, share in shares.items()}
    {'on_time': 0.98, 'in_full': 0.97, 'undamaged': 0.99, 'documents': 0.82, 'perfect': 0.77169708}
    """
    z, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    weights = weights / weights.sum()
    cut = (ndtri(chances) - np.sqrt(correlation) * z[:, None]) / np.sqrt(1 - correlation)
    good = 1 - ndtr(cut)
    lines = 1 + np.arange(int(poisson.isf(_TAIL, more_lines)) + 1)
    chance_of_lines = poisson.pmf(lines - 1, more_lines)
    of_orders = (good[:, :, None] ** lines) @ chance_of_lines
    of_orders[:, 3] = good[:, 3]
    whole = (good[:, :3].prod(axis=1)[:, None] ** lines) @ chance_of_lines * good[:, 3]
    shares = {name: float(weights @ of_orders[:, j]) for j, name in enumerate(CRITERIA)}
    return shares | {"perfect": float(weights @ whole)}
