from __future__ import annotations

import re
import warnings
from html.parser import HTMLParser

import duckdb
import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.exceptions import NotFittedError

import custvalue
from custvalue.datasets import make_order_lines, make_survey
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.factors import ServiceElementRanking
from custvalue.service import LostSalesCost, OrderPriority, PerfectOrder, order_line_metrics
from custvalue.workflow import ServiceAnalysis

ELEMENTS = ["accessibility", "order_fill_rate", "call_out_time"]
CRITERIA = ("on_time", "in_full", "undamaged", "documents")
FAILURES = [f"{name}_failures" for name in CRITERIA]
VOID = {"meta", "link", "br", "img", "hr", "input", "path"}


class Reader(HTMLParser):
    """Read a page strictly: what opens must close, in order."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.text, self.tags, self.attributes = [], [], [], []

    def handle_starttag(self, tag, attrs):
        """Remember what opened."""
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Remember what opened and closed at once."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        """Check that what closes is what opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Collect the text outside of styles."""
        if self.open and self.open[-1] != "style":
            self.text.append(data)


def read_page(path):
    """Return the parsed page and its text."""
    page = path.read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader, page


@pytest.fixture(scope="module")
def lines():
    return make_order_lines(600, n_customers=60, random_state=0)


@pytest.fixture(scope="module")
def customers():
    generator = np.random.default_rng(1)
    columns = {
        "value": generator.gamma(2.0, 100.0, 60).round(2),
        "probability_alive": generator.uniform(0.2, 1.0, 60),
        "tier": np.where(np.arange(60) % 3 == 0, "gold", "other"),
    }
    return pd.DataFrame(columns, index=pd.Index(np.arange(1, 61), name="customer_id"))


@pytest.fixture(scope="module")
def survey():
    return make_survey(200, elements=ELEMENTS, random_state=0)


@pytest.fixture(scope="module")
def waiting():
    return pd.DataFrame(
        {
            "order": [901, 902, 903],
            "customer": [7, 8, 9],
            "profit": [40.0, 60.0, 50.0],
            "importance": [1, 3, 2],
        }
    )


@pytest.fixture(scope="module")
def analysis(lines, survey, customers):
    """Return an analysis with all of its parts; tests must not change it."""
    ranking = ServiceElementRanking(
        method="lmg", satisfaction="overall_satisfaction", n_bootstrap=50, random_state=0
    )
    unfitted = ServiceAnalysis(segment="tier", leaving_probability=0.1, ranking=ranking)
    return unfitted.fit(lines, survey=survey, customers=customers)


@pytest.fixture(scope="module")
def bare(lines):
    """Return an analysis of order lines alone; tests must not change it."""
    return ServiceAnalysis().fit(lines)


@pytest.fixture(scope="module")
def report(analysis, waiting, customers, tmp_path_factory):
    path = tmp_path_factory.mktemp("service") / "report.html"
    analysis.report(path, open_orders=waiting, customers=customers)
    return path


@pytest.fixture(scope="module")
def estimated(bare, lines, customers):
    """Return an analysis whose customers leave the more, the more failures they met."""
    failures = bare.transform(lines)[FAILURES].sum(axis=1).reindex(customers.index, fill_value=0)
    leaving = customers.assign(probability_alive=0.95 * 0.9**failures)
    with pytest.warns(DataQualityWarning, match="may be confounded"):
        return ServiceAnalysis(strata="tier").fit(lines, customers=leaving)


def with_tier(lines, customers):
    """Return the lines with the tier of their customer as a column of their own."""
    return lines.assign(tier=lines["customer"].map(customers["tier"]))


# The parts


def test_perfect_orders_are_those_of_the_part(analysis, lines, customers):
    """Segments of the customers give what the same column of the order lines gives."""
    joined = with_tier(lines, customers)
    expected = PerfectOrder(by="tier").fit(joined)
    for name in ("observed_", "difference_", "attribution_", "components_"):
        found = getattr(analysis.perfect_order_, name)
        pd.testing.assert_frame_equal(found, getattr(expected, name))
    pd.testing.assert_series_equal(analysis.perfect_order_.product_, expected.product_)
    whole = PerfectOrder().fit(lines)
    pd.testing.assert_frame_equal(analysis.overall_.attribution_, whole.attribution_)


def test_metrics_are_those_of_the_function(analysis, lines, customers):
    """By segment and in all."""
    expected = order_line_metrics(with_tier(lines, customers), "tier")
    pd.testing.assert_frame_equal(analysis.metrics_, expected, check_flags=False, rtol=1e-12)
    whole = order_line_metrics(lines)
    pd.testing.assert_frame_equal(analysis.overall_metrics_, whole, check_flags=False, rtol=1e-12)


def test_the_elements_are_those_of_the_ranking(analysis, survey):
    """The ranking that is a parameter is cloned and fitted to the survey."""
    expected = analysis.ranking.fit_transform(survey)
    pd.testing.assert_frame_equal(analysis.elements_, analysis.ranking.ranking_)
    pd.testing.assert_frame_equal(analysis.element_ranking_.transform(survey), expected)


def test_the_cost_counts_failures_of_orders_and_criteria(analysis, lines, customers):
    """Failures come out of a group-by of single orders, told without the analysis."""
    states = PerfectOrder().fit_transform(lines)
    owner = lines.drop_duplicates("order").set_index("order")["customer"]
    failed = (states[list(CRITERIA)] == False).fillna(value=False).astype(int)  # noqa: E712
    counted = failed.groupby(owner.reindex(failed.index)).sum()
    table = counted.assign(value=customers["value"].reindex(counted.index))
    leaving = 1 - 0.9 ** counted.sum(axis=1)
    expected = float((leaving * table["value"]).sum())
    assert analysis.lost_sales_cost_.total_["expected_cost"] == pytest.approx(expected, rel=1e-12)
    assert analysis.lost_sales_cost_.total_["failures"] == counted.to_numpy().sum()
    direct = LostSalesCost(components=CRITERIA, leaving_probability=0.1).fit(table)
    pd.testing.assert_frame_equal(
        analysis.lost_sales_cost_.cost_by_component_, direct.cost_by_component_
    )
    by_segment = analysis.lost_sales_cost_.cost_by_segment_
    assert by_segment["expected_cost"].sum() == pytest.approx(expected, rel=1e-12)
    assert set(by_segment.index) == {"gold", "other"}


def test_the_constructed_golden_number_comes_out():
    """A thousand orders, 5 % late, 20 % of those hit leave, 4,000 each, and half a prospect each.

    Source: the constructed example of the hidden cost, 50 x .2 x 4,000 + 5 x 1,000 = 45,000.
    """
    late = (np.arange(1000) % 20 == 0).astype(int)
    days = pd.Timestamp("2025-03-03") + pd.to_timedelta(late, unit="D")
    lines = pd.DataFrame(
        {
            "order": np.arange(1000),
            "customer": np.arange(1000),
            "promised": pd.Timestamp("2025-03-03"),
            "delivered": days,
        }
    )
    customers = pd.DataFrame({"customer": np.arange(1000), "value": 4000.0})
    analysis = ServiceAnalysis(
        criteria=("on_time",),
        leaving_probability=0.2,
        prospects_per_leaver=0.5,
        prospect_value=1000.0,
    ).fit(lines, customers=customers)
    assert analysis.lost_sales_cost_.total_["expected_cost"] == pytest.approx(45_000, rel=1e-12)
    assert analysis.overall_.observed_["perfect"].tolist() == [0.95]


def test_transform_counts_orders_by_customer(analysis, lines):
    """Sums over customers are those of all orders."""
    found = analysis.transform(lines)
    observed = analysis.overall_.observed_.iloc[0]
    assert found.columns.tolist() == analysis.get_feature_names_out().tolist()
    assert found.columns.tolist() == ["orders", "known_orders", "perfect_orders", *FAILURES]
    assert found.index.name == "customer"
    assert found.index.is_monotonic_increasing
    sums = found.sum()
    assert sums["orders"] == observed["orders"]
    assert sums["known_orders"] == observed["known"]
    assert sums["perfect_orders"] == observed["perfect_orders"]
    states = PerfectOrder().fit_transform(lines)
    assert sums[FAILURES].tolist() == [int((states[name] == False).sum()) for name in CRITERIA]  # noqa: E712


def test_customer_costs_add_up_to_the_cost(analysis, lines, customers):
    """Each customer's share of the total, and an empty part for whoever met no failure."""
    found = analysis.customer_costs(lines, customers)
    total = analysis.lost_sales_cost_.total_
    assert found["expected_cost"].sum() == pytest.approx(total["expected_cost"], rel=1e-12)
    assert found["expected_leavers"].sum() == pytest.approx(total["expected_leavers"], rel=1e-12)
    assert (found.loc[found["failures"] == 0, "expected_cost"] == 0).all()
    assert found["value"].equals(customers["value"].loc[found.index].rename_axis("customer"))


