"""The account's own page: what is shown on it, and its language."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import forms
from webapp.accounts import passwords, sessions
from webapp.redirects import redirect
from webapp.rendering import render
from webapp.session import current, required
from webapp.state import portal_of
from webapp.translation import LOCALE_COOKIE, LOCALES

_sql = load("webapp.accounts", "accounts.sql")
_sessions_sql = load("webapp.accounts", "sessions.sql")


class SignedIn(Struct, frozen=True):
    """A signed-in browser as the list shows it; `this` is the one that looks."""

    session_id: UUID
    this: bool
    device: str
    created_at: datetime
    seen_at: datetime


class OwnerToken(Struct, frozen=True):
    """A token for the owner's programs; `hint` is its last characters."""

    token_id: UUID
    name: str
    hint: str
    created_at: datetime


async def page(request: Request) -> Response:
    return await show(request, notice=request.query_params.get("notice", ""))


async def show(request: Request, status: int = 200, wait: int = 0, **shown: Any) -> Response:
    """The page, with what a form that could not be done has to say (`error`, `email`) or a new token."""
    session = required(request)
    account = {"account_id": session.account_id}
    async with portal_of(request).database.writing() as connection:
        row = await (await connection.execute(_sql["by_id"], account)).fetchone()
        assert row is not None  # a session's account is there: the table says so
        async with connection.cursor(row_factory=class_row(SignedIn)) as cursor:
            await cursor.execute(
                _sessions_sql["of_account"], {**account, "session_hash": session.session_hash, "idle": sessions.IDLE}
            )
            devices = await cursor.fetchall()
        async with connection.cursor(row_factory=class_row(OwnerToken)) as cursor:
            await cursor.execute(_sql["owner_tokens"], account)
            tokens = await cursor.fetchall()
    context = {
        "notice": "",
        "error": "",
        "email": "",
        "new_token": "",
        **shown,
        "wait": wait,
        "has_password": row[1] is not None,
        "zone": row[2],
        "shortest": passwords.SHORTEST,
        "devices": devices,
        "tokens": tokens,
        "public_url": portal_of(request).public_url,
    }
    headers = {"Retry-After": str(wait)} if wait else {}
    return render(request, "accounts/account.html", context, status, headers)


async def choose_locale(request: Request) -> Response:
    """Keeps the language: with the account for its owner, in a cookie for a visitor."""
    portal = portal_of(request)
    sent = await forms.read(request)
    response = redirect(sent.text("next", 2000))
    locale = sent.text("locale")
    if locale in LOCALES:
        session = current(request)
        if session:
            async with portal.database.writing() as connection:
                await connection.execute(_sql["set_locale"], {"account_id": session.account_id, "locale": locale})
        sessions.put_cookie(response, LOCALE_COOKIE, locale, timedelta(days=365), portal.public_url)
    return response
