"""SegmentMigration."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import custvalue
from custvalue.exceptions import DataError
from custvalue.segmentation.segment_migration import SegmentMigration

ORDER = ["Gold", "Silver", "Basic"]
VISION = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]


def from_counts(counts, names) -> pd.DataFrame:
    """Return customers of two periods who moved as often as the table says."""
    pairs = np.argwhere(np.ones_like(np.array(counts)))
    rows = np.repeat(pairs, np.ravel(counts), axis=0)
    return pd.DataFrame(np.array(names, dtype=object)[rows], columns=["before", "after"])


@pytest.fixture
def quarters() -> pd.DataFrame:
    """Return 300 customers in four quarters who move by a chain, one in eight not there."""
    generator = np.random.default_rng(12)
    P = np.array([[0.7, 0.2, 0.1], [0.15, 0.6, 0.25], [0.05, 0.15, 0.8]])
    codes = [generator.integers(0, 3, 300)]
    for _ in range(3):
        passed = generator.random(300)[:, None] > np.cumsum(P, axis=1)[codes[-1]]
        codes.append(passed.sum(axis=1).clip(max=2))
    names = np.array(ORDER, dtype=object)[np.array(codes).T]
    names[generator.random(names.shape) < 0.125] = None
    index = pd.Index([f"c{i:03}" for i in range(300)], name="customer_id")
    return pd.DataFrame(names, columns=["Q1", "Q2", "Q3", "Q4"], index=index)


def test_counts_are_those_of_crosstabs(quarters):
    """All three pairs of quarters, added up, and their shares by row."""
    migration = SegmentMigration(order=ORDER).fit(quarters)
    tables = [
        pd.crosstab(quarters[a], quarters[b]) for a, b in (("Q1", "Q2"), ("Q2", "Q3"), ("Q3", "Q4"))
    ]
    expected = sum(tables).loc[ORDER, ORDER]
    np.testing.assert_array_equal(migration.counts_, expected)
    assert migration.counts_.index.tolist() == migration.counts_.columns.tolist() == ORDER
    np.testing.assert_allclose(migration.probabilities_, expected.div(expected.sum(axis=1), axis=0))
    assert migration.flows_["count"].sum() == expected.to_numpy().sum()
    assert migration.sizes_.to_dict() == quarters["Q4"].value_counts().to_dict()
    assert migration.moved_.sum() == pytest.approx(1.0)
    assert migration.n_customers_ == 300


def test_probabilities_are_recovered_from_a_simulated_chain():
    """With 40,000 moves every probability lies within 4 standard errors of the truth."""
    generator = np.random.default_rng(3)
    P = np.array([[0.7, 0.2, 0.1], [0.15, 0.6, 0.25], [0.05, 0.15, 0.8]])
    counts = np.array([generator.multinomial(40_000 // 3, row) for row in P])
    migration = SegmentMigration().fit(from_counts(counts, ["a", "b", "c"]))
    error = np.sqrt(P * (1 - P) / (40_000 // 3))
    assert (np.abs(migration.probabilities_ - P) < 4 * error).all(axis=None)
    assert migration.chain_ == "regular"
    stationary = np.linalg.matrix_power(P, 200)[0]
    np.testing.assert_allclose(migration.steady_state_, stationary, atol=0.02)


def test_the_vision_data_have_the_published_tests():
    """Stuart 1955: Bowker 19.107 and Stuart-Maxwell 11.957, through the public face."""
    migration = SegmentMigration().fit(from_counts(VISION, [1, 2, 3, 4]))
    assert migration.segments_ == [1, 2, 3, 4]
    np.testing.assert_array_equal(migration.counts_, VISION)
    assert migration.tests_["statistic"].round(3).tolist() == [19.107, 11.957]
    assert migration.tests_["df"].tolist() == [6, 3]


def test_the_recency_chain_of_pfeifer_and_carraway_has_its_value():
    """Counts out of 20 give their probabilities; V to three decimals of 50-digit arithmetic."""
    counts = np.zeros((5, 5), dtype=int)
    counts[range(4), 0] = [6, 4, 3, 1]
    counts[range(4), range(1, 5)] = [14, 16, 17, 19]
    counts[4, 4] = 20
    names = ["r1", "r2", "r3", "r4", "former"]
    migration = SegmentMigration(order=names).fit(from_counts(counts, names))
    margin = pd.Series([36, -4, -4, -4, 0], index=names)
    value = migration.customer_value(margin, discount_rate=0.2)
    assert value.index.tolist() == names
    assert value.round(3).tolist() == [52.32, 5.554, 1.251, -1.82, 0.0]
    now = migration.customer_value(margin, discount_rate=0.0, horizon=0)
    assert now.tolist() == margin.tolist()
    two = migration.customer_value(margin, discount_rate=0.2, horizon=1)
    assert two["r1"] == pytest.approx(36 + (0.3 * 36 - 0.7 * 4) / 1.2)
    assert migration.steady_state_["former"] == 1.0


def test_absence_is_dropped_or_a_state(quarters):
    """As a state it is last, and comes and goes are counted; else such moves are left out."""
    dropped = SegmentMigration(order=ORDER).fit(quarters)
    state = SegmentMigration(order=ORDER, absent="state").fit(quarters)
    assert state.segments_ == [*ORDER, "Absent"]
    np.testing.assert_array_equal(state.counts_.loc[ORDER, ORDER], dropped.counts_)
    assert state.counts_.to_numpy().sum() == 3 * len(quarters)
    assert state.sizes_["Absent"] == quarters["Q4"].isna().sum()
    assert state.moved_.index.tolist() == ["up", "down", "stayed", "new", "lost", "absent"]
    assert state.moved_.sum() == pytest.approx(1.0)
    pd.testing.assert_frame_equal(state.transform(quarters), dropped.transform(quarters))
    assert set(state.forecast()) == {*ORDER, "Absent"}


def test_each_customer_has_a_move(quarters):
    """The last two quarters, by the order; nobody's answer depends on who else is asked."""
    migration = SegmentMigration(order=ORDER).fit(quarters)
    moves = migration.transform(quarters)
    assert moves.index.equals(quarters.index)
    rank = {name: i for i, name in enumerate(ORDER)}
    for name, row in quarters.iterrows():
        before, after = row["Q3"], row["Q4"]
        if pd.isna(before) or pd.isna(after):
            expected = {(True, False): "new", (False, True): "lost", (True, True): "absent"}[
                pd.isna(before), pd.isna(after)
            ]
        else:
            step = rank[after] - rank[before]
            expected = "stayed" if step == 0 else "down" if step > 0 else "up"
        assert moves.loc[name, "move"] == expected
    pd.testing.assert_series_equal(moves["after"], quarters["Q4"], check_names=False)
    one = quarters.iloc[[7]]
    pd.testing.assert_frame_equal(migration.transform(one), moves.iloc[[7]])
    plain = SegmentMigration().fit(quarters).transform(quarters)
    assert set(plain["move"]) == {"moved", "stayed", "new", "lost", "absent"}


