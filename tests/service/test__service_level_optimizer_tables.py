from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.service._service_level_optimizer_curves import Curve
from custvalue.service._service_level_optimizer_fit import (
    FittedCurves,
    fit_group,
    profit_of,
)
from custvalue.service._service_level_optimizer_input import (
    Observations,
    checked_curve,
    column_names,
    read_observations,
)
from custvalue.service._service_level_optimizer_profit import find_optimum
from custvalue.service._service_level_optimizer_tables import (
    curve_answer,
    curve_scenarios,
    maxima_frame,
    optimum_frame,
    profit_frame,
    sensitivity_frame,
    warnings_of,
)

GIVEN = (("power", 0.5, 0.5), ("power", 0.00055, 2.0))
PERCENT = (0.0, 100.0)


def observations(count: int = 30, seed: int = 0) -> Observations:
    """Return rows around the curves of the textbook."""
    rng = np.random.default_rng(seed)
    s = rng.uniform(10, 80, count)
    frame = pd.DataFrame(
        {
            "service_level": s,
            "revenue": 0.5 * np.sqrt(s) + 0.1 * rng.standard_normal(count),
            "cost": 0.00055 * s**2 + 0.1 * rng.standard_normal(count),
        }
    )
    return read_observations(frame, column_names("curve", None), None, "percent", "x")


def known() -> FittedCurves:
    """Return the curves of the textbook, given."""
    curves = (checked_curve(GIVEN[0], "a"), checked_curve(GIVEN[1], "b"))
    rows = observations()
    empty = Observations(rows.table, rows.level, np.empty(0), np.empty(0), ["all"], rows.codes)
    return fit_group(empty, 0, curves, "")


def test_the_interval_covers_the_optimum_of_the_truth():
    """95 % intervals hold 37.2419 in about 95 of 100 simulated samples."""
    held = 0
    for seed in range(200):
        fitted = fit_group(observations(40, seed), 0, ("power", "power"), "")
        profit = profit_of(fitted, ("power", "power"), PERCENT)
        row = optimum_frame(["all"], [profit], [find_optimum(profit)], [fitted], 0.95, "group")
        held += row["lower"].iloc[0] <= 37.2419 <= row["upper"].iloc[0]
    # binomial: below 180 of 200 has probability 0.001 at 95 %
    assert 180 <= held <= 200


def test_a_scenario_that_moves_the_cost_saves_money():
    """A cost curve moved to the right: cheaper at the old optimum, which itself moves up."""
    profit = profit_of(known(), GIVEN, PERCENT)
    frame = curve_scenarios(
        pd.Index(["all"], name="group"), [profit], {"moved": {"cost_shift": 10.0}}
    ).loc["all"]
    at = frame.loc["base", "service_level"]
    saved = 0.00055 * (at**2 - (at - 10) ** 2)
    assert frame.loc["moved", "saved_at_base"] == pytest.approx(saved, rel=1e-12)
    assert frame.loc["moved", "service_level_change"] > 0
    assert frame.loc["base", ["profit_change", "saved_at_base"]].tolist() == [0, 0]


def test_answers_are_of_the_group_of_the_row():
    """Each row is compared with its own optimum."""
    profit = profit_of(known(), GIVEN, PERCENT)
    optima = np.array([37.2419, 50.0])
    answer = curve_answer([profit, profit], optima, np.array([1, 0]), np.array([50.0, 20.0]))
    assert answer["service_level_gap"].tolist() == [0, 37.2419 - 20]
    assert answer["profit_gain"][0] == 0
    assert answer["profit_gain"][1] > 0


def test_the_curve_has_intervals_where_something_was_fitted():
    """They hold the profit; known curves have none but the line itself."""
    fitted = fit_group(observations(), 0, ("power", "power"), "")
    index = pd.Index(["all"], name="group")
    profit = profit_of(fitted, ("power", "power"), PERCENT)
    frame = profit_frame(index, [profit], [fitted], np.array([20.0, 60.0]), 0.95)
    assert (frame["lower"] < frame["profit"]).all()
    assert (frame["profit"] < frame["upper"]).all()
    sure = profit_frame(index, [profit_of(known(), GIVEN, PERCENT)], [known()], None, 0.95)
    assert len(sure) == 201
    assert (sure["lower"] == sure["upper"]).all()


def test_tables_have_a_row_each():
    """Maxima and elasticities by group."""
    profit = profit_of(known(), GIVEN, PERCENT)
    optimum = find_optimum(profit)
    maxima = maxima_frame(["a", "b"], [profit] * 2, [optimum] * 2, "site")
    assert maxima["best"].tolist() == [True, True]
    assert maxima.index.tolist() == ["a", "b"]
    found = sensitivity_frame(["a"], [profit], [optimum], "site").loc["a"]
    assert found.index.tolist() == ["revenue", "cost"] + [
        f"{curve} {letter}" for curve in ("revenue", "cost") for letter in "ab"
    ]


def test_what_is_doubtful_is_said():
    """A corner, several maxima, an optimum beyond the data and a revenue that does not rise."""
    fitted = known()
    quiet = profit_of(fitted, GIVEN, PERCENT)
    assert warnings_of("", find_optimum(quiet), fitted) == []
    corner = profit_of(fitted, GIVEN, (60.0, 100.0))
    [said] = warnings_of(" of site 3", find_optimum(corner), fitted)
    assert said.startswith("the best service level of site 3, 60, is the lower end of its range")
    hills = Curve("function", np.empty(0), lambda s: np.cos(s / 10))
    many = profit_of(fitted, GIVEN, PERCENT)
    many = type(many)(hills, many.cost, 0.0, 95.0)
    assert "local maxima" in " ".join(warnings_of("", find_optimum(many), fitted))
    away = profit_of(fitted, GIVEN, (0.0, 5.0))
    assert "outside the levels observed" in " ".join(warnings_of("", find_optimum(away), fitted))
    flat = FittedCurves(
        "power", "power", np.array([5.0, 0.0]), fitted.cost, fitted.covariance, 9, 0.0, 100.0, 9
    )
    level = profit_of(flat, GIVEN, PERCENT)
    assert "does not rise" in " ".join(warnings_of("", find_optimum(level), flat))
