from __future__ import annotations

import numpy as np
import pytest

from custvalue.service._service_level_optimizer_items import (
    item_answer,
    item_elasticities,
    item_scenarios,
    items_of,
)

NEWSVENDOR = items_of(
    "newsvendor", list(np.array([[30, 1], [10, 4], [100, 9], [20, 2.0]])), root=True
)
MARGINAL = items_of(
    "marginal",
    [np.array([number]) for number in (18, 0.0012, 120_000, 0.24, 75, 300, 4.0)],
    root=False,
)


def test_the_gain_is_the_profit_at_the_best_level_less_that_now():
    """Nobody who is at the optimum gains; the level is in the scale asked for."""
    now = np.array([75.0, 50.0])
    answer = item_answer(NEWSVENDOR, now, None, 100.0)
    assert answer["optimal_service_level"].tolist() == [75, 20]
    assert answer["service_level_gap"].tolist() == [0, -30]
    assert answer["profit_gain"][0] == 0
    assert answer["profit_gain"][1] > 0


def test_without_a_level_there_is_no_gap():
    """Gap and gain are unknown then."""
    answer = item_answer(MARGINAL, None, 0.01, 1.0)
    assert np.isnan(answer["service_level_gap"]).all()
    assert np.isnan(answer["profit_gain"]).all()
    assert answer["optimal_service_level"] == pytest.approx([0.96])


@pytest.mark.parametrize("items", [NEWSVENDOR, MARGINAL])
def test_elasticities_are_difference_quotients(items):
    """Each input, 0.1 % up and down, one after the other."""
    names = list(item_elasticities(items, None))
    for name in names:
        levels = []
        for by in (1.001, 0.999):
            frame = item_scenarios(items, {"x": {name: by}}, None, 1.0)
            levels.append(frame.loc["x", "service_level"])
        base = item_answer(items, None, None, 1.0)["optimal_service_level"]
        change = item_elasticities(items, None)[name] * base
        assert (levels[0] - levels[1]) / 0.002 == pytest.approx(change.mean(), rel=1e-4, abs=1e-9)


def test_scenarios_begin_with_the_base():
    """Without a change nothing changes."""
    frame = item_scenarios(NEWSVENDOR, {"same": {}, "dear": {"overage": 2.0}}, None, 1.0)
    assert frame.index.tolist() == ["base", "same", "dear"]
    assert frame.loc["same"].tolist() == frame.loc["base"].tolist()
    assert frame.loc["dear", "profit_change"] < 0
