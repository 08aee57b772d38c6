from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.frozen import FrozenEstimator

from custvalue.lifetime import BetaGeoNBD
from custvalue.plotting import SegmentDisplay
from custvalue.workflow._report_tables import (
    alive_rows,
    customer_rows,
    holdout_rows,
    model_name,
    model_rows,
    order_rows,
    search_words,
    segment_rows,
)

PARAMS = {"r": 0.2425945, "alpha": 4.4136019, "a": 0.7929199, "b": 2.4258881}


def number(text):
    """Return the number that a text shows."""
    return float(text.replace(",", "").replace("\u2212", "-"))


def test_segments_have_the_means_of_their_customers(analysis, customers):
    """Rows follow the totals; each has its rule and what to do."""
    totals = SegmentDisplay.from_predictions(customers["segment"], customers["value"]).table
    rows = segment_rows(totals, customers, analysis.segmenter_.rules_)
    assert [row["name"] for row in rows] == totals.index.tolist()
    champions = customers[customers["segment"] == "Champions"]
    row = next(row for row in rows if row["name"] == "Champions")
    assert number(row["customers"]) == len(champions)
    assert number(row["orders"]) == round(champions["n_orders"].mean(), 1)
    assert number(row["expected"]) == round(champions["expected_purchases"].mean(), 2)
    assert number(row["value"]) == round(champions["value"].sum())
    assert row["rule"] == "r 4-5, f 4-5, m 5"
    assert row["action"].startswith("Bought lately")


def test_a_segment_of_two_rules_shows_both(customers):
    """Rules are listed, and what is said twice is said once."""
    rules = pd.DataFrame(
        {"segment": ["A", "A"], "rule": ["r 1", "r 2-5"], "cells": [25, 100], "action": "Call."}
    )
    some = customers.assign(segment="A")
    totals = SegmentDisplay.from_predictions(some["segment"], some["value"]).table
    [row] = segment_rows(totals, some, rules)
    assert (row["rule"], row["action"]) == ("r 1; r 2-5", "Call.")


def test_the_best_customers_come_first(customers):
    """As many as asked for, by value."""
    rows = customer_rows(customers, 5)
    best = customers["value"].nlargest(5)
    assert [row["name"] for row in rows] == [str(name) for name in best.index]
    assert [number(row["value"]) for row in rows] == [round(value, 2) for value in best]


def test_bands_of_p_alive_hold_every_repeat_buyer_once(customers):
    """Customers and value of the bands add up to those who bought again."""
    rows = alive_rows(customers)
    repeat = customers[customers["frequency"] > 0]
    assert sum(number(row["customers"]) for row in rows) == len(repeat)
    total = sum(number(row["value"]) for row in rows)
    assert total == pytest.approx(repeat["value"].sum(), abs=2.5)
    surest = repeat[repeat["probability_alive"] >= 0.75]
    assert number(rows[0]["customers"]) == len(surest)


def test_holdout_rows_are_those_of_the_table(analysis):
    """Each group has its row, rounded to two decimals."""
    rows = holdout_rows(analysis.holdout_)
    assert [row["name"] for row in rows] == analysis.holdout_.index.tolist()
    assert rows[2] == {"name": "2", "customers": "214", "observed": "1.39", "expected": "1.04"}


def test_parameters_stand_with_their_intervals(analysis):
    """Estimate and interval are the model's, and every parameter is explained."""
    for model in (analysis.value_.attrition_, analysis.value_.spend_):
        rows = model_rows(model, "week")
        ends = model.confint()
        assert [row["name"] for row in rows] == model.params_.index.tolist()
        for row in rows:
            low, high = map(number, row["interval"].split(" to "))
            assert number(row["estimate"]) == pytest.approx(model.params_[row["name"]], rel=1e-3)
            assert low == pytest.approx(ends.loc[row["name"], "lower"], rel=1e-2)
            assert high == pytest.approx(ends.loc[row["name"], "upper"], rel=1e-2)
            assert row["meaning"]


@pytest.mark.parametrize("wrap", [lambda model: model, FrozenEstimator])
def test_given_parameters_have_no_interval(wrap):
    """A model of published parameters shows a dash and says that nothing was estimated."""
    model = wrap(BetaGeoNBD.from_params(PARAMS))
    assert {row["interval"] for row in model_rows(model, "week")} == {"–"}
    assert search_words(model) == "BG/NBD: the parameters were given, not estimated."
    assert model_name(model) == "BG/NBD"


def test_a_proper_end_of_the_search_is_one_plain_sentence(analysis):
    """Iterations, customers and log-likelihood are those of the fit."""
    model = analysis.value_.attrition_
    words = search_words(model)
    assert words.startswith(f"BG/NBD: converged in {model.convergence_.iterations} iterations")
    assert "2,357 customers" in words


def test_a_bad_end_of_the_search_is_not_hidden():
    """The reader is told not to trust the figures, and why."""
    model = BetaGeoNBD()
    x = np.array([0.0, 1.0, 3.0, 2.0])
    frame = pd.DataFrame({"frequency": x, "recency": [0.0, 9.0, 9.9, 9.5], "T": 10.0})
    with pytest.warns(UserWarning, match="proper maximum"):
        model.fit(frame)
    words = search_words(model)
    assert "do not take estimates and intervals at their word" in words
    assert "at the boundary: " in words


def test_what_was_read_is_all_accounted_for(analysis):
    """The rows of each table add up to what its caption says was read."""
    for table in order_rows(analysis.data_quality_, "day"):
        assert sum(number(row["count"]) for row in table["rows"]) == number(table["read"])
        assert all("{" not in row["why"] for row in table["rows"])
