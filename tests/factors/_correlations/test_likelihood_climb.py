"""The likelihood of a correlation is climbed to its top, for one table or thousands."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import multivariate_normal, norm

from custvalue.factors._correlations.likelihood_climb import BOUNDARY, climb
from custvalue.factors._correlations.polychoric import thresholds_of_margins


def climbed(table: list[list[float]]) -> tuple[float, bool]:
    """Return rho of one table, and whether it is at the boundary."""
    counts = np.array(table, dtype=float)
    rows, columns = (thresholds_of_margins(counts.sum(axis=axis)) for axis in (1, 0))
    rho, at_boundary = climb(counts[None], rows[None], columns[None])
    return float(rho[0]), bool(at_boundary[0])


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ([[147, 61, 0, 0, 1], [61, 537, 125, 0, 0], [0, 132, 853, 137, 0], [0, 0, 133, 564, 53],
          [0, 0, 0, 61, 136]], 0.9388651021115775),
        ([[54446, 12520, 1, 0, 1], [12652, 194811, 34218, 0, 0], [1, 34343, 314256, 34383, 0],
          [0, 0, 34491, 194214, 12651], [0, 0, 1, 12661, 54351]], 0.9701272362398479),
        ([[0, 0, 9552, 149212], [0, 16000, 315683, 9568], [9691, 315684, 16035, 0],
          [148895, 9680, 0, 0]], -0.9949905218406677),
        ([[67, 2, 0, 0, 0], [3, 229, 6, 0, 0], [0, 3, 374, 9, 0], [0, 0, 6, 230, 4],
          [0, 0, 0, 4, 63]], 0.9988814708893551),
        ([[65518, 1055, 0, 0], [999, 621170, 2710, 0], [0, 2876, 237513, 1021],
          [0, 0, 1043, 66095]], 0.9998020723352633),
        ([[3, 3, 5, 0], [4, 5, 4, 1], [0, 5, 9, 3], [1, 4, 0, 3]], 0.30531124724510145),
    ],
)  # fmt: skip
def test_the_likelihood_is_at_its_top_to_ten_digits(table, expected):
    """Roots of the likelihood's slope by mpmath with 40 digits; far outliers and rho near 1."""
    assert abs(climbed(table)[0] - expected) < 1e-10


def test_the_optimum_is_that_of_a_plain_search():
    """SciPy's bounded search on SciPy's bivariate normal, to what the flat top allows."""
    table = np.array([[20.0, 11, 2], [9, 30, 12], [1, 15, 25]])
    cuts = [
        np.r_[-8, norm.ppf(np.cumsum(table.sum(axis))[:-1] / table.sum()), 8] for axis in (1, 0)
    ]

    def loss(rho):
        joint = multivariate_normal(cov=[[1, rho], [rho, 1]])
        corners = np.array([[joint.cdf([h, k]) for k in cuts[1]] for h in cuts[0]])
        cells = np.diff(np.diff(corners, axis=0), axis=1)
        return -(table * np.log(cells)).sum()

    best = minimize_scalar(loss, bounds=(-0.99, 0.99), method="bounded", options={"xatol": 1e-8})
    assert abs(climbed(table.tolist())[0] - best.x) < 1e-6


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ([[10, 0, 0], [0, 10, 0], [0, 0, 4]], BOUNDARY),
        ([[0, 10], [3, 0]], -BOUNDARY),
        ([[4000, 1, 0], [1, 4000, 1], [0, 1, 3000]], BOUNDARY),
        ([[10, 0], [5, 5]], BOUNDARY),
        ([[500, 0], [480, 20]], BOUNDARY),
        ([[3, 7000], [90_000, 0]], -BOUNDARY),
    ],
)
def test_perfect_order_ends_at_the_boundary(table, expected):
    """Where the likelihood rises up to +-0.9999 that is the answer, and it is marked."""
    assert climbed(table) == (expected, True)


def test_many_tables_are_solved_as_one_by_one():
    """Company and padding to the largest item change no digit that counts."""
    rng = np.random.default_rng(6)
    tables = rng.integers(1, 30, size=(500, 3, 3)).astype(float)
    rows, columns = (thresholds_of_margins(tables.sum(axis=axis)) for axis in (2, 1))
    together, _ = climb(tables, rows, columns)
    padded = np.pad(tables, ((0, 0), (0, 2), (0, 1)))
    wider = [
        np.pad(cuts, ((0, 0), (0, more)), constant_values=np.inf)
        for cuts, more in ((rows, 2), (columns, 1))
    ]
    np.testing.assert_allclose(climb(padded, *wider)[0], together, atol=1e-12)
    for k in (0, 250, 499):
        assert abs(climbed(tables[k].tolist())[0] - together[k]) < 1e-12


def test_a_table_in_one_row_says_nothing():
    """No likelihood to climb: rho is 0 and not at the boundary."""
    table = np.array([[[5.0, 7.0], [0.0, 0.0]]])
    cuts = (thresholds_of_margins(table.sum(axis=axis)) for axis in (2, 1))
    rho, at_boundary = climb(table, *cuts)
    assert (rho.tolist(), at_boundary.tolist()) == ([0.0], [False])
