import dataclasses

import pytest

from custvalue._likelihood.convergence import Convergence

GOOD = Convergence(True, 1e-12, True, (), None, 9, "fine")


def test_a_proper_maximum_is_sound():
    """Converged, curved downwards, away from the boundary."""
    assert GOOD.sound


@pytest.mark.parametrize(
    "defect", [{"converged": False}, {"hessian_definite": False}, {"at_boundary": ("a",)}]
)
def test_any_defect_makes_it_unsound(defect):
    """One defect is enough."""
    assert not dataclasses.replace(GOOD, **defect).sound


def test_the_report_cannot_be_changed():
    """Results are values."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        GOOD.converged = False
