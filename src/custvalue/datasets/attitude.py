"""The attitude data: what employees of 30 departments think of their work."""

from __future__ import annotations

from importlib import resources

import pandas as pd

__all__ = ["load_attitude"]


def load_attitude() -> pd.DataFrame:
    """Load the attitude data: seven questions, answered in 30 departments.

    The clerical employees of a large financial organisation were asked what they think of their
    supervisors and their work. The answers of about 35 employees are put together for each of 30
    randomly chosen departments. The literature on regression and factor analysis uses these data
    since Chatterjee and Price (1977).

    Returns
    -------
    pandas.DataFrame of shape (30, 7)
        One row per department, all int64, the share of favourable answers in per cent:

        * ``rating``: overall rating;
        * ``complaints``: handling of employees' complaints;
        * ``privileges``: does not allow special privileges;
        * ``learning``: opportunity to learn new things;
        * ``raises``: raises based on performance;
        * ``critical``: too critical of poor performance;
        * ``advance``: rate of advancing to better jobs.

    See Also
    --------
    make_survey : Simulate a survey whose factors are known.

    Notes
    -----
    A row is a department, not a person: correlations between departments are larger than those
    between single employees would be.

    References
    ----------
    .. [1] S. Chatterjee and B. Price (1977), "Regression Analysis by Example", Wiley, New York.

    Examples
    --------
    >>> from custvalue.datasets import load_attitude
    >>> load_attitude().head(3)
       rating  complaints  privileges  learning  raises  critical  advance
    0      43          51          30        39      61        92       45
    1      63          64          51        54      63        73       47
    2      71          70          68        69      76        86       48
    """
    packaged = resources.files("custvalue.datasets").joinpath("data", "attitude.csv")
    with packaged.open("rb") as file:
        return pd.read_csv(file)
