"""Pictures: each Display computes once and draws when asked; matplotlib loads with the drawing."""

from __future__ import annotations

from custvalue.plotting.holdout_display import HoldoutDisplay
from custvalue.plotting.loadings_display import LoadingsDisplay
from custvalue.plotting.lorenz_display import LorenzDisplay
from custvalue.plotting.migration_display import MigrationDisplay
from custvalue.plotting.preference_display import PreferenceDisplay
from custvalue.plotting.probability_alive_display import ProbabilityAliveDisplay
from custvalue.plotting.ranking_display import RankingDisplay
from custvalue.plotting.scree_display import ScreeDisplay
from custvalue.plotting.segment_display import SegmentDisplay
from custvalue.plotting.selection_display import SelectionDisplay
from custvalue.plotting.snake_display import SnakeDisplay

__all__ = [
    "HoldoutDisplay",
    "LoadingsDisplay",
    "LorenzDisplay",
    "MigrationDisplay",
    "PreferenceDisplay",
    "ProbabilityAliveDisplay",
    "RankingDisplay",
    "ScreeDisplay",
    "SegmentDisplay",
    "SelectionDisplay",
    "SnakeDisplay",
]
