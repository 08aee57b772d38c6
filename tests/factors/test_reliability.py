"""cronbach_alpha and mcdonald_omega."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from custvalue.datasets import load_attitude
from custvalue.exceptions import ConvergenceWarning, DataError, DataQualityWarning
from custvalue.factors import reliability
from custvalue.factors.polychoric import polychoric
from custvalue.factors.reliability import cronbach_alpha, mcdonald_omega

THURSTONE = [
    [0.828],
    [0.776, 0.779],
    [0.439, 0.493, 0.460],
    [0.432, 0.464, 0.425, 0.674],
    [0.447, 0.489, 0.443, 0.590, 0.541],
    [0.447, 0.432, 0.401, 0.381, 0.402, 0.288],
    [0.541, 0.537, 0.534, 0.350, 0.367, 0.320, 0.555],
    [0.380, 0.358, 0.359, 0.424, 0.446, 0.325, 0.598, 0.452],
]
"""Correlations of nine mental tests (Thurstone & Thurstone 1941; Thurstone of psych)."""

TESTS = [
    "sentences",
    "vocabulary",
    "completion",
    "first_letters",
    "four_letters",
    "suffixes",
    "series",
    "pedigrees",
    "grouping",
]


@pytest.fixture
def thurstone() -> pd.DataFrame:
    """Return the correlations of the nine tests."""
    matrix = np.eye(9)
    for i, row in enumerate(THURSTONE, start=1):
        matrix[i, :i] = matrix[:i, i] = row
    return pd.DataFrame(matrix, TESTS, TESTS)


@pytest.fixture
def attitude() -> pd.DataFrame:
    """Return the answers of 30 departments to seven questions."""
    return load_attitude()


def turned(matrix: pd.DataFrame, items: list[str]) -> pd.DataFrame:
    """Return correlations with the sign of some items turned."""
    signs = np.where(matrix.index.isin(items), -1.0, 1.0)
    return matrix * np.outer(signs, signs)


def test_alpha_of_attitude(attitude):
    """All figures agree with psych 2.2.9 to its digits."""
    found = cronbach_alpha(attitude)
    assert found.alpha == pytest.approx(0.843142769565, abs=1e-11)
    assert found.lower == pytest.approx(0.739375685643, abs=1e-11)
    assert found.upper == pytest.approx(0.91577307216, abs=1e-11)
    assert found.standardised == pytest.approx(0.83908380303, abs=1e-11)
    assert found.lambda6 == pytest.approx(0.87521513736, abs=1e-11)
    assert found.average_correlation == pytest.approx(0.42690664265, abs=1e-11)
    critical = [0.863872311446, 0.265034339197, 74.7666666667, 9.89490754895]
    np.testing.assert_allclose(found.items.loc["critical"], critical, rtol=1e-11)
    assert found.items.index.name == "item"
    assert found.items.columns.tolist() == [
        "alpha_if_dropped",
        "item_total_correlation",
        "mean",
        "standard_deviation",
    ]


def test_a_covariance_matrix_gives_the_alpha_of_the_answers(attitude):
    """Covariances and the number of departments say all but the means."""
    found = cronbach_alpha(matrix=attitude.cov(), n_observations=30)
    expected = cronbach_alpha(attitude)
    assert found.alpha == pytest.approx(expected.alpha, abs=1e-12)
    assert found.lower == pytest.approx(expected.lower, abs=1e-12)
    assert found.items["mean"].isna().all()


def test_correlations_give_the_standardised_alpha(attitude):
    """Without covariances alpha is that of standardised items, without n it has no interval."""
    found = cronbach_alpha(matrix=attitude.corr())
    assert found.alpha == found.standardised
    assert found.alpha == pytest.approx(0.83908380303, abs=1e-11)
    assert np.isnan([found.lower, found.upper]).all()


@pytest.mark.parametrize("kind", ["spearman", "polychoric"])
def test_other_correlations_have_no_covariances(attitude, kind):
    """Alpha is then of the correlations; for "polychoric" the ordinal alpha."""
    coarse = (attitude[["complaints", "learning", "raises", "advance"]] // 20).clip(1, 4)
    found = cronbach_alpha(coarse, correlation=kind)
    R = coarse.corr("spearman") if kind == "spearman" else polychoric(coarse).matrix
    expected = 4 / 3 * (1 - 4 / R.to_numpy().sum())
    assert found.alpha == found.standardised
    assert found.alpha == pytest.approx(expected, abs=1e-10)


def test_the_interval_follows_its_level(attitude):
    """A lower level is a narrower interval inside."""
    wide, narrow = cronbach_alpha(attitude, level=0.99), cronbach_alpha(attitude, level=0.5)
    assert wide.lower < narrow.lower < narrow.alpha < narrow.upper < wide.upper


def test_a_reversed_item_is_said_and_turned_on_request(attitude):
    """It is named in a warning and never turned unasked; turned, all is as before but its mean."""
    mirrored = attitude.assign(raises=100 - attitude["raises"])
    with pytest.warns(
        DataQualityWarning, match=r"looks reversed.*'raises' \(1 such item"
    ) as caught:
        worse = cronbach_alpha(mirrored)
    assert caught[0].filename == __file__
    assert worse.alpha < 0.6
    assert worse.items.loc["raises", "item_total_correlation"] < 0
    found, expected = cronbach_alpha(mirrored, reverse=["raises"]), cronbach_alpha(attitude)
    assert found.alpha == pytest.approx(expected.alpha, abs=1e-12)
    assert found.lambda6 == pytest.approx(expected.lambda6, abs=1e-12)
    same = expected.items.columns.drop("mean")
    pd.testing.assert_frame_equal(found.items[same], expected.items[same])
    assert found.items.loc["raises", "mean"] == pytest.approx(100 - 64.6333333333)


def test_a_turned_item_as_psych_turns_it(attitude):
    """With "critical" turned alpha and the others are those of psych 2.2.9, alpha(keys=)."""
    with pytest.warns(DataQualityWarning, match="'critical'"):
        found = cronbach_alpha(attitude, reverse=["critical"])
    assert found.alpha == pytest.approx(0.776454054258, abs=1e-11)
    assert found.standardised == pytest.approx(0.755450030592, abs=1e-11)
    assert found.items.loc["critical", "item_total_correlation"] == pytest.approx(-0.265034339197)
    assert found.items.loc["advance", "alpha_if_dropped"] == pytest.approx(0.768744854971)


def test_two_items(attitude):
    """Alpha of two items is psych's; without one of them there is none."""
    found = cronbach_alpha(attitude[["rating", "complaints"]])
    assert found.alpha == pytest.approx(0.902370711795, abs=1e-11)
    assert found.items["alpha_if_dropped"].isna().all()


