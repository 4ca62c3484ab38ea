"""The pages with figures: dashboard, report, sales, goods, contacts. Here: what is no page of them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from webapp.reports import outlet_choice, stream
from webapp.routes import ActionRoute, form

routes: list[BaseRoute] = [
    ActionRoute("/live", stream.stream, "today"),
    form("/choose-outlet", outlet_choice.choose_outlet, "today"),
]
