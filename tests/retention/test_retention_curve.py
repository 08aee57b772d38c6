"""RetentionCurve: textbook figures, another library, and what must hold of any curve."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.exceptions import NotFittedError

import custvalue
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.retention.retention_curve import RetentionCurve

# Freireich et al. (1963), Blood 21, 699-716: weeks of remission under 6-MP and placebo.
SIX_MP = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]

COUNTS = {
    ("control", 0): {7: 1, 45: 1, 60: 1, 61: 2, 68: 1, 69: 1},
    ("control", 1): {
        7: 1,
        17: 1,
        32: 1,
        33: 1,
        38: 2,
        41: 7,
        45: 9,
        48: 8,
        51: 3,
        53: 7,
        54: 2,
        56: 18,
        58: 4,
        60: 15,
        61: 9,
        63: 9,
        66: 3,
        68: 9,
        69: 12,
        75: 1,
    },
    ("miR-137", 1): {
        6: 1,
        9: 3,
        13: 3,
        15: 2,
        19: 3,
        22: 4,
        26: 5,
        29: 5,
        33: 2,
        36: 2,
        43: 1,
        47: 1,
        62: 2,
    },
}
"""Lifetimes of flies in days, lifelines' ``load_waltons``: by group and whether they died."""
WALTONS = pd.DataFrame(
    [
        (group, days, died, count)
        for (group, died), counts in COUNTS.items()
        for days, count in counts.items()
    ],
    columns=["group", "duration", "churned", "count"],
)


def remissions():
    """Return the remissions; of 6-MP the first nine ended."""
    churned = [1] * 9 + [0] * 12 + [1] * 21
    arm = ["6-MP"] * 21 + ["placebo"] * 21
    return pd.DataFrame({"duration": SIX_MP + PLACEBO, "churned": churned, "arm": arm})


def made():
    """Return 269 customers in three arms, half of them followed later than from the start."""
    g, n = np.random.default_rng(7), 300
    arm = g.integers(0, 3, n)
    life = np.ceil(g.exponential(np.array([8.0, 12, 20])[arm]))
    follow = g.integers(1, 31, n).astype(float)
    entry = np.where(g.random(n) < 0.5, 0.0, g.integers(0, 6, n).astype(float))
    weight, duration = g.integers(1, 4, n), np.minimum(life, follow)
    columns = {"duration": duration, "churned": (life <= follow) * 1, "entry": entry, "arm": arm}
    frame = pd.DataFrame({**columns, "weight": weight})
    return frame[duration > entry].reset_index(drop=True)


# Outside truth


@pytest.fixture(scope="module")
def leukaemia():
    """Return the curves of the remissions."""
    return RetentionCurve(by="arm", time_unit="week").fit(remissions())


def test_the_6_mp_curve_is_that_of_the_textbooks(leukaemia):
    """Survival, errors and log-log limits as Stata's ``sts list`` prints them, four digits.

    Source: Kleinbaum & Klein (2012), Survival Analysis, chapter 2 and the Stata appendix.
    """
    curve = leukaemia.curve_.query("group == '6-MP' and events > 0").set_index("time")
    assert curve.index.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    printed = {
        "survival": [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482],
        "std_error": [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346],
        "lower": [0.6197, 0.5631, 0.5032, 0.4316, 0.3675, 0.2678, 0.1881],
        "upper": [0.9516, 0.9228, 0.8894, 0.8491, 0.8049, 0.7468, 0.6801],
    }
    for name, values in printed.items():
        np.testing.assert_allclose(curve[name], values, atol=5e-5)


def test_the_log_rank_test_and_the_medians_are_those_of_the_textbooks(leukaemia):
    """Chi-squared 16.79 with one degree of freedom; medians 23 (13, -) and 8 (4, 11) weeks.

    Source: Kleinbaum & Klein (2012), chapter 2; the limits are those of lifelines 0.30.3.
    """
    assert leukaemia.test_["statistic"] == pytest.approx(16.79, abs=5e-3)
    assert leukaemia.test_["df"] == 1
    expected = [[23, 13, np.inf], [8, 4, 11]]
    np.testing.assert_array_equal(leukaemia.medians_.to_numpy(), expected)


