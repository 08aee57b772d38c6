import numpy as np
from scipy.special import gammaln

from custvalue._numerics.counts import by_count, on_counts


def test_a_table_gives_what_the_function_gives():
    """Short tables and direct evaluation agree to the last bit."""
    counts = np.random.default_rng(0).poisson(4, size=500).astype(float)
    np.testing.assert_array_equal(
        on_counts(lambda n: gammaln(0.3 + n), counts), gammaln(0.3 + counts)
    )


def test_the_function_sees_each_number_once():
    """A thousand rows of small numbers cost a table of a few entries."""
    sizes = []
    on_counts(lambda n: sizes.append(len(n)) or n, np.tile([0.0, 5.0], 500))
    assert sizes == [6]


def test_equal_numbers_cost_one_value():
    """A run of one number gives one value, which broadcasts."""
    assert on_counts(lambda n: 2 * n, np.full(9, 7.0)).tolist() == [14.0]


def test_several_functions_share_a_table():
    """A function of shape (2, n) gives two values a row."""
    counts = np.array([3.0, 5.0, 3.0])
    found = on_counts(lambda n: np.stack([n, -n]), counts)
    np.testing.assert_array_equal(found, [counts, -counts])


def test_large_numbers_are_evaluated_directly():
    """One heavy buyer among three rows makes no table of ten thousand entries."""
    sizes = []
    on_counts(lambda n: sizes.append(len(n)) or n, np.array([0.0, 1.0, 1e4]))
    assert sizes == [3]


def test_a_parameter_that_is_one_number_is_tabulated():
    """A number and an array of that number give the same; only the array goes row by row."""
    counts, seen = np.array([0.0, 2.0, 2.0, 1.0, 0.0]), []

    def power(c, n):
        seen.append(len(n))
        return c**n

    np.testing.assert_array_equal(by_count(power, 3.0, counts), 3.0**counts)
    np.testing.assert_array_equal(by_count(power, np.full(5, 3.0), counts), 3.0**counts)
    assert seen == [3, 5]
