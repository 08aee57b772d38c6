"""What a ranking of service elements is asked, checked against the elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from custvalue.exceptions import DataError
from custvalue.factors._element_evidence import NEEDS_SATISFACTION

__all__ = [
    "STAGES",
    "check_elements",
    "check_named",
    "check_reverse",
    "check_stages",
]

STAGES = ("pre", "in", "post")


def check_elements(method: str, elements: Sequence[str], satisfaction: str | None) -> None:
    """Raise unless there are two elements at least, and satisfaction where it is needed."""
    if method in NEEDS_SATISFACTION and satisfaction is None:
        raise ValueError(
            f"satisfaction must name a column where method={method!r}; found satisfaction=None"
        )
    if len(elements) < 2:
        raise DataError(
            f"a ranking needs at least two elements; found {len(elements)} feature(s): "
            f"{', '.join(elements) or 'none'}"
        )


def check_named(parameter: str, names: Sequence[str], elements: Sequence[str]) -> None:
    """Raise where a parameter names what is no element."""
    others = [name for name in names if name not in elements]
    if others:
        raise ValueError(
            f"{parameter} must name elements, which are {', '.join(elements)}; found "
            f"{', '.join(map(repr, others))}"
        )


def check_reverse(reverse: Sequence[str] | Mapping[str, Any], elements: Sequence[str]) -> None:
    """Raise where what is turned is no element, or the ends of its scale are none."""
    check_named("reverse", list(reverse), elements)
    if not isinstance(reverse, Mapping):
        return
    for element, ends in reverse.items():
        known = np.ndim(ends) == 1 and len(ends) == 2 and np.isfinite(ends).all()
        if not known or not ends[0] < ends[1]:
            raise ValueError(
                f"reverse must give the least and the largest rating of an element; found "
                f"{element!r}: {ends!r}"
            )


def check_stages(stages: Mapping[str, str] | None, elements: Sequence[str]) -> None:
    """Raise where a stage is given to what is no element, or is none of the three."""
    if stages is None:
        return
    check_named("stages", list(stages), elements)
    for element, stage in stages.items():
        if stage not in STAGES:
            raise ValueError(f"stages must be {', '.join(STAGES)}; found {stage!r} of {element!r}")