LIFELINES = {
    # Arm: survival, lower and upper at 3, 10 and 20, and the median.
    "entry": {
        0: (
            [0.7269245648, 0.3218772002, 0.0273198241],
            [0.58315109, 0.21152213, 0.00223286],
            [0.82811106, 0.43726584, 0.11964785],
            7,
        ),
        2: (
            [0.8435743361, 0.6707128597, 0.3217703725],
            [0.7354197, 0.55308185, 0.20525343],
            [0.91013772, 0.76386382, 0.443981],
            13,
        ),
    },
    "entry and weight": {
        0: (
            [0.7314399206, 0.3537530091, 0.0415735374],
            [0.63728339, 0.27154634, 0.01143876],
            [0.80486018, 0.43677265, 0.10410885],
            8,
        ),
        1: (
            [0.8656263372, 0.4655496464, 0.140562833],
            [0.79006909, 0.38297461, 0.07694673],
            [0.91542212, 0.54389104, 0.22288006],
            9,
        ),
    },
    "weight": {
        1: (
            [0.9086399339, 0.5041350054, 0.152212863],
            [0.8551814, 0.42101912, 0.08351549],
            [0.94301533, 0.58142825, 0.23994408],
            11,
        ),
        2: (
            [0.8911964849, 0.7268874491, 0.3635938105],
            [0.84204934, 0.65708829, 0.28006883],
            [0.92572165, 0.78482098, 0.44742751],
            16,
        ),
    },
}
"""What lifelines 0.30.3 (KaplanMeierFitter) gives for the customers of ``made``."""


@pytest.mark.parametrize("how", LIFELINES)
def test_curves_limits_and_medians_are_those_of_lifelines(how):
    """With late entries and with weights all agree to the digits stored."""
    data = made() if "entry" in how else made().drop(columns="entry")
    weights = data["weight"] if "weight" in how else None
    model = RetentionCurve(by="arm").fit(data, sample_weight=weights)
    points = model.survival([3, 10, 20]).set_index("group")
    for arm, (survival, lower, upper, median) in LIFELINES[how].items():
        np.testing.assert_allclose(points.loc[arm, "survival"], survival, rtol=1e-8)
        np.testing.assert_allclose(points.loc[arm, "lower"], lower, atol=2e-8)
        np.testing.assert_allclose(points.loc[arm, "upper"], upper, atol=2e-8)
        assert model.medians_.loc[arm, "median"] == median


def test_tests_are_those_of_lifelines():
    """All three arms, weighted and not, and in pairs (lifelines 0.30.3, entries left out)."""
    data = made().drop(columns="entry")
    model = RetentionCurve(by="arm").fit(data)
    assert model.test_["statistic"] == pytest.approx(24.370894396432288)
    assert model.test_["p_value"] == pytest.approx(5.104198108998241e-06)
    weighted = RetentionCurve(by="arm").fit(data, sample_weight=data["weight"])
    assert weighted.test_["statistic"] == pytest.approx(51.105617414765575)
    pairs = model.pairwise_tests()
    np.testing.assert_allclose(pairs["statistic"], [4.280587, 23.257797, 9.871955], atol=5e-7)
    np.testing.assert_allclose(pairs["p_adjusted"][[0, 2]], [0.038550, 2 * 0.001678], atol=1e-6)


def test_flies_live_as_long_as_lifelines_says():
    """The Waltons data of lifelines, counted: medians with limits, means up to 40 days, test.

    Source: lifelines 0.30.3, ``load_waltons``, ``restricted_mean_survival_time`` and
    ``logrank_test``.
    """
    model = RetentionCurve(by="group", limit=40, time_unit="day").fit(
        WALTONS, sample_weight=WALTONS["count"]
    )
    assert model.n_customers_ == 163
    expected = [[58, 56, 60], [26, 19, 29]]
    np.testing.assert_array_equal(model.medians_.to_numpy(), expected)
    means = model.restricted_means_["mean"]
    np.testing.assert_allclose(means, [39.416041018128546, 24.117647058823522], rtol=1e-12)
    assert model.test_["statistic"] == pytest.approx(122.24912557300637)
    assert model.test_["p_value"] == pytest.approx(2.0359832222853224e-28)


# What must hold


def test_without_censoring_before_the_end_survival_is_a_plain_share():
    """All followed for twelve months: survival is the share of those still there."""
    life = np.random.default_rng(1).exponential(10, 500)
    data = pd.DataFrame({"duration": np.minimum(life, 12), "churned": life < 12})
    found = RetentionCurve().fit(data).survival([1, 6, 11.9])
    shares = [(life > t).mean() for t in (1, 6, 11.9)]
    np.testing.assert_allclose(found["survival"], shares, rtol=1e-12)


