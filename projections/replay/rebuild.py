"""Rebuilds the read models from the log beside the live ones, proves them equal, and switches in one transaction.

A rebuild that was killed is taken up where it was: its generation is found by what was asked for. The comparison goes
in two steps, so that applying stops for moments only: everything in a snapshot at common offsets, then, with applying
stopped, what was read since.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Protocol

import structlog
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.apply.flood import QuarantineFlood
from projections.generations import certificates, erasures, fits, locks, register
from projections.generations.compare import Comparison, compare
from projections.generations.register import Generation
from projections.models import versions
from projections.replay import changed_outlets
from projections.replay.catchup import CatchUp, Offsets, session, snapshot
from projections.replay.reader import LogReader
from projections.replay.replay import Progress, Source, Spans
from schemas.errors import Refused, UsageError
from schemas.failpoints import fail_point

log = structlog.get_logger(__name__)

_READERS_S = 2.0
"""So long a reader of an old generation is waited for."""


class Watcher(Protocol):
    """Whoever shows how a long job goes on."""

    def phase(self, name: str) -> None: ...
    def plan(self, spans: Spans) -> None: ...
    def progress(self, progress: Progress) -> None: ...


class Wish(Struct, frozen=True):
    """What is asked for. `until` and `name` go together and make a report that is kept beside the live one.

    `accept`: switch although rows differ; `switch`: False leaves the new generation ready.
    """

    until: datetime | None = None
    name: str | None = None
    switch: bool = True
    accept: bool = False


class Outcome(Struct):
    """What became of it: the generation, its state and offsets, and what differed from the live one."""

    generation: int
    state: str
    resumed: bool
    offsets: dict[int, int]
    comparison: Comparison
    fold_version: str
    live_fold_version: str


def rebuild(source: Source, wish: Wish, watcher: Watcher) -> Outcome:
    """Does what is asked for. Raises `Busy` while another is under way, `UsageError` for a wish that can't be."""
    check(wish, datetime.now(UTC))
    with session(source.postgres) as connection, locks.held(connection, locks.REBUILD, "a rebuild"):
        fits.check(source.kafka, source.topic, connection, register.live(connection))
        ends = asyncio.run(_ends(source, wish))
        generation, resumed = _take_up(source, connection, wish)
        log.info("rebuild", generation=generation.number, resumed=resumed, name=wish.name)
        try:
            outcome = _build(source, connection, generation, wish, ends, watcher)
        except QuarantineFlood:
            with connection.transaction():
                register.drop(connection, generation)  # else a program that is mended would go on with it
            raise
        outcome.resumed = resumed
        if outcome.state == "live":
            _drop_superseded(source, connection)
        log.info("rebuilt", generation=generation.number, state=outcome.state, differing=outcome.comparison.totals)
        return outcome


def _build(
    source: Source,
    connection: Connection[TupleRow],
    generation: Generation,
    wish: Wish,
    ends: Offsets | None,
    watcher: Watcher,
) -> Outcome:
    job = CatchUp(source, connection, generation, watcher.progress)
    watcher.phase("replay")
    if ends is not None:
        job.to(ends, watcher.plan)
        return _keep(connection, generation, ends, watcher)
    job.near_live(watcher.plan)
    outcome, waiting = _prove(source, connection, job, generation, watcher)
    if wish.switch and (outcome.comparison.same or wish.accept):
        _switch(source, connection, outcome, waiting, watcher)
    return outcome


async def _ends(source: Source, wish: Wish) -> Offsets | None:
    """Where a report 'as of' ends; None for the live offsets, wherever those are."""
    async with LogReader(source.kafka, source.topic) as reader:
        await reader.check_whole()
        return await reader.ends_at(wish.until) if wish.until else None


def _keep(connection: Connection[TupleRow], generation: Generation, ends: Offsets, watcher: Watcher) -> Outcome:
    """Closes a report 'as of'."""
    watcher.phase("certify")
    with connection.transaction():
        erasures.sweep(connection, generation)
        erasures.sweep_outlets(connection, generation)
        certificates.store(connection, generation, ends)
        register.close(connection, generation, "named")
    return _outcome(connection, generation, "named", ends, Comparison({}, []))


