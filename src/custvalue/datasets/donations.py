"""The donations data: six years of 11,104 donors of a non-profit organisation."""

from __future__ import annotations

from importlib import resources

import pandas as pd

__all__ = ["load_donations"]


def load_donations() -> pd.DataFrame:
    """Load the donations: 22 histories of giving, and how many of 11,104 people have each.

    The people gave to a non-profit organisation in the midwestern United States for the first
    time in 1995. In each of the six years from 1996 to 2001 they gave again or did not: what they
    gave is not recorded, nor how often in a year. The literature on buying at discrete
    opportunities uses these data since Fader, Hardie and Shang (2010).

    Returns
    -------
    pandas.DataFrame of shape (22, 4)
        One row per history, by frequency and then by recency:

        * ``frequency`` (int64): years with a gift after the first, 0 to 6;
        * ``recency`` (int64): which of the six years was the last with a gift, 0 for none;
        * ``T`` (int64): number of years, 6 throughout;
        * ``weight`` (int64): people with this history, for ``sample_weight``.

    See Also
    --------
    custvalue.lifetime.BetaGeoBetaBinomial : The model for such histories.

    Notes
    -----
    The gifts of 2002 to 2006, with which the paper compares its forecasts, are not in the data.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie and J. Shang (2010), "Customer-Base Analysis in a
       Discrete-Time Noncontractual Setting", Marketing Science 29(6), 1086-1108.

    Examples
    --------
    >>> from custvalue.datasets import load_donations
    >>> donations = load_donations()
    >>> donations.head(3)
       frequency  recency  T  weight
    0          0        0  6    3464
    1          1        1  6    1091
    2          1        2  6     277
    >>> int(donations["weight"].sum())
    11104
    """
    packaged = resources.files("custvalue.datasets").joinpath("data", "donations.csv")
    with packaged.open("rb") as file:
        return pd.read_csv(file)
