"""Deleting an account by command, and what remains of it: where, how much, for how long."""

from __future__ import annotations

import asyncio
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from ops import running
from ops.settings import Settings
from schemas.errors import InfrastructureUnreachable
from schemas.statements import load
from webapp.accounts import erasing

_sql = load("ops", "deletion.sql")


class Remains(Struct, frozen=True):
    """What is left of an account. `log_events` stand in `events` for ever, and in `uploads`, as they came, for
    `uploads_days` at most; what could not be read stands in `unreadable` for `unreadable_days`. `invoices` are kept by
    law. Of its former `outlets` the ids stay, so that no replay brings their rows back."""

    account_id: str
    outlets: int
    log_events: int
    uploads_days: int
    unreadable_days: int
    invoices: int


def delete(settings: Settings, email: str) -> Remains | None:
    """Deletes at once; None where there is no account of that address."""
    return asyncio.run(_delete(running.services(settings).postgres, email, settings.uploads_days))


async def _delete(postgres: str, email: str, uploads_days: int) -> Remains | None:
    try:
        connection = await AsyncConnection.connect(postgres)
    except psycopg.OperationalError as exc:
        raise InfrastructureUnreachable("PostgreSQL can't be reached") from exc
    async with connection:
        row = await (await connection.execute(erasing.sql["account"], {"email": email})).fetchone()
        if row is None:
            return None
        account_id: UUID = row[0]
        events, invoices = await _counted(connection, account_id)
        outlets = await erasing.erase(connection, account_id, _sql["erase"])
        return Remains(str(account_id), outlets, events, uploads_days, 2 * uploads_days, invoices)


async def _counted(connection: AsyncConnection[TupleRow], account_id: UUID) -> tuple[int, int]:
    [schema] = await _row(connection, "live", account_id)
    await connection.execute(_sql["use"], {"schema": schema})
    [events] = await _row(connection, "events", account_id)
    [invoices] = await _row(connection, "invoices", account_id)
    return events, invoices


async def _row(connection: AsyncConnection[TupleRow], statement: str, account_id: UUID) -> TupleRow:
    row = await (await connection.execute(_sql[statement], {"account_id": account_id})).fetchone()
    assert row is not None  # aggregates, and the live generation that there always is
    return row


def described(remains: Remains) -> str:
    """In words, for who has to tell the owner."""
    return "\n".join(
        (
            f"account {remains.account_id} is deleted; the rows of its {remains.outlets} outlets go within moments.",
            "What remains:",
            f"- {remains.log_events} events in the log `events`, for ever: names as a surname with initials; no report,"
            " and no rebuild, shows them",
            f"- what came in the last {remains.uploads_days} days, as it came, in `uploads`; what could not be read,"
            f" for {remains.unreadable_days} days in `unreadable`",
            f"- {remains.invoices} invoices, as bookkeeping has to keep them",
            "- backups made before: restored, they bring it back, and it has to be deleted again",
            "- letters as files, where no SMTP server is set, for 30 days; the log of the processes: ids alone",
        )
    )
