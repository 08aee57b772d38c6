"""What the tests of pictures share: axes of their own, and no figure left open."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure


@pytest.fixture
def ax():
    """Return empty axes of a figure of their own."""
    return Figure(figsize=(4.75, 3.5), layout="constrained").add_subplot()


@pytest.fixture(autouse=True)
def _close_figures():
    """Close what a picture without given axes has opened."""
    yield
    plt.close("all")
