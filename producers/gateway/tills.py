"""Which till a token belongs to: asked of PostgreSQL, remembered for seconds, and for minutes while it is away."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec import Struct
from psycopg.rows import class_row

from producers.gateway.answers import Refusal
from producers.gateway.database import Connection, Database, DatabaseAway
from schemas.statements import load
from schemas.tokens import digest

V = TypeVar("V")

GRACE = timedelta(days=90)
"""For how long after the licence or trial ended uploads are taken."""

_sql = load("producers.gateway", "tills.sql")


class Till(Struct, frozen=True):
    """A till as it was when last asked for; ids are UUIDs as text, `zone` the outlet's IANA time zone."""

    till_id: str
    outlet_id: str
    zone: str
    revoked: bool
    removed: bool
    outlet_removed: bool
    outlet_disabled: bool
    licensed_until: datetime


def check_admitted(till: Till) -> None:
    """Raises `Refusal` 401 or 403 where this token, till or outlet is not to be served."""
    if till.revoked:
        raise unauthorized("revoked_token", "the token was revoked", 'error="invalid_token"')
    if till.outlet_removed:
        raise Refusal(403, "outlet_removed", "the outlet was removed")
    if till.removed:
        raise Refusal(403, "till_removed", "the till was removed")
    if till.outlet_disabled:
        raise Refusal(403, "outlet_disabled", "the outlet is disabled")


def check_licensed(till: Till, now: datetime) -> None:
    """Raises `Refusal` 402 where the licence ended longer than `GRACE` ago. Viewing stops at once, uploads do not."""
    if till.licensed_until + GRACE < now:
        raise Refusal(402, "licence_expired", f"the licence ended on {till.licensed_until.date()}; uploads stopped")


def bearer_token(authorization: str | None) -> str:
    """The token in an `Authorization` header. Raises `Refusal` 401."""
    if authorization is None:
        raise unauthorized("no_token", "a till's token is expected: `Authorization: Bearer …`")
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorized("no_token", "a till's token is expected: `Authorization: Bearer …`")
    return token.strip()


def unauthorized(code: str, detail: str, parameter: str = "") -> Refusal:
    """401 with its challenge."""
    challenge = 'Bearer realm="weboffice"' + (f", {parameter}" if parameter else "")
    return Refusal(401, code, detail, headers={"WWW-Authenticate": challenge})


class Tills:
    """Finds tills by token. Times in seconds, of `clock`.

    A till is asked for again after `fresh`; where PostgreSQL is away, it is served up to `stale` old. A token that is
    not known is asked for again after `unknown`, and kept apart, so that guesses push no till out. Remembers `size`
    tills at most.
    """

    def __init__(
        self,
        database: Database,
        *,
        fresh: float = 10.0,
        stale: float = 600.0,
        unknown: float = 1.0,
        size: int = 20_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._fresh, self._stale, self._unknown, self._size = fresh, stale, unknown, size
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[float, Till]] = OrderedDict()
        self._not_known: OrderedDict[bytes, float] = OrderedDict()

    async def find(self, token: str) -> Till:
        """The token's till. Raises `Refusal` 401 for an unknown token and `DatabaseAway` where nobody can tell."""
        key = digest(token)
        asked_at, till = self._known.get(key, (0.0, None))
        if till is not None and self._clock() - asked_at < self._fresh:
            return till
        if key in self._not_known and self._clock() - self._not_known[key] < self._unknown:
            raise _unknown_token()
        try:
            found = await self._database.ask(lambda connection: _of_token(connection, key))
        except DatabaseAway:
            if till is not None and self._clock() - asked_at < self._stale:
                return till
            raise
        if found is None:
            self._known.pop(key, None)
            _remember(self._not_known, key, self._clock(), size=1000)
            raise _unknown_token()
        self._not_known.pop(key, None)
        _remember(self._known, key, (self._clock(), found), self._size)
        return found


def _remember(cache: OrderedDict[bytes, V], key: bytes, value: V, size: int) -> None:
    cache[key] = value
    cache.move_to_end(key)
    while len(cache) > size:
        cache.popitem(last=False)


def _unknown_token() -> Refusal:
    return unauthorized("unknown_token", "the token is not known", 'error="invalid_token"')


async def _of_token(connection: Connection, key: bytes) -> Till | None:
    async with connection.cursor(row_factory=class_row(Till)) as cursor:
        await cursor.execute(_sql["till_of_token"], {"token_hash": key})
        return await cursor.fetchone()
