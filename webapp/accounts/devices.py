"""Browsers that an account was signed in from before: a random secret in a long-lived cookie, its digest in a table.

A known device is nobody's sign-in: it only has attempts of its own, which nobody elsewhere can use up.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from schemas.tokens import digest, new_secret
from webapp import cookies
from webapp.accounts import sessions
from webapp.database import Connection
from webapp.site import site_of

LIFETIME = timedelta(days=400)
"""As long as browsers keep a cookie."""

_sql = load("webapp.accounts", "devices.sql")


async def remember(connection: Connection, account_id: UUID, request: Request, response: Response) -> bool:
    """Keeps the request's browser as the account's, in the caller's transaction; whether it was known before."""
    public_url = site_of(request).public_url
    secret = _secret(request)
    parameters = {"account_id": account_id, "device_hash": digest(secret)}
    known = (await (await connection.execute(_sql["seen"], parameters)).fetchone()) is not None
    if not known:
        secret = new_secret()
        await connection.execute(_sql["add"], {"account_id": account_id, "device_hash": digest(secret)})
    cookies.put_cookie(response, _cookie(public_url), secret, LIFETIME, public_url)
    return known


async def known(connection: Connection, email: str, request: Request) -> bytes | None:
    """The digest of the request's device where the account of that address knows it."""
    secret = _secret(request)
    if not secret:
        return None
    parameters = {"email": email, "device_hash": digest(secret)}
    return digest(secret) if await (await connection.execute(_sql["of_email"], parameters)).fetchone() else None


async def forget(connection: Connection, account_id: UUID) -> None:
    """Forgets all of an account's devices."""
    await connection.execute(_sql["forget"], {"account_id": account_id})


def _secret(request: Request) -> str:
    return request.cookies.get(_cookie(site_of(request).public_url), "")[:100]


def _cookie(public_url: str) -> str:
    return f"{sessions.cookie_name(public_url)}-device"
