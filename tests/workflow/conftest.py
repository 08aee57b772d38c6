"""What the tests of the workflow share: the CDNOW orders, analysed once."""

from __future__ import annotations

import pytest

from custvalue.datasets import load_cdnow
from custvalue.workflow import CustomerAnalysis

END = "1998-06-30"


@pytest.fixture(scope="session")
def orders():
    """Return the CDNOW orders."""
    return load_cdnow()


@pytest.fixture(scope="session")
def analysis(orders):
    """Return an analysis that was fitted to them; tests must not change it."""
    return CustomerAnalysis(observation_end=END).fit(orders)


@pytest.fixture(scope="session")
def customers(analysis, orders):
    """Return its customer table; tests must not change it."""
    return analysis.transform(orders)
