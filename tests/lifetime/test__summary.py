"""Bad summaries: one clear error each, through every model of the room."""

import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import DataError
from custvalue.lifetime import BetaGeoNBD, GammaGamma, LifetimeValue

GOOD = {
    "frequency": [0, 2, 5, 1],
    "recency": [0.0, 10.0, 30.0, 4.0],
    "T": [38.0, 38.0, 35.5, 20.0],
    "monetary_value": [0.0, 20.0, 35.0, 9.5],
}
HISTORY, SPEND = (BetaGeoNBD, LifetimeValue), (GammaGamma, LifetimeValue)
ALL = (BetaGeoNBD, GammaGamma, LifetimeValue)


def good(**changes):
    """Return a valid summary with some columns replaced."""
    index = pd.Index(["ann", "bob", "cyd", "dee"], name="customer_id")
    return pd.DataFrame(GOOD | changes, index=index)


CASES = {
    "recency beyond T": (
        HISTORY,
        good(recency=[0, 99.0, 30, 4]),
        r"recency must not exceed T; row 1 \(customer_id 'bob'\) has recency=99.0, T=38.0 "
        r"\(1 such row\)",
    ),
    "negative frequency": (
        ALL,
        good(frequency=[0, -2, 5, -1]),
        r"frequency must not be negative; row 1 .* has frequency=-2.0 \(2 such rows\)",
    ),
    "fractional frequency": (
        ALL,
        good(frequency=[0, 2, 5.5, 1]),
        r"frequency must be a whole number; row 2 .* has frequency=5.5 \(1 such row\)",
    ),
    "huge frequency": (ALL, good(frequency=[0, 2, 1e300, 1]), "frequency must not exceed 1e"),
    "negative recency": (HISTORY, good(recency=[0, -1, 30, 4.0]), "recency must not be negative"),
    "negative T": (HISTORY, good(T=[-1, 38, 35, 20.0]), "T must not be negative"),
    "huge T": (HISTORY, good(T=[38, 38, 1e300, 20.0]), "T must not exceed 1e"),
    "recency without purchase": (
        HISTORY,
        good(recency=[3, 10, 30, 4.0]),
        r"recency must be 0 exactly when frequency is 0 .*; row 0 .* frequency=0.0, recency=3.0",
    ),
    "purchase without recency": (
        HISTORY,
        good(recency=[0, 0, 30, 4.0]),
        "recency must be 0 exactly when frequency is 0 .*; row 1",
    ),
    "NaN": (
        ALL,
        good(frequency=[0, 2, np.nan, 1]),
        r"column 'frequency' must be finite .*; row 2 \(customer_id 'cyd'\) has frequency=nan",
    ),
    "infinite": (HISTORY, good(T=[38, np.inf, 35.5, 20]), "column 'T' must be finite"),
    "text": (
        HISTORY,
        good(recency=[0, "10", 30, 4.0]),
        r"column 'recency' must be a number; row 1 .* has recency='10' \(1 such row\)",
    ),
    "dates": (
        HISTORY,
        good(T=pd.to_datetime(["2024-01-01"] * 4)),
        r"column 'T' must hold numbers; found dtype datetime64",
    ),
    "missing column": (
        ALL,
        good().drop(columns=["frequency"]),
        "missing: frequency; found: recency, T, monetary_value",
    ),
    "double column": (
        ALL,
        good()[["frequency", "frequency", "recency", "T", "monetary_value"]],
        "column names must be unique; found more than once: frequency",
    ),
    "no rows": (ALL, good().head(0), "needs at least one row"),
    "nobody came back": (
        ALL,
        good(frequency=0, recency=0.0, monetary_value=0.0),
        "repeat purchase; frequency is 0 in all 4 rows that count",
    ),
    "negative spend": (
        SPEND,
        good(monetary_value=[0, -20, 35, 9.5]),
        "monetary_value must be positive where frequency is not 0; row 1",
    ),
    "zero spend": (
        SPEND,
        good(monetary_value=[0, 0, 35, 9.5]),
        "monetary_value must be positive where frequency is not 0; row 1",
    ),
    "spend without purchase": (
        SPEND,
        good(monetary_value=[5, 20, 35, 9.5]),
        "monetary_value must be 0 where frequency is 0",
    ),
    "a list of words": (ALL, ["ann", "bob"], "X must be a 2-D array"),
    "one dimension": (ALL, np.arange(4.0), "2-D array .* found an array of 1 dimension"),
    "too many columns": (ALL, np.ones((4, 7)), "X has 7 features"),
}


@pytest.mark.parametrize(
    ("model", "case"), [(model, case) for case, (models, *_) in CASES.items() for model in models]
)
def test_a_bad_summary_is_one_clear_error(model, case):
    """It names the column, the rule, the number of rows and the first of them."""
    _, table, message = CASES[case]
    with pytest.raises(DataError, match=message):
        model().fit(table)


@pytest.mark.parametrize("model", ALL)
def test_what_is_no_table_is_a_type_error(model):
    """A mapping or a number is refused by its type; a path must name a file."""
    for thing in ({"frequency": [1]}, None, 3.0):
        with pytest.raises(TypeError, match="X must be"):
            model().fit(thing)
    with pytest.raises(DataError, match="X must name a file or a glob"):
        model().fit("orders.csv")


def test_another_time_unit_is_refused():
    """A summary that says it is in days is not read as weeks."""
    table = good()
    table.attrs["time_unit"] = "day"
    with pytest.raises(DataError, match="time_unit 'week'; it was measured in 'day'"):
        BetaGeoNBD().fit(table)


@pytest.mark.parametrize("model", ALL)
def test_predicting_checks_like_fitting(model):
    """A bad row is refused at prediction too."""
    fitted = {
        BetaGeoNBD: lambda: BetaGeoNBD.from_params({"r": 0.2, "alpha": 4, "a": 0.8, "b": 2.4}),
        GammaGamma: lambda: GammaGamma.from_params({"p": 6, "q": 4, "v": 15}),
        LifetimeValue: lambda: _valued(),
    }[model]()
    with pytest.raises(DataError, match="frequency must not be negative"):
        fitted.predict(good(frequency=[0, -2, 5, 1]))


def _valued():
    history = BetaGeoNBD.from_params({"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4})
    drawn = history.simulate(500, 60.0, random_state=1)
    x, generator = drawn["frequency"].to_numpy(), np.random.default_rng(1)
    spend = GammaGamma.from_params({"p": 6, "q": 4, "v": 15})._fitted.simulate(x, generator)
    return LifetimeValue().fit(drawn.assign(monetary_value=spend))
