import numpy as np
import pytest

from custvalue._likelihood import chunks
from custvalue._likelihood.chunks import by_distinct_row, in_order_of_count, over_chunks
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw
from support.attrition import histories

LAW = BetaGeoNBDLaw(0.243, 4.414, 0.793, 2.426)


def test_equal_rows_are_evaluated_once_and_all_get_the_value():
    """The function sees three distinct rows of six."""
    seen = []

    def double(x):
        seen.append(len(x))
        return 2 * x

    x = np.array([3.0, 1.0, 3.0, 2.0, 1.0, 3.0])
    np.testing.assert_array_equal(by_distinct_row(double, (x,)), 2 * x)
    assert seen == [3]


def test_chunks_make_no_difference(monkeypatch):
    """Three rows at a time give what all rows at once give."""
    values = by_distinct_row(LAW.probability_alive, histories())
    monkeypatch.setattr(chunks, "_ROWS", 3)
    np.testing.assert_array_equal(by_distinct_row(LAW.probability_alive, histories()), values)
    assert over_chunks(len, (np.arange(8.0),)) == [3, 3, 2]


def test_functions_of_several_columns_per_row_are_expanded():
    """A function that gives two numbers a row gives two for every row."""
    x = np.array([1.0, 2.0, 1.0])
    found = by_distinct_row(lambda x: np.column_stack([x, -x]), (x,))
    np.testing.assert_array_equal(found, [[1, -1], [2, -2], [1, -1]])


@pytest.mark.parametrize("most", [5, 10**6])
def test_equal_counts_are_put_together(most):
    """Rows come in rising count, and those of one count in their own order."""
    counts = np.random.default_rng(0).integers(0, most, 300).astype(float)
    order = in_order_of_count(counts)
    np.testing.assert_array_equal(order, np.argsort(counts, kind="stable"))


def test_runs_of_one_count_are_seen_together(monkeypatch):
    """In runs a chunk is large, and the results are the same."""
    monkeypatch.setattr(chunks, "_ROWS", 2)
    seen = []

    def double(x):
        seen.append(len(x))
        return 2 * x

    x = np.array([3.0, 1.0, 5.0, 2.0])
    np.testing.assert_array_equal(by_distinct_row(double, (x,), in_runs=True), 2 * x)
    np.testing.assert_array_equal(by_distinct_row(double, (x,)), 2 * x)
    assert seen == [4, 2, 2]
