"""Takes a backup while everything runs: account data out of one snapshot first, then the log up to its present end.

In this order the log is never older than what the account data knows of it. Before the end of `events` is looked up,
what `uploads` held is copied there, so what was acknowledged before the backup began is in it; `uploads` itself, with
people's names in full, is in no backup.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec
import psycopg
from msgspec import Struct
from msgspec.structs import replace

from ops import running
from ops.backup import accounts
from ops.backup.archive import Archive
from ops.backup.form import SEGMENT_BYTES, AccountsFile, Entry, Kept, Manifest, Segment, digest, entries, framed, packed
from ops.backup.places import Folder, Place
from ops.settings import SETTINGS, Settings
from projections.generations import certificates, register
from projections.logs.applied import mark_of
from projections.logs.examine import examine
from projections.logs.faults import Position
from projections.replay.catchup import session
from projections.replay.reader import LogReader
from schemas.errors import Refused
from schemas.failpoints import fail_point
from schemas.log import LogRecord
from schemas.statements import load
from streams.decisions import wait_until_copied
from streams.output_tail import examine_copying, next_source_offsets

_sql = load("ops.backup", "accounts.sql")

Say = Callable[[str], None]


class Taken(Struct, frozen=True):
    """A backup that came to its end: `records` in it, `added` of them now, `bytes` of all its files."""

    path: str
    backup_id: str
    taken_at: datetime
    records: int
    added: int
    bytes: int
    accounts: int
    uncopied: int


def take(settings: Settings, target: Path | Place, say: Say) -> Taken:
    """Adds to the folder or place `target`, or makes the file of that name anew.

    Raises `UsageError` for a target that is something else, `Refused` where it holds another log's backup.
    """
    services = running.services(settings)
    if isinstance(target, Place) or target.is_dir():
        place = target if isinstance(target, Place) else Folder(target)
        return _into(place, settings, services, say)[0]
    work = Folder(target.with_name(f"{target.name}.part"))
    if target.exists() and not work.path.exists():
        say(f"{target} is there: it is added to")
        with Archive(target) as before, work.held():
            before.copy_to(work)
    taken, manifest = _into(work, settings, services, say)
    work.pack(manifest, target)
    return replace(taken, path=str(target), bytes=target.stat().st_size)


def _into(place: Place, settings: Settings, services: running.Services, say: Say) -> tuple[Taken, Manifest]:
    with session(services.postgres) as connection, place.held():
        before = place.manifest() or _begin(place, services, settings)
        found = _take_up(place, before)
        asyncio.run(_check_log(services.kafka, settings, found))
        say("account data …")
        found, written, taken_at = _with_accounts(place, services.postgres, found)
        uncopied = asyncio.run(_wait_until_copied(services.kafka, settings))
        found = asyncio.run(_with_records(place, services.kafka, settings, found, say))
        found = replace(found, uncopied=uncopied, settings=set_here(), program=version("weboffice"))
        place.write_manifest(found)
        place.clear(found)
        noted = {"backup_id": found.backup_id, "taken_at": taken_at, "records": found.records}
        connection.execute(_sql["note_backup"], noted)
        size = sum(place.sizes().values())
        rows, added = sum(written.rows.values()), found.records - before.records
        taken = Taken(str(place), found.backup_id, taken_at, found.records, added, size, rows, uncopied)
        return taken, found


def _begin(place: Place, services: running.Services, settings: Settings) -> Manifest:
    """A manifest that says of which log the backup is, so that one that is killed can be taken up."""

    async def topic_id() -> str:
        async with LogReader(services.kafka, settings.topics.events) as log:
            return log.topic_id

    manifest = Manifest(str(uuid.uuid4()), asyncio.run(topic_id()), version("weboffice"))
    place.write_manifest(manifest)
    return manifest


def _take_up(place: Place, manifest: Manifest) -> Manifest:
    """With the segments that a backup which was killed has written."""
    orphans = place.orphans(manifest)
    for partition in {partition for partition, _ in orphans}:
        while segment := orphans.pop((partition, manifest.next_offsets.get(partition, 0)), None):
            *_, last = entries(segment, place.read(segment.name))
            manifest = _with(manifest, segment, last.appended_ms)
    return manifest


def _with(manifest: Manifest, segment: Segment, last_ms: int) -> Manifest:
    return replace(
        manifest,
        segments=[*manifest.segments, segment],
        next_offsets={**manifest.next_offsets, segment.partition: segment.after},
        last_appended_ms={**manifest.last_appended_ms, segment.partition: last_ms},
    )


async def _check_log(kafka: str, settings: Settings, manifest: Manifest) -> None:
    """Raises `Refused` where what runs is not the log that the backup was begun of."""
    positions = {
        partition: Position(after, manifest.topic_id, manifest.last_appended_ms.get(partition))
        for partition, after in manifest.next_offsets.items()
    }
    if positions and (faults := (await examine(kafka, settings.topics.events, positions, mark_of)).faults):
        raise Refused(f"the backup there is of another log ({faults[min(faults)]}): name another place for this one's")
    async with LogReader(kafka, settings.topics.events) as log:
        if log.topic_id != manifest.topic_id:
            raise Refused("the backup there is of another log: name another place for this one's")


def _with_accounts(place: Place, postgres: str, manifest: Manifest) -> tuple[Manifest, AccountsFile, datetime]:
    """The manifest with all that is in PostgreSQL, out of one snapshot, the file, and the moment it is of."""
    with psycopg.connect(postgres, application_name="weboffice backup") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        [(now,)] = connection.execute("SELECT now()").fetchall()
        written, taken_at = accounts.dump(connection, place), now.astimezone(UTC)
        reports = [
            Kept(one.name, one.until, one.fold_version, certified(connection, one))
            for one in register.listed(connection)
            if one.state == "named" and one.name and one.until
        ]
        migrations = [name for (name,) in connection.execute(_sql["migrations"])]
    manifest = replace(manifest, taken_at=taken_at, accounts=written, migrations=migrations, reports=reports)
    return manifest, written, taken_at


def certified(connection: psycopg.Connection[tuple[object, ...]], generation: register.Generation) -> str:
    """A digest of all certificates of a report."""
    found = sorted(
        certificates.stored(connection, generation), key=lambda one: (one.projection, one.outlet_id, str(one.day))
    )
    return digest(msgspec.json.encode(found))


async def _wait_until_copied(kafka: str, settings: Settings) -> int:
    """How many records of `uploads` stay uncopied, where nobody copies them."""
    async with LogReader(kafka, settings.topics.events) as log:
        numbers = log.partitions
    if await wait_until_copied(kafka, settings.topics, numbers):
        return 0
    found = await examine_copying(kafka, settings.topics, numbers)
    copied = {} if found.faults else await next_source_offsets(kafka, settings.topics.events, numbers)
    return sum(max(0, span.end - max(span.start, copied.get(p, 0))) for p, span in found.spans.items())


async def _with_records(place: Place, kafka: str, settings: Settings, manifest: Manifest, say: Say) -> Manifest:
    async with LogReader(kafka, settings.topics.events) as log:
        await log.check_whole()
        ends = await log.ends()
        spans = {number: (manifest.next_offsets.get(number, 0), end) for number, end in sorted(ends.items())}
        left = sum(end - start for start, end in spans.values())
        say(f"{left} records of the log …")
        for number, span in spans.items():
            manifest = await _of_partition(place, log, number, span, manifest)
    return replace(manifest, next_offsets=dict.fromkeys(ends, 0) | manifest.next_offsets)


async def _of_partition(
    place: Place, log: LogReader, number: int, span: tuple[int, int], manifest: Manifest
) -> Manifest:
    """One partition after another: what waits in memory is one segment."""
    frames: list[bytes] = []
    size, first, last_ms = 0, span[0], 0

    def written(manifest: Manifest) -> Manifest:
        content = packed(frames)
        segment = Segment(number, first, first + len(frames), digest(content))
        place.write(segment.name, content)
        fail_point("backup.after_segment")
        return _with(manifest, segment, last_ms)

    async for batches in log.read({number: span}):
        for record in batches[number]:
            if record.offset != first + len(frames):
                raise Refused(f"partition {number} of the log has no record at {first + len(frames)}: it is not whole")
            frame = framed(_entry(record))
            if frames and size + len(frame) > SEGMENT_BYTES:
                manifest = written(manifest)
                first, frames, size = first + len(frames), [], 0
            frames.append(frame)
            size += len(frame)
            last_ms = round(record.timestamp.timestamp() * 1000)
    return written(manifest) if frames else manifest


def _entry(record: LogRecord) -> Entry:
    return Entry(round(record.timestamp.timestamp() * 1000), record.key, record.value, list(record.headers))


def set_here(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The names of the settings that are set here; their values are the machine's own."""
    return [s.variable for s in SETTINGS if {s.variable, s.file_variable} & environment.keys()]
