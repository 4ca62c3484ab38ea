"""What a browser or a session remembers: the theme, and the outlet chosen last."""

from __future__ import annotations

from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from schemas.statements import load
from webapp import session
from webapp.owned import outlets
from webapp.rendering import THEMES
from webapp.state import portal_of

_sql = load("webapp.reports", "preferences.sql")
_YEAR_S = 365 * 24 * 3600


async def choose_theme(request: Request) -> Response:
    form = await request.form()
    theme = str(form.get("theme", ""))
    if theme not in THEMES:
        raise HTTPException(422)
    answer = RedirectResponse(_back(form.get("next")), 303)
    answer.set_cookie(
        "theme", theme, max_age=_YEAR_S, samesite="lax", httponly=True, secure=request.url.scheme == "https"
    )
    return answer


async def choose_outlet(request: Request) -> Response:
    """Remembers the outlet in the session; an empty one means all."""
    signed_in = session.required(request)
    form = await request.form()
    chosen = str(form.get("outlet", ""))
    portal = portal_of(request)
    owned = {str(outlet.outlet_id): outlet.outlet_id for outlet in await outlets(portal.database, signed_in.account_id)}
    if chosen and chosen not in owned:
        raise HTTPException(404)
    outlet_id: UUID | None = owned.get(chosen)
    async with portal.database.writing() as connection:
        await connection.execute(_sql["remember_outlet"], {"session": signed_in.session_hash, "outlet": outlet_id})
    return RedirectResponse(_back(form.get("next")), 303)


def _back(path: object) -> str:
    """A page of ours to go back to; never another site's."""
    text = path if isinstance(path, str) else ""
    ours = text.startswith("/") and not text.startswith(("//", "/\\")) and not any(ord(c) < 32 for c in text)
    return text if ours else "/"


routes: list[BaseRoute] = [
    Route("/theme", choose_theme, methods=["POST"]),
    Route("/choose-outlet", choose_outlet, methods=["POST"]),
]
