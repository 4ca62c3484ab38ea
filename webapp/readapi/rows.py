"""Rows of a statement as structs of their own: a column by its name."""

from __future__ import annotations

from typing import Any, TypeVar

from psycopg.rows import class_row

from webapp.database import Connection

T = TypeVar("T")


async def rows(connection: Connection, statement: bytes, parameters: dict[str, Any], kind: type[T]) -> list[T]:
    """All rows; `kind` has a field for each column."""
    async with connection.cursor(row_factory=class_row(kind)) as cursor:
        return await (await cursor.execute(statement, parameters)).fetchall()


async def first_row(connection: Connection, statement: bytes, parameters: dict[str, Any], kind: type[T]) -> T | None:
    """The first row, where there is one."""
    async with connection.cursor(row_factory=class_row(kind)) as cursor:
        return await (await cursor.execute(statement, parameters)).fetchone()
