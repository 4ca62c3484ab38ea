"""One outlet of the owner who asks; a foreign, removed or unknown one is not found."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request

from schemas.statements import load
from webapp.database import Connection
from webapp.session import required
from webapp.site import site_of

sql = load("webapp.outlets", "outlets.sql")


class LockedOutlet(Struct, frozen=True):
    """An outlet, locked against other changes until the transaction ends."""

    outlet_id: UUID
    name: str
    zone: str
    day_begins: int
    currency: str
    disabled: bool
    test: bool
    groups: list[str]

    def local(self, at: datetime) -> datetime:
        """The moment by the outlet's clock."""
        return at.astimezone(ZoneInfo(self.zone))


async def lock(connection: Connection, request: Request) -> LockedOutlet:
    """The outlet that the path names. Raises `HTTPException` 404 where it is not the owner's."""
    key = {"outlet_id": request.path_params["outlet_id"], "account_id": required(request).account_id}
    row = await (await connection.execute(sql["lock_outlet"], key)).fetchone()
    if row is None:
        raise HTTPException(404)
    return LockedOutlet(*row)


async def execute(connection: Connection, statement: str, **parameters: Any) -> None:
    """One of the outlet pages' statements, for what it does."""
    await connection.execute(sql[statement], parameters)


async def has_data(request: Request, outlet_id: UUID) -> bool:
    """Whether anything of the outlet's has reached the read models; from then on its zone and hour are fixed."""
    async with site_of(request).database.reading(required(request).account) as connection:
        row = await (await connection.execute(sql["has_data"], {"outlet_id": outlet_id})).fetchone()
    return bool(row and row[0])
