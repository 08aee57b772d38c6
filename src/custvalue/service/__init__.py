"""Service decisions: which orders to serve first."""

from __future__ import annotations

from custvalue.service.order_priority import OrderPriority

__all__ = ["OrderPriority"]
