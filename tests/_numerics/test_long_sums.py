import numpy as np
import pytest
from mpmath import mp, mpf

from custvalue._numerics.long_sums import EVER, NEAR, long_sum, rows_summed_together, sum_nodes

LENGTHS = [1, 5, NEAR, NEAR + 1, NEAR + 64, NEAR + 65, 3000, 1e6, 12_345_678, EVER]


def by_long_sum(term, n_terms):
    """Sum a function of j, of shape (1, n)."""
    length = np.array([float(n_terms)])
    return long_sum(lambda n: term(np.arange(float(n)))[None], lambda j: term(j)[None], length)[0]


@pytest.mark.parametrize("n_terms", LENGTHS)
@pytest.mark.parametrize("power", [1.02, 2.0, 30.0])
def test_sums_of_powers_are_zeta_functions(n_terms, power):
    """Falling slowly, quickly or at once, to the last digits."""
    with mp.workdps(40):
        s = mpf(power)
        expected = float(mp.zeta(s, 5) - mp.zeta(s, 5 + mpf(n_terms)))
    assert by_long_sum(lambda j: (j + 5) ** -power, n_terms) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("n_terms", [2000, 100_000])
def test_terms_that_rise_steeply_towards_the_end_are_caught(n_terms):
    """A geometric sum whose last hundred terms are nearly all of it."""
    found = by_long_sum(lambda j: np.exp(0.3 * (j - n_terms)), n_terms)
    expected = np.exp(-0.3) * (1 - np.exp(-0.3 * n_terms)) / (1 - np.exp(-0.3))
    assert found == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("n_terms", LENGTHS[3:])
def test_polynomials_of_degree_39_are_summed_exactly(n_terms):
    """That is what Gauss rules of 20 points do; here for x^39 on (0, 1]."""
    nodes, weights = sum_nodes(n_terms)
    assert weights.sum() == pytest.approx(n_terms - NEAR, rel=1e-13)
    assert (weights > 0).all()
    assert (np.diff(nodes) > 0).all()
    if n_terms < EVER:  # by Faulhaber's formula
        with mp.workdps(400):
            total = (mp.bernpoly(40, int(n_terms)) - mp.bernpoly(40, NEAR)) / 40
            expected = float(total / mpf(n_terms) ** 39)
        assert weights @ (nodes / n_terms) ** 39 == pytest.approx(expected, rel=1e-12)


def test_sums_without_end_take_few_nodes():
    """The nodes to 2^60 number less than 1,500."""
    assert len(sum_nodes(EVER)[0]) < 1500


def test_rows_of_different_lengths_are_summed_at_once():
    """Each row takes its own number of terms, none of them if it has none."""
    lengths = np.array([0.0, 1.0, 7.0, 1024.0])
    found = long_sum(lambda n: np.ones((4, n)), lambda j: np.ones((4, len(j))), lengths)
    assert found.tolist() == lengths.tolist()


def test_every_row_with_terms_is_summed_once():
    """Rows are taken together where one call can take them: few terms, or equally many."""
    lengths = np.tile([0.0, 3.0, 1000.0, 2000.0, 2000.5, EVER, -1.0], 300)
    blocks = list(rows_summed_together(lengths))
    for block in blocks:
        assert len(block) <= 256
        assert (lengths[block] <= NEAR).all() or len(set(lengths[block])) == 1
    assert sorted(np.concatenate(blocks)) == np.flatnonzero(lengths > 0).tolist()
