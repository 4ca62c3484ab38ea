"""A Bloom filter: says of a key that it was certainly not added before, or that it may have been."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

from projections.kinds.table import Key

K = TypeVar("K", bound=Hashable)

_BITS = 1 << 26
"""8 MiB: of a million keys it takes 1 in 70 for one it had, of ten million 1 in 7."""
_MASK = _BITS - 1


class Bloom:
    """For use within a process: it goes by Python's own hash, of which it takes one bit's place.

    One, not several: a key taken for an old one costs a look into an index, together with all others of its batch; a
    second bit would cost every key a second miss of the processor's cache.
    """

    def __init__(self) -> None:
        self._bits = bytearray(_BITS // 8)

    def add(self, table: str, keys: Iterable[K]) -> set[K]:
        """Adds keys of a table; those of them that may have been there already."""
        bits, salt = self._bits, hash(table)
        seen = set()
        for key in keys:
            place = (hash(key) ^ salt) & _MASK
            byte, bit = bits[place >> 3], 1 << (place & 7)
            if byte & bit:
                seen.add(key)
            else:
                bits[place >> 3] = byte | bit
        return seen

    def may_hold(self, table: str, key: Key) -> bool:
        place = (hash(key) ^ hash(table)) & _MASK
        return bool(self._bits[place >> 3] & (1 << (place & 7)))
