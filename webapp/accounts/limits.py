"""How often something may be tried: counted in PostgreSQL, so for all processes together and through restarts.

Counted per subject (an e-mail address, a network address) whether or not an account is behind it: a limit reached says
nothing about which addresses exist. Subjects are kept as digests.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from msgspec import Struct
from starlette.requests import Request

from schemas.statements import load
from schemas.tokens import digest
from webapp.accounts import addresses
from webapp.database import Database

_sql = load("webapp.accounts", "limits.sql")


class Limit(Struct, frozen=True):
    """At most `per_email` and `per_address` attempts of an action in a window."""

    action: str
    per_email: int
    per_address: int
    window: timedelta


SIGN_IN = Limit("sign_in", per_email=10, per_address=60, window=timedelta(minutes=15))
REGISTRATION = Limit("registration", per_email=4, per_address=20, window=timedelta(hours=1))
LETTER = Limit("letter", per_email=4, per_address=20, window=timedelta(hours=1))
"""Letters that anybody can have sent to an address: a forgotten password, a sign-in link."""
PASSWORD = Limit("password", per_email=10, per_address=60, window=timedelta(minutes=15))
"""The present password asked for again, by a signed-in session."""


async def attempt(database: Database, limit: Limit, email: str, request: Request) -> int:
    """Counts an attempt, in a transaction of its own. 0 where it may go on, else the seconds to wait."""
    address = addresses.network(request.client.host if request.client else None)
    waits = []
    async with database.writing() as connection:
        for subject, most in ((f"email {email}", limit.per_email), (f"address {address}", limit.per_address)):
            parameters = {"action": limit.action, "subject": digest(subject), "window": limit.window}
            row = await (await connection.execute(_sql["attempt"], parameters)).fetchone()
            assert row is not None  # an upsert always gives its row
            count, seconds = row
            waits.append(max(1, ceil(seconds)) if count > most else 0)
    return max(waits)


async def succeeded(database: Database, limit: Limit, email: str) -> None:
    """Forgets the attempts on an e-mail address once its owner got in; those of the network address stay counted."""
    async with database.writing() as connection:
        await connection.execute(_sql["forget"], {"action": limit.action, "subject": digest(f"email {email}")})


def retry_after(seconds: int) -> dict[str, str]:
    """The header that tells programs when to come back; none without a wait."""
    return {"Retry-After": str(seconds)} if seconds else {}
