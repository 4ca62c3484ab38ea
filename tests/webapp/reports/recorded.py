"""The statements that pages, files and calls really send for figures, and what PostgreSQL does for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from msgspec import Struct

from webapp.account import Account
from webapp.database import Database

_READERS = ("weboffice portal figures", "weboffice exports")
"""What connections call themselves that read figures."""


class Statement(Struct, frozen=True):
    """A statement as it was sent, and of which address."""

    address: str
    text: bytes
    parameters: Any


class Node(Struct, frozen=True):
    """A part of a plan: how many rows it read, those that it dropped among them, over all its loops."""

    kind: str
    relation: str
    rows: float


class Recording:
    """`statements` are those sent while `address` was asked for, each once."""

    def __init__(self) -> None:
        self.address = ""
        self.statements: list[Statement] = []

    def note(self, cursor: Any, query: Any, parameters: Any) -> None:
        if cursor.connection.info.parameter_status("application_name") in _READERS:
            text = query if isinstance(query, bytes) else str(query).encode()
            if text.lstrip().startswith((b"SELECT", b"WITH", b"--")):
                self.statements.append(Statement(self.address, text, parameters))


@contextmanager
def recording(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    """Notes what is sent from here on; it is sent all the same."""
    found = Recording()

    def noted(cursor_type: Any) -> Any:
        execute = cursor_type.execute

        async def execute_noted(cursor: Any, query: Any, parameters: Any = None, **more: Any) -> Any:
            found.note(cursor, query, parameters)
            return await execute(cursor, query, parameters, **more)

        return execute_noted

    with monkeypatch.context() as patched:
        for cursor_type in (psycopg.AsyncCursor, psycopg.AsyncServerCursor):
            patched.setattr(cursor_type, "execute", noted(cursor_type))
        yield found


def different(statements: list[Statement]) -> list[Statement]:
    """Of those that differ in nothing but values the last one: which parameters are given decides on the plan."""
    kinds = {}
    for each in statements:
        given = tuple(name for name, value in (each.parameters or {}).items() if value not in (None, False))
        kinds[each.text, given] = each
    return list(kinds.values())


async def plan(database: Database, account: Account, statement: Statement) -> tuple[float, list[Node]]:
    """Milliseconds and nodes of the statement, carried out under the portal's role and the account's policies."""
    explain = b"EXPLAIN (ANALYZE, FORMAT JSON) " + statement.text
    async with database.exporting(account) as connection:
        row = await (await connection.execute(explain, statement.parameters)).fetchone()
    assert row is not None
    [found] = row[0]
    return found["Execution Time"] + found["Planning Time"], list(_nodes(found["Plan"]))


def _nodes(found: dict[str, Any]) -> Iterator[Node]:
    dropped = sum(found.get(name, 0) for name in ("Rows Removed by Filter", "Rows Removed by Join Filter"))
    rows = (found["Actual Rows"] + dropped) * found["Actual Loops"]
    yield Node(found["Node Type"], found.get("Relation Name", found.get("Function Name", "")), rows)
    for below in found.get("Plans", ()):
        yield from _nodes(below)
