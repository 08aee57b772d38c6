"""Pictures: each Display computes once and draws when asked; matplotlib loads with the drawing."""

from __future__ import annotations

from custvalue.plotting.holdout_display import HoldoutDisplay
from custvalue.plotting.lorenz_display import LorenzDisplay
from custvalue.plotting.probability_alive_display import ProbabilityAliveDisplay
from custvalue.plotting.segment_display import SegmentDisplay

__all__ = ["HoldoutDisplay", "LorenzDisplay", "ProbabilityAliveDisplay", "SegmentDisplay"]
