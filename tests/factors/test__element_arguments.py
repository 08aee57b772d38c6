"""Arguments of rankings."""

from __future__ import annotations

import numpy as np
import pytest

from custvalue.exceptions import DataError
from custvalue.factors._element_arguments import check_elements, check_named, check_stages

ELEMENTS = ["speed", "stock", "price"]
PAIRS = np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])


@pytest.mark.parametrize(
    ("check", "arguments", "message"),
    [
        (check_elements, ("lmg", ELEMENTS, None), "satisfaction must name a column.*'lmg'"),
        (check_elements, ("stated", ["speed"], None), r"two elements; found 1 feature\(s\): speed"),
        (check_named, ("reverse", ["sped"], ELEMENTS), "reverse must name elements.* 'sped'"),
        (check_stages, ({"speed": "before"}, ELEMENTS), "pre, in, post; found 'before' of 'speed'"),
        (check_stages, ({"sped": "pre"}, ELEMENTS), "stages must name elements.* 'sped'"),
    ],
)
def test_wrong_arguments_are_refused(check, arguments, message):
    """Each sentence names the parameter and what was found."""
    with pytest.raises(ValueError, match=message):
        check(*arguments)


def test_too_few_elements_are_a_matter_of_the_data():
    """A DataError, so that callers can tell it from a wrong parameter."""
    with pytest.raises(DataError):
        check_elements("loading", [], None)
