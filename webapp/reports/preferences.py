"""What a browser or a session remembers: the theme, and the outlet chosen last."""

from __future__ import annotations

from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schemas.statements import load
from webapp import forms, session
from webapp.owned import outlets
from webapp.redirects import redirect
from webapp.rendering import THEMES
from webapp.state import portal_of

_sql = load("webapp.reports", "preferences.sql")
_YEAR_S = 365 * 24 * 3600


async def choose_theme(request: Request) -> Response:
    sent = await forms.read(request)
    theme = sent.text("theme")
    if theme not in THEMES:
        raise HTTPException(422)
    answer = redirect(sent.text("next", 2000))
    answer.set_cookie(
        "theme", theme, max_age=_YEAR_S, samesite="lax", httponly=True, secure=request.url.scheme == "https"
    )
    return answer


async def choose_outlet(request: Request) -> Response:
    """Remembers the outlet in the session; an empty one means all."""
    signed_in = session.required(request)
    sent = await forms.read(request)
    chosen = sent.text("outlet")
    portal = portal_of(request)
    owned = {str(outlet.outlet_id): outlet.outlet_id for outlet in await outlets(portal.database, signed_in.account_id)}
    if chosen and chosen not in owned:
        raise HTTPException(404)
    outlet_id: UUID | None = owned.get(chosen)
    async with portal.database.writing() as connection:
        await connection.execute(_sql["remember_outlet"], {"session": signed_in.session_hash, "outlet": outlet_id})
    return redirect(sent.text("next", 2000))


routes: list[BaseRoute] = [
    Route("/theme", choose_theme, methods=["POST"]),
    Route("/choose-outlet", choose_outlet, methods=["POST"]),
]
