"""The three steps in which a library solves a problem; only the second is timed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Solver:
    """How a library solves a problem.

    Attributes
    ----------
    prepare : callable
        Takes the arrays of the data, gives them in the form that the library takes.
    solve : callable
        Takes what ``prepare`` gave; timed.
    answer : callable
        Takes what ``solve`` and ``prepare`` gave, gives arrays by name.
    """

    prepare: Callable[[dict[str, np.ndarray]], Any]
    solve: Callable[[Any], Any]
    answer: Callable[[Any, Any], dict[str, np.ndarray]]