def test_customers_in_polars_and_as_a_column_are_the_same(analysis, lines, customers):
    """The id may be the index, a column, or the first column of another frame."""
    expected = analysis.customer_costs(lines, customers)
    named = (
        customers.reset_index()
        .rename(columns={"customer_id": "customer"})
        .sample(frac=1.0, random_state=0)
    )
    for other in (named, pl.from_pandas(customers.reset_index()), pa.Table.from_pandas(named)):
        pd.testing.assert_frame_equal(analysis.customer_costs(lines, other), expected)


# Segments


def test_segments_of_the_order_lines_serve_where_customers_have_none(lines, customers):
    """The costs are summed by the column of the lines, as text."""
    analysis = ServiceAnalysis(segment="region", leaving_probability=0.1)
    analysis.fit(lines, customers=customers)
    expected = PerfectOrder(by="region").fit(lines)
    pd.testing.assert_frame_equal(analysis.perfect_order_.observed_, expected.observed_)
    by_segment = analysis.lost_sales_cost_.cost_by_segment_
    assert sorted(by_segment.index) == ["Centre", "North", "South"]
    total = analysis.lost_sales_cost_.total_["expected_cost"]
    assert by_segment["expected_cost"].sum() == pytest.approx(total, rel=1e-12)


def test_a_customer_of_several_segments_is_refused_for_the_cost_alone(lines, customers):
    """Warehouses can be compared, but the cost of one customer is not in several."""
    by_warehouse = ServiceAnalysis(segment="warehouse", leaving_probability=0.1)
    with pytest.raises(DataError, match=r"one 'warehouse' where costs .* customer \d+ has several"):
        by_warehouse.fit(lines, customers=customers)
    assert not hasattr(by_warehouse, "overall_")
    assert len(by_warehouse.fit(lines).perfect_order_.observed_) == 5


