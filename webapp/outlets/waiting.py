"""Waiting for an outlet's first upload."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from webapp.context import Context
from webapp.outlets import outlet_lock
from webapp.outlets.outlet_lock import LockedOutlet
from webapp.page import OWNER, Page, Visit
from webapp.session import required
from webapp.site import site_of


class Waiting(Context, frozen=True):
    """`arrived`: something is in the figures. `refused`: something came that is not, and never will be."""

    template = "outlets/waiting.html"

    outlet: LockedOutlet
    arrived: bool
    refused: bool


async def page(visit: Visit) -> Waiting:
    """The page looks by itself whether data is here, and reloads itself where scripts are off."""
    outlet, arrived, refused = await _arrival(visit.request)
    return Waiting(outlet=outlet, arrived=arrived, refused=refused)


async def arrival(request: Request) -> Response:
    """For the page's script: whether data of the outlet has arrived, and whether some was refused."""
    _, arrived, refused = await _arrival(request)
    return JSONResponse({"arrived": arrived, "refused": refused}, headers={"Cache-Control": "no-store"})


async def _arrival(request: Request) -> tuple[LockedOutlet, bool, bool]:
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
    async with site_of(request).database.reading(required(request).account) as connection:
        row = await (await connection.execute(outlet_lock.sql["arrival"], {"outlet_id": outlet.outlet_id})).fetchone()
    assert row is not None  # the statement always gives one
    return outlet, bool(row[0]), bool(row[1])


PAGE = Page(path="/outlets/{outlet_id:uuid}/waiting", action="outlets", gate=OWNER, load=page)
