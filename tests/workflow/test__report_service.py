from __future__ import annotations

import pandas as pd
import pytest

from custvalue.workflow import ServiceAnalysis
from custvalue.workflow._report_service import service_contents


@pytest.fixture(scope="module")
def lines():
    """Return 120 orders of two sites, one of which is late with every second."""
    orders = pd.RangeIndex(120)
    late = (orders % 2 == 0) & (orders >= 60)
    promised = pd.Timestamp("2025-03-03")
    return pd.DataFrame(
        {
            "order": orders,
            "customer": orders % 10,
            "site": ["good"] * 60 + ["bad"] * 60,
            "promised": promised,
            "delivered": promised + pd.to_timedelta(late.astype(int), unit="D"),
            "tidy": orders >= 6,
        }
    )


@pytest.fixture(scope="module")
def analysis(lines):
    return ServiceAnalysis(segment="site", criteria=("on_time", "tidy")).fit(lines)


@pytest.fixture(scope="module")
def contents(analysis):
    return service_contents(analysis, None, "A title")


def plain(words):
    """Return words without spaces that do not break."""
    return words.replace("\u00a0", " ")


def test_findings_name_the_bad_sites(contents):
    """36 of 120 orders fail: 30 late ones of the bad site, 6 untidy ones of the good site."""
    finding = plain(contents["perfect"]["finding"])
    assert finding == "70.0 % of the orders are perfect; worse than chance allows: bad"
    assert contents["perfect"]["picture"].startswith("<svg")
    causes = plain(contents["causes"]["finding"])
    assert "83.3 % of what keeps orders from being perfect is failing \u201con time\u201d" in causes


def test_the_product_is_explained(contents):
    """.75 x .95 is more than .7: here failures avoid each other."""
    words = plain(contents["perfect"]["difference"])
    assert words == (
        "The product of the criteria, 71.2 %, is 1.2 points higher: failures of one order avoid "
        "each other."
    )


def test_the_headline_has_what_the_lines_tell(contents):
    """No quantities, no fill rate."""
    words = [row["words"] for row in contents["headline"]]
    assert words == ["of the orders are perfect", "of the orders come on time"]
    assert plain(contents["headline"][0]["figure"]) == "70.0 %"
    assert [row["name"] for row in contents["metrics"]["rows"]] == ["bad", "good", "all"]


def test_parts_that_were_not_given_are_none_and_named(contents):
    """Survey, customers and queue are missing, segments are not."""
    assert contents["elements"] is contents["cost"] is contents["queue"] is None
    assert len(contents["missing"]) == 3
    assert not any(words.startswith("segments") for words in contents["missing"])
    terms = [term for term, _ in contents["notes"]]
    assert "The cost of lost sales" not in terms


def test_the_notes_say_what_is_on_time(lines):
    """With the days before and after that still count, in words."""
    analysis = ServiceAnalysis(criteria=("on_time",), tolerance=1, early=2, as_of="2025-03-09")
    contents = service_contents(analysis.fit(lines), None, "")
    words = dict(contents["notes"])["On time"]
    assert (
        words == "is delivered at most 1 day after the day promised, and at most 2 days before it."
    )
    assert plain(contents["as_of"]) == "9 March 2025"


def test_orders_that_all_are_perfect_make_a_report_too(lines):
    """Nothing failed, and nothing is drawn of it."""
    good = lines.assign(delivered=lines["promised"], tidy=True)
    analysis = ServiceAnalysis(criteria=("on_time", "tidy")).fit(good)
    contents = service_contents(analysis, None, "Good")
    assert contents["causes"]["finding"] == "No order is known to have failed"
    assert contents["causes"]["picture"] == contents["perfect"]["picture"] == ""
    assert "close to the share of perfect orders" in contents["perfect"]["difference"]


def test_the_queue_names_its_first_order(analysis):
    """An index names orders where no column does; customers may be missing."""
    queue = pd.DataFrame(
        {"profit": [5.0], "importance": [1], "value": [2.0], "score": [1], "priority": [1]},
        index=pd.Index(["order 7"]),
    )
    part = service_contents(analysis, queue, "A title")["queue"]
    assert part["finding"] == "Of 1 open order, serve order 7 first"
    assert part["rows"][0]["customer"] == "\u2013"


def test_costs_say_where_the_probability_comes_from(lines):
    """Given in one number, by criterion, or as a column."""
    customers = pd.DataFrame({"customer": range(10), "value": 100.0, "risk": 0.2})
    sentences = []
    for given in (0.2, {"on_time": 0.2, "tidy": 0.1}, "risk"):
        analysis = ServiceAnalysis(criteria=("on_time", "tidy"), leaving_probability=given)
        analysis.fit(lines, customers=customers)
        cost = service_contents(analysis, None, "")["cost"]
        sentences.append(plain(cost["probability"]))
    assert sentences[0].endswith("drives a customer away was given: 20.0 %.")
    assert sentences[1].endswith("was given: on time 20.0 %, tidy 10.0 %.")
    assert sentences[2].endswith("differs by customer, on average: 20.0 %.")
    assert cost["comparison"] == cost["segments"] == []


def test_what_cannot_be_told_to_be_saved_is_not_told(lines):
    """Where the first failure alone counts nobody knows which one comes first without another."""
    customers = pd.DataFrame({"customer": range(10), "value": 100.0})
    analysis = ServiceAnalysis(criteria=("on_time", "tidy"), leaving_probability=0.1)
    assert service_contents(analysis.fit(lines, customers=customers), None, "")["cost"]["saved"]
    analysis.set_params(repeated="first").fit(lines, customers=customers)
    assert not service_contents(analysis, None, "")["cost"]["saved"]


def test_one_criterion_has_no_product(lines):
    """It is its own."""
    part = service_contents(ServiceAnalysis(criteria=("on_time",)).fit(lines), None, "")["perfect"]
    assert plain(part["finding"]) == "75.0 % of the orders are perfect"
    assert part["difference"] == ""


def test_unknown_orders_show_between_which_ends_the_share_lies(lines):
    """A tenth of the orders is not known: the share may be ten points off."""
    gaps = lines.assign(delivered=lines["delivered"].where(lines["order"] % 10 > 0))
    part = service_contents(ServiceAnalysis(criteria=("on_time",)).fit(gaps), None, "")["perfect"]
    # 24 of 108 known orders are late: those whose number ends in 2, 4, 6 or 8 of the second half.
    assert part["ranges"]
    [row] = part["rows"]
    assert (row["known"], plain(row["range"])) == ("108", "70.0 % to 80.0 %")
    known = service_contents(ServiceAnalysis(criteria=("on_time",)).fit(lines), None, "")["perfect"]
    assert not known["ranges"]
