"""Pictures: each Display computes once and draws when asked; matplotlib loads with the drawing."""

from __future__ import annotations

from custvalue.plotting.abc_display import ABCDisplay
from custvalue.plotting.cohort_display import CohortDisplay
from custvalue.plotting.cost_curve_display import CostCurveDisplay
from custvalue.plotting.customer_flow_display import CustomerFlowDisplay
from custvalue.plotting.funnel_display import FunnelDisplay
from custvalue.plotting.gap_display import GapDisplay
from custvalue.plotting.holdout_display import HoldoutDisplay
from custvalue.plotting.importance_performance_display import ImportancePerformanceDisplay
from custvalue.plotting.index_display import IndexDisplay
from custvalue.plotting.loadings_display import LoadingsDisplay
from custvalue.plotting.lorenz_display import LorenzDisplay
from custvalue.plotting.migration_display import MigrationDisplay
from custvalue.plotting.portfolio_display import PortfolioDisplay
from custvalue.plotting.preference_display import PreferenceDisplay
from custvalue.plotting.probability_alive_display import ProbabilityAliveDisplay
from custvalue.plotting.profit_curve_display import ProfitCurveDisplay
from custvalue.plotting.projection_display import ProjectionDisplay
from custvalue.plotting.ranking_display import RankingDisplay
from custvalue.plotting.response_display import ResponseDisplay
from custvalue.plotting.scree_display import ScreeDisplay
from custvalue.plotting.segment_display import SegmentDisplay
from custvalue.plotting.selection_display import SelectionDisplay
from custvalue.plotting.service_level_display import ServiceLevelDisplay
from custvalue.plotting.snake_display import SnakeDisplay
from custvalue.plotting.survival_display import SurvivalDisplay

__all__ = [
    "ABCDisplay",
    "CohortDisplay",
    "CostCurveDisplay",
    "CustomerFlowDisplay",
    "FunnelDisplay",
    "GapDisplay",
    "HoldoutDisplay",
    "ImportancePerformanceDisplay",
    "IndexDisplay",
    "LoadingsDisplay",
    "LorenzDisplay",
    "MigrationDisplay",
    "PortfolioDisplay",
    "PreferenceDisplay",
    "ProbabilityAliveDisplay",
    "ProfitCurveDisplay",
    "ProjectionDisplay",
    "RankingDisplay",
    "ResponseDisplay",
    "ScreeDisplay",
    "SegmentDisplay",
    "SelectionDisplay",
    "ServiceLevelDisplay",
    "SnakeDisplay",
    "SurvivalDisplay",
]
