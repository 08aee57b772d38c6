"""The only place where the rooms meet: from an order log to tables, a report and a model file."""

from __future__ import annotations

from custvalue.workflow.customer_analysis import CustomerAnalysis

__all__ = ["CustomerAnalysis"]