def test_customers_who_are_not_in_the_table_are_told_of(lines, customers):
    """They are in the segment "unknown", cost nothing, and are counted, with a warning."""
    some = customers.loc[1:40]
    analysis = ServiceAnalysis(segment="tier", leaving_probability=0.1)
    with pytest.warns(DataQualityWarning, match=r"of \d+ customers .* are not in customers"):
        analysis.fit(lines, customers=some)
    strangers = lines.loc[lines["customer"] > 40, "customer"].nunique()
    assert analysis.data_quality_["customers_without_value"] == strangers
    assert "unknown" in analysis.perfect_order_.observed_.index
    known = lines["customer"].nunique() - strangers
    assert analysis.lost_sales_cost_.total_["customers"] == known
    with pytest.warns(DataQualityWarning, match="their failures are left out"):
        assert len(analysis.customer_costs(lines, some)) == known


def test_the_probability_of_leaving_is_estimated_with_a_warning(estimated, lines):
    """Those with and without a failure are compared; customers without an order have no part."""
    cost, served = estimated.lost_sales_cost_, lines["customer"].nunique()
    sides = cost.comparison_.loc[["without failure", "with failure"], "customers"]
    assert sides.sum() == served
    assert "difference within strata" in cost.comparison_.index
    assert estimated.data_quality_["customers_without_order"] == 60 - served
    # Of k failures 0.95 (1 - 0.9^k) leave: a little less than by a probability of .1 each.
    assert cost.leaving_probability_ == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("given", ["risk", dict.fromkeys(CRITERIA, 0.1)], ids=["column", "dict"])
def test_the_probability_may_be_a_column_or_differ_by_criterion(given, analysis, lines, customers):
    """Whatever says the same gives the same cost."""
    other = ServiceAnalysis(leaving_probability=given)
    other.fit(lines, customers=customers.assign(risk=0.1))
    expected = analysis.lost_sales_cost_.total_["expected_cost"]
    assert other.lost_sales_cost_.total_["expected_cost"] == pytest.approx(expected, rel=1e-12)


# Tables of every kind


def in_parquet(lines, folder):
    """Write the lines as a Parquet file."""
    lines.to_parquet(folder / "lines.parquet")
    return str(folder / "lines.parquet")


FORMS = {
    "polars": lambda lines, folder: pl.from_pandas(lines),
    "pyarrow": lambda lines, folder: pa.Table.from_pandas(lines, preserve_index=False),
    "duckdb": lambda lines, folder: duckdb.connect().from_arrow(
        pa.Table.from_pandas(lines, preserve_index=False)
    ),
    "ibis": lambda lines, folder: ibis.memtable(pa.Table.from_pandas(lines, preserve_index=False)),
    "parquet": in_parquet,
}


