"""Buy-till-you-die models, spend models and lifetime value."""

from custvalue.lifetime.beta_geo_beta_binom import BetaGeoBetaBinomial
from custvalue.lifetime.beta_geo_nbd import BetaGeoNBD
from custvalue.lifetime.gamma_gamma import GammaGamma
from custvalue.lifetime.gamma_gompertz_nbd import GammaGompertzNBD
from custvalue.lifetime.lifetime_value import LifetimeValue
from custvalue.lifetime.migration import from_lifetimes
from custvalue.lifetime.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from custvalue.lifetime.nbd import NBD
from custvalue.lifetime.pareto_nbd import ParetoNBD

__all__ = [
    "NBD",
    "BetaGeoBetaBinomial",
    "BetaGeoNBD",
    "GammaGamma",
    "GammaGompertzNBD",
    "LifetimeValue",
    "ModifiedBetaGeoNBD",
    "ParetoNBD",
    "from_lifetimes",
]