def test_sizes_are_forecast_from_the_last_period_or_from_any(quarters):
    """Period 0 is now; each next one is the one before times the probabilities."""
    migration = SegmentMigration(order=ORDER).fit(quarters)
    P = migration.probabilities_.to_numpy()
    ahead = migration.forecast(periods=3)
    assert ahead.index.tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(ahead.loc[3], migration.sizes_ @ np.linalg.matrix_power(P, 3))
    gold = migration.forecast({"Gold": 10})
    np.testing.assert_allclose(gold.loc[1], 10 * P[0])
    far = migration.forecast({"Basic": 1.0}, periods=500).loc[500]
    np.testing.assert_allclose(far, migration.steady_state_, atol=1e-12)


def test_every_kind_of_table_gives_the_same_moves(quarters):
    """polars and pyarrow have the id first; an array takes periods in order; rows may be mixed."""
    migration = SegmentMigration(order=ORDER).fit(quarters)
    expected = migration.transform(quarters)
    flat = quarters.reset_index()
    for X in (pl.from_pandas(flat), pa.Table.from_pandas(flat), quarters.to_numpy()):
        again = SegmentMigration(order=ORDER).fit(X)
        np.testing.assert_array_equal(again.counts_, migration.counts_)
    out = migration.transform(pl.from_pandas(flat))
    assert out.columns == ["customer_id", "before", "after", "move"]
    assert out["move"].to_list() == expected["move"].tolist()
    shuffled = SegmentMigration(order=ORDER).fit(quarters.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(shuffled.flows_, migration.flows_)
    assert list(migration.get_feature_names_out()) == ["before", "after", "move"]


def test_numbers_name_segments_too():
    """Whole numbers are kept as such in what is learned, as floats with gaps in what comes out."""
    X = pd.DataFrame({"a": [1, 2, 3, 3], "b": [1, 1, None, 2]})
    migration = SegmentMigration(order=[1, 2, 3]).fit(X)
    assert migration.segments_ == [1, 2, 3]
    moves = migration.transform(pl.from_pandas(X.reset_index()))
    assert moves["after"].dtype == pl.Float64
    assert moves["move"].to_list() == ["stayed", "up", "lost", "up"]
    assert migration.forecast({1: 4.0}).loc[1, 1] == 4.0


def test_periods_choose_and_order_the_columns(quarters):
    """Other columns do not matter, and time runs as the names say."""
    more = quarters[["Q4", "Q2", "Q1", "Q3"]].assign(note="x", sales=1.0)
    chosen = SegmentMigration(periods=("Q1", "Q2", "Q3", "Q4")).fit(more)
    pd.testing.assert_frame_equal(chosen.flows_, SegmentMigration().fit(quarters).flows_)
    back = SegmentMigration(periods=["Q2", "Q1"]).fit(more)
    forth = SegmentMigration(periods=["Q1", "Q2"]).fit(more)
    np.testing.assert_array_equal(back.counts_.T, forth.counts_)
    assert list(back.feature_names_in_) == back.periods_ == ["Q2", "Q1"]


def test_few_customers_give_wide_intervals_and_no_error():
    """One mover: the interval of their flow takes nearly all; the chain is open and said so."""
    migration = SegmentMigration().fit([["a", "b"]])
    flow = migration.flows_.loc[("a", "b")]
    assert flow["upper"] - flow["lower"] > 0.7
    assert migration.chain_ == "open: nobody was seen leaving b"
    assert migration.steady_state_.isna().all()
    assert migration.probabilities_.loc["b"].isna().all()
    with pytest.raises(ValueError, match="nobody was seen leaving 'b'"):
        migration.forecast()


@pytest.mark.parametrize("absent", ["drop", "state"])
def test_copies_answer_alike(absent, quarters, tmp_path):
    """clone, pickle and save with load give the same frames; the file has no customer."""
    migration = SegmentMigration(order=ORDER, absent=absent).fit(quarters)
    migration.save(tmp_path / "migration.json")
    text = (tmp_path / "migration.json").read_text()
    assert len(text) < 20_000
    assert "c001" not in text
    again = pickle.loads(pickle.dumps(migration))
    for copy in (again, clone(migration).fit(quarters)):
        pd.testing.assert_frame_equal(copy.flows_, migration.flows_)
        pd.testing.assert_frame_equal(copy.tests_, migration.tests_)
        pd.testing.assert_series_equal(copy.steady_state_, migration.steady_state_)
        pd.testing.assert_frame_equal(copy.forecast(), migration.forecast())
        pd.testing.assert_frame_equal(copy.transform(quarters), migration.transform(quarters))


@pytest.mark.parametrize("absent", ["drop", "state"])
def test_a_file_gives_back_all_that_was_learned(absent, quarters, tmp_path):
    """A migration of numbers, whose state of absence is text, comes back from its file."""
    numbers = quarters.replace({name: i for i, name in enumerate(ORDER)}).astype(float)
    migration = SegmentMigration(order=[0, 1, 2], absent=absent).fit(numbers)
    migration.save(tmp_path / "migration.json")
    loaded = custvalue.load(tmp_path / "migration.json")
    assert loaded.get_params() == migration.get_params()
    pd.testing.assert_frame_equal(loaded.counts_, migration.counts_)
    pd.testing.assert_frame_equal(loaded.flows_, migration.flows_)
    pd.testing.assert_frame_equal(loaded.transform(numbers), migration.transform(numbers))
    pd.testing.assert_frame_equal(loaded.forecast(periods=2), migration.forecast(periods=2))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"periods": "Q1"}, "'periods' parameter of SegmentMigration"),
        ({"periods": ["Q1"]}, "periods must name at least two columns"),
        ({"periods": ["Q1", "Q1"]}, "periods must be different column names"),
        ({"periods": ["Q1", 2]}, "periods must be different column names"),
        ({"periods": ["Q1", "Q9"]}, "missing: Q9"),
        ({"order": ["Gold", "Basic"]}, r"one of the segments \(Gold, Basic\).*'Silver'"),
        ({"order": ["Gold", "Gold"]}, "order must name each segment once"),
        ({"absent": "keep"}, "'absent' parameter of SegmentMigration"),
        ({"level": 1.0}, "'level' parameter of SegmentMigration"),
    ],
)
def test_wrong_parameters_are_refused_and_leave_it_unfitted(parameters, message, quarters):
    """A wrong parameter is named by its value, and nothing is half fitted."""
    migration = SegmentMigration(**parameters)
    with pytest.raises(ValueError, match=message):
        migration.fit(quarters)
    for asks in (migration.transform, lambda X: migration.forecast()):
        with pytest.raises(NotFittedError):
            asks(quarters)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (pd.DataFrame({"a": ["x"]}), r"at least two periods; found 1 feature\(s\): a"),
        ([["x", None], [None, "y"]], "there in two consecutive periods; found none among 2"),
        ([[None, None]], "every value is missing"),
        ([[1.5, 2.0]], "'x0' must be text, whole numbers"),
        (np.empty((0, 2)), "at least one row"),
    ],
)
def test_wrong_tables_are_refused(X, message):
    """Each wrong table gives one clear error."""
    with pytest.raises(DataError, match=message):
        SegmentMigration().fit(X)


