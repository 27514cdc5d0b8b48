"""Tables and boxes of the report for notebooks."""

from __future__ import annotations

from jstock_core.reports.render.execution import orders_table
from jstock_core.reports.render.headlines import banner, headline_tiles

__all__ = ["banner", "headline_tiles", "orders_table"]
