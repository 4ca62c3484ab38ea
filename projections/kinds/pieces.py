"""Parts of uploads on their way into a fold."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from schemas.records import UploadRecord

PieceId = tuple[str, str, str, int]
"""(outlet, till, run, first_seq) of a piece"""


class Piece(Struct, frozen=True):
    """A part of an upload that is new to its run, with where it was read."""

    upload: UploadRecord
    partition: int
    log_offset: int
    log_time: datetime

    @property
    def id(self) -> PieceId:
        return self.upload.outlet, self.upload.till, self.upload.run, self.upload.first_seq
