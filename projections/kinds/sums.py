"""Sums: one or more sources, a key and columns to add up, by name; and what each kind of document is flattened into.

A source makes rows of a document; whatever is derived (a day, a revenue) is a column of those rows, made once for all
sums that use it. A sum adds up, by key, the rows of each new document and takes off those of the one it replaces. So
replacing, replaying and retrying follow from adding and need no code here. What is stored is never read, only added to.
A key that was ever touched keeps its row, also at 0: else another cut into batches would leave other rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from projections.kinds import sumstatements
from projections.kinds.columns import Column, columns
from projections.kinds.compiled import compiled
from projections.kinds.copylines import copy_line
from projections.kinds.documents import Documents

D = TypeVar("D", bound=Struct)
S = TypeVar("S", bound=Struct)

Add = Callable[[dict[Any, Any], Iterable[Any]], None]
"""Adds a source's rows to, or takes them off, the rows of a sum by key."""


class Source(Generic[D, S]):
    """A flattening of documents into rows of one typed struct; of those that were voided, where it is said so."""

    def __init__(
        self, documents: Documents[Any, D], row: type[S], flatten: Callable[[D], Collection[S]], *, voided: bool = False
    ) -> None:
        self.voided = voided
        self.documents = documents
        self.row = row
        self.flatten = flatten
        self.columns = {column.name: column for column in columns(row)}

    def where(self, column: str, *values: object) -> Filtered:
        """Only the rows that have one of the values in the column."""
        if column not in self.columns:
            raise TypeError(f"{self.row.__name__} has no column {column} to filter by")
        return Filtered(self, column, values)


class Filtered(Struct, frozen=True):
    """A source and the rows of it that count."""

    source: Source[Any, Any]
    column: str
    values: tuple[object, ...]


class Feed(Struct, frozen=True):
    """One source of a sum, compiled: what adds its rows and what takes them off."""

    source: Source[Any, Any]
    only: tuple[str, tuple[object, ...]] | None
    add: Add
    take_off: Add


class Sums:
    """A projection that is nothing but sums. Names and types are checked here, when the program starts.

    Raises `TypeError` that names the column that is wrong. A sum that a source has not is 0 for its rows.
    """

    def __init__(
        self,
        name: str,
        *,
        version: int,
        sources: tuple[Source[Any, Any] | Filtered, ...],
        key: tuple[str, ...],
        sums: tuple[str, ...],
        continues: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.version = version
        self.continues = continues
        self.key = key
        self.key_width = len(key)
        self.sums = sums
        filtered = [_as_filtered(source) for source in sources]
        self.columns = _columns(name, [source for source, _ in filtered], key, sums)
        self.row = msgspec.defstruct(f"{name}_row", [(c.name, c.annotation) for c in self.columns], gc=False)
        self.feeds = tuple(self._feed(source, only) for source, only in filtered)
        self.statements = sumstatements.statements(name, self.columns, len(key))
        self.copy_line = copy_line(name, self.columns)

    def _feed(self, source: Source[Any, Any], only: tuple[str, tuple[object, ...]] | None) -> Feed:
        return Feed(source, only, self._compiled(source, only, "+"), self._compiled(source, only, "-"))

    def _compiled(self, source: Source[Any, Any], only: tuple[str, tuple[object, ...]] | None, sign: str) -> Add:
        """What adds (or takes off, by sign) each row of a source: the names are those of the columns checked above."""
        here = [name for name in self.sums if name in source.columns]
        first = ", ".join(f"{sign}r.{name}" if name in here else "zero" for name in self.sums)
        lines = [
            f"def add_{self.name}(rows, added):",
            "    for r in added:",
            *([f"        if r.{only[0]} not in wanted:", "            continue"] if only else []),
            f"        key = ({''.join(f'r.{name}, ' for name in self.key)})",
            "        row = rows.get(key)",
            "        if row is None:",
            f"            rows[key] = new(*key, {first})",
            "        else:",
            *[f"            row.{name} {sign}= r.{name}" for name in here],
        ]
        wanted = only[1] if only else ()
        function: Add = compiled(f"add_{self.name}", "\n".join(lines), new=self.row, zero=0, wanted=wanted)
        return function


def _as_filtered(
    source: Source[Any, Any] | Filtered,
) -> tuple[Source[Any, Any], tuple[str, tuple[object, ...]] | None]:
    return (source.source, (source.column, source.values)) if isinstance(source, Filtered) else (source, None)


def _columns(
    name: str, sources: list[Source[Any, Any]], key: tuple[str, ...], sums: tuple[str, ...]
) -> tuple[Column, ...]:
    if key[:1] != ("outlet_id",):
        raise TypeError(f"{name}: the key begins with {key[:1]}, not with outlet_id")
    for source in sources:
        for column in key:
            if column not in source.columns:
                raise TypeError(f"{name}: {source.row.__name__} has no column {column} of the key")
        if not any(column in source.columns for column in sums):
            raise TypeError(f"{name}: {source.row.__name__} has none of the sums {', '.join(sums)}")
    return tuple(_agreed(name, sources, column, summed=column in sums) for column in (*key, *sums))


def _agreed(name: str, sources: list[Source[Any, Any]], column: str, summed: bool) -> Column:
    """The column as all sources that have it say it is."""
    having = [source.columns[column] for source in sources if column in source.columns]
    if not having:
        raise TypeError(f"{name}: no source has a column {column}")
    if len(set(map(str, having))) > 1:
        raise TypeError(f"{name}: its sources differ in the type of {column}")
    if summed and having[0].postgres not in ("integer", "bigint", "numeric"):
        raise TypeError(f"{name}: {column} is {having[0].postgres}, which can't be added up")
    if having[0].optional:
        raise TypeError(f"{name}: {column} may be none")
    return having[0]