@pytest.mark.parametrize("form", FORMS)
def test_order_lines_in_any_form_give_the_same(form, analysis, lines, customers, tmp_path):
    """Frames, relations, expressions and files are read alike, segments of customers joined."""
    X = FORMS[form](lines, tmp_path)
    other = ServiceAnalysis(segment="tier", leaving_probability=0.1).fit(X, customers=customers)
    observed = analysis.perfect_order_.observed_
    pd.testing.assert_frame_equal(other.perfect_order_.observed_, observed, check_index_type=False)
    pd.testing.assert_frame_equal(
        other.metrics_, analysis.metrics_, check_index_type=False, rtol=1e-12
    )
    total = analysis.lost_sales_cost_.total_
    pd.testing.assert_series_equal(other.lost_sales_cost_.total_, total)
    found = other.transform(X)
    if form in ("polars", "pyarrow"):
        found = found.to_pandas().set_index("customer")
    pd.testing.assert_frame_equal(found, analysis.transform(lines))


def test_the_order_of_the_rows_does_not_matter(analysis, lines, customers, survey):
    """Shuffled tables give the same analysis."""
    mixed = [table.sample(frac=1.0, random_state=2) for table in (lines, survey, customers)]
    other = ServiceAnalysis(segment="tier", leaving_probability=0.1, ranking=analysis.ranking)
    other.fit(mixed[0], survey=mixed[1], customers=mixed[2])
    pd.testing.assert_frame_equal(
        other.perfect_order_.attribution_, analysis.perfect_order_.attribution_
    )
    pd.testing.assert_frame_equal(
        other.lost_sales_cost_.cost_by_segment_, analysis.lost_sales_cost_.cost_by_segment_
    )
    pd.testing.assert_frame_equal(other.elements_, analysis.elements_)


def test_a_file_with_a_warning_warns_once(lines, tmp_path):
    """Lines are read several times, and what is doubtful in them is said once."""
    aware = lines.assign(delivered=lines["delivered"].dt.tz_localize("UTC"))
    aware.to_parquet(tmp_path / "lines.parquet")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        ServiceAnalysis(segment="region").fit(str(tmp_path / "lines.parquet"))
    assert len([one for one in said if issubclass(one.category, DataQualityWarning)]) == 1


def with_cancelled(lines, customer):
    """Return the lines and one more order, of nothing, of a customer without another."""
    again = lines.iloc[[0]].assign(order=9999, customer=customer, ordered=0.0)
    return pd.concat([lines, again], ignore_index=True)


def test_a_customer_whose_only_order_is_cancelled_counts_nowhere(analysis, lines, customers):
    """The order asks for nothing, so that all but the counts of lines is as without it."""
    more = pd.concat([customers, customers.iloc[[0]].set_axis([999])]).rename_axis("customer_id")
    fitted = ServiceAnalysis(segment="tier", leaving_probability=0.1)
    fitted.fit(with_cancelled(lines, 999), customers=more)
    pd.testing.assert_frame_equal(fitted.metrics_, analysis.metrics_, rtol=1e-12)
    pd.testing.assert_frame_equal(
        fitted.perfect_order_.observed_, analysis.perfect_order_.observed_
    )
    total = analysis.lost_sales_cost_.total_
    pd.testing.assert_series_equal(fitted.lost_sales_cost_.total_, total)
    before = analysis.data_quality_["lines_without_demand"]
    assert fitted.data_quality_["lines_without_demand"] == before + 1


@pytest.mark.filterwarnings("ignore::custvalue.exceptions.DataQualityWarning")
def test_a_customer_with_returns_alone_counts_nowhere(analysis, lines, customers):
    """Lines that are dropped have no customer to judge."""
    returned = with_cancelled(lines, 999)
    returned.loc[returned["customer"] == 999, "ordered"] = -1.0
    fitted = ServiceAnalysis(segment="tier", leaving_probability=0.1, on_negative="drop")
    fitted.fit(returned, customers=customers)
    pd.testing.assert_frame_equal(
        fitted.perfect_order_.observed_, analysis.perfect_order_.observed_
    )


@pytest.fixture
def half_known():
    """Return eight orders of eight customers: one late, and two of which nothing is known."""
    day = pd.Timestamp("2025-03-03")
    return pd.DataFrame(
        {
            "order": range(8),
            "customer": range(8),
            "promised": day,
            "delivered": [day + pd.Timedelta(days=1)] * 2 + [day] * 4 + [pd.NaT] * 2,
        }
    )


