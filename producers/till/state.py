"""What a spool remembers of itself, and what it hands out."""

from __future__ import annotations

from typing import NamedTuple


class Run(NamedTuple):
    """One life of the spool: its event number n has the id `base` + n, and the greatest id is `last`."""

    number: int
    run: str
    base: int
    last: int

    @property
    def through(self) -> int:
        """The greatest event number."""
        return self.last - self.base


class Stamp(NamedTuple):
    """What is remembered of the spool outside of it: the run, its folder's inode, how far it may have been sent."""

    run: str
    inode: str
    sent_through: int


class Source(NamedTuple):
    """How far a file of events was taken over: bytes (unpacked) from its start, and their SHA-256."""

    offset: int
    digest: str


class Numbers(NamedTuple):
    """The numbers that an append was given: `first`..`last` of `run`."""

    run: str
    first: int
    last: int


class Batch(NamedTuple):
    """Events to send, as JSON."""

    run: str
    first_seq: int
    events: list[bytes]
