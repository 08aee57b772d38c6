"""Reading tables of cohorts: curves, averages, and how young cohorts go on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.exceptions import NotFittedError

from custvalue._estimator.persistence import stored_type
from custvalue._estimator.reading import read_estimator
from custvalue.exceptions import ConvergenceWarning, DataError, DataQualityWarning
from custvalue.retention import cohort_retention
from custvalue.retention.cohort_retention import CohortRetention

REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]


def fader_hardie():
    """Return the two cohorts of Fader & Hardie (2007), table 1, in 1,000 customers each."""
    index = pd.Index(["Regular", "High-End"], name="cohort")
    return pd.DataFrame([REGULAR, HIGH_END], index=index, columns=[str(age) for age in range(8)])


def young():
    """Return six cohorts, the youngest with its size alone."""
    generator = np.random.default_rng(0)
    counts = np.full((6, 6), np.nan)
    counts[:, 0] = generator.integers(200, 400, 6)
    for i in range(6):
        for age in range(1, 6 - i):
            counts[i, age] = generator.binomial(int(counts[i, age - 1]), 1 - 0.4 / age**0.5)
    index = pd.date_range("2024-01-01", periods=6, freq="MS", name="month")
    return pd.DataFrame(counts, index=index, columns=[str(age) for age in range(6)])


def active():
    """Return the orders of five cohorts, which come and go."""
    generator = np.random.default_rng(1)
    there = np.full(5, 400)
    columns = {"0": there.astype(float)}
    for age in range(1, 8):
        there = generator.binomial(there, 1 - 0.3 / age)
        columns[str(age)] = np.where(age < 8 - np.arange(5), generator.binomial(there, 0.4), np.nan)
    return pd.DataFrame(columns)


def fitted(X, **parameters):
    """Return a fitted reading with a seed."""
    return CohortRetention(**{"random_state": 0, "n_draws": 200, **parameters}).fit(X)


def test_unpooled_parameters_are_the_published_ones():
    """Fader & Hardie (2007), table 1, to six digits."""
    model = fitted(fader_hardie(), pooling="none")
    expected = [[0.704077, 1.182043], [0.668088, 3.806095]]
    np.testing.assert_allclose(model.params_[["alpha", "beta"]], expected, atol=1e-6)
    assert model.params_.index.tolist() == ["Regular", "High-End"]


def test_the_published_projections_are_met():
    """Years 8 to 12 are within 0.02 of what was observed later (table 1)."""
    observed = {
        "Regular": [0.223, 0.207, 0.194, 0.183, 0.173],
        "High-End": [0.468, 0.445, 0.427, 0.409, 0.394],
    }
    found = fitted(fader_hardie(), horizon=5).transform(fader_hardie())
    for cohort, shares in observed.items():
        np.testing.assert_allclose(found.loc[cohort, "8":"12"], shares, atol=0.02)


def test_what_was_observed_stays_and_the_rest_is_filled():
    """Shares of known cells are theirs; no cell is missing and none rises."""
    X = young()
    found = fitted(X, horizon=3).transform(X)
    assert found.columns.tolist() == [str(age) for age in range(9)]
    shares = X.div(X["0"], axis=0)
    np.testing.assert_array_equal(found[X.columns].where(X.notna()), shares)
    assert (np.diff(found, axis=1) <= 0).all()
    assert ((found >= 0) & (found <= 1)).all(axis=None)
    pd.testing.assert_index_equal(found.index, X.index)


def test_transform_gives_what_project_gives():
    """The shares of all cohorts and ages are the same estimates."""
    model = fitted(young())
    wide = model.transform(young()).to_numpy()
    np.testing.assert_allclose(model.project(of="share")["estimate"], wide.ravel(), rtol=1e-10)


def test_survival_rises_nowhere_else_it_is_activity():
    """The kind "auto" looks at the rows, and says what it decided."""
    model = fitted(young())
    assert model.kind_ == "survival"
    assert "kind is 'survival': no row rises" in model.notes_
    model = fitted(active())
    assert model.kind_ == "activity"
    assert "rows rise" in model.notes_[0]
    assert model.params_.columns.tolist() == ["alpha", "beta", "order_probability"]
    with pytest.raises(DataError, match="where kind is 'survival'"):
        fitted(active(), kind="survival")
    assert fitted(young(), kind="activity").kind_ == "activity"


def test_a_table_that_says_what_it_counts_is_believed():
    """A cohort table is one of activity though no row rises; other measures are refused."""
    X = young()
    X.attrs.update(measure="customers", relative=False, period="month")
    model = fitted(X)
    assert model.kind_ == "activity"
    assert model.notes_[0] == "kind is 'activity': the table counts customers who ordered"
    for said in ({"measure": "revenue"}, {"relative": True}):
        X.attrs.update(said)
        with pytest.raises(DataError, match="needs numbers of customers by cohort and age"):
            fitted(X)


def test_periods_that_are_cut_short_are_refused():
    """The last cell of each cohort would be too small."""
    X = young()
    X.attrs.update(measure="customers", relative=False, period="month", incomplete="keep")
    with pytest.raises(DataError, match="needs whole periods; X was made with incomplete='keep'"):
        fitted(X)


def test_cohorts_that_nobody_joined_are_left_out():
    """A row of zeros changes nothing and is noted; customers without a size are refused."""
    X, empty = young(), young()
    empty.loc[empty.index[-1] + pd.Timedelta(days=31)] = [0.0, *[np.nan] * (X.shape[1] - 1)]
    model = fitted(empty)
    pd.testing.assert_frame_equal(model.params_, fitted(X).params_)
    assert any(note.startswith("1 cohort that nobody joined") for note in model.notes_)
    empty.iloc[-1, :2] = [0.0, 3.0]
    with pytest.raises(DataError, match="column '0' must be positive"):
        fitted(empty)


def test_a_table_that_cannot_say_what_it_counts_is_doubted():
    """polars carries no notes, so that a guess of contracts is said."""
    X = pl.from_pandas(young().rename_axis("cohort").reset_index())
    with pytest.warns(DataQualityWarning, match="does not say what it counts; kind is taken"):
        assert fitted(X).kind_ == "survival"
    assert fitted(X, kind="survival").kind_ == "survival"


def test_rows_that_rise_are_refused_by_a_model_of_survival():
    """Also where they come later."""
    model, X = fitted(young()), young()
    X.iloc[0, 2] = X.iloc[0, 1] + 1
    with pytest.raises(DataError, match="'2' must not exceed column '1'"):
        model.transform(X)


def test_long_and_wide_tables_give_the_same_model():
    """Survival counts one row a period are the same table; transform wants it wide."""
    X = young()
    stacked = X.rename(columns=int).stack().rename("customers").dropna()
    long = stacked.rename_axis(["cohort", "period"]).reset_index()
    one, other = fitted(X), fitted(long)
    pd.testing.assert_frame_equal(one.params_, other.params_, check_index_type=False)
    pd.testing.assert_frame_equal(one.project(), other.project())
    with pytest.raises(DataError, match="needs a wide table"):
        other.transform(long)
    with pytest.raises(DataError, match="'2' must not exceed"):
        fitted(long.assign(customers=long["customers"].mask(long["period"] == 2, 199)))


def test_shares_with_sizes_are_counts():
    """Fitting and transforming shares, or percent, gives what counts give."""
    counts = young()
    expected = fitted(counts)
    for unit in (1.0, 100.0):
        shares = counts.div(counts["0"], axis=0) * unit
        model = CohortRetention(random_state=0, n_draws=200)
        found = model.fit_transform(shares, sizes=counts["0"])
        np.testing.assert_allclose(found, expected.transform(counts), rtol=1e-12)
        np.testing.assert_array_equal(model.params_, expected.params_)


def test_the_order_of_cohorts_does_not_matter():
    """Shuffled rows give the same model, bands included."""
    X = young()
    one, other = fitted(X), fitted(X.iloc[::-1])
    pd.testing.assert_frame_equal(one.params_, other.params_.iloc[::-1], rtol=1e-12)
    order = ["cohort", "age"]
    pd.testing.assert_frame_equal(
        one.project(), other.project().sort_values(order, ignore_index=True), rtol=1e-9
    )


def test_ten_times_the_customers_make_narrower_bands_of_the_same_middle():
    """The unit of counts is customers: more of them know more."""
    one, ten = fitted(fader_hardie() // 5), fitted(fader_hardie() * 2)
    small, large = (model.project([7, 10], of="share") for model in (one, ten))
    np.testing.assert_allclose(small["estimate"], large["estimate"], atol=0.02)
    narrow, wide = ((f["upper"] - f["lower"])[f["age"] == 10] for f in (large, small))
    assert (narrow < wide).all()


def test_curves_and_average_are_those_of_the_counts():
    """Cells over sizes, and their sums over the cohorts that are old enough."""
    model, X = fitted(young()), young()
    curves = model.curves_
    assert len(curves) == int(X.notna().sum(axis=None))
    assert ((curves["lower"] <= curves["share"]) & (curves["share"] <= curves["upper"])).all()
    average = model.average_
    assert average["n_cohorts"].tolist() == [6, 5, 4, 3, 2, 1]
    np.testing.assert_allclose(average["share"][5], X["5"].iloc[0] / X["0"].iloc[0])
    assert (np.diff(average["chained"]) <= 0).all()


def test_the_younger_the_more_shrinkage():
    """From the oldest to the youngest, whose weight of its own is 0."""
    shrinkage = fitted(fader_hardie()).shrinkage_
    assert shrinkage.between(0, 1).all()
    X = fader_hardie().astype(float)
    X.loc["new"] = [1000, *[np.nan] * 7]
    assert fitted(X).shrinkage_["new"] == 1
    assert (fitted(X, pooling="complete").shrinkage_ == 1).all()


def test_one_cohort_is_pooled_with_nothing():
    """The note says that pooling is complete; nothing is NaN."""
    model = fitted(fader_hardie().iloc[:1])
    assert any("only one cohort" in note for note in model.notes_)
    np.testing.assert_allclose(model.params_.iloc[0], [0.704077, 1.182043], atol=1e-6)
    assert model.project().drop(columns="observed").notna().all(axis=None)


def test_cohorts_that_do_not_differ_are_said_to():
    """Equal rows have no spread."""
    X = pd.concat([fader_hardie().iloc[:1]] * 5).set_axis(list("abcde"), axis=0)
    model = fitted(X)
    assert any("do not differ in mean_churn" in note for note in model.notes_)
    np.testing.assert_allclose(model.pooled_["spread"], 0.0, atol=1e-3)


def test_bands_hold_the_estimate_and_widen_with_the_level():
    """lower <= estimate <= upper where it is ahead, wider at 99 %."""
    model = fitted(young(), horizon=2)
    found, wide = model.project(), model.project(level=0.99)
    ahead = found["observed"].isna()
    assert (found["lower"] <= found["estimate"] + 1).all()
    assert (found["estimate"] <= found["upper"] + 1).all()
    assert (wide["upper"] >= found["upper"]).all()
    assert (found.loc[~ahead, "lower"] == found.loc[~ahead, "observed"]).all()
    assert len(found) == 6 * 8


def test_a_cohort_yet_to_come():
    """Its share falls from 1; with a size it is told in customers; unpooled cohorts refuse."""
    model = fitted(young())
    share = model.project_new([0, 3, 6])
    assert share.loc[0].tolist() == [1, 1, 1]
    assert share["estimate"].is_monotonic_decreasing
    counts = model.project_new([0, 3, 6], n_customers=500)
    np.testing.assert_allclose(counts["estimate"], 500 * share["estimate"])
    with pytest.raises(ValueError, match="found pooling='none'"):
        fitted(young(), pooling="none").project_new()


def test_activity_can_be_projected():
    """The share ahead is q S(k); bands hold customers up to the size."""
    model = fitted(active())
    found = model.project()
    assert (found["upper"] <= 400).all()
    assert any("times binomial" in note for note in model.notes_)
    assert model.transform(active()).notna().all(axis=None)


def test_the_expected_lifetime_is_a_sum_of_survival():
    """To age 2: 1 + S(1) + S(2) of the fitted law; infinite for alpha of at most 1, said so."""
    model = fitted(fader_hardie(), pooling="none")
    alpha, beta = model.params_["alpha"], model.params_["beta"]
    first = beta / (alpha + beta)
    expected = 1 + first + first * (beta + 1) / (alpha + beta + 1)
    found = model.expected_lifetime(2)
    np.testing.assert_allclose(found, expected)
    assert found.index.tolist() == ["Regular", "High-End"]
    with pytest.warns(RuntimeWarning, match="infinite for 2 of 2 cohorts"):
        assert np.isinf(model.expected_lifetime()).all()


@pytest.mark.parametrize("model", ["bdw", "geometric"])
def test_other_laws_are_at_hand(model):
    """Their parameters are those of the law, and rows are filled."""
    found = fitted(young(), model=model)
    columns = {"bdw": ["alpha", "beta", "c"], "geometric": ["odds"]}[model]
    assert found.params_.columns.tolist() == columns
    assert found.transform(young()).notna().all(axis=None)


def test_a_file_gives_the_same_answers(tmp_path):
    """What is saved and read back projects alike, and the file stays small."""
    model = fitted(young())
    model.save(tmp_path / "model.json")
    assert len((tmp_path / "model.json").read_text()) < 20_000
    again = read_estimator(
        tmp_path / "model.json",
        lambda name: getattr(cohort_retention, name, None) or stored_type(name),
    )
    pd.testing.assert_frame_equal(again.transform(young()), model.transform(young()))
    pd.testing.assert_frame_equal(again.project(), model.project())
    pd.testing.assert_frame_equal(again.average_, model.average_)


def test_polars_answers_in_polars():
    """The names of the cohorts come first."""
    X = pl.from_pandas(young().reset_index())
    found = fitted(X, horizon=1, kind="survival").transform(X)
    assert found.columns == ["month", *(str(age) for age in range(7))]


def test_same_seed_same_bands():
    """Two fits with one seed agree to the last bit; estimates do not depend on it."""
    one, other, third = (fitted(young(), random_state=s) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one.project(), other.project(), check_exact=True)
    pd.testing.assert_frame_equal(one.params_, third.params_, check_exact=True)


def test_zeros_in_place_of_gaps_are_warned_of():
    """A staircase of zeros is not what a young cohort looks like."""
    with pytest.warns(DataQualityWarning, match="filled with 0"):
        fitted(young().fillna(0).iloc[:, :6])


def test_hundreds_are_warned_of():
    """Percent without sizes would be cohorts of 100 customers."""
    percent = (fader_hardie() / 10).round()
    with pytest.warns(DataQualityWarning, match="give sizes"):
        fitted(percent)


def test_estimates_that_do_not_rest_are_warned_of(monkeypatch):
    """One turn is too few."""
    monkeypatch.setattr("custvalue.retention._cohort_pooling._MOST_TURNS", 1)
    with pytest.warns(ConvergenceWarning, match="did not come to rest"):
        fitted(young())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.project(of="orders"), "of must be one of customers, share"),
        (lambda m: m.project(ages=[-1]), "ages must be"),
        (lambda m: m.project(level=1.5), "level must be"),
        (lambda m: m.project_new(n_customers=-2), "n_customers must be"),
        (lambda m: m.expected_lifetime(2.5), "horizon must be"),
        (lambda m: m.expected_lifetime(-1), "horizon must be"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    """Every argument out of range is refused by its name."""
    with pytest.raises(ValueError, match=message):
        call(fitted(fader_hardie()))


@pytest.mark.parametrize("attribute", ["curves_", "average_"])
def test_nothing_is_shown_before_fit(attribute):
    """Curves and averages need a table."""
    with pytest.raises(NotFittedError):
        getattr(CohortRetention(), attribute)
