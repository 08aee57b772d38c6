from __future__ import annotations

import pandas as pd
import pytest

from custvalue.workflow import ServiceAnalysis
from custvalue.workflow._report_service_words import difference_sentence, service_notes

TOGETHER, APART = "failures of one order come together", "failures of one order avoid each other"
UNKNOWN = "some orders are not known in full"


def sentence(dependence, unknown, n_criteria=2):
    """Return the sentence on a product of 70 % and two parts of the difference."""
    gap = dependence + unknown
    found = {"observed": 0.7 + gap, "product": 0.7, "difference": gap}
    parts = {"dependence": dependence, "unknown": unknown}
    return difference_sentence(pd.Series({**found, **parts}), n_criteria).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("dependence", "unknown", "end"),
    [
        (0.02, 0.0, f"2.0 points lower: {TOGETHER}."),
        (-0.02, 0.0, f"2.0 points higher: {APART}."),
        (0.0, -0.02, f"2.0 points higher: {UNKNOWN}."),
        (0.0, 0.02, f"2.0 points lower: {UNKNOWN}."),
        (0.02, 0.01, f"3.0 points lower: {TOGETHER}, and {UNKNOWN}."),
        (0.01, -0.03, f"2.0 points higher: {UNKNOWN}, although {TOGETHER}."),
        (-0.01, 0.03, f"2.0 points lower: {UNKNOWN}, although {APART}."),
        (0.03, -0.01, f"2.0 points lower: {TOGETHER}, although {UNKNOWN}."),
        (0.0, 0.0, "close to the share of perfect orders."),
        (
            0.03,
            -0.03,
            "close to the share of perfect orders, since two things cancel out: "
            f"{TOGETHER}, but {UNKNOWN}.",
        ),
        (float("nan"), float("nan"), ""),
    ],
)
def test_the_cause_has_the_sign_of_the_difference(dependence, unknown, end):
    """The part that goes the other way is no cause, and a small gap does not show independence."""
    found = sentence(dependence, unknown)
    assert found == (f"The product of the criteria, 70.0 %, is {end}" if end else "")
    assert "independent" not in found


def test_one_criterion_is_its_own_product():
    """There is nothing to say."""
    assert sentence(0.0, 0.02, n_criteria=1) == ""


@pytest.fixture
def lines():
    """Return four orders of one customer each; of the last nobody knows when it came."""
    promised = pd.Timestamp("2025-03-03")
    return pd.DataFrame(
        {
            "order": range(4),
            "customer": range(4),
            "promised": promised,
            "delivered": [promised, promised + pd.Timedelta(days=1), promised, pd.NaT],
            "tidy": [True, True, False, True],
        }
    )


def test_notes_are_of_what_is_there(lines):
    """One criterion costs all there is, one segment has no funnel, and all is known."""
    known = lines.assign(delivered=lines["promised"])
    notes = dict(service_notes(ServiceAnalysis(criteria=("on_time",)).fit(known)))
    assert list(notes) == ["A perfect order", "On time"]
    assert "not known" not in notes["A perfect order"]


def test_notes_say_that_failures_are_a_lower_bound(lines):
    """Where something is not known; and that savings do not add up where there are several."""
    customers = pd.DataFrame({"customer": range(4), "value": 1.0})
    analysis = ServiceAnalysis(criteria=("on_time", "tidy"), leaving_probability=0.1)
    notes = dict(service_notes(analysis.fit(lines, customers=customers)))
    assert "What is not known is not failed" in notes["A perfect order"]
    assert "failures are a lower bound" in notes["The cost of lost sales"]
    assert "at most its cost" in notes["The cost of lost sales"]
    first = analysis.set_params(repeated="first").fit(lines, customers=customers)
    assert "at most its cost" not in dict(service_notes(first))["The cost of lost sales"]
