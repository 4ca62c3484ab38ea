"""How far a till's run is applied, read from the live read models in one snapshot."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import IsolationLevel

from producers.gateway.database import Connection, Database
from schemas.errors import Fault, UploadRefused
from schemas.spans import Span, joined, minus, missing, overlap, size
from schemas.statements import load

_sql = load("producers.gateway", "state.sql")


class RunState(Struct, frozen=True):
    """Event numbers of a run: applied through which, and the spans that wait, are missing, or are set aside.

    `zone` and `day_begins` are the outlet's: whoever sends what was written by the shop's clock needs them.
    """

    applied_through: int = 0
    waiting: list[Span] = []
    missing: list[Span] = []
    quarantined: list[Span] = []
    zone: str = ""
    day_begins: int = 0


InLog = Callable[[str, str, str], list[Span] | None]
"""(outlet, till, run) → the numbers that the log has, where it lost some that the read models have; else None"""


def nothing_lost(outlet: str, till: str, run: str) -> list[Span] | None:
    """The log is whole."""
    return None


def as_the_log_has_it(state: RunState, in_log: list[Span] | None) -> RunState:
    """What a till is told while the log lacks what the read models have: its events are safe only where the log has
    them, and it can still send the others again."""
    if in_log is None:
        return state
    lost = minus((1, state.applied_through), in_log)
    through = lost[0][0] - 1 if lost else state.applied_through
    quarantined = [span for one in state.quarantined for span in _common(one, in_log)]
    waiting = [left for span in in_log for left in minus(span, [(1, through), *quarantined])]
    return RunState(through, waiting, missing(through, [*waiting, *quarantined]), quarantined, state.zone)


def _common(one: Span, others: list[Span]) -> list[Span]:
    return [both for other in others if size(both := overlap(one, other))]


def parse_run(text: str | None) -> str:
    """A run in its one form. Raises `UploadRefused` 422."""
    try:
        return str(msgspec.convert(text, UUID))
    except msgspec.ValidationError as exc:
        fault = Fault("run", "not_a_uuid")
        raise UploadRefused(422, "invalid", "`run` is expected to be a UUID", "run", fault=fault) from exc


async def of_run(database: Database, *, outlet: str, till: str, run: str) -> RunState:
    """A run that is not known has not begun. Raises `DatabaseAway`."""
    return await database.ask(lambda connection: _read(connection, {"outlet": outlet, "till": till, "run": run}))


async def _read(connection: Connection, of: dict[str, str]) -> RunState:
    # The isolation level is set again with every question: the connection is anyone's in the pool.
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    async with connection.transaction():
        await connection.execute(_sql["use_live"])
        found = await (await connection.execute(_sql["run"], of)).fetchone()
        waiting = await (await connection.execute(_sql["waiting"], of)).fetchall()
        quarantined = await (await connection.execute(_sql["quarantined"], of)).fetchall()
        lost = await (await connection.execute(_sql["lost"], of)).fetchall()
    applied_through, given_up = found or (0, [])
    held: list[Span] = [(first, last) for first, last in (*waiting, *quarantined, *lost)]
    return RunState(
        applied_through=applied_through,
        waiting=joined((first, last) for first, last in waiting),
        missing=missing(applied_through, held, ((first, last) for first, last in given_up)),
        quarantined=joined((first, last) for first, last in quarantined),
    )
