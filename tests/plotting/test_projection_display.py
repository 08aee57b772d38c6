from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.exceptions import NotFittedError

from custvalue.lifetime import NBD
from custvalue.plotting.projection_display import ProjectionDisplay
from custvalue.retention import ShiftedBetaGeo

COUNTS = [1000, 869, 743, 653, 593, 551, 517, 491]
AGES = np.arange(13)


@pytest.fixture(scope="module")
def model() -> ShiftedBetaGeo:
    """Return the published fit of High-End customers."""
    return ShiftedBetaGeo().fit(pd.DataFrame({"period": range(8), "customers": COUNTS}))


@pytest.fixture
def projection() -> pd.DataFrame:
    """Return four cohorts of which ever less was seen."""
    parts = []
    for start, seen in zip(
        pd.date_range("2023-01-01", periods=4, freq="QS"), (10, 7, 4, 1), strict=True
    ):
        share = 0.9**AGES
        part = pd.DataFrame({"cohort": start, "age": AGES, "estimate": share})
        part["observed"] = np.where(seen >= AGES, share, np.nan)
        ahead = np.where(seen < AGES, 0.05, np.nan)
        parts.append(part.assign(lower=share - ahead, upper=np.minimum(share + ahead, 1)))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("of", ["survival", "retention"])
def test_a_fitted_model_has_the_numbers(model, of):
    """Points are what was seen, the curve and the bands are those of the model."""
    display = ProjectionDisplay.from_estimator(model, of=of, levels=(0.8,), random_state=1)
    curve = display.curves.set_index("period")
    assert curve.index.max() == 11  # half as far again as the seven renewals seen, rounded up
    expected = getattr(model, of)(curve.index.to_numpy().astype(int))
    np.testing.assert_allclose(curve["estimate"], expected, rtol=1e-12)
    seen = curve["observed"].dropna()
    np.testing.assert_allclose(seen, model.observed_[of].reindex(seen.index))
    band = display.bands.set_index("period")
    bounds = model.projection(11, 0.8, of=of, random_state=1)
    np.testing.assert_array_equal(band["lower"], bounds["lower"])


def test_the_artists_hold_the_numbers(model, ax):
    """A line, points, one fan a level, and a word on the levels."""
    display = ProjectionDisplay.from_estimator(model, 12, random_state=1).plot(ax)
    np.testing.assert_array_equal(display.lines_[""].get_ydata(), display.curves["estimate"])
    np.testing.assert_allclose(display.points_[""].get_ydata(), np.array(COUNTS) / 1000)
    assert len(display.fans_) == 3
    said = [text.get_text().replace("\u00a0", " ") for text in display.texts_]
    assert said == ["bands hold 50 %, 80 % and 95 %"]


def test_the_title_says_what_cohorts_count(projection):
    """Of orders it is the share who order, else the share still there."""
    assert ProjectionDisplay.from_projection(projection).said == "share of customers still there"
    projection.attrs["kind"] = "activity"
    assert ProjectionDisplay.from_projection(projection).said == "share of customers who order"


def test_cohorts_are_lines_with_names_and_bands_ahead(projection, ax):
    """Four cohorts, each with its band where nothing was seen yet."""
    display = ProjectionDisplay.from_projection(projection).plot(ax)
    assert [text.get_text() for text in display.texts_] == [
        "2023 Q1",
        "2023 Q2",
        "2023 Q3",
        "2023 Q4",
        "bands hold 90\u00a0%",
    ]
    assert len(display.fans_) == 4
    first = display.bands.groupby("curve")["period"].min()
    assert first.tolist() == [11.0, 8.0, 5.0, 2.0]


def test_cohorts_are_chosen_evenly_or_named(projection):
    """Of many the first, the last and two between are shown; names that are not there fail."""
    many = pd.concat(
        [
            projection[projection["cohort"] == projection["cohort"][0]].assign(cohort=i)
            for i in range(10)
        ]
    )
    assert ProjectionDisplay.from_projection(many).curves["curve"].unique().tolist() == [
        "0",
        "3",
        "6",
        "9",
    ]
    assert ProjectionDisplay.from_projection(many, [5]).curves["curve"].unique() == ["5"]
    with pytest.raises(
        ValueError, match=r"among the 10 of the projection, 0, 1, .*; not there: 77"
    ):
        ProjectionDisplay.from_projection(many, [77])


def test_one_cohort_is_named_in_the_title(projection, ax):
    """Its label may be text, and the projection a polars frame."""
    table = pl.from_pandas(projection)
    display = ProjectionDisplay.from_projection(table, "2023-04-01", time_unit="month").plot(ax)
    assert ax.get_title(loc="left") == "share of customers still there, 2023 Q2"
    assert ax.get_xlabel() == "months since the first"
    assert len(display.lines_) == 1


