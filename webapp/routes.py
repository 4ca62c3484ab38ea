"""Routes that say what is done there. Whoever may not do it is refused before anything is read or written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from webapp import acting, session
from webapp.actions import WITH_FACTOR, Action, allowed
from webapp.journal import note_alone
from webapp.site import site_of

Endpoint = Callable[[Request], Awaitable[Response]]


class ActionRoute(Route):
    """A route of the pages. All of them are such, but for static files; so none is without an action. `factor`: who has
    a second factor gives its code first, for what the action alone does not ask it for."""

    def __init__(
        self, path: str, endpoint: Endpoint, action: Action, *, method: str = "GET", factor: bool = False
    ) -> None:
        self.action: Action = action
        self.factor = factor or action in WITH_FACTOR

        async def checked(request: Request) -> Response:
            await check(request, action)
            if self.factor and session.required(request).factor_due:
                raise session.CodeRequired
            return await endpoint(request)

        super().__init__(path, checked, methods=[method])


def form(path: str, endpoint: Endpoint, action: Action, *, factor: bool = False) -> ActionRoute:
    """A route for a form that changes something."""
    return ActionRoute(path, endpoint, action, method="POST", factor=factor)


async def check(request: Request, action: Action) -> None:
    """Raises `SignInRequired` for a visitor, `FactorRequired` for a member who has to turn a second factor on first,
    `HTTPException` 404 for an outlet that the member may not know of, 403 for anything else that he may not do. From
    here on the request is his, for the journal and for costs."""
    acting.begin()
    if action == "anybody":
        return
    signed_in = session.required(request)
    acting.begin(signed_in.acting)
    if signed_in.factor_missing and action != "own":
        raise session.FactorRequired
    member, outlet_id = signed_in.member, request.path_params.get("outlet_id")
    if not allowed(member, action, outlet_id if isinstance(outlet_id, UUID) else None):
        await note_alone(site_of(request).database, signed_in.account_id, "refused", request, action)
        raise HTTPException(404 if allowed(member, action) else 403)
