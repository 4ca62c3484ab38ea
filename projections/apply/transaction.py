"""What a transaction does with the records it takes in: decode, put in sequence, fold, park, set aside.

Works in the caller's transaction and generation. For each record, in log order, it is decided which pieces of uploads
have their turn; `projections.apply.chunks` folds them, in chunks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

import structlog
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.apply import chunks
from projections.apply.chunks import ParkedPiece, Turn
from projections.apply.outcome import Applied, SetAside
from projections.apply.witnesses import Notes
from projections.kinds.fold import Fold
from projections.kinds.pieces import Piece, PieceId
from projections.models import BOOKKEEPING
from projections.runs import state
from projections.runs.reading import Reading, run_id
from projections.runs.state import RunId, RunLedger
from projections.store.live import Store
from schemas.log import LogRecord
from schemas.records import (
    ContactForgotten,
    EventsDiscarded,
    GapGivenUp,
    LogAdopted,
    OutletRemoved,
    Unreadable,
    UploadRecord,
    encode,
)
from schemas.spans import Span, size
from schemas.statements import load as load_statements

log = structlog.get_logger(__name__)

_sql = load_statements("projections.apply", "engine.sql")


class Intake:
    """One transaction's way through its records.

    `broken` holds the pieces that failed to fold in an earlier try, with the traceback: they are set aside now. With
    `one_by_one`, each piece is folded and written alone, so that a failure (`FoldFailed`) names the piece at fault.
    `notes` is told what is folded.
    """

    def __init__(
        self,
        connection: Connection[TupleRow],
        store: Store,
        fold: Fold,
        broken: Mapping[PieceId, str],
        one_by_one: bool = False,
        notes: Notes | None = None,
    ) -> None:
        self.applied = Applied()
        self.set_aside: list[SetAside] = []
        """What went into quarantine."""
        self._connection = connection
        self._store = store
        self._fold = fold
        self._broken = broken
        self._one_by_one = one_by_one
        self._notes = notes
        self._turns: list[Turn] = []
        self._ledgers: dict[RunId, RunLedger] = {}
        self._removed: set[str] = set()
        self._parked_now: dict[PieceId, Piece] = {}  # read in this transaction, not (yet) released

    def take(self, records: Sequence[LogRecord]) -> set[str]:
        """Takes the records in; returns the outlets whose read models may have changed."""
        readings = [self._store.read(record) for record in records]
        self._ledgers = state.load(self._connection, [reading.run for reading in readings if reading.run])
        outlets = {reading.outlet for reading in readings if reading.outlet}
        found = self._connection.execute(_sql["removed_outlets"], {"outlets": sorted(outlets)})
        self._removed = {outlet for (outlet,) in found}
        self._set_aside_broken()
        for reading in readings:
            self.applied.records += 1
            self._sort_out(reading)
        self._fold_turns()
        for piece in self._parked_now.values():
            self._park(piece)
        state.write(self._connection, self._ledgers)
        return outlets

    def _sort_out(self, reading: Reading) -> None:
        match reading.content:
            case None | Unreadable():
                self._set_aside_unreadable(reading)
            case UploadRecord() as upload:
                self._take_upload(reading.record, upload)
            case GapGivenUp() as order:
                ledger = self._ledgers[run_id(order)]
                ledger.run.give_up((order.first_seq, order.last_seq))
                self._release(run_id(order), ledger)
            case EventsDiscarded() as order:
                self._discard(order)
            case ContactForgotten() as order:
                self._turns.append(order)
            case OutletRemoved() as order:
                self._remove_outlet(order)
            case LogAdopted():
                pass  # says where copying goes on; no row depends on it
            case _:
                assert_never(reading.content)

    def _take_upload(self, record: LogRecord, upload: UploadRecord) -> None:
        ledger = self._ledgers[run_id(upload)]
        self._replace_stubs(upload, ledger)
        for fresh in self._admit(upload.outlet, ledger, upload.first_seq, len(upload.events)):
            piece = Piece(chunks.cut(upload, fresh), record.partition, record.offset, record.timestamp)
            if reason := self._broken.get(piece.id):
                self._quarantine(record, run_id(upload), fresh, reason)
                ledger.run.quarantine(fresh)
            else:
                ledger.run.wait(fresh)
                self._parked_now[piece.id] = piece
        self._release(run_id(upload), ledger)

    def _admit(self, outlet: str, ledger: RunLedger, first: int, count: int) -> list[Span]:
        """Counts events just read and returns the spans of them that are new to the run."""
        ledger.read += count
        self.applied.read += count
        if outlet in self._removed:
            self._count_discarded(ledger, count)
            return []
        admission = ledger.run.admit((first, first + count - 1))
        ledger.duplicate += admission.duplicate
        self.applied.duplicate += admission.duplicate
        self._count_discarded(ledger, admission.discarded)
        return admission.fresh

    def _replace_stubs(self, upload: UploadRecord, ledger: RunLedger) -> None:
        """What a stub stood for came after all and can be read: the stub's events count as duplicates."""
        last = upload.first_seq + len(upload.events) - 1
        for piece, left in ledger.run.replace_stubs((upload.first_seq, last)):
            parts = {"first_seq": piece[0], "firsts": [of[0] for of in left], "lasts": [of[1] for of in left]}
            self._connection.execute(_sql["replace_stub"], {**_named(run_id(upload)), **parts})
            replaced = size(piece) - sum(map(size, left))
            ledger.duplicate += replaced
            self.applied.duplicate += replaced
            log.info("stub_replaced", run=run_id(upload), span=piece, left=left)

    def _release(self, of: RunId, ledger: RunLedger) -> None:
        for first, last in ledger.run.release():
            now = self._parked_now.pop((*of, first), None)
            self._turns.append(now or ParkedPiece((*of, first), size((first, last))))

    def _fold_turns(self) -> None:
        for piece, withdrawn in chunks.fold(self._connection, self._store, self._fold, self._turns, self._one_by_one):
            if self._notes is not None:
                self._notes.folded(piece)
            ledger = self._ledgers[piece.id[:3]]
            events = len(piece.upload.events)
            ledger.applied += events - withdrawn
            self.applied.applied += events - withdrawn
            self._count_discarded(ledger, withdrawn)
        self._turns = []

    def _set_aside_unreadable(self, reading: Reading) -> None:
        """Sets a record aside that only its headers speak for. What of it was read before is a duplicate."""
        stub = isinstance(reading.content, Unreadable)
        if reading.run is None:
            self._quarantine(reading.record, None, (0, -1), reading.fault, reading.outlet, stub=stub)
            return
        ledger = self._ledgers[reading.run]
        for span in self._admit(reading.run[0], ledger, reading.first_seq, reading.count):
            self._quarantine(reading.record, reading.run, span, reading.fault, stub=stub)
            ledger.run.quarantine(span, stub)

    def _discard(self, order: EventsDiscarded) -> None:
        ledger = self._ledgers[run_id(order)]
        pieces = ledger.run.discard((order.first_seq, order.last_seq))
        firsts = [first for first, _ in pieces]
        self._connection.execute(
            _sql["discard_quarantined"], {**_named(run_id(order)), "first_seqs": firsts, "reason": order.reason}
        )
        self._count_discarded(ledger, sum(map(size, pieces)))
        self._release(run_id(order), ledger)

    def _remove_outlet(self, order: OutletRemoved) -> None:
        """Deletes its rows; what waits or is set aside is discarded, and so is whatever comes later."""
        self._fold_turns()
        self._store.flush(self._connection)
        self._store.forget_outlet(order.outlet)
        self._parked_now = {key: piece for key, piece in self._parked_now.items() if key[0] != order.outlet}
        self._removed.add(order.outlet)
        self._ledgers = {**state.load_outlet(self._connection, order.outlet), **self._ledgers}
        for (outlet, _, _), ledger in self._ledgers.items():
            if outlet == order.outlet:
                held = [*ledger.run.waiting.items(), *ledger.run.quarantined.items()]
                self._count_discarded(ledger, sum(map(size, held)))
                ledger.run.waiting.clear()
                ledger.run.quarantined.clear()
        for each in (*BOOKKEEPING, *self._fold.projections):
            if remove := each.statements.get("remove"):
                self._connection.execute(remove, {"outlet": order.outlet})

    def _count_discarded(self, ledger: RunLedger, events: int) -> None:
        ledger.discarded += events
        self.applied.discarded += events

    def _set_aside_broken(self) -> None:
        """Pieces that waited in PostgreSQL and failed when their turn came go from `parked` to `quarantine`."""
        for (*of, first), fault in self._broken.items():
            outlet, till, run = of
            ledger = self._ledgers.get((outlet, till, run))
            if ledger is None or first not in ledger.run.waiting:
                continue
            span = (first, ledger.run.waiting.pop(first))
            ledger.run.quarantine(span)
            place = self._connection.execute(
                _sql["quarantine_parked"],
                {**_named((outlet, till, run)), "first_seq": first, **_said(fault)},
            ).fetchone()
            assert place is not None  # what waits stands there
            self.applied.quarantined += size(span)
            self.set_aside.append(SetAside(outlet, till, run, place[0], place[1], span[1]))

    def _park(self, piece: Piece) -> None:
        upload = piece.upload
        self._connection.execute(
            _sql["park"],
            {
                **_named(run_id(upload)),
                "first_seq": upload.first_seq,
                "last_seq": upload.first_seq + len(upload.events) - 1,
                "partition": piece.partition,
                "log_offset": piece.log_offset,
                "log_time": piece.log_time,
                "record": encode(upload),
            },
        )
        self.applied.parked += len(upload.events)

    def _quarantine(
        self,
        record: LogRecord,
        of: RunId | None,
        span: Span,
        fault: str,
        outlet: str | None = None,
        stub: bool = False,
    ) -> None:
        whose: Mapping[str, str | None] = _named(of) if of else {"outlet": outlet, "till": None, "run": None}
        self._connection.execute(
            _sql["quarantine"],
            {
                **whose,
                "partition": record.partition,
                "log_offset": record.offset,
                "first_seq": span[0],
                "last_seq": span[1],
                "log_time": record.timestamp,
                "stub": stub,
                **_said(fault),
            },
        )
        self.applied.quarantined += size(span)
        self.set_aside.append(
            SetAside(whose["outlet"], whose["till"], whose["run"], record.partition, record.offset, span[1])
        )
        log.error("quarantined", partition=record.partition, offset=record.offset, run=of, span=span)


def summary(fault: str) -> str:
    """The last line of a traceback: what went wrong."""
    return fault.strip().splitlines()[-1] if fault.strip() else "unknown"


def _said(fault: str) -> dict[str, str]:
    """A fault as PostgreSQL can hold it: its message may quote the very text that could not be written."""
    text = fault.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "backslashreplace").decode()
    return {"reason": summary(text), "traceback": text}


def _named(of: RunId) -> dict[str, str]:
    return dict(zip(("outlet", "till", "run"), of, strict=True))
