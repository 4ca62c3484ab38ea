"""Queues the digests that are due, each once: that it was told is noted in the transaction of its message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from notices.alarms import Alarm
from notices.digest import Kind, due, message
from notices.digest_reading import read
from notices.hearers import Hearer, hearers, put
from schemas.failpoints import fail_point
from schemas.statements import load
from webapp.account import Account
from webapp.account_outlets import Outlet, outlets
from webapp.completeness.logends import AskLog
from webapp.database import Connection, Database
from webapp.notices.kinds import KINDS
from webapp.notices.kinds import Kind as AlarmKind

_sql = load("notices", "digests.sql")


class Digests:
    """Tells the digests of accounts; `public_url` is what addresses in them begin with."""

    def __init__(self, database: Database, log_ends: AskLog | None, public_url: str) -> None:
        self._database, self._log_ends, self._public_url = database, log_ends, public_url.rstrip("/")

    async def tell(self, account_id: UUID, now: datetime) -> int:
        """Queues what is due for the account's readers and gives how many digests that were.

        Raises `NotReady`, `InfrastructureUnreachable`, `TookTooLong`: then nothing was told.
        """
        seen = [outlet for outlet in await outlets(self._database, Account(account_id)) if not outlet.test]
        if not seen:
            return 0
        told = 0
        async with self._database.writing() as connection:
            for hearer in await hearers(connection, account_id):
                if not hearer.ways or not hearer.digests:
                    continue
                done = await self._done(connection, account_id, hearer)
                for kind, morning in due(now, hearer.zone(seen), hearer.digest_hour, hearer.digests, done):
                    told += await self._tell(connection, account_id, hearer, kind, morning, seen, now)
            fail_point("tell.before_commit")
        return told

    async def _done(self, connection: Connection, account_id: UUID, hearer: Hearer) -> set[tuple[str, date]]:
        parameters = {"account": account_id, "person": hearer.person_id}
        return {(kind, morning) async for kind, morning in await connection.execute(_sql["done"], parameters)}

    async def _tell(
        self,
        connection: Connection,
        account_id: UUID,
        hearer: Hearer,
        kind: Kind,
        morning: date,
        seen: Sequence[Outlet],
        now: datetime,
    ) -> bool:
        """Whether it is ours to tell: another process may be just telling it, or nothing of it may be seen."""
        heard = [outlet for outlet in seen if outlet.licensed and hearer.hears_of(outlet)]
        if not heard:
            return False
        key = {"account": account_id, "person": hearer.person_id, "kind": kind, "morning": morning}
        if await (await connection.execute(_sql["note"], key)).fetchone() is None:
            return False
        allowed = None if hearer.outlets is None else frozenset(hearer.outlets)
        account = Account(account_id, outlets=allowed, person_id=hearer.person_id)
        odd = await _odd(connection, heard, kind, now)
        row = await (await connection.execute(_sql["alarm_from"], {"account": account_id})).fetchone()
        alarm_from = row[0] if row else Decimal(1)
        figures = await read(self._database, self._log_ends, account, heard, kind, odd, now, alarm_from)
        said = message(kind, figures, hearer.locale, self._public_url)
        for way in hearer.ways:
            await put(connection, account_id, hearer, way, "digest", said, now, now)
        return True


async def _odd(
    connection: Connection, seen: Sequence[Outlet], kind: Kind, now: datetime
) -> dict[UUID, list[tuple[Alarm, bool]]]:
    """What was told within the period or since, and what stands, with whether it is over; the latest first."""
    days = {"day": 1, "week": 7, "month": 31}[kind]
    parameters = {"outlets": [outlet.outlet_id for outlet in seen], "since": now - timedelta(days=days)}
    found: dict[UUID, list[tuple[Alarm, bool]]] = {}
    async for outlet, alarm, subject, facts, over in await connection.execute(_sql["odd"], parameters):
        if alarm in KINDS:
            each = Alarm(msgspec.convert(alarm, AlarmKind), subject, facts)
            found.setdefault(outlet, []).append((each, over))
    return found
