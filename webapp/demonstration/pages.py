"""The routes of `/demo`. Off by default; then there is no such page."""

from __future__ import annotations

import time
from urllib.parse import quote, urlsplit

from markupsafe import escape
from prometheus_client import Counter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from webapp.context import Context
from webapp.demonstration.shown import PLACE, served, shown
from webapp.demonstration.upstream import Away, Upstream
from webapp.journal import shortened
from webapp.rates import Rate
from webapp.redirects import redirect
from webapp.rendering import render
from webapp.routes import ActionRoute, form
from webapp.session import current
from webapp.site import site_of
from webapp.translation import N_, locale_of, translations

_PAGES = Counter("weboffice_demo_pages", "Pages of the demonstration that were asked for.", ["result"])
_rate = Rate(per_second=3, burst=60, size=5000)
# Scripts draw the charts; they may call nobody, so none takes the visitor's own pages for the demonstration's.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "form-action 'self'",
    )
    + ("base-uri 'none'", "frame-ancestors 'none'")
)
_HEADERS = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}


class DemoAway(Context, frozen=True):
    """`reason`: `away` while there is nothing to look at, `changes` after a try to change something, `file` for one."""

    template = "demonstration/away.html"
    title = N_("Demonstration")

    reason: str


async def look(request: Request) -> Response:
    """A page of the demonstration, for anybody. Costs no account anything: what is counted here is the address."""
    upstream = _upstream(request)
    who = shortened(request.client.host if request.client else "")
    if seconds := _rate.wait_seconds(who, time.monotonic()):
        _PAGES.labels("too_many").inc()
        raise HTTPException(429, headers={"Retry-After": str(seconds)})
    path = "/" + request.path_params.get("path", "")
    if not served(path):
        return render(request, DemoAway(reason="file"), 404)
    locale = locale_of(request)
    try:
        answer = await upstream.page(quote(path), request.scope["query_string"].decode("ascii", "ignore"), locale)
    except Away:
        _PAGES.labels("away").inc()
        return render(request, DemoAway(reason="away"), 503, {"Retry-After": "30"})
    _PAGES.labels("shown").inc()
    if answer.location:
        return redirect(f"{PLACE}{_local(answer.location)}")
    if not answer.html:
        return render(request, DemoAway(reason="file"), 404)
    return HTMLResponse(shown(answer.html, _banner(request, locale)), answer.status, headers=_HEADERS)


async def refuse(request: Request) -> Response:
    """Nothing can be changed there."""
    _upstream(request)
    return render(request, DemoAway(reason="changes"), 403)


def _upstream(request: Request) -> Upstream:
    upstream = site_of(request).demo
    if upstream is None:
        raise HTTPException(404)
    return upstream


def _local(location: str) -> str:
    parts = urlsplit(location)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _banner(request: Request, locale: str) -> str:
    text = translations(locale).gettext
    way, words = ("/", N_("Back to your own figures")) if current(request) else ("/sign-up", N_("Register"))
    said = escape(text(N_("This is a demonstration: the shops, people and sums are made up, nothing can be changed.")))
    link = f'<a href="{way}">{escape(text(words))}</a>'
    name = escape(text(N_("Demonstration")))
    return f'\n<aside class="demonstration" aria-label="{name}">{said} {link}</aside>'


routes: list[BaseRoute] = [
    ActionRoute(PLACE, look, "anybody"),
    ActionRoute(PLACE + "/{path:path}", look, "anybody"),
    form(PLACE + "/{path:path}", refuse, "anybody"),
]
