"""The service that has the demonstration: where it is, and a page of it. `weboffice work demo` runs it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import msgspec
from msgspec import Struct

from schemas.errors import WebOfficeError

FILE = "demo.json"
_BYTES_MAX = 2**20
_AT_ONCE = 4
_SECONDS_MAX = 10.0


class Showing(Struct, frozen=True):
    """Written into HOME/demo.json by who runs the demonstration, while it is there to be looked at: its address, and by
    language the secret of the session that looks at it, which may change nothing."""

    url: str
    sessions: dict[str, str]


class Answer(Struct, frozen=True):
    """What it answered: a page, or with `location` the way to another one."""

    status: int
    html: str = ""
    location: str = ""


class Away(WebOfficeError):
    """The demonstration is not there at the moment: it is being made, or busy."""


class Upstream:
    """Asks for pages, a few at a time; open between entry and exit."""

    def __init__(self, home: Path) -> None:
        self._file = home / FILE
        limits = httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE)
        self._http = httpx.AsyncClient(limits=limits, timeout=_SECONDS_MAX, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def showing(self) -> Showing | None:
        """None while there is nothing to look at."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Showing)
        except (OSError, msgspec.MsgspecError):
            return None

    async def page(self, path: str, query: str, locale: str) -> Answer:
        """A page in a language. Nothing of the visitor goes there. Raises `Away`."""
        showing = self.showing()
        if showing is None:
            raise Away
        url = httpx.URL(showing.url).copy_with(raw_path=(path + (f"?{query}" if query else "")).encode("ascii"))
        headers = {"Cookie": f"weboffice={showing.sessions.get(locale, '')}", "Accept": "text/html"}
        try:
            async with self._http.stream("GET", url, headers=headers) as answer:
                if "x-reader" not in answer.headers:  # nobody is signed in there: it is not ours, or not yet
                    raise Away
                if answer.is_redirect:
                    return Answer(answer.status_code, location=answer.headers.get("location", ""))
                if not answer.headers.get("content-type", "").startswith("text/html"):
                    return Answer(404)
                body = bytearray()
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > _BYTES_MAX:
                        raise Away
                return Answer(answer.status_code, body.decode("utf-8", "replace"))
        except httpx.HTTPError as exc:
            raise Away from exc
