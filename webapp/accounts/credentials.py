"""Changing how an owner signs in: the password, the e-mail address. Both ask for the present password once more."""

from __future__ import annotations

from uuid import UUID

import psycopg
from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import forms, mail
from webapp.accounts import account, addresses, devices, letters, limits, links, passwords, sessions
from webapp.accounts.admission import admit
from webapp.context import Context
from webapp.database import Connection
from webapp.journal import note
from webapp.page import OWNER, Page, Visit
from webapp.redirects import redirect
from webapp.session import Session, required
from webapp.site import site_of
from webapp.translation import N_

_sql = load("webapp.accounts", "accounts.sql")
_sessions_sql = load("webapp.accounts", "sessions.sql")


class NewEmail(Context, frozen=True):
    """A link to a new address whose button was not pressed yet."""

    template = "accounts/use_email.html"
    title = N_("Confirm your new e-mail address")

    email: str


async def change_password(request: Request) -> Response:
    """Sets a new password; other devices and programs are out, this one gets a new session."""
    site, session = site_of(request), required(request)
    fields = await forms.read(request)
    if refusal := await _unless_owner(request, session, fields.verbatim("present")):
        return refusal
    password = fields.verbatim("password")
    if weakness := passwords.weakness(password, session.email):
        return await account.show(request, 422, error=f"password_{weakness}")
    password_hash = await passwords.hashed(password)
    async with site.database.writing() as connection:
        key = {"account_id": session.person_id}
        await connection.execute(_sql["set_password"], {**key, "password_hash": password_hash})
        await connection.execute(_sql["void_links"], key)
        await connection.execute(_sql["revoke_owner_tokens"], key)
        await devices.forget(connection, session.person_id)
        await note(connection, session.person_id, "password_changed", request)
        await sessions.others_ended(connection, session)
        letter = letters.password_changed(session.locale, f"{site.public_url}/forgotten")
        await mail.queue(connection, session.email, letter)
        response = await admit(
            connection, session.person_id, request, "/account?notice=password_set", first=True, by_code=True
        )
    site.mail.wake()
    return response


async def change_email(request: Request) -> Response:
    """Sends a link to the new address; it becomes the account's when the link is used.

    Whether another account has the address stays unknown: the answer is the same, the link then does nothing.
    """
    site, session = site_of(request), required(request)
    fields = await forms.read(request)
    typed = fields.text("email", 254)
    email = addresses.email(typed)
    if email is None:
        return await account.show(request, 422, error="email_form", email=typed)
    if refusal := await _unless_owner(request, session, fields.verbatim("present"), email=typed):
        return refusal
    if wait := await limits.attempt(site.database, limits.LETTER, email, request):
        return await account.show(request, 429, wait, error="too_many", email=typed)
    async with site.database.writing() as connection:
        secret = await links.make(connection, session.person_id, "change_email", email)
        await mail.queue(
            connection, email, letters.new_email(session.locale, f"{site.public_url}/change-email/{secret}")
        )
    site.mail.wake()
    return redirect("/account?notice=email_sent")


async def open_email_link(visit: Visit) -> NewEmail | Response:
    link = await _own_link(visit.request)
    return NewEmail(email=link.detail) if link else links.dead(visit.request)


async def use_email_link(request: Request) -> Response:
    """Makes the new address the account's, tells the old one, ends every other session and every link of the old one.

    Only for the account's own session: whoever else a mistyped address belongs to gets nothing by the link.
    """
    site, session = site_of(request), required(request)
    if await _own_link(request) is None:
        return links.dead(request)
    try:
        async with site.database.writing() as connection:
            link = await links.spend(connection, request.path_params["secret"], "change_email")
            if link is None:
                return links.dead(request)
            key = {"account_id": link.account_id}
            await connection.execute(_sql["set_email"], {**key, "email": link.detail})
            await connection.execute(_sql["void_links"], key)
            await sessions.others_ended(connection, session)
            await mail.queue(connection, link.email, letters.email_changed(link.locale, link.detail))
    except psycopg.errors.UniqueViolation:  # another account has the address
        return links.dead(request)
    site.mail.wake()
    return redirect("/account?notice=email_changed")


async def end_session(request: Request) -> Response:
    session = required(request)
    parameters = {"account_id": session.person_id, "session_id": request.path_params["session_id"]}
    async with site_of(request).database.writing() as connection:
        if await (await connection.execute(_sessions_sql["end_one"], parameters)).fetchone() is None:
            raise HTTPException(404)
        await note(connection, session.person_id, "sessions_ended", request)
    return redirect("/account?notice=session_ended")


async def end_other_sessions(request: Request) -> Response:
    session = required(request)
    async with site_of(request).database.writing() as connection:
        await sessions.others_ended(connection, session)
        await note(connection, session.person_id, "sessions_ended", request)
    return redirect("/account?notice=session_ended")


async def _own_link(request: Request) -> links.Link | None:
    session = required(request)
    async with site_of(request).database.writing() as connection:
        link = await links.find(connection, request.path_params["secret"], "change_email")
    return link if link and link.account_id == session.person_id else None


async def _unless_owner(request: Request, session: Session, present: str, email: str = "") -> Response | None:
    """The page with a refusal where the present password is wrong. An account that has none yet gets one by a link in a
    letter: a session alone, which might be a stolen one, takes over nothing."""
    refusal = await refusal_of_password(request, session, present)
    if refusal is None:
        return None
    error = refusal.code
    if error == "wrong_password":
        error = "email_wrong" if email else "password_wrong"
    return await account.show(request, refusal.status, refusal.wait, error=error, email=email)


class Refusal(Struct, frozen=True):
    """Why the present password does not let pass: a code of `accounts/errors.html`, the status of the answer, and after
    how many seconds to try again."""

    code: str
    status: int = 422
    wait: int = 0


async def refusal_of_password(request: Request, session: Session, present: str) -> Refusal | None:
    """None where it is the person's present password. Counts the attempt."""
    database = site_of(request).database
    row = await database.one(_sql["by_id"], {"account_id": session.person_id})
    stored = row[1] if row else None
    if stored is None:
        return Refusal("no_password")
    if wait := await limits.attempt(database, limits.PASSWORD, session.email, request):
        return Refusal("too_many", 429, wait)
    if not (await passwords.verify(stored, present)).right:
        return Refusal("wrong_password")
    await limits.succeeded(database, limits.PASSWORD, session.email, request)
    return None


async def zone_of(connection: Connection, account_id: UUID) -> str:
    """By which moments are told to an account's owner."""
    row = await (await connection.execute(_sql["by_id"], {"account_id": account_id})).fetchone()
    assert row is not None  # a session's account is there
    zone: str = row[2]
    return zone


NEW_EMAIL = Page(path="/change-email/{secret}", action="own", gate=OWNER, load=open_email_link)
