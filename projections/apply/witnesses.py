"""Remembers, for each outlet and kind of event, an upload that was folded, to be folded once more in doubt.

What a witness holds was certainly folded: it is noted in the transaction that folds it. Anything else that stands in
the log may be a duplicate with other content, which nobody ever folded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from operator import itemgetter

import msgspec
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from projections.kinds.pieces import Piece
from schemas.log import LogRecord
from schemas.statements import load

_sql = load("projections.apply", "witnesses.sql")
_encoder = msgspec.json.Encoder()

_RENEWED_AFTER = timedelta(hours=1)
"""By the log's clock: a witness should have what tills send nowadays, and costs a row."""
_NOTED_MOST = 100_000
ACCOUNTS_PER_KIND = 8
"""So many accounts bear witness for a kind of event."""


class Witness(Struct, frozen=True):
    """Numbers `first_seq` to `last_seq` of a run were folded from the record at `log_offset`; see app.witnesses."""

    account_id: str
    outlet_id: str
    kind: str
    till_id: str
    run: str
    first_seq: int
    last_seq: int
    partition: int | None
    log_offset: int


class Seen(Struct, frozen=True):
    """A witness with its record as it stands in the log now; None where there is none any more."""

    witness: Witness
    record: LogRecord | None


LookBack = Callable[[Sequence[Witness]], Sequence[Seen]]
"""Reads the records of witnesses in the log."""


class Notes:
    """Of one worker: what it folds, noted for each outlet and kind of event now and then."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, str], datetime] = {}
        self._due: dict[tuple[str, str], Piece] = {}

    def begin(self) -> None:
        """A transaction begins; what an earlier one has not written was not folded after all."""
        self._due = {}

    def folded(self, piece: Piece) -> None:
        """The transaction has folded a piece."""
        for kind in {str(event.__struct_config__.tag) for event in piece.upload.events}:
            key = piece.upload.outlet, kind
            noted = self._noted.get(key)
            if noted is None or piece.log_time - noted >= _RENEWED_AFTER:
                self._due[key] = piece

    def write(self, connection: Connection[TupleRow]) -> None:
        """Writes what is due, in the transaction, in key order as all writers do."""
        if not self._due:
            return
        rows = [_row(kind, piece) for (_, kind), piece in sorted(self._due.items(), key=itemgetter(0))]
        connection.execute(_sql["note"], {"rows": _encoder.encode(rows).decode()})
        if len(self._noted) > _NOTED_MOST:
            self._noted.clear()
        self._noted.update((key, piece.log_time) for key, piece in self._due.items())


def _row(kind: str, piece: Piece) -> dict[str, object]:
    outlet, till, run, first = piece.id
    return {
        "outlet_id": outlet,
        "kind": kind,
        "till_id": till,
        "run": run,
        "first_seq": first,
        "last_seq": first + len(piece.upload.events) - 1,
        "partition": piece.partition,
        "log_offset": piece.log_offset,
        "log_time": piece.log_time,
    }


def sample(connection: Connection[TupleRow], outlets: Sequence[str]) -> list[Witness]:
    """Some witnesses of each kind of event, one an account; first of all of the accounts of `outlets`."""
    with connection.cursor(row_factory=class_row(Witness)) as cursor:
        return cursor.execute(_sql["sample"], {"outlets": outlets, "accounts": ACCOUNTS_PER_KIND}).fetchall()
