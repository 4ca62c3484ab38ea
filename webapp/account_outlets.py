"""An account's outlets, and until when each may be viewed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from psycopg.rows import kwargs_row

from schemas.statements import load
from webapp.account import Account
from webapp.actions import Member
from webapp.database import Database
from webapp.natural import natural

_sql = load("webapp.sql", "account_outlets.sql")


class Outlet(Struct, frozen=True):
    """An outlet that was not removed. `licensed` is false once its trial and its licence are over. `test`: it is for
    trying, and in no total. `groups` are the names under which its owner has put it.

    Its days begin at the hour `day_begins`: what happens before it counts to the day before.
    """

    outlet_id: UUID
    name: str
    zone: str
    day_begins: int
    currency: str
    disabled: bool
    test: bool
    licensed: bool
    licensed_until: datetime
    groups: tuple[str, ...] = ()

    def local(self, at: datetime) -> datetime:
        """The moment by the outlet's clock."""
        return at.astimezone(ZoneInfo(self.zone))

    def day(self, at: datetime) -> date:
        """The day that the moment counts to."""
        local = self.local(at)
        return local.date() - timedelta(days=local.hour < self.day_begins)


def counting(account_outlets: list[Outlet]) -> list[Outlet]:
    """Those that count; outlets for trying only where the account has no others."""
    return [outlet for outlet in account_outlets if not outlet.test] or account_outlets


async def outlets(database: Database, account: Account) -> list[Outlet]:
    """The account's outlets by name as people count (2 before 10), those that its reader may see; read with the rights
    of the tables' owner, since trials stand in the accounts."""
    parameters = {"account": account.account_id, "outlets": None if account.outlets is None else list(account.outlets)}
    async with database.asking() as connection, connection.cursor(row_factory=kwargs_row(_outlet)) as cursor:
        found = await (await cursor.execute(_sql["outlets"], parameters)).fetchall()
    return sorted(found, key=lambda outlet: (natural(outlet.name), outlet.outlet_id))


def _outlet(groups: Sequence[str], **columns: Any) -> Outlet:
    return Outlet(**columns, groups=tuple(groups))


class Holder(Struct, frozen=True):
    """Who made a token: its program reads what he may read."""

    account_id: UUID
    person_id: UUID
    member: Member

    @property
    def account(self) -> Account:
        return Account(self.account_id, outlets=self.member.outlets, person_id=self.person_id)


async def holder_of_token(database: Database, token_hash: bytes) -> Holder | None:
    """Whose token it is; None for an unknown or revoked one, and for one of who is no member any more."""
    row = await database.one(_sql["holder_of_token"], {"token_hash": token_hash})
    if row is None:
        return None
    account_id, person_id, role, outlet_ids, sees_costs = row
    return Holder(
        account_id, person_id, Member(role, None if outlet_ids is None else frozenset(outlet_ids), sees_costs)
    )
