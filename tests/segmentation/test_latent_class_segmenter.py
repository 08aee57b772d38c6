"""LatentClassSegmenter."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import polars as pl
import pytest

import custvalue
from custvalue.exceptions import ConvergenceWarning, DataError, DataQualityWarning
from custvalue.segmentation import LatentClassSegmenter

KINDS = {"price": (["cheap", "fair", "dear"], [[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]])}
KINDS |= {f"q{j}": ([1, 2], [[0.85, 0.15], [0.2, 0.8]]) for j in range(4)}


def draw(n: int = 300, seed: int = 0, missing: float = 0.0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return answers of two classes, the first of 60 %, and who is in which."""
    generator = np.random.default_rng(seed)
    members = (generator.random(n) < 0.4).astype(int)
    columns = {
        item: np.array(answers, dtype=object)[
            (generator.random((n, 1)) > np.cumsum(chances, axis=1)[members, :-1]).sum(axis=1)
        ]
        for item, (answers, chances) in KINDS.items()
    }
    frame = pd.DataFrame(columns, index=pd.Index([f"r{i:04}" for i in range(n)], name="id"))
    return frame.mask(generator.random(frame.shape) < missing), members


def segmenter(**changes):
    return LatentClassSegmenter(**{"n_starts": 6, "max_classes": 3, "random_state": 0, **changes})


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    return draw(missing=0.1)[0]


@pytest.fixture(scope="module")
def model(survey) -> LatentClassSegmenter:
    return segmenter(n_classes=2).fit(survey)


def test_two_classes_are_found_and_respondents_put_where_they_belong():
    """Five items tell two classes for more than nine of ten, as Bayes' rule by the truth does."""
    frame, members = draw(1500, seed=1)
    found = segmenter().fit(frame)
    assert found.segments_ == ["Class 1", "Class 2"]
    assert "BIC is lowest for 2 classes" in found.selection_reason_
    right = (found.predict(frame) == np.array(found.segments_)[members]).mean()
    joint = np.array([[0.6, 0.4]]) * np.ones((len(frame), 1))
    for item, (answers, chances) in KINDS.items():
        joint *= np.array(chances).T[[answers.index(value) for value in frame[item]]]
    best = (joint.argmax(axis=1) == members).mean()
    assert best > 0.9
    assert right == pytest.approx(best, abs=0.01)
    for item, (answers, chances) in KINDS.items():
        estimates = found.item_probabilities_.loc[item].loc[answers]
        # A standard error of a probability is at most sqrt(.25 / 600) = .02.
        np.testing.assert_allclose(estimates, np.array(chances).T, atol=0.08)


def test_attributes_agree_with_each_other(model, survey):
    """Shares and answers sum to one, criteria are those of the table, counts are of the data."""
    row = model.selection_.loc[2]
    for name in ("log_likelihood", "bic", "aic", "entropy", "g2"):
        assert getattr(model, f"{name}_") == row[name]
    assert model.n_parameters_ == 1 + 2 * 6
    assert model.degrees_of_freedom_ == 3 * 16 - 1 - 13
    assert model.class_shares_.sum() == pytest.approx(1)
    sums = model.item_probabilities_.groupby(level="item").sum()
    np.testing.assert_allclose(sums, 1, rtol=1e-12)
    assert model.n_missing_.to_dict() == survey.isna().sum().to_dict()
    assert model.profile_["respondents"].sum() == model.n_respondents_ == len(survey)
    assert model.convergence_["starts_agreeing"] == 6
    assert model.categories_["price"] == ["cheap", "dear", "fair"]


def test_answers_are_rows_of_chances(model, survey):
    """Transform gives the likeliest class and its probability; the score is the mean of log P."""
    chances = model.predict_proba(survey)
    out = model.transform(survey)
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_array_equal(out["probability"], chances.max(axis=1))
    np.testing.assert_array_equal(out["segment"], model.predict(survey))
    assert model.score(survey) == pytest.approx(model.log_likelihood_ / len(survey), rel=1e-12)
    weights = np.arange(len(survey)) % 3
    repeated = survey.iloc[np.repeat(np.arange(len(survey)), weights)]
    assert model.score(survey, sample_weight=weights) == pytest.approx(model.score(repeated))


