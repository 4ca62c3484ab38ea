"""Goes on with an `events` that lost its end, or was made again: the read models are made from it as it is.

What only the former rows hold is named, handed out and noted as lost before the switch, in its transaction: it is told
as missing until it comes again or is given up. The former generation stays until somebody drops it. As the runs then
stand where the log has them, the tills are asked for the rest: their `applied_through` has fallen.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from msgspec import Struct

from projections.generations import certificates, erasures, fits, locks, register
from projections.logs.faults import Fault
from projections.replay import losses
from projections.replay.catchup import CatchUp, session
from projections.replay.losses import Document, Lost
from projections.replay.rebuild import Watcher
from projections.replay.replay import Source
from projections.runs import acknowledged
from schemas.errors import UsageError

log = structlog.get_logger(__name__)

Export = Callable[[list[Document], list[Lost]], None]
"""Keeps the documents that the log lost and the numbers of which no content is left; raises where it can't."""


class Adopted(Struct):
    """What was decided: the faults, the generation left behind and the one that is live, and what the log lost."""

    faults: list[Fault]
    was: int
    generation: int
    lost: list[Lost]
    documents: int
    without_content: list[Lost]


def adopt(source: Source, watcher: Watcher, export: Export) -> Adopted | None:
    """None where nothing is wrong. Raises `Busy`, and `UsageError` for a log that nobody can go on with."""
    with session(source.postgres) as connection, locks.held(connection, locks.REBUILD, "a rebuild"):
        live = register.live(connection)
        found = fits.examined(source.kafka, source.topic, connection, live)
        faults = [found.faults[partition] for partition in sorted(found.faults)]
        if not faults:
            return None
        if impossible := [fault for fault in faults if fault.kind in ("missing", "hole")]:
            raise UsageError(f"{impossible[0]}: bring it back from a backup of the broker; `weboffice log show`")
        with connection.transaction():
            for begun in register.listed(connection, "unfinished"):
                register.drop(connection, begun)  # of the log as it was, perhaps
            generation = register.create(connection)
        ends = {fault.partition: fault.end for fault in faults}
        job = CatchUp(source, connection, generation, watcher.progress, instead=ends)
        watcher.phase("replay")
        job.near_live(watcher.plan)
        watcher.phase("switch")
        with job.pinned() as offsets:
            lost = losses.lost(connection, live, generation)
            documents = list(losses.documents(connection, live, lost))
            empty = losses.without_content(lost, documents)
            export(documents, empty)
            acknowledged.note_lost(connection, [((one.outlet_id, one.till_id, one.run), one.last) for one in lost])
            erasures.sweep(connection, generation)
            certificates.store(connection, generation, offsets)
            generation = register.close(connection, generation, "ready")
            register.make_live(connection, generation)
        log.warning("log_adopted", generation=generation.number, was=live.number, lost=len(lost))
        return Adopted(faults, live.number, generation.number, lost, len(documents), empty)
