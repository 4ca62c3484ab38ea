"""One path of the upload API as an ASGI application: method, errors, counters and log.

What fails or is slow has a line of its own, whatever else happens once a minute one together, and each at the level
`debug`.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import lru_cache

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from producers.gateway import body, metrics, words
from producers.gateway.answers import ErrorAnswer, Refusal, try_again
from schemas.errors import InfrastructureUnreachable, UploadRefused
from schemas.tally import Told

log = structlog.get_logger(__name__)


class Exchange:
    """One request and what is known of it so far, for the log: ids and figures only."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.unread = body.has_body(request.headers)
        self.facts: dict[str, object] = {}

    @property
    def in_english(self) -> bool:
        """Whether whoever asks wants English; only what is wrong is told in words."""
        return words.english(self.request.headers.get("accept-language"))


Handler = Callable[[Exchange], Awaitable[Response]]


class Endpoint:
    """Answers requests to one path. `name` stands in log and counters; `methods` maps a method to its handler."""

    def __init__(self, name: str, methods: dict[str, Handler]) -> None:
        self._name = name
        self._methods = methods
        self._told = Told(log, f"{name}_counts")
        self._answered = lru_cache(maxsize=64)(lambda status: metrics.ANSWERS.labels(name, str(status)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.monotonic()
        exchange = Exchange(Request(scope, receive))
        try:
            answer: Response = await self._answer(exchange)
        except ClientDisconnect:
            self._tell(exchange, 499, "client_gone", started)  # as nginx counts it; there is nobody to answer
            return
        except UploadRefused as refused:
            answer = ErrorAnswer(refused, unread=exchange.unread, in_english=exchange.in_english)
            self._tell(exchange, refused.status, refused.code, started)
        else:
            self._tell(exchange, answer.status_code, "", started)
        await answer(scope, receive, send)

    async def _answer(self, exchange: Exchange) -> Response:
        if not self._methods:
            raise UploadRefused(404, "not_found", "there is nothing at this address")
        handler = self._methods.get(exchange.request.method)
        if handler is None:
            allowed = ", ".join(sorted(self._methods))
            raise Refusal(405, "method_not_allowed", f"this address takes {allowed}", headers={"Allow": allowed})
        try:
            return await handler(exchange)
        except InfrastructureUnreachable as exc:
            # For an upload the outcome may be unknown; it is safe to send again. Only the log gets the particulars.
            exchange.facts["reason"] = str(exc)
            raise try_again(503, "not_available", type(exc).__doc__ or "", seconds=2) from exc

    def _tell(self, exchange: Exchange, status: int, error: str, started: float) -> None:
        self._answered(status).inc()
        facts = {**exchange.facts, "error": error} if error else exchange.facts
        counted = {"requests": 1, "failed": int(bool(error))}
        self._told(self._name, started, counted, odd=bool(error), status=status, **facts)
