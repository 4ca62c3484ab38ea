"""`/live`: the stream of events by which an open page hears that its outlets have new data."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from webapp.account_outlets import outlets
from webapp.session import required
from webapp.site import site_of


async def stream(request: Request) -> Response:
    """`GET /live`: the events of the signed-in account's outlets."""
    site = site_of(request)
    session = required(request)
    account_outlets = await outlets(site.database, session.account)
    return StreamingResponse(
        site.live.news([str(outlet.outlet_id) for outlet in account_outlets], session.session_hash),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
