"""What the engine says of a batch: its events, counted, or the fault that stopped it."""

from __future__ import annotations

from msgspec import Struct

from projections.kinds.pieces import PieceId
from schemas.errors import WebOfficeError


class Applied(Struct):
    """What became of a batch, in events; `records` is how many log records were new to the read models."""

    records: int = 0
    read: int = 0
    applied: int = 0
    duplicate: int = 0
    parked: int = 0
    quarantined: int = 0
    discarded: int = 0

    def add(self, other: Applied) -> None:
        for field in self.__struct_fields__:
            setattr(self, field, getattr(self, field) + getattr(other, field))


class SetAside(Struct, frozen=True):
    """A piece that goes into quarantine: whose it is, as far as that is known, its record and its last number."""

    outlet_id: str | None
    till_id: str | None
    run: str | None
    partition: int
    log_offset: int
    last_seq: int


class PositionConflict(WebOfficeError):
    """The records do not go on where the stored position of their partition is."""


class FoldFailed(WebOfficeError):
    """A piece of an upload could not be folded or written; the cause is chained.

    `piece` is the one at fault where pieces were folded one by one, else the first of the chunk.
    """

    def __init__(self, piece: PieceId) -> None:
        super().__init__(f"events from {piece[3]} on of run {piece[2]} could not be folded")
        self.piece = piece
