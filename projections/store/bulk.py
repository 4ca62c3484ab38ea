"""A store for a partition that is folded from its beginning by nobody else: it knows what it wrote.

Documents (sales, returns, moves) that were certainly not there before are not looked for; a Bloom filter of fixed size
says which. All other rows are kept in memory, so that a figure that a thousand sales move is written once, when the
transaction commits; only figures of days are written and let go as the log moves on, and all of them where they are too
many. The filter remembers what was let go. So the memory does not grow with the log. See docs/decisions.
"""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import Connection
from psycopg.rows import TupleRow

from projections.models import keys
from projections.models.readmodels import ReadModels
from projections.models.table import Key
from projections.store import copytext
from projections.store.bloom import Bloom
from projections.store.live import Store
from schemas.records import ContactForgotten, UploadRecord

KEPT_ROWS = 150_000
"""Most rows kept beside those of the batch in hand: about 60 MB. Goods decide how many there are."""
DAY_ROWS = 10_000
"""Of those, most figures of days: a log moves on from day to day, so they would be as many as it has days."""
_DAYS = ("daily", "hourly", "payments")
"""Nothing but sums: they are never asked for, only added to."""
_DOCUMENTS = ("sales", "returns", "moves")
_ELSEWHERE = "forgotten"
"""Written by others too, so always read."""
_AT_ONCE = (*_DOCUMENTS, _ELSEWHERE)
_READ = ("outlet_totals", "goods", "warehouses", "stock", "contacts")
_KEPT = (*_DAYS, *_READ)


class BulkStore(Store):
    """Begins with a partition's first record; after `reset` it is an ordinary store that keeps what it reads."""

    def __init__(self) -> None:
        self._seen: Bloom | None = Bloom()
        """Documents that were written and other rows that were let go; None: whatever is not kept is looked for."""
        self._models = ReadModels()
        self._complete = True  # a key that is not kept has no row

    def reset(self) -> None:
        for name in _KEPT:
            getattr(self._models, name).clear()
        self._complete = False
        self._seen = None

    def load(
        self,
        connection: Connection[TupleRow],
        uploads: list[UploadRecord],
        forgotten: Iterable[ContactForgotten] = (),
    ) -> ReadModels:
        models = self._models
        for name in _AT_ONCE:
            getattr(models, name).clear()
        if self.kept(_KEPT) > KEPT_ROWS:
            self._let_go(connection, _KEPT)
            self._complete = False
        elif self.kept(_DAYS) > DAY_ROWS:
            self._let_go(connection, _DAYS)
        for name in _READ:
            getattr(models, name).complete = self._complete
        for name, wanted in keys.documents(uploads).items():
            getattr(models, name).ask(wanted)
            self._load(connection, models, name, wanted if self._seen is None else self._seen.add(name, wanted))
        if self._complete:
            self.load_rows(connection, models, _ELSEWHERE, keys.contacts(uploads))
            return models
        for name, wanted in keys.touched(uploads, forgotten, models).items():
            table = getattr(models, name)
            table.ask(wanted)
            missing = {key for key in wanted if key not in table and self._to_be_read(name, key)}
            self._load(connection, models, name, missing)
        return models

    def kept(self, names: Iterable[str]) -> int:
        """How many rows of these tables it holds."""
        return sum(len(getattr(self._models, name)) for name in names)

    def _to_be_read(self, name: str, key: Key) -> bool:
        """Whether a row that is not kept may be in the database, and matters."""
        if self._seen is None or name == _ELSEWHERE:
            return True
        return self._seen.may_hold(name, key)

    def _let_go(self, connection: Connection[TupleRow], names: Iterable[str]) -> None:
        """Writes what changed; lets go of figures of days, and of other rows that did not change since last time."""
        for name in names:
            table = getattr(self._models, name)
            self._write_rows(connection, name)
            gone = list(table.keys()) if name in _DAYS else table.shrink()
            if self._seen is not None:
                self._seen.add(name, gone)
            if name in _DAYS:
                table.clear()  # what they hold is no longer all of a figure
            table.settle()

    def write(self, connection: Connection[TupleRow], models: ReadModels) -> None:
        for name in _AT_ONCE:
            self._write_rows(connection, name)
            getattr(models, name).settle()

    def flush(self, connection: Connection[TupleRow]) -> None:
        self._let_go(connection, _DAYS)
        for name in _KEPT:
            self._write_rows(connection, name)
            getattr(self._models, name).settle()

    def _write_rows(self, connection: Connection[TupleRow], name: str) -> None:
        """New rows go in by COPY: nobody else writes into the generation, so what was never written cannot be there."""
        table = getattr(self._models, name)
        new, altered = table.changed()
        if name in _DAYS:
            again = new if self._seen is None else [row for row in new if self._seen.may_hold(name, table.key(row))]
            self.upsert(connection, name, again, "add")
            if again:
                new = [row for row in new if self._seen and not self._seen.may_hold(name, table.key(row))]
        if name in copytext.LINES:
            copytext.copy(connection, name, new)
        else:
            altered += new
        self.upsert(connection, name, altered)
