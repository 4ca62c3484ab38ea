"""A small value kept durably and replaced often, without needing new space on the disk.

Two slots of one page each are written in turn: a power cut can tear only the one being written, and the other still
holds the value before it. Written in place, so that a mark can advance (and segments be deleted) on a full disk.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Generic, TypeVar
from zlib import crc32

import msgspec
from msgspec import Struct

from producers.till.disk import Disk, replace_durably
from producers.till.errors import SpoolDamaged

SLOT = 4096
T = TypeVar("T", bound=Struct)


class Slots(Generic[T]):
    """The file `path` holding one value of `kind`; `value` is the last one written durably."""

    def __init__(self, disk: Disk, path: Path, kind: type[T]) -> None:
        self.value: T
        self._disk, self._path, self._kind = disk, path, kind
        self._turn = 0
        self._fd: int | None = None

    def create(self, value: T) -> None:
        """Begin the file anew with `value`."""
        self.close()
        replace_durably(self._disk, self._path, _slot(0, value) * 2)
        self.load()

    def load(self) -> bool:
        """Read the file; False where there is none. Raises `SpoolDamaged` where neither slot can be read."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return False
        slots = [found for at in (0, SLOT) if (found := self._read(data[at : at + SLOT]))]
        if not slots:
            raise SpoolDamaged(f"{self._path.name} can't be read")
        self._turn, self.value = max(slots, key=lambda found: found[0])
        self._fd = self._disk.open(self._path, os.O_WRONLY)
        self._disk.sync(self._fd)  # what a killed process wrote may be in memory only, and is acted upon from now on
        return True

    def write(self, value: T) -> None:
        """Replace the value durably. After an error the old value stands, and the same slot is used next time."""
        assert self._fd is not None
        turn = self._turn + 1
        data, at = _slot(turn, value), turn % 2 * SLOT
        written = 0
        while written < SLOT:
            written += self._disk.write_at(self._fd, data[written:], at + written)
        self._disk.sync(self._fd)
        self._turn, self.value = turn, value

    def close(self) -> None:
        """Let the file go."""
        if self._fd is not None:
            self._disk.close(self._fd)
            self._fd = None

    def _read(self, slot: bytes) -> tuple[int, T] | None:
        checksum, _, payload = slot.rstrip().partition(b" ")
        if b"%08x" % crc32(payload) != checksum:
            return None
        try:
            return msgspec.json.decode(payload, type=tuple[int, self._kind])  # type: ignore[name-defined]
        except msgspec.MsgspecError:
            return None


def _slot(turn: int, value: Struct) -> bytes:
    payload = msgspec.json.encode((turn, value))
    line = b"%08x %b" % (crc32(payload), payload)
    if len(line) >= SLOT:
        raise ValueError(f"{len(line)} bytes do not fit a slot")
    return line.ljust(SLOT - 1) + b"\n"
