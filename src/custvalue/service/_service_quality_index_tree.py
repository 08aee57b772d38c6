"""The tree of a service-quality index: dimensions, and the indicators under each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from custvalue._typing import IntArray

__all__ = ["LEVEL", "TAKEN", "Tree", "read_tree"]

LEVEL = "dimensions"
"""What the upper level is called where each level has settings of its own."""

TAKEN = ("index", "coverage", "rows", LEVEL)
"""Columns of the answer, which no dimension can be called."""


@dataclass(frozen=True, slots=True)
class Tree:
    """m indicators in d dimensions.

    Attributes
    ----------
    members : mapping of str to tuple of str
        The indicators of each dimension.
    """

    members: Mapping[str, tuple[str, ...]]

    @property
    def dimensions(self) -> list[str]:
        """The names of the dimensions."""
        return list(self.members)

    @property
    def indicators(self) -> list[str]:
        """The names of the indicators, dimension by dimension."""
        return [name for names in self.members.values() for name in names]

    @property
    def owner(self) -> IntArray:
        """The dimension of each indicator, by position."""
        sizes = [len(names) for names in self.members.values()]
        return np.repeat(np.arange(len(sizes)), sizes)

    def rows_of(self, dimension: str) -> slice:
        """Return where the indicators of a dimension stand."""
        start = 0
        for name, members in self.members.items():
            if name == dimension:
                break
            start += len(members)
        return slice(start, start + len(self.members[dimension]))


def read_tree(tree: Mapping[Any, Sequence[Any]]) -> Tree:
    """Return a tree that is given as the indicators of each dimension.

    Parameters
    ----------
    tree : mapping of str to sequence of str

    Returns
    -------
    Tree

    Raises
    ------
    ValueError
        If there is no dimension, one has no indicator or a name that is taken, or an indicator is
        there twice.

    Examples
    --------
    >>> tree = read_tree({"speed": ["cycle_time"], "care": ["fill_rate", "damage"]})
    >>> tree.indicators, tree.owner
    (['cycle_time', 'fill_rate', 'damage'], array([0, 1, 1]))
    """
    if not tree:
        raise ValueError("tree must have at least one dimension; found none")
    for dimension, members in tree.items():
        _check_dimension(dimension, members)
    found = Tree({dimension: tuple(members) for dimension, members in tree.items()})
    double = sorted({name for name in found.indicators if found.indicators.count(name) > 1})
    if double:
        raise ValueError(
            f"tree must have each indicator once; found more than once: {', '.join(double)}"
        )
    return found


def _check_dimension(dimension: Any, members: Any) -> None:
    if not isinstance(dimension, str) or dimension in TAKEN:
        raise ValueError(
            f"tree must name its dimensions by text other than {', '.join(TAKEN)}; "
            f"found {dimension!r}"
        )
    named = isinstance(members, (list, tuple)) and all(isinstance(one, str) for one in members)
    if not named or not members:
        raise ValueError(
            f"tree must give each dimension a list of one indicator or more; found {dimension!r}: "
            f"{members!r}"
        )
