from __future__ import annotations

import numpy as np
import pytest

from custvalue.plotting import LorenzDisplay
from custvalue.workflow._report import headline, horizon_words, report_contents


def figure_of(headline_rows, words):
    """Return the figure that stands with some words."""
    [found] = [row["figure"] for row in headline_rows if words in row["words"]]
    return found


@pytest.fixture(scope="module")
def contents(analysis, customers):
    return report_contents(analysis, customers, analysis.data_quality_, "A title")


@pytest.mark.parametrize(
    ("horizon", "unit", "words"),
    [
        ("12 months", "week", "in the next 12 months"),
        (" 1 year ", "day", "in the next 1 year"),
        (52.0, "week", "in the next 52 weeks"),
        (1, "year", "in the next 1 year"),
        (float("inf"), "week", "from now on"),
    ],
)
def test_the_horizon_in_words(horizon, unit, words):
    """Numbers get their unit, infinity gets none."""
    assert horizon_words(horizon, unit) == words


def test_the_headline_is_the_customer_table_s(customers):
    """Every figure is a count, sum or mean of the table."""
    shares = LorenzDisplay.from_predictions(customers["value"])
    rows = headline(customers, shares, "in the next 12 months")
    assert rows[0] == {"figure": "2,357", "words": "customers"}
    assert figure_of(rows, "spent so far") == f"{customers['total_value'].sum():,.0f}"
    assert figure_of(rows, "value in the") == f"{customers['value'].sum():,.0f}"
    assert figure_of(rows, "value per") == f"{customers['value'].mean():,.2f}"
    assert figure_of(rows, "purchases") == f"{customers['expected_purchases'].sum():,.0f}"
    assert figure_of(rows, "held by") == f"{100 * shares.top_share:.0f}\u00a0%"


def test_findings_say_what_the_pictures_show(contents, analysis, customers):
    """The sentences above the pictures carry the figures of the table."""
    champions = customers["segment"] == "Champions"
    value = customers.loc[champions, "value"].sum() / customers["value"].sum()
    plain = contents["segments"]["finding"].replace("\u00a0", " ")
    assert plain == (
        f"Champions: {100 * champions.mean():.1f} % of the customers, {100 * value:.1f} % of the "
        "value"
    )
    table = analysis.holdout_
    observed = (table["customers"] * table["observed"]).sum()
    assert f"{observed:,.0f} came, 13.8\u00a0% more" in contents["holdout"]["finding"]
    assert contents["data"]["finding"] == "No order was left out"


def test_orders_left_out_are_counted_in_the_finding(analysis, customers):
    """What is in no purchase is said at once."""
    quality = analysis.data_quality_.copy()
    quality["orders_refunded_away"] = 30
    quality["purchases"] -= 30
    contents = report_contents(analysis, customers, quality, "")
    assert contents["data"]["finding"] == "30 of 6,919 orders were left out"


def test_customers_worth_nothing_make_a_report_too(analysis, customers):
    """Without value there is no curve, and the report says so."""
    contents = report_contents(
        analysis, customers.assign(value=0.0), analysis.data_quality_, "Nothing"
    )
    assert contents["value"]["finding"] == "There is no value to share out"
    assert contents["value"]["picture"] == ""
    assert "value" not in contents["segments"]["finding"]
    assert len(contents["headline"]) == 5


def test_the_note_on_single_purchases_belongs_to_bg_nbd(contents):
    """BG/NBD takes everybody who bought once for alive: its reader is warned."""
    notes = dict(contents["notes"])
    assert "somebody who bought only once counts as alive for certain" in notes["P(alive)"]
    assert all(np.char.count(words, "{") == 0 for words in notes.values())
