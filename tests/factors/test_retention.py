"""How many factors a survey holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from custvalue.datasets import load_attitude
from custvalue.exceptions import ConvergenceWarning, DataError, DataQualityWarning
from custvalue.factors._retention.retention import CRITERIA, NEED_RESPONDENTS, Retention
from custvalue.factors.retention import (
    factor_retention,
    minimum_average_partial,
    parallel_analysis,
)

FREE = [name for name in CRITERIA if name not in NEED_RESPONDENTS]


@pytest.fixture(scope="module")
def attitude():
    """Return the answers of 30 departments to seven questions."""
    return load_attitude()


@pytest.fixture(scope="module")
def matrix(attitude):
    """Return their correlations."""
    return attitude.corr()


def survey(n_respondents):
    """Return answers from 1 to 5 to six questions about two things."""
    generator = np.random.default_rng(0)
    things = generator.normal(size=(n_respondents, 2))
    answers = np.repeat(things, 3, axis=1) + generator.normal(size=(n_respondents, 6)) * 0.8
    return pd.DataFrame(np.clip(np.round(answers * 0.8 + 3), 1, 5), columns=list("abcdef"))


def agreement(n_respondents):
    """Return yes and no to the same questions."""
    return (survey(n_respondents) > 3).astype(float)


class TestParallelAnalysis:
    """Eigenvalues against those of items that share nothing."""

    def test_attitude(self, attitude):
        """psych 2.2.9 fa.parallel(attitude, SMC=TRUE), set.seed(42): one factor, one component."""
        factors = parallel_analysis(attitude, of="factors", random_state=0)
        components = parallel_analysis(attitude, random_state=0)
        assert (factors.n_factors, components.n_factors) == (1, 1)
        assert (factors.of, components.of, factors.simulation) == (
            "factors",
            "components",
            "normal",
        )
        assert_allclose(factors.table["eigenvalue"].iloc[0], 3.3490876773, atol=1e-9)
        assert_allclose(components.table["eigenvalue"].iloc[0], 3.716376, atol=6e-7)

    def test_the_table(self, attitude):
        """One row an eigenvalue, from 1; the mean lies below the 95 % point."""
        table = parallel_analysis(attitude, random_state=0).table
        assert table.index.tolist() == list(range(1, 8))
        assert table.columns.tolist() == ["eigenvalue", "mean", "percentile", "retained"]
        assert (table["mean"] < table["percentile"]).all()
        assert table["retained"].tolist() == [True] + [False] * 6

    def test_answers_and_their_matrix_agree(self, attitude, matrix):
        """The correlations and the number of respondents are all that it needs."""
        from_answers = parallel_analysis(attitude, random_state=3)
        from_matrix = parallel_analysis(matrix=matrix, n_observations=30, random_state=3)
        pd.testing.assert_frame_equal(from_answers.table, from_matrix.table, rtol=1e-9)

    def test_shuffled_answers_say_the_same(self, attitude):
        """Means of 400 replicates of either kind differ by less than 4 standard errors.

        Standard deviations of the seven eigenvalues are at most 0.21 (psych 2.2.9).
        """
        shuffled = parallel_analysis(
            attitude, simulation="permutation", n_replicates=400, random_state=0
        )
        normal = parallel_analysis(attitude, n_replicates=400, random_state=0)
        assert shuffled.simulation == "permutation"
        assert shuffled.n_factors == 1
        difference = shuffled.table["mean"] - normal.table["mean"]
        assert_allclose(difference, 0, atol=4 * 0.21 * np.sqrt(2 / 400))

    @pytest.mark.parametrize("correlation", ["pearson", "spearman"])
    @pytest.mark.parametrize("simulation", ["normal", "permutation"])
    def test_the_order_of_the_rows_does_not_matter(self, correlation, simulation):
        """The same seed finds the same for respondents in any order."""
        answers = survey(80)
        options = {"correlation": correlation, "simulation": simulation, "n_replicates": 5}
        once = parallel_analysis(answers, random_state=1, **options)
        again = parallel_analysis(answers.iloc[::-1], random_state=1, **options)
        assert once.n_factors == 2
        pd.testing.assert_frame_equal(once.table, again.table, rtol=1e-9)

    def test_categories_are_shuffled(self):
        """Tetrachoric correlations of answers are compared with those of shuffled answers."""
        answers = agreement(300)
        found = parallel_analysis(
            answers, correlation="polychoric", n_replicates=20, random_state=1
        )
        normal = parallel_analysis(
            answers, correlation="polychoric", simulation="normal", random_state=1
        )
        assert found.simulation == "permutation"
        assert found.n_factors == normal.n_factors == 2
        assert found.table["mean"].iloc[0] > normal.table["mean"].iloc[0] + 0.1

    @pytest.mark.parametrize("missing", ["pairwise", "listwise"])
    def test_gaps_are_shuffled_or_left_out(self, missing):
        """Both ways find the two things that were asked about."""
        answers = survey(200)
        answers.iloc[::5, 2] = np.nan
        options = {"simulation": "permutation", "n_replicates": 20, "random_state": 0}
        if missing == "pairwise":
            found = parallel_analysis(answers, missing=missing, **options)
        else:
            with pytest.warns(DataQualityWarning, match="40 of 200 respondents"):
                found = parallel_analysis(answers, missing=missing, **options)
        assert found.n_factors == 2

    def test_unrelated_items_have_no_factor(self):
        """The identity: none."""
        assert parallel_analysis(matrix=np.eye(5), n_observations=50, random_state=0).n_factors == 0

    def test_a_higher_percentile_is_stricter(self, attitude):
        """Every reference rises with it."""
        low = parallel_analysis(attitude, percentile=50, random_state=0).table["percentile"]
        high = parallel_analysis(attitude, percentile=99.5, random_state=0).table["percentile"]
        assert (low < high).all()

    def test_matrix_alone_cannot_be_shuffled(self, matrix):
        """It has no answers."""
        with pytest.raises(ValueError, match="simulation='permutation' shuffles answers: give X"):
            parallel_analysis(matrix=matrix, n_observations=30, simulation="permutation")

    def test_respondents_must_be_known(self, matrix):
        """How far chance goes depends on their number."""
        with pytest.raises(ValueError, match="n_observations must be given beside matrix"):
            parallel_analysis(matrix=matrix)

    def test_two_respondents_are_too_few(self, matrix):
        """The message says what was found; the matrix is doubted before."""
        with (
            pytest.warns(DataQualityWarning, match="n_observations should exceed"),
            pytest.raises(ValueError, match="n_observations must exceed 2.*found 2"),
        ):
            parallel_analysis(matrix=matrix, n_observations=2)

    @pytest.mark.parametrize(
        ("name", "value", "rule"),
        [
            ("of", "items", "'factors', 'components'"),
            ("simulation", "bootstrap", "'auto', 'normal', 'permutation'"),
            ("n_replicates", 0, "range"),
            ("n_replicates", 10.0, "int"),
            ("percentile", 101, "range"),
            ("percentile", "mean", "float"),
        ],
    )
    def test_a_parameter_out_of_range_is_named(self, attitude, name, value, rule):
        """With what it must be and what was found."""
        with pytest.raises(ValueError, match=f"{name} must be .*{rule}.*found {value!r}"):
            parallel_analysis(attitude, **{name: value})


class TestMinimumAveragePartial:
    """Components until what is left belongs to single items."""

    def test_attitude(self, attitude):
        """psych 2.2.9 vss(cor(attitude))$map for 1 to 5 components."""
        found = minimum_average_partial(attitude)
        assert (found.n_factors, found.n_factors_fourth) == (1, 1)
        assert_allclose(
            found.table["average_squared_partial"].loc[1:5],
            [0.0926669664333, 0.1190083479689, 0.1567890913355, 0.2354433482358, 0.4257664252893],
            atol=1e-12,
        )

    def test_answers_and_their_matrix_agree(self, attitude, matrix):
        """The number of respondents plays no part."""
        assert_allclose(
            minimum_average_partial(attitude).table,
            minimum_average_partial(matrix=matrix).table,
            rtol=1e-9,
        )

    def test_one_of_answers_and_matrix_is_needed(self, attitude, matrix):
        """Both, or neither, are refused."""
        with pytest.raises(ValueError, match="minimum_average_partial takes exactly one.*both"):
            minimum_average_partial(attitude, matrix=matrix)
        with pytest.raises(ValueError, match="minimum_average_partial takes exactly one.*neither"):
            minimum_average_partial()

    def test_gaps_are_refused(self):
        """Unless the caller says what to do about them."""
        answers = survey(20)
        answers.iloc[3, 1] = np.nan
        with pytest.raises(DataError, match="'b'.*row 3"):
            minimum_average_partial(answers)
        assert minimum_average_partial(answers, missing="pairwise").table.shape == (6, 2)


class TestFactorRetention:
    """All criteria side by side."""

    def test_attitude(self, attitude):
        """psych 2.2.9: parallel 1 and 1, MAP 1. R: 2 eigenvalues above 1; factanal: p .038, .706.

        BIC = chi-square - df log n: -22.93, -21.74, so 1.
        """
        suggested = factor_retention(attitude, random_state=0).suggested
        assert suggested.index.tolist() == list(CRITERIA)
        assert suggested.loc[["parallel", "parallel_factors", "map"]].tolist() == [1, 1, 1]
        assert suggested["kaiser"] == 2
        assert suggested["chi_square"] == 2
        assert suggested["bic"] == 1

    def test_the_table(self, attitude):
        """From no factor to seven; chi-squares of R's factanal."""
        table = factor_retention(attitude, random_state=0).table
        assert table.index.tolist() == list(range(8))
        assert_allclose(
            table["chi_square"].loc[1:3], [24.6916299615, 5.47420119401, 2.06191999643], rtol=1e-6
        )
        assert table["degrees_of_freedom"].loc[:3].tolist() == [21, 14, 8, 3]

    def test_a_survey_of_two_things(self):
        """All criteria but one or two find them in 400 answers."""
        suggested = factor_retention(survey(400), random_state=0).suggested
        assert (suggested == 2).sum() >= 9

    def test_some_criteria(self, matrix):
        """Those that were named, in their order; one may be named alone."""
        found = factor_retention(matrix=matrix, criteria=["kaiser", "map"])
        assert found.suggested.to_dict() == {"kaiser": 2, "map": 1}
        assert factor_retention(matrix=matrix, criteria="kaiser").suggested.to_dict() == {
            "kaiser": 2
        }

    def test_unknown_respondents_leave_some_without_an_answer(self, matrix):
        """Of all criteria, those that need their number are missing."""
        found = factor_retention(matrix=matrix)
        assert found.suggested.index.tolist() == list(CRITERIA)
        assert found.suggested[list(NEED_RESPONDENTS)].isna().all()
        assert found.suggested[FREE].notna().all()
        assert found.table["ekc_reference"].isna().all()

    def test_a_named_criterion_without_respondents_is_an_error(self, matrix):
        """The user asked for it."""
        with pytest.raises(ValueError, match="n_observations must be given.*'ekc'"):
            factor_retention(matrix=matrix, criteria=["map", "ekc"])

    def test_the_order_of_the_rows_does_not_matter(self):
        """The same seed finds the same in any order, but for the last digits of the fits."""
        answers = survey(120)
        once = factor_retention(answers, random_state=1)
        again = factor_retention(answers.iloc[::-1], random_state=1)
        assert once.suggested.equals(again.suggested)
        assert_allclose(once.table, again.table, atol=1e-6)

    def test_categories(self):
        """Tetrachoric correlations: replicates are shuffled answers, gaps with them."""
        answers = agreement(300)
        answers.iloc[::10, 0] = np.nan
        options = {"criteria": ["parallel_factors"], "n_replicates": 10, "random_state": 0}
        found = factor_retention(answers, correlation="polychoric", missing="pairwise", **options)
        plain = factor_retention(answers, missing="pairwise", **options)
        assert found.suggested["parallel_factors"] == 2
        references = [each.table["parallel_components"].loc[1] for each in (found, plain)]
        assert references[0] > references[1] + 0.1

    def test_a_model_that_did_not_converge_is_told(self, attitude, monkeypatch):
        """The sentence reaches the user's line as a warning."""
        told = Retention(
            {"eigenvalue": np.ones(8)}, {"bic": 1}, ("the models of 3 factors did not",)
        )
        monkeypatch.setattr("custvalue.factors.retention.retention", lambda *_, **__: told)
        with pytest.warns(ConvergenceWarning, match="models of 3 factors") as caught:
            factor_retention(attitude, criteria="bic")
        assert caught[0].filename == __file__

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"criteria": ["map", "map"]}, "criteria must be 'all' or name each criterion once"),
            ({"criteria": []}, "criteria must be 'all' or name each criterion once"),
            ({"criteria": "velicer"}, "criteria must be among .*found 'velicer'"),
            ({"max_factors": 4}, "max_factors must be at most 3 for 7 items"),
            ({"max_factors": -1}, "max_factors must be .*range.*found -1"),
            ({"percentile": -1}, "percentile must be .*range.*found -1"),
            ({"n_replicates": 2.5}, "n_replicates must be .*int.*found 2.5"),
        ],
    )
    def test_a_parameter_out_of_range_is_named(self, attitude, options, message):
        """With what it must be and what was found."""
        with pytest.raises(ValueError, match=message):
            factor_retention(attitude, **options)