def test_gaps_in_pairs(attitude):
    """Covariances of those who answered both give alpha and alphas if dropped of psych 2.2.9."""
    holes = attitude.astype(float)
    holes.iloc[2, 1] = holes.iloc[6, 4] = np.nan
    found = cronbach_alpha(holes, missing="pairwise")
    assert found.alpha == pytest.approx(0.8455190348784, abs=1e-12)
    dropped = [
        0.812345158647,
        0.800124861166,
        0.830867510408,
        0.806540766635,
        0.795795312847,
        0.866428512931,
        0.843228663917,
    ]
    np.testing.assert_allclose(found.items["alpha_if_dropped"], dropped, atol=1e-12)
    with pytest.raises(DataError, match="'complaints'"):
        cronbach_alpha(holes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"level": 1.0}, r"level must be a float in the range .*; found 1\.0"),
        ({"level": np.nan}, "level must be a float in the range .*; found nan"),
        ({"level": "0.9"}, "level must be a float in the range .*; found '0.9'"),
        ({"reverse": ["price"]}, r"reverse must name items \(rating.*\); found 'price'"),
        ({"reverse": ["raises", "raises"]}, "reverse must name each item once"),
        ({"correlation": "kendall"}, "correlation must be one of"),
        ({"missing": "drop"}, "missing must be one of"),
    ],
)
def test_alpha_refuses_what_it_cannot_use(attitude, arguments, message):
    """Each message names the parameter, the rule and what was found."""
    with pytest.raises(ValueError, match=message):
        cronbach_alpha(attitude, **arguments)


def test_one_name_may_stand_alone(attitude):
    """``reverse="raises"`` is the item, not its letters."""
    mirrored = attitude.assign(raises=100 - attitude["raises"])
    found = cronbach_alpha(mirrored, reverse="raises")
    assert found.alpha == pytest.approx(cronbach_alpha(attitude).alpha)


def test_omega_of_the_mental_tests(thurstone):
    """psych 2.2.9, omega(): 1e-5, since its rotation stops at 1e-5; the rest 1e-6.

    The general loadings are those of its formulas after a search in R that ends at 1e-9.
    """
    found = mcdonald_omega(matrix=thurstone, random_state=0)
    assert found.hierarchical == pytest.approx(0.736070318258, abs=1e-5)
    assert found.total == pytest.approx(0.930825414903, abs=1e-5)
    assert found.explained_common_variance == pytest.approx(0.596901627854, abs=1e-5)
    assert found.group.index.tolist() == ["group_1", "group_2", "group_3"]
    psych = [0.320633149111, 0.322334405906, 0.343723295227]
    np.testing.assert_allclose(np.sort(found.group), psych, atol=1e-5)
    general = [
        0.708953584507,
        0.725704394488,
        0.683158030620,
        0.646079046359,
        0.622220909697,
        0.558361532977,
        0.587131303898,
        0.576799191530,
        0.540630208492,
    ]
    np.testing.assert_allclose(found.general_loadings, general, atol=1e-6)
    assert found.hierarchical == pytest.approx(0.736071241732, abs=1e-6)
    assert found.total == pytest.approx(0.930825690522, abs=1e-6)


