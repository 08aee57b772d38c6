"""A simulated order log: BG/NBD purchase times and Gamma-Gamma spend, with parameters known.

Letters as in the papers: r, alpha, a, b of Fader, Hardie and Lee (2005) and p, q, v of Fader and
Hardie (2013). alpha is in the time unit of the caller; v, like the amounts, in some currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral

import numpy as np
import pandas as pd

from custvalue._numerics.time_units import DAYS_PER_UNIT
from custvalue._typing import FloatArray, IntArray
from custvalue.datasets._days import whole_day

__all__ = ["make_orders"]

WEEKLY_PARAMS = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
SPEND_PARAMS = {"p": 6.25, "q": 3.744, "v": 15.44}
ACQUISITION_SHARE = 0.5
SECONDS_PER_DAY = 86_400.0
SMALLEST_CHANCE = 1e-300


def make_orders(
    n_customers: int = 1000,
    *,
    start: str | pd.Timestamp = "2024-01-01",
    observation_end: str | pd.Timestamp = "2025-12-31",
    time_unit: str = "week",
    params: Mapping[str, float] | None = None,
    spend_params: Mapping[str, float] | None = None,
    random_state: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """Simulate an order log with known parameters.

    Customers make their first order at a time that is uniform over the first half of the window.
    From then on they order at a steady rate of their own, Gamma(r, alpha), and after each repeat
    order leave for good with a probability of their own, Beta(a, b). Every order, the first too,
    costs Gamma(p, nu), where nu differs between customers as Gamma(q, v).

    Parameters
    ----------
    n_customers : int, default=1000
        Number of customers; each has at least one order.
    start, observation_end : str or pandas.Timestamp
        First and last day of the window, without time of day or time zone. Orders fall on the
        last day too, as they do for `custvalue.transactions.RFMSummary`.
    time_unit : {"day", "week", "month", "year"}, default="week"
        Unit of ``alpha``.
    params : mapping of str to float, optional
        ``r``, ``alpha`` (in ``time_unit``), ``a`` and ``b``; by default those of the CDNOW
        customers, with ``alpha`` put into ``time_unit``.
    spend_params : mapping of str to float, optional
        ``p``, ``q`` and ``v`` (in the currency of the amounts); by default those of CDNOW.
    random_state : int, numpy.random.Generator or None
        Seed, or the generator to draw from.

    Returns
    -------
    pandas.DataFrame of shape (n_orders, 3)
        One row per order, by date and then by customer:

        * ``customer_id`` (int64): 1 to ``n_customers``;
        * ``date`` (datetime64[s]): the second of the order;
        * ``amount`` (float64): rounded to cents, at least one cent.

    Raises
    ------
    TypeError
        If ``n_customers`` is not a whole number, or a parameter is not a number.
    ValueError
        If ``n_customers`` is below 1, ``start`` or ``observation_end`` is not a day or they are
        the wrong way round, ``time_unit`` is unknown, or a parameter is missing, unknown or not
        above 0.

    See Also
    --------
    load_cdnow : Real orders.

    Notes
    -----
    Two orders of a customer may fall on one day; a summary that counts days then counts one.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie and K. L. Lee (2005), "Counting Your Customers the Easy
       Way: An Alternative to the Pareto/NBD Model", Marketing Science 24(2), 275-284.
    .. [2] P. S. Fader and B. G. S. Hardie (2013), "The Gamma-Gamma Model of Monetary Value",
       http://www.brucehardie.com/notes/025/.

    Examples
    --------
    >>> from custvalue.datasets import make_orders
    >>> orders = make_orders(100, random_state=0)
    >>> orders.columns.tolist()
    ['customer_id', 'date', 'amount']
    >>> orders["customer_id"].nunique()
    100
    """
    _check_n_customers(n_customers)
    begin, span = _window(start, observation_end)
    seconds_per_unit = _seconds_per_unit(time_unit)
    weekly = {**WEEKLY_PARAMS, "alpha": WEEKLY_PARAMS["alpha"] * 7 / DAYS_PER_UNIT[time_unit]}
    law = _parameters(params, weekly, "params")
    spend_law = _parameters(spend_params, SPEND_PARAMS, "spend_params")
    generator = np.random.default_rng(random_state)

    first = generator.uniform(0.0, ACQUISITION_SHARE * span, size=n_customers)
    observed = (span - first) / seconds_per_unit
    kept, elapsed = _repeat_purchases(law, observed, generator)
    customer, seconds = _with_first_orders(first, kept, elapsed * seconds_per_unit)
    amount = _amounts(spend_law, n_customers, customer, generator)
    order = np.lexsort((customer, seconds))
    return pd.DataFrame(
        {
            "customer_id": customer[order] + 1,
            "date": begin + seconds[order].astype("timedelta64[s]"),
            "amount": amount[order],
        }
    )


def _repeat_purchases(
    law: Mapping[str, float], T: FloatArray, generator: np.random.Generator
) -> tuple[IntArray, FloatArray]:
    """Draw how many repeat purchases each customer makes in T, and when, customer by customer.

    A customer who never left would buy m times, m Poisson, at times that are the order statistics
    of m uniforms; one who leaves after purchase k keeps the first k. Order statistics are partial
    sums of m + 1 exponentials over their total: what is not kept enters as one Gamma draw.
    """
    n_customers = len(T)
    rate = generator.gamma(law["r"], 1 / law["alpha"], size=n_customers)
    chance = generator.beta(law["a"], law["b"], size=n_customers)
    would_buy = generator.poisson(rate * T)
    stops_after = generator.geometric(np.clip(chance, SMALLEST_CHANCE, 1.0))
    kept = np.minimum(would_buy, stops_after)
    partial = _partial_sums(generator.exponential(size=int(kept.sum())), kept)
    last = np.zeros(n_customers)
    last[kept > 0] = partial[(np.cumsum(kept) - 1)[kept > 0]]
    total = last + generator.gamma(would_buy - kept + 1.0)
    return kept, np.repeat(T / total, kept) * partial


def _partial_sums(steps: FloatArray, lengths: IntArray) -> FloatArray:
    """Return running sums of the steps that start anew in every run of the given lengths."""
    running = np.cumsum(steps)
    before = np.concatenate([[0.0], running])[np.cumsum(lengths) - lengths]
    return np.asarray(running - np.repeat(before, lengths))


def _with_first_orders(
    first: FloatArray, kept: IntArray, elapsed: FloatArray
) -> tuple[IntArray, IntArray]:
    """Return customer number and whole second of every order, first orders in front."""
    everybody = np.arange(len(first))
    customer = np.concatenate([everybody, np.repeat(everybody, kept)])
    seconds = np.concatenate([first, np.repeat(first, kept) + elapsed])
    return customer, np.floor(seconds).astype(np.int64)


def _amounts(
    law: Mapping[str, float],
    n_customers: int,
    customer: IntArray,
    generator: np.random.Generator,
) -> FloatArray:
    """Draw the amount of every order, at least one cent."""
    nu = generator.gamma(law["q"], 1 / law["v"], size=n_customers)
    spend = generator.gamma(law["p"], size=len(customer)) / nu[customer]
    return np.maximum(np.round(spend, 2), 0.01)


def _check_n_customers(n_customers: int) -> None:
    if not isinstance(n_customers, Integral) or isinstance(n_customers, bool):
        raise TypeError(f"n_customers must be a whole number; found {n_customers!r}")
    if n_customers < 1:
        raise ValueError(f"n_customers must be at least 1; found {n_customers}")


def _window(
    start: str | pd.Timestamp, observation_end: str | pd.Timestamp
) -> tuple[np.datetime64, float]:
    """Return the second at which the window begins, and its length in seconds."""
    begin, end = whole_day(start, "start"), whole_day(observation_end, "observation_end")
    if end < begin:
        raise ValueError(
            "observation_end must not be before start; "
            f"found start={begin.date()}, observation_end={end.date()}"
        )
    return np.datetime64(begin, "s"), (end - begin).total_seconds() + SECONDS_PER_DAY


def _seconds_per_unit(time_unit: str) -> float:
    if time_unit not in DAYS_PER_UNIT:
        known = ", ".join(DAYS_PER_UNIT)
        raise ValueError(f"time_unit must be one of {known}; found {time_unit!r}")
    return DAYS_PER_UNIT[time_unit] * SECONDS_PER_DAY


def _parameters(
    given: Mapping[str, float] | None, default: Mapping[str, float], name: str
) -> dict[str, float]:
    """Return the parameters as floats once all are there, known and above 0."""
    chosen = default if given is None else given
    if set(chosen) != set(default):
        raise ValueError(f"{name} must have the keys {list(default)}; found {list(chosen)}")
    values = {key: float(value) for key, value in chosen.items()}
    for key, value in values.items():
        if not 0 < value < np.inf:
            raise ValueError(f"{name} must be finite and above 0; found {key}={value}")
    return values