@pytest.mark.filterwarnings("ignore::custvalue.exceptions.DataQualityWarning")
def test_customers_who_cannot_be_judged_have_no_part_in_the_estimate(half_known):
    """By hand: of four served well three stay, of two served late one: (3/4 - 1/2) / (3/4) = 1/3.

    The two of whom nothing is known left: taken as served well, they would make it 0.
    """
    stayed = [1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    customers = pd.DataFrame({"customer": range(8), "value": 100.0, "probability_alive": stayed})
    analysis = ServiceAnalysis(criteria=("on_time",))
    analysis.fit(half_known, customers=customers)
    cost = analysis.lost_sales_cost_
    assert cost.leaving_probability_ == pytest.approx(1 / 3, rel=1e-9)
    assert cost.total_["customers"] == 6
    assert analysis.data_quality_["customers_not_judged"] == 2
    assert analysis.data_quality_["customers"] == 8
    assert analysis.customer_costs(half_known, customers).index.tolist() == list(range(6))


def test_nobody_who_can_be_judged_is_an_error(half_known):
    """No failures are known, and none is known not to be."""
    customers = pd.DataFrame({"customer": range(8), "value": 100.0})
    analysis = ServiceAnalysis(criteria=("on_time",), leaving_probability=0.1)
    with pytest.raises(DataError, match="an order of which a criterion is known; found none"):
        analysis.fit(half_known.tail(2), customers=customers)


def test_segments_have_the_same_names_in_every_table(lines, customers):
    """Numbers become text and a missing one "unknown", in the costs as in the shares."""
    numbers = lines["customer"] % 3
    numbered = lines.assign(site=numbers.where(numbers > 0))
    analysis = ServiceAnalysis(segment="site", leaving_probability=0.1)
    analysis.fit(numbered, customers=customers)
    names = {"1", "2", "unknown"}
    judge = analysis.perfect_order_
    assert set(judge.observed_.index) == set(analysis.metrics_.index) == names
    assert set(judge.attribution_.index.get_level_values("site")) == names
    assert set(judge.components_.index.get_level_values("site")) == names
    assert set(judge.product_.index) == set(judge.difference_.index) == names
    assert set(analysis.lost_sales_cost_.cost_by_segment_.index) == names
    expected = PerfectOrder(by="site").fit(numbered).observed_
    np.testing.assert_array_equal(judge.observed_["orders"], expected["orders"])


def test_data_quality_are_whole_numbers(analysis, bare):
    """Counts are counts, with a table of customers and without."""
    for one in (analysis, bare):
        assert one.data_quality_.dtype == np.int64
    assert "customers_without_value" not in bare.data_quality_.index


def test_own_flags_alone_have_no_metrics(lines, tmp_path):
    """Nothing else can be measured, and the report says so."""
    flagged = lines[["order", "customer", "region"]].assign(tidy=lines["order"] % 5 > 0)
    for segment in ("region", None):
        analysis = ServiceAnalysis(segment=segment, criteria=("tidy",)).fit(flagged)
        assert analysis.metrics_ is analysis.overall_metrics_ is None
        analysis.report(tmp_path / "report.html")
        reader, _ = read_page(tmp_path / "report.html")
        assert "fill rates and times: the order lines have no such columns" in reader.text
    with pytest.raises(DataError, match="cycle_from='placed'"):
        ServiceAnalysis(criteria=("tidy",), cycle_from="placed").fit(flagged)


@pytest.mark.parametrize("name", ["lines", "orders", "criterion"])
def test_a_segment_called_like_a_column_of_the_result_is_refused(name, lines):
    """The message names the parameter of the analysis."""
    with pytest.raises(ValueError, match=rf"^segment must not be named .* found '{name}'"):
        ServiceAnalysis(segment=name).fit(lines.assign(**{name: "a"}))


@pytest.mark.filterwarnings("ignore::custvalue.exceptions.DataQualityWarning")
def test_one_criterion_may_have_an_estimate_of_its_own(lines, customers, tmp_path):
    """The report tells which probability is estimated, and within which limits."""
    some = customers.assign(probability_alive=(customers["probability_alive"] > 0.4).astype(float))
    given = dict.fromkeys(CRITERIA, 0.1) | {"on_time": None}
    analysis = ServiceAnalysis(leaving_probability=given)
    analysis.fit(lines, customers=some)
    analysis.report(tmp_path / "report.html")
    text = " ".join(read_page(tmp_path / "report.html")[0].text)
    assert re.search(r"on time [\d.]+.% \(estimated, 95.% interval", text)
    assert "on time: with failure" in text


# Warnings


def test_warnings_are_given_at_the_line_of_the_user(lines, customers, survey, tmp_path):
    """Those of strangers, of the estimate, and of the survey, at fit and of the costs."""
    some = customers.loc[1:40].assign(value=-1.0)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        analysis = ServiceAnalysis(leaving_probability=None).fit(lines, customers=some)
        analysis.customer_costs(lines, some)
    texts = " ".join(str(one.message) for one in said)
    for words in ("are not in customers", "may be confounded", "negative"):
        assert words in texts
    assert {one.filename for one in said} == {__file__}


@pytest.mark.parametrize("segment", [None, "region", "tier"])
def test_warnings_of_files_are_given_once_at_the_line_of_the_user(
    segment, lines, customers, tmp_path
):
    """However often the lines are read, with the segments of customers beside them or not."""
    aware = lines.assign(delivered=lines["delivered"].dt.tz_localize("UTC"))
    path = str(tmp_path / "lines.parquet")
    aware.to_parquet(path)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        analysis = ServiceAnalysis(segment=segment, leaving_probability=0.1)
        analysis.fit(path, customers=customers)
        analysis.transform(path)
    found = [one for one in said if issubclass(one.category, DataQualityWarning)]
    assert [one.filename for one in found] == [__file__] * 2


# The queue


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_no_open_orders_are_an_empty_queue(kind, analysis, waiting, customers, tmp_path):
    """It has the columns of a queue, and the report says that nobody waits."""
    makers = {"polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}
    nobody = makers.get(kind, lambda frame: frame)(waiting.head(0))
    for given in (customers, None):
        X = nobody
        if given is None:
            X = makers.get(kind, lambda frame: frame)(waiting.head(0).assign(value=1.0))
        queue = analysis.priority_queue(X, customers=given)
        assert type(queue) is type(X)
        assert len(queue) == 0
        names = queue.column_names if kind == "pyarrow" else list(queue.columns)
        assert set(names) == {*waiting.columns, "value", "score", "priority"}
    path = tmp_path / "report.html"
    analysis.report(path, open_orders=nobody, customers=customers)
    assert "There are no open orders" in read_page(path)[0].text


def test_ready_ranks_are_not_weighed(lines, waiting, customers, tmp_path):
    """By hand: ranks 2, 1, 3 times importance 1, 3, 2 are 2, 3, 6, whatever customers are worth."""
    ranked = waiting.drop(columns="profit").assign(place=[2, 1, 3])
    priority = OrderPriority(profit=None, profit_rank="place")
    analysis = ServiceAnalysis(priority=priority).fit(lines)
    alone = analysis.priority_queue(ranked.iloc[::-1])
    assert alone["order"].tolist() == [901, 902, 903]
    assert alone["score"].tolist() == [2, 3, 6]
    assert "value" not in alone.columns
    beside = analysis.priority_queue(ranked, customers=customers)
    assert beside["score"].tolist() == [2, 3, 6]
    assert beside["value"].tolist() == customers["value"].loc[[7, 8, 9]].tolist()
    analysis.report(tmp_path / "report.html", open_orders=ranked)
    text = read_page(tmp_path / "report.html")[0].text
    assert "Profit rank" in text
    assert "The first 3 orders of the queue, by profit rank and importance" in text


def test_the_queue_is_sorted_by_value_weighted_priority(analysis, waiting, customers):
    """Priorities are those of OrderPriority with the values of the customers."""
    queue = analysis.priority_queue(waiting, customers=customers)
    valued = waiting.assign(value=waiting["customer"].map(customers["value"]))
    expected = OrderPriority(customer_value="value").fit_transform(valued)
    expected = valued.join(expected).sort_values("priority", kind="stable")
    pd.testing.assert_frame_equal(queue, expected)
    assert analysis.priority_queue(valued).equals(expected)


@pytest.mark.parametrize("kind", ["polars", "pyarrow"])
def test_the_queue_is_of_the_kind_of_the_open_orders(kind, analysis, waiting, customers):
    """polars gives polars, Arrow gives Arrow, in the same order."""
    other = pl.from_pandas(waiting) if kind == "polars" else pa.Table.from_pandas(waiting)
    found = analysis.priority_queue(other, customers=customers)
    assert type(found) is type(other)
    expected = analysis.priority_queue(waiting, customers=customers)
    pd.testing.assert_frame_equal(
        found.to_pandas().reset_index(drop=True), expected.reset_index(drop=True)
    )


def test_the_queue_follows_the_parameter(lines, bare, waiting, customers):
    """The priority that is given decides, and stays as it was."""
    priority = OrderPriority(scale="1_is_least_urgent")
    analysis = ServiceAnalysis(priority=priority).fit(lines)
    turned = waiting.assign(importance=4 - waiting["importance"])
    found = analysis.priority_queue(turned, customers=customers)
    expected = bare.priority_queue(waiting, customers=customers)
    assert found["order"].tolist() == expected["order"].tolist()
    assert priority.customer_value is None


@pytest.mark.parametrize(
    ("change", "given", "message"),
    [
        ({"score": 1}, True, "no column 'score'"),
        ({"value": 1.0}, True, "leave one of them out"),
        ({}, False, "a column 'value': give it, or the table of customers"),
        ({"customer": [7, 8, 99]}, True, r"row 2 has customer=99 \(1 such row\)"),
        ({"customer": [97, 98, 99]}, True, "found none of them"),
        ({"importance": 4}, True, "importance must be 1, 2 or 3"),
        ({"customer": None}, True, "found none of them"),
    ],
)
def test_a_queue_that_cannot_be_sorted_is_refused(
    change, given, message, analysis, waiting, customers
):
    """The message says what is missing or twice there."""
    with pytest.raises(DataError, match=message):
        analysis.priority_queue(waiting.assign(**change), customers=customers if given else None)


def test_a_queue_without_customers_is_refused(analysis, waiting, customers):
    """Arrays have no columns, and who waits must be told."""
    with pytest.raises(DataError, match="a column 'customer': it tells who waits"):
        analysis.priority_queue(waiting.drop(columns="customer"), customers=customers)
    with pytest.raises(TypeError, match="found an array"):
        analysis.priority_queue(np.ones((3, 3)))


# Errors


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda some: some.drop(columns="value"), "missing: value"),
        (lambda some: some.assign(value=np.nan), "column 'value' must be finite"),
        (lambda some: pd.concat([some, some]), r"row 60 \(customer_id 1\) is there before"),
        (lambda some: some.reset_index(drop=True), "found rows without a name"),
        (lambda some: some.set_axis([f"c{i}" for i in range(60)]), "found none of them"),
        (lambda some: some.assign(tier=None), "column 'tier' must be known for every customer"),
        (lambda some: some.assign(customer=[None, *range(59)]), "row 0 has none"),
        (lambda some: some.rename(columns={"value": "orders"}), "missing: value"),
    ],
)
def test_bad_customers_are_refused(change, message, lines, customers):
    """The message names the column or the row."""
    analysis = ServiceAnalysis(segment="tier", leaving_probability=0.1)
    with pytest.raises(DataError, match=message):
        analysis.fit(lines, customers=change(customers))


