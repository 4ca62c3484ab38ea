"""To whom the accountant's package may go: to nobody who is no member of the account."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from webapp.actions import Member, Role, allowed
from webapp.closings.package import sql
from webapp.session import Session
from webapp.site import Site


class Recipient(Struct, frozen=True):
    """The owner or a member, and what he may see."""

    person_id: UUID
    email: str
    locale: str
    role: Role
    outlets: list[UUID] | None
    sees_costs: bool

    @property
    def member(self) -> Member:
        return Member(self.role, None if self.outlets is None else frozenset(self.outlets), self.sees_costs)


async def recipients(site: Site, session: Session) -> list[Recipient]:
    """To whom the reader may have a package sent: the owner to everybody who may download lists, others to
    themselves."""
    async with site.database.asking() as connection, connection.cursor(row_factory=class_row(Recipient)) as cursor:
        found = await (await cursor.execute(sql["recipients"], {"account": session.account_id})).fetchall()
    everybody = allowed(session.member, "members")
    return [one for one in found if allowed(one.member, "export") and (everybody or one.person_id == session.person_id)]
