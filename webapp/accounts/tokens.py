"""Tokens for programs (the read API): made, shown once, revoked. A program may read what its token's maker may."""

from __future__ import annotations

from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from schemas.tokens import digest, hint, new_token
from webapp import forms, shown_once
from webapp.accounts import account
from webapp.redirects import redirect
from webapp.session import required
from webapp.site import site_of

LIFETIME = timedelta(days=366)
MOST = 20
"""Tokens of an account at a time."""

_sql = load("webapp.accounts", "accounts.sql")


async def create(request: Request) -> Response:
    """Makes a token and leads to the page that shows it, once."""
    session = required(request)
    name = (await forms.read(request)).text("name", 80)
    token = new_token("owner")
    parameters = {
        "token_hash": digest(token),
        "account_id": session.account_id,
        "person_id": session.person_id,
        "name": name,
        "hint": hint(token),
        "lifetime": LIFETIME,
        "most": MOST,
    }
    row = await site_of(request).database.one(_sql["add_owner_token"], parameters)
    if row is None:
        return await account.show(request, 422, error="too_many_tokens")
    return shown_once.redirect_to(f"/account?new={row[0]}", token, request)


async def revoke(request: Request) -> Response:
    """Revokes a token of one's own; the owner revokes those of members, too."""
    session = required(request)
    parameters = {
        "account_id": session.account_id,
        "person_id": None if session.member.role == "owner" else session.person_id,
        "token_id": request.path_params["token_id"],
    }
    if await site_of(request).database.one(_sql["revoke_owner_token"], parameters) is None:
        raise HTTPException(404)
    return redirect("/account?notice=token_revoked")
