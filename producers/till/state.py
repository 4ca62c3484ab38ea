"""What a spool remembers of itself, as its files hold it, and what it hands out."""

from __future__ import annotations

from msgspec import Raw, Struct


class Run(Struct, frozen=True):
    """One life of the spool. `through` is its last number once a later run has begun."""

    index: int
    run: str
    through: int | None = None


class Registry(Struct, frozen=True):
    """The content of `spool.json`."""

    version: int
    runs: list[Run]


class Withdrawn(Struct, frozen=True):
    """What takes the place of a refused event, under its number."""

    seq: int
    event: Raw


class Mark(Struct, frozen=True):
    """Progress of the run `index`, the oldest that is not yet acknowledged in full."""

    index: int
    acknowledged: int = 0
    sent_through: int = 0
    withdrawn: Withdrawn | None = None


class Stamp(Struct, frozen=True):
    """What is remembered of the spool outside of it."""

    run: str
    inode: int
    sent_through: int = 0


class Numbers(Struct, frozen=True):
    """The numbers that an append was given: `first`..`last` of `run`."""

    run: str
    first: int
    last: int


class Batch(Struct, frozen=True):
    """Events to send, as JSON."""

    run: str
    first_seq: int
    events: list[bytes]
