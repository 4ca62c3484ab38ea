"""The tills of an outlet and their tokens. A till survives its tokens: its runs belong to it, not to them."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp import forms
from webapp.bounds import check_room
from webapp.database import Connection
from webapp.outlets import outlet_lock, till_token
from webapp.outlets.outlet_lock import execute
from webapp.outlets.till_token import add_till, issue_token
from webapp.redirects import redirect
from webapp.site import site_of
from webapp.translation import locale_of, translations


class _Till(NamedTuple):
    till_id: UUID
    name: str


async def add(request: Request) -> Response:
    """Adds a till and shows its token, once."""
    fields = await forms.read(request)
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        await check_room(connection, "tills", outlet.outlet_id)
        tills = await (await connection.execute(outlet_lock.sql["tills"], {"outlet_id": outlet.outlet_id})).fetchall()
        otherwise = translations(locale_of(request)).gettext("Till %(number)s") % {"number": len(tills) + 1}
        name = fields.text("name", 100) or otherwise
        made = await issue_token(connection, await add_till(connection, outlet.outlet_id, name))
    return till_token.show(request, made)


async def rename(request: Request) -> Response:
    fields = await forms.read(request)
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        till = await _lock_till(connection, request, outlet.outlet_id)
        await execute(connection, "rename_till", till_id=till.till_id, name=fields.text("name", 100) or till.name)
    return _back(request, "saved")


async def remove(request: Request) -> Response:
    """Removes a till with its tokens; what it sold stays."""
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        till = await _lock_till(connection, request, outlet.outlet_id)
        await execute(connection, "revoke_tokens", till_id=till.till_id)
        await execute(connection, "remove_till", till_id=till.till_id)
    return _back(request, "till_removed")


async def new_token(request: Request) -> Response:
    """Issues another token and shows it once; with `revoke` the earlier ones stop working at once (rotation)."""
    fields = await forms.read(request)
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        till = await _lock_till(connection, request, outlet.outlet_id)
        if fields.text("revoke"):
            await execute(connection, "revoke_tokens", till_id=till.till_id)
        await check_room(connection, "till_tokens", till.till_id)
        made = await issue_token(connection, till.till_id)
    return till_token.show(request, made)


async def revoke_token(request: Request) -> Response:
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        key = {"outlet_id": outlet.outlet_id, "token_id": request.path_params["token_id"]}
        if await (await connection.execute(outlet_lock.sql["revoke_token"], key)).fetchone() is None:
            raise HTTPException(404)
    return _back(request, "token_revoked")


async def _lock_till(connection: Connection, request: Request, outlet_id: UUID) -> _Till:
    key = {"outlet_id": outlet_id, "till_id": request.path_params["till_id"]}
    row = await (await connection.execute(outlet_lock.sql["lock_till"], key)).fetchone()
    if row is None:
        raise HTTPException(404)
    return _Till(*row)


def _back(request: Request, notice: str) -> Response:
    return redirect(f"/outlets/{request.path_params['outlet_id']}?notice={notice}")
