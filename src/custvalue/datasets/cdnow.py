"""The CDNOW sample: real orders of the first 18 months of 2,357 customers of a music shop."""

from __future__ import annotations

from importlib import resources

import pandas as pd

__all__ = ["load_cdnow"]


def load_cdnow() -> pd.DataFrame:
    """Load the CDNOW orders: 6,919 orders of 2,357 customers, with amounts.

    The customers are a systematic one-in-ten sample of those who bought at CDNOW for the first
    time in the first quarter of 1997; their orders are followed to 30 June 1998. The literature
    on buyer attrition uses these orders since Fader and Hardie (2001), mostly with the 39 weeks
    to 1997-09-30 for calibration.

    Returns
    -------
    pandas.DataFrame of shape (6919, 4)
        One row per order, by customer and then by date:

        * ``customer_id`` (int64): number in the sample, 1 to 2357;
        * ``date`` (datetime64[us]): day of the order;
        * ``quantity`` (int64): number of CDs;
        * ``amount`` (float64): what was paid, in US dollars; some orders cost nothing.

    See Also
    --------
    make_orders : Simulate an order log whose parameters are known.

    Notes
    -----
    A customer may have more than one order on a day; day by day there are 6,696 purchases.

    References
    ----------
    .. [1] P. S. Fader and B. G. S. Hardie (2001), "Forecasting Repeat Sales at CDNOW: A Case
       Study", Interfaces 31(3), S94-S107.

    Examples
    --------
    >>> from custvalue.datasets import load_cdnow
    >>> orders = load_cdnow()
    >>> orders.head(3)
       customer_id       date  quantity  amount
    0            1 1997-01-01         2   29.33
    1            1 1997-01-18         2   29.73
    2            1 1997-08-02         1   14.96
    >>> orders["customer_id"].nunique()
    2357
    """
    packaged = resources.files("custvalue.datasets").joinpath("data", "cdnow_orders.csv.gz")
    with packaged.open("rb") as file:
        orders = pd.read_csv(file, compression="gzip", parse_dates=["date"])
    return orders.astype({"date": "datetime64[us]"})
