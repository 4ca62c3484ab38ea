"""Stops whoever can no longer fold what was folded before: that is a bug of ours, whoever sent what fails now.

A record that can't be read or folded is set aside, its run waits, and nobody else does. So it is with a thousand of
them: whoever sends what nobody ever could fold holds back himself alone. But a program that fails on records which were
folded before would drain the log into quarantine, and each outlet would have to be folded again. So nothing of such a
batch is committed: the worker ends, and ends again when restarted, until a program that can fold them takes over.

A worker in doubt folds its witnesses once more (`projections.apply.witnesses`). A replay has a better one: the live
generation, which holds the same records.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.apply.outcome import SetAside
from projections.generations import register
from projections.generations.register import Generation
from schemas.errors import WebOfficeError
from schemas.statements import load

_sql = load("projections.apply", "flood.sql")
_encoder = msgspec.json.Encoder()

ACCOUNTS = 2
"""A flood strikes at least so many: what one account sends is never one."""
RECORDS = 50
"""A replay ends after so many. A few it sets aside: the comparison then shows what became of them."""


class QuarantineFlood(WebOfficeError):
    """Records that were folded before can't be folded any more."""


class InDoubt(WebOfficeError):
    """Records are about to be set aside: it has to be seen first whether those of before can still be folded."""


class Doubt:
    """When a worker has to look: at its first record set aside, and whenever records or outlets are twice as many.

    So a flood costs a few looks, however long it is, and the first failure of somebody new is soon looked at.
    """

    def __init__(self) -> None:
        self._records = 0
        self._outlets: set[str | None] = set()
        self._next = (1, 1)
        self._raised: tuple[int, int] | None = None

    def of(self, aside: Sequence[SetAside]) -> None:
        """Counts what a transaction is about to set aside. Raises `InDoubt` where it is time to look."""
        outlets = self._outlets | {piece.outlet_id for piece in aside}
        records = self._records + len(aside)
        if records >= self._next[0] or len(outlets) >= self._next[1]:
            self._raised = records, len(outlets)
            raise InDoubt()
        self._records, self._outlets = records, outlets

    def settled(self) -> None:
        """It was looked at, and all is well with what was folded before."""
        if self._raised is not None:
            self._next = 2 * self._raised[0], 2 * self._raised[1]

    @property
    def outlets(self) -> list[str]:
        """Whose records were set aside so far."""
        return sorted(outlet for outlet in self._outlets if outlet)


class Regressions:
    """What a replay sets aside although the live generation folded it."""

    def __init__(self) -> None:
        self._accounts: set[str] = set()
        self._records = 0

    def of(self, connection: Connection[TupleRow], building: Generation, aside: Iterable[SetAside]) -> None:
        """Counts, in the caller's transaction, which is `building`'s. Raises `QuarantineFlood`."""
        rows = [piece for piece in aside if piece.run]
        if not rows:
            return
        register.use(connection, register.live(connection))
        found = connection.execute(_sql["folded_live"], {"rows": _encoder.encode(rows).decode()}).fetchall()
        register.use(connection, building)
        self._accounts.update(account for (account,) in found)
        self._records += len(found)
        if self._records >= RECORDS and len(self._accounts) >= ACCOUNTS:
            raise QuarantineFlood(
                f"{self._records} records that the live generation folded before, of {len(self._accounts)} accounts,"
                " can't be folded by this program; see docs/operations.md"
            )
