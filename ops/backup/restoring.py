"""Restores a backup into empty servers: records, then account data, then the read models, made anew and proved.

Each step that is done is noted in `app.restores`, so that a restore which was killed goes on; nobody's till is known
before all records are in the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from ops import lostnumbers, migrate
from ops.backup import accounts, records
from ops.backup.archive import Archive
from ops.backup.form import Manifest
from ops.backup.taking import certified, set_here
from ops.settings import Settings
from projections.generations import certificates, erasures, locks, register
from projections.proof.verify import verify
from projections.replay.catchup import CatchUp, session
from projections.replay.losses import Lost
from projections.replay.reader import LogReader
from projections.replay.rebuild import Watcher, Wish, rebuild
from projections.replay.replay import Source
from schemas.errors import UsageError
from schemas.statements import load
from streams.decisions import decide, write
from streams.output_tail import examine_copying

log = structlog.get_logger(__name__)

_sql = load("ops.backup", "accounts.sql")

Say = Callable[[str], None]


class Restored(Struct, frozen=True):
    """What was restored. `same`: every row is what the log says, and every kept report is certified as it was.

    `lost`: numbers that were acknowledged before the backup and are not in it, told as missing from now on.
    """

    backup_id: str
    taken_at: datetime
    records: int
    partitions: int
    accounts: int
    same: bool
    reports: list[str]
    reports_differ: list[str]
    lost: list[Lost]
    settings_not_set: list[str]


class _Step(Struct, frozen=True):
    backup_id: str
    taken_at: datetime
    partitions: int
    records: bool
    accounts: bool
    finished: bool


def restore(kafka: str, postgres: str, settings: Settings, archive: Archive, say: Say, watch: Watcher) -> Restored:
    """The archive has to be checked; `settings.partitions` is how many the log is to have.

    Raises `UsageError` where something else is there, or for a backup of a newer program.
    """
    manifest = archive.manifest
    _check_program(manifest)
    source = Source(kafka, settings.topics.events, postgres)
    with session(postgres) as connection, locks.held(connection, locks.RESTORE, "a restore"):
        step = _begin(connection, kafka, settings, manifest)
        if not step.records:
            say(f"{manifest.records} records of the log …")
            asyncio.run(records.restore(kafka, settings, archive, lambda done: say(f"{done} records")))
            connection.execute(_sql["records_restored"])
        if not step.accounts:
            _adopt_uploads(kafka, settings, manifest)
            say("account data …")
            _fill(connection, settings, archive)
        migrate.migrate(postgres, settings)
        _make_live(source, connection, watch)
        lost = _note_lost(kafka, postgres, settings)
        reports, differing = _keep_reports(source, connection, manifest, watch)
        verdict = verify(source, watch)
        if verdict.same and not differing:
            connection.execute(_sql["finished"])
        assert manifest.taken_at is not None
        assert manifest.accounts is not None
        return Restored(
            backup_id=manifest.backup_id,
            taken_at=manifest.taken_at,
            records=manifest.records,
            partitions=settings.partitions,
            accounts=sum(manifest.accounts.rows.values()),
            same=verdict.same and not differing,
            reports=reports,
            reports_differ=differing,
            lost=lost,
            settings_not_set=sorted(set(manifest.settings) - set(set_here())),
        )


def _check_program(manifest: Manifest) -> None:
    if unknown := sorted(set(manifest.migrations) - migrate.known()):
        raise UsageError(
            f"the backup is of a newer version of the program ({manifest.program}; {unknown[0]} is not known here):"
            " install that one"
        )


def _begin(connection: Connection[TupleRow], kafka: str, settings: Settings, manifest: Manifest) -> _Step:
    """How far a restore of this backup has come; one that begins finds nothing in Kafka and PostgreSQL."""
    if (step := _step(connection)) is not None:
        wanted = (manifest.backup_id, manifest.taken_at, settings.partitions)
        if step.finished:
            raise UsageError("a backup was restored here already: restore into an empty PostgreSQL and Kafka only")
        if (step.backup_id, step.taken_at, step.partitions) != wanted:
            raise UsageError(
                f"the restore of another backup was begun here ({step.backup_id} of {step.taken_at:%Y-%m-%d %H:%M} UTC,"
                f" {step.partitions} partitions): go on with that one, or empty PostgreSQL and Kafka"
            )
        log.info("restore_goes_on", records=step.records, accounts=step.accounts)
        return step
    [(is_set_up,)] = connection.execute(_sql["is_set_up"]).fetchall()
    if is_set_up:
        if connection.execute(_sql["holds_accounts"]).fetchone() == (True,):
            raise UsageError("PostgreSQL holds accounts already: a backup is restored into an empty database only")
        if {name for (name,) in connection.execute(_sql["migrations"])} - set(manifest.migrations):
            raise UsageError("the database was set up by another version of the program: make an empty one")
    asyncio.run(records.check_empty(kafka, settings))
    migrate.apply(connection, only=manifest.migrations)
    row = {"backup_id": manifest.backup_id, "taken_at": manifest.taken_at, "partitions": settings.partitions}
    connection.execute(_sql["begin_restore"], row)
    found = _step(connection)
    assert found is not None  # it was written a moment ago
    return found


def _step(connection: Connection[TupleRow]) -> _Step | None:
    if connection.execute(_sql["has_restores"]).fetchone() != (True,):
        return None
    rows = connection.execute(_sql["restores"]).fetchall()
    return _Step(*rows[0]) if rows else None


def _adopt_uploads(kafka: str, settings: Settings, manifest: Manifest) -> None:
    """`uploads` is another topic than the one that was copied from: written down, copying begins at its beginning."""
    found = asyncio.run(examine_copying(kafka, settings.topics, range(settings.partitions)))
    faults = [found.faults[partition] for partition in sorted(found.faults)]
    reason = f"restored from the backup {manifest.backup_id} of {manifest.taken_at:%Y-%m-%d %H:%M} UTC"
    decided = asyncio.run(decide(kafka, settings.topics, faults, reason, datetime.now(UTC)))
    asyncio.run(write(kafka, settings.topics, decided))


def _fill(connection: Connection[TupleRow], settings: Settings, archive: Archive) -> None:
    manifest = archive.manifest
    assert manifest.accounts is not None
    same_places = settings.partitions == len(manifest.next_offsets)
    with connection.transaction():
        accounts.fill(connection, manifest.accounts, archive.account_data(), same_places)
        connection.execute(_sql["accounts_restored"])


def _make_live(source: Source, connection: Connection[TupleRow], watch: Watcher) -> None:
    """Read models from the log as it is, in place of the empty ones that a new database has."""
    live = register.live(connection)
    if register.positions(connection, live):
        return  # by the restore that was killed
    ends = asyncio.run(_ends(source))
    with locks.held(connection, locks.REBUILD, "a rebuild"):
        with connection.transaction():
            begun = register.listed(connection, "unfinished")
            generation = register.reopen(connection, begun[0]) if begun else register.create(connection)
        job = CatchUp(source, connection, generation, watch.progress, instead=ends)
        watch.phase("replay")
        job.near_live(watch.plan)
        watch.phase("switch")
        with job.pinned() as offsets:
            erasures.sweep(connection, generation)
            certificates.store(connection, generation, offsets)
            generation = register.close(connection, generation, "ready")
            register.make_live(connection, generation)
            register.drop(connection, live)


async def _ends(source: Source) -> dict[int, int]:
    async with LogReader(source.kafka, source.topic) as reader:
        return await reader.ends()


def _note_lost(kafka: str, postgres: str, settings: Settings) -> list[Lost]:
    """What the gateways noted as acknowledged and nobody had copied when the backup was made."""
    losses = lostnumbers.of_uploads(kafka, postgres, settings.topics, dict.fromkeys(range(settings.partitions), 0))
    lostnumbers.note(postgres, losses)
    return [one for loss in losses for one in loss.lost]


def _keep_reports(
    source: Source, connection: Connection[TupleRow], manifest: Manifest, watch: Watcher
) -> tuple[list[str], list[str]]:
    """Makes the kept reports again; their names, and those whose certificates are not what they were."""
    differing = []
    for report in manifest.reports:
        if register.named(connection, report.name) is None:
            rebuild(source, Wish(report.until, report.name), watch)
        kept = register.named(connection, report.name)
        assert kept is not None
        if kept.fold_version == report.fold_version and certified(connection, kept) != report.certificates:
            differing.append(report.name)
    return [report.name for report in manifest.reports], differing