class TestWeights:
    """Rows that stand for several respondents."""

    WEIGHTS = np.r_[0, 3, np.ones(78)]

    @property
    def repeated(self):
        """Return the respondents one by one."""
        return survey(80).iloc[np.repeat(np.arange(80), self.WEIGHTS.astype(int))]

    @pytest.mark.parametrize(
        "function",
        [
            lambda X, **options: minimum_average_partial(X, **options),
            lambda X, **options: parallel_analysis(X, random_state=0, **options),
            lambda X, **options: factor_retention(
                X, criteria=["parallel", "ekc", "bic"], random_state=0, **options
            ),
        ],
    )
    def test_counts_give_what_respondents_give(self, function, matrix):
        """A row of weight 0 is not there; beside a matrix there are no rows to weigh."""
        found = function(survey(80), sample_weight=self.WEIGHTS).table
        assert_allclose(found.astype(float), function(self.repeated).table.astype(float), atol=1e-6)
        with pytest.raises(ValueError, match="sample_weight must be None beside matrix"):
            function(None, matrix=matrix, sample_weight=self.WEIGHTS)

    @pytest.mark.parametrize("correlation", ["pearson", "polychoric"])
    def test_counted_answers_are_shuffled_as_respondents(self, correlation):
        """The replicates are those of the respondents one by one."""
        options = {
            "correlation": correlation,
            "simulation": "permutation",
            "n_replicates": 3,
            "random_state": 0,
        }
        found = parallel_analysis(survey(80), sample_weight=self.WEIGHTS, **options)
        assert_allclose(
            found.table["mean"], parallel_analysis(self.repeated, **options).table["mean"]
        )

    @pytest.mark.parametrize("factor", [0.5, 1000.0])
    def test_what_cannot_be_shuffled_is_simulated_aloud(self, factor):
        """Fractions of respondents, and more than 20,000, have normal variables beside them."""
        options = {
            "correlation": "polychoric",
            "sample_weight": factor * np.ones(80),
            "n_replicates": 3,
            "random_state": 0,
        }
        with pytest.warns(DataQualityWarning, match="takes normal variables") as caught:
            found = parallel_analysis(survey(80), **options)
        assert found.simulation == "normal"
        assert caught[0].filename == __file__
        with pytest.warns(
            DataQualityWarning, match=f"found {factor * 80:g} respondents in 80 row"
        ) as caught:
            factor_retention(survey(80), criteria="parallel", **options)
        assert caught[0].filename == __file__
        with pytest.raises(ValueError, match="simulation='permutation' needs at most 20,000"):
            parallel_analysis(survey(80), simulation="permutation", **options)

    def test_many_respondents_are_shuffled_on_request(self):
        """20,001 rows have normal variables beside them unless shuffling is asked for."""
        answers = agreement(20_001)[["a", "b", "d"]]
        options = {"correlation": "polychoric", "n_replicates": 1, "random_state": 0}
        with pytest.warns(DataQualityWarning, match="found 20001 respondents in 20001 row"):
            assert parallel_analysis(answers, **options).simulation == "normal"
        found = parallel_analysis(answers, simulation="permutation", **options)
        assert found.simulation == "permutation"

    def test_criteria_that_shuffle_nothing_warn_of_nothing(self):
        """Warnings are errors here."""
        factor_retention(
            survey(80), correlation="polychoric", sample_weight=0.5, criteria=["map", "kaiser"]
        )


def test_repaired_correlations_have_no_likelihood():
    """Criteria of fitted models have no answer where an item is the sum of others, and say so."""
    answers = survey(80)
    answers["total"] = answers.sum(axis=1)
    with (
        pytest.warns(DataQualityWarning, match="not positive definite"),
        pytest.warns(DataQualityWarning, match="'hull', 'chi_square', 'bic' have no answer"),
    ):
        found = factor_retention(answers, n_replicates=5, random_state=0)
    assert found.suggested[["hull", "chi_square", "bic"]].isna().all()
    assert found.table["chi_square"].isna().all()
    assert found.suggested[["parallel", "map", "kaiser"]].notna().all()
