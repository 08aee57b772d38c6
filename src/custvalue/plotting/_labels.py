"""Names in pictures: cut, wrapped, and moved apart where they would lie on one another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from custvalue._typing import FloatArray

__all__ = [
    "CHARACTER_WIDTH",
    "LINE_HEIGHT",
    "shortened",
    "spread",
    "told_apart",
    "width_of",
    "wrapped",
]

CHARACTER_WIDTH = 0.092
"""Inches that a character of a name takes on average, in the size of all pictures."""

LINE_HEIGHT = 0.19
"""Inches from one line of text to the next."""

_PIECES = re.compile(r"[^\s_]*[\s_]+|[^\s_]+")
_ELLIPSIS = "\u2026"


def shortened(name: str, most: int) -> str:
    """Return a name cut to at most so many characters.

    Parameters
    ----------
    name : str
    most : int

    Returns
    -------
    str

    Examples
    --------
    >>> shortened("Sleeping giants", 9), shortened("Lost", 9)
    ('Sleeping…', 'Lost')
    """
    return name if len(name) <= most else name[: most - 1].rstrip() + _ELLIPSIS


def told_apart(names: Sequence[str], most: int) -> list[str]:
    """Return names cut to at most so many characters, of which no two become equal.

    What would be equal is cut in the middle, and stays whole if that is equal too.

    Parameters
    ----------
    names : sequence of str
    most : int

    Returns
    -------
    list of str

    Examples
    --------
    >>> told_apart(["premium north", "premium south", "basic"], 9)
    ['prem…orth', 'prem…outh', 'basic']
    """
    head = most // 2
    texts = [shortened(name, most) for name in names]
    for cut in (lambda name: name[:head] + _ELLIPSIS + name[head + 1 - most :], str):
        found = Counter(texts)
        long = [
            len(name) > most and found[text] > 1 for name, text in zip(names, texts, strict=True)
        ]
        texts = [
            cut(name) if again else text
            for name, text, again in zip(names, texts, long, strict=True)
        ]
    return texts


def wrapped(name: str, most: int, lines: int = 2) -> str:
    """Return a name in lines of at most so many characters, parted at spaces and underscores.

    Parameters
    ----------
    name : str
    most : int
        Characters a line.
    lines : int
        What does not fit in so many is cut.

    Returns
    -------
    str

    Examples
    --------
    >>> print(wrapped("average_order_value", 14))
    average_order_
    value
    >>> print(wrapped("Loyal but silent for long", 10))
    Loyal but
    silent fo…
    """
    filled: list[str] = [""]
    for piece in _PIECES.findall(name):
        joined = filled[-1] + piece
        if len(joined.strip()) <= most or not filled[-1] or len(filled) == lines:
            filled[-1] = joined
        else:
            filled.append(piece)
    return "\n".join(shortened(line.strip(), most) for line in filled)


def width_of(names: list[str]) -> float:
    """Return about how wide the widest of some names is, in inches."""
    longest = max((len(line) for name in names for line in name.split("\n")), default=0)
    return CHARACTER_WIDTH * longest


def spread(places: FloatArray, gap: float) -> FloatArray:
    """Return places in the same order that are at least ``gap`` apart, moved as little as can be.

    The sum of squared moves is smallest: places less the gaps below them must not fall, which is
    an isotonic regression (pool adjacent violators).

    Parameters
    ----------
    places : ndarray of shape (n_places,)
    gap : float

    Returns
    -------
    ndarray of shape (n_places,)

    Examples
    --------
    >>> import numpy as np
    >>> spread(np.array([5.0, 0.0, 0.0, 0.5]), 1.0)
    array([ 5.        , -0.83333333,  0.16666667,  1.16666667])
    """
    order = np.argsort(places, kind="stable")
    steps = gap * np.arange(len(places))
    pools: list[tuple[float, int]] = []
    for wanted in (places[order] - steps).tolist():
        mean, size = wanted, 1
        while pools and pools[-1][0] > mean:
            before, members = pools.pop()
            mean = (before * members + mean * size) / (members + size)
            size += members
        pools.append((mean, size))
    moved = np.empty(len(places))
    level = [mean for mean, size in pools for _ in range(size)]
    moved[order] = np.array(level) + steps
    return moved