def test_the_table_of_the_mental_tests(thurstone):
    """General and groups stand by item; h2 and u2 add up to 1; the groups are the known ones."""
    table = mcdonald_omega(matrix=thurstone, random_state=0).schmid_leiman
    assert table.columns.tolist() == ["general", "group_1", "group_2", "group_3", "h2", "u2"]
    assert table.index.tolist() == TESTS
    np.testing.assert_allclose(table["h2"] + table["u2"], 1)
    own = table[["group_1", "group_2", "group_3"]].to_numpy().argmax(axis=1)
    assert [len(set(own[i : i + 3])) for i in (0, 3, 6)] == [1, 1, 1]
    assert len(set(own)) == 3


def test_two_factors_are_said_not_to_determine_it(thurstone):
    """psych 2.2.9 with option "equal", to 1e-6; the choice is said aloud."""
    with pytest.warns(DataQualityWarning, match=r"two factors do not determine.*phi=0\.643"):
        found = mcdonald_omega(matrix=thurstone, n_factors=2, random_state=0)
    assert found.hierarchical == pytest.approx(0.713908041052, abs=1e-6)
    assert found.total == pytest.approx(0.912793325342, abs=1e-6)
    psych = [0.242208229244, 0.296046029202]
    np.testing.assert_allclose(np.sort(found.group), psych, atol=2e-6)


def test_one_factor_is_all_there_is(attitude):
    """The total is psych's, hierarchical the same, and no group is left."""
    found = mcdonald_omega(attitude, n_factors=1, random_state=0)
    assert found.total == pytest.approx(0.850992465078, abs=1e-6)
    assert found.hierarchical == found.total
    assert found.explained_common_variance == 1
    assert found.group.empty
    assert found.schmid_leiman.columns.tolist() == ["general", "h2", "u2"]


def test_a_wholly_explained_group_is_said(attitude):
    """The second of three factors of attitude loads 1.001 on the general one (psych: 1.001).

    Figures to 2e-4 of psych 2.2.9, whose extraction stops early; to 1e-6 of a search in R that
    ends at 1e-12.
    """
    with pytest.warns(DataQualityWarning, match=r"second order.*group_2 \(1\.001\)"):
        found = mcdonald_omega(attitude, random_state=0)
    assert found.hierarchical == pytest.approx(0.51861908315, abs=2e-4)
    assert found.hierarchical == pytest.approx(0.51873790643, abs=1e-6)
    assert found.total == pytest.approx(0.906230713857, abs=1e-6)
    assert found.explained_common_variance == pytest.approx(0.467905649568, abs=2e-4)
    assert found.group.isna().tolist() == [False, True, False]


def test_a_wholly_explained_item_is_said():
    """An item that one factor must explain beyond its variance is a Heywood case, by name."""
    matrix = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    frame = pd.DataFrame(matrix, list("abc"), list("abc"))
    with pytest.warns(DataQualityWarning, match="Heywood case: .*'a'"):
        mcdonald_omega(matrix=frame, n_factors=1, random_state=0)


def test_reversed_items_are_said_and_turned_on_request(thurstone):
    """Named in a warning and not turned unasked; turned, omega is that of the tests as they are."""
    mirrored = turned(thurstone, ["vocabulary", "four_letters"])
    with pytest.warns(DataQualityWarning, match="looks reversed: 'vocabulary', 'four_letters'"):
        worse = mcdonald_omega(matrix=mirrored, random_state=0)
    assert worse.hierarchical < 0.65
    found = mcdonald_omega(matrix=mirrored, reverse=["vocabulary", "four_letters"], random_state=0)
    assert found.hierarchical == pytest.approx(0.736070318258, abs=1e-5)


@pytest.mark.parametrize("method", ["ml", "principal_axis"])
def test_methods_agree_about_clear_groups(thurstone, method):
    """Maximum likelihood and principal axes find omega within a hundredth of minres."""
    found = mcdonald_omega(matrix=thurstone, method=method, random_state=0)
    assert found.hierarchical == pytest.approx(0.736, abs=0.01)


def test_the_order_of_items_changes_nothing(thurstone):
    """Items in another order have the same omega, to what the searches leave (1e-6)."""
    other = thurstone.iloc[::-1, ::-1]
    first = mcdonald_omega(matrix=thurstone, random_state=0)
    second = mcdonald_omega(matrix=other, random_state=0)
    assert second.hierarchical == pytest.approx(first.hierarchical, abs=1e-6)


