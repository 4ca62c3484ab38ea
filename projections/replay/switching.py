"""Going over to a generation that is there already (the old one, or one that is ready), and dropping one."""

from __future__ import annotations

import structlog
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.generations import erasures, fits, locks, register
from projections.generations.register import Generation
from projections.models import versions
from projections.replay.catchup import CatchUp, session
from projections.replay.rebuild import Watcher
from projections.replay.replay import Source
from schemas.errors import UsageError

log = structlog.get_logger(__name__)


def switch(source: Source, number: int, watcher: Watcher, accept: bool = False) -> Generation:
    """Catches a generation up with the live one and makes it the live one; at once done where it is.

    Raises `Busy` while a rebuild is under way, and `UsageError` for one that can't go live: a report 'as of', one that
    is not built to its end, or, without `accept`, one of another fold version than this program's.
    """
    with session(source.postgres) as connection, locks.held(connection, locks.REBUILD, "a rebuild"):
        generation = _existing(connection, number)
        if generation.state == "live":
            return generation
        if generation.state not in ("old", "ready") or generation.purpose != "report":
            raise UsageError(f"generation {number} is {generation.state}: only an old or a ready one can go live")
        if generation.fold_version != versions.FOLD_VERSION and not accept:
            raise UsageError(
                f"generation {number} was folded by version {generation.fold_version} and would be continued by version"
                f" {versions.FOLD_VERSION}: start the program it was made by, or rebuild; --accept does it anyway"
            )
        fits.check(source.kafka, source.topic, connection, generation)
        fits.check(source.kafka, source.topic, connection, register.live(connection))
        job = CatchUp(source, connection, generation, watcher.progress)
        watcher.phase("replay")
        job.near_live(watcher.plan)
        watcher.phase("switch")
        with job.pinned():
            erasures.sweep(connection, generation)
            register.make_live(connection, generation)
        log.info("switched", generation=number)
        return register.numbered(connection, number)


def drop(postgres: str, number: int, wait_seconds: float = 10) -> None:
    """Deletes a generation. Raises `Busy` while a rebuild is under way, `UsageError` for the live one.

    Whoever reads it is waited for; `Refused` says who it is. Meanwhile new readers of it wait behind us.
    """
    with session(postgres) as connection, locks.held(connection, locks.REBUILD, "a rebuild"):
        generation = _existing(connection, number)
        if generation.state == "live":
            raise UsageError(f"generation {number} is live: switch to another one first")
        register.drop_unread(connection, generation, wait_seconds)
        log.info("dropped", generation=number)


def _existing(connection: Connection[TupleRow], number: int) -> Generation:
    try:
        return register.numbered(connection, number)
    except LookupError as exc:
        raise UsageError(str(exc)) from exc
