"""A store for a partition that is folded from its beginning by nobody else: it knows what it wrote.

Documents (sales, returns, moves) that were certainly not there before are not looked for; a Bloom filter of fixed size
says which. All other rows are kept in memory, so that a figure that a thousand sales move is written once, when the
transaction commits. Both bound the memory, whatever the size of the log. See docs/decisions for what it gains.
"""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import Connection
from psycopg.rows import TupleRow

from projections import bulk, keys
from projections.bloom import Bloom
from projections.readmodels import ReadModels
from projections.store import Store
from schemas.records import ContactForgotten, UploadRecord

KEPT_ROWS = 300_000
"""Most rows kept from one transaction to the next: about 100 MB."""
_DOCUMENTS = ("sales", "returns", "moves")
_ELSEWHERE = "forgotten"
"""Written by others too, so always read."""
_AT_ONCE = (*_DOCUMENTS, _ELSEWHERE)
_KEPT = ("outlet_totals", "daily", "hourly", "payments", "goods", "warehouses", "stock", "contacts")


class BulkStore(Store):
    """Begins with a partition's first record; after `reset` it is an ordinary store that keeps what it reads."""

    def __init__(self) -> None:
        self._seen: Bloom | None = Bloom()
        self._models = ReadModels()
        self._complete = True  # a key that is not kept has no row

    def reset(self) -> None:
        self._make_room()
        self._seen = None

    def _make_room(self) -> None:
        for name in _KEPT:
            getattr(self._models, name).clear()
        self._complete = False

    def load(
        self,
        connection: Connection[TupleRow],
        uploads: list[UploadRecord],
        forgotten: Iterable[ContactForgotten] = (),
    ) -> ReadModels:
        models = self._models
        for name in _AT_ONCE:
            getattr(models, name).clear()
        for name, wanted in keys.documents(uploads).items():
            maybe = {key for key in wanted if self._seen is None or self._seen.add((name, *key))}
            self.load_rows(connection, models, name, maybe)
        if self._complete:
            self.load_rows(connection, models, _ELSEWHERE, keys.contacts(uploads))
            return models
        for name, wanted in keys.touched(uploads, forgotten, models).items():
            table = getattr(models, name)
            self.load_rows(connection, models, name, {key for key in wanted if key not in table})
        return models

    def write(self, connection: Connection[TupleRow], models: ReadModels) -> None:
        for name in _AT_ONCE:
            self.write_table(connection, models, name)

    def write_table(self, connection: Connection[TupleRow], models: ReadModels, name: str) -> None:
        """New rows go in by COPY: nobody else writes into the generation, so what was not found cannot be there."""
        table = getattr(models, name)
        new, altered = table.changed()
        if name in bulk.LINES:
            bulk.copy(connection, name, new)
        else:
            altered += new
        self.upsert(connection, name, altered)
        table.settle()

    def flush(self, connection: Connection[TupleRow]) -> None:
        for name in _KEPT:
            self.write_table(connection, self._models, name)
        if sum(len(getattr(self._models, name)) for name in _KEPT) > KEPT_ROWS:
            self._make_room()
