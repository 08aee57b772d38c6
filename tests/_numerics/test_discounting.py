import numpy as np
import pytest

from custvalue._numerics.discounting import LONG_AFTER, continuous_rate


def test_a_rate_of_ten_per_cent_divides_next_years_money_by_one_point_one():
    """Weeks and years of one annual rate discount alike."""
    assert np.exp(-52.1775 * continuous_rate(0.1, 52.1775)) == pytest.approx(1 / 1.1)
    assert continuous_rate(0.0, 12) == 0


def test_what_comes_long_after_does_not_show():
    """Its present value is below the rounding of what comes before."""
    assert np.exp(-LONG_AFTER) < np.finfo(float).eps ** 1.5
