"""Folds what has its turn, in order and in chunks: each chunk reads its rows, folds them in memory and writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec
import psycopg
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.apply.outcome import FoldFailed
from projections.kinds.fold import Fold
from projections.kinds.pieces import Piece, PieceId
from projections.store.live import Store
from schemas.records import ContactForgotten, UploadRecord, decode
from schemas.spans import Span
from schemas.statements import load as load_statements

CHUNK = 5_000
"""Most events that are folded with one read and one write, a bound for memory."""

_sql = load_statements("projections.apply", "engine.sql")


class ParkedPiece(Struct, frozen=True):
    """A piece that waits in PostgreSQL until it is taken out."""

    id: PieceId
    events: int


Turn = Piece | ParkedPiece | ContactForgotten


def cut(upload: UploadRecord, span: Span) -> UploadRecord:
    """The part of an upload with the numbers of `span`."""
    start, end = span[0] - upload.first_seq, span[1] + 1 - upload.first_seq
    if start == 0 and end == len(upload.events):
        return upload
    return msgspec.structs.replace(upload, first_seq=span[0], events=upload.events[start:end])


def fold(
    connection: Connection[TupleRow], store: Store, folding: Fold, turns: Sequence[Turn], one_by_one: bool
) -> Iterator[tuple[Piece, int]]:
    """Folds and writes the turns in order; yields each piece folded with the number of its withdrawn events.

    Raises `FoldFailed` for content that can't be folded or written, `psycopg.OperationalError` where PostgreSQL fails.
    """
    for chunk in _chunks(turns, 1 if one_by_one else CHUNK):
        taken = [_take(connection, turn) if isinstance(turn, ParkedPiece) else turn for turn in chunk]
        pieces = [turn for turn in taken if isinstance(turn, Piece)]
        try:
            yield from store.fold(connection, folding, taken)
        except psycopg.errors.ProgramLimitExceeded as exc:  # an operational error by name, the content's by nature
            if not pieces:
                raise
            raise FoldFailed(pieces[0].id) from exc
        except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.IdleInTransactionSessionTimeout):
            raise
        except Exception as exc:  # whatever a fold can raise is the piece's fault, never to be passed over
            if not pieces:
                raise
            raise FoldFailed(pieces[0].id) from exc


def _take(connection: Connection[TupleRow], parked: ParkedPiece) -> Piece:
    outlet, till, run, first = parked.id
    row = connection.execute(
        _sql["take_parked"], {"outlet": outlet, "till": till, "run": run, "first_seq": first}
    ).fetchone()
    if row is None:
        raise LookupError(f"nothing is parked at {first} of run {run}")
    upload = decode(row[3])
    assert isinstance(upload, UploadRecord)  # only those are ever parked
    return Piece(upload, row[0], row[1], row[2])


T = TypeVar("T", bound=Turn)


def _chunks(turns: Iterable[T], most: int) -> Iterator[list[T]]:
    chunk: list[T] = []
    events = 0
    for turn in turns:
        match turn:
            case Piece():
                size = len(turn.upload.events)
            case ParkedPiece():
                size = turn.events
            case _:
                size = 1
        if chunk and events + size > most:
            yield chunk
            chunk, events = [], 0
        chunk.append(turn)
        events += size
    if chunk:
        yield chunk
