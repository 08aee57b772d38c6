from __future__ import annotations

import copy
import re
import warnings
from html.parser import HTMLParser

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator

import custvalue
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.lifetime import BetaGeoNBD, GammaGamma
from custvalue.segmentation import SegmentRule
from custvalue.workflow import CustomerAnalysis

END = "1998-06-30"
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
    """Return the parsed page and its bytes."""
    page = path.read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader, page


@pytest.fixture(scope="module")
def report(analysis, orders, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    analysis.report(orders, path)
    return path


def test_the_calibration_part_gives_the_published_parameters(orders):
    """Fitted up to 30 September 1997, both models are those of the literature."""
    analysis = CustomerAnalysis(observation_end="1997-09-30", holdout=None).fit(orders)
    # Published: CLVTools for BG/NBD (seven digits), four for Gamma-Gamma.
    published = [0.2425945, 4.4136019, 0.7929199, 2.4258881]
    np.testing.assert_allclose(analysis.value_.attrition_.params_, published, rtol=1e-4)
    spend = [6.2497, 3.7442, 15.4430]
    np.testing.assert_allclose(analysis.value_.spend_.params_, spend, rtol=1e-4)
    assert analysis.data_quality_["orders_after_observation"] > 0


def test_the_default_holdout_is_the_published_one(analysis):
    """Half of the 78 weeks is the split of the literature; the model saw the first half alone."""
    expected = [0.2250893, 0.5231364, 1.044126, 1.520256, 2.163824, 2.653789, 3.503957, 6.157036]
    observed = [0.2367116, 0.6970387, 1.392523, 1.56, 2.532258, 2.947368, 3.862069, 6.359375]
    table = analysis.holdout_
    assert analysis.calibration_end_ == pd.Timestamp("1997-09-30")
    assert table["customers"].tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    np.testing.assert_allclose(table["observed"], observed, rtol=5e-7)
    # The published search stopped at other parameters than ours, five digits alike.
    np.testing.assert_allclose(table["expected"], expected, rtol=1e-4)


def test_the_customer_table_joins_the_parts(analysis, orders, customers):
    """Every column is what its part says of the customer."""
    summary = analysis.summary_.transform(orders)
    value = analysis.value_.transform(summary)
    scores = analysis.segmenter_.scorer_.transform(summary)
    assert customers.index.name == "customer_id"
    assert customers.index.is_monotonic_increasing
    assert customers.columns.tolist() == analysis.get_feature_names_out().tolist()
    for part in (summary, value, scores, analysis.segmenter_.transform(summary)):
        pd.testing.assert_frame_equal(customers[part.columns.tolist()], part, check_flags=False)


def test_total_value_is_what_was_spent(orders, customers):
    """Sums over customers are sums over orders."""
    assert customers["total_value"].sum() == pytest.approx(orders["amount"].sum())
    assert customers["n_orders"].sum() == len(orders)


def test_fit_transform_is_fit_and_transform(orders, customers):
    """One pass gives the same table."""
    found = CustomerAnalysis(observation_end=END, holdout=None).fit_transform(orders)
    pd.testing.assert_frame_equal(found, customers)


def in_parquet(orders, folder):
    """Write the orders as a Parquet file."""
    orders.to_parquet(folder / "orders.parquet")
    return str(folder / "orders.parquet")


def in_csv(orders, folder):
    """Write the orders as a CSV file."""
    orders.to_csv(folder / "orders.csv", index=False)
    return folder / "orders.csv"


FORMS = {
    "polars": lambda orders, folder: pl.from_pandas(orders),
    "pyarrow": lambda orders, folder: pa.Table.from_pandas(orders, preserve_index=False),
    "duckdb": lambda orders, folder: duckdb.connect().from_arrow(pa.Table.from_pandas(orders)),
    "parquet": in_parquet,
    "csv": in_csv,
}


@pytest.mark.parametrize("form", FORMS)
def test_orders_in_any_form_give_the_same_customers(form, analysis, orders, customers, tmp_path):
    """Frames, relations and files are read alike, by fit, transform and the holdout."""
    X = FORMS[form](orders, tmp_path)
    other = CustomerAnalysis(observation_end=END).fit(X)
    found = other.transform(X)
    if form in ("polars", "pyarrow"):
        assert type(found).__module__.split(".")[0] == form
        found = found.to_pandas().set_index("customer_id")
    pd.testing.assert_frame_equal(found, customers, check_dtype=False, rtol=1e-12)
    pd.testing.assert_frame_equal(other.holdout_, analysis.holdout_, rtol=1e-9)


def test_the_output_frame_can_be_chosen(analysis, orders):
    """``set_output`` decides whatever comes in."""
    other = clone(analysis).set_params(holdout=None).set_output(transform="polars").fit(orders)
    found = other.transform(orders)
    assert isinstance(found, pl.DataFrame)
    assert found.columns[0] == "customer_id"


def test_a_saved_analysis_scores_alike(analysis, orders, customers, tmp_path):
    """The file holds the models and cut points, and no orders."""
    path = tmp_path / "model.json"
    analysis.save(path)
    other = custvalue.load(path)
    pd.testing.assert_frame_equal(other.transform(orders), customers)
    pd.testing.assert_frame_equal(other.holdout_, analysis.holdout_)
    pd.testing.assert_series_equal(other.data_quality_, analysis.data_quality_)
    assert (other.holdout_note_, other.calibration_end_) == (
        analysis.holdout_note_,
        analysis.calibration_end_,
    )
    assert path.stat().st_size < 40_000


def test_a_loaded_analysis_reports_alike(analysis, orders, report, tmp_path):
    """The report of a loaded model is the same to the byte."""
    analysis.save(tmp_path / "model.json")
    custvalue.load(tmp_path / "model.json").report(orders, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_bytes() == report.read_bytes()


def test_an_analysis_with_its_own_parts_can_be_saved(orders, tmp_path):
    """Models, rules and dates that are parameters survive the file."""
    spend = FrozenEstimator(GammaGamma.from_params({"p": 6.25, "q": 3.74, "v": 15.44}))
    rules = [SegmentRule("Active", r=(4, 5)), SegmentRule("Asleep", r=(1, 3), action="Wake.")]
    analysis = CustomerAnalysis(
        observation_end=pd.Timestamp(END), attrition=BetaGeoNBD(), spend=spend, rules=rules
    ).fit(orders)
    analysis.save(tmp_path / "model.json")
    other = custvalue.load(tmp_path / "model.json")
    pd.testing.assert_frame_equal(other.transform(orders), analysis.transform(orders))
    assert set(other.transform(orders)["segment"]) == {"Active", "Asleep"}


def test_later_orders_are_refused_where_the_clock_was_inferred(orders, tmp_path):
    """Neither table nor report is made at a clock that the orders have outrun."""
    early = orders[orders["date"] <= "1998-01-31"]
    with pytest.warns(DataQualityWarning, match="observation_end was inferred to be 1998-01-31"):
        analysis = CustomerAnalysis(holdout=None).fit(early)
    path = tmp_path / "report.html"
    for use in (analysis.transform, lambda X: analysis.report(X, path)):
        with pytest.raises(DataError, match="must not lie after 1998-01-31"):
            use(orders)
    assert not path.exists()


def test_later_orders_are_left_out_and_counted_where_the_clock_was_given(orders):
    """A given clock holds for whatever comes."""
    analysis = CustomerAnalysis(observation_end="1998-01-31", holdout=None).fit(orders)
    later = int((orders["date"] > "1998-01-31").sum())
    assert analysis.data_quality_["orders_after_observation"] == later
    assert analysis.transform(orders)["n_orders"].sum() == len(orders) - later


def test_new_orders_are_scored_at_a_clock_of_their_own(analysis, orders, customers):
    """Models and cut points stay; the day from which customers are looked at moves."""
    with pytest.warns(DataQualityWarning, match="inferred to be 1998-06-30"):
        inferred = analysis.transform_at(orders)
    pd.testing.assert_frame_equal(inferred, customers)
    later = analysis.transform_at(orders, "1998-12-31")
    np.testing.assert_allclose(later["T"] - customers["T"], 184 / 7)
    repeat = customers["frequency"] > 0
    assert (later["probability_alive"] < customers["probability_alive"])[repeat].all()
    summary = later[["frequency", "recency", "T", "monetary_value", "total_value"]]
    assert later["segment"].tolist() == analysis.segmenter_.predict(summary).tolist()
    assert analysis.observation_end_ == pd.Timestamp(END)


def test_a_clock_that_is_moved_after_the_fit_holds(analysis, orders):
    """set_params on the analysis moves the day from which transform looks; its parts stay."""
    moved = copy.deepcopy(analysis).set_params(observation_end="1998-12-31")
    moved.value_.set_output(transform="polars")
    pd.testing.assert_frame_equal(
        moved.transform(orders), analysis.transform_at(orders, "1998-12-31")
    )
    assert moved.value_._sklearn_output_config == {"transform": "polars"}


def test_the_margin_scales_value_and_the_segments_stay(orders, customers):
    """Parameters reach the part that they belong to."""
    other = CustomerAnalysis(observation_end=END, margin=0.3, holdout=None).fit_transform(orders)
    np.testing.assert_allclose(other["value"], 0.3 * customers["value"])
    assert other["segment"].tolist() == customers["segment"].tolist()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"amount": None}, "amount must name the column .* found None"),
        ({"time_unit": "fortnight"}, "'time_unit' parameter .* Got 'fortnight'"),
        ({"holdout": 1.5}, "'holdout' parameter .* Got 1.5"),
        ({"holdout": "1990-01-01"}, "holdout must be a day from .* found '1990-01-01'"),
        ({"margin": -1}, "'margin' parameter .* Got -1"),
        ({"margin": "share"}, "'margin' parameter"),
        ({"annual_discount_rate": -0.1}, "'annual_discount_rate' parameter"),
        ({"horizon": "soon"}, "horizon must be .* found 'soon'"),
        ({"attrition": "BG/NBD"}, "'attrition' parameter"),
        ({"rules": "standard"}, "'rules' parameter"),
        ({"rules": [SegmentRule("A", r=(1, 2))]}, "exactly one segment"),
        ({"attrition": BetaGeoNBD(time_unit="day")}, "time_unit of the attrition model"),
        ({"customer": "who"}, "missing: who"),
    ],
)
def test_wrong_parameters_are_named(orders, parameters, message):
    """The message names the parameter, what it must be and what was found."""
    analysis = CustomerAnalysis(**({"observation_end": END} | parameters))
    with pytest.raises(ValueError, match=message):
        analysis.fit(orders)
    assert not hasattr(analysis, "value_")


