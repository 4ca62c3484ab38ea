"""The account's own page: how its owner signs in, where he is signed in, tokens for his programs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from schemas.tokens import digest
from webapp import shown_once
from webapp.accounts import limits, passwords, second_factor, sessions
from webapp.accounts.viewing import Membership, memberships_of
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
    """A token for programs; `hint` is its last characters. `made_by` is a member's address, None for one's own."""

    token_id: UUID
    name: str
    hint: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    made_by: str | None


class Account(Context, frozen=True):
    """`notice` says what was done, `error` what a form could not do (`wait`: the seconds after which to try again),
    `new_token` is a token that is shown this once. `shortest` is a password's least length. `memberships` are the
    accounts of others that may be looked at."""

    template = "accounts/account.html"
    title = N_("Account")

    notice: str
    error: str
    email: str
    new_token: str
    wait: int
    has_password: bool
    factor_on: bool
    zone: str
    shortest: int
    devices: list[SignedIn]
    tokens: list[OwnerToken]
    memberships: list[Membership]
    public_url: str


async def page(visit: Visit) -> Account:
    query = visit.request.query_params
    new = await _new_token(visit.request, query["new"]) if "new" in query else ""
    return await _account(visit.request, notice=query.get("notice", ""), new_token=new)


async def show(request: Request, status: int = 200, wait: int = 0, *, error: str = "", email: str = "") -> Response:
    """The page, with what a form that could not be done has to say."""
    context = await _account(request, error=error, email=email, wait=wait)
    return render(request, context, status, limits.retry_after(wait))


async def _account(
    request: Request, *, notice: str = "", error: str = "", email: str = "", new_token: str = "", wait: int = 0
) -> Account:
    session = required(request)
    account = {"account_id": session.person_id}
    tokens_of = {
        "account_id": session.account_id,
        "person_id": None if session.member.role == "owner" else session.person_id,
    }
    async with site_of(request).database.writing() as connection:
        row = await (await connection.execute(_sql["by_id"], account)).fetchone()
        assert row is not None  # a session's account is there: the table says so
        async with connection.cursor(row_factory=class_row(SignedIn)) as cursor:
            await cursor.execute(
                _sessions_sql["of_account"], {**account, "session_hash": session.session_hash, "idle": sessions.IDLE}
            )
            devices = await cursor.fetchall()
        async with connection.cursor(row_factory=class_row(OwnerToken)) as cursor:
            await cursor.execute(_sql["owner_tokens"], tokens_of)
            tokens = await cursor.fetchall()
        factor_on = await second_factor.is_on(connection, session.person_id)
        memberships = await memberships_of(connection, session.person_id)
    return Account(
        notice=notice,
        error=error,
        email=email,
        new_token=new_token,
        wait=wait,
        has_password=row[1] is not None,
        factor_on=factor_on,
        zone=row[2],
        shortest=passwords.SHORTEST,
        devices=devices,
        tokens=tokens,
        memberships=memberships,
        public_url=site_of(request).public_url,
    )


async def _new_token(request: Request, token_id: str) -> str:
    """The token of that id where this browser has just made it, else ""."""
    token = shown_once.token(request)
    parameters = {
        "account_id": required(request).account_id,
        "token_id": token_id,
        "token_hash": digest(token),
    }
    return token if await site_of(request).database.one(_sql["is_owner_token"], parameters) else ""


PAGE = Page(path="/account", action="own", menu=Entry("settings", N_("Account")), gate=OWNER, load=page)
