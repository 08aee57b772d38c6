"""What answers and weights must be to be computed with."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue.exceptions import DataError
from custvalue.service._survey_checks import (
    fewer_than_two,
    refuse_huge,
    refuse_tiny,
    weight_doubts,
)


def ratings(**columns):
    """Return the ratings of some columns."""
    return read_ratings(pd.DataFrame(columns))


def test_answers_whose_squares_are_no_numbers_are_refused():
    """The column, the first row, its answer and how many; 1e100 itself passes, gaps do."""
    refuse_huge(ratings(a=[1e100, -1e100], b=[np.nan, 0.0]))
    with pytest.raises(DataError, match=r"column 'b' must .* row 1 has b=-2e\+100 \(2 such rows\)"):
        refuse_huge(ratings(a=[1.0, 1.0, 1.0], b=[1.0, -2e100, 1e300]))


def test_columns_whose_squares_are_0_are_refused():
    """One answer of ordinary size is enough, and so are zeros or gaps throughout."""
    refuse_tiny(ratings(a=[1e-300, 1.0], b=[0.0, 0.0], c=[np.nan, np.nan], d=[np.nan, -1e-100]))
    with pytest.raises(DataError, match="column 'b' must hold .* the largest is 1e-200"):
        refuse_tiny(ratings(a=[1.0, 1.0, 1.0], b=[0.0, -1e-200, np.nan]))


@pytest.mark.parametrize("total", [0.2, 0.999, 1e17, 1e300])
def test_sums_that_count_no_respondents_are_refused(total):
    """Less than one, or beyond what a float counts one by one."""
    with pytest.raises(DataError, match=r"between 1 and 2\*\*53; found a sum of"):
        weight_doubts(np.full(4, total / 4))
    with pytest.raises(DataError, match="found a sum of inf"):
        weight_doubts(np.full(4, 1.7e308))


def test_shares_are_told_from_numbers_of_respondents():
    """A sum below the number of rows that count is told; a mean of 1 in two decimals is not."""
    assert weight_doubts(None) == []
    assert weight_doubts(np.array([0.0, 1.0, 2.0, 0.0])) == []
    even = np.random.default_rng(0).random(1000)
    assert weight_doubts(even / even.mean()) == []
    assert weight_doubts(np.full(1000, 0.995)) == []
    assert len(weight_doubts(np.full(1000, 0.98))) == 1
    [doubt] = weight_doubts(np.array([0.5, 0.0, 0.5]))
    assert "2 rows stand for 1 of them" in doubt
    assert len(weight_doubts(np.full(200, 0.5))) == 1


def test_two_respondents_are_two_but_for_rounding():
    """One and a bit are fewer."""
    found = fewer_than_two(np.array([0.0, 1 + 1e-15, 1.99, 2 - 1e-15, 2.0]))
    assert found.tolist() == [True, True, True, False, False]
