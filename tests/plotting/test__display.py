from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from custvalue.plotting import HoldoutDisplay, LorenzDisplay
from custvalue.plotting._display import Display, with_covariates


@pytest.fixture
def display():
    return LorenzDisplay.from_predictions([1.0, 2.0, 3.0])


def test_importing_and_computing_load_no_matplotlib():
    """Only ``plot`` loads matplotlib: a server that computes needs none."""
    program = (
        "import sys\n"
        "from custvalue.plotting import LorenzDisplay\n"
        "display = LorenzDisplay.from_predictions([1.0, 2.0, 3.0])\n"
        "assert not any(name.split('.')[0] == 'matplotlib' for name in sys.modules)\n"
        "print(display.gini)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_given_axes_are_drawn_on(display, ax):
    """The picture goes where it is told, and says so."""
    assert display.plot(ax) is display
    assert display.ax_ is ax
    assert display.figure_ is ax.figure


def test_given_axes_need_no_pyplot(display, ax):
    """Drawing on given axes opens no figure that pyplot would keep."""
    before = plt.get_fignums()
    display.plot(ax)
    assert plt.get_fignums() == before


def test_without_axes_a_figure_of_fitting_size_is_made(display):
    """Left to itself the picture makes a figure of its own size."""
    try:
        display.plot()
        assert tuple(display.figure_.get_size_inches()) == pytest.approx(display.size)
    finally:
        plt.close(display.figure_)


def test_settings_reach_the_main_artist(display, ax):
    """What ``plot`` does not know it hands to the main artist."""
    assert display.plot(ax, color="#123456").line_.get_color() == "#123456"


def test_drawing_twice_computes_nothing_anew(ax):
    """A display draws what it holds: changed numbers are drawn as they are."""
    display = HoldoutDisplay.from_predictions([0, 1], [1, 2], [1, 2])
    display.table["observed"] = [5.0, 6.0]
    assert display.plot(ax).observed_line_.get_ydata().tolist() == [5.0, 6.0]


def test_a_display_says_how_it_is_drawn():
    """A class that does not draw cannot be made."""
    with pytest.raises(TypeError, match="_draw"):
        Display()


def test_the_covariates_of_an_estimator_are_columns_too():
    """Each once, after the others; an estimator without coefficients has none."""
    index = pd.MultiIndex.from_tuples([("purchase", "age"), ("dropout", "age"), ("dropout", "T")])
    estimator = SimpleNamespace(coef_=pd.Series([1.0, 2.0, 3.0], index=index))
    assert with_covariates(("T",), estimator) == ("T", "age")
    assert with_covariates(("T",), object()) == ("T",)
