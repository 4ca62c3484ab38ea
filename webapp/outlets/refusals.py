"""The owner takes note of events that the gateway refused."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import forms
from webapp.completeness.refusals import refused
from webapp.outlets import outlet_lock
from webapp.redirects import redirect
from webapp.session import required
from webapp.site import site_of

_sql = load("webapp.outlets", "refusals.sql")


async def take_note(request: Request) -> Response:
    """The owner takes note of what the page showed; if others came meanwhile, the page is shown again with them."""
    site, outlet_id = site_of(request), request.path_params["outlet_id"]
    fields = await forms.read(request)
    async with site.database.reading(required(request).account) as connection:
        news = (await refused(connection, outlet_id)).news
        rows = await connection.execute(_sql["through"], {"outlet": outlet_id}) if news else None
        runs = await rows.fetchall() if rows else []
    async with site.database.writing() as connection:
        await outlet_lock.lock(connection, request)
        noted = fields.text("news") == str(news)
        for till_id, run, through in runs if noted else ():
            note = {"outlet": outlet_id, "till": till_id, "run": run, "through": through}
            await connection.execute(_sql["take_note"], note)
    return redirect(f"/outlets/{outlet_id}/ledger?notice={'noted' if noted else 'more'}")
