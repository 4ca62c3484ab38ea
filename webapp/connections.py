"""Connections to PostgreSQL: what they may take, their pools, and how one is bound to an account's rows for a reading.

What was sent over a connection some times is prepared on it: parsed, and rewritten for row-level security, once and not
for every page, which was up to a third of what PostgreSQL did for one. It is still planned for its values each time:
filters that may be absent make one plan bad for all. A connection prepares statements for the first generation that it
reads, since another one's tables may have other columns; for any other (a kept report's) it sends them whole.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from schemas.statements import load
from webapp.account import Account
from webapp.arrays import PlainArrays

Connection = AsyncConnection[TupleRow]

_sql = load("webapp.sql", "database.sql")
_SENT_WHOLE = 2
"""So often a statement is sent before it is prepared."""
_PREPARED_MOST = 200
"""Statements prepared on a connection, some ten KB each; the longest unused ones go."""
_prepares_for: WeakKeyDictionary[Connection, str] = WeakKeyDictionary()
"""The schema of the generation whose statements a connection prepares."""


class Limits(Struct, frozen=True):
    """What readings may take. `connections` are for the figures of pages and the read API, `each` is one account's
    share; `account_connections` are for questions about accounts, `export_connections` for lists that become files. A
    statement of a page ends after `page_seconds`, one of an export after `export_seconds`; `wait_seconds` a connection
    is waited for."""

    connections: int = 6
    account_connections: int = 4
    each: int = 3
    export_connections: int = 2
    page_seconds: float = 15.0
    export_seconds: float = 300.0
    wait_seconds: float = 5.0


def connection_pool(postgres: str, limits: Limits, least: int, most: int, name: str) -> AsyncConnectionPool[Connection]:
    async def configure(connection: Connection) -> None:
        connection.prepared_max = _PREPARED_MOST
        connection.adapters.register_dumper(list, PlainArrays)
        await connection.execute(_sql["configure"], {"milliseconds": _milliseconds(limits.page_seconds)})

    return AsyncConnectionPool(
        postgres,
        min_size=least,
        max_size=most,
        timeout=limits.wait_seconds,
        reconnect_timeout=2 * limits.wait_seconds,  # then the next page tries afresh, instead of ever longer pauses
        open=False,
        configure=configure,
        kwargs={"autocommit": True, "application_name": name, "prepare_threshold": _SENT_WHOLE},
    )


async def bind(connection: Connection, account: Account, seconds: float) -> bool:
    """Binds a transaction that has just begun to the account's rows; False where its generation is not there."""
    await connection.execute(_sql["begin_reading"])
    parameters = {
        "account": str(account.account_id),
        "generation": account.generation,
        "outlets": "" if account.outlets is None else f"{{{','.join(map(str, account.outlets))}}}",
        "milliseconds": _milliseconds(seconds),
    }
    row = await (await connection.execute(_sql["bind_account"], parameters)).fetchone()
    if row is None:
        return False
    schema = row[2]
    own = _prepares_for.setdefault(connection, schema) == schema
    connection.prepare_threshold = _SENT_WHOLE if own else None
    return True


def _milliseconds(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))
