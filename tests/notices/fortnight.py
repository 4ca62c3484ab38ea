"""Two outlets that sell every day: four weeks of history, then a fortnight lived hour by hour, with faults put in."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import psycopg
from aiokafka import AIOKafkaProducer

from ops import topics
from ops.settings import Settings
from projections.apply.engine import Engine
from projections.replay.rebuild import Wish, rebuild
from projections.replay.replay import Source
from schemas import brokers
from schemas.events import Event
from schemas.log import LogRecord
from schemas.records import UploadRecord, encode, headers
from tests.logins import as_role
from tests.projections.quiet import Quiet
from tests.webapp.shop import Shop

MOSCOW = ZoneInfo("Europe/Moscow")
BEGIN = datetime(2031, 3, 3, tzinfo=MOSCOW)
"""The fortnight's first day, a Monday, long after any trial of today."""
HOURS = range(9, 21)
STEP = 3
"""So many hours after one another the tills send, and everybody who tells looks."""


class Lived:
    """The shop with its tills by name; each sends what it has under the numbers of one run."""

    def __init__(self, postgres: str) -> None:
        self.shop = Shop(postgres, outlets=("Чайная", "Кофейня"))
        self.postgres = postgres
        self._engine = Engine(as_role(postgres, "worker"))
        self._connection = psycopg.connect(postgres, autocommit=True)
        self._runs: dict[str, tuple[str, int]] = {}
        self._log: list[LogRecord] = []
        tea, coffee = self.shop.outlets.values()
        second = str(uuid4())
        self.shop.change("INSERT INTO app.tills (till_id, outlet_id, name) VALUES (%s, %s, 'Касса 2')", second, tea)
        self.shop.change("UPDATE app.accounts SET trial_until = %s", BEGIN + timedelta(days=365))
        self.tills = {"1": (tea, self.shop.till(tea)), "2": (tea, second), "3": (coffee, self.shop.till(coffee))}

    def close(self) -> None:
        self._engine.close()
        self._connection.close()

    def send(self, moment: datetime, sent: dict[str, list[dict[str, Any]]]) -> None:
        """Applies what each till sends at a moment."""
        parts = []
        for till, events in sent.items():
            run, through = self._runs.setdefault(till, (str(uuid4()), 0))
            self._runs[till] = run, through + len(events)
            parts.append((till, run, through + 1, events))
        self._apply(moment, parts)

    def skip(self, till: str, events: list[dict[str, Any]]) -> tuple[str, int]:
        """Events that are lost on their way: gives the run, and the first number left out."""
        run, through = self._runs[till]
        self._runs[till] = run, through + len(events)
        return run, through + 1

    def resend(self, moment: datetime, till: str, run: str, first: int, events: list[dict[str, Any]]) -> None:
        """They come after all."""
        self._apply(moment, [(till, run, first, events)])

    def _apply(self, moment: datetime, parts: list[tuple[str, str, int, list[dict[str, Any]]]]) -> None:
        offset = self._engine.start_offsets([0])[0]
        records = []
        for till, run, first_seq, events in parts:
            outlet, till_id = self.tills[till]
            for start in range(0, len(events), 500):
                cut = [msgspec.convert(event, Event) for event in events[start : start + 500]]
                first = first_seq + start
                record = UploadRecord(outlet, till_id, run, first, "Europe/Moscow", moment, cut)
                said = headers(kind="upload", outlet=outlet, till=till_id, run=run, first_seq=first, count=len(cut))
                records.append(LogRecord(0, offset, outlet.encode(), encode(record), said, moment))
                offset += 1
            self._connection.execute(
                "INSERT INTO app.acknowledged AS a (outlet_id, till_id, run, through, changed_at)"
                " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (outlet_id, till_id, run) DO UPDATE"
                " SET through = excluded.through, changed_at = excluded.changed_at",
                (outlet, till_id, run, first_seq + len(events) - 1, moment),
            )
        self._engine.apply(records)
        self._log += records

    async def rebuild(self, kafka: str, settings: Settings) -> None:
        """What was applied is put into a log, with the time it came at, and the read models are made anew of it."""
        topic = settings.topics.events
        timed = {"message.timestamp.type": "CreateTime", "message.timestamp.after.max.ms": str(2**63 - 1)}
        await topics.ensure(kafka, settings, events=timed)
        async with AIOKafkaProducer(**brokers.options(kafka), acks="all") as producer:
            for each in self._log:
                at = int(each.timestamp.timestamp() * 1000)
                await producer.send(topic, each.value, each.key, 0, at, each.headers)
        outcome = await asyncio.to_thread(rebuild, Source(kafka, topic, self.postgres), Wish(), Quiet())
        assert (outcome.state, outcome.comparison.same) == ("live", True)

    def day(self, day: datetime, till: str) -> list[dict[str, Any]]:
        """All that a till reports of a day as it should be."""
        sales = [event for hour in HOURS for event in hour_of(day, till, hour)]
        return [self.opened(day, till), *sales, back(day, till), self.closed(day, till)]

    def opened(self, day: datetime, till: str) -> dict[str, Any]:
        at = day.replace(hour=8, minute=50)
        return {
            "type": "shift.opened",
            "at": at.isoformat(),
            "shift_id": shift(day, till),
            "number": "7",
            "cash": "1000",
        }

    def closed(self, day: datetime, till: str, cash: str = "") -> dict[str, Any]:
        """The drawer is right, unless it is said otherwise: two sales of 99 each hour, one return."""
        at = day.replace(hour=20, minute=58)
        counted = cash or str(1000 + 99 * 2 * len(HOURS) - 99)
        return {
            "type": "shift.closed", "at": at.isoformat(), "shift_id": shift(day, till), "number": "7", "cash": counted,
        }  # fmt: skip

    def told(self) -> list[tuple[str, str, datetime, datetime | None]]:
        """Outlet's name, kind, when it was told, when it was over."""
        with psycopg.connect(self.postgres) as connection:
            return connection.execute(
                "SELECT o.name, kind, told_at, over_at FROM app.alarms JOIN app.outlets o USING (outlet_id)"
            ).fetchall()

    @property
    def account_id(self) -> UUID:
        return self.shop.account_id


def shift(day: datetime, till: str) -> str:
    return f"sh-{till}-{day.date()}"


def sale(day: datetime, till: str, number: str, at: datetime, discount: str = "1", **fields: Any) -> dict[str, Any]:
    """A sale of 100 with a discount, in cash."""
    total = str(100 - int(discount))
    return {
        "type": "sale.registered", "at": at.isoformat(), "sale_id": f"{till}-{day.date()}-{number}", "number": number,
        "lines": [{"good_id": "g1", "name": "Чай", "quantity": "1", "price": "100", "discount": discount}],
        "payments": [{"method": "cash", "amount": total}], "shift_id": shift(day, till), **fields,
    }  # fmt: skip


def hour_of(day: datetime, till: str, hour: int, discount: str = "1") -> list[dict[str, Any]]:
    """The two sales of an hour."""
    return [sale(day, till, f"{hour}-{minute}", day.replace(hour=hour, minute=minute), discount) for minute in (15, 45)]


def back(day: datetime, till: str, number: str = "0") -> dict[str, Any]:
    """A return of 99, in cash, at seven in the evening."""
    return {
        "type": "sale.returned", "at": day.replace(hour=19, minute=50).isoformat(),
        "return_id": f"r-{till}-{day.date()}-{number}", "lines": [{"good_id": "g1", "quantity": "1", "amount": "99"}],
        "refunds": [{"method": "cash", "amount": "99"}], "shift_id": shift(day, till),
    }  # fmt: skip
