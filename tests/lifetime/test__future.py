import dataclasses

import numpy as np
import pytest

from custvalue.lifetime._future import Future


def test_a_future_cannot_be_changed():
    """Results are values."""
    future = Future(np.zeros(2), np.zeros(2), np.zeros(2, dtype=bool))
    with pytest.raises(dataclasses.FrozenInstanceError):
        future.counts = np.ones(2)
