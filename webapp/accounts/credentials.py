"""Changing how an owner signs in: the password, the e-mail address. Both ask for the present password once more."""

from __future__ import annotations

import psycopg
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import forms, mail
from webapp.accounts import account, addresses, letters, limits, links, passwords, sessions
from webapp.accounts.arrival import admit
from webapp.redirects import redirect
from webapp.rendering import render
from webapp.session import Session, required
from webapp.state import portal_of

_sql = load("webapp.accounts", "accounts.sql")
_sessions_sql = load("webapp.accounts", "sessions.sql")


async def change_password(request: Request) -> Response:
    """Sets a new password; other devices are signed out and this one gets a new session."""
    portal, session = portal_of(request), required(request)
    sent = await forms.read(request)
    if refusal := await _unless_owner(request, session, sent.verbatim("present")):
        return refusal
    password = sent.verbatim("password")
    if weakness := passwords.weakness(password, session.email):
        return await account.show(request, 422, error=f"password_{weakness}")
    password_hash = await passwords.hashed(password)
    async with portal.database.writing() as connection:
        own = {"account_id": session.account_id}
        await connection.execute(_sql["set_password"], {**own, "password_hash": password_hash})
        await connection.execute(_sql["void_links"], own)
        await sessions.others_ended(connection, session)
        letter = letters.password_changed(session.locale, f"{portal.public_url}/forgotten")
        await mail.queue(connection, session.email, letter)
        response = await admit(connection, session.account_id, request, "/account?notice=password_set")
    portal.mail.wake()
    return response


async def change_email(request: Request) -> Response:
    """Sends a link to the new address; it becomes the account's when the link is used.

    Whether another account has the address stays unknown: the answer is the same, the link then does nothing.
    """
    portal, session = portal_of(request), required(request)
    sent = await forms.read(request)
    typed = sent.text("email", 254)
    email = addresses.email(typed)
    if email is None:
        return await account.show(request, 422, error="email_form", email=typed)
    if refusal := await _unless_owner(request, session, sent.verbatim("present"), email=typed):
        return refusal
    if wait := await limits.attempt(portal.database, limits.LETTER, email, request):
        return await account.show(request, 429, wait, error="too_many", email=typed)
    async with portal.database.writing() as connection:
        secret = await links.make(connection, session.account_id, "change_email", email)
        await mail.queue(
            connection, email, letters.new_email(session.locale, f"{portal.public_url}/change-email/{secret}")
        )
    portal.mail.wake()
    return redirect("/account?notice=email_sent")


async def open_email_link(request: Request) -> Response:
    link = await _own_link(request)
    return render(request, "accounts/use_email.html", {"email": link.detail}) if link else links.dead(request)


async def use_email_link(request: Request) -> Response:
    """Makes the new address the account's, tells the old one, ends every other session and every link of the old one.

    Only for the account's own session: whoever else a mistyped address belongs to gets nothing by the link.
    """
    portal, session = portal_of(request), required(request)
    if await _own_link(request) is None:
        return links.dead(request)
    try:
        async with portal.database.writing() as connection:
            link = await links.spend(connection, request.path_params["secret"], "change_email")
            if link is None:
                return links.dead(request)
            own = {"account_id": link.account_id}
            await connection.execute(_sql["set_email"], {**own, "email": link.detail})
            await connection.execute(_sql["void_links"], own)
            await sessions.others_ended(connection, session)
            await mail.queue(connection, link.email, letters.email_changed(link.locale, link.detail))
    except psycopg.errors.UniqueViolation:  # another account has the address
        return links.dead(request)
    portal.mail.wake()
    return redirect("/account?notice=email_changed")


async def end_session(request: Request) -> Response:
    session = required(request)
    parameters = {"account_id": session.account_id, "session_id": request.path_params["session_id"]}
    if await portal_of(request).database.one(_sessions_sql["end_one"], parameters) is None:
        raise HTTPException(404)
    return redirect("/account?notice=session_ended")


async def end_other_sessions(request: Request) -> Response:
    session = required(request)
    async with portal_of(request).database.writing() as connection:
        await sessions.others_ended(connection, session)
    return redirect("/account?notice=session_ended")


async def _own_link(request: Request) -> links.Link | None:
    session = required(request)
    async with portal_of(request).database.writing() as connection:
        link = await links.find(connection, request.path_params["secret"], "change_email")
    return link if link and link.account_id == session.account_id else None


async def _unless_owner(request: Request, session: Session, present: str, email: str = "") -> Response | None:
    """The page with a refusal where the present password is wrong; an account that has none yet needs none."""
    database = portal_of(request).database
    row = await database.one(_sql["by_id"], {"account_id": session.account_id})
    stored = row[1] if row else None
    if stored is None:
        return None
    if wait := await limits.attempt(database, limits.PASSWORD, session.email, request):
        return await account.show(request, 429, wait, error="too_many", email=email)
    if not (await passwords.verify(stored, present)).right:
        return await account.show(request, 422, error="email_wrong" if email else "password_wrong", email=email)
    await limits.succeeded(database, limits.PASSWORD, session.email)
    return None
