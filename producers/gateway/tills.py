"""Which till a token belongs to: asked of PostgreSQL, remembered for seconds, and for a minute while it is away."""

from __future__ import annotations

import base64
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
    """A till as it was when last asked for; ids are UUIDs as text, `zone` the outlet's IANA time zone.

    `day_begins` is the hour at which its days begin. `imported`: an importer made the till for itself.
    """

    till_id: str
    outlet_id: str
    zone: str
    day_begins: int
    imported: bool
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


def basic_token(authorization: str | None) -> str:
    """The token in an `Authorization` header of a program that knows a login and a password only: it is the password,
    whatever the login. Raises `Refusal` 401."""
    scheme, _, encoded = (authorization or "").strip().partition(" ")
    try:
        login, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        login = password = ""
    if scheme.lower() != "basic" or not (password or login).strip():
        challenge = {"WWW-Authenticate": 'Basic realm="weboffice"'}
        raise Refusal(401, "no_token", "Укажите ключ кассы как пароль", headers=challenge)
    return (password or login).strip()


def unauthorized(code: str, detail: str, parameter: str = "") -> Refusal:
    """401 with its challenge."""
    challenge = 'Bearer realm="weboffice"' + (f", {parameter}" if parameter else "")
    return Refusal(401, code, detail, headers={"WWW-Authenticate": challenge})


class Tills:
    """Finds tills by token. Times in seconds, of `clock`.

    A till is asked for again after `fresh`; where PostgreSQL is away, it is served up to `stale` old: so long may it be
    after a revocation that this gateway was not told of that its token is still good. A token that is
    not known is asked for again after `unknown`, and kept apart, so that guesses push no till out. Remembers `size`
    tills at most.
    """

    def __init__(
        self,
        database: Database,
        *,
        fresh: float = 10.0,
        stale: float = 60.0,
        unknown: float = 1.0,
        size: int = 20_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._fresh, self._stale, self._unknown, self._size = fresh, stale, unknown, size
        self._clock = clock
        self._fresh_since = float("-inf")
        self._known: OrderedDict[bytes, tuple[float, Till]] = OrderedDict()
        self._not_known: OrderedDict[bytes, float] = OrderedDict()

    def ask_again(self) -> None:
        """Of what is known nothing is fresh any more; it is still what is gone by while PostgreSQL is away."""
        self._fresh_since = self._clock()

    async def find(self, token: str) -> Till:
        """The token's till. Raises `Refusal` 401 for an unknown token and `DatabaseAway` where nobody can tell."""
        key = digest(token)
        asked_at, till = self._known.get(key, (0.0, None))
        asking_at = self._clock()
        if till is not None and asked_at > self._fresh_since and asking_at - asked_at < self._fresh:
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
        # Of the moment it was asked, or a revocation told meanwhile would be missed.
        _remember(self._known, key, (asking_at, found), self._size)
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
