"""MBG/NBD (Batislam, Denizel and Filiztekin 2007): the mathematics.

x repeat purchases, t_x time of the last of them, T time observed since the first purchase; t_x, T,
horizons and alpha in one time unit. The purchase rate is Gamma(r, alpha); after each purchase, the
first one too, a customer leaves with a probability that is Beta(a, b). Arrays of shape (n_rows,).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from custvalue.lifetime._beta_geo_cnbd import RegularBetaGeoLaw, regular_law
from custvalue.lifetime._beta_geo_law import BetaGeoLaw

__all__ = ["ModifiedBetaGeoNBDLaw", "law_for"]


@dataclass(frozen=True, slots=True)
class ModifiedBetaGeoNBDLaw(BetaGeoLaw):
    """Purchase rate ~ Gamma(r, alpha), dropout after each purchase ~ Beta(a, b)."""

    chances_before_repeat: ClassVar[int] = 1


def law_for(regularity: int) -> type[ModifiedBetaGeoNBDLaw] | type[RegularBetaGeoLaw]:
    """Return the law for Erlang-k gaps between purchases.

    Parameters
    ----------
    regularity : int
        k, at least 1; 1 is `ModifiedBetaGeoNBDLaw` itself.

    Returns
    -------
    type
        Always the same class for the same k.
    """
    return ModifiedBetaGeoNBDLaw if regularity == 1 else regular_law(regularity, 1)
