"""The only place where the rooms meet: from orders and order lines to tables, reports, models."""

from __future__ import annotations

from custvalue.workflow.customer_analysis import CustomerAnalysis
from custvalue.workflow.service_analysis import ServiceAnalysis

__all__ = ["CustomerAnalysis", "ServiceAnalysis"]
