"""The topics of the log. Key of every record: the outlet id; the key decides the partition."""

from __future__ import annotations

from msgspec import Struct


class Topics(Struct, frozen=True):
    """Topic names under one prefix, so that several installations (and tests) can share a Kafka.

    `uploads`: what came in, with names of people in it; deleted after days. `events`: anonymised, kept for ever, the
    only thing ever replayed. `unreadable`: intake records that `anonymise` could not read, raw, until resolved.
    """

    prefix: str = ""

    @property
    def uploads(self) -> str:
        return f"{self.prefix}uploads"

    @property
    def events(self) -> str:
        return f"{self.prefix}events"

    @property
    def unreadable(self) -> str:
        return f"{self.prefix}unreadable"
