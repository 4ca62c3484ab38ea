"""What a visitor becomes on signing in: a new session, its cookie, and the page he wanted."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse

from webapp.accounts import sessions
from webapp.database import Connection
from webapp.redirects import redirect
from webapp.site import site_of


async def admit(connection: Connection, account_id: UUID, request: Request, target: str) -> RedirectResponse:
    """Starts a session in the caller's transaction and answers with its cookie and the way to `target`."""
    public_url = site_of(request).public_url
    secret = await sessions.start(connection, account_id, request, public_url)
    response = redirect(target)
    sessions.put_cookie(response, sessions.cookie_name(public_url), secret, sessions.LIFETIME, public_url)
    return response
