"""What the tests of pictures share: axes that no screen and no global state know of."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure


@pytest.fixture
def ax():
    """Return empty axes of a figure of their own."""
    return Figure(figsize=(4.75, 3.5), layout="constrained").add_subplot()