def test_customers_must_be_a_frame(lines):
    """An array has no ids."""
    with pytest.raises(TypeError, match="ids of the customers; found an array"):
        ServiceAnalysis(leaving_probability=0.1).fit(lines, customers=np.ones((3, 1)))


def test_a_value_called_like_a_criterion_is_refused(lines, customers):
    """Two columns of one name would be one."""
    named = customers.rename(columns={"value": "orders"})
    with pytest.raises(DataError, match="not be called like a criterion or 'orders'"):
        ServiceAnalysis(value="orders", leaving_probability=0.1).fit(lines, customers=named)


def test_orders_without_a_customer_are_refused(lines):
    """Nobody's orders belong to no row."""
    nobody = lines.assign(customer=lines["customer"].where(lines["order"] > 3).astype("Int64"))
    with pytest.raises(DataError, match="the customer of every order; found none for 3 orders"):
        ServiceAnalysis().fit(nobody)


def test_the_segment_must_not_be_the_customer(lines, customers):
    """A segment of one is none, whether the table of customers has the column or not."""
    named = customers.rename_axis("customer").reset_index()
    with pytest.raises(DataError, match="segment must not be the column of customers"):
        ServiceAnalysis(segment="customer", leaving_probability=0.1).fit(lines, customers=named)
    with pytest.raises(DataError, match="segment must not be the column of customers"):
        ServiceAnalysis(segment="customer", leaving_probability=0.1).fit(lines, customers=customers)


