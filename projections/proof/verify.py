"""Proves the live read models right: folds the log again up to their offsets, beside them, and compares every row.

Memory is bounded like a rebuild's. The copy is a generation of its own that is dropped afterwards; one left by a
verification that was killed is dropped by the next. Reports 'as of', which do not move, are checked by their
certificates alone.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import ExitStack

import structlog
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.generations import certificates, erasures, fits, locks, register
from projections.generations.certificates import Broken
from projections.generations.compare import Comparison, compare
from projections.generations.register import Generation
from projections.replay.catchup import CatchUp, session, snapshot
from projections.replay.reader import LogReader
from projections.replay.rebuild import Watcher
from projections.replay.replay import Source
from schemas.errors import UsageError
from schemas.statements import load

log = structlog.get_logger(__name__)

_sql = load("projections.proof", "verify.sql")


class BrokenCertificates(Struct, frozen=True):
    """A report 'as of' whose rows are no longer those that were certified."""

    generation: int
    name: str | None
    certificates: list[Broken]


class Verdict(Struct):
    """`same`: no row differs (old: live, new: as the log says) and every certificate of a named generation holds."""

    generation: int
    offsets: dict[int, int]
    outlets: list[str] | None
    comparison: Comparison
    broken: list[BrokenCertificates]

    @property
    def same(self) -> bool:
        return self.comparison.same and not self.broken


def verify(source: Source, watcher: Watcher, outlet: str | None = None, sample: int | None = None) -> Verdict:
    """Verifies the live generation; with `outlet` only that one, with `sample` so many outlets taken at random.

    Raises `Busy` while another verification is under way, `UsageError` for an outlet without events.
    """
    with session(source.postgres) as connection, locks.held(connection, locks.VERIFY, "a verification"):
        _drop_leftovers(connection)
        outlets = _chosen(connection, outlet, sample)
        fits.check(source.kafka, source.topic, connection, register.live(connection))
        asyncio.run(_check_log(source))
        with connection.transaction():
            copy = register.create(connection, purpose="check")
        try:
            return _verify(source, connection, copy, outlets, watcher)
        finally:
            if not connection.broken:
                with connection.transaction():
                    register.drop(connection, copy)


def _verify(
    source: Source, connection: Connection[TupleRow], copy: Generation, outlets: list[str] | None, watcher: Watcher
) -> Verdict:
    watcher.phase("replay")
    job = CatchUp(source, connection, copy, watcher.progress, outlets)
    job.near_live(watcher.plan)
    watcher.phase("compare")
    with ExitStack() as stack:
        with job.pinned() as offsets:
            erasures.sweep(connection, copy)
            still = stack.enter_context(snapshot(source.postgres))
        live = register.live(still)
        comparison = compare(still, live, copy, None if outlets is None else dict.fromkeys(outlets, 0))
    watcher.phase("certify")
    if comparison.same:
        with connection.transaction():
            certificates.store(connection, copy, offsets, outlets, of=live)
    log.info("verified", generation=live.number, differing=comparison.totals)
    return Verdict(live.number, dict(offsets), outlets, comparison, _broken(connection))


def _broken(connection: Connection[TupleRow]) -> list[BrokenCertificates]:
    found = []
    for generation in register.listed(connection):
        if generation.state == "named" and (broken := certificates.broken(connection, generation)):
            found.append(BrokenCertificates(generation.number, generation.name, broken))
    return found


def _chosen(connection: Connection[TupleRow], outlet: str | None, sample: int | None) -> list[str] | None:
    with connection.transaction():
        register.use(connection, register.live(connection))
        known = [found for (found,) in connection.execute(_sql["outlets"])]
    if outlet is not None:
        if outlet not in known:
            raise UsageError(f"no events of outlet {outlet} were read")
        return [outlet]
    return None if sample is None else sorted(random.sample(known, min(sample, len(known))))


def _drop_leftovers(connection: Connection[TupleRow]) -> None:
    """What was left by whoever was killed. The copy of a retry that is at work looks the same, so not during one."""
    if not register.listed(connection, "leftover_checks"):
        return
    try:
        with locks.held(connection, locks.REBUILD, "a rebuild or a retry"):
            for generation in register.listed(connection, "leftover_checks"):
                with connection.transaction():
                    register.drop(connection, generation)
    except locks.Busy:
        log.info("leftovers_kept")


async def _check_log(source: Source) -> None:
    async with LogReader(source.kafka, source.topic) as reader:
        await reader.check_whole()
