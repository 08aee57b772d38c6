"""BG/NBD (Fader, Hardie and Lee 2005, Marketing Science 24(2), 275-284): the mathematics.

x repeat purchases, t_x time of the last of them, T time observed since the first purchase; t_x, T,
horizons and alpha in one time unit. The purchase rate is Gamma(r, alpha); after each repeat
purchase a customer leaves with a probability that is Beta(a, b). Arrays of shape (n_rows,).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from custvalue.lifetime._beta_geo_cnbd import RegularBetaGeoLaw, regular_law
from custvalue.lifetime._beta_geo_law import BetaGeoLaw

__all__ = ["BetaGeoNBDLaw", "law_for"]


@dataclass(frozen=True, slots=True)
class BetaGeoNBDLaw(BetaGeoLaw):
    """Purchase rate ~ Gamma(r, alpha), dropout after each repeat purchase ~ Beta(a, b)."""

    chances_before_repeat: ClassVar[int] = 0


def law_for(regularity: int) -> type[BetaGeoNBDLaw] | type[RegularBetaGeoLaw]:
    """Return the law for Erlang-k gaps between purchases.

    Parameters
    ----------
    regularity : int
        k, at least 1; 1 is `BetaGeoNBDLaw` itself.

    Returns
    -------
    type
        Always the same class for the same k.
    """
    return BetaGeoNBDLaw if regularity == 1 else regular_law(regularity, 0)
