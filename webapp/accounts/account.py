"""The account's own page: how its owner signs in, where he is signed in, tokens for his programs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp.accounts import limits, passwords, sessions
from webapp.context import Context
from webapp.menu import Entry
from webapp.page import OWNER, Page, Visit
from webapp.rendering import render
from webapp.session import required
from webapp.site import site_of
from webapp.translation import N_

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


class Account(Context, frozen=True):
    """`notice` says what was done, `error` what a form could not do (`wait`: the seconds after which to try again),
    `new_token` is a token that is shown this once. `shortest` is a password's least length."""

    template = "accounts/account.html"
    title = N_("Account")

    notice: str
    error: str
    email: str
    new_token: str
    wait: int
    has_password: bool
    zone: str
    shortest: int
    devices: list[SignedIn]
    tokens: list[OwnerToken]
    public_url: str


async def page(visit: Visit) -> Account:
    return await _account(visit.request, notice=visit.request.query_params.get("notice", ""))


async def show(
    request: Request, status: int = 200, wait: int = 0, *, error: str = "", email: str = "", new_token: str = ""
) -> Response:
    """The page, with what a form that could not be done has to say, or a new token."""
    context = await _account(request, error=error, email=email, new_token=new_token, wait=wait)
    return render(request, context, status, limits.retry_after(wait))


async def _account(
    request: Request, *, notice: str = "", error: str = "", email: str = "", new_token: str = "", wait: int = 0
) -> Account:
    session = required(request)
    account = {"account_id": session.account_id}
    async with site_of(request).database.writing() as connection:
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
    return Account(
        notice=notice,
        error=error,
        email=email,
        new_token=new_token,
        wait=wait,
        has_password=row[1] is not None,
        zone=row[2],
        shortest=passwords.SHORTEST,
        devices=devices,
        tokens=tokens,
        public_url=site_of(request).public_url,
    )


PAGE = Page(path="/account", menu=Entry("settings", N_("Account")), gate=OWNER, load=page)
