"""The answer to what is still in hand when the server has to end: try again. uvicorn would say 500, as for a fault."""

from __future__ import annotations

import asyncio

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ops.http.bounds import UPLOADS
from producers.gateway.answers import ErrorAnswer, try_again

_AGAIN_S = 5


class Ending:
    """Answers 503 where the work on a request is cancelled before its answer began."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except asyncio.CancelledError:
            if begun or scope["type"] != "http":
                raise
            await _answer(scope["path"])(scope, receive, send)


def _answer(path: str) -> Response:
    if path.startswith(UPLOADS):
        return ErrorAnswer(try_again(503, "not_available", "the service starts again", seconds=_AGAIN_S))
    return PlainTextResponse("busy\n", 503, {"Retry-After": str(_AGAIN_S)})
