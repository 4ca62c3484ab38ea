"""An account goes with all its data: at the time that its owner was told, or at once by an operator's command."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import structlog

from schemas import outbox
from schemas.records import OutletRemoved
from schemas.statements import load
from webapp import mail
from webapp.accounts import letters
from webapp.database import Connection, Database

log = structlog.get_logger(__name__)

sql = load("webapp.accounts", "deletion.sql")


async def erase(connection: Connection, account_id: UUID, statement: bytes = sql["erase_due"]) -> int:
    """Erases an account in the caller's transaction, and says so to its owner and members. Returns the number of its
    outlets. The rows of the live reports go through the log, within moments. `statement` is what erases: the portal's
    erases no account whose time has not come."""
    account = {"account_id": account_id}
    people = await (await connection.execute(sql["people"], account)).fetchall()
    outlets = await (await connection.execute(sql["outlets"], account)).fetchall()
    for (outlet_id,) in outlets:
        order = OutletRemoved(str(outlet_id), datetime.now(UTC))
        await connection.execute(outbox.SEND, outbox.parameters(order))
    await connection.execute(statement, account)
    owner = people[0][0]
    for email, locale, own in people:
        await mail.queue(connection, email, letters.account_deleted(locale, owner, own))
    log.info("security", action="account_deleted", account=str(account_id), outlets=len(outlets))
    return len(outlets)


async def erase_due(database: Database) -> int:
    """Erases every account whose time has come, each in its own transaction. Raises `InfrastructureUnreachable`."""
    count = 0
    while True:
        async with database.writing() as connection:
            row = await (await connection.execute(sql["due"])).fetchone()
            if row is None:
                return count
            await erase(connection, row[0])
            count += 1
