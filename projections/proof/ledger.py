"""The ledger: every event read is applied, a duplicate, waiting, quarantined or discarded; nothing is lost on the way.

What was read is counted anew, from the headers of the log's records alone, independently of the fold; the rest is what
the read models say of their runs. Both at the same offsets.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
import psycopg
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.generations import fits, register
from projections.models import versions
from projections.replay.catchup import session, snapshot
from projections.replay.reader import LogReader
from projections.replay.replay import Source
from projections.runs import acknowledged, state
from projections.runs.reading import count
from schemas.errors import InfrastructureUnreachable
from schemas.spans import total
from schemas.statements import load

_sql = load("projections.proof", "ledger.sql")


class Missing(Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """Numbers of a run that did not come although later ones did, or that were lost with a log."""

    till_id: str
    run: str
    first: int
    last: int


class OutletLedger(Struct):
    """An outlet's events. `read` is the log's count, `counted` what the fold counted when it read them.

    `withdrawn`, of those discarded, are the ones that the gateway refused; None where the read models were made by a
    version that did not keep them.
    """

    outlet_id: str
    read: int = 0
    counted: int = 0
    applied: int = 0
    duplicate: int = 0
    waiting: int = 0
    quarantined: int = 0
    discarded: int = 0
    withdrawn: int | None = None
    missing: list[Missing] = []

    @property
    def holds(self) -> bool:
        accounted = self.applied + self.duplicate + self.waiting + self.quarantined + self.discarded
        return self.read == self.counted == accounted


async def ledger(source: Source) -> list[OutletLedger]:
    """The ledger of every outlet at the live offsets, by outlet id. Raises `LogLost`."""
    try:
        with session(source.postgres) as connection:
            await asyncio.to_thread(fits.check, source.kafka, source.topic, connection, register.live(connection))
        with snapshot(source.postgres) as connection:
            live = register.live(connection)
            register.use(connection, live)
            positions: dict[int, int] = dict(connection.execute(_sql["positions"]).fetchall())
            outlets = _from_runs(connection)
            if "refusals" not in versions.lacking(live.projections):
                withdrawn = dict(connection.execute(_sql["withdrawn"]).fetchall())
                for outlet_id, one in outlets.items():
                    one.withdrawn = withdrawn.get(outlet_id, 0)
    except psycopg.OperationalError as exc:
        raise InfrastructureUnreachable(f"PostgreSQL: {exc}") from exc
    for outlet, events in (await count_log(source, positions)).items():
        outlets.setdefault(outlet, OutletLedger(outlet, missing=[])).read = events
    return [outlets[outlet] for outlet in sorted(outlets)]


async def count_log(source: Source, ends: Mapping[int, int]) -> Counter[str]:
    """Outlet → events in the log below the offsets given, as the headers say.

    A record of no known run holds none: nobody can say which. It is set aside and listed in quarantine all the same.
    """
    events: Counter[str] = Counter()
    async with LogReader(source.kafka, source.topic) as log:
        async for batches in log.read({partition: (0, end) for partition, end in ends.items()}, max_records=5000):
            for records in batches.values():
                for record in records:
                    outlet, held = count(record)
                    if held:
                        events[outlet] += held
    return events


def _from_runs(connection: Connection[TupleRow]) -> dict[str, OutletLedger]:
    found = connection.execute(_sql["runs"]).fetchall()
    lost = acknowledged.lost_through(connection)
    ids = {*((of_outlet, till, run) for of_outlet, till, run in found), *lost}
    outlets: dict[str, OutletLedger] = {}
    for of, counts in sorted(state.load(connection, ids).items()):
        outlet_id, till, run = of
        one = outlets.setdefault(outlet_id, OutletLedger(outlet_id, missing=[]))
        one.counted += counts.read
        one.applied += counts.applied
        one.duplicate += counts.duplicate
        one.discarded += counts.discarded
        one.waiting += total(counts.run.waiting.items())
        one.quarantined += total(counts.run.quarantined.items())
        one.missing += [Missing(till, run, first, last) for first, last in counts.run.missing(lost.get(of, 0))]
    return outlets


def as_document(found: list[OutletLedger]) -> dict[str, Any]:
    """The contract's shape, with what is more."""
    return {"outlets": [{**msgspec.to_builtins(one), "holds": one.holds} for one in found]}