@pytest.mark.parametrize("random_state", [None, 3, "generator"])
def test_bands_of_levels_are_nested(model, random_state):
    """All levels are of the same draws, whatever the random state; few draws show it."""
    state = np.random.default_rng(5) if random_state == "generator" else random_state
    levels = (0.5, 0.52, 0.54)
    bands = ProjectionDisplay.from_estimator(
        model, 30, levels=levels, n_draws=40, random_state=state
    ).bands.pivot(index="period", columns="level")
    assert (np.diff(bands["lower"].to_numpy(), axis=1) <= 0).all()
    assert (np.diff(bands["upper"].to_numpy(), axis=1) >= 0).all()


def test_levels_are_checked_and_one_is_enough(model, projection):
    """Also the level that is only written."""
    display = ProjectionDisplay.from_estimator(model, levels=0.9, random_state=1)
    assert display.bands["level"].unique().tolist() == [0.9]
    with pytest.raises(ValueError, match=r"levels must be between 0 and 1, .*; found \[90.0\]"):
        ProjectionDisplay.from_projection(projection, level=90)


def test_the_axis_has_the_unit_of_the_model(model, ax):
    """Years are years."""
    ProjectionDisplay.from_estimator(model, random_state=1).plot(ax)
    assert ax.get_xlabel() == "years since the first"


def test_a_picture_of_the_start_alone_has_room(model, ax):
    """No period ahead: the axes still have a width and a height."""
    ProjectionDisplay.from_estimator(model, 0, random_state=1).plot(ax)
    assert ax.get_xlim() == (0.0, 1.0)
    assert ax.get_ylim() == (0.9, 1.02)


def test_names_are_text_and_not_formulas(projection, ax):
    """Dollar signs in the name of a cohort are dollar signs, also those of a broken formula."""
    names = projection["cohort"].dt.quarter.map(lambda i: rf"$\frac$ premium customers {i}")
    named = projection.assign(cohort=names)
    display = ProjectionDisplay.from_projection(named).plot(ax)
    ax.figure.canvas.draw()
    assert not any(text.get_parse_math() for text in display.texts_[:4])
    assert len({text.get_text() for text in display.texts_[:4]}) == 4
    ax.clear()
    ProjectionDisplay.from_projection(named, names[0]).plot(ax)
    ax.figure.canvas.draw()
    assert ax.get_title(loc="left").endswith(r"there, $\frac$ premium…")


def test_numbers_are_taken_as_given(ax):
    """Four columns of one length make one curve and one band."""
    display = ProjectionDisplay.from_predictions([1, np.nan], [1, 0.8], [1, 0.7], [1, 0.9]).plot(ax)
    assert display.texts_[0].get_text().replace("\u00a0", " ") == "band holds 90 %"
    with pytest.raises(ValueError, match="all four must be of one length"):
        ProjectionDisplay.from_predictions([1], [1, 0.8], [1, 0.7], [1, 0.9])
    with pytest.raises(ValueError, match="estimate must be shares from 0 to 1; found 80"):
        ProjectionDisplay.from_predictions([1, np.nan], [1, 80], [1, 0.7], [1, 0.9])


def test_no_words_lie_on_others_and_all_lie_inside(projection):
    """Names of cohorts that end close to each other are moved apart."""
    display = ProjectionDisplay.from_projection(projection).plot()
    display.figure_.canvas.draw()
    boxes = [text.get_window_extent() for text in display.texts_]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
    assert all(box.x1 <= display.figure_.bbox.x1 for box in boxes)


def test_what_has_no_projection_is_refused(model):
    """Models that are not fitted, other models, and other measures."""
    with pytest.raises(NotFittedError):
        ProjectionDisplay.from_estimator(ShiftedBetaGeo())
    other = NBD.from_params({"r": 1.0, "alpha": 2.0})
    with pytest.raises(TypeError, match="needs a fitted ShiftedBetaGeo.*found NBD"):
        ProjectionDisplay.from_estimator(other)
    with pytest.raises(ValueError, match="of must be one of survival, retention; found 'churn'"):
        ProjectionDisplay.from_estimator(model, of="churn")


def test_settings_reach_the_line(model, ax):
    """A line width given is the line width drawn."""
    display = ProjectionDisplay.from_estimator(model, random_state=1).plot(ax, linewidth=5.0)
    assert display.lines_[""].get_linewidth() == 5.0