def test_another_unit_scales_the_times():
    """Months times twelve: shares stay, times and means scale."""
    data = made()
    years = data.assign(duration=data["duration"] * 12, entry=data["entry"] * 12)
    one, other = (RetentionCurve(by="arm").fit(X) for X in (data, years))
    np.testing.assert_allclose(one.curve_["survival"], other.curve_["survival"], rtol=1e-12)
    np.testing.assert_allclose(one.curve_["time"] * 12, other.curve_["time"])
    for name in ("mean", "std_error", "limit"):
        scaled = one.restricted_means_[name] * 12
        np.testing.assert_allclose(scaled, other.restricted_means_[name])
    assert one.test_["statistic"] == pytest.approx(other.test_["statistic"])


def test_the_order_of_rows_does_not_matter():
    """Shuffled rows give the same curve, to the last bit."""
    data = made()
    shuffled = data.sample(frac=1, random_state=3)
    one, other = (RetentionCurve(by="arm").fit(X) for X in (data, shuffled))
    pd.testing.assert_frame_equal(one.curve_, other.curve_, check_exact=True)
    assert one.test_ == pytest.approx(other.test_)


def test_counted_rows_are_rows():
    """Equal rows with a weight give what the single rows give."""
    data = made()
    counted = data.value_counts(["duration", "churned", "entry", "arm"]).reset_index()
    one = RetentionCurve(by="arm").fit(data)
    other = RetentionCurve(by="arm").fit(counted, sample_weight=counted["count"])
    pd.testing.assert_frame_equal(one.curve_, other.curve_)
    assert one.n_customers_ == other.n_customers_ == len(data)


def test_a_group_is_as_it_is_alone():
    """The curve of a group does not depend on the others."""
    data = made()
    whole = RetentionCurve(by="arm").fit(data).curve_.query("group == 1")
    alone = RetentionCurve(by="arm").fit(data[data["arm"] == 1]).curve_
    pd.testing.assert_frame_equal(whole.reset_index(drop=True), alone)


def test_limits_hold_the_truth_as_often_as_they_say():
    """Of 150 samples about 90 in 100 hold the true survival at 5 (binomial, 4 sd)."""
    generator, held = np.random.default_rng(2), 0
    for _ in range(150):
        life, follow = generator.exponential(8, 60), generator.uniform(2, 20, 60)
        data = pd.DataFrame({"duration": np.minimum(life, follow), "churned": life <= follow})
        point = RetentionCurve(level=0.9).fit(data).survival(5).iloc[0]
        held += point["lower"] <= np.exp(-5 / 8) <= point["upper"]
    assert abs(held / 150 - 0.9) < 4 * np.sqrt(0.09 / 150)


def test_late_entries_do_not_bias_the_curve():
    """Customers known only from a random age on give the survival of all, within 4 errors."""
    generator = np.random.default_rng(4)
    life, entry = generator.exponential(10, 40_000), generator.uniform(0, 15, 40_000)
    entry[:10_000] = 0.0
    data = pd.DataFrame({"duration": life, "churned": 1, "entry": entry})[life > entry]
    curve = RetentionCurve().fit(data).curve_
    row = curve[curve["time"] <= 10].iloc[-1]
    assert abs(row["survival"] - np.exp(-1)) < 4 * row["std_error"]
    ignored = RetentionCurve().fit(data.drop(columns="entry")).survival(10)["survival"][0]
    assert ignored - np.exp(-1) > 0.05


def test_a_million_customers_are_summed_not_looped():
    """Whole months of 10^6 customers make a curve of as many rows as there are months."""
    generator = np.random.default_rng(6)
    life, follow = np.ceil(generator.exponential(20, 10**6)), generator.integers(1, 49, 10**6)
    data = pd.DataFrame({"duration": np.minimum(life, follow), "churned": life <= follow})
    model = RetentionCurve().fit(data)
    assert len(model.curve_) == 49
    assert model.survival(12)["survival"][0] == pytest.approx(np.exp(-12 / 20), abs=2e-3)


# Answers


def test_rows_get_the_survival_of_their_group_at_their_duration():
    """transform answers as survival does; churned is not needed."""
    data = made()
    model = RetentionCurve(by="arm").fit(data)
    rows = model.transform(data.drop(columns="churned"))
    for arm, t in ((0, 3.0), (2, 10.0)):
        chosen = rows[(data["arm"] == arm) & (data["duration"] == t)]
        point = model.survival(t).set_index("group").loc[arm, ["survival", "lower", "upper"]]
        assert len(chosen)
        np.testing.assert_array_equal(
            chosen, np.tile(point.to_numpy(dtype=float), (len(chosen), 1))
        )


