"""The only place where the rooms meet: from orders and order lines to tables, reports, models."""

from __future__ import annotations

from custvalue.workflow.customer_analysis import CustomerAnalysis
from custvalue.workflow.score import score
from custvalue.workflow.score_table import (
    clear_score_table,
    create_score_table,
    refresh_statements,
    score_query,
    score_table,
)
from custvalue.workflow.service_analysis import ServiceAnalysis

__all__ = [
    "CustomerAnalysis",
    "ServiceAnalysis",
    "clear_score_table",
    "create_score_table",
    "refresh_statements",
    "score",
    "score_query",
    "score_table",
]
