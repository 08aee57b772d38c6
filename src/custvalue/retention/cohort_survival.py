"""Expected survival of cohorts, from the P(alive) that an attrition model gives each customer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.arguments import is_number, read_probability
from custvalue._estimator.door import Table, read_table, require
from custvalue._typing import FloatArray
from custvalue.retention._cohort_survival import alive_by_cell
from custvalue.retention._curve_groups import check_labels, group_columns, read_groups

__all__ = ["cohort_survival"]

_OWNER = "cohort_survival"
_ROUNDING = 1e-9
"""Of ages: 0.3 is to be the third tenth."""


def cohort_survival(
    X: Any,
    *,
    age: str = "T",
    probability: str = "probability_alive",
    by: Any = None,
    period: float = 1.0,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Return what share of the customers of each age is expected to be alive.

    Where no contract says who has left, an attrition model such as
    :class:`custvalue.lifetime.BetaGeoNBD` gives each customer a probability :math:`p_i` of being
    alive, from their own purchases. Of the customers of one age, :math:`\sum p_i` are expected
    alive.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_customers, 2)
        One row per customer: the summary that the model was asked about, joined with what it
        answered. An array has age and probability, in this order.
    age : str, default="T"
        Column of the time since the first purchase.
    probability : str, default="probability_alive"
        Column of the probability of being alive at that age.
    by : str, sequence of str or None, default=None
        Columns that make groups, as those of `RetentionCurve`. None: all customers are of the
        group "all".
    period : float, default=1.0
        Width of a cohort in the unit of ``age``: customers of age period k to period (k + 1), the
        upper end excluded, are one.
    level : float, default=0.95
        Coverage of the limits, between 0 and 1.

    Returns
    -------
    pandas.DataFrame of shape (n_cohorts, 7)
        ``group``, ``age`` (of the youngest that the cohort could hold), ``customers``, ``alive``
        (their expected number), ``survival`` (alive / customers), ``lower`` and ``upper``. Sorted
        by group and age; ages without a customer have no row.

    Raises
    ------
    ValueError
        If a parameter is not what it must be.
    custvalue.exceptions.DataError
        If a column is missing, an age is negative or too long for ``period``, a probability is
        none, a group is missing, or two groups have one name.
    TypeError
        If X is not a table.

    See Also
    --------
    RetentionCurve : The curve where it is seen who leaves.

    Notes
    -----
    Each row is another cohort, so that survival need not fall with age: customers who came at
    different times may be of different kinds. It is what the model believes, not what was counted:
    where P(alive) is wrong, so is this. A model whose customers cannot leave before their first
    repeat purchase, such as BG/NBD, holds all who bought once alive.

    The limits are those of the number alive, a sum of independent draws with different
    probabilities (the Poisson-binomial law, of variance :math:`\sum p_i (1 - p_i)`). They are whole
    numbers, so that a share expected between two of them may lie outside where hardly anybody, or
    nearly everybody, is alive: of ten customers with :math:`p_i = 0.001` none is. They leave out
    that the parameters of the model are estimates.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.retention import cohort_survival
    >>> customers = pd.DataFrame({
    ...     "T": [30.0, 30.5, 30.9, 31.2, 31.8],
    ...     "probability_alive": [0.9, 0.4, 0.2, 0.8, 0.7],
    ... })
    >>> cohort_survival(customers, level=0.8).round(3)
      group   age  customers  alive  survival  lower  upper
    0   all  30.0          3    1.5      0.50  0.333  0.667
    1   all  31.0          2    1.5      0.75  0.500  1.000
    """
    if not is_number(period) or not 0 < period < np.inf:
        raise ValueError(f"period must be a finite number above 0; found {period!r}")
    level = read_probability(level, "level")
    columns = group_columns(by, (age, probability))
    numbers = read_table(X, (age, probability), owner=_OWNER)
    require(numbers, numbers[age] >= 0, f"{age} must not be negative", [age])
    chances = numbers[probability]
    good = (chances >= 0) & (chances <= 1)
    require(numbers, good, f"{probability} must lie between 0 and 1", [probability])
    groups = read_groups(X, numbers, columns, _OWNER).groups
    check_labels(groups, columns)
    ages = _ages(numbers, age, float(period))
    cells = pd.DataFrame({"group": groups.numbers, "age": ages}).groupby(["group", "age"])
    alive = alive_by_cell(chances, np.asarray(cells.ngroup(), dtype=np.int64), level)
    keys, labels = cells.size().index, groups.labels
    return pd.DataFrame(
        {
            "group": [labels[number] for number in keys.get_level_values("group")],
            "age": keys.get_level_values("age").to_numpy() * period,
            "customers": alive.customers.astype(np.int64),
            "alive": alive.expected,
            "survival": alive.expected / alive.customers,
            "lower": alive.lower / alive.customers,
            "upper": alive.upper / alive.customers,
        }
    )


def _ages(numbers: Table, age: str, period: float) -> FloatArray:
    """Return the cohort of each row: how many whole periods its age has."""
    with np.errstate(over="ignore"):
        ages = np.floor(numbers[age] / period + _ROUNDING)
    rule = f"{age} / period must be below 1.8e308; found period={period!r}"
    require(numbers, np.isfinite(ages), rule, [age])
    return ages
