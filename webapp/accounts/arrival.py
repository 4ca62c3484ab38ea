"""What a visitor becomes on signing in: a new session, its cookie, and the page he wanted."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse

from webapp.accounts import sessions
from webapp.database import Connection
from webapp.state import portal_of

HOME = "/"


async def admit(connection: Connection, account_id: UUID, request: Request, target: str) -> RedirectResponse:
    """Starts a session in the caller's transaction and answers with its cookie and the way to `target`."""
    public_url = portal_of(request).public_url
    secret = await sessions.start(connection, account_id, request, public_url)
    response = redirect(target)
    sessions.put_cookie(response, sessions.cookie_name(public_url), secret, sessions.LIFETIME, public_url)
    return response


def redirect(target: str) -> RedirectResponse:
    """'See other': the answer to every form that did what it was sent for."""
    return RedirectResponse(target, 303, headers={"Cache-Control": "no-store"})


def local(target: str) -> str:
    """`target` where it is a path of this site, else the dashboard: an address may not lead visitors elsewhere."""
    parts = urlsplit(target)
    ours = target.startswith("/") and not parts.scheme and not parts.netloc
    # Browsers take a backslash for a slash and pass over control characters: `/\host` would leave the site.
    return target if ours and "\\" not in target and target.isprintable() else HOME