def test_costs_need_customers_at_fit(bare, lines, customers):
    """Without them nothing was learned of what a failure does."""
    with pytest.raises(ValueError, match="customers must have been given to fit"):
        bare.customer_costs(lines, customers)


@pytest.mark.parametrize("use", ["transform", "customer_costs", "priority_queue", "report"])
def test_nothing_is_said_before_fit(use, lines, customers):
    """An analysis that was not fitted says so."""
    arguments = [lines, customers] if use == "customer_costs" else [lines]
    with pytest.raises(NotFittedError):
        getattr(ServiceAnalysis(), use)(*arguments)


# Files


def test_a_saved_analysis_says_the_same(analysis, lines, customers, waiting, report, tmp_path):
    """Tables, queue and report, the report to the byte."""
    analysis.save(tmp_path / "model.json")
    other = custvalue.load(tmp_path / "model.json")
    pd.testing.assert_frame_equal(other.transform(lines), analysis.transform(lines))
    costs = analysis.customer_costs(lines, customers)
    pd.testing.assert_frame_equal(other.customer_costs(lines, customers), costs)
    other.report(tmp_path / "report.html", open_orders=waiting, customers=customers)
    assert (tmp_path / "report.html").read_bytes() == report.read_bytes()
    assert (tmp_path / "model.json").stat().st_size < 40_000


