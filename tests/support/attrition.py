"""The latent-attrition models of the library, with parameters to try them at."""

from __future__ import annotations

import numpy as np

from custvalue import lifetime
from custvalue.lifetime._attrition import AttritionModel

MODELS = [
    model
    for model in (getattr(lifetime, name) for name in lifetime.__all__)
    if isinstance(model, type) and issubclass(model, AttritionModel)
]
"""Every public model: one added to the library is tested from then on."""

TYPICAL = {"BetaGeoNBD": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}}
"""Parameters near those of CDNOW, in weeks."""


def typical(model: type[AttritionModel], **constructor: object) -> AttritionModel:
    """Return a model at its typical parameters."""
    return model.from_params(TYPICAL[model.__name__], **constructor)


def histories() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, t_x and T of customers of every kind, heavy and new ones among them."""
    return tuple(
        np.array(
            [
                (0, 0.0, 0.0),
                (0, 0.0, 38.86),
                (1, 0.01, 38.86),
                (1, 38.86, 38.86),
                (2, 30.43, 38.86),
                (7, 20.0, 39.0),
                (26, 216 / 7, 31.0),
                (300, 38.0, 39.0),
                (10_000, 999.5, 1000.0),
                (10_000, 1000.0, 1000.0),
            ]
        ).T
    )
