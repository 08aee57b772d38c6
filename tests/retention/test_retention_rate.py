"""retention_rate and churn_rate: the textbook figure, kinds of input, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.retention.retention_rate import churn_rate, retention_rate

COLUMNS = ["rate", "lower", "upper"]


def test_the_textbook_figure():
    """(950 - 150) / 1000 = .80, with Wilson's interval by its formula."""
    found = retention_rate(start=1000, end=950, new=150)
    assert list(found.columns) == COLUMNS
    assert found["rate"].item() == pytest.approx(0.80, abs=1e-15)
    z = 1.959963984540054
    half = z / (1000 + z**2) * np.sqrt(1000 * 0.8 * 0.2 + z**2 / 4)
    middle = (800 + z**2 / 2) / (1000 + z**2)
    assert found["lower"].item() == pytest.approx(middle - half, rel=1e-12)
    assert found["upper"].item() == pytest.approx(middle + half, rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 10**9), st.data())
def test_rates_are_shares_that_add_up_to_one(start, data):
    """Retention and churn are within their intervals, in [0, 1], and each other's rest."""
    kept = data.draw(st.integers(0, start))
    new, back = data.draw(st.integers(0, 10**6)), data.draw(st.integers(0, 10**6))
    counts = {"start": start, "end": kept + new + back, "new": new, "won_back": back}
    stay, leave = retention_rate(**counts), churn_rate(**counts)
    assert stay["rate"].item() == pytest.approx(kept / start)
    assert stay["rate"].item() + leave["rate"].item() == pytest.approx(1.0)
    for found in (stay, leave):
        lower, rate, upper = (found[name].item() for name in ("lower", "rate", "upper"))
        assert 0 <= lower <= rate + 1e-12
        assert rate - 1e-12 <= upper <= 1


def test_customers_won_back_are_not_kept():
    """Left in the end they would raise the rate by their share of the start."""
    ignored = retention_rate(start=100, end=90, new=10)["rate"].item()
    stated = retention_rate(start=100, end=90, new=10, won_back=5)["rate"].item()
    assert ignored - stated == pytest.approx(0.05)


def test_a_series_keeps_its_index():
    """Numbers and lists beside it are taken for the same periods."""
    months = pd.Index(["Jan", "Feb"], name="month")
    found = churn_rate(start=pd.Series([10, 20], index=months), end=[9, 15], new=0)
    assert found.index.equals(months)
    np.testing.assert_allclose(found["rate"], [0.1, 0.25])


@pytest.mark.parametrize("kind", [list, tuple, np.array, pl.Series])
def test_any_array_gives_one_row_a_period(kind):
    """The frame has rows 0, 1, ..."""
    found = retention_rate(start=kind([10, 20]), end=kind([9, 15]), new=kind([0, 5]))
    assert found.index.tolist() == [0, 1]
    np.testing.assert_allclose(found["rate"], [0.9, 0.5])


def test_a_wider_level_gives_a_wider_interval():
    """99 % holds more than 90 %."""
    wide, narrow = (retention_rate(start=50, end=40, new=0, level=one) for one in (0.99, 0.9))
    assert wide["lower"].item() < narrow["lower"].item() < narrow["upper"].item()
    assert narrow["upper"].item() < wide["upper"].item()


@pytest.mark.parametrize("rate", [retention_rate, churn_rate])
def test_nobody_at_the_start_is_missing_and_said(rate):
    """The other periods have their rates."""
    message = r"not defined where start is 0, and missing; so in row 1 \(index 'b'\) \(1 such row\)"
    with pytest.warns(DataQualityWarning, match=message) as caught:
        found = rate(start=pd.Series([4, 0], index=["a", "b"]), end=[2, 3], new=[0, 3])
    assert found.loc["a", "rate"] == 0.5
    assert found.loc["b"].isna().all()
    assert caught[0].filename == __file__


BAD = {
    "too many kept": ({"end": 30, "new": 3}, "kept, end - new - won_back, must not exceed start"),
    "more new than there are": ({"end": 2, "new": 3}, r"exceed end; row 0 has end=2.0, new=3.0"),
    "negative": ({"won_back": -1}, r"won_back must be a whole number of customers; row 0 has won"),
    "a share": ({"start": 0.5}, "start must be a whole number of customers; row 0 has start=0.5"),
    "missing": ({"end": np.nan}, r"'end' must be finite .* row 0 has end=nan \(1 such row\)"),
    "text": ({"new": "3"}, "column 'new' must be a number; row 0 has new='3'"),
    "nothing": ({"start": [], "end": []}, "needs at least one row"),
}


@pytest.mark.parametrize(("changed", "message"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("rate", [retention_rate, churn_rate])
def test_numbers_that_cannot_be_are_refused(rate, changed, message):
    """The message names the number, the rule and the first row that breaks it."""
    with pytest.raises(DataError, match=message):
        rate(**{"start": 20, "end": 15, "new": 0} | changed)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"level": 95}, "level must be a number between 0 and 1; found 95"),
        ({"end": [15, 16], "new": [1, 2, 3]}, r"of one length; found end of shape \(2,\), new of"),
        ({"end": [[15]]}, r"1-D arrays of one length; found end of shape \(1, 1\)"),
        (
            {"end": pd.Series([15], index=["a"]), "new": pd.Series([1], index=["b"])},
            "all Series must have one index; found another in new than in end",
        ),
    ],
)
def test_wrong_arguments_are_refused(changed, message):
    """The message names the parameter."""
    with pytest.raises(ValueError, match=message):
        retention_rate(**{"start": 20, "end": 15, "new": 0} | changed)
