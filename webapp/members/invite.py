"""An invitation by letter, sent and withdrawn by the owner."""

from __future__ import annotations

from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.tokens import digest, new_secret
from webapp import forms, mail
from webapp.account_outlets import outlets
from webapp.accounts import addresses, limits
from webapp.bounds import check_room
from webapp.members import letters, members
from webapp.members.rights import entered
from webapp.redirects import redirect
from webapp.session import required
from webapp.site import site_of

LIFETIME = timedelta(days=7)


async def invite(request: Request) -> Response:
    """Sends a link that is good once and for a week, to the address that may use it; earlier ones to it end."""
    site, session = site_of(request), required(request)
    fields = await forms.read(request)
    typed = fields.text("email", 254)
    email = addresses.email(typed)
    rights = entered(fields, await outlets(site.database, session.account))
    account = {"account_id": session.account_id}
    if email is None:
        return await members.show(request, 422, "email", email=typed)
    if email == session.email:
        return await members.show(request, 422, "own", email=typed)
    if isinstance(rights, str):
        return await members.show(request, 422, rights, email=typed)
    if await site.database.one(members.sql["is_member"], {**account, "email": email}) is not None:
        return await members.show(request, 422, "already", email=typed)
    if wait := await limits.attempt(site.database, limits.LETTER, email, request):
        return await members.show(request, 429, "too_many", wait=wait, email=typed)
    secret = new_secret()
    async with site.database.writing() as connection:
        await check_room(connection, "members", session.account_id)
        await connection.execute(members.sql["withdraw_those_to"], {**account, "email": email})
        invitation = {"link_hash": digest(secret), "email": email, "lifetime": LIFETIME, **rights.parameters()}
        await connection.execute(members.sql["invite"], {**account, **invitation})
        link = f"{site.public_url}/invitations/{secret}"
        letter = letters.invitation(session.locale, session.email, rights.role, link)
        await mail.queue(connection, email, letter)
    site.mail.wake()
    return redirect("/members?notice=invited")


async def withdraw(request: Request) -> Response:
    parameters = {"account_id": required(request).account_id, "invitation_id": request.path_params["invitation_id"]}
    if await site_of(request).database.one(members.sql["withdraw"], parameters) is None:
        raise HTTPException(404)
    return redirect("/members?notice=withdrawn")