def test_a_new_segment_is_refused_at_transform(quarters):
    """The message names it with its row."""
    migration = SegmentMigration().fit(quarters)
    quarters.iloc[4, 3] = "Platinum"
    with pytest.raises(DataError, match=r"'Q4' must be one of .*row 4 .*'Platinum' \(1 such"):
        migration.transform(quarters)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda m: m.forecast({"Tin": 1}), "sizes must have .* unknown: 'Tin'"),
        (lambda m: m.forecast({"Gold": -1}), "sizes must not be negative; found -1"),
        (lambda m: m.forecast(periods=1.5), "periods must be a whole number .* found 1.5"),
        (lambda m: m.forecast(periods=True), "periods must be a whole number .* found True"),
        (lambda m: m.customer_value({"Gold": 1}, discount_rate=0.1), "missing: 'Silver'"),
        (
            lambda m: m.customer_value(dict.fromkeys(ORDER, 1), discount_rate=0),
            "discount_rate must be a finite number above 0 where horizon is None; found 0",
        ),
        (
            lambda m: m.customer_value(dict.fromkeys(ORDER, 1), discount_rate=-0.1, horizon=2),
            "discount_rate must be a finite number at least 0; found -0.1",
        ),
        (
            lambda m: m.customer_value(dict.fromkeys(ORDER, 1), discount_rate=0.1, horizon=-1),
            "horizon must be a whole number of at least 0; found -1",
        ),
    ],
)
def test_wrong_questions_are_refused(ask, message, quarters):
    """Each wrong argument is named with what was found."""
    migration = SegmentMigration(order=ORDER).fit(quarters)
    with pytest.raises(ValueError, match=message):
        ask(migration)
