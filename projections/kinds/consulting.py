"""What of other rows goes into a document when it is applied, by keys that the document's declaration names.

What a sum takes from elsewhere (a good's cost) has to stand in the document, so that it can be taken off again.
Nothing is read but what was named: a row of which nobody knows whether it is stored raises `RowNotAsked`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from projections.kinds.documents import Consulting
from projections.kinds.past import PastTable
from projections.kinds.readmodels import ReadModels
from projections.kinds.table import Key, RowNotAsked, Table


class Consulted:
    """The rows that an event's completion may read."""

    __slots__ = ("_documents", "_models", "_past", "_stored", "outlet", "state", "till")

    def __init__(self, consulting: Consulting, models: ReadModels, outlet: str, till: str, stored: bool) -> None:
        """`stored` says that what the event replaces stood in PostgreSQL before this chunk."""
        self.state: Table[Any] = models.tables[consulting.state.name]
        self._past: PastTable[Any] | None = models.tables[consulting.past.name] if consulting.past else None
        self._stored = stored
        self.outlet = outlet
        self.till = till
        self._models = models
        self._documents = consulting.documents

    def then(self, key: tuple[str, ...], applied_no: int) -> Any:
        """The state's row as it was at a turn, if there was one. Raises `RowNotAsked` where that is not known."""
        row = self.state.get((self.outlet, *key))
        if row is None or row.applied_no < applied_no:
            return row
        assert self._past is not None  # the declaration names it
        return self._past.before((self.outlet, *key), applied_no, self._stored)

    def documents(self, of_id: str) -> Collection[Any]:
        """The documents of an id, one of each till at the most. Raises `RowNotAsked` where they are not known."""
        assert self._documents is not None  # the declaration names them
        found = self._models.consulted.get((self.outlet, of_id))
        if found is not None:
            return found.values()
        table = self._models.tables[self._documents.name]
        if not table.complete:
            raise RowNotAsked(f"the {self._documents.name} {of_id} were read, but not loaded")
        id_of = self._documents.id_of
        return [row for row in table.rows() if row.outlet_id == self.outlet and id_of(row) == of_id]


def asked(consulting: Consulting, uploads: Iterable[Any], event: type[Any]) -> set[Key]:
    """(outlet, id) of all documents that completing these uploads' events may read."""
    ids = consulting.ids
    if ids is None:
        return set()
    return {
        (upload.outlet, of_id)
        for upload in uploads
        for each in upload.events
        if isinstance(each, event)
        for of_id in ids(each)
    }
