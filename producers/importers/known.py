"""What was handed to a spool before, kept beside it: so the same document is sent once, however often it is loaded.

It says what went into the spool, never what did not: a document is noted after the spool has it. Killed in between, the
document goes out once more, and replaces itself.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Self

from producers.importers.figures import Figures
from schemas.amounts import ZERO
from schemas.statements import load

_sql = {name: statement.decode() for name, statement in load("producers.importers", "stage.sql").items()}


class Sent(NamedTuple):
    """A document that was handed over; `rows` are what it was made of, where it was made of rows."""

    digest: bytes
    detail: int
    rows: list[dict[str, str]] | None


class Remembered(NamedTuple):
    """A document to note."""

    kind: str
    id: str
    digest: bytes
    detail: int
    rows: Sequence[Mapping[str, str]] | None
    figures: Figures | None


class Known:
    """The documents that were handed over, the first import of each file, and the answers; `folder` None: nothing."""

    def __init__(self, folder: Path | None) -> None:
        if folder:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._db = sqlite3.connect(folder / "imports.db" if folder else ":memory:", timeout=30)
        self._db.executescript(_sql["known_tables"])
        self._empty = not self._db.execute(_sql["any_known"]).fetchone()[0]

    def document(self, kind: str, id_: str) -> Sent | None:
        if self._empty:  # a first import: nothing to look up, for each of its documents
            return None
        row = self._db.execute(_sql["known"], (kind, id_)).fetchone()
        return Sent(row[0], row[1], json.loads(row[2]) if row[2] else None) if row else None

    def ids(self, kind: str, first: str, past: str) -> list[str]:
        rows = self._db.execute(_sql["ids"], {"kind": kind, "first": first, "past": past}).fetchall()
        return [id_ for (id_,) in rows]

    def remember(self, documents: Iterable[Remembered]) -> None:
        self._empty = False
        with self._db:
            self._db.executemany(_sql["remember"], map(_row, documents))

    def day(self, day: str) -> tuple[int, Decimal]:
        """Sales and revenue of a day, of all documents that were handed over."""
        rows = self._db.execute(_sql["known_day"], (day,)).fetchall()
        return sum(sales for sales, _ in rows), sum((Decimal(revenue) for _, revenue in rows), ZERO)

    def first_import(self, digest: str, now: datetime) -> datetime:
        """When a file was imported first; `now`, where it never was (nothing is noted yet)."""
        row = self._db.execute(_sql["first_at"], (digest,)).fetchone()
        return datetime.fromisoformat(row[0]) if row else now

    def note_import(self, digest: str, at: datetime) -> None:
        with self._db:
            self._db.execute(_sql["keep_first_at"], (digest, at.isoformat()))

    def answers(self, format_name: str) -> dict[str, Any]:
        row = self._db.execute(_sql["answers"], (format_name,)).fetchone()
        answers: dict[str, Any] = json.loads(row[0]) if row else {}
        return answers

    def keep_answers(self, format_name: str, answers: dict[str, Any]) -> None:
        with self._db:
            self._db.execute(_sql["keep_answers"], (format_name, json.dumps(answers, ensure_ascii=False)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with closing(self._db):
            pass


def _row(document: Remembered) -> tuple[object, ...]:
    figures = document.figures
    rows = json.dumps(document.rows, ensure_ascii=False) if document.rows is not None else None
    amounts = (figures.day, figures.sales, str(figures.revenue)) if figures else (None, None, None)
    return (document.kind, document.id, document.digest, document.detail, rows, *amounts)
