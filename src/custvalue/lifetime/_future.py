"""A drawn future of every customer: how many purchases, and within which span they fall."""

from __future__ import annotations

from dataclasses import dataclass

from custvalue._typing import BoolArray, FloatArray

__all__ = ["Future"]


@dataclass(frozen=True, slots=True)
class Future:
    """Purchases after the end of observation, one entry per row.

    Attributes
    ----------
    counts : ndarray of shape (n_rows,)
        How many purchases, whole numbers.
    span : ndarray of shape (n_rows,)
        They fall in (0, span] after the end of observation: the time until the customer leaves, or
        the horizon.
    ends_with_purchase : ndarray of bool of shape (n_rows,)
        The last purchase is made exactly at ``span``, because the customer leaves with it; all
        others are spread evenly over the span.
    """

    counts: FloatArray
    span: FloatArray
    ends_with_purchase: BoolArray
