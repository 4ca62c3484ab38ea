"""A new token is shown on a page of its own after a redirect, so that a reload neither loses it nor makes another one.

The service keeps its digest alone. For ten minutes it is in a cookie of the browser that made it, which no script can
read; the page shows it where it is the token that the page is about.
"""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from webapp.cookies import own_name, put_cookie
from webapp.redirects import redirect
from webapp.site import site_of

LIFETIME = timedelta(minutes=10)
_NAME = "weboffice-new"
_LONGEST = 100


def redirect_to(page: str, token: str, request: Request) -> Response:
    """Leads to the page that shows the token."""
    response = redirect(page)
    public_url = site_of(request).public_url
    put_cookie(response, own_name(_NAME, public_url), token, LIFETIME, public_url)
    return response


def token(request: Request) -> str:
    """The token that this browser made last, "" where that was longer ago."""
    found = request.cookies.get(own_name(_NAME, site_of(request).public_url), "")
    return found if len(found) <= _LONGEST else ""
