"""The word associations of Fligner and Verducci: 98 students rank five words.

The students ranked the words Thought, Play, Theory, Dream and Attention by how strongly each is
associated with "Idea" (Fligner and Verducci 1986). The counts are those of the data set ``words``
of the R package Rankcluster 0.98, in rank notation: the first digit is the rank of Thought.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["WORDS", "WORD_COUNTS", "WORD_RANKS", "words_table"]

WORDS = ("Thought", "Play", "Theory", "Dream", "Attention")

_COUNTED = {
    "13452": 1,
    "14235": 1,
    "32541": 2,
    "41253": 1,
    "41532": 5,
    "42351": 2,
    "43521": 1,
    "51243": 5,
    "51324": 2,
    "51342": 18,
    "51423": 6,
    "51432": 33,
    "52341": 8,
    "52413": 1,
    "52431": 12,
}

WORD_RANKS = np.array([[int(digit) for digit in ranks] for ranks in _COUNTED], dtype=np.int64)
WORD_COUNTS = np.array(list(_COUNTED.values()), dtype=np.float64)


def words_table() -> pd.DataFrame:
    """Return one row a student, with ids in the index."""
    ranks = np.repeat(WORD_RANKS, WORD_COUNTS.astype(np.int64), axis=0)
    ids = pd.Index([f"s{i:02d}" for i in range(len(ranks))], name="student")
    return pd.DataFrame(ranks, columns=list(WORDS), index=ids)