def test_what_is_not_a_table_is_refused():
    """The message says what would do."""
    with pytest.raises(TypeError, match="needs a table"):
        CustomerAnalysis().fit([[1, 2, 3]])


@pytest.mark.parametrize("use", ["transform", "transform_at"])
def test_nothing_is_said_before_fit(orders, use):
    """An analysis that was not fitted says so."""
    with pytest.raises(NotFittedError):
        getattr(CustomerAnalysis(), use)(orders)


def test_orders_are_neither_changed_nor_kept(orders):
    """The frame is as before, and what is fitted does not grow with it."""
    before = orders.copy()
    analysis = CustomerAnalysis(observation_end=END, holdout=None).fit(orders)
    pd.testing.assert_frame_equal(orders, before)
    frames = [value for value in vars(analysis).values() if isinstance(value, pd.DataFrame)]
    assert all(len(frame) < 20 for frame in frames)


def test_the_report_asks_for_nothing_from_anywhere(report):
    """No address, no script, no import: the page is complete in itself."""
    reader, page = read_page(report)
    assert "http" not in page
    assert {"script", "link", "img", "iframe", "object", "image"}.isdisjoint(reader.tags)
    sources = [v for k, v in reader.attributes if k in ("src", "href", "srcset", "xlink:href")]
    assert all(value.startswith("#") for value in sources)
    assert re.findall(r"@import|url\((?!#)", page) == []


