from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from custvalue.plotting.survival_display import SurvivalDisplay
from custvalue.retention import RetentionCurve, ShiftedBetaGeo


def customers(n_groups: int) -> pd.DataFrame:
    """Return 300 customers of some plans, censored after up to 30 months."""
    generator = np.random.default_rng(7)
    plan = generator.integers(0, n_groups, 300)
    lives = np.ceil(generator.exponential(6.0 + 5 * plan))
    seen = generator.integers(3, 31, 300)
    return pd.DataFrame(
        {
            "duration": np.minimum(lives, seen),
            "churned": (lives <= seen).astype(int),
            "plan": [f"plan {one}" for one in plan],
        }
    )


@pytest.fixture(scope="module")
def curve() -> RetentionCurve:
    """Return the curves of three plans."""
    return RetentionCurve(by="plan").fit(customers(3))


def test_the_artists_hold_the_numbers(curve, ax):
    """Steps, bands and medians are those of the estimator."""
    display = SurvivalDisplay.from_estimator(curve).plot(ax)
    for name, steps in curve.curve_.groupby("group"):
        np.testing.assert_array_equal(display.lines_[name].get_ydata(), steps["survival"])
        assert display.lines_[name].get_drawstyle() == "steps-post"
    assert list(display.bands_) == list(display.lines_) == ["plan 0", "plan 1", "plan 2"]
    finite = curve.medians_["median"][np.isfinite(curve.medians_["median"])]
    assert display.points_.get_xdata().tolist() == finite.tolist()


def test_the_numbers_at_risk_stand_under_their_ticks(curve, ax):
    """A row a group, a number a tick, as the estimator counts them."""
    display = SurvivalDisplay.from_estimator(curve).plot(ax)
    ticks = ax.get_xticks()
    counts = curve.at_risk(ticks)["at_risk"].to_list()
    assert [text.get_text() for text in display.numbers_] == [
        "at risk",
        *map(str, map(int, counts)),
    ]
    assert [text.xy[0] for text in display.numbers_[1:]] == [*ticks] * 3


def test_the_title_tells_the_test_only_between_groups(curve, ax):
    """One curve has nothing to be compared with."""
    SurvivalDisplay.from_estimator(curve).plot(ax)
    assert "log-rank p " in ax.get_title(loc="left")
    ax.clear()
    display = SurvivalDisplay.from_estimator(RetentionCurve().fit(customers(1))).plot(ax)
    assert ax.get_title(loc="left") == "share of customers still there"
    assert display.texts_ == []


@pytest.mark.parametrize("n_groups", [1, 2, 5])
@pytest.mark.parametrize("long", ["", "premium customers of the "])
def test_no_words_lie_on_others_and_all_lie_inside(n_groups, long):
    """Names and numbers have room, whatever the number of groups."""
    table = customers(n_groups)
    table["plan"] = long + table["plan"]
    table = pd.concat([table] * 50, ignore_index=True)
    display = SurvivalDisplay.from_estimator(RetentionCurve(by="plan").fit(table))
    display.plot().figure_.canvas.draw()
    ticks = [text for text in display.ax_.get_xticklabels() if text.get_text()]
    words = [*display.texts_, *display.rows_, *display.numbers_, *ticks]
    words.append(display.ax_.xaxis.label)
    boxes = [text.get_window_extent() for text in words]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
    frame = display.figure_.bbox
    assert all(box.x0 >= -1 and box.y0 >= -1 and box.x1 <= frame.x1 + 1 for box in boxes)


def test_settings_reach_the_lines(curve, ax):
    """A line width given is the line width drawn."""
    display = SurvivalDisplay.from_estimator(curve).plot(ax, linewidth=5.0)
    assert {line.get_linewidth() for line in display.lines_.values()} == {5.0}


