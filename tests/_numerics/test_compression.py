import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from custvalue._numerics import compression
from custvalue._numerics.compression import compress_rows

small = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.5, -0.0]), st.integers(1, 4)),
    min_size=1,
    max_size=40,
)


@given(small)
def test_expanding_gives_every_row_back(rows):
    """The distinct rows, expanded, are the rows."""
    columns = tuple(np.array(column, dtype=float) for column in zip(*rows, strict=True))
    compressed = compress_rows(*columns)
    for column, distinct in zip(columns, compressed.columns, strict=True):
        np.testing.assert_array_equal(compressed.expand(distinct), column)


@given(small)
def test_rows_are_distinct_and_counted(rows):
    """No row is left twice, and the weights count the rows."""
    columns = tuple(np.array(column, dtype=float) for column in zip(*rows, strict=True))
    compressed = compress_rows(*columns)
    found = list(zip(*compressed.columns, strict=True))
    assert len(set(found)) == len(found)
    assert compressed.weights.sum() == len(rows)
    assert dict(zip(found, compressed.weights, strict=True)) == {
        row: sum(other == row for other in zip(*columns, strict=True)) for row in found
    }


def test_weights_of_equal_rows_add_up():
    """A distinct row weighs what its rows weigh together."""
    compressed = compress_rows(np.array([1.0, 2.0, 1.0]), weights=np.array([0.5, 2.0, 3.0]))
    np.testing.assert_array_equal(compressed.columns[0], [1.0, 2.0])
    np.testing.assert_array_equal(compressed.weights, [3.5, 2.0])


def test_rows_that_share_a_mix_are_told_apart(monkeypatch):
    """Where the mixed bits of all rows collide, the columns themselves decide.

    Five columns of 20,000 distinct values: a key of their product would exceed 64 bits.
    """
    columns = [np.random.default_rng(seed).permutation(np.arange(20_000.0)) for seed in range(5)]
    monkeypatch.setattr(compression, "_mixed", lambda columns: np.zeros(len(columns[0])))
    monkeypatch.setattr(compression, "_distinct_rows", lambda columns: 0)
    compressed = compress_rows(*(np.tile(c, 2) for c in columns))
    assert len(compressed.weights) == 20_000
    assert (compressed.weights == 2).all()


def test_a_long_table_of_distinct_rows_is_left_as_it_is():
    """Where a sample finds hardly a repetition nothing is copied, and expanding gives all back."""
    values = np.random.default_rng(0).random(30_000)
    compressed = compress_rows(values)
    assert compressed.columns[0] is values
    assert compressed.weights.sum() == 30_000
    np.testing.assert_array_equal(compressed.expand(2 * values), 2 * values)


def test_a_long_table_of_few_rows_is_compressed():
    """Ten copies of each row are found by the sample."""
    values = np.tile(np.random.default_rng(0).random(10_000), 10)
    assert len(compress_rows(values).weights) == 10_000


def test_the_number_of_distinct_rows_is_judged_from_a_sample():
    """Half of a table is one row, the other half is all distinct: it is left as it is."""
    generator = np.random.default_rng(0)
    values = np.where(np.arange(200_000) % 2, generator.random(200_000), 0.5)
    assert compress_rows(values).inverse is None
    few = np.where(np.arange(200_000) % 20 == 0, generator.random(200_000), 0.5)
    assert len(compress_rows(few).weights) == 10_001
