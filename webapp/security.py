"""What binds every page: who is looking, which requests of other sites are refused, what a browser may load.

Pure ASGI, so that streams (server-sent events) pass through untouched. The programs' APIs under `/api/` are bound by
their bearer tokens instead and are passed on as they are.
"""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import InfrastructureUnreachable
from webapp import cookies, errorpages
from webapp.accounts import sessions
from webapp.compression import Compression
from webapp.hangup import HangUp
from webapp.journal import cross_site_refused
from webapp.rates import Rate
from webapp.session import Session
from webapp.site import Site

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # 'no-referrer' would also blank the Origin of our own forms, which the check below goes by on plain http.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


def middleware(site: Site) -> list[Middleware]:
    """The pages' middleware, outermost first."""
    return [
        Middleware(HangUp),
        Middleware(Compression),
        Middleware(OwnHost, public_url=site.public_url),
        Middleware(SecurityHeaders, secure=cookies.is_secure(site.public_url)),
        Middleware(CrossSiteRefusal, public_url=site.public_url),
        Middleware(SessionOfRequest, site=site),
    ]


class OwnHost:
    """Refuses, under https, what was sent to a name that is not ours: another site's name that leads here."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._hosts = {urlsplit(public_url).netloc, urlsplit(public_url).hostname or ""}
        self._bound = cookies.is_secure(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._bound or not _is_page(scope) or self._is_ours(Headers(scope=scope).get("host", "").lower()):
            return await self._app(scope, receive, send)
        await PlainTextResponse("this is another site's address\n", 421)(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        return host in self._hosts or host.rpartition(":")[0].strip("[]") in ("127.0.0.1", "localhost", "::1")


class SecurityHeaders:
    """Puts the headers on every answer that has none of its own by that name; what says nothing is not cached."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app = app
        self._headers = {**_HEADERS, **({"Strict-Transport-Security": _STRICT_TRANSPORT} if secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_page(scope):
            return await self._app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class CrossSiteRefusal:
    """Refuses what could have been sent by another site's page in the owner's name (CSRF).

    Browsers say where a request comes from in Sec-Fetch-Site, which no script can set; where they don't (plain http,
    old ones) their Origin has to be ours. A request that changes something and says neither is refused.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._origin = _origin(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_page(scope) or scope["method"] in _SAFE_METHODS or self._is_ours(scope):
            return await self._app(scope, receive, send)
        cross_site_refused(Request(scope))
        refusal = await errorpages.handlers[HTTPException](Request(scope), HTTPException(403))
        await refusal(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if site := headers.get("sec-fetch-site"):
            return site == "same-origin"
        origin = headers.get("origin", "")
        return origin in (self._origin, f"{scope['scheme']}://{headers.get('host', '')}")


class SessionOfRequest:
    """Sets `request.state.session`: the signed-in session, or None. One that asks too often is told to wait."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site
        self._rate = Rate(per_second=30, burst=600)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_page(scope):
            return await self._app(scope, receive, send)
        state = scope.setdefault("state", {})
        state["session"] = None
        if not scope["path"].startswith("/static/"):
            request = Request(scope)
            try:
                state["session"] = await sessions.find(self._site.database, request.cookies, self._site.public_url)
            except InfrastructureUnreachable as exc:
                unavailable: Response = await errorpages.handlers[InfrastructureUnreachable](request, exc)
                return await unavailable(scope, receive, send)
            session = state["session"]
            if session and (seconds := self._rate.wait_seconds(session.session_hash, time.monotonic())):
                busy: Response = await errorpages.handlers[HTTPException](
                    request, HTTPException(429, headers={"Retry-After": str(seconds)})
                )
                return await busy(scope, receive, send)
        session = state["session"]
        await self._app(scope, receive, _saying_whose(session, send) if session else send)


def _saying_whose(session: Session, send: Send) -> Send:
    """Every answer to who is signed in says whose it is, so that a device keeps nothing of his for the next
    (`webapp/static/worker.js`)."""

    async def send_with_reader(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["X-Reader"] = session.reader
        await send(message)

    return send_with_reader


def _is_page(scope: Scope) -> bool:
    return scope["type"] == "http" and not scope["path"].startswith("/api/")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
