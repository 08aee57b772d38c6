"""Real orders and histories to try things on, and a simulator of orders with known parameters."""

from __future__ import annotations

from custvalue.datasets.cdnow import load_cdnow
from custvalue.datasets.donations import load_donations
from custvalue.datasets.orders import make_orders

__all__ = ["load_cdnow", "load_donations", "make_orders"]
