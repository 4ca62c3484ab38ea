"""The part of a read model that a batch touches, held in memory: rows as stored, and as they will be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import astuple

R = TypeVar("R", bound=Struct)
Key = tuple[Any, ...]


class Table(Generic[R]):
    """Rows by primary key. `get` and `put` serve the folds; `changed` is what the store has to write."""

    def __init__(self, key_width: int) -> None:
        self._key_width = key_width
        self._stored: dict[Key, R] = {}
        self._rows: dict[Key, R] = {}

    def load(self, rows: Iterable[R]) -> None:
        """Adds rows as they stand in PostgreSQL."""
        for row in rows:
            key = self.key(row)
            self._stored[key] = self._rows[key] = row

    def key(self, row: R) -> Key:
        """The row's primary key: its first columns."""
        return astuple(row)[: self._key_width]

    def get(self, *key: Any) -> R | None:
        return self._rows.get(key)

    def put(self, *key: Any, row: R) -> None:
        self._rows[key] = row

    def rows(self) -> Iterable[R]:
        return self._rows.values()

    def changed(self) -> list[R]:
        """New and altered rows in key order, so that two writers never lock in opposite orders."""
        return [
            row for key, row in sorted(self._rows.items(), key=lambda item: item[0]) if self._stored.get(key) != row
        ]

    def is_new(self, row: R) -> bool:
        return self.key(row) not in self._stored
