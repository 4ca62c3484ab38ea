"""Folds witnesses once more, each on the live rows in a transaction that is rolled back: what was folded can be folded.

Folding again what stands there changes nothing, so a failure is this program's, or its tables'.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import localcontext

import psycopg
import structlog
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.apply import chunks
from projections.apply.flood import ACCOUNTS, QuarantineFlood
from projections.apply.outcome import FoldFailed
from projections.apply.witnesses import Seen, Witness
from projections.generations import register
from projections.kinds.pieces import Piece
from projections.models.versions import fold_of
from projections.runs.reading import read
from projections.store.live import Store
from schemas.log import LogRecord
from schemas.records import UploadRecord, origin
from schemas.statements import load

log = structlog.get_logger(__name__)

_sql = load("projections.apply", "witnesses.sql")


def check(connection: Connection[TupleRow], seen: Sequence[Seen]) -> None:
    """Raises `QuarantineFlood` where witnesses of several accounts can't be folded any more."""
    failed: list[tuple[Witness, str]] = []
    heard = 0
    for one in seen:
        if one.record is None or not _of(one.witness, one.record):
            continue  # the log lost it, or is another one
        try:
            fault = _fault(connection, one.witness, one.record)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            continue  # another worker is at that outlet
        heard += 1
        if fault:
            failed.append((one.witness, fault))
    accounts = {witness.account_id for witness, _ in failed}
    log.warning("folded_again", witnesses=heard, failed=len(failed), accounts=len(accounts))
    if len(accounts) >= ACCOUNTS:
        kinds = ", ".join(sorted({witness.kind for witness, _ in failed}))
        raise QuarantineFlood(
            f"{len(failed)} of {heard} records that were folded before can't be folded any more, of {len(accounts)}"
            f" accounts ({kinds}): {failed[0][1]}; stopped before setting aside more; see docs/operations.md"
        )


def _of(witness: Witness, record: LogRecord) -> bool:
    """Whether this is the record that the witness was noted of, as its headers say: not all can be decoded."""
    said = origin(record.headers, record.key)
    return (
        (said.outlet, said.till, said.run) == (witness.outlet_id, witness.till_id, witness.run)
        and said.first_seq <= witness.first_seq
        and witness.last_seq < said.first_seq + said.count
    )


def _fault(connection: Connection[TupleRow], witness: Witness, record: LogRecord) -> str:
    """What is wrong with folding a witness, empty where nothing is. Raises `psycopg.OperationalError`."""
    reading = read(record)
    if not isinstance(reading.content, UploadRecord):
        return reading.fault.strip().rpartition("\n")[2]
    part = chunks.cut(reading.content, (witness.first_seq, witness.last_seq))
    piece = Piece(part, record.partition, record.offset, record.timestamp)
    try:
        with connection.transaction(force_rollback=True), localcontext(prec=60):
            connection.execute(_sql["wait_a_moment"])
            live = register.hold_live(connection)
            register.use(connection, live)
            for _ in chunks.fold(connection, Store(), fold_of(live.projections), [piece], one_by_one=True):
                pass
    except FoldFailed as exc:
        return f"{type(exc.__cause__).__name__}: {exc.__cause__}".splitlines()[0]
    return ""
