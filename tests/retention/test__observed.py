"""What was seen by period agrees with counting by hand and with plain shares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.retention._observed import observed_periods


def arrays(*rows):
    return tuple(np.array(column, dtype=float) for column in zip(*rows, strict=True))


def test_counted_by_hand():
    """Five customers, one of whom was first seen after two renewals."""
    seen = observed_periods(*arrays((1, 1, 0), (2, 0, 0), (3, 1, 0), (3, 0, 2), (4, 0, 0)), None)
    np.testing.assert_array_equal(seen.period, [0, 1, 2, 3, 4])
    np.testing.assert_array_equal(seen.at_risk, [4, 4, 3, 3, 1])
    np.testing.assert_array_equal(seen.churned, [0, 1, 0, 1, 0])
    np.testing.assert_allclose(seen.retention, [np.nan, 3 / 4, 1, 2 / 3, 1])
    np.testing.assert_allclose(seen.survival, [1, 3 / 4, 3 / 4, 1 / 2, 1 / 2])


def test_leukaemia_patients_of_freireich():
    """The product-limit estimate of the 6-MP group in weeks, as textbooks print it.

    Freireich et al. (1963); Kalbfleisch and Prentice (2002), The Statistical Analysis of Failure
    Time Data, section 1.2, print .857, .807, .753, .690, .627, .538, .448.
    """
    died = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    rows = [(t, 1, 0) for t in died] + [(t, 0, 0) for t in censored]
    survival = observed_periods(*arrays(*rows), None).survival
    at = survival[[6, 7, 10, 13, 16, 22, 23]]
    np.testing.assert_allclose(at, [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], atol=0.001)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5)), min_size=1, max_size=40))
def test_censored_at_the_end_only_survival_is_a_plain_share(rows):
    """Where all are followed to the end, survival is who is still there, by whatever weights."""
    until, weights = arrays(*rows)
    weights = weights + 1
    duration = np.minimum(until, 6)
    seen = observed_periods(duration, (until <= 6) * 1.0, np.zeros(len(rows)), weights)
    shares = [weights[until > t].sum() / weights.sum() for t in seen.period]
    np.testing.assert_allclose(seen.survival, shares, atol=1e-12)
    repeated = np.repeat(np.arange(len(rows)), weights.astype(int))
    again = observed_periods(
        duration[repeated], (until <= 6)[repeated] * 1.0, np.zeros(len(repeated)), None
    )
    np.testing.assert_allclose(again.at_risk, seen.at_risk)


def test_where_nobody_was_at_risk_nothing_is_known():
    """All were first seen after three renewals: survival until then is unknown, NaN."""
    seen = observed_periods(*arrays((4, 1, 3), (5, 0, 3)), None)
    assert np.isnan(seen.survival[1:]).all()
    np.testing.assert_allclose(seen.retention[4:], [0.5, 1.0])


@pytest.mark.parametrize("longest", [1e4, 1e9])
def test_what_is_kept_stays_small(longest):
    """Long durations are counted, but at most a thousand periods are told apart."""
    seen = observed_periods(*arrays((2, 1, 0), (longest, 1, 0), (longest, 0, 7)), None)
    assert len(seen.period) == 1001
    assert seen.at_risk[-1] == 2


def test_light_rows_are_not_dropped_beside_heavy_ones():
    """Of 10^10 customers all but four leave at 1; two of the four leave at 3."""
    rows = arrays((1, 1, 0), (3, 1, 0), (4, 0, 0))
    seen = observed_periods(*rows, np.array([1e10, 2.0, 2.0]))
    np.testing.assert_array_equal(seen.at_risk, [1e10 + 4, 1e10 + 4, 4, 4, 2])
    np.testing.assert_allclose(seen.retention[2:], [1.0, 0.5, 1.0])
    np.testing.assert_allclose(seen.survival[2:], np.array([4, 2, 2]) / (1e10 + 4), rtol=1e-5)
