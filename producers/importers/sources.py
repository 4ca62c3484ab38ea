"""What a format is given: the files, and what is known of the outlet and of the source besides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from msgspec import Struct

from producers.importers.documents import Kind, Shop
from producers.importers.files import SourceFile
from producers.importers.questions import Answers


class Source(Struct, frozen=True):
    """The files of one import, or the address that is asked, from a day on."""

    files: Sequence[SourceFile]
    address: str = ""
    since: date | None = None


class Memory(Protocol):
    """What this import read before, and earlier ones."""

    def parts(self, kind: Kind, id_: str) -> list[dict[str, str]] | None: ...

    def ids(self, kind: Kind, beginning: str) -> list[str]: ...


class Context(Struct, frozen=True):
    """`counted_at` is the moment for counts of stock that have none of their own, by the file's digest; `stated_at`
    the one that the user states, for all of them. Aware."""

    shop: Shop
    answers: Answers
    memory: Memory
    counted_at: dict[str, datetime] = {}
    stated_at: datetime | None = None