def _prove(
    source: Source, connection: Connection[TupleRow], job: CatchUp, generation: Generation, watcher: Watcher
) -> tuple[Outcome, Mapping[str, int]]:
    """Compares with the live generation at common offsets, in a snapshot, and certifies the new one as it stands.

    Also returns which outlets had uploads waiting there, see `changed_outlets.waiting_from`.
    """
    watcher.phase("compare")
    with ExitStack() as stack:
        with job.pinned() as offsets:
            erasures.sweep(connection, generation)
            still = stack.enter_context(snapshot(source.postgres))
        live = register.live(still)
        comparison = compare(still, live, generation)
        waiting = changed_outlets.waiting_from(still, live)
    watcher.phase("certify")
    with connection.transaction():
        certificates.store(connection, generation, offsets)
        register.close(connection, generation, "ready")
    return _outcome(connection, generation, "ready", offsets, comparison), waiting


def _switch(
    source: Source,
    connection: Connection[TupleRow],
    outcome: Outcome,
    waiting: Mapping[str, int],
    watcher: Watcher,
) -> None:
    """Makes the generation live; extends `outcome`.

    Where nothing differed so far, what was read since is compared as well, and a difference there prevents the switch.
    """
    watcher.phase("switch")
    live, generation = register.live(connection), register.numbered(connection, outcome.generation)
    job = CatchUp(source, connection, generation, watcher.progress)
    accepted = not outcome.comparison.same
    job.near_live(watcher.plan)
    with job.pinned() as offsets:
        if not accepted:
            since = asyncio.run(changed_outlets.outlets(source, outcome.offsets, offsets, waiting))
            outcome.comparison = compare(connection, live, generation, since)
        if accepted or outcome.comparison.same:
            erasures.sweep(connection, generation)
            fail_point("rebuild.before_switch")
            register.make_live(connection, generation)
            outcome.state = "live"
            outcome.offsets = dict(offsets)
    fail_point("rebuild.after_switch")


def _take_up(source: Source, connection: Connection[TupleRow], wish: Wish) -> tuple[Generation, bool]:
    """The unfinished generation that was begun for the same wish, or a new one; and whether it was there."""
    if wish.name and (kept := register.named(connection, wish.name)) and kept.state == "named":
        raise UsageError(
            f"a report is kept under the name {wish.name!r} already (generation {kept.number}):"
            f" `weboffice generations drop {kept.number}` first"
        )
    with connection.transaction():
        found = None
        for begun in register.listed(connection, "unfinished"):
            wanted = (begun.name, begun.until) == (wish.name, wish.until)
            if wanted and _can_go_on(source, connection, begun) and found is None:
                found = register.reopen(connection, begun)
            elif wanted or begun.fold_version != versions.FOLD_VERSION or begun.name == wish.name is not None:
                log.warning("dropped an unfinished generation", generation=begun.number)
                register.drop(connection, begun)
        return found or register.create(connection, name=wish.name, until=wish.until), found is not None


def _drop_superseded(source: Source, connection: Connection[TupleRow]) -> None:
    """Drops old generations but the one that was live last: the way back. One that somebody reads stays until the next
    rebuild, and so does one of a log that is there no more, which may be all that is left of it."""
    for generation in register.listed(connection, "superseded"):
        if fits.examined(source.kafka, source.topic, connection, generation).faults:
            continue
        try:
            register.drop_unread(connection, generation, _READERS_S)
            log.info("dropped an old generation", generation=generation.number)
        except Refused as exc:
            log.warning("an old generation is still read", generation=generation.number, readers=str(exc))


def _can_go_on(source: Source, connection: Connection[TupleRow], begun: Generation) -> bool:
    """Whether it was begun by this fold and from this log."""
    if begun.fold_version != versions.FOLD_VERSION:
        return False
    return not fits.examined(source.kafka, source.topic, connection, begun).faults


def check(wish: Wish, now: datetime) -> None:
    """Raises `UsageError` for a wish that makes no sense."""
    if (wish.until is None) != (not wish.name):
        raise UsageError(
            "--until and --name go together: a report as the log stood then, and the name it is kept under"
        )
    if wish.until and wish.until > now:
        raise UsageError("--until lies in the future: the log may still grow until then")


def _outcome(
    connection: Connection[TupleRow], generation: Generation, state: str, offsets: Offsets, comparison: Comparison
) -> Outcome:
    live = register.live(connection)
    return Outcome(
        generation=generation.number,
        state=state,
        resumed=False,
        offsets=dict(offsets),
        comparison=comparison,
        fold_version=generation.fold_version,
        live_fold_version=live.fold_version,
    )
