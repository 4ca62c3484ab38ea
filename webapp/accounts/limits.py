"""How often something may be tried: counted in PostgreSQL, so for all processes together and through restarts.

Counted per subject (an e-mail address, a network address, both together, a known device) whether or not an account is
behind it: a limit reached says nothing about which addresses exist. Subjects are kept as digests.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from msgspec import Struct
from starlette.requests import Request

from schemas.statements import load
from schemas.tokens import digest
from webapp.accounts import addresses, devices
from webapp.database import Database

_sql = load("webapp.accounts", "limits.sql")


class Limit(Struct, frozen=True):
    """At most so many attempts of an action in a window: `per_pair` on one e-mail address from one network address,
    `per_address` from that on any, `per_email` on that from all network addresses together.

    A device that the account knows has `per_pair` for itself, and is counted nowhere else: whoever guesses elsewhere
    does not lock it out.
    """

    action: str
    per_pair: int
    per_address: int
    per_email: int
    window: timedelta


SIGN_IN = Limit("sign_in", per_pair=10, per_address=60, per_email=100, window=timedelta(minutes=15))
REGISTRATION = Limit("registration", per_pair=4, per_address=20, per_email=12, window=timedelta(hours=1))
LETTER = Limit("letter", per_pair=4, per_address=20, per_email=12, window=timedelta(hours=1))
"""Letters that anybody can have sent to an address: a forgotten password, a sign-in link."""
SUPPORT = Limit("support", per_pair=6, per_address=30, per_email=12, window=timedelta(hours=1))
"""Letters to the service's support."""
CODE = Limit("code", per_pair=10, per_address=30, per_email=30, window=timedelta(hours=1))
"""The code of the second factor, which has six digits: whoever has the password guesses one in years."""
PASSWORD = Limit("password", per_pair=10, per_address=60, per_email=100, window=timedelta(minutes=15))
"""The present password asked for again, by a signed-in session."""


async def attempt(database: Database, limit: Limit, email: str, request: Request) -> int:
    """Counts an attempt, in a transaction of its own. 0 where it may go on, else the seconds to wait.

    What is refused for one address is not counted for all: a single visitor can't use up everybody's attempts.
    """
    address = _address(request)
    async with database.writing() as connection:
        if device := await devices.known(connection, email, request):
            counted = [(f"device {device.hex()}", limit.per_pair)]
        else:
            counted = [
                (f"address {address}", limit.per_address),
                (_pair(email, address), limit.per_pair),
                (f"email {email}", limit.per_email),
            ]
        for subject, most in counted:
            parameters = {"action": limit.action, "subject": digest(subject), "window": limit.window}
            row = await (await connection.execute(_sql["attempt"], parameters)).fetchone()
            assert row is not None  # an upsert always gives its row
            count, seconds = int(row[0]), float(row[1])
            if count > most:
                return max(1, ceil(seconds))
    return 0


async def succeeded(database: Database, limit: Limit, email: str, request: Request) -> None:
    """Forgets the attempts on an e-mail address from where its owner got in; others stay counted."""
    async with database.writing() as connection:
        device = await devices.known(connection, email, request)
        subject = f"device {device.hex()}" if device else _pair(email, _address(request))
        await connection.execute(_sql["forget"], {"action": limit.action, "subject": digest(subject)})


def _address(request: Request) -> str:
    return addresses.network(request.client.host if request.client else None)


def _pair(email: str, address: str) -> str:
    return f"email {email} address {address}"


def retry_after(seconds: int) -> dict[str, str]:
    """The header that tells programs when to come back; none without a wait."""
    return {"Retry-After": str(seconds)} if seconds else {}