def test_beyond_the_curve_nothing_is_said():
    """Survival after the longest time is NaN, and 0 once all have left."""
    model = RetentionCurve().fit([[2, 1], [3, 0]])
    assert model.survival([2, 3, 4])["survival"].isna().tolist() == [False, False, True]
    assert RetentionCurve().fit([[2, 1], [3, 1]]).survival(99)["survival"][0] == 0


def test_quantiles_at_one_half_are_the_medians(leukaemia):
    """quantile(0.5) is ``medians_``; other shares come in rows."""
    found = leukaemia.quantile([0.25, 0.5])
    assert found.columns.tolist() == ["group", "q", "time", "lower", "upper"]
    half = found[found["q"] == 0.5].set_index("group")[["time", "lower", "upper"]]
    np.testing.assert_array_equal(half, leukaemia.medians_)
    assert found["time"].tolist() == [13, 23, 4, 8]


def test_conditional_survival_is_a_ratio(leukaemia):
    """S(10 + 6) / S(10) of 6-MP is 11/12 x 10/11; at further time 0 it is 1."""
    found = leukaemia.conditional_survival([0, 6], given=10).query("group == '6-MP'")
    np.testing.assert_allclose(found["survival"], [1.0, 10 / 12])
    assert found["given"].tolist() == [10, 10]
    assert (found["lower"] <= found["survival"]).all()


def test_several_columns_make_a_combined_group():
    """Groups of two columns are those of the pasted column."""
    data = made().assign(plan=np.where(made()["weight"] > 1, "gold", "basic"))
    pasted = data["plan"] + ", " + data["arm"].astype(str)
    one = RetentionCurve(by=["plan", "arm"]).fit(data)
    other = RetentionCurve(by="both").fit(data.assign(both=pasted))
    pd.testing.assert_frame_equal(one.curve_, other.curve_)
    assert list(one.feature_names_in_) == ["duration", "churned", "entry", "plan", "arm"]


def test_groups_that_only_read_alike_are_told_apart(tmp_path):
    """Two columns are looked up by their values, after save and load too."""
    data = pd.DataFrame({"duration": [1.0, 2, 3], "churned": 1, "p": "a, b", "q": "c"})
    model = RetentionCurve(by=["p", "q"]).fit(data)
    assert model.groups_ == {"a, b, c": ("a, b", "c")}
    model.save(tmp_path / "curve.json")
    for one in (model, custvalue.load(tmp_path / "curve.json")):
        pd.testing.assert_frame_equal(one.transform(data), model.transform(data))
        with pytest.raises(
            DataError, match=r"fitted \(\('a, b', 'c'\)\); row 0 is of \('a', 'b, c"
        ):
            one.transform(data.assign(p="a", q="b, c"))
    numbers = RetentionCurve(by=["p", "q"]).fit(data.assign(p=1))
    with pytest.raises(DataError, match=r"row 0 is of \('1', 'c'\) \(3 such rows\)"):
        numbers.transform(data.assign(p="1"))


def test_curves_by_sign_up_month_and_by_classes(tmp_path):
    """Dates, periods and intervals make groups, of durations from orders too; rows find theirs."""
    data = made()
    spend = pd.cut(data["weight"] * 5, [0, 7, 12, 100])
    month = pd.to_datetime("2024-01-01") + pd.to_timedelta(31 * data["arm"], unit="D")
    data = data.assign(spend=spend, day=month, month=month.dt.to_period("M"))
    plain = RetentionCurve(by="weight").fit(data).curve_
    model = RetentionCurve(by="spend").fit(data)
    assert list(model.groups_) == ["(0, 7]", "(7, 12]", "(12, 100]"]
    pd.testing.assert_frame_equal(model.curve_.drop(columns="group"), plain.drop(columns="group"))
    model.save(tmp_path / "curve.json")
    again = custvalue.load(tmp_path / "curve.json")
    pd.testing.assert_frame_equal(again.transform(data.iloc[:9]), model.transform(data).iloc[:9])
    assert list(RetentionCurve(by="month").fit(data).groups_) == ["2024-01", "2024-02", "2024-03"]
    days = list(RetentionCurve(by="day").fit(data).groups_)
    assert days == ["2024-01-01", "2024-02-01", "2024-03-03"]


def test_light_customers_are_not_dropped_beside_heavy_ones():
    """A weight of 1 beside 10^10 is at risk and leaves."""
    curve = RetentionCurve().fit([[1, 1], [3, 1], [4, 0]], sample_weight=[1e10, 1, 1]).curve_
    assert curve["at_risk"].tolist() == [1e10 + 2, 1e10 + 2, 2, 1]
    assert curve["survival"].iloc[-1] == pytest.approx(1e-10, rel=1e-5)


