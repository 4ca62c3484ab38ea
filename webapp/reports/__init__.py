"""The pages with figures: dashboard, report, sales, goods, contacts, their exports and their live updates."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from webapp.reports import contacts, dashboard, goods, later, preferences, sales, stream, summary, tables

routes: list[BaseRoute] = [
    *dashboard.routes,
    *summary.routes,
    *tables.routes,
    *later.routes,
    *sales.routes,
    *goods.routes,
    *contacts.routes,
    Route("/live", stream.stream),
    *preferences.routes,
]
