"""Conventions of other programs."""

from __future__ import annotations

from custvalue.factors._conventions import PRESETS


def test_the_default_iterates_to_the_optimum():
    """Without a preset nothing stops early."""
    assert PRESETS[None].axis_stop == "converged"
    assert not PRESETS[None].svd_varimax


def test_every_preset_differs_from_the_default_and_from_the_others():
    """No two presets are the same."""
    assert len(set(PRESETS.values())) == len(PRESETS)
