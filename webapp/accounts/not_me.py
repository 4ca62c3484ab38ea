"""«Это был не я»: the link in the letter about a new device ends everything, and leads to a new password."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp.accounts import devices, links
from webapp.context import Context
from webapp.journal import note
from webapp.page import ANYBODY, Page, Visit
from webapp.redirects import redirect
from webapp.site import site_of
from webapp.translation import N_

_sql = load("webapp.accounts", "accounts.sql")


class NotMe(Context, frozen=True):
    """The link, whose button was not pressed yet."""

    template = "accounts/not_me.html"
    title = N_("It was not you?")

    email: str


async def page(visit: Visit) -> NotMe | Response:
    async with site_of(visit.request).database.writing() as connection:
        link = await links.find(connection, visit.request.path_params["secret"], "not_me")
    return NotMe(email=link.email) if link else links.dead(visit.request)


async def end_everything(request: Request) -> Response:
    """Ends sessions, tokens, known devices and other links, takes the password away, and leads to choosing a new one:
    who has the letter may choose it, as by the letter about a forgotten password."""
    async with site_of(request).database.writing() as connection:
        link = await links.spend(connection, request.path_params["secret"], "not_me")
        if link is None:
            return links.dead(request)
        account = {"account_id": link.account_id}
        for statement in ("drop_password", "end_sessions", "revoke_owner_tokens", "void_links"):
            await connection.execute(_sql[statement], account)
        await devices.forget(connection, link.account_id)
        await note(connection, link.account_id, "not_me", request)
        secret = await links.make(connection, link.account_id, "reset")
    return redirect(f"/reset/{secret}")


PAGE = Page(path="/not-me/{secret}", action="anybody", gate=ANYBODY, load=page)
