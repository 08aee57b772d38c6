from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from custvalue.workflow._bars import Bars, shares_of


def drawn(lengths):
    """Return the picture of some lengths and its axes."""
    words = lengths.map("{:.1f}".format)
    bars = Bars(lengths, words)
    ax = Figure(figsize=bars.size, layout="constrained").add_subplot()
    assert bars.plot(ax) is bars
    return bars, ax


def test_bars_are_as_long_as_their_figures():
    """The first column is drawn as bars, the second as marks, all named."""
    lengths = pd.DataFrame({"cost": [4.0, 1.0], "saved": [3.0, 0.5]}, index=["late", "short"])
    _, ax = drawn(lengths)
    widths = [bar.get_width() for bar in ax.patches][:2]
    assert widths == [4.0, 1.0]
    marks = [segment[0][0] for segment in ax.collections[0].get_segments()]
    assert marks == [3.0, 0.5]
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["cost", "saved", "late", "4.0", "3.0", "short", "1.0", "0.5"]


def test_nothing_and_unknown_are_drawn_as_nothing():
    """A column of zeros, or of shares of nothing, has no length."""
    lengths = pd.DataFrame({"cost": [np.nan, 0.0], "saved": [0.0, 0.0]}, index=["a", "b"])
    _, ax = drawn(lengths)
    assert [bar.get_width() for bar in ax.patches][:2] == [0.0, 0.0]
    assert np.isfinite(ax.get_xlim()).all()


def test_a_mark_that_is_not_known_is_not_drawn():
    """At 0 it would say that nothing is saved."""
    lengths = pd.DataFrame({"cost": [4.0, 1.0], "saved": [np.nan, 0.5]}, index=["late", "short"])
    _, ax = drawn(lengths)
    assert [segment[0][0] for segment in ax.collections[0].get_segments()] == [0.5]


def test_names_of_users_are_no_formulas_and_not_too_long():
    """A dollar sign is a dollar sign; long names end in dots."""
    lengths = pd.DataFrame({"cost": [1.0], "saved": [1.0]}, index=["$x$ " + 30 * "y"])
    bars, ax = drawn(lengths)
    name = ax.texts[2]
    assert len(name.get_text()) == 20
    assert not name.get_parse_math()
    assert bars.size[1] < drawn(pd.concat([lengths] * 3))[0].size[1]


def test_shares_sum_to_one_or_are_unknown():
    """Shares of nothing are no numbers."""
    np.testing.assert_allclose(shares_of([1.0, 1.0, 2.0]), [0.25, 0.25, 0.5])
    assert np.isnan(shares_of([0.0, 0.0])).all()
