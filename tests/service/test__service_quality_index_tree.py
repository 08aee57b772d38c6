"""The tree of a service-quality index."""

from __future__ import annotations

import pytest

from custvalue.service._service_quality_index_tree import read_tree


def test_indicators_stand_dimension_by_dimension():
    """Each knows its dimension, and a dimension where its indicators are."""
    tree = read_tree({"speed": ["cycle"], "care": ("fill", "damage")})
    assert tree.dimensions == ["speed", "care"]
    assert tree.indicators == ["cycle", "fill", "damage"]
    assert tree.owner.tolist() == [0, 1, 1]
    assert tree.rows_of("speed") == slice(0, 1)
    assert tree.rows_of("care") == slice(1, 3)


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({}, "at least one dimension; found none"),
        ({"speed": []}, "found 'speed': "),
        ({"speed": "cycle"}, "found 'speed': 'cycle'"),
        ({"speed": ["cycle", 3]}, "found 'speed'"),
        ({"index": ["cycle"]}, "text other than index, coverage, rows, dimensions; found 'index'"),
        ({"dimensions": ["cycle"]}, "found 'dimensions'"),
        ({1: ["cycle"]}, "found 1"),
        ({"speed": ["cycle"], "care": ["fill", "cycle"]}, "found more than once: cycle"),
    ],
)
def test_wrong_trees_are_refused(tree, message):
    """Empty, not of text, with a name that is taken, or with an indicator twice."""
    with pytest.raises(ValueError, match=message):
        read_tree(tree)
