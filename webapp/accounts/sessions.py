"""Signed-in browsers: a random secret in a cookie, its digest in a table.

A session ends after two weeks without a page, or two months after sign-in, whichever comes first. Each sign-in makes a
new secret and ends the session the browser had, so a secret planted before the sign-in is worth nothing after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request

from schemas.statements import load
from schemas.tokens import digest, new_secret
from webapp.actions import Member
from webapp.browsers import device
from webapp.cookies import own_name
from webapp.database import Connection, Database
from webapp.session import Session

IDLE = timedelta(days=14)
LIFETIME = timedelta(days=60)

_sql = load("webapp.accounts", "sessions.sql")


def cookie_name(public_url: str) -> str:
    """That of the cookie with the session's secret."""
    return own_name("weboffice", public_url)


async def start(
    connection: Connection, account_id: UUID, request: Request, public_url: str, *, by_code: bool = False
) -> str:
    """Makes a session for the request's browser in place of the one it had; gives the secret for its cookie. `by_code`:
    the code of the second factor was given just now."""
    before = await end(connection, request, public_url)
    secret = new_secret()
    await connection.execute(
        _sql["start"],
        {
            "session_hash": digest(secret),
            "account_id": account_id,
            "lifetime": LIFETIME,
            "by_code": by_code,
            "device": device(request.headers.get("user-agent", "")),
        },
    )
    if before is not None:
        moved = {"before": before, "session_hash": digest(secret), "account_id": account_id}
        await connection.execute(_sql["push_moves"], moved)
    return secret


async def end(connection: Connection, request: Request, public_url: str) -> bytes | None:
    """Ends the session that the request's cookie names, if any, and gives its digest."""
    secret = request.cookies.get(cookie_name(public_url))
    if not secret:
        return None
    await connection.execute(_sql["end_this"], {"session_hash": digest(secret)})
    return digest(secret)


async def sign_out(connection: Connection, request: Request, public_url: str) -> None:
    """Ends the session as `end` does; the browser shows no messages any more."""
    if ended := await end(connection, request, public_url):
        await connection.execute(_sql["push_ends"], {"session_hash": ended})


async def find(database: Database, cookies: Mapping[str, str], public_url: str) -> Session | None:
    """The session that a request's cookies belong to. Raises `InfrastructureUnreachable`."""
    secret = cookies.get(cookie_name(public_url), "")
    if not secret or len(secret) > 100:
        return None
    async with database.asking() as connection:
        row = await (await connection.execute(_sql["find"], {"session_hash": digest(secret), "idle": IDLE})).fetchone()
        if row is None:
            return None
        session = _session(row[:-1])
        stale = row[-1]
        if stale:  # once a minute, not a write for every page
            await connection.execute(_sql["seen"], {"session_hash": session.session_hash})
        return session


def _session(row: tuple[Any, ...]) -> Session:
    (
        account_id,
        person_id,
        email,
        owner_email,
        locale,
        outlet_id,
        session_hash,
        role,
        outlets,
        sees_costs,
        alarm_from,
        factor_due,
        factor_missing,
        group,
    ) = row
    member = Member(role, None if outlets is None else frozenset(outlets), sees_costs)
    person = (account_id, person_id, email, owner_email, locale)
    return Session(*person, outlet_id, session_hash, member, factor_due, factor_missing, alarm_from, group)


async def others_ended(connection: Connection, session: Session) -> None:
    """Ends every session of the person but this one: after a new password nobody else stays signed in."""
    parameters = {"account_id": session.person_id, "session_hash": session.session_hash}
    await connection.execute(_sql["end_others"], parameters)
