"""One append to the spool is one line of a segment: a checksum, and the events with their first number.

A line is either wholly there or not there at all, so an append of many events is accepted as one. `sources` says how
far which file has been read (`weboffice upload`); standing in the same line as the events, it can't disagree with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import msgspec
from msgspec import Raw, Struct


class Source(Struct, frozen=True):
    """How far a file of events was taken over: bytes (unpacked) from its start, and their SHA-256."""

    offset: int
    digest: str


class Frame(Struct, frozen=True):
    """Events numbered `seq`, `seq`+1, … A segment's first frame holds no events, but all sources so far."""

    seq: int
    events: list[Raw]
    sources: dict[str, Source] = {}

    @property
    def end(self) -> int:
        """The number after the last one."""
        return self.seq + len(self.events)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Frame)


def encode(frame: Frame) -> bytes:
    """The frame as a line of a segment."""
    payload = _encoder.encode(frame)
    return b"%08x %b\n" % (crc32(payload), payload)


def decode(line: bytes) -> Frame | None:
    """The frame of a line, or None for a torn or altered one."""
    if len(line) < 10 or line[8:9] != b" " or not line.endswith(b"\n"):
        return None
    payload = line[9:-1]
    if b"%08x" % crc32(payload) != line[:8]:
        return None
    try:
        return _decoder.decode(payload)
    except msgspec.MsgspecError:
        return None


def scan(data: bytes) -> Iterator[tuple[int, Frame | None]]:
    """The frames of a segment with the offset where each ends; None for a line that is none."""
    start = 0
    while start < len(data):
        newline = data.find(b"\n", start)
        end = newline + 1 if newline >= 0 else len(data)
        yield end, decode(data[start:end])
        start = end
