"""Which account a person looks at: his own, or one that he is a member of."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import forms
from webapp.database import Connection
from webapp.redirects import HOME, redirect
from webapp.roles import ROLES, InvitedRole
from webapp.session import required
from webapp.site import site_of

sql = load("webapp.accounts", "viewing.sql")


class Membership(Struct, frozen=True):
    """An account that a person may look at, by its owner's address."""

    account_id: UUID
    email: str
    role: InvitedRole

    @property
    def words(self) -> str:
        """The role as a text of the catalogues."""
        return ROLES[self.role]


async def memberships_of(connection: Connection, person_id: UUID) -> list[Membership]:
    async with connection.cursor(row_factory=class_row(Membership)) as cursor:
        return await (await cursor.execute(sql["memberships"], {"person_id": person_id})).fetchall()


async def view_account(request: Request) -> Response:
    """The session looks at that account from now on. Raises `HTTPException` 404 for one that is not open to him."""
    fields = await forms.read(request)
    try:
        account_id = UUID(fields.text("account"))
    except ValueError as exc:
        raise HTTPException(404) from exc
    parameters = {"account_id": account_id, "session_hash": required(request).session_hash}
    if await site_of(request).database.one(sql["view_account"], parameters) is None:
        raise HTTPException(404)
    return redirect(HOME)
