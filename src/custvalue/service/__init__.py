"""Service decisions: what to serve first, how well, and at what cost."""

from __future__ import annotations

from custvalue._catalogue import SERVICE_ELEMENTS, ServiceElement
from custvalue.service.abc_analysis import ABCAnalysis
from custvalue.service.customer_value_index import CustomerValueIndex
from custvalue.service.importance_performance import ImportancePerformance
from custvalue.service.inventory_service_level import InventoryServiceLevel
from custvalue.service.lost_sales_cost import LostSalesCost
from custvalue.service.order_lines import order_line_metrics
from custvalue.service.order_priority import OrderPriority
from custvalue.service.perfect_order import PerfectOrder
from custvalue.service.portfolio_matrix import PortfolioMatrix
from custvalue.service.service_gap import ServiceGap
from custvalue.service.service_level_optimizer import ServiceLevelOptimizer
from custvalue.service.service_quality_index import ServiceQualityIndex
from custvalue.service.service_response import ServiceResponse
from custvalue.service.weighted_score import WeightedScore

__all__ = [
    "SERVICE_ELEMENTS",
    "ABCAnalysis",
    "CustomerValueIndex",
    "ImportancePerformance",
    "InventoryServiceLevel",
    "LostSalesCost",
    "OrderPriority",
    "PerfectOrder",
    "PortfolioMatrix",
    "ServiceElement",
    "ServiceGap",
    "ServiceLevelOptimizer",
    "ServiceQualityIndex",
    "ServiceResponse",
    "WeightedScore",
    "order_line_metrics",
]
