"""The parts of a segmentation: order, number, pins, values and names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.mixed import read_mixed
from custvalue.exceptions import DataError
from custvalue.segmentation._clusters.assignment import PrototypeRule
from custvalue.segmentation._clusters.clusterers import Clustering
from custvalue.segmentation._clusters.selection import Selection
from custvalue.segmentation._customer_segmenter import (
    Segments,
    all_codes,
    canonical,
    check_pinned,
    choose_number,
    find_pins,
    found_selection,
    make_segments,
    mean_silhouette,
    name_found,
    pins_not_found,
    previous_names,
    value_column,
    values_of,
)

IDS = pd.Index(list("abcdef"), name="customer_id")
POINTS = np.array([[0.0], [0.1], [5.0], [5.1], [9.0], [9.1]])
KMEANS = Clustering("kmeans", 100)


def table(**columns):
    """Return a table of six customers."""
    return read_mixed(pd.DataFrame({"n": POINTS[:, 0], **columns}, index=IDS))


def segments(codes=(0, 0, 1, 1, 2, 2)):
    """Return three segments on a line."""
    rule = PrototypeRule(np.zeros((3, 1)), np.arange(3), np.zeros(3), np.full(3, np.inf))
    return Segments(rule, np.array(codes), 1.0, True)


def test_the_canonical_order_does_not_depend_on_the_given_one():
    """Any permutation of the rows is put in the same order, by the first column first."""
    Z = np.random.default_rng(0).integers(3, size=(50, 3)).astype(float)
    mixed = Z[np.random.default_rng(1).permutation(50)]
    np.testing.assert_array_equal(Z[canonical(Z)], mixed[canonical(mixed)])
    assert (np.diff(Z[canonical(Z)][:, 0]) >= 0).all()


def test_segments_are_made_in_the_order_of_their_mean_value():
    """The highest mean first, none empty."""
    value = np.array([1.0, 1, 9, 9, 4, 4])
    found = make_segments(POINTS, KMEANS, 3, value, 0)
    assert found.codes.tolist() == [2, 2, 0, 0, 1, 1]
    assert found.count == 3
    in_order = found.rule.prototypes[np.argsort(found.rule.segment), 0]
    np.testing.assert_allclose(in_order, [5.05, 9.05, 0.05])


@pytest.mark.parametrize("asked", [2, 3])
def test_a_number_that_was_asked_for_is_taken(asked):
    """And said to be asked for."""
    generator = np.random.default_rng(0)
    found = choose_number(POINTS, KMEANS, asked, 8, generator=generator, progress=False)
    assert found.recommended == asked
    assert "asked for" in found.reason


def test_more_segments_than_customers_that_differ_are_refused():
    """Both numbers are in the message."""
    with pytest.raises(DataError, match="n_clusters=7 and 6 of 6"):
        choose_number(POINTS, KMEANS, 7, 8, generator=np.random.default_rng(0), progress=False)


def test_a_single_selection_gets_its_criteria():
    """One row for the number made; a table that is there stays."""
    made = found_selection(POINTS, segments(), Selection(pd.DataFrame(), 3, "asked"))
    assert made.table.index.tolist() == [3]
    assert made.table.loc[3, "smallest_segment"] == pytest.approx(1 / 3)
    assert found_selection(POINTS, segments(), made) is made


def test_one_segment_has_silhouette_0():
    """Nothing to compare with is neither good nor bad."""
    assert mean_silhouette(POINTS, np.zeros(6, dtype=np.int64)) == 0
    assert mean_silhouette(POINTS, segments().codes) > 0.9


def test_the_column_of_value():
    """What is asked for, else a name of value, else the first number; always complete numbers."""
    with_total = table(total_value=1.0, region="x")
    assert value_column(with_total, None, ["n"]) == "total_value"
    assert value_column(with_total, "n", ["n"]) == "n"
    assert value_column(table(), None, ["n"]) == "n"
    assert value_column(read_mixed(pd.DataFrame({"r": ["x"]})), None, []) is None
    assert values_of(table(), None).tolist() == [0.0] * 6
    with pytest.raises(DataError, match="order_by must name a column of numbers; 'region'"):
        values_of(with_total, "region")
    with pytest.raises(DataError, match="known for every customer"):
        values_of(table(v=[1.0, np.nan, 1, 1, 1, 1]), "v")


def test_pins_are_found_by_id():
    """Each pinned row has its name, and the codes of all follow."""
    pinned = {"b": "Key", "e": "S1", "z": "Key"}
    pins = find_pins(pinned, table())
    assert pins.pinned.tolist() == [False, True, False, False, True, False]
    codes = np.array([0, 1, 1, 2])
    assert all_codes(codes, pins, ["S1", "S2", "S3", "Key"]).tolist() == [0, 3, 1, 1, 0, 2]
    assert "missing: 'z' (1 of 3)" in pins_not_found(pinned, table())
    assert pins_not_found({"b": "Key"}, table()) == ""
    assert not find_pins(None, table()).pinned.any()


def test_pins_need_ids_and_names():
    """Arrays have no ids, and a segment needs a name."""
    with pytest.raises(ValueError, match="rows with ids"):
        check_pinned({0: "Key"}, read_mixed(POINTS))
    with pytest.raises(ValueError, match="found 3"):
        check_pinned({"a": 3}, table())


def test_names_come_from_before_then_from_the_caller():
    """A segment that overlaps an earlier one keeps its name; pinned ones stand last."""
    before = np.array(["Old", "Old", None, None, "New", "New"], dtype=object)
    naming = name_found(segments(), None, {"a": "Key"}, before, find_pins(None, table()))
    assert naming.names == ["Old", "Segment 1", "New", "Key"]
    assert naming.matching["previous"].tolist()[::2] == ["Old", "New"]
    assert name_found(segments(), None, None, None, find_pins(None, table())).matching is None


def test_earlier_names_may_be_a_series():
    """By customer, each once; customers who are not in it have none."""
    pins = find_pins({"a": "Key"}, table())
    series = pd.Series(["x", "y", "Unassigned"], index=["a", "b", "c"])
    assert previous_names(series, None, table(), pins).tolist() == [None, "y"] + [None] * 4
    assert previous_names(None, None, table(), pins) is None
