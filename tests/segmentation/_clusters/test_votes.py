"""The rule that takes a number of segments, and what it says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.segmentation._clusters.votes import named_numbers, verdict

KS = [1, 2, 3, 4, 5]


def criteria(ks=KS, best=0.6, **named):
    """Return a table whose criteria name the numbers given; every second silhouette is `best`."""
    ks = np.array(ks)
    several = np.where(ks > 1, 1.0, np.nan)

    def peak(name):
        return several * (ks == named[name])

    gap = np.where(ks <= named["gap"], 0.3 * ks, 0.0)
    table = {
        "silhouette": np.where(peak("silhouette") > 0, best, 0.9 * best) * several,
        "calinski_harabasz": peak("calinski_harabasz"),
        "davies_bouldin": -peak("davies_bouldin"),
        "gap": gap,
        "gap_standard_error": np.full(len(ks), 0.01),
        "prediction_strength": np.where(ks <= named["prediction_strength"], 0.9, 0.5),
    }
    if "bic" in named:
        table["bic"] = -1.0 * (ks == named["bic"])
    return pd.DataFrame(table, index=pd.Index(ks, name="n_clusters"))


def votes(silhouette, calinski, davies, gap, strength, **rest):
    """Return the table and what each criterion names in it."""
    return criteria(
        silhouette=silhouette,
        calinski_harabasz=calinski,
        davies_bouldin=davies,
        gap=gap,
        prediction_strength=strength,
        **rest,
    )


def taken(table, out=()):
    """Return the verdict on a table without the numbers that are out."""
    return verdict(table, ~table.index.isin(out))


def test_each_criterion_names_its_number():
    """Largest, largest, smallest, one standard error, .8 or more, smallest."""
    assert named_numbers(votes(2, 3, 4, 5, 1, bic=3)) == {
        "bic": 3,
        "silhouette": 2,
        "calinski_harabasz": 3,
        "davies_bouldin": 4,
        "gap": 5,
        "prediction_strength": 1,
    }


def test_criteria_without_numbers_name_none():
    """A criterion that is nowhere defined has no voice."""
    table = votes(2, 2, 2, 2, 2)
    table[["silhouette", "gap"]] = np.nan
    assert set(named_numbers(table)) == {
        "calinski_harabasz",
        "davies_bouldin",
        "prediction_strength",
    }


def test_most_criteria_decide():
    """Three of five name 3; the others are named in the sentence."""
    found = taken(votes(3, 4, 2, 3, 3))
    assert found.recommended == 3
    assert found.reason == (
        "3 segments: named by the silhouette, the gap statistic and prediction strength; "
        "Calinski-Harabasz names 4, Davies-Bouldin 2."
    )


def test_a_tie_goes_to_fewer_segments():
    """Two criteria for 4, two for 2: it is 2, and the sentence says so."""
    found = taken(votes(2, 5, 2, 4, 4))
    assert found.recommended == 2
    assert found.reason == (
        "2 segments: named by the silhouette and Davies-Bouldin, the fewest of 2 and 4, which as "
        "many criteria name; Calinski-Harabasz names 5, the gap statistic 4, prediction strength 4."
    )


def test_one_segment_where_both_judges_name_one():
    """The three criteria that cannot name 1 do not outvote the two that can."""
    found = taken(votes(2, 2, 2, 1, 1))
    assert found.recommended == 1
    assert found.reason == (
        "The data show no separate segments: the gap statistic and prediction strength name 1; "
        "the best silhouette is 0.60, of 2 segments."
    )


@pytest.mark.parametrize(
    ("gap", "strength", "best", "expected"),
    [(1, 2, 0.7, 1), (1, 2, 0.71, 2), (2, 1, 0.25, 1), (2, 1, 0.26, 2)],
)
def test_the_silhouette_decides_where_the_judges_differ(gap, strength, best, expected):
    """A strong silhouette speaks for segments against the gap, a poor one against segments."""
    assert taken(votes(2, 2, 2, gap, strength, best=best)).recommended == expected


@pytest.mark.parametrize(("rise", "expected"), [(0.029, 1), (0.031, 4)])
def test_a_gap_that_rises_late_but_clearly_is_no_one(rise, expected):
    """Four groups of which two look like one: three standard errors of .01 are the measure."""
    table = votes(4, 4, 4, 1, 4)
    table["gap"] = [0.3, 0.2, 0.25, 0.3 + rise, 0.1]
    assert named_numbers(table)["gap"] == 1
    assert taken(table).recommended == expected


def test_a_judge_who_differs_is_named():
    """Prediction strength finds two halves in one stretched cloud; the sentence tells."""
    found = taken(votes(2, 2, 2, 1, 2))
    assert found.reason == (
        "The data show no separate segments: the gap statistic names 1; prediction strength names "
        "2; the best silhouette is 0.60, of 2 segments."
    )


def test_bic_decides_for_mixtures():
    """All others are outvoted by BIC, in either direction."""
    found = taken(votes(2, 2, 2, 2, 3, bic=3))
    assert found.recommended == 3
    assert found.reason == (
        "3 segments: named by BIC, which decides for a mixture, and by prediction strength; the "
        "silhouette names 2, Calinski-Harabasz 2, Davies-Bouldin 2, the gap statistic 2."
    )
    one = taken(votes(2, 2, 2, 2, 2, bic=1))
    assert one.recommended == 1
    assert one.reason.startswith("1 segment: named by BIC, which decides for a mixture; the")


def test_numbers_that_are_out_are_not_named():
    """The next best number is taken, and the sentence says which are out."""
    found = taken(votes(3, 3, 3, 3, 3), out=[3, 4])
    assert found.recommended == 2
    assert found.reason.endswith("; 3 and 4 are out: a segment would be too small or not be found.")


def test_one_segment_because_all_else_is_out():
    """It is not said that the data show no segments where no other number could be judged."""
    found = taken(votes(3, 3, 3, 3, 3), out=[2, 3, 4, 5])
    assert found.recommended == 1
    assert found.reason.startswith("1 segment: named by the gap statistic and prediction strength;")


def test_the_fewest_where_none_is_usable():
    """Something has to be recommended; the sentence says that every number is out."""
    found = taken(votes(3, 3, 3, 3, 3, ks=[2, 3]), out=[2, 3])
    assert found.recommended == 2
    assert found.reason == (
        "2 segments, the fewest tried: 2 and 3 are out: a segment would be too small or not be "
        "found."
    )


def test_the_fewest_where_no_criterion_names_a_number():
    """A table of gaps alone recommends its first number."""
    table = votes(3, 3, 3, 3, 3, ks=[2, 3])
    table.loc[:] = np.nan
    found = taken(table)
    assert found.recommended == 2
    assert found.reason == "2 segments: no criterion names a number."


def test_without_one_among_the_numbers_there_are_segments():
    """Where 1 was not tried it is not recommended."""
    assert taken(votes(3, 3, 4, 2, 2, ks=[2, 3, 4])).recommended == 2
