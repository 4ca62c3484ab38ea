"""The owner asks for his account to be deleted: confirmed by password and second factor, done after two weeks, and
until then taken back by a tap."""

from __future__ import annotations

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from webapp import formats, forms, mail
from webapp.accounts import letters, limits
from webapp.accounts.credentials import refusal_of_password, zone_of
from webapp.accounts.erasing import sql
from webapp.context import Context
from webapp.database import Connection
from webapp.journal import note
from webapp.page import OWNER, Page, Visit
from webapp.redirects import redirect
from webapp.rendering import render
from webapp.session import required
from webapp.site import site_of
from webapp.translation import N_

WAIT = timedelta(days=14)


class Deletion(Context, frozen=True):
    """`due_at`: when the account goes, None where nobody asked for it. `outlet_count` and `member_count` are what goes
    with it, `days` how long it waits. `error` is what the form could not do, `wait` after how many seconds to try
    again."""

    template = "accounts/deletion.html"
    title = N_("Delete the account")

    due_at: datetime | None
    zone: str
    outlet_count: int
    member_count: int
    days: int
    has_password: bool
    notice: str = ""
    error: str = ""
    wait: int = 0


async def page(visit: Visit) -> Deletion:
    return await _deletion(visit.request, notice=visit.request.query_params.get("notice", ""))


async def ask(request: Request) -> Response:
    """Notes when the account goes, after its address was typed and the password given; tells owner and members."""
    site, session = site_of(request), required(request)
    fields = await forms.read(request)
    if fields.text("email", 254).lower() != session.email:
        return await _show(request, 422, "not_confirmed")
    if refusal := await refusal_of_password(request, session, fields.verbatim("present")):
        return await _show(request, refusal.status, refusal.code, refusal.wait)
    account = {"account_id": session.account_id}
    async with site.database.writing() as connection:
        row = await (await connection.execute(sql["ask"], {**account, "wait": WAIT})).fetchone()
        if row is not None:
            await note(connection, session.account_id, "deletion_asked", request)
            await _tell(connection, request, row[0])
    site.mail.wake()
    return redirect(f"{PAGE.path}?notice=asked")


async def keep(request: Request) -> Response:
    """Takes the request back, until it is carried out."""
    site, session = site_of(request), required(request)
    async with site.database.writing() as connection:
        account = {"account_id": session.account_id}
        if await (await connection.execute(sql["keep"], account)).fetchone() is not None:
            await note(connection, session.account_id, "deletion_taken_back", request)
            await _tell(connection, request, None)
    site.mail.wake()
    return redirect(f"{PAGE.path}?notice=kept")


async def _tell(connection: Connection, request: Request, due_at: datetime | None) -> None:
    """By letter: when the account goes, or, without a time, that it stays."""
    site, session = site_of(request), required(request)
    zone = await zone_of(connection, session.account_id)
    account = {"account_id": session.account_id}
    for email, locale, _ in await (await connection.execute(sql["people"], account)).fetchall():
        moment = formats.moment(due_at, locale, zone, "long") if due_at else ""
        letter = letters.deletion(locale, session.email, moment, f"{site.public_url}{PAGE.path}")
        await mail.queue(connection, email, letter)


async def _deletion(request: Request, *, notice: str = "", error: str = "", wait: int = 0) -> Deletion:
    account_id = required(request).account_id
    async with site_of(request).database.writing() as connection:
        row = await (await connection.execute(sql["state"], {"account_id": account_id})).fetchone()
        assert row is not None  # a session's account is there
        due_at, outlets, members, has_password = row
        zone = await zone_of(connection, account_id)
    return Deletion(due_at, zone, outlets, members, WAIT.days, has_password, notice, error, wait)


async def _show(request: Request, status: int, error: str, wait: int = 0) -> Response:
    return render(request, await _deletion(request, error=error, wait=wait), status, limits.retry_after(wait))


PAGE = Page(path="/account/delete", action="settings", gate=OWNER, load=page)
