"""Tokens for the owner's programs (the read API): made, shown once, revoked."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from schemas.tokens import digest, hint, new_token
from webapp import forms
from webapp.accounts import account
from webapp.redirects import redirect
from webapp.session import required
from webapp.site import site_of

_sql = load("webapp.accounts", "accounts.sql")


async def create(request: Request) -> Response:
    """Makes a token and shows it: the answer to this form is the only place where it ever stands."""
    session = required(request)
    name = (await forms.read(request)).text("name", 80)
    token = new_token("owner")
    async with site_of(request).database.writing() as connection:
        await connection.execute(
            _sql["add_owner_token"],
            {"token_hash": digest(token), "account_id": session.account_id, "name": name, "hint": hint(token)},
        )
    return await account.show(request, new_token=token)


async def revoke(request: Request) -> Response:
    session = required(request)
    parameters = {"account_id": session.account_id, "token_id": request.path_params["token_id"]}
    if await site_of(request).database.one(_sql["revoke_owner_token"], parameters) is None:
        raise HTTPException(404)
    return redirect("/account?notice=token_revoked")
