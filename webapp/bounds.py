"""How many of each thing there may be: more than any shop needs, fewer than would harm the others."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from starlette.exceptions import HTTPException

from schemas.statements import load
from webapp.database import Connection

_sql = load("webapp", "bounds.sql")

What = Literal["outlets", "tills", "till_tokens", "open_invoices", "members"]

MOST: dict[What, int] = {"outlets": 2000, "tills": 200, "till_tokens": 10, "open_invoices": 20, "members": 100}
"""Outlets of an account, tills of an outlet, good tokens of a till, open invoices of an account, members and open
invitations of an account."""


async def check_room(connection: Connection, what: What, key: UUID) -> None:
    """Raises `HTTPException` 429 where there are as many as there may be, in the caller's transaction."""
    row = await (await connection.execute(_sql[what], {"key": key})).fetchone()
    assert row is not None  # a count always gives its row
    if row[0] >= MOST[what]:
        raise HTTPException(429)
