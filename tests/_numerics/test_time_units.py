import numpy as np
import pytest

from custvalue._numerics.time_units import DAYS_PER_UNIT, parse_horizon, units_per_year


@pytest.mark.parametrize(
    ("horizon", "time_unit", "expected"),
    [
        ("12 months", "year", 1.0),
        ("1 year", "day", 365.25),
        ("2 weeks", "day", 14.0),
        (" 1.5 Weeks ", "week", 1.5),
        ("30 days", "week", 30 / 7),
        (52, "week", 52.0),
        (np.inf, "month", np.inf),
    ],
)
def test_horizons_in_words_are_measured_in_time_units(horizon, time_unit, expected):
    """A year has 365.25 days and a month a twelfth of them."""
    assert parse_horizon(horizon, time_unit) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("horizon", ["soon", "12", "months", "-1 week", -1, np.nan, "1 fortnight"])
def test_other_horizons_are_refused(horizon):
    """What is not a number and a unit is an error that shows it."""
    with pytest.raises(ValueError, match="horizon must be a number"):
        parse_horizon(horizon, "week")


def test_units_per_year():
    """12 months, 52.18 weeks, 365.25 days."""
    per_year = {unit: units_per_year(unit) for unit in DAYS_PER_UNIT}
    assert per_year == {"day": 365.25, "week": 365.25 / 7, "month": 12.0, "year": 1.0}
