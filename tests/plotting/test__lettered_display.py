"""Pictures that write names of users."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib.font_manager import fontManager

from custvalue.plotting._lettered_display import LetteredDisplay


class Named(LetteredDisplay):
    """A picture of one name."""

    def _draw(self, ax, settings):
        self.text_ = ax.text(0.5, 0.5, "name", fontfamily=self._fonts, **settings)


@pytest.mark.parametrize(("installed", "more"), [(["SimHei"], ["SimHei"]), (["DejaVu Sans"], [])])
def test_the_fonts_are_looked_up_when_the_picture_is_drawn(ax, monkeypatch, installed, more):
    """Those set in matplotlib at that time, and what is installed then."""
    monkeypatch.setattr(fontManager, "get_font_names", lambda: installed)
    with mpl.rc_context({"font.family": ["serif"]}):
        text = Named().plot(ax=ax, color="red").text_
    assert text.get_fontfamily() == ["serif", *more]
    assert text.get_color() == "red"
