"""The Hull method."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.factors._retention.hull import hull_number, hull_points

DF = np.array([15.0, 9.0, 4.0, 0.5])


def by_the_paper(fit, df):
    """Return the models on the hull, step by step as Lorenzo-Seva et al. (2011, p. 351) tell it."""
    models = [i for i in range(len(fit)) if all(fit[j] <= fit[i] for j in range(i))]
    while True:
        for a, b, c in zip(models, models[1:], models[2:], strict=False):
            at_b = fit[a] + (fit[c] - fit[a]) * (df[a] - df[b]) / (df[a] - df[c])
            if fit[b] <= at_b:
                models.remove(b)
                break
        else:
            return models


@settings(max_examples=30)
@given(st.lists(st.integers(0, 200), min_size=1, max_size=9))
def test_the_hull_is_that_of_the_paper(hundredths):
    """Whatever the order in which models are left out, the same remain."""
    fit = np.array(hundredths) / 200
    p = len(fit) + 6
    k = np.arange(len(fit))
    df = ((p - k) ** 2 - (p + k)) / 2
    points = hull_points(fit, df).tolist()
    assert points == by_the_paper(fit, df)
    if len(points) >= 3:
        ratios = {
            b: (fit[b] - fit[a]) / (df[a] - df[b]) / max((fit[c] - fit[b]) / (df[b] - df[c]), 1e-99)
            for a, b, c in zip(points, points[1:], points[2:], strict=False)
        }
        assert np.isclose(ratios[hull_number(fit, df)], max(ratios.values()))


def test_the_sharpest_bend_is_chosen():
    """Two factors bring nearly all; the bend at one is slight."""
    fit = np.array([0.0, 0.5, 0.9, 0.901])
    assert hull_points(fit, DF).tolist() == [0, 1, 2, 3]
    assert hull_number(fit, DF) == 2


def test_a_model_below_a_line_is_passed_over():
    """One factor brings less than its share of what two bring."""
    assert hull_points(np.array([0.0, 0.1, 0.9, 0.95]), DF).tolist() == [0, 2, 3]


def test_a_model_that_fits_worse_is_left_out():
    """Two factors fit worse than one, three a little better."""
    assert hull_points(np.array([0.0, 0.8, 0.7, 0.9]), DF).tolist() == [0, 1, 3]


def test_a_perfect_fit_is_chosen():
    """Once there is nothing to gain, the bend is as sharp as can be."""
    fit = np.array([0.0, 0.4, 1.0, 1.0])
    assert hull_points(fit, DF).tolist() == [0, 2, 3]
    assert hull_number(fit, DF) == 2


def test_no_bend_is_answered_by_the_best_fit():
    """Each factor brings more than the one before it: only the ends are on the hull."""
    fit = np.array([0.0, 0.1, 0.3, 0.9])
    assert hull_points(fit, DF).tolist() == [0, 3]
    assert hull_number(fit, DF) == 3


def test_no_factor_where_none_is_needed():
    """The model of no factor fits perfectly."""
    assert hull_number(np.ones(4), DF) == 0