def test_the_report_is_a_well_formed_page(report):
    """Every element closes, every id is its own, every picture and table is labelled."""
    reader, page = read_page(report)
    assert page.startswith("<!doctype html>")
    ids = [value for key, value in reader.attributes if key == "id"]
    assert len(ids) == len(set(ids))
    assert reader.tags.count("svg") == 4
    assert len([1 for key, value in reader.attributes if key == "aria-label" and value]) == 4
    assert reader.tags.count("caption") == reader.tags.count("table")
    assert ("lang", "en") in reader.attributes
    labels = [value for key, value in reader.attributes if key == "aria-labelledby"]
    assert set(labels) <= set(ids)


def test_the_report_shows_the_figures_of_the_table(report, customers):
    """Headline and best customer are those of the customer table."""
    reader, _ = read_page(report)
    text = " ".join(reader.text)
    best = customers["value"].idxmax()
    assert f"{customers['value'].sum():,.0f}" in text
    assert f"{customers['total_value'].sum():,.0f}" in text
    assert f"{customers['expected_purchases'].sum():,.0f}" in text
    assert f"{customers.loc[best, 'value']:,.2f}" in text
    assert custvalue.__version__ in text


def test_every_variable_of_the_page_is_defined(report):
    """Colours exist, by day and by night."""
    _, page = read_page(report)
    used = set(re.findall(r"var\((--[\w-]+)\)", page))
    light, dark = page.split("prefers-color-scheme: dark", 1)
    defined = set(re.findall(r"(--[\w-]+):", light))
    assert used <= defined
    assert defined == set(re.findall(r"(--[\w-]+):", dark))


