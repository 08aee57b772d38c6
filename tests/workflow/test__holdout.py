from __future__ import annotations

import datetime
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.frozen import FrozenEstimator

from custvalue.exceptions import ConvergenceWarning
from custvalue.lifetime import BetaGeoNBD
from custvalue.transactions import RFMSummary
from custvalue.workflow._holdout import calibration_end, run_holdout

FIRST, LAST = pd.Timestamp("1997-01-01"), pd.Timestamp("1998-06-30")


def fitted_reader(orders, end="1998-06-30"):
    """Return a reader of orders that has read them."""
    return RFMSummary(amount="amount", observation_end=end).fit(orders)


@pytest.mark.parametrize(
    ("holdout", "end"),
    [
        (0.5, "1997-09-30"),
        (0.999, "1997-01-01"),
        (1e-9, "1998-06-29"),
        ("1997-12-31", "1997-12-31"),
        (datetime.date(1997, 12, 31), "1997-12-31"),
        (pd.Timestamp("1997-12-31 15:00"), "1997-12-31"),
        (np.datetime64("1997-12-31"), "1997-12-31"),
    ],
)
def test_a_share_or_a_day_says_where_calibration_ends(holdout, end):
    """A share is counted in whole days from the end; a day is that day."""
    assert calibration_end(holdout, FIRST, LAST) == pd.Timestamp(end)


@pytest.mark.parametrize("holdout", ["1996-12-31", "1998-06-30", "2001-01-01"])
def test_a_day_outside_the_history_is_refused(holdout):
    """The message names both ends of what is allowed."""
    with pytest.raises(ValueError, match=f"1997-01-01.*1998-06-30; found '{holdout}'"):
        calibration_end(holdout, FIRST, LAST)


def test_words_that_are_no_date_are_refused():
    """The message says what would do."""
    with pytest.raises(ValueError, match="holdout must be a share, a date .*; found 'half'"):
        calibration_end("half", FIRST, LAST)


def test_the_model_sees_the_calibration_part_alone(orders):
    """Orders after the calibration do not move what is expected, only what is observed."""
    model = BetaGeoNBD()
    found = run_holdout(orders, fitted_reader(orders), model, "1997-09-30")
    without = orders[(orders["date"] <= "1997-09-30") | (orders["date"] > "1998-03-31")]
    other = run_holdout(without, fitted_reader(without), model, "1997-09-30")
    np.testing.assert_array_equal(found.table["expected"], other.table["expected"])
    assert (found.table["observed"] > other.table["observed"]).all()
    assert found.calibration_end == pd.Timestamp("1997-09-30")
    assert not hasattr(model, "params_")


def test_the_note_says_between_which_days(orders):
    """One sentence with the dates and the length."""
    found = run_holdout(orders, fitted_reader(orders), BetaGeoNBD(), 0.5)
    assert found.note.replace("\u00a0", " ") == (
        "A model fitted to the orders up to 30 September 1997 alone foretold the purchases from "
        "1 October 1997 to 30 June 1998 (39 weeks)."
    )


def test_a_frozen_model_is_tested_as_it_is(orders):
    """Parameters that were given stay."""
    params = {"r": 0.2425967, "alpha": 4.413659, "a": 0.7929869, "b": 2.426164}
    model = FrozenEstimator(BetaGeoNBD.from_params(params))
    found = run_holdout(orders, fitted_reader(orders), model, "1997-09-30")
    assert found.table["expected"].iloc[-1] == pytest.approx(6.157036, rel=5e-7)


def test_no_test_where_none_is_wanted(orders):
    """None asks for none, and the note says so."""
    found = run_holdout(orders, fitted_reader(orders), BetaGeoNBD(), None)
    assert (found.table, found.calibration_end) == (None, None)
    assert found.note == "No holdout was asked for."


def test_no_test_where_too_few_had_bought_again(orders):
    """The note gives the number and how many it takes."""
    few = orders[orders["customer_id"] <= 30]
    found = run_holdout(few, fitted_reader(few), BetaGeoNBD(), 0.9)
    assert found.table is None
    assert "customers had bought again, and a model needs at least 20 of them" in found.note


def test_no_test_of_a_single_day():
    """A history of one day has no part to keep back."""
    one_day = pd.DataFrame({"customer_id": [1, 2], "date": pd.Timestamp("2024-05-01")})
    one_day["amount"] = 9.0
    found = run_holdout(one_day, fitted_reader(one_day, "2024-05-01"), BetaGeoNBD(), 0.5)
    assert found.table is None
    assert "all orders fall on" in found.note


def test_no_test_where_refunds_leave_no_purchase_to_learn_from():
    """Orders that are valid as a whole may have an empty beginning: no error, but the reason."""
    dates = pd.to_datetime(["2024-01-01", "2024-12-01", "2024-12-31"])
    orders = pd.DataFrame({"customer_id": [1, 1, 1], "date": dates, "amount": [-5.0, 9.0, 9.0]})
    found = run_holdout(orders, fitted_reader(orders, "2024-12-31"), BetaGeoNBD(), 0.5)
    assert found.table is None
    assert "There is no holdout after" in found.note


def test_a_model_at_the_boundary_is_said_to_be_there(orders):
    """Where the search for the test's parameters ends badly, the note says so too."""
    few = orders[orders["customer_id"] < 60]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = run_holdout(few, fitted_reader(few), BetaGeoNBD(), "1997-09-30")
    assert found.note.endswith("That model did not reach a proper maximum.")
