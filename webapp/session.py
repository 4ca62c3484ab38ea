"""Who looks at a page: what the session middleware puts into `request.state.session`, and how a page asks for it."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from msgspec import Struct
from starlette.requests import Request

from schemas.errors import WebOfficeError
from webapp.account import Account
from webapp.acting import Acting
from webapp.actions import Member

SIGN_IN_PATH, STEP_UP_PATH, FACTOR_PATH = "/sign-in", "/step-up", "/account/second-factor"


class Session(Struct, frozen=True):
    """A signed-in browser. `person_id`, `email` and `locale` are those of who signed in; `account_id` is the account
    that he looks at, his own or one that he is a `member` of, and `owner_email` its owner's address. `outlet_id` is the
    outlet chosen last, or `group` the group of outlets; None for all. `session_hash` is the session's key in the table.
    `factor_due`: the person has a second factor, and has not given its code for a while. `factor_missing`: the account
    that he looks at asks its members for a second factor, and he has none. From `alarm_from` on a receipt of the
    account that does not add up is an alarm."""

    account_id: UUID
    person_id: UUID
    email: str
    owner_email: str
    locale: str
    outlet_id: UUID | None
    session_hash: bytes
    member: Member
    factor_due: bool
    factor_missing: bool
    alarm_from: Decimal
    group: str | None = None

    @property
    def account(self) -> Account:
        """Whose rows he reads."""
        return Account(self.account_id, outlets=self.member.outlets, person_id=self.person_id)

    @property
    def reader(self) -> str:
        """Tells who looks at whose account in which session from any other, and nothing else: person, then the rest."""
        person = sha256(b"reader" + self.person_id.bytes).hexdigest()
        return f"{person[:16]}.{sha256(self.session_hash + self.account_id.bytes).hexdigest()[:16]}"

    @property
    def acting(self) -> Acting:
        return Acting(self.person_id if self.person_id != self.account_id else None, self.member.sees_costs)


class SignInRequired(WebOfficeError):
    """The page is for signed-in owners; the portal answers with the way to the sign-in page."""


class CodeRequired(WebOfficeError):
    """The code of the second factor is to be given first; the portal answers with the way there."""


class FactorRequired(WebOfficeError):
    """A second factor is to be turned on first; the portal answers with the way there."""


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