def test_one_seed_gives_one_result(thurstone):
    """The same seed gives the same table to the last bit."""
    first, second = (mcdonald_omega(matrix=thurstone, random_state=5) for _ in range(2))
    pd.testing.assert_frame_equal(first.schmid_leiman, second.schmid_leiman, check_exact=True)


def test_a_search_that_does_not_end_is_said(thurstone, monkeypatch):
    """A ConvergenceWarning names what did not converge, at the user's line."""
    honest = reliability.solve

    def hasty(*arguments):
        solution = honest(*arguments)
        return replace(solution, rotation=replace(solution.rotation, converged=False))

    monkeypatch.setattr(reliability, "solve", hasty)
    with pytest.warns(ConvergenceWarning, match="rotation did not converge") as caught:
        mcdonald_omega(matrix=thurstone, random_state=0)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_factors": 0}, r"n_factors must be an int in the range \[1, inf\); found 0"),
        ({"n_factors": 2.0}, "n_factors must be an int in the range"),
        ({"n_factors": True}, "n_factors must be an int in the range"),
        ({"n_factors": 9}, "n_factors must be between 1 and 8"),
        ({"n_starts": 0}, "n_starts must be an int in the range"),
        ({"method": "principal"}, "method must be one of"),
        ({"rotation": "varimax"}, "rotation must be one of"),
        ({"reverse": ["price"]}, "reverse must name items"),
    ],
)
def test_omega_refuses_what_it_cannot_use(thurstone, arguments, message):
    """Each message names the parameter, the rule and what was found."""
    with pytest.raises(ValueError, match=message):
        mcdonald_omega(matrix=thurstone, **arguments)


def test_a_clean_run_warns_of_nothing(thurstone):
    """Three clear groups raise no doubt at all."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mcdonald_omega(matrix=thurstone, random_state=0)


def test_weights_count_respondents(attitude):
    """Alpha with its interval and omega of weighted rows are those of the rows repeated."""
    weights = np.r_[0, 3, np.ones(28)]
    repeated = attitude.iloc[np.repeat(np.arange(30), weights.astype(int))]
    found, expected = cronbach_alpha(attitude, sample_weight=weights), cronbach_alpha(repeated)
    assert (found.alpha, found.lower) == pytest.approx((expected.alpha, expected.lower))
    pd.testing.assert_frame_equal(found.items, expected.items)
    options = {"n_factors": 1, "random_state": 0}
    weighted = mcdonald_omega(attitude, sample_weight=weights, **options)
    assert weighted.total == pytest.approx(mcdonald_omega(repeated, **options).total, abs=1e-7)
    for function in (cronbach_alpha, mcdonald_omega):
        with pytest.raises(ValueError, match="sample_weight must be None beside matrix"):
            function(matrix=attitude.corr(), sample_weight=weights)


def test_the_smaller_side_looks_reversed(attitude):
    """With three of seven items mirrored all seven go against the sum, and the three are named.

    These have the larger loadings (psych 2.2.9, principal(): .85, .83, .86): the number counts.
    """
    three = ["complaints", "learning", "raises"]
    mirrored = attitude.assign(**{item: 100 - attitude[item] for item in three})
    with pytest.warns(
        DataQualityWarning, match=r"'complaints', 'learning', 'raises' \(3"
    ) as caught:
        found = cronbach_alpha(mirrored)
    assert (found.items["item_total_correlation"] < 0).all()
    assert len(caught) == 1
    assert cronbach_alpha(mirrored, reverse=three).alpha == pytest.approx(0.843142769565)


def test_two_halves_are_both_named(attitude):
    """Nothing tells which of two halves of the items is worded the other way."""
    mirrored = attitude.drop(columns="critical")
    mirrored[["raises", "rating", "advance"]] *= -1
    with pytest.warns(DataQualityWarning, match="half of the items point the other way") as caught:
        cronbach_alpha(mirrored)
    sides = [
        "'complaints', 'privileges', 'learning' (3 such item(s))",
        "'rating', 'raises', 'advance' (3 such item(s))",
    ]
    assert all(side in str(caught[0].message) for side in sides)


def test_unrelated_items_are_not_called_reversed():
    """Eight items that share nothing go against each other by chance; no side is meant."""
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(400, 8)), columns=list("abcdefgh"))
    with pytest.warns(DataQualityWarning, match="items have little in common: 'a'") as caught:
        cronbach_alpha(X)
    assert len(caught) == 1


def test_an_item_that_belongs_to_nothing_is_no_reversed_one():
    """One item goes against the sum in covariances, though not in the correlations."""
    R = np.array([[1, 0.6, 0.3], [0.6, 1, -0.1], [0.3, -0.1, 1]])
    C = R * np.outer([1, 5, 1], [1, 5, 1])
    with pytest.warns(DataQualityWarning, match="little in common: 'x2'"):
        cronbach_alpha(matrix=C)
