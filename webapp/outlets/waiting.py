"""Waiting for an outlet's first upload."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from webapp.context import Context
from webapp.outlets import outlet_lock
from webapp.outlets.outlet_lock import LockedOutlet
from webapp.page import OWNER, Page, Visit
from webapp.site import site_of


class Waiting(Context, frozen=True):
    template = "outlets/waiting.html"

    outlet: LockedOutlet
    arrived: bool


async def page(visit: Visit) -> Waiting:
    """The page looks by itself whether data is here, and reloads itself where scripts are off."""
    outlet, arrived = await _arrived(visit.request)
    return Waiting(outlet=outlet, arrived=arrived)


async def arrival(request: Request) -> Response:
    """For the page's script: whether data of the outlet has arrived."""
    _, arrived = await _arrived(request)
    return JSONResponse({"arrived": arrived}, headers={"Cache-Control": "no-store"})


async def _arrived(request: Request) -> tuple[LockedOutlet, bool]:
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
    return outlet, await outlet_lock.has_data(request, outlet.outlet_id)


PAGE = Page(path="/outlets/{outlet_id:uuid}/waiting", gate=OWNER, load=page)