def test_the_same_orders_give_the_same_bytes(analysis, orders, report, tmp_path):
    """Nothing in the report depends on the time or on chance."""
    analysis.report(orders, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == report.read_bytes()


def test_the_report_escapes_what_users_wrote(orders, tmp_path):
    """Ids, segments, actions and the title are text, whatever is in them."""
    evil = "<script>alert('&')</script>"
    named = orders.assign(customer_id=evil + orders["customer_id"].astype(str))
    rules = [SegmentRule(evil, action=evil)]
    analysis = CustomerAnalysis(observation_end=END, holdout=None, rules=rules).fit(named)
    analysis.report(named, tmp_path / "report.html", title=evil)
    reader, _ = read_page(tmp_path / "report.html")
    assert "script" not in reader.tags
    assert reader.text.count(evil) >= 3


def test_a_report_that_fails_leaves_the_old_file(analysis, orders, tmp_path, monkeypatch):
    """The file is written whole or not at all."""
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")

    def fail(contents):
        raise RuntimeError("no page")

    monkeypatch.setattr("custvalue.workflow.customer_analysis.render", fail)
    with pytest.raises(RuntimeError, match="no page"):
        analysis.report(orders, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["report.html"]


def test_a_report_without_a_holdout_says_why(orders, tmp_path):
    """Three pictures are left, and the reason stands where the fourth would."""
    analysis = CustomerAnalysis(observation_end=END, holdout=None).fit(orders)
    analysis.report(orders, tmp_path / "report.html")
    reader, _ = read_page(tmp_path / "report.html")
    assert reader.tags.count("svg") == 3
    assert "No holdout was asked for." in reader.text


def test_an_infinite_horizon_can_be_reported(orders, tmp_path):
    """Value for ever is finite where it is discounted, and the words fit."""
    few = orders[orders["customer_id"] <= 300]
    analysis = CustomerAnalysis(observation_end=END, horizon=float("inf"), holdout=None).fit(few)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        analysis.report(few, tmp_path / "report.html")
    reader, _ = read_page(tmp_path / "report.html")
    assert "value from now on" in reader.text
