"""The way of an upload past Starlette's middleware and routes, which look at each request for what no upload is."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send


class Shortcut(Starlette):
    """Starlette, but requests to exactly the path of `direct` go to its application, which answers with headers and
    errors of its own. Everything else goes the usual way."""

    direct: tuple[str, ASGIApp] | None = None

    def build_middleware_stack(self) -> ASGIApp:
        usual = super().build_middleware_stack()
        if self.direct is None:
            return usual
        path, application = self.direct

        async def stack(scope: Scope, receive: Receive, send: Send) -> None:
            taken = scope["type"] == "http" and scope["path"] == path
            await (application if taken else usual)(scope, receive, send)

        return stack
