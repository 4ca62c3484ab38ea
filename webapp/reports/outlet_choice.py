"""The outlet, or the group of outlets, that an owner has chosen: his session remembers it for the pages of figures."""

from __future__ import annotations

from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import forms
from webapp.account_outlets import outlets
from webapp.outlet_groups import of_group
from webapp.redirects import redirect
from webapp.session import required
from webapp.site import site_of

_sql = load("webapp.reports", "outlet_choice.sql")


async def choose_outlet(request: Request) -> Response:
    """An empty choice means all outlets; a group is named in a field of its own."""
    site, session = site_of(request), required(request)
    fields = await forms.read(request)
    choice, group = fields.text("outlet"), fields.text("group")
    account_outlets = await outlets(site.database, session.account)
    ids = {str(outlet.outlet_id): outlet.outlet_id for outlet in account_outlets}
    if (choice and choice not in ids) or (group and not of_group(account_outlets, group)):
        raise HTTPException(404)
    outlet_id: UUID | None = ids.get(choice)
    parameters = {"session": session.session_hash, "outlet": outlet_id, "group": group or None}
    async with site.database.writing() as connection:
        await connection.execute(_sql["remember_outlet"], parameters)
    return redirect(fields.text("next", 2000))
