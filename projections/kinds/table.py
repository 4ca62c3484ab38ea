"""The part of a projection that is held in memory: rows as stored, and as they will be.

A row that nobody asked for is not known: reading it raises. So a forgotten key is noticed by the first test that comes
by; None would mean that no such row is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import astuple

from schemas.errors import WebOfficeError

R = TypeVar("R", bound=Struct)
Key = tuple[Any, ...]


class RowNotAsked(WebOfficeError):
    """A fold reads a row whose key its projection does not name: nobody knows whether the row is stored."""


class Table(Generic[R]):
    """Rows by primary key. `get`, `put` and `open` serve the folds; the rest says what the store has to write.

    `adds` says that stored rows are not read: figures begin at 0 here and are added to what is stored.
    `complete` says that no row is stored but those held here.
    """

    def __init__(self, key_width: int) -> None:
        self.adds = False
        self.complete = False
        self._key_width = key_width
        self._asked: Collection[Key] = ()
        self._rows: dict[Key, R] = {}
        self._stored: set[Key] = set()
        self._changed: dict[Key, R] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: Key) -> bool:
        return key in self._rows

    def ask(self, keys: Collection[Key]) -> None:
        """The rows of these keys are those held or loaded; a key without one has no row."""
        self._asked = keys

    @property
    def asked(self) -> Collection[Key]:
        """The keys that were asked for last."""
        return self._asked

    def load(self, rows: Iterable[R]) -> None:
        """Adds rows as they stand in PostgreSQL."""
        for row in rows:
            key = self.key(row)
            self._rows[key] = row
            self._stored.add(key)

    def get(self, key: Key) -> R | None:
        """The row, or None where there is none. Raises `RowNotAsked` where that is not known."""
        row = self._rows.get(key)
        if row is None and not self.complete and key not in self._asked:
            raise RowNotAsked(f"the row {key} was read, but not loaded")
        return row

    def put(self, key: Key, row: R) -> None:
        self._rows[key] = self._changed[key] = row

    @property
    def altered(self) -> dict[Key, R]:
        """The rows that were put or opened since the last `settle`."""
        return self._changed

    def open(self, key: Key, new: Callable[..., R]) -> R:
        """The row of a running figure, to be altered in place; `new(*key)` where there is none yet.

        Raises `RowNotAsked` where it is not known whether there is one, unless it is only added to.
        """
        # Looked for among the changed ones first: most figures are moved many times before they are written, and
        # hashing a key takes longer than all the rest of this.
        row = self._changed.get(key)
        if row is None:
            row = self._rows.get(key)
            if row is None:
                if not (self.adds or self.complete or key in self._asked):
                    raise RowNotAsked(f"the row {key} was altered, but not loaded")
                row = self._rows[key] = new(*key)
            self._changed[key] = row
        return row

    def is_stored(self, key: Key) -> bool:
        """Whether the row of this key stands in PostgreSQL."""
        return key in self._stored

    def rows(self) -> Collection[R]:
        return self._rows.values()

    def changed(self) -> tuple[list[R], list[R]]:
        """Rows that are not stored yet, and stored ones that were altered; in key order, so that two writers never
        lock in opposite orders."""
        new: list[R] = []
        altered: list[R] = []
        for key in sorted(self._changed):
            (altered if key in self._stored else new).append(self._changed[key])
        return new, altered

    def settle(self) -> None:
        """What had changed is stored now."""
        self._stored |= self._changed.keys()
        self._changed.clear()

    def key(self, row: R) -> Key:
        return astuple(row)[: self._key_width]

    def shrink(self) -> list[Key]:
        """Keeps only the rows that `changed` gives; returns the keys let go. For between writing and `settle`."""
        gone = list(self._rows.keys() - self._changed.keys())
        for key in gone:
            del self._rows[key]
        self._stored.intersection_update(self._changed)
        return gone

    def forget_outlet(self, outlet: str) -> None:
        """Its rows are deleted: from now on there are none. The outlet stands first in every key."""
        for key in [key for key in self._rows if key[0] == outlet]:
            del self._rows[key]
            self._changed.pop(key, None)
        self._stored = {key for key in self._stored if key[0] != outlet}

    def clear(self) -> None:
        self._rows.clear()
        self._stored.clear()
        self._changed.clear()


class SumTable(Generic[R]):
    """What a batch adds to a sum: key → row of its own sums, never those that are stored."""

    def __init__(self) -> None:
        self.rows: dict[Key, R] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def in_order(self) -> list[R]:
        """By key, as all writers do."""
        return [self.rows[key] for key in sorted(self.rows)]

    def clear(self) -> None:
        self.rows.clear()