def test_groups_of_yes_and_no_are_groups(ax):
    """A column of booleans is no mask: each has its row of numbers."""
    table = customers(2)
    curve = RetentionCurve(by="vip").fit(table.assign(vip=table["plan"] == "plan 1"))
    display = SurvivalDisplay.from_estimator(curve).plot(ax)
    assert display.at_risk.index.tolist() == [False, True]
    assert [text.get_text() for text in display.rows_] == ["False", "True"]
    assert display.at_risk[0.0].sum() == len(table)


def test_rows_have_the_order_and_the_inks_of_the_curves(curve, ax):
    """Whatever the order of the table of numbers."""
    display = SurvivalDisplay.from_estimator(curve)
    display.at_risk = display.at_risk.iloc[::-1]
    display.plot(ax)
    assert [row.get_text() for row in display.rows_] == ["plan 0", "plan 1", "plan 2"]
    inks = [line.get_color() for line in display.lines_.values()]
    assert [row.get_color() for row in display.rows_] == inks
    assert [text.get_color() for text in display.texts_] == inks
    starts = [text.get_text() for text in display.numbers_[1:] if text.xy[0] == 0]
    assert starts == customers(3)["plan"].value_counts(sort=False).sort_index().map(str).to_list()


def test_groups_can_be_chosen(curve, ax):
    """In the order asked for, without the test, which is of all."""
    display = SurvivalDisplay.from_estimator(curve, groups=["plan 2", "plan 0"]).plot(ax)
    assert list(display.lines_) == ["plan 2", "plan 0"]
    assert display.at_risk.index.tolist() == display.medians.index.tolist() == ["plan 2", "plan 0"]
    assert display.p_value is None
    every = SurvivalDisplay.from_estimator(curve, groups=["plan 2", "plan 1", "plan 0"])
    assert every.p_value == curve.test_["p_value"]
    with pytest.raises(ValueError, match="groups must be among 'plan 0', .*; found 'plan 7'"):
        SurvivalDisplay.from_estimator(curve, groups=["plan 7"])


def test_names_are_text_and_not_formulas(ax):
    """Dollar signs in the name of a group are dollar signs, also those of a broken formula."""
    table = customers(2)
    table["plan"] = table["plan"].map({"plan 0": r"$\frac$ off", "plan 1": "$5 to $9"})
    display = SurvivalDisplay.from_estimator(RetentionCurve(by="plan").fit(table)).plot(ax)
    ax.figure.canvas.draw()
    assert not any(text.get_parse_math() for text in [*display.texts_, *display.rows_])


def test_names_that_begin_alike_are_told_apart(ax):
    """They are cut in the middle."""
    table = customers(2)
    table["plan"] = "premium customers, " + table["plan"]
    display = SurvivalDisplay.from_estimator(RetentionCurve(by="plan").fit(table)).plot(ax)
    assert [text.get_text() for text in display.texts_] == [
        "premium … plan 0",
        "premium … plan 1",
    ]


def test_customers_who_all_leave_at_once_can_be_drawn(ax):
    """The axis is not empty."""
    curve = RetentionCurve().fit(customers(1).assign(duration=0))
    display = SurvivalDisplay.from_estimator(curve).plot(ax)
    assert [text.get_text() for text in display.numbers_] == ["at risk", "300"]
    assert ax.get_xlim() == (0.0, 1.0)


def test_what_cannot_be_shown_is_refused():
    """Estimators that are not fitted, others, and too many groups."""
    with pytest.raises(NotFittedError):
        SurvivalDisplay.from_estimator(RetentionCurve())
    other = ShiftedBetaGeo.from_params({"alpha": 1.0, "beta": 2.0})
    with pytest.raises(TypeError, match="needs a fitted RetentionCurve.*found ShiftedBetaGeo"):
        SurvivalDisplay.from_estimator(other)
    with pytest.raises(ValueError, match="shows at most 5 groups .*; found 6"):
        SurvivalDisplay.from_estimator(RetentionCurve(by="plan").fit(customers(6)))
