"""What a person sees when a page can't be shown; programs under `/api/` get JSON."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from schemas.errors import InfrastructureUnreachable
from webapp.context import Context
from webapp.database import NotReady, TookTooLong
from webapp.redirects import redirect
from webapp.rendering import render
from webapp.session import FACTOR_PATH, SIGN_IN_PATH, STEP_UP_PATH, CodeRequired, FactorRequired, SignInRequired
from webapp.shares import Busy

log = structlog.get_logger(__name__)

_CODES = {404: "not_found", 405: "method_not_allowed", 503: "unavailable", 504: "took_too_long"}


class ErrorPage(Context, frozen=True):
    template = "error.html"

    status: int


async def _http(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    return _page(request, exc.status_code, exc.headers)


async def _unreachable(request: Request, exc: Exception) -> Response:
    log.warning("page failed", path=request.url.path, error=str(exc))
    return _page(request, 503, {"Retry-After": "5"})


async def _took_too_long(request: Request, exc: Exception) -> Response:
    log.warning("page took too long", path=request.url.path)
    return _page(request, 504)


async def _failed(request: Request, exc: Exception) -> Response:
    log.error("page failed", path=request.url.path, exc_info=exc)
    return _page(request, 500)


async def _sign_in(request: Request, exc: Exception) -> Response:
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    where = "" if target == "/" or request.method != "GET" else f"?next={quote(target, safe='')}"
    return redirect(SIGN_IN_PATH + where)


async def _code(request: Request, exc: Exception) -> Response:
    """Asks for the code, and leads back to the page; what a form held is entered once more."""
    here = request.url.path if request.method == "GET" else urlsplit(request.headers.get("referer", "")).path
    return redirect(f"{STEP_UP_PATH}?next={quote(here, safe='')}")


async def _factor(request: Request, exc: Exception) -> Response:
    return redirect(FACTOR_PATH)


def _page(request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
    if request.url.path.startswith("/api/"):
        document = {"error": _CODES.get(status, "error"), "detail": HTTPStatus(status).description}
        return JSONResponse(document, status, headers=dict(headers or {}))
    return render(request, ErrorPage(status=status), status, headers)


handlers: dict[Any, Any] = {
    HTTPException: _http,
    InfrastructureUnreachable: _unreachable,
    NotReady: _unreachable,
    Busy: _unreachable,
    TookTooLong: _took_too_long,
    SignInRequired: _sign_in,
    CodeRequired: _code,
    FactorRequired: _factor,
    Exception: _failed,
}
