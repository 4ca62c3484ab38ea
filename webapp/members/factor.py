"""Whether the members of an account need a second factor. It holds from each one's next page on."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from webapp import forms
from webapp.journal import note
from webapp.members.members import sql
from webapp.redirects import redirect
from webapp.session import required
from webapp.site import site_of


async def require(request: Request) -> Response:
    session = required(request)
    needed = (await forms.read(request)).text("needed", 1) == "1"
    parameters = {"account_id": session.account_id, "needed": needed}
    async with site_of(request).database.writing() as connection:
        if await (await connection.execute(sql["need_factor"], parameters)).fetchone():
            await note(connection, session.account_id, "factor_needed" if needed else "factor_not_needed", request)
    return redirect(f"/members?notice={'factor_needed' if needed else 'factor_not_needed'}")
