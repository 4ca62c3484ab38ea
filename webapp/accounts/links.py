"""One-time links: a secret in an address, its digest in a table, spent by the first use.

Opening one shows a page with a button; only the button uses it up, so that mail programs and virus scanners that open
addresses beforehand don't burn it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from schemas.tokens import digest, new_secret
from webapp.context import Context
from webapp.database import Connection
from webapp.rendering import render
from webapp.translation import N_

Purpose = Literal["sign_in", "reset", "change_email", "second_factor", "not_me"]

LIFETIME: dict[Purpose, timedelta] = {
    "sign_in": timedelta(minutes=15),
    "reset": timedelta(minutes=60),
    "change_email": timedelta(hours=24),
    "second_factor": timedelta(minutes=10),
    "not_me": timedelta(days=7),
}

_sql = load("webapp.accounts", "accounts.sql")


class Link(Struct, frozen=True):
    """A link that may still be used, and whose it is. `detail` is the new address of 'change_email', the page wanted of
    'second_factor'."""

    account_id: UUID
    email: str
    locale: str
    detail: str


class DeadLink(Context, frozen=True):
    template = "accounts/dead_link.html"
    title = N_("This link does not work any more")


async def make(connection: Connection, account_id: UUID, purpose: Purpose, detail: str = "") -> str:
    """The secret of a new link."""
    secret = new_secret()
    await connection.execute(
        _sql["add_link"],
        {
            "link_hash": digest(secret),
            "account_id": account_id,
            "purpose": purpose,
            "detail": detail,
            "lifetime": LIFETIME[purpose],
        },
    )
    return secret


async def find(connection: Connection, secret: str, purpose: Purpose) -> Link | None:
    """The link, left unused; None for one that is unknown, used, too old or for another purpose."""
    return await _link(connection, "link", secret, purpose)


async def spend(connection: Connection, secret: str, purpose: Purpose) -> Link | None:
    """The link, used up now; None as above. Of two requests at once only one gets it."""
    return await _link(connection, "spend_link", secret, purpose)


async def _link(connection: Connection, statement: str, secret: str, purpose: Purpose) -> Link | None:
    parameters = {"link_hash": digest(secret), "purpose": purpose}
    row = await (await connection.execute(_sql[statement], parameters)).fetchone()
    return Link(*row) if row else None


def dead(request: Request) -> Response:
    """The page for a link that can't be used (any more): what to do instead."""
    return render(request, DeadLink(), 410)