def test_the_report_is_a_well_formed_page_that_asks_for_nothing(report):
    """Every element closes, every id is its own, every picture is labelled; no script, no link."""
    reader, page = read_page(report)
    assert page.startswith("<!doctype html>")
    assert "http" not in page
    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(reader.tags)
    assert re.findall(r"@import|url\((?!#)", page) == []
    ids = [value for key, value in reader.attributes if key == "id"]
    assert len(ids) == len(set(ids))
    assert reader.tags.count("svg") == 5
    assert len([1 for key, value in reader.attributes if key == "aria-label" and value]) == 5
    assert reader.tags.count("caption") == reader.tags.count("table")
    labels = [value for key, value in reader.attributes if key == "aria-labelledby"]
    assert set(labels) <= set(ids)
    used = set(re.findall(r"var\((--[\w-]+)\)", page))
    assert used <= set(re.findall(r"(--[\w-]+):", page))


def test_the_report_shows_the_figures_of_the_tables(report, analysis):
    """Perfect orders, elements and costs are those that were fitted."""
    reader, _ = read_page(report)
    text = " ".join(reader.text).replace("\u00a0", " ")
    observed = analysis.overall_.observed_["perfect"].iloc[0]
    assert f"{100 * observed:.1f} % of the orders are perfect" in text
    assert f"{analysis.lost_sales_cost_.total_['expected_cost']:,.0f}" in text
    for element in ELEMENTS:
        assert element.replace("_", " ") in text
    assert "gold" in text
    assert "Of 3 open orders, serve" in text
    assert "Not in this report" not in text


def test_a_report_says_what_was_not_given(bare, tmp_path):
    """Sections are left out, and named with the reason."""
    bare.report(tmp_path / "report.html")
    reader, _ = read_page(tmp_path / "report.html")
    text = " ".join(reader.text)
    assert "segments: none were named" in text
    assert "elements of service: no survey was given" in text
    assert "the cost of lost sales: no customers were given" in text
    assert "which orders to serve first: no open orders were given" in text
    assert reader.tags.count("svg") == 1
    assert "What failures cost" not in text


def test_the_report_tells_of_an_estimate(estimated, tmp_path):
    """The interval, who was compared, and that nobody chose at random stand beside the cost."""
    estimated.report(tmp_path / "report.html")
    reader, _ = read_page(tmp_path / "report.html")
    text = " ".join(reader.text)
    assert "may be confounded" in text
    assert "with failure" in text


def test_the_report_escapes_what_users_wrote(lines, customers, waiting, tmp_path):
    """Segments, orders and the title are text, whatever is in them."""
    evil = "<script>alert('&')</script>"
    analysis = ServiceAnalysis(segment="tier", leaving_probability=0.1)
    analysis.fit(lines, customers=customers.assign(tier=evil))
    path = tmp_path / "report.html"
    analysis.report(path, open_orders=waiting.assign(order=evil), customers=customers, title=evil)
    reader, _ = read_page(path)
    assert "script" not in reader.tags
    assert reader.text.count(evil) >= 4


def test_a_report_that_fails_leaves_the_old_file(bare, tmp_path, monkeypatch):
    """The file is written whole or not at all."""
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")

    def fail(contents, template):
        raise RuntimeError("no page")

    monkeypatch.setattr("custvalue.workflow.service_analysis.render", fail)
    with pytest.raises(RuntimeError, match="no page"):
        bare.report(path)
    assert path.read_text(encoding="utf-8") == "old"


def test_the_default_ranking_follows_satisfaction(lines, survey):
    """Derived importance where satisfaction was asked; a survey without it is refused by name."""
    few = survey.head(60)
    asked = ServiceAnalysis(random_state=5).fit(lines, survey=few).element_ranking_
    assert (asked.method, asked.random_state) == ("lmg", 5)
    plain = few.drop(columns="overall_satisfaction")
    with pytest.raises(DataError, match="satisfaction must name a column"):
        ServiceAnalysis().fit(lines, survey=plain)


def test_without_satisfaction_elements_are_ranked_by_factors():
    """Nobody asked how satisfied respondents are: factor weights are what there is."""
    ranking = ServiceAnalysis(satisfaction=None)._ranking()
    assert (ranking.method, ranking.satisfaction) == ("loading", None)


def test_orders_looked_at_from_a_day_are_open_or_late(lines):
    """``as_of`` reaches every part."""
    seen = make_order_lines(200, n_customers=20, as_of="2025-05-01", random_state=0)
    now = ServiceAnalysis(as_of="2025-05-01").fit(seen)
    expected = PerfectOrder(as_of="2025-05-01").fit(seen)
    pd.testing.assert_frame_equal(now.overall_.observed_, expected.observed_)
    assert now.data_quality_["lines_open"] > 0
