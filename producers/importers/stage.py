"""The stage: everything that a source holds, each document once, read and checked before any of it is sent."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
from msgspec.structs import replace

from producers.importers.documents import BadRow, Document, Event, Fragment, Item, Kind, Note
from producers.importers.known import Known
from schemas.statements import load

_sql = {name: statement.decode() for name, statement in load("producers.importers", "stage.sql").items()}
_CHUNK = 500
_TIMELESS = frozenset(["good", "warehouse", "contact"])
"""Kinds for which `at` only says when they were looked at: the same at another time is nothing new."""

Rows = list[dict[str, str]]
Compose = Callable[[Kind, str, int, Rows], "Document | BadRow"]
"""Makes a document of its rows: kind, id, the number of its first row in the source, the rows."""
_ROUNDED = frozenset(["cost", "unit_cost", "unit_price"])
"""Fields of a row that are rounded from others. They tell no rows apart: a release may round them otherwise."""
BAD: Mapping[str, str] = {"bad": "1"}
"""The content of a row that can't be read: its document is not brought in, for it would not be whole."""


_encode = msgspec.json.Encoder().encode
_sorted = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder().decode


class Staged(NamedTuple):
    """A document as it lies on the stage."""

    document: Document
    digest: bytes


class Stage:
    """Documents in the order of their source. Counts notes and keeps bad rows, at most `_BAD_ROWS_MAX` of them."""

    def __init__(self, path: Path, known: Known) -> None:
        self._known = known
        self._db = sqlite3.connect(path, isolation_level=None)
        for script in ("settings", "tables"):
            self._db.executescript(_sql[script])
        self._db.execute("BEGIN")
        self.bad_rows: list[BadRow] = []
        self.notes: Counter[Note] = Counter()
        self._fragments = 0

    def put(self, item: Item) -> None:
        match item:
            case Document():
                self._add(item)
            case Fragment():
                content = _sorted(item.content)
                self._db.execute(_sql["add_fragment"], (item.kind, item.id, item.row, content, item.detail))
                self._fragments += 1
            case BadRow():
                self.bad_rows.append(item)
            case Note():
                self.notes[item] += 1

    def compose(self, compose: Compose) -> None:
        """Make the documents that are spread over rows; rows that were sent before and are not here belong to them."""
        if not self._fragments:
            return
        self._db.execute(_sql["index_fragments"])
        for kind, id_, _, detail in self._db.execute(_sql["fragmented"]).fetchall():
            fragments = self._db.execute(_sql["fragments"], (kind, id_, detail)).fetchall()
            rows: Rows = [_decode(content) for _, content in fragments]
            if BAD in rows:
                self.notes[Note("not_whole")] += 1
                continue
            before = self._known.document(kind, id_)
            if before and before.rows and before.detail == detail:
                rows = together(before.rows, rows)
            made = compose(kind, id_, fragments[0][0], rows)
            if isinstance(made, Document):
                self._add(replace(made, parts=rows))
            else:
                self.bad_rows.append(made)

    def parts(self, kind: Kind, id_: str) -> Rows | None:
        """What a document was made of, here or in an import before; None where it is not known."""
        row = self._db.execute(_sql["parts"], (kind, id_)).fetchone()
        if row:
            found: Rows = _decode(row[0] or b"null") or []
            return found
        before = self._known.document(kind, id_)
        return (before.rows or []) if before else None

    def ids(self, kind: Kind, beginning: str) -> list[str]:
        """The ids that begin so, here or in an import before."""
        here = self._db.execute(_sql["ids"], {"kind": kind, **_range(beginning)}).fetchall()
        return sorted({id_ for (id_,) in here} | set(self._known.ids(kind, **_range(beginning))))

    def documents(self) -> Iterator[Staged]:
        last = 0
        while chunk := self._db.execute(_sql["documents"], (last, _CHUNK)).fetchall():
            for number, kind, id_, row, once, detail, digest, events, rows in chunk:
                last = number
                parts = _decode(rows) if rows else None
                yield Staged(Document(kind, id_, _decode(events), row, bool(once), detail, parts), digest)

    def is_new(self, staged: Staged) -> bool:
        """Whether it differs from what was handed to the spool before."""
        document = staged.document
        before = self._known.document(document.kind, document.id)
        if before is None:
            return True
        if document.once or document.detail < before.detail or staged.digest == before.digest:
            return False
        return digest_before(document) != before.digest

    def _add(self, document: Document) -> None:
        digest = digest_of(document)
        events = _encode(document.events)
        rows = _encode(document.parts) if document.parts is not None else None
        kind, id_ = document.kind, document.id
        values = (kind, id_, document.row, document.once, document.detail, digest, events, rows)
        if self._db.execute(_sql["add"], values).rowcount:
            return
        before, row, once, detail = self._db.execute(_sql["staged"], (kind, id_)).fetchone()
        if once and document.once or detail > document.detail:
            return
        if detail < document.detail or once or document.latest:
            self._db.execute(_sql["replace"], (*values[2:3], *values[4:], kind, id_))
        elif before == digest:
            self.notes[Note("twice")] += 1
        else:
            bad = BadRow(document.row, "", document.id, "twice_different", {"row": str(row)})
            self.bad_rows.append(bad)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with closing(self._db):
            pass


def _range(beginning: str) -> dict[str, str]:
    return {"first": beginning, "past": beginning + "\U0010ffff"}


def digest_of(document: Document) -> bytes:
    """What tells two versions of a document apart."""
    return sha256(_sorted(_told(document))).digest()[:16]


def digest_before(document: Document) -> bytes:
    """The same up to 0.2.0, which wrote the JSON otherwise: of what was handed over then."""
    return sha256(json.dumps(_told(document), ensure_ascii=False, sort_keys=True).encode()).digest()[:16]


def _told(document: Document) -> list[object]:
    events: Sequence[Event] = document.events
    if document.kind in _TIMELESS:
        events = [{name: value for name, value in event.items() if name != "at"} for event in events]
    return [events, document.parts if not events else None]


def together(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> Rows:
    """The rows of a document from two files that overlap: each row as often as it is in the one that has it most."""

    def key(row: Mapping[str, Any]) -> str:
        told = {name: value for name, value in row.items() if name not in _ROUNDED}
        return json.dumps(told, ensure_ascii=False, sort_keys=True)

    there = Counter(map(key, before))
    rows = [dict(row) for row in before]
    for row in now:
        if there[key(row)]:
            there[key(row)] -= 1
        else:
            rows.append(dict(row))
    return rows
