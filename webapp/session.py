"""Who looks at a page: what the session middleware puts into `request.state.session`, and how a page asks for it."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct
from starlette.requests import Request

from schemas.errors import WebOfficeError

SIGN_IN_PATH = "/sign-in"


class Session(Struct, frozen=True):
    """A signed-in browser. `outlet_id` is the outlet chosen last, None for all; `session_hash` its key in the table."""

    account_id: UUID
    email: str
    locale: str
    outlet_id: UUID | None
    session_hash: bytes


class SignInRequired(WebOfficeError):
    """The page is for signed-in owners; the portal answers with the way to the sign-in page."""


def current(request: Request) -> Session | None:
    """The session of the request, None for a visitor."""
    session: Session | None = getattr(request.state, "session", None)
    return session


def required(request: Request) -> Session:
    """The session of the request; raises `SignInRequired` for a visitor."""
    session = current(request)
    if session is None:
        raise SignInRequired
    return session
