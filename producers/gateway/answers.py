"""Answers of the upload API: JSON, with errors in the contract's form `{"error", "detail", "at"}`."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from producers.gateway import words
from schemas.errors import UploadRefused

_LINGER_BYTES = 32 * 1024 * 1024
_LINGER_SECONDS = 5.0


class Refusal(UploadRefused):
    """An answer other than 202 that comes with headers of its own."""

    def __init__(
        self, status: int, code: str, detail: str, at: str = "", *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, code, detail, at)
        self.headers = dict(headers or {})


def try_again(status: int, code: str, detail: str, seconds: float = 1.0) -> Refusal:
    """A refusal for now: the same request may succeed after `seconds` (told rounded up, 1 at the least)."""
    return Refusal(status, code, detail, headers={"Retry-After": str(max(1, math.ceil(seconds)))})


class JSONAnswer(Response):
    """A JSON document that no cache may keep."""

    media_type = "application/json"

    def __init__(self, content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(msgspec.json.encode(content), status, {"Cache-Control": "no-store", **(headers or {})})


class ErrorAnswer(JSONAnswer):
    """A refusal. Where the body is not read to its end (`unread`), the connection closes after the answer.

    Closing with bytes unread would reset the connection, and the client might never see the answer: so the rest is
    read and thrown away for a while, up to a bound.
    """

    def __init__(self, refused: UploadRefused, *, unread: bool = False, in_english: bool = False) -> None:
        headers = dict(refused.headers) if isinstance(refused, Refusal) else {}
        if unread:
            headers["Connection"] = "close"
        content = {"error": refused.code, "detail": words.of_refusal(refused, in_english), "at": refused.at}
        super().__init__(content, refused.status, headers)
        self._lingers = unread and refused.status != 408  # who was too slow is not waited for again

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._lingers:
            await super().__call__(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        await _read_away(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _read_away(receive: Receive) -> None:
    left = _LINGER_BYTES
    try:
        async with asyncio.timeout(_LINGER_SECONDS):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return
