"""A till's new token: made, and shown once with commands to try it."""

from __future__ import annotations

from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from schemas.tokens import digest, hint, new_token
from webapp.context import Context
from webapp.database import Connection
from webapp.outlets import outlet_lock, sample
from webapp.outlets.outlet_lock import LockedOutlet, execute
from webapp.rendering import render
from webapp.site import site_of
from webapp.translation import N_


class TillToken(Context, frozen=True):
    """`first`: it is one of the first steps. `upload` is a body to try the token with."""

    template = "outlets/token.html"
    title = N_("The till's token")

    outlet: LockedOutlet
    till: str
    token: str
    first: bool
    public_url: str
    upload: str


def token_page(request: Request, outlet: LockedOutlet, till: str, token: str, *, first: bool = False) -> Response:
    """Shows a new token with commands to try it; never to be seen again."""
    site = site_of(request)
    context = TillToken(
        outlet=outlet,
        till=till,
        token=token,
        first=first,
        public_url=site.public_url,
        upload=sample.upload(outlet.local(site.clock())),
    )
    return render(request, context)


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


async def issue_token(connection: Connection, till_id: UUID) -> str:
    """A new token of a till; only its digest is kept."""
    token = new_token("till")
    await execute(connection, "add_token", token_hash=digest(token), till_id=till_id, hint=hint(token))
    return token
