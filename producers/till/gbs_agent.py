"""The agent beside a GBS.Market till: asks its API now and then, and sends what is new or changed. Outbound only.

Beside the spool lies `gbs.db`: a digest of each document that was handed to the spool, and through which day documents
were read. Each round reads a week again, since documents are changed and deleted afterwards.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, tzinfo
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Self

from producers.till.client import TillClient
from producers.till.gbs_api import GbsMarket
from producers.till.gbs_mapping import AskDiscount, Discount, Found, Unfit, good, sale
from schemas.errors import InfrastructureUnreachable, UsageError

PASSWORD = "GBS_MARKET_PASSWORD"
"""Environment variable of the API's password."""
OVERLAP = timedelta(days=7)
_CHUNK_EVENTS = 500
_TABLES = """
CREATE TABLE IF NOT EXISTS seen (kind TEXT, id TEXT, digest BLOB NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reached (kind TEXT PRIMARY KEY, day TEXT NOT NULL) WITHOUT ROWID;
"""
_DISCOUNT = (
    "GBS.Market gives discounts, and its API does not say whether they are percent or money:"
    " say --discount percent, money, or included (where the price is after the discount)"
)


class Seen:
    """What was handed to the spool, and how far documents were read."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._db = sqlite3.connect(folder / "gbs.db", timeout=30)
        self._db.executescript(_TABLES)

    def is_new(self, found: Found) -> bool:
        row = self._db.execute("SELECT digest FROM seen WHERE kind = ? AND id = ?", (found.kind, found.id)).fetchone()
        return row is None or row[0] != _digest(found)

    def note(self, documents: list[Found]) -> None:
        rows = [(found.kind, found.id, _digest(found)) for found in documents]
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO seen (kind, id, digest) VALUES (?, ?, ?)", rows)

    def reached(self, kind: str) -> date | None:
        row = self._db.execute("SELECT day FROM reached WHERE kind = ?", (kind,)).fetchone()
        return date.fromisoformat(row[0]) if row else None

    def reach(self, kind: str, day: date) -> None:
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO reached (kind, day) VALUES (?, ?)", (kind, day.isoformat()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with closing(self._db):
            pass


class Round(NamedTuple):
    """What a round brought: events sent, records that can't be brought in, fields that were not understood."""

    events: int
    unfit: list[Unfit]
    unknown: dict[str, int]


def poll(
    api: GbsMarket,
    client: TillClient,
    seen: Seen,
    *,
    since: date,
    now: datetime,
    zone: tzinfo | None = None,
    discount: Discount | None = None,
    give_up_after: float | None = 60.0,
    tell: Callable[[str], None] = lambda line: None,
) -> Round:
    """One round: sales since the last one (the first time: `since`) with an overlap, then goods and their stock.

    `now` is aware. Without `zone` documents are by this machine's clock. Raises `WebOfficeError`; what was handed to
    the spool by then is sent by the next round.
    """
    unfit: list[Unfit] = []
    unknown: Counter[str] = Counter()
    events = client.send(give_up_after).events
    reached = seen.reached("Sale")
    first = since if reached is None else max(since, reached - OVERLAP)
    today = now.astimezone(zone).date() + timedelta(days=1)  # a till's clock may be ahead

    def documents() -> Iterator[Found]:
        for record in api.documents("Sale", first, today):
            try:
                found = sale(record, zone, discount)
            except Unfit as exc:
                unfit.append(exc)
                continue
            except AskDiscount:
                raise UsageError(_DISCOUNT) from None
            unknown.update(found.unknown)
            yield found

    def goods() -> Iterator[Found]:
        at = now.astimezone(UTC).replace(microsecond=0).isoformat()
        for record in api.goods():
            try:
                yield from good(record, at)
            except Unfit as exc:
                unfit.append(exc)

    for each in (documents, goods):
        for chunk in _new(each(), seen):
            client.append([event for found in chunk for event in found.events])
            seen.note(chunk)
            events += client.send(give_up_after).events
        if each is documents:
            seen.reach("Sale", now.astimezone(zone).date())
    for problem in unfit:
        tell(f"not brought in: {problem}")
    for field, count in sorted(unknown.items()):
        tell(f"not understood: {field} ({count} times)")
    return Round(events, unfit, dict(unknown))


def _new(documents: Iterator[Found], seen: Seen) -> Iterator[list[Found]]:
    chunk: list[Found] = []
    for found in documents:
        if seen.is_new(found):
            chunk.append(found)
        if sum(len(each.events) for each in chunk) >= _CHUNK_EVENTS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _digest(found: Found) -> bytes:
    """Of the content; of goods and stock without the moment at which they were looked at."""
    events = found.events
    if found.kind != "sale":
        events = [{name: value for name, value in event.items() if name != "at"} for event in events]
    return sha256(json.dumps(events, ensure_ascii=False, sort_keys=True).encode()).digest()[:16]


class Agent(NamedTuple):
    """A till program to ask: where its API is, how to get in, from which day on, what its discounts are."""

    address: str
    login: str
    password: str
    since: date
    discount: Discount | None


def keep_polling(
    agent: Agent,
    url: str,
    token: str,
    spool: Path,
    stamps: Path,
    every: float,
    give_up_after: float | None,
    say: Callable[[str], None],
) -> int:
    """Rounds every `every` seconds until the process is ended (0: one round). What does not answer now is asked again
    at the next round; returns the exit code: 1 where records could not be brought in, 3 where nothing answered."""
    with (
        closing(GbsMarket(agent.address, agent.login, agent.password)) as api,
        TillClient(url, token, spool, state_dir=stamps) as client,
        Seen(spool) as seen,
    ):
        while True:
            code = 0
            try:
                now = datetime.now(UTC)
                done = poll(
                    api,
                    client,
                    seen,
                    since=agent.since,
                    now=now,
                    discount=agent.discount,
                    give_up_after=give_up_after,
                    tell=say,
                )
                say(f"{now.astimezone():%Y-%m-%d %H:%M:%S}: {done.events} events sent")
                code = 1 if done.unfit else 0
            except InfrastructureUnreachable as exc:
                say(f"{exc}; what waits is kept")
                code = 3
            if not every:
                return code
            time.sleep(every)
