"""Tells owners what changed: looks at an account's outlets, notes what is told and queues the messages, all or nothing.

What was told stands in PostgreSQL beside the messages, written in one transaction that holds the account: killed
anywhere, or twice at once, or over a rebuilt generation, nothing is told twice and nothing is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from prometheus_client import Counter
from psycopg.types.json import Jsonb

from notices.alarms import Alarm, found, judged
from notices.hearers import hearers, put
from notices.quiet import not_before
from notices.reading import Reading, Rules
from notices.told import Told, changes
from notices.words import News, alarms
from schemas.failpoints import fail_point
from schemas.statements import load
from webapp.account import Account
from webapp.account_outlets import Outlet, outlets
from webapp.database import Connection, Database
from webapp.notices.kinds import KINDS, Kind, Tuned, tuned

_sql = load("notices", "told.sql")
_SLOW_EVERY = timedelta(minutes=10)
_TOLD = Counter("weboffice_alarms", "Alarms that were told, and told over.", ["kind", "what"])


class Teller:
    """Looks at accounts; `public_url` is what addresses in messages begin with."""

    def __init__(self, database: Database, reading: Reading, public_url: str) -> None:
        self._database, self._reading, self._public_url = database, reading, public_url.rstrip("/")
        self._slow_at: dict[UUID, datetime] = {}

    async def accounts(self) -> list[UUID]:
        """Those whose outlets are to be looked at. Raises `InfrastructureUnreachable`."""
        async with self._database.asking() as connection:
            return [row[0] async for row in await connection.execute(_sql["accounts"])]

    async def tell(self, account_id: UUID, now: datetime) -> int:
        """Notes and queues what is new at an account, and what is over; gives how many alarms that were.

        Raises `NotReady`, `InfrastructureUnreachable`, `TookTooLong`: then nothing was told.
        """
        slow = now - self._slow_at.get(account_id, now - _SLOW_EVERY) >= _SLOW_EVERY
        async with self._database.writing() as connection:
            held = await (await connection.execute(_sql["take"], {"account": account_id})).fetchone()
            if not held or not held[0]:
                return 0  # another process is at it
            account = Account(account_id)
            seen = [outlet for outlet in await outlets(self._database, account) if not outlet.test]
            rules = await _rules(connection, account_id, seen)
            told = await _told(connection, seen)
            news = []
            for figures in await self._reading.figures(account, seen, rules, now, slow=slow):
                key = figures.outlet.outlet_id
                held_now = found(figures, rules[key], now)
                changed = changes(held_now, told.get(key, ()), judged(figures), rules[key], figures.first_day)
                await _note(connection, key, changed.new, [*changed.over, *changed.ended], now)
                if changed.new or changed.over:
                    news.append(News(figures.outlet, changed.new, [each.alarm for each in changed.over]))
            if news:
                await self._queue(connection, account_id, news, seen, now)
            fail_point("tell.before_commit")
        fail_point("tell.after_commit")
        if slow:
            self._slow_at[account_id] = now
        for each in news:
            for alarm in each.new:
                _TOLD.labels(alarm.kind, "told").inc()
            for alarm in each.over:
                _TOLD.labels(alarm.kind, "over").inc()
        return sum(len(each.new) + len(each.over) for each in news)

    async def expire(self, now: datetime) -> None:
        """Deletes what is old. Raises `InfrastructureUnreachable`."""
        async with self._database.writing() as connection:
            await connection.execute(_sql["expire"], {"now": now})

    async def _queue(
        self, connection: Connection, account_id: UUID, news: Sequence[News], seen: Sequence[Outlet], now: datetime
    ) -> None:
        for hearer in await hearers(connection, account_id):
            heard = [each for each in news if hearer.hears_of(each.outlet)]
            if not heard or not hearer.ways:
                continue
            message = alarms(heard, hearer.locale, f"{self._public_url}/notices")
            later = not_before(now, hearer.zone(seen), hearer.quiet_from, hearer.quiet_until)
            for way in hearer.ways:
                await put(connection, account_id, hearer, way, "alarm", message, now, later)


async def _rules(connection: Connection, account_id: UUID, seen: Sequence[Outlet]) -> Rules:
    own: dict[UUID, dict[str, Tuned]] = {}
    async for outlet, kind, active, threshold in await connection.execute(_sql["rules"], {"account": account_id}):
        own.setdefault(outlet, {})[kind] = Tuned(active, threshold)
    return {outlet.outlet_id: tuned(own.get(outlet.outlet_id, {})) for outlet in seen}


async def _told(connection: Connection, seen: Sequence[Outlet]) -> dict[UUID, list[Told]]:
    """By outlet; what a later version knows of and this one does not, stays as it is."""
    found: dict[UUID, list[Told]] = {}
    parameters = {"outlets": [outlet.outlet_id for outlet in seen]}
    async for outlet, alarm_id, kind, subject, facts in await connection.execute(_sql["told"], parameters):
        if kind in KINDS:
            found.setdefault(outlet, []).append(Told(alarm_id, Alarm(msgspec.convert(kind, Kind), subject, facts)))
    return found


async def _note(
    connection: Connection, outlet: UUID, new: Sequence[Alarm], over: Sequence[Told], now: datetime
) -> None:
    if new:
        parameters: dict[str, Any] = {
            "outlets": [outlet] * len(new),
            "kinds": [alarm.kind for alarm in new],
            "subjects": [alarm.subject for alarm in new],
            "facts": [Jsonb(alarm.facts) for alarm in new],
            "now": now,
        }
        await connection.execute(_sql["tell"], parameters)
    if over:
        await connection.execute(_sql["over"], {"alarms": [each.alarm_id for each in over], "now": now})
