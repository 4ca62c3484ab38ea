"""A till's new token: made, and shown once, after a redirect, with commands to try it."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID, uuid4

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from schemas.tokens import digest, hint, new_token
from webapp import shown_once
from webapp.actions import allowed
from webapp.context import Context
from webapp.database import Connection
from webapp.outlets import outlet_lock, sample, till_qr
from webapp.outlets.outlet_lock import LockedOutlet, execute
from webapp.page import OWNER, Page, Visit
from webapp.session import required
from webapp.site import site_of
from webapp.translation import N_


class NewToken(NamedTuple):
    token_id: UUID
    token: str


class TillToken(Context, frozen=True):
    """`token` is "" where it can't be shown any more. `first`: it is one of the first steps. `upload` is a body to try
    the token with, `qr` the picture of the code with address and token."""

    template = "outlets/token.html"
    title = N_("The till's token")

    outlet: LockedOutlet
    till: str
    token: str
    first: bool
    public_url: str
    upload: str
    qr: str


async def page(visit: Visit) -> TillToken:
    """The token that the path names, as long as the browser that made it has it."""
    request = visit.request
    site, token_id = site_of(request), request.path_params["token_id"]
    token = shown_once.token(request)
    async with site.database.writing() as connection:
        key = {"token_id": token_id, "account_id": required(request).account_id}
        row = await (await connection.execute(outlet_lock.sql["new_token"], key)).fetchone()
        if row is None or not allowed(required(request).member, "outlets", row[0]):
            raise HTTPException(404)
        same = {"token_id": token_id, "token_hash": digest(token)}
        if await (await connection.execute(outlet_lock.sql["is_token"], same)).fetchone() is None:
            token = ""
    outlet, till = LockedOutlet(*row[:-1]), row[-1]
    return TillToken(
        outlet=outlet,
        till=till,
        token=token,
        first="first" in request.query_params,
        public_url=site.public_url,
        upload=sample.upload(outlet.local(site.clock())),
        qr=till_qr.picture(site.public_url, token) if token else "",
    )


async def sample_file(request: Request) -> Response:
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
    return PlainTextResponse(
        sample.lines(outlet.local(site_of(request).clock())),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": 'attachment; filename="sample.jsonl"', "Cache-Control": "no-store"},
    )


async def add_till(connection: Connection, outlet_id: UUID, name: str) -> UUID:
    till_id = uuid4()
    await execute(connection, "add_till", till_id=till_id, outlet_id=outlet_id, name=name)
    return till_id


async def issue_token(connection: Connection, till_id: UUID) -> NewToken:
    """A new token of a till; only its digest is kept."""
    token = new_token("till")
    parameters = {"token_hash": digest(token), "till_id": till_id, "hint": hint(token)}
    row = await (await connection.execute(outlet_lock.sql["add_token"], parameters)).fetchone()
    assert row is not None  # RETURNING gives the row it inserted
    return NewToken(row[0], token)


def show(request: Request, made: NewToken, *, first: bool = False) -> Response:
    """Leads to the page that shows a new token."""
    return shown_once.redirect_to(f"/new-token/{made.token_id}{'?first=1' if first else ''}", made.token, request)


PAGE = Page(path="/new-token/{token_id:uuid}", action="outlets", gate=OWNER, load=page)
