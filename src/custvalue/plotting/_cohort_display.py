"""A table of cohorts as a heat map needs it: numbers, shares, shades, and texts."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import column_names, column_values, kind_of
from custvalue._estimator.ratings import read_ratings
from custvalue._typing import FloatArray, IntArray
from custvalue.plotting._labels import told_apart
from custvalue.plotting._migration_display import cell_text
from custvalue.plotting.formatting import amounts, count, period_names
from custvalue.plotting.style import ramp_level

__all__ = [
    "cell_texts",
    "cohort_names",
    "is_of_shares",
    "read_cohort_table",
    "shade_levels",
    "shares_of_start",
]

_AGE = re.compile(r"\d+")
_LONGEST_NAME = 20


def read_cohort_table(table: Any) -> pd.DataFrame:
    """Return a table of cohorts in pandas: index ``cohort``, columns "0", "1", ... of float64.

    Parameters
    ----------
    table : pandas, polars or pyarrow frame
        One row a cohort, one column an age, others beside them; the names of the cohorts in a
        column ``cohort`` or in the index.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    ValueError
        If there is no row, ages have a gap, or a cell is no number.
    """
    names = column_names(table)
    ages = sorted({int(name) for name in names if _AGE.fullmatch(name)})
    if not ages or ages != list(range(len(ages))):
        raise ValueError(
            "the table needs columns named by age without a gap, 0, 1, 2, ...; found: "
            f"{', '.join(names) or 'none'}"
        )
    read = read_ratings(table, [str(age) for age in ages], owner="CohortDisplay")
    index = read.index
    if "cohort" in names:
        index = pd.Index(column_values(table, kind_of(table), names.index("cohort")))
    frame = pd.DataFrame(dict(read.columns), index=index)
    if frame.empty:
        raise ValueError("the table needs at least one cohort; found no rows")
    return frame.rename_axis(index="cohort")


def is_of_shares(values: pd.DataFrame) -> bool:
    """Return whether a table looks relative: all cohorts begin at 1 and some cell is not whole.

    Parameters
    ----------
    values : pandas.DataFrame
    """
    cells = values.to_numpy()
    known = cells[~np.isnan(cells)]
    start = values["0"].dropna()
    return bool(len(start) and (start == 1).all() and (known != np.floor(known)).any())


def shares_of_start(values: pd.DataFrame) -> pd.DataFrame:
    """Return cells as shares of the first of their row; NaN in a row that is not above zero there.

    Examples
    --------
    >>> import pandas as pd
    >>> shares_of_start(pd.DataFrame({"0": [4.0, 0.0], "1": [1.0, 0.0]}))
         0     1
    0  1.0  0.25
    1  NaN   NaN
    """
    start = values["0"]
    return values.div(start.where(start > 0), axis=0)


def cohort_names(index: pd.Index, period: str | None) -> list[str]:
    r"""Return the names of cohorts as they stand beside the rows.

    Parameters
    ----------
    index : pandas.Index
        First days of periods, or any other names.
    period : {"day", "week", "month", "quarter", "year"} or None
        None names what the days look like, see `period_names`.

    Returns
    -------
    list of str

    Examples
    --------
    >>> import pandas as pd
    >>> index = pd.DatetimeIndex(["2024-01-01", "2024-04-01"])
    >>> [cohort_names(index, period)[1] for period in ("year", "quarter", "month", "week")]
    ['2024', '2024 Q2', 'Apr 2024', '1\xa0Apr\xa02024']
    """
    if isinstance(index, pd.DatetimeIndex):
        return period_names(index, period)
    return told_apart([str(label) for label in index], _LONGEST_NAME)


def shade_levels(shown: FloatArray) -> IntArray:
    """Return the step of the ramp for every cell; the largest cell after age 0 is the darkest.

    Parameters
    ----------
    shown : ndarray of shape (n_cohorts, n_ages)
        The column of age 0 has no part in the scale and gets step 0: beside whole cohorts all
        that follows would be pale.

    Returns
    -------
    ndarray of int of shape (n_cohorts, n_ages)

    Examples
    --------
    >>> import numpy as np
    >>> shade_levels(np.array([[100.0, 20.0, 10.0], [90.0, 0.0, np.nan]]))
    array([[0, 5, 3],
           [0, 0, 0]])
    """
    later = shown[:, 1:]
    largest = float(np.max(later, where=~np.isnan(later), initial=0.0))
    levels = np.zeros(shown.shape, dtype=np.int64)
    if largest > 0:
        levels[:, 1:] = ramp_level(np.clip(np.nan_to_num(later) / largest, 0.0, 1.0))
    return levels


def cell_texts(shown: FloatArray, *, relative: bool, money: bool) -> list[list[str]]:
    """Return the text of every cell, nothing where it was not observed.

    Parameters
    ----------
    shown : ndarray of shape (n_cohorts, n_ages)
    relative : bool
        Whether cells are shares: written in whole per cent.
    money : bool
        Whether they are amounts, all with cents or none.

    Returns
    -------
    list of list of str

    Examples
    --------
    >>> import numpy as np
    >>> cell_texts(np.array([[1.0, 0.004, np.nan]]), relative=True, money=False)
    [['100', '<1', '']]
    """
    cells = shown.ravel().tolist()
    if relative:
        texts = [cell_text(cell) for cell in cells]
    else:
        written = amounts(cells) if money else [count(cell) for cell in cells]
        texts = ["" if np.isnan(cell) else text for cell, text in zip(cells, written, strict=True)]
    width = shown.shape[1]
    return [texts[at : at + width] for at in range(0, len(texts), width)]
