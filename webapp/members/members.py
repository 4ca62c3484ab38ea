"""«Сотрудники»: who may look at the account and what each may see, for its owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp.account_outlets import Outlet, outlets
from webapp.accounts import limits
from webapp.context import Context
from webapp.menu import Entry
from webapp.page import OWNER, Page, Visit
from webapp.rendering import render
from webapp.roles import MEANINGS, ROLES, InvitedRole
from webapp.session import required
from webapp.site import site_of
from webapp.translation import N_

sql = load("webapp.members", "members.sql")


class Row(Struct, frozen=True):
    """A member as the list shows him; `seen_at` is when he last looked, while he is signed in."""

    member_id: UUID
    email: str
    role: InvitedRole
    outlets: list[UUID] | None
    sees_costs: bool
    created_at: datetime
    seen_at: datetime | None
    has_factor: bool


class Invitation(Struct, frozen=True):
    """An invitation that was not accepted yet."""

    invitation_id: UUID
    email: str
    role: InvitedRole
    outlets: list[UUID] | None
    sees_costs: bool
    expires_at: datetime


class Members(Context, frozen=True):
    """`notice` says what was done, `error` what a form could not do (`wait`: the seconds after which to try again):
    that of the member `changed`, or the invitation to `email`. `names` are the outlets' names. `factor_needed`: each
    member needs a second factor."""

    template = "members/members.html"
    title = N_("Members")

    members: list[Row]
    invitations: list[Invitation]
    account_outlets: list[Outlet]
    names: dict[UUID, str]
    roles: Mapping[InvitedRole, str]
    meanings: Mapping[InvitedRole, str]
    factor_needed: bool
    zone: str
    notice: str
    error: str
    wait: int
    email: str
    changed: UUID | None


async def page(visit: Visit) -> Members:
    return await _members(visit.request, notice=visit.request.query_params.get("notice", ""))


async def show(
    request: Request, status: int, error: str, *, wait: int = 0, email: str = "", changed: UUID | None = None
) -> Response:
    """The page, with what a form could not do."""
    context = await _members(request, error=error, wait=wait, email=email, changed=changed)
    return render(request, context, status, limits.retry_after(wait))


async def _members(
    request: Request,
    *,
    notice: str = "",
    error: str = "",
    wait: int = 0,
    email: str = "",
    changed: UUID | None = None,
) -> Members:
    session, database = required(request), site_of(request).database
    account = {"account_id": session.account_id}
    account_outlets = await outlets(database, session.account)
    async with database.asking() as connection:
        async with connection.cursor(row_factory=class_row(Row)) as cursor:
            members = await (await cursor.execute(sql["members"], account)).fetchall()
        async with connection.cursor(row_factory=class_row(Invitation)) as cursor:
            invitations = await (await cursor.execute(sql["invitations"], account)).fetchall()
        needed = await (await connection.execute(sql["factor_needed"], account)).fetchone()
    return Members(
        members=members,
        invitations=invitations,
        account_outlets=account_outlets,
        names={outlet.outlet_id: outlet.name for outlet in account_outlets},
        roles=ROLES,
        meanings=MEANINGS,
        factor_needed=bool(needed and needed[0]),
        zone=account_outlets[0].zone if account_outlets else "Europe/Moscow",
        notice=notice,
        error=error,
        wait=wait,
        email=email,
        changed=changed,
    )


PAGE = Page(path="/members", action="members", menu=Entry("settings", N_("Members")), gate=OWNER, load=page)
