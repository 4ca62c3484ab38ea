"""A Bloom filter: says of a key that it was certainly not added before, or that it may have been."""

from __future__ import annotations

from collections.abc import Hashable

_BITS = 1 << 26
"""8 MiB: of a million keys it takes 1 in 10,000 for one it had, of ten million 1 in 20."""
_MASK = _BITS - 1


class Bloom:
    """For use within a process: it goes by Python's own hash, of which it takes three bits' places."""

    def __init__(self) -> None:
        self._bits = bytearray(_BITS // 8)

    def add(self, key: Hashable) -> bool:
        """Adds a key; whether it may have been there already."""
        seen = True
        for bit in _places(key):
            if not self._bits[bit >> 3] & (1 << (bit & 7)):
                seen = False
                self._bits[bit >> 3] |= 1 << (bit & 7)
        return seen

    def __contains__(self, key: Hashable) -> bool:
        return all(self._bits[bit >> 3] & (1 << (bit & 7)) for bit in _places(key))


def _places(key: Hashable) -> tuple[int, int, int]:
    first = hash(key)
    step = (first >> 26) | 1
    return first & _MASK, (first + step) & _MASK, (first + 2 * step) & _MASK
