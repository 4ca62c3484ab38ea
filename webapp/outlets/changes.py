"""Changing an outlet: its name, zone, day and currency, whether it may upload, its removal, a hole given up."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from schemas import outbox
from schemas.records import GapGivenUp, OutletRemoved
from webapp import forms, outlet_groups
from webapp.outlets import outlet as outlet_page
from webapp.outlets import outlet_lock
from webapp.outlets.first_steps import Entered, hour, wrong
from webapp.outlets.outlet_lock import execute
from webapp.redirects import redirect
from webapp.session import required
from webapp.site import site_of


async def change(request: Request) -> Response:
    """Renames; the zone and the hour at which days begin stay once there is data, whose days were made by them."""
    fields = await forms.read(request)
    fixed = await outlet_lock.has_data(request, request.path_params["outlet_id"])
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        zone = outlet.zone if fixed or not fields.text("zone") else fields.text("zone")
        kept = fixed or not fields.text("day_begins")
        day_begins = outlet.day_begins if kept else hour(fields.text("day_begins"))
        entered = Entered(fields.text("name", 100), zone, day_begins, fields.text("currency") or outlet.currency)
        groups = outlet_groups.entered(fields.text("groups")) if fields.all("groups") else outlet.groups
        error = wrong(entered) or ("groups" if groups is None else "")
        if not error:
            taken = {"account_id": required(request).account_id, "name": entered.name, "outlet_id": outlet.outlet_id}
            if await (await connection.execute(outlet_lock.sql["name_taken"], taken)).fetchone():
                error = "name_taken"
        if not error:
            await execute(
                connection,
                "change_outlet",
                outlet_id=outlet.outlet_id,
                name=entered.name,
                zone=entered.zone,
                day_begins=entered.day_begins,
                currency=entered.currency,
                groups=list(groups or ()),
            )
    return await outlet_page.show(request, 422, error=error) if error else _back(request, "saved")


async def disable(request: Request) -> Response:
    """The gateway answers its tills 403 until it is enabled again; the tills keep what they have."""
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        await execute(connection, "disable", outlet_id=outlet.outlet_id)
    return _back(request, "disabled")


async def enable(request: Request) -> Response:
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        await execute(connection, "enable", outlet_id=outlet.outlet_id)
    return _back(request, "enabled")


async def remove(request: Request) -> Response:
    """Removes the outlet after its name was typed: here at once, from the read models through the log."""
    fields = await forms.read(request)
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        confirmed = fields.text("name") == outlet.name
        if confirmed:
            key = {"outlet_id": outlet.outlet_id}
            for statement in ("revoke_outlet_tokens", "remove_tills", "remove_outlet", "forget_choice"):
                await connection.execute(outlet_lock.sql[statement], key)
            order = OutletRemoved(str(outlet.outlet_id), _now())
            await connection.execute(outbox.SEND, outbox.parameters(order))
    if not confirmed:
        return await outlet_page.show(request, 422, error="not_confirmed")
    return redirect("/outlets?notice=removed")


async def give_up_gap(request: Request) -> Response:
    """Gives up events that are missing still, exactly as the page showed them; what waits behind them is applied."""
    fields = await forms.read(request)
    holes = await outlet_page.holes(request, request.path_params["outlet_id"])
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        # Looked at while the outlet is locked: two clicks make one order.
        ordered = await outlet_page.ordered_gaps(connection, outlet.outlet_id)
        for hole in holes:
            key = (str(hole.till_id), str(hole.run), str(hole.first), str(hole.last))
            if key == tuple(fields.text(name) for name in ("till", "run", "first", "last")):
                if (key[0], key[1], hole.first, hole.last) not in ordered:
                    order = GapGivenUp(
                        str(outlet.outlet_id), *key[:2], hole.first, hole.last, "given up by the owner", _now()
                    )
                    await connection.execute(outbox.SEND, outbox.parameters(order))
                return _back(request, "gap", "/ledger" if fields.text("next") == "ledger" else "")
    return await outlet_page.show(request, 409, error="no_gap")


def _back(request: Request, notice: str, page: str = "") -> Response:
    return redirect(f"/outlets/{request.path_params['outlet_id']}{page}?notice={notice}")


def _now() -> datetime:
    return datetime.now(UTC)
