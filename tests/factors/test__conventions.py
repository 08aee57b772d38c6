"""Conventions of other programs."""

from __future__ import annotations

from dataclasses import fields

import pytest

from custvalue.factors._conventions import PRESETS


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        # fa(fm = "pa") of psych 2.2.9: min.err = .001 on the sum, max.iter = 50; its rotations are
        # those of stats, Promax normalises rows (Kaiser's promax).
        (
            "psych",
            {
                "axis_stop": "sum",
                "axis_tolerance": 1e-3,
                "axis_iterations": 50,
                "svd_varimax": True,
                "normalised_promax": True,
            },
        ),
        # FACTOR of SPSS: ECONVERGE(.001), ITERATE(25), KAISER on; the rest is how EFAtools 0.4
        # (type = "SPSS") comes to its tables.
        (
            "spss",
            {
                "axis_stop": "each",
                "axis_tolerance": 1e-3,
                "axis_iterations": 25,
                "absolute_eigenvalues": True,
                "kaiser": True,
                "normalised_target": True,
                "order": "sum_of_squares",
            },
        ),
        # factanal of R's stats: no principal axes; its varimax, sorted by sums of squares.
        ("r", {"svd_varimax": True, "order": "sum_of_squares"}),
        (None, {}),
    ],
)
def test_a_preset_departs_from_the_optimum_where_its_program_does(preset, expected):
    """Everything else is as without a preset, which iterates to the fixed point."""
    usual = PRESETS[None]
    assert (usual.axis_stop, usual.axis_tolerance, usual.order) == ("converged", 1e-12, "variance")
    names = [field.name for field in fields(usual)]
    changed = {
        name: getattr(PRESETS[preset], name)
        for name in names
        if getattr(PRESETS[preset], name) != getattr(usual, name)
    }
    assert changed == expected