def test_a_row_is_answered_alike_alone_and_in_company(model, survey):
    """To the last bit."""
    alone = [model.predict_proba(survey.iloc[[i]])[0] for i in range(12)]
    np.testing.assert_array_equal(model.predict_proba(survey)[:12], alone)


def test_the_order_of_rows_is_no_matter(model, survey):
    """To the last bit, for the fit too."""
    again = segmenter(n_classes=2).fit(survey.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(again.item_probabilities_, model.item_probabilities_)
    assert again.log_likelihood_ == model.log_likelihood_


def test_weights_are_rows(survey):
    """Weights 0, 1 and 2 are rows left out, kept and doubled."""
    weights = np.arange(len(survey)) % 3
    repeated = survey.iloc[np.repeat(np.arange(len(survey)), weights)]
    one = segmenter(n_classes=2).fit(survey, sample_weight=weights)
    other = segmenter(n_classes=2).fit(repeated)
    pd.testing.assert_frame_equal(one.item_probabilities_, other.item_probabilities_)
    pd.testing.assert_frame_equal(one.profile_, other.profile_)
    pd.testing.assert_series_equal(one.n_missing_, other.n_missing_)
    assert one.bic_ == other.bic_


def test_names_of_answers_and_order_of_items_are_no_matter(model, survey):
    """Answers in another alphabet and items in another order give the same classes."""
    renamed = survey.replace({"price": {"cheap": "z", "fair": "b", "dear": "a"}})
    other = segmenter(n_classes=2).fit(renamed[renamed.columns[::-1]])
    assert other.log_likelihood_ == pytest.approx(model.log_likelihood_, abs=1e-4)
    np.testing.assert_allclose(other.predict_proba(renamed), model.predict_proba(survey), atol=2e-3)


def test_missing_answers_are_left_out_or_refused(survey, model):
    """A respondent without an answer has the shares; missing="raise" names item and row."""
    nothing = survey.iloc[[0]].astype(object).assign(**dict.fromkeys(survey, None))
    np.testing.assert_allclose(model.predict_proba(nothing)[0], model.class_shares_, rtol=1e-12)
    assert model.predict(nothing).tolist() == ["Class 1"]
    with pytest.raises(DataError, match="must be answered by everyone where missing='raise'"):
        segmenter(missing="raise").fit(survey)
    strict = segmenter(missing="raise", n_classes=2).fit(survey.dropna())
    with pytest.raises(DataError, match="must be answered by everyone"):
        strict.predict(survey)


def test_unseen_answers_are_refused_or_taken_as_missing(survey):
    """unseen="ignore" gives what a missing answer gives."""
    strange = survey.iloc[:3].assign(price="free")
    with pytest.raises(DataError, match=r"'price'.*'cheap', 'dear', 'fair'.*\(3 such rows\)"):
        segmenter(n_classes=2).fit(survey).predict(strange)
    lenient = segmenter(n_classes=2, unseen="ignore").fit(survey)
    unknown = survey.iloc[:3].assign(price=None)
    np.testing.assert_array_equal(lenient.predict_proba(strange), lenient.predict_proba(unknown))


def test_empty_rows_and_items_that_tell_nothing_are_said(survey):
    """Both are warned of; empty rows count for nothing."""
    more = pd.concat([survey, survey.iloc[:2].assign(**dict.fromkeys(survey, None))])
    with pytest.warns(DataQualityWarning, match=r"left out \(2 such rows\)"):
        found = segmenter(n_classes=2).fit(more)
    assert found.n_respondents_ == len(survey)
    with pytest.warns(DataQualityWarning, match="only one in: 'same'"):
        segmenter(n_classes=2).fit(survey.assign(same="yes"))


def test_tables_without_classes_are_one_class():
    """Equal rows are one class with probabilities 1; more classes than rows differ are refused."""
    frame = pd.DataFrame({"x": ["a"] * 9, "y": [1] * 9})
    with pytest.warns(DataQualityWarning, match="only one in: 'x', 'y'"):
        found = segmenter().fit(frame)
    assert found.segments_ == ["Class 1"]
    assert found.predict_proba(frame).tolist() == [[1.0]] * 9
    assert (found.log_likelihood_, found.g2_, found.degrees_of_freedom_) == (0, 0, 0)
    with pytest.raises(DataError, match="n_classes=2 and 1 different"):
        segmenter(n_classes=2).fit(frame)


def test_classes_that_the_items_do_not_identify_are_warned_of():
    """Two classes of two dichotomies have five parameters and three free cells."""
    frame = pd.DataFrame(list(product([0, 1], repeat=2)), columns=["x", "y"])
    with pytest.warns(ConvergenceWarning, match="do not identify 2 classes"):
        found = segmenter(n_classes=2).fit(frame, sample_weight=[40, 10, 10, 40])
    assert np.isfinite(found.predict_proba(frame)).all()
    assert segmenter().fit(frame, sample_weight=[40, 10, 10, 40]).segments_ == ["Class 1"]


def test_names_are_given_and_kept():
    """Own names in the order of the shares; a later fit hands them on by overlap."""
    frame, members = draw(seed=2)
    first = segmenter(n_classes=2, names=["Bargain hunters", "Big spenders"]).fit(frame)
    assert first.matching_ is None
    turned = frame[(members == 1) | (np.arange(len(frame)) % 4 == 0)]
    later = segmenter(n_classes=2).fit(turned, previous=first)
    assert later.segments_ == ["Big spenders", "Bargain hunters"]
    assert later.matching_["previous"].tolist() == later.segments_
    names = pd.Series(first.predict(frame), index=frame.index)
    assert segmenter(n_classes=2).fit(turned, previous=names).segments_ == later.segments_
    alone = segmenter(n_classes=2, names={"Class 2": "Rare"}).fit(frame)
    assert alone.profile_.index.tolist() == ["Class 1", "Rare"]


def test_a_prior_keeps_probabilities_inside(survey):
    """Without one, an answer that a class never gives is at 0; with one it is not."""
    frame = survey.assign(always=np.where(survey["q1"] == 1, "a", "b"))
    kept = segmenter(n_classes=2, prior=0.5).fit(frame)
    assert kept.convergence_["at_boundary"] == 0
    assert 0 < kept.item_probabilities_.to_numpy().min() < 0.05


def test_a_file_and_other_frames_answer_alike(model, survey, tmp_path):
    """Saved and loaded, and asked with polars or an array, the answers are the same bits."""
    model.save(tmp_path / "model.json")
    loaded = custvalue.load(tmp_path / "model.json")
    expected = model.predict_proba(survey)
    for X in (survey, pl.from_pandas(survey.reset_index()), survey.to_numpy()):
        np.testing.assert_array_equal(loaded.predict_proba(X), expected)
    assert loaded.categories_ == model.categories_
    pd.testing.assert_frame_equal(loaded.item_probabilities_, model.item_probabilities_)


def test_items_choose_columns(survey):
    """Other columns may hold anything."""
    found = segmenter(items=["q0", "q1", "q2"], n_classes=2).fit(survey.assign(price=1.5))
    assert found.items_ == ["q0", "q1", "q2"]
    assert found.n_features_in_ == 3
    with pytest.raises(ValueError, match="items must be different column names"):
        segmenter(items=["q0", "q0"]).fit(survey)
    with pytest.raises(DataError, match="a fraction is a measurement"):
        segmenter().fit(survey.assign(price=1.5))


def test_a_thousand_items_have_more_patterns_than_a_float_can_count():
    """2 to the 1,100 possible patterns are no obstacle."""
    members = np.arange(20) % 2
    flips = np.random.default_rng(0).random((20, 1100)) < 0.1
    frame = pd.DataFrame(members[:, None] ^ flips).rename(columns=str)
    found = segmenter(n_classes=2, n_starts=2, prior=0.1).fit(frame)
    assert found.degrees_of_freedom_ == 2**1100 - 1 - found.n_parameters_
    assert len(set(zip(members, found.predict(frame), strict=True))) == 2
