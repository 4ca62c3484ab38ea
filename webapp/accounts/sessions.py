"""Signed-in browsers: a random secret in a cookie, its digest in a table.

A session ends after two weeks without a page, or two months after sign-in, whichever comes first. Each sign-in makes a
new secret and ends the session the browser had, so a secret planted before the sign-in is worth nothing after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from schemas.tokens import digest, new_secret
from webapp.database import Connection, Database
from webapp.session import Session

IDLE = timedelta(days=14)
LIFETIME = timedelta(days=60)

_sql = load("webapp.accounts", "sessions.sql")
_BROWSERS = (
    ("YaBrowser", "Яндекс Браузер"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def cookie_name(public_url: str) -> str:
    """Under https the name binds the cookie to this very host (`__Host-`); plain http can't have such a one."""
    return "__Host-weboffice" if is_secure(public_url) else "weboffice"


def is_secure(public_url: str) -> bool:
    return public_url.startswith("https://")


def put_cookie(response: Response, name: str, value: str, lifetime: timedelta, public_url: str) -> None:
    """Sets a cookie that scripts can't read and other sites' forms don't send; an empty value takes it away."""
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()) if value else 0,
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_secure(public_url),
    )


async def start(connection: Connection, account_id: UUID, request: Request, public_url: str) -> str:
    """Makes a session for the request's browser in place of the one it had; gives the secret for its cookie."""
    await end(connection, request, public_url)
    secret = new_secret()
    await connection.execute(
        _sql["start"],
        {
            "session_hash": digest(secret),
            "account_id": account_id,
            "lifetime": LIFETIME,
            "device": device(request.headers.get("user-agent", "")),
        },
    )
    return secret


async def end(connection: Connection, request: Request, public_url: str) -> None:
    """Ends the session that the request's cookie names, if any."""
    if secret := request.cookies.get(cookie_name(public_url)):
        await connection.execute(_sql["end_this"], {"session_hash": digest(secret)})


async def find(database: Database, cookies: Mapping[str, str], public_url: str) -> Session | None:
    """The session that a request's cookies belong to. Raises `InfrastructureUnreachable`."""
    secret = cookies.get(cookie_name(public_url), "")
    if not secret or len(secret) > 100:
        return None
    async with database.asking() as connection:
        row = await (await connection.execute(_sql["find"], {"session_hash": digest(secret), "idle": IDLE})).fetchone()
        if row is None:
            return None
        *fields, stale = row
        session = Session(*fields)
        if stale:  # once a minute, not a write for every page
            await connection.execute(_sql["seen"], {"session_hash": session.session_hash})
        return session


async def others_ended(connection: Connection, session: Session) -> None:
    """Ends every session of the account but this one: after a new password nobody else stays signed in."""
    parameters = {"account_id": session.account_id, "session_hash": session.session_hash}
    await connection.execute(_sql["end_others"], parameters)


def device(user_agent: str) -> str:
    """A browser's name for itself in two words, e.g. «Chrome · Android»; "" where it says nothing known."""
    browser = next((name for mark, name in _BROWSERS if f"{mark}/" in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(filter(None, (browser, system)))
