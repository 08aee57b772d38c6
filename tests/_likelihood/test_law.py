import dataclasses

import numpy as np
import pytest

from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw
from custvalue.lifetime._gamma_gamma import GammaGammaLaw

LAWS = {
    BetaGeoNBDLaw: (np.array([0.0, 2]), np.array([0.0, 30]), np.array([38.0, 39]), np.ones(2)),
    GammaGammaLaw: (np.array([1.0, 2]), np.array([10.0, 30]), np.ones(2)),
}


@pytest.mark.parametrize("law", LAWS)
def test_a_law_is_a_frozen_dataclass_of_its_names(law):
    """Fields, names and limits tell of the same parameters in the same order."""
    assert [field.name for field in dataclasses.fields(law)] == list(law.names)
    assert set(law.limits) == set(law.names)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(law(*np.ones(len(law.names))), law.names[0], 2.0)


@pytest.mark.parametrize("law", LAWS)
def test_starts_and_units_have_a_value_for_every_parameter(law):
    """They are positive and of the right shape."""
    units, starts = law.units(*LAWS[law]), law.starts(*LAWS[law])
    assert units.shape == (len(law.names),)
    assert starts.shape[1:] == units.shape
    assert (units > 0).all()
    assert (starts > 0).all()


@pytest.mark.parametrize("law", LAWS)
def test_value_and_gradient_come_with_the_shapes_of_the_protocol(law):
    """One value per row and one derivative per parameter."""
    *columns, _ = LAWS[law]
    values, gradient = law(*np.full(len(law.names), 2.0)).log_likelihood_with_gradient(*columns)
    assert values.shape == (2,)
    assert gradient.shape == (2, len(law.names))
