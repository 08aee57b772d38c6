"""Curves and bands as tables, checked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue.plotting._projection_display import (
    checked_bands,
    checked_cohorts,
    checked_curves,
    checked_levels,
    checked_shares,
    chosen_cohorts,
    level_text,
    one_seed,
)

FRAME = pd.DataFrame(
    {"observed": [1.0, None], "estimate": [1.0, 0.8], "lower": [1.0, 0.7], "upper": [1.0, 0.9]}
)

STARTS = pd.date_range("2023-01-01", periods=3, freq="QS")


def cohorts_of(labels) -> pd.DataFrame:
    """Return a projection of three cohorts at two ages."""
    parts = [FRAME.assign(cohort=label, age=[0, 1]) for label in labels]
    return pd.concat(parts, ignore_index=True)


COHORTS = cohorts_of(STARTS)


def test_levels_come_widest_first():
    """So that narrow bands are drawn on top."""
    assert checked_levels([0.5, 0.95, 0.8]) == (0.95, 0.8, 0.5)
    assert checked_levels(0.9) == checked_levels([0.9, 0.9]) == (0.9,)


@pytest.mark.parametrize("levels", [[], [0.0], [0.5, 1.0], float("nan"), np.linspace(0.1, 0.6, 6)])
def test_wrong_levels_are_refused(levels):
    """Each is between 0 and 1, there is one, and there are shades for all."""
    with pytest.raises(ValueError, match="between 0 and 1, at least one and at most 5; found"):
        checked_levels(levels)


@pytest.mark.parametrize(
    ("levels", "several", "said"),
    [
        ([0.9], False, "band holds 90 %"),
        ([0.9], True, "bands hold 90 %"),
        ([0.995, 0.99], False, "bands hold 99 % and 99.5 %"),
        ([0.5, 0.8, 0.9999], False, "bands hold 50 %, 80 % and 99.99 %"),
    ],
)
def test_levels_are_written_with_the_digits_they_need(levels, several, said):
    """Two levels never read alike."""
    assert level_text(levels, several=several).replace("\u00a0", " ") == said


def test_a_seed_can_be_drawn_of_everything():
    """A number is the seed; a generator gives one, the same from the same state."""
    assert one_seed(3) == one_seed(np.int64(3)) == 3
    assert one_seed(np.random.default_rng(1)) == one_seed(np.random.default_rng(1))
    assert one_seed(None) >= 0


def test_shares_are_from_0_to_1():
    """What is missing is no share, and not wrong."""
    assert checked_shares(FRAME) is FRAME
    with pytest.raises(ValueError, match=r"upper must be shares from 0 to 1; found 1.2 \(2 such n"):
        checked_shares(FRAME.assign(upper=[1.2, 7.0]))


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "dates"])
def test_cohorts_are_read_from_every_kind_of_frame(kind):
    """By cohort, with a name and rows by age."""
    table = {
        "pandas": COHORTS,
        "polars": pl.from_pandas(COHORTS),
        "pyarrow": pa.Table.from_pandas(COHORTS, preserve_index=False),
        "dates": pa.table(COHORTS.assign(cohort=COHORTS["cohort"].dt.date)),
    }[kind]
    found = checked_cohorts(table)
    assert list(found) == list(STARTS)
    assert [name for name, _ in found.values()] == ["2023 Q1", "2023 Q2", "2023 Q3"]
    assert [rows.index.to_list() for _, rows in found.values()] == [[0, 1]] * 3


def test_cohorts_have_names_of_their_own():
    """Times of one day are not one name; other labels are text."""
    times = STARTS[0] + pd.to_timedelta([0, 1, 2], unit="h")
    assert len({name for name, _ in checked_cohorts(cohorts_of(times)).values()}) == 3
    assert [name for name, _ in checked_cohorts(cohorts_of([1, 2, 3])).values()] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("table", "error", "said"),
    [
        ([1, 2], TypeError, "must be a pandas, polars or pyarrow frame; found list"),
        ("dropped", ValueError, "must have the columns cohort, .*; missing: age, lower"),
        ("empty", ValueError, "at least one row; found none"),
        ("customers", ValueError, "observed must be shares from 0 to 1; found 100"),
    ],
)
def test_what_is_no_projection_is_refused(table, error, said):
    """No frame, columns or rows that are missing, and numbers of customers."""
    made = {
        "dropped": COHORTS.drop(columns=["age", "lower"]),
        "empty": COHORTS.head(0),
        "customers": COHORTS.assign(observed=100 * COHORTS["observed"]),
    }
    with pytest.raises(error, match=said):
        checked_cohorts(made[table] if isinstance(table, str) else table)


def test_cohorts_are_chosen():
    """Days may be text, one alone needs no list, and each is shown once."""
    found = checked_cohorts(COHORTS)
    assert chosen_cohorts(found, "2023-04-01", 5) == [STARTS[1]]
    assert chosen_cohorts(found, STARTS[[2, 0, 2]], 5) == [STARTS[2], STARTS[0]]
    assert chosen_cohorts(found, [STARTS[0].date()], 5) == [STARTS[0]]
    assert chosen_cohorts({"abc": 0, "a": 1}, "abc", 5) == ["abc"]
    assert chosen_cohorts(dict.fromkeys(range(10)), None, 5) == [0, 3, 6, 9]


@pytest.mark.parametrize(
    ("cohorts", "said"),
    [
        (["2023-02-01"], "among the 3 .*, 2023-01-01, 2023-04-01, 2023-07-01; not there: '2023-02"),
        ("January", "not there: 'January'"),
        ([], "at least 1 and at most 2; found 0"),
        (list(pd.date_range("2023-01-01", periods=3, freq="QS")), "at most 2; found 3"),
    ],
)
def test_wrong_cohorts_are_refused(cohorts, said):
    """With those that are there and those that are not."""
    with pytest.raises(ValueError, match=said):
        chosen_cohorts(checked_cohorts(COHORTS), cohorts, 2)


def test_curves_and_bands_are_tidy():
    """One row per curve and period, and level."""
    curves = checked_curves({"a": FRAME, "b": FRAME})
    assert curves["curve"].tolist() == ["a", "a", "b", "b"]
    assert curves["estimate"].tolist() == [1.0, 0.8, 1.0, 0.8]
    bands = checked_bands({("a", 0.9): FRAME})
    assert bands.iloc[1].to_list() == ["a", 1.0, 0.9, 0.7, 0.9]
    assert checked_bands({}).empty


@pytest.mark.parametrize(
    ("curves", "said"),
    [
        ({}, "at least one curve"),
        ({"a": FRAME.drop(columns="estimate")}, "curve 'a' must have observed and estimate; miss"),
        (
            {"a": FRAME.assign(estimate=np.nan)},
            "estimate must hold numbers; all are missing in curve 'a'",
        ),
        ({"b": FRAME, "a": FRAME.assign(estimate=np.nan)}, "all are missing in curve 'a'"),
        ({"a": FRAME.iloc[::-1]}, r"the periods of curve 'a' must rise; found \[1.0, 0.0\]"),
    ],
)
def test_wrong_curves_are_refused(curves, said):
    """Each with the rule and what was found."""
    with pytest.raises(ValueError, match=said):
        checked_curves(curves)


def test_crossed_bands_are_refused():
    """The first period where lower exceeds upper is named."""
    crossed = FRAME.assign(lower=[1.0, 0.95])
    with pytest.raises(ValueError, match="lower must not exceed upper; found 0.95 and 0.9 at per"):
        checked_bands({("a", 0.9): crossed})
