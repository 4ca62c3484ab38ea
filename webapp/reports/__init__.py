"""The pages with figures: dashboard, report, sales, goods, contacts, their exports and their live updates."""

from __future__ import annotations

from starlette.routing import BaseRoute

from webapp.reports import contacts, dashboard, goods, later, live, preferences, sales, summary, tables
from webapp.reports.live import Live

__all__ = ["Live", "routes"]

routes: list[BaseRoute] = [
    *dashboard.routes,
    *summary.routes,
    *tables.routes,
    *later.routes,
    *sales.routes,
    *goods.routes,
    *contacts.routes,
    *live.routes,
    *preferences.routes,
]
