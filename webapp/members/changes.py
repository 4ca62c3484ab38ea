"""A member's role, outlets and costs changed; a member removed. Both hold from his next page on."""

from __future__ import annotations

from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp import forms
from webapp.account_outlets import outlets
from webapp.members import members
from webapp.members.rights import entered
from webapp.redirects import redirect
from webapp.session import required
from webapp.site import site_of


async def change(request: Request) -> Response:
    session, database = required(request), site_of(request).database
    member_id: UUID = request.path_params["member_id"]
    rights = entered(await forms.read(request), await outlets(database, session.account))
    if isinstance(rights, str):
        return await members.show(request, 422, rights, changed=member_id)
    parameters = {"account_id": session.account_id, "member_id": member_id, **rights.parameters()}
    if await database.one(members.sql["change"], parameters) is None:
        raise HTTPException(404)
    return redirect("/members?notice=changed")


async def remove(request: Request) -> Response:
    """He sees nothing of the account any more, and his tokens of it are revoked."""
    parameters = {"account_id": required(request).account_id, "member_id": request.path_params["member_id"]}
    if await site_of(request).database.one(members.sql["remove"], parameters) is None:
        raise HTTPException(404)
    return redirect("/members?notice=removed")
