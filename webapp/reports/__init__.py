"""The pages with figures: dashboard, report, sales, goods, contacts. Here: what is no page of them."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from webapp.reports import outlet_choice, stream

routes: list[BaseRoute] = [
    Route("/live", stream.stream),
    Route("/choose-outlet", outlet_choice.choose_outlet, methods=["POST"]),
]
