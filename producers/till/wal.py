"""Whether an SQLite log was damaged in its middle, which SQLite itself does not tell.

SQLite takes the first frame whose checksum is wrong for the end of its log: so ends a log that a power cut tore. Where
the medium changed a byte further in front, all commits behind it would be gone without a word. With
`synchronous=FULL` a commit is on the disk before the next one is begun. So frames of a later transaction behind a
whole commit behind the break say that the commit was on the disk, and was lost. The commit that was written last can't
be told from a torn one.

The format: https://sqlite.org/fileformat2.html#walformat
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

_HEADER, _FRAME_HEADER = struct.Struct(">8I"), struct.Struct(">6I")
_MAGIC, _WORD = 0xFFFFFFFE, 0xFFFFFFFF
_BIG_ENDIAN = 0x377F0683


class _Frame(NamedTuple):
    """`follows`: its checksum is right after the one that stands in the frame before it."""

    follows: bool
    commits: bool


def lost_commits(log: bytes) -> bool:
    """Whether the content of a `-wal` file says that commits that were on the disk are lost."""
    frames = _frames(log)
    for frame in frames:
        if not frame.follows:
            break
    committed = False
    for frame in frames:
        if frame.follows and committed and not frame.commits:
            return True
        committed = committed or (frame.follows and frame.commits)
    return False


def _frames(log: bytes) -> Iterator[_Frame]:
    """The frames of a log. Those that a former round left behind, by their salts, follow nothing."""
    if len(log) < _HEADER.size:
        return
    magic, _, page_bytes, _, *salts, first, second = _HEADER.unpack_from(log)
    words = f"{'>' if magic == _BIG_ENDIAN else '<'}{{}}I"
    if magic & _MAGIC != _BIG_ENDIAN & _MAGIC or (first, second) != _checksum(words, log[:24], 0, 0):
        return  # a header that was being written: what stands behind it is in the database
    for at in range(_HEADER.size, len(log) - _FRAME_HEADER.size - page_bytes + 1, _FRAME_HEADER.size + page_bytes):
        _, pages, *of_round, one, two = _FRAME_HEADER.unpack_from(log, at)
        follows = False
        if of_round == salts:
            summed = _checksum(words, log[at : at + 8], first, second)
            page = log[at + _FRAME_HEADER.size : at + _FRAME_HEADER.size + page_bytes]
            follows = (one, two) == _checksum(words, page, *summed)
        yield _Frame(follows, pages != 0)
        first, second = one, two


def _checksum(words: str, content: bytes, first: int, second: int) -> tuple[int, int]:
    numbers = struct.unpack(words.format(len(content) // 4), content)
    for one, two in zip(numbers[::2], numbers[1::2], strict=True):
        first = (first + one + second) & _WORD
        second = (second + two + first) & _WORD
    return first, second
