"""What can be wrong between a topic and who remembers how far he read it. Pure; `examine` asks Kafka.

An offset means something in one log only. So a position names its log (the topic's id) and keeps a mark of the last
record done: a log that lost its end and grew again past the position has another record there.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Literal

from msgspec import Struct

Kind = Literal["missing", "replaced", "shorter", "rewritten", "hole"]


class Position(Struct, frozen=True):
    """The offset that comes next in a partition.

    `topic_id`: the topic's when it was last read, empty for a position from before ids were kept. `mark` is what is
    remembered of the record before, None where nothing is.
    """

    next_offset: int = 0
    topic_id: str = ""
    mark: Hashable = None


class Span(Struct, frozen=True):
    """What a topic holds of a partition: offsets `start` up to `end`, which comes next."""

    start: int
    end: int


class Fault(Struct, frozen=True):
    """A partition whose position does not fit its log: nobody may go on there before somebody has decided."""

    topic: str
    partition: int
    kind: Kind
    next_offset: int
    was_id: str = ""
    topic_id: str = ""
    start: int = 0
    end: int = 0

    @property
    def place(self) -> str:
        return f"{self.topic}/{self.partition}"

    def __str__(self) -> str:
        match self.kind:
            case "missing":
                return f"{self.place}: the topic is not there; {self.next_offset} records of it were worked through"
            case "replaced":
                what = "the log was replaced: it was deleted and made again" + (
                    f" (id {self.was_id} before, {self.topic_id} now)" if self.was_id else ""
                )
            case "shorter":
                what = "the log is shorter than what was worked through: its end is lost"
            case "rewritten":
                what = "the log lost its end and was written on: another record stands before the position"
            case "hole":
                return (
                    f"{self.place}: records were deleted before they were worked through:"
                    f" {self.next_offset} comes next, the log begins at {self.start}"
                )
        return f"{self.place}: {what}; {self.next_offset} comes next, the log holds {self.start} to {self.end}"


def judge(
    topic: str, partition: int, position: Position, topic_id: str, span: Span, mark: Hashable = None
) -> Fault | None:
    """The fault of a position, if any. `mark` is of the record before it as it is now, None where that is gone."""
    kind: Kind | None = None
    if position.topic_id and position.topic_id != topic_id:
        kind = "replaced"
    elif position.next_offset > span.end:
        kind = "shorter"
    elif None not in (position.mark, mark) and position.mark != mark:
        kind = "rewritten"
    elif position.next_offset < span.start:
        kind = "hole"
    if kind is None:
        return None
    return Fault(topic, partition, kind, position.next_offset, position.topic_id, topic_id, span.start, span.end)