@pytest.mark.parametrize("kind", ["polars", "pyarrow"])
def test_other_frames_give_the_same_with_their_ids(kind):
    """polars and pyarrow frames, groups and all, come back with the id first."""
    data = made().drop(columns="weight").rename_axis("customer_id").reset_index()
    frame = pl.from_pandas(data) if kind == "polars" else pa.Table.from_pandas(data)
    model = RetentionCurve(by="arm").fit(data.set_index("customer_id"))
    found = RetentionCurve(by="arm").fit(frame).transform(frame)
    names = found.columns if kind == "polars" else found.column_names
    assert names == ["customer_id", "survival", "lower", "upper"]
    expected = model.transform(data.set_index("customer_id"))["survival"]
    np.testing.assert_array_equal(found["survival"].to_numpy(), expected)


def test_a_file_answers_every_question_alike(tmp_path):
    """After save and load all answers are the same, infinite and missing ones too."""
    model = RetentionCurve(by="arm").fit(made())
    model.save(tmp_path / "curve.json")
    room = custvalue.retention
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "RetentionCurve", RetentionCurve, raising=False)
        patch.setattr(room, "__all__", sorted({*room.__all__, "RetentionCurve"}))
        again = custvalue.load(tmp_path / "curve.json")
    for ask in (
        lambda m: m.survival([0, 5, 90]),
        lambda m: m.at_risk([0, 5, 90]),
        lambda m: m.quantile([0.5, 0.999]),
        lambda m: m.conditional_survival([1, 2], 10),
        lambda m: m.pairwise_tests(),
        lambda m: m.transform(made()),
        lambda m: m.medians_,
        lambda m: m.restricted_means_,
    ):
        pd.testing.assert_frame_equal(ask(again), ask(model), check_exact=True)
    assert again.test_ == model.test_


# Warnings and refusals


def test_doubtful_curves_are_warned_of():
    """Nobody from the start, and a curve that falls to 0 early."""
    with pytest.warns(DataQualityWarning, match="nobody of group 'all' was followed from the"):
        RetentionCurve().fit([[3, 1, 1], [4, 0, 2]])
    with pytest.warns(DataQualityWarning, match="of group 'all' falls to 0 at 1, since all who"):
        RetentionCurve().fit([[1, 1, 0], [5, 1, 3], [6, 0, 3]])


def test_a_group_that_was_not_fitted_is_refused():
    """transform names the row and the fitted groups."""
    model = RetentionCurve(by="arm").fit(made())
    with pytest.raises(DataError, match=r"must be one of the 3 fitted \(0, 1, 2\); row 0 is of 7"):
        model.transform(pd.DataFrame({"duration": [3.0], "arm": [7]}))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"level": 1.0}, "'level'"),
        ({"limit": 0.0}, "'limit'"),
        ({"limit": 1e6}, "limit must not exceed the longest duration .* group 'all' ends at 30"),
        ({"time_unit": "fortnight"}, "'time_unit'"),
        ({"by": 3}, "'by'"),
        ({"by": "churned"}, "by must not name duration, churned, entry; found 'churned'"),
        ({"by": ["arm", "arm"]}, "by must be a column name, different column names or None"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    """Parameter, rule and value are in the message."""
    with pytest.raises(ValueError, match=message):
        RetentionCurve(**parameters).fit(made())


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda m: m.survival(-1), "times must be a finite number of at least 0"),
        (lambda m: m.at_risk("soon"), "times must be"),
        (lambda m: m.quantile(1.0), "q must lie between 0 and 1"),
        (lambda m: m.conditional_survival(1, -3), "given must be a number of at least 0"),
    ],
)
def test_bad_questions_are_refused(ask, message, leukaemia):
    """Arguments are named."""
    with pytest.raises(ValueError, match=message):
        ask(leukaemia)


@pytest.mark.parametrize("ask", ["survival", "at_risk", "quantile", "transform"])
def test_nothing_answers_before_fit(ask):
    """Every method says that fit comes first."""
    with pytest.raises(NotFittedError):
        getattr(RetentionCurve(), ask)(0.5)
    with pytest.raises(NotFittedError):
        RetentionCurve().pairwise_tests()


def test_plain_customers_warn_of_nothing():
    """Durations from the start are no reason for a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        RetentionCurve(by="arm").fit(made().drop(columns="entry"))
