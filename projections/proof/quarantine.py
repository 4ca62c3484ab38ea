"""Records that were set aside: what they are, and the two ways out of it.

Retrying folds the outlet again from the log, beside the live rows, and swaps its rows in one transaction, so that it
ends as if nothing had ever failed. Behind a stub the log has no content: its raw bytes go through the intake once more
(`producers.resend`) and take its place. Discarding is a decision that goes into the log, with its reason.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from projections import orders
from projections.generations import erasures, fits, locks, register
from projections.generations.register import Generation
from projections.models import BOOKKEEPING
from projections.models.versions import fold_of
from projections.replay.catchup import CatchUp, session
from projections.replay.reader import LogReader
from projections.replay.rebuild import Watcher
from projections.replay.replay import Source
from schemas.errors import Refused, UsageError
from schemas.records import EventsDiscarded, Origin, origin
from schemas.statements import load

log = structlog.get_logger(__name__)

_sql = load("projections.proof", "quarantine.sql")


class Quarantined(Struct, frozen=True):
    """A record, or the part of one that was new to its run. `last_seq` < `first_seq` where its run is unknown.

    `stub`: `anonymise` could not read it and kept its raw bytes.
    """

    partition: int
    log_offset: int
    first_seq: int
    last_seq: int
    outlet_id: str | None
    till_id: str | None
    run: str | None
    log_time: datetime
    reason: str
    traceback: str
    discarded_because: str | None
    stub: bool


class Retried(Struct):
    """What is still set aside of an outlet after it was folded again."""

    outlet_id: str
    left: list[Quarantined]


def listed(connection: Connection[TupleRow], discarded: bool = False) -> list[Quarantined]:
    """What is set aside in the live generation; with `discarded`, also what was discarded."""
    return _rows(connection, "listed", {"discarded": discarded})


def at(connection: Connection[TupleRow], partition: int, log_offset: int) -> list[Quarantined]:
    """What is set aside of one record. Raises `Refused` where nothing is."""
    found = _rows(connection, "at", {"partition": partition, "log_offset": log_offset})
    if not found:
        raise Refused(f"nothing of partition {partition}, offset {log_offset} is in quarantine")
    return found


async def said_by(source: Source, record: Quarantined) -> Origin:
    """What the record's headers say, read from the log."""
    async with LogReader(source.kafka, source.topic) as log:
        span = {record.partition: (record.log_offset, record.log_offset + 1)}
        async for batches in log.read(span):
            [found] = batches[record.partition]
            return origin(found.headers, found.key)
    raise UsageError(f"partition {record.partition} has no offset {record.log_offset}")


def discard(connection: Connection[TupleRow], record: Quarantined, reason: str, now: datetime) -> bool:
    """Orders that the events of a record be given up, by way of the log; True where it is done at once.

    That is so for a record that does not say its run: no event waits for it. Raises `UsageError` without a reason, and
    for what was discarded before.
    """
    if not reason.strip():
        raise UsageError("a reason is needed: it is kept in the log")
    if record.discarded_because is not None:
        raise UsageError("that record was discarded already")
    if record.outlet_id is None or record.till_id is None or record.run is None:
        resolve(connection, record, reason.strip(), now)
        return True
    orders.send(
        connection,
        EventsDiscarded(
            record.outlet_id, record.till_id, record.run, record.first_seq, record.last_seq, reason.strip(), now
        ),
    )
    return False


def resolve(connection: Connection[TupleRow], record: Quarantined, reason: str, now: datetime) -> None:
    """Nothing has to be done any more about a record that does not say its run."""
    place = {"partition": record.partition, "log_offset": record.log_offset}
    connection.execute(_sql["discard_record"], {**place, "reason": reason, "decided_at": now})


def retry(source: Source, outlet: str, watcher: Watcher) -> Retried:
    """Folds an outlet again and swaps its rows. Raises `Busy` while generations are being built or switched."""
    with session(source.postgres) as connection, locks.held(connection, locks.REBUILD, "a rebuild or a retry"):
        fits.check(source.kafka, source.topic, connection, register.live(connection))
        with connection.transaction():
            copy = register.create(connection, purpose="check")
        try:
            job = CatchUp(source, connection, copy, watcher.progress, [outlet])
            watcher.phase("replay")
            job.near_live(watcher.plan)
            watcher.phase("switch")
            with job.pinned():
                erasures.sweep(connection, copy)
                _swap(connection, register.live(connection), copy, outlet)
        finally:
            if not connection.broken:
                with connection.transaction():
                    register.drop(connection, copy)
        left = [row for row in listed(connection) if row.outlet_id == outlet]
    log.info("retried", outlet=outlet, left=len(left))
    return Retried(outlet, left)


def _swap(connection: Connection[TupleRow], live: Generation, copy: Generation, outlet: str) -> None:
    bookkeeping = [each.name for each in BOOKKEEPING if each.isolated]
    for table in (*bookkeeping, *(each.name for each in fold_of(live.projections).projections)):
        names = {"into_schema": live.schema_name, "taken_from": copy.schema_name}
        connection.execute(_sql["take_over"], {**names, "relation": table, "outlet": outlet})
    connection.execute(_sql["notify"], {"outlet": outlet})


def _rows(connection: Connection[TupleRow], statement: str, asked: dict[str, object]) -> list[Quarantined]:
    with connection.transaction(), connection.cursor(row_factory=class_row(Quarantined)) as cursor:
        register.use(connection, register.live(connection))
        return cursor.execute(_sql[statement], asked).fetchall()
