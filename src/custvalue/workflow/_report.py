"""What the report says: figures as text, pictures as SVG, findings and notes as sentences."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from custvalue._version import __version__
from custvalue.plotting import (
    HoldoutDisplay,
    LorenzDisplay,
    ProbabilityAliveDisplay,
    SegmentDisplay,
)
from custvalue.plotting.formatting import amount, count, counted, day, decimal, share
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
from custvalue.workflow._svg import picture

__all__ = ["report_contents"]

_TOP_CUSTOMERS = 10
_TOP_SHARE = 0.2
_HISTORY = ["frequency", "recency", "T"]


def report_contents(
    analysis: Any, customers: pd.DataFrame, quality: pd.Series, title: str
) -> dict[str, Any]:
    """Return everything that the report's template names.

    Parameters
    ----------
    analysis : CustomerAnalysis
        Fitted.
    customers : pandas.DataFrame
        Its customer table.
    quality : pandas.Series
        What became of the orders that the table was made of.
    title : str

    Returns
    -------
    dict of str to str, list and dict
    """
    horizon = horizon_words(analysis.horizon, analysis.time_unit)
    shares = _shares(customers["value"])
    return {
        "title": title,
        "version": __version__,
        "customers": count(len(customers)),
        "purchases": count(quality["purchases"]),
        "first": day(quality["first_order"]),
        "last": day(quality["last_order"]),
        "end": day(quality["observation_end"]),
        "horizon": horizon,
        "headline": headline(customers, shares, horizon),
        "segments": _segments(analysis, customers),
        "value": _value(customers, shares),
        "alive": _alive(analysis, customers),
        "holdout": _holdout(analysis),
        "model": _models(analysis),
        "data": _data(quality, analysis.collapse),
        "notes": _notes(analysis, horizon),
    }


def horizon_words(horizon: float | str, time_unit: str) -> str:
    """Return the length of the future in words.

    Parameters
    ----------
    horizon : float or str
    time_unit : str

    Returns
    -------
    str

    Examples
    --------
    >>> horizon_words("12 months", "week"), horizon_words(52.0, "week")
    ('in the next 12 months', 'in the next 52 weeks')
    """
    if isinstance(horizon, str):
        return f"in the next {horizon.strip()}"
    return "from now on" if math.isinf(horizon) else f"in the next {counted(horizon, time_unit)}"


def headline(
    customers: pd.DataFrame, shares: LorenzDisplay | None, horizon: str
) -> list[dict[str, str]]:
    """Return the figures at the top of the report.

    Parameters
    ----------
    customers : pandas.DataFrame
        The customer table.
    shares : LorenzDisplay or None
    horizon : str
        In words.

    Returns
    -------
    list of dict of str to str
    """
    figures = [
        (count(len(customers)), "customers"),
        (amount(customers["total_value"].sum()), "spent so far"),
        (amount(customers["value"].sum()), f"value {horizon}"),
        (amount(customers["value"].mean()), "value per customer"),
        (count(customers["expected_purchases"].sum()), f"purchases expected {horizon}"),
    ]
    if shares is not None:
        words = f"of the value is held by the best {share(_TOP_SHARE, 0)} of customers"
        figures.append((share(shares.top_share, 0), words))
    return [{"figure": figure, "words": words} for figure, words in figures]


def _shares(value: pd.Series) -> LorenzDisplay | None:
    """Return how value is spread, if there is any."""
    if not value.sum() > 0:
        return None
    return LorenzDisplay.from_predictions(value, top=_TOP_SHARE)


def _segments(analysis: Any, customers: pd.DataFrame) -> dict[str, Any]:
    display = SegmentDisplay.from_predictions(customers["segment"], customers["value"])
    best = display.table.iloc[0]
    finding = f"{display.table.index[0]}: {share(best['customer_share'])} of the customers"
    if not math.isnan(best["value_share"]):
        finding += f", {share(best['value_share'])} of the value"
    return {
        "finding": finding,
        "picture": picture(
            display,
            f"Share of value and of customers of {len(display.table)} segments; the figures are in "
            "the table beside it.",
            "segments",
        ),
        "rows": segment_rows(display.table, customers, analysis.segmenter_.rules_),
    }


def _value(customers: pd.DataFrame, shares: LorenzDisplay | None) -> dict[str, Any]:
    found: dict[str, Any] = {"rows": customer_rows(customers, _TOP_CUSTOMERS), "picture": ""}
    if shares is None:
        return found | {"finding": "There is no value to share out"}
    held = f"the best {share(shares.top, 0)} of customers hold {share(shares.top_share)}"
    label = f"Lorenz curve of value: {held} of it; the Gini coefficient is {shares.gini:.2f}."
    return found | {
        "finding": f"{held[0].upper()}{held[1:]} of the value",
        "gini": decimal(shares.gini, 2),
        "picture": picture(shares, label, "value"),
    }


def _alive(analysis: Any, customers: pd.DataFrame) -> dict[str, Any]:
    display = ProbabilityAliveDisplay.from_estimator(
        analysis.value_.attrition_, customers[_HISTORY]
    )
    column, row = len(display.frequency) // 2, len(display.since) // 2
    now, later = display.probability[[0, row], column]
    bought, silent = display.frequency[column], display.since[row]
    finding = (
        f"After {counted(bought, 'repeat purchase')}, {counted(silent, analysis.time_unit)} of "
        f"silence bring the chance that a customer is still one from {share(now, 0)} to "
        f"{share(later, 0)}"
    )
    if later == now:
        finding = "By this model nobody ever leaves, however long the silence"
    label = f"Probability that a customer is still one, by frequency and recency. {finding}."
    return {
        "finding": finding,
        "observed": counted(round(display.T or 0.0), analysis.time_unit),
        "picture": picture(display, label, "alive"),
        "rows": alive_rows(customers),
    }


def _holdout(analysis: Any) -> dict[str, Any]:
    table = analysis.holdout_
    if table is None:
        return {"finding": "Not tested", "note": analysis.holdout_note_, "rows": [], "picture": ""}
    display = HoldoutDisplay(table=table)
    observed, expected = display.observed_total, display.expected_total
    difference = observed / expected - 1
    side = "more" if difference >= 0 else "fewer"
    finding = (
        f"The model expected {count(expected)} purchases; {count(observed)} came, "
        f"{share(abs(difference))} {side}"
    )
    label = f"Mean purchases in the holdout by earlier frequency. {finding}."
    return {
        "finding": finding,
        "note": analysis.holdout_note_,
        "rows": holdout_rows(table),
        "picture": picture(display, label, "holdout"),
    }


def _models(analysis: Any) -> dict[str, Any]:
    value = analysis.value_
    models = {"Purchases": value.attrition_, "Spend": value.spend_}
    names = [f"{model_name(model)} for {part.lower()}" for part, model in models.items()]
    parts = [
        {
            "caption": f"{part}: {model_name(model)}",
            "rows": model_rows(model, analysis.time_unit),
            "search": search_words(model),
        }
        for part, model in models.items()
    ]
    return {"finding": " and ".join(names), "parts": parts}


def _data(quality: pd.Series, collapse: str) -> dict[str, Any]:
    used = quality["purchases"] + quality["orders_merged"]
    left_out = quality["orders_read"] - used
    finding = f"{count(left_out)} of {count(quality['orders_read'])} orders were left out"
    if left_out == 0:
        finding = "No order was left out"
    return {"finding": finding, "tables": order_rows(quality, collapse)}


def _notes(analysis: Any, horizon: str) -> list[tuple[str, str]]:
    """Return how to read the report: a term and one sentence each."""
    attrition = model_name(analysis.value_.attrition_)
    once = (
        " Under BG/NBD somebody who bought only once counts as alive for certain: look at the "
        "expected purchases instead."
        if attrition == "BG/NBD"
        else ""
    )
    return [
        (
            "Value",
            f"is the profit to expect of a customer {horizon}: expected purchases times expected "
            f"spend times a margin of {decimal(100 * analysis.margin, 0)}\u00a0%, each purchase "
            f"discounted by {share(analysis.annual_discount_rate)} a year. It looks ahead; what "
            "was spent so far is not in it.",
        ),
        (
            "A purchase",
            f"is all that a customer ordered within one {analysis.collapse}; the first one makes "
            "the customer, and only those after it are repeat purchases.",
        ),
        (
            "P(alive)",
            "is the probability that a customer has not left for good; nobody says goodbye, so it "
            f"is judged by how long they have been silent for somebody of their habits.{once}",
        ),
        (
            "Expected spend",
            "leans on the customer's own repeat purchases where there are many, and on everybody's "
            "where there are few.",
        ),
        (
            "Segments",
            "go by three scores from 1 to 5: r, how recently a customer bought, f, how often, and "
            "m, how much they spent; 5 means that at least four fifths did worse, and equal "
            "customers have equal scores.",
        ),
        (
            "The Gini coefficient",
            "is 0 where all customers are worth the same, near 1 where one is worth everything.",
        ),
        (
            "Intervals",
            "hold the parameter in 95\u00a0% of such samples, if the model is right.",
        ),
        (
            "Not in the model",
            "are seasons, campaigns, prices and customers yet to be won.",
        ),
    ]
