"""An account's outlets, and until when each may be viewed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from psycopg.rows import class_row

from schemas.statements import load
from webapp.database import Database

_sql = load("webapp.sql", "owned.sql")


class Outlet(Struct, frozen=True):
    """An outlet that was not removed. `licensed` is false once its trial and its licence are over."""

    outlet_id: UUID
    name: str
    zone: str
    currency: str
    disabled: bool
    licensed: bool
    licensed_until: datetime

    def local(self, at: datetime) -> datetime:
        """The moment by the outlet's clock."""
        return at.astimezone(ZoneInfo(self.zone))


async def outlets(database: Database, account_id: UUID) -> list[Outlet]:
    """The account's outlets by name; read with the owner's rights, since trials stand in the accounts."""
    async with database.asking() as connection, connection.cursor(row_factory=class_row(Outlet)) as cursor:
        return await (await cursor.execute(_sql["outlets"], {"account": account_id})).fetchall()


async def account_of_token(database: Database, token_hash: bytes) -> UUID | None:
    """Whose owner token it is; None for an unknown or revoked one."""
    row = await database.one(_sql["account_of_token"], {"token_hash": token_hash})
    return row[0] if row else None
