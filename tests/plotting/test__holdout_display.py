from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.door import read_table
from custvalue.plotting._holdout_display import expected_in_holdout, means_by_frequency

COLUMNS = ("frequency", "recency", "T", "holdout_T")


class Clockwork:
    """A model that expects what can be checked by eye."""

    def expected_purchases(self, X, horizon):
        """Return frequency x horizon / T."""
        assert X.attrs == {"time_unit": "week"}
        return X["frequency"] * horizon / X["T"]


def test_every_customer_is_foretold_over_their_own_holdout():
    """Customers whose holdouts differ in length get what their own length brings."""
    frame = pd.DataFrame({"frequency": [2, 4], "recency": [1, 2], "T": [10, 10]})
    frame["holdout_T"] = [5.0, 20.0]
    frame.attrs["time_unit"] = "week"
    table = read_table(frame, COLUMNS)
    assert expected_in_holdout(Clockwork(), table).tolist() == [1.0, 8.0]


def test_means_are_those_of_the_groups():
    """Each group has the mean of its members, as pandas would group them."""
    rng = np.random.default_rng(5)
    frequency = rng.integers(0, 12, 500).astype(float)
    observed, expected = rng.random(500), rng.random(500)
    found = means_by_frequency(frequency, observed, expected, last_group=7)
    frame = pd.DataFrame({"observed": observed, "expected": expected})
    means = frame.groupby(np.minimum(frequency, 7)).mean()
    assert found.index.tolist() == ["0", "1", "2", "3", "4", "5", "6", "7+"]
    assert found["customers"].sum() == 500
    np.testing.assert_allclose(found[["observed", "expected"]], means, rtol=1e-12)


@pytest.mark.parametrize(
    ("frequency", "names"), [([0, 9], ["0", "7+"]), ([1, 3], ["1", "3"]), ([7], ["7+"])]
)
def test_groups_without_a_customer_are_left_out(frequency, names):
    """Only groups that exist have a row."""
    x = np.array(frequency, dtype=float)
    assert means_by_frequency(x, x, x, last_group=7).index.tolist() == names
