from __future__ import annotations

import pandas as pd
import pytest

from custvalue.datasets import load_donations


@pytest.fixture(scope="module")
def donations() -> pd.DataFrame:
    return load_donations()


def test_columns_and_types(donations):
    """The frame has the documented columns, in order, all whole numbers, on a plain index."""
    found = {name: str(dtype) for name, dtype in donations.dtypes.items()}
    assert list(found) == ["frequency", "recency", "T", "weight"]
    assert set(found.values()) == {"int64"}
    assert donations.index.equals(pd.RangeIndex(22))


def test_every_possible_history_of_six_years_is_there_once(donations):
    """No gift, or 1 to 6 gifts of which the last was in a year that leaves room for them."""
    expected = [(0, 0), *((x, t) for x in range(1, 7) for t in range(x, 7))]
    assert list(zip(donations["frequency"], donations["recency"], strict=True)) == expected
    assert (donations["T"] == 6).all()


def test_totals_match_the_provenance_note(donations):
    """People, gifts and recencies add up to the sums printed beside the data."""
    assert donations["weight"].sum() == 11104
    assert (donations["frequency"] * donations["weight"]).sum() == 24615
    assert (donations["recency"] * donations["weight"]).sum() == 32263


def test_people_by_frequency_are_those_of_the_literature(donations):
    """The sizes of the groups in the hold-out table of BTYD's walk-through."""
    people = donations.groupby("frequency")["weight"].sum()
    assert people.tolist() == [3464, 1823, 1430, 1085, 1036, 1063, 1203]


def test_every_load_is_a_new_frame(donations):
    """Changing a loaded frame leaves the next one as it was."""
    changed = load_donations()
    changed["weight"] = 0
    assert load_donations().equals(donations)
