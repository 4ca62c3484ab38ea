"""The body of an upload: read with a bound on bytes and time, unpacked with a bound on what comes out."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from email.message import Message
from functools import lru_cache
from typing import Literal

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from producers.gateway.answers import Refusal
from schemas.limits import MAX_BYTES

Encoding = Literal["identity", "gzip"]

_MOST_MEMBERS = 64  # several are legal, but countless empty ones would cost much to unpack


def content_encoding(headers: Headers) -> Encoding:
    """How the body is packed. Raises `Refusal` 415 where it is not JSON, or packed otherwise than by gzip."""
    if reason := _wrong_type(headers.get("content-type")):
        raise Refusal(415, "wrong_type", reason)
    match ", ".join(headers.getlist("content-encoding")).strip().lower():
        case "" | "identity":
            return "identity"
        case "gzip" | "x-gzip":
            return "gzip"
        case _:
            accepted = {"Accept-Encoding": "gzip, identity"}
            raise Refusal(415, "unknown_encoding", "the body is sent plain or gzipped", headers=accepted)


@lru_cache(maxsize=64)  # all tills send the same one
def _wrong_type(content_type: str | None) -> str:
    """What is wrong with a `Content-Type`, "" where nothing is."""
    message = Message()
    message["Content-Type"] = content_type or ""
    if content_type is None or message.get_content_type() != "application/json":
        return "`Content-Type: application/json` is expected"
    if str(message.get_content_charset("utf-8")) not in ("utf-8", "utf8"):
        return "JSON is encoded in UTF-8"
    return ""


def check_length(headers: Headers) -> None:
    """Raises `Refusal` 413 where the body says that it is too long."""
    length = headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > MAX_BYTES):
        raise _too_large()


def has_body(headers: Headers) -> bool:
    """Whether the headers announce a body."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


async def read(receive: Receive, *, seconds: float, grown: Callable[[int], None]) -> bytes:
    """The body as sent, at most `MAX_BYTES`, within `seconds`. `grown` is told its size so far and may refuse it.

    Raises `Refusal` 413 or 408, and `ClientDisconnect`.
    """
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                piece = message.get("body", b"")
                size += len(piece)
                if size > MAX_BYTES:
                    raise _too_large()
                grown(size)
                pieces.append(piece)
                if not message.get("more_body", False):
                    return b"".join(pieces)
    except TimeoutError as exc:
        raise Refusal(408, "body_too_slow", f"the body did not come within {seconds:g} seconds") from exc


def unpack(body: bytes, encoding: Encoding) -> bytes:
    """The plain body. Never holds more than `MAX_BYTES` and one. Raises `Refusal` 400 or 413."""
    if encoding == "identity":
        return body
    plain = b""
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        try:
            plain += member.decompress(body, MAX_BYTES + 1 - len(plain))
        except zlib.error as exc:
            raise Refusal(400, "broken_gzip", str(exc)) from exc
        if len(plain) > MAX_BYTES:
            raise _too_large()
        if not member.eof:
            raise Refusal(400, "broken_gzip", "the gzip ends before its end")
        if not member.unused_data:
            return plain
        body = member.unused_data
    raise Refusal(400, "broken_gzip", f"at most {_MOST_MEMBERS} gzip members are expected")


def _too_large() -> Refusal:
    return Refusal(413, "too_large", f"an upload is at most {MAX_BYTES} bytes, packed and unpacked")
