"""Buy-till-you-die models, spend models and lifetime value."""

from custvalue.lifetime.beta_geo_nbd import BetaGeoNBD
from custvalue.lifetime.gamma_gamma import GammaGamma
from custvalue.lifetime.lifetime_value import LifetimeValue
from custvalue.lifetime.migration import from_lifetimes

__all__ = ["BetaGeoNBD", "GammaGamma", "LifetimeValue", "from_lifetimes"]
