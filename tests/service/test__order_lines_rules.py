"""Parts, rules and parameters of order lines."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.service._order_lines_rules import (
    CRITERIA,
    PARTS,
    check_columns,
    check_days,
    check_names_of_columns,
    needs,
)


def test_every_criterion_needs_parts_that_exist():
    """What a criterion needs is among the parts."""
    for criterion in CRITERIA:
        assert set(needs(criterion, "promised")) <= set(PARTS)


def test_names_become_tuples():
    """None is no name, text is one, a list is some."""
    assert check_names_of_columns(None, "by") == ()
    assert check_names_of_columns("site", "by") == ("site",)
    assert check_names_of_columns(["a", "b"], "by") == ("a", "b")
    with pytest.raises(ValueError, match="by must not be named like .*found 'b'"):
        check_names_of_columns(["a", "b"], "by", ("b",))


def test_other_values_are_named():
    """Numbers of days and mappings say what they must be."""
    assert check_days(np.int64(3), "tolerance") == 3
    assert check_columns({"order": "no"}) == {"order": "no"}
    with pytest.raises(ValueError, match=r"tolerance must be a whole number .* found 1\.5"):
        check_days(1.5, "tolerance")
    with pytest.raises(ValueError, match="found 'order': 5"):
        check_columns({"order": 5})
