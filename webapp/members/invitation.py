"""The link of an invitation: accepted by who signs in with the address invited, or registers with it.

The link came to that address, so whoever registers by it needs no second letter. Somebody else who got hold of it can
use it with that address alone.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from msgspec import Struct
from psycopg.rows import class_row
from starlette.requests import Request
from starlette.responses import Response

from schemas.errors import WebOfficeError
from schemas.statements import load
from schemas.tokens import digest
from webapp import acting, forms, mail
from webapp.accounts import links, passwords, viewing
from webapp.accounts.admission import admit
from webapp.acting import Acting
from webapp.context import Context
from webapp.database import Connection
from webapp.members import letters, members
from webapp.page import ANYBODY, Page, Visit
from webapp.redirects import HOME, redirect
from webapp.rendering import render
from webapp.roles import MEANINGS, ROLES, InvitedRole
from webapp.session import current
from webapp.site import site_of
from webapp.translation import N_, locale_of

_accounts_sql = load("webapp.accounts", "accounts.sql")


class _Gone(WebOfficeError):
    """The invitation was accepted or withdrawn a moment ago."""


class Invitation(Struct, frozen=True):
    """An invitation that may be accepted. `person_id` is the account of the address invited, None where it has none."""

    account_id: UUID
    owner_email: str
    owner_locale: str
    email: str
    role: InvitedRole
    person_id: UUID | None


class Invited(Context, frozen=True):
    """What somebody is invited to, and how he accepts: `way` is `accept` (he is signed in), `sign_in`, `register`, or
    `other` where he is signed in with another address. `here` is the page's own address."""

    template = "members/invited.html"
    title = N_("Invitation")

    owner_email: str
    email: str
    role: str
    meaning: str
    way: str
    here: str
    error: str = ""
    shortest: int = passwords.SHORTEST


async def page(visit: Visit) -> Invited | Response:
    invitation = await _invitation(visit.request)
    return _invited(visit.request, invitation) if invitation else links.dead(visit.request)


async def accept(request: Request) -> Response:
    """Makes who asks a member: signed in with the address invited, or registered with the password sent."""
    site, session = site_of(request), current(request)
    fields = await forms.read(request)
    invitation = await _invitation(request)
    if invitation is None:
        return links.dead(request)
    if session is not None and session.person_id == invitation.person_id:
        acting.begin(Acting(session.person_id))
        try:
            async with site.database.writing() as connection:
                await _join(connection, request, invitation, session.person_id)
                viewed = {"account_id": invitation.account_id, "session_hash": session.session_hash}
                await connection.execute(viewing.sql["view_account"], viewed)
        except _Gone:
            return links.dead(request)
        site.mail.wake()
        return redirect(HOME)
    if session is not None or invitation.person_id is not None:
        return render(request, _invited(request, invitation), 422)
    password = fields.verbatim("password")
    if weakness := passwords.weakness(password, invitation.email):
        return render(request, _invited(request, invitation, weakness), 422)
    person_id = uuid4()
    account = {
        "account_id": person_id,
        "email": invitation.email,
        "password_hash": await passwords.hashed(password),
        "locale": locale_of(request),
    }
    acting.begin(Acting(person_id))
    try:
        async with site.database.writing() as connection:
            if await (await connection.execute(_accounts_sql["add_account"], account)).fetchone() is None:
                raise _Gone
            await _join(connection, request, invitation, person_id)
            await connection.execute(_accounts_sql["drop_registrations"], {"email": invitation.email})
            response = await admit(connection, person_id, request, HOME, first=True)
    except _Gone:
        return links.dead(request)
    site.mail.wake()
    return response


async def _join(connection: Connection, request: Request, invitation: Invitation, person_id: UUID) -> None:
    """Makes him a member, in the caller's transaction. Raises `_Gone`."""
    site = site_of(request)
    parameters = {"link_hash": digest(request.path_params["secret"]), "person_id": person_id}
    if await (await connection.execute(members.sql["accept"], parameters)).fetchone() is None:
        raise _Gone
    letter = letters.accepted(invitation.owner_locale, invitation.email, f"{site.public_url}/members")
    await mail.queue(connection, invitation.owner_email, letter)


async def _invitation(request: Request) -> Invitation | None:
    link = {"link_hash": digest(request.path_params["secret"])}
    row = class_row(Invitation)
    async with site_of(request).database.asking() as connection, connection.cursor(row_factory=row) as cursor:
        return await (await cursor.execute(members.sql["invitation"], link)).fetchone()


def _invited(request: Request, invitation: Invitation, error: str = "") -> Invited:
    session = current(request)
    if session is not None:
        way = "accept" if session.person_id == invitation.person_id else "other"
    else:
        way = "register" if invitation.person_id is None else "sign_in"
    return Invited(
        owner_email=invitation.owner_email,
        email=invitation.email,
        role=ROLES[invitation.role],
        meaning=MEANINGS[invitation.role],
        way=way,
        here=request.url.path,
        error=error,
    )


PAGE = Page(path="/invitations/{secret}", action="anybody", gate=ANYBODY, load=page)
