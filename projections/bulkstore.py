"""A store for a partition that is folded from its beginning by nobody else: it knows what it wrote.

Documents (sales, returns, moves) that were certainly not there before go in by COPY and are not looked for; a Bloom
filter of fixed size says which. Other rows are kept between chunks, and read again only after they had to make room.
Both bound the memory, whatever the size of the log. See docs/decisions for what it gains.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import astuple
from psycopg import Connection
from psycopg.rows import TupleRow

from projections import keys
from projections.bloom import Bloom
from projections.readmodels import ReadModels
from projections.store import Store
from projections.table import Key
from schemas.records import ContactForgotten, UploadRecord
from schemas.statements import load as load_statements

KEPT_ROWS = 40_000
"""Most rows kept between chunks: some tens of megabytes."""
_DOCUMENTS = ("sales", "returns", "moves")
_ELSEWHERE = "forgotten"
"""Written by others too, so always read."""

_sql = load_statements("projections.sql", "bulk.sql")
_encoder = msgspec.json.Encoder()


class BulkStore(Store):
    """Begins with a partition's first record; after `reset` it is an ordinary store that keeps what it reads."""

    def __init__(self) -> None:
        self._seen: Bloom | None = Bloom()
        self._kept: dict[str, dict[Key, Any]] = {}
        self._complete = True  # a key that is not kept has no row

    def reset(self) -> None:
        self._make_room()
        self._seen = None

    def _make_room(self) -> None:
        self._kept.clear()
        self._complete = False

    def load(
        self,
        connection: Connection[TupleRow],
        uploads: list[UploadRecord],
        forgotten: Iterable[ContactForgotten] = (),
    ) -> ReadModels:
        models = ReadModels()
        for name, wanted in keys.documents(uploads).items():
            maybe = {key for key in wanted if self._seen is None or self._seen.add((name, *key))}
            self.load_rows(connection, models, name, maybe)
        for name, wanted in keys.touched(uploads, forgotten, models).items():
            if name == _ELSEWHERE:
                self.load_rows(connection, models, name, wanted)
            else:
                self._load_kept(connection, models, name, wanted)
        return models

    def _load_kept(self, connection: Connection[TupleRow], models: ReadModels, name: str, wanted: set[Key]) -> None:
        kept = self._kept.setdefault(name, {})
        getattr(models, name).load(kept[key] for key in wanted if key in kept)
        if not self._complete:
            self.load_rows(connection, models, name, {key for key in wanted if key not in kept})

    def write(self, connection: Connection[TupleRow], models: ReadModels) -> None:
        super().write(connection, models)
        for name, kept in self._kept.items():
            table = getattr(models, name)
            kept.update((table.key(row), row) for row in table.rows())
        if sum(map(len, self._kept.values())) > KEPT_ROWS:
            self._make_room()

    def write_rows(
        self, connection: Connection[TupleRow], models: ReadModels, name: str, changed: list[msgspec.Struct]
    ) -> None:
        if name in _DOCUMENTS:
            table = getattr(models, name)
            new = [row for row in changed if table.is_new(row)]
            changed = [row for row in changed if not table.is_new(row)]
            _copy(connection, name, new)
        if changed:
            super().write_rows(connection, models, name, changed)


def _copy(connection: Connection[TupleRow], name: str, rows: list[msgspec.Struct]) -> None:
    if not rows:
        return
    documents = [i for i, value in enumerate(astuple(rows[0])) if isinstance(value, list)]
    with connection.cursor() as cursor, cursor.copy(_sql[f"copy_{name}"]) as copy:
        for row in rows:
            values = list(astuple(row))
            for i in documents:
                values[i] = _encoder.encode(values[i]).decode()
            copy.write_row(values)
