"""The pages with figures: dashboard, report, sales, goods, contacts, their exports and their live updates."""

from __future__ import annotations

from starlette.routing import BaseRoute

from webapp.reports.live import Live

__all__ = ["Live", "routes"]

routes: list[BaseRoute] = []
