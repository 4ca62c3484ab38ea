"""What the shops at `/demo` sell: the simulator's shops, their past at once, then each event when its moment comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec

from ops.provisioning import transaction
from producers.simulator.history import past
from producers.simulator.shop import Shop, TillEvent, World
from projections.apply.engine import Engine
from schemas.events import Event
from schemas.log import LogRecord
from schemas.names import shorten
from schemas.private import without_private_fields
from schemas.records import UploadRecord, encode, headers
from schemas.statements import load

OUTLETS = ("Продукты на Садовой", "Кофейня «Угол»", "Одежда и обувь")
ZONE = "Europe/Moscow"
_DAYS = 35
_SEED = 20
_MOST = 250

_sql = load("ops", "demo_shop.sql")


class Life:
    """An outlet and what happens there, in order of time; `upload` gives what is due, so many events at most."""

    def __init__(self, outlet: str, till: str, events: Iterator[TillEvent]) -> None:
        self.outlet = outlet
        self._till, self._run = till, str(uuid4())
        self._events, self._through = events, 0
        self._next: tuple[datetime, dict[str, Any]] | None = None

    def upload(self, now: datetime) -> UploadRecord | None:
        """What happened up to now and was not given yet; of one day, received when the last of it happened."""
        taken: list[dict[str, Any]] = []
        received: datetime | None = None
        while len(taken) < _MOST:
            if self._next is None:
                _, event = next(self._events, (0, None))
                if event is None:
                    break
                self._next = datetime.fromisoformat(event["at"]), event
            at, event = self._next
            if at > now or (received is not None and at.date() != received.date()):
                break
            taken.append(event)
            received, self._next = max(at, received or at), None
        if received is None:
            return None
        first, self._through = self._through + 1, self._through + len(taken)
        events = [msgspec.convert(_minimised(event), Event) for event in taken]
        return UploadRecord(self.outlet, self._till, self._run, first, ZONE, received, events)


class Sales:
    """Applies what the shops do to the live read models. For one thread."""

    def __init__(self, worker: str, shops: Sequence[Life]) -> None:
        self._engine, self._shops = Engine(worker), shops
        self._offset = self._engine.start_offsets([0])[0]

    def go_on(self) -> bool:
        """Applies one upload of each shop; whether there was any."""
        now, records = datetime.now(UTC), []
        for upload in filter(None, (shop.upload(now) for shop in self._shops)):
            found = headers(
                kind="upload",
                outlet=upload.outlet,
                till=upload.till,
                run=upload.run,
                first_seq=upload.first_seq,
                count=len(upload.events),
            )
            key, value = upload.outlet.encode(), encode(upload)
            records.append(LogRecord(0, self._offset, key, value, found, upload.received_at))
            self._offset += 1
        if records:
            self._engine.apply(records)
        return bool(records)

    def close(self) -> None:
        self._engine.close()


def shops(postgres: str, outlets: Sequence[Mapping[str, str]], further: timedelta) -> list[Life]:
    """The shops of these outlets, with all that has happened for weeks, and will happen for so long."""
    end = datetime.now(UTC) + further
    found = []
    for number, outlet in enumerate(outlets):
        shop = Shop(number, ZoneInfo(ZONE))
        with transaction(postgres) as connection:
            row = connection.execute(_sql["till"], {"outlet": outlet["outlet_id"]}).fetchone()
        assert row is not None  # it was made with the outlet
        events = past(World(_SEED, shop), _SEED, _DAYS, end)
        found.append(Life(outlet["outlet_id"], str(row[0]), events))
    return found


def _minimised(event: Mapping[str, Any]) -> dict[str, Any]:
    """As the till client and `anonymise` leave it; the names are made up, but pages look as with real ones."""
    kept: dict[str, Any] = without_private_fields(dict(event))
    return {**kept, "name": shorten(kept["name"])} if kept["type"] == "contact.saved" else kept
