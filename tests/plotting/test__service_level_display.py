"""Service by safety stock as a table."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.plotting._service_level_display import (
    at_marks,
    checked_marks,
    drawn_multiples,
    level_text,
    service_table,
)


def test_a_table_has_the_fill_rate_only_where_there_is_one():
    """One column or two, by rising stock."""
    assert list(service_table([0, 1], [0.5, 0.8])) == ["cycle_service_level"]
    table = service_table([0, 1], [0.5, 0.8], [0.9, 0.99])
    assert table.loc[1.0].tolist() == [0.8, 0.99]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([1, 0], [0.5, 0.8]), "multiple must be at least 2 numbers that rise"),
        (([0], [0.5]), "multiple must be at least 2 numbers"),
        (([0, 1], [0.5]), r"one number per multiple, 2; found shape \(1,\)"),
        (([0, 1], [0.5, 80]), "cycle_service_level must be from 0 to 1; found 0.5 to 80"),
        (([0, 1], [0.5, 0.8], [np.nan, 1]), "fill_rate must be from 0 to 1"),
    ],
)
def test_wrong_tables_are_refused(given, message):
    """Each with the rule and what was found."""
    with pytest.raises(ValueError, match=message):
        service_table(*given)


def test_marks_lie_on_the_line_and_inside_it():
    """Half way between two points is half way between their levels."""
    table = service_table([0, 2], [0.5, 0.9])
    assert at_marks(table, np.array([1.0]))["cycle_service_level"].tolist() == [0.7]
    with pytest.raises(ValueError, match=r"marks must be from 0 to 2, .*; found \[3.0\]"):
        at_marks(table, np.array([3.0]))


def test_the_marks_are_among_the_points_of_the_line():
    """Sorted, each once, with room on both sides."""
    marks = checked_marks([2, 0, 2])
    assert marks.tolist() == [0.0, 2.0]
    line = drawn_multiples(marks)
    assert np.isin(marks, line).all()
    assert line[0] < 0 < 2 < line[-1]
    for wrong in ([], [np.inf]):
        with pytest.raises(ValueError, match="marks must be finite numbers, at least one"):
            checked_marks(wrong)


def test_levels_are_written_as_the_rule_of_thumb_has_them():
    """No level below 1 is written as 100 %."""
    texts = [level_text(level) for level in (0.0, 0.841, 0.99, 0.99997, 1.0)]
    assert texts == ["0\u00a0%", "84\u00a0%", "99\u00a0%", "99.997\u00a0%", "100\u00a0%"]
