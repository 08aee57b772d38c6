"""Real order logs to try things on, and a simulator of order logs with known parameters."""

from __future__ import annotations

from custvalue.datasets.cdnow import load_cdnow
from custvalue.datasets.orders import make_orders

__all__ = ["load_cdnow", "make_orders"]
