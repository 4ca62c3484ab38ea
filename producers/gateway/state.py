"""How far a till's run is applied, read from the live read models in one snapshot."""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import IsolationLevel

from producers.gateway.database import Connection, Database
from schemas.errors import Fault, UploadRefused
from schemas.spans import Span, joined, missing
from schemas.statements import load

_sql = load("producers.gateway", "state.sql")


class RunState(Struct, frozen=True):
    """Event numbers of a run: applied through which, and the spans that wait, are missing, or are set aside."""

    applied_through: int = 0
    waiting: list[Span] = []
    missing: list[Span] = []
    quarantined: list[Span] = []


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
    applied_through, given_up = found or (0, [])
    held: list[Span] = [(first, last) for first, last in (*waiting, *quarantined)]
    return RunState(
        applied_through=applied_through,
        waiting=joined((first, last) for first, last in waiting),
        missing=missing(applied_through, held, ((first, last) for first, last in given_up)),
        quarantined=joined((first, last) for first, last in quarantined),
    )
