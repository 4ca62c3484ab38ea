"""What a chunk does to sums, as documents: those that come to count, and those that no longer do.

A sum is linear: it does not matter in which order documents come on it and off it, nor whether that is done one by one
or for a whole chunk at once, in columns (`projections.store.columns`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field


class Delta(Struct):
    """Documents whose rows are added, and those whose rows are taken off."""

    on: list[Any] = field(default_factory=list)
    off: list[Any] = field(default_factory=list)


class Deltas:
    """Deltas of each kind of document, of those that stand and of those that were voided."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, bool], Delta] = {}

    def note(self, documents: str, voided: bool, was: Any, now: Any) -> None:
        """A document counts as it is `now`, no longer as it `was`; None: it does not count, or did not."""
        delta = self._noted.get((documents, voided))
        if delta is None:
            delta = self._noted[documents, voided] = Delta()
        if was is not None:
            delta.off.append(was)
        if now is not None:
            delta.on.append(now)

    def take(self) -> Iterator[tuple[str, bool, Delta]]:
        """What was noted since last time: the documents' name, whether voided, and which."""
        noted, self._noted = self._noted, {}
        for (documents, voided), delta in noted.items():
            yield documents, voided, delta

    def clear(self) -> None:
        self._noted.clear()
