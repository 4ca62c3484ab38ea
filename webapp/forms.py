"""What a form sent: text fields, read with a bound on bytes and time, and held in memory alone.

Every body that the portal takes is read here. Starlette's own `request.form()` writes what is long to the disk, without
a bound.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

MAX_BYTES = 128 * 1024
_MAX_SECONDS = 30.0
_MAX_FIELDS = 2100  # as many outlets as an account may have, ticked, and some more


class Form:
    """The fields of a form by name; a field that was not sent is empty."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self._fields = fields

    def text(self, name: str, most: int = 200) -> str:
        """A field without white space around it, at most `most` characters of it."""
        return self.verbatim(name).strip()[:most]

    def verbatim(self, name: str) -> str:
        """A field exactly as typed (a password's spaces count)."""
        return self._fields.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Every value sent under a name (ticked boxes)."""
        return self._fields.get(name, [])


async def read(request: Request) -> Form:
    """The form in the request's body. Raises `HTTPException` 408, 413, 415 or 400 for what no page of ours sends."""
    _check_length(request, MAX_BYTES)
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    body = await bounded_body(request, MAX_BYTES)
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError as exc:
        raise HTTPException(400) from exc
    if any("\0" in value for values in fields.values() for value in values):  # PostgreSQL's text can't hold it
        raise HTTPException(400)
    return Form(fields)


async def bounded_body(request: Request, size_max: int) -> bytes:
    """The request's body. Raises `HTTPException` 413 as soon as it is longer than `size_max` bytes, 408 where it does
    not come in time, 400 where its sender goes away."""
    body = bytearray()
    async for chunk in bounded_chunks(request, size_max, _MAX_SECONDS):
        body += chunk
    return bytes(body)


async def bounded_chunks(request: Request, size_max: int, seconds_max: float) -> AsyncIterator[bytes]:
    """The request's body as it comes; raises as `bounded_body` does."""
    _check_length(request, size_max)
    size = 0
    try:
        async with asyncio.timeout(seconds_max):
            async for chunk in request.stream():
                size += len(chunk)
                if size > size_max:
                    raise HTTPException(413)
                yield chunk
    except TimeoutError as exc:
        raise HTTPException(408) from exc
    except ClientDisconnect as exc:
        raise HTTPException(400) from exc


def _check_length(request: Request, size_max: int) -> None:
    """Raises `HTTPException` 413 where the body says that it is too long."""
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > size_max):
        raise HTTPException(413)
