"""How a page finds the portal it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

if TYPE_CHECKING:
    from webapp.app import Portal


def portal_of(request: Request) -> Portal:
    """The portal that answers the request."""
    found: Portal = request.app.state.portal
    return found
