"""The rows of one generation's projections, as far as a batch reads or changes them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar, overload

from msgspec import Struct

from projections.kinds.deltas import Deltas
from projections.kinds.documents import Documents
from projections.kinds.levels import Levels, LevelTable
from projections.kinds.once import Twins
from projections.kinds.past import Past, PastTable
from projections.kinds.states import Counter, Register, States
from projections.kinds.sums import Sums
from projections.kinds.table import Key, SumTable, Table

R = TypeVar("R", bound=Struct)
Projection = Documents[Any, Any] | Sums | States[Any] | Levels[Any] | Counter[Any]


class ReadModels:
    """One table for each projection and register, by name or by declaration."""

    def __init__(self, held: Collection[Projection | Register[Any]]) -> None:
        self.tables: dict[str, Any] = {each.name: _table(each) for each in held}
        self.twins = {each.name: Twins() for each in held if isinstance(each, Documents) and each.once}
        self.consulted: dict[Key, dict[str, Any]] = {}
        """(outlet, id) → till → document, of those that others may read (`projections.kinds.consulting`)"""
        self.deltas: Deltas | None = None
        """Where documents are noted for sums that are added up in columns; None: row by row, into `tables`."""
        self.turns: list[int] = []
        """The numbers of events that are folded elsewhere, in their order."""

    @overload
    def __getitem__(self, projection: Sums) -> SumTable[Any]: ...
    @overload
    def __getitem__(self, projection: Past[R]) -> PastTable[R]: ...
    @overload
    def __getitem__(self, projection: Levels[R]) -> LevelTable[R]: ...
    @overload
    def __getitem__(self, projection: Documents[Any, R] | States[R] | Counter[R] | Register[R]) -> Table[R]: ...
    def __getitem__(self, projection: Projection | Register[Any]) -> SumTable[Any] | Table[Any]:
        found: SumTable[Any] | Table[Any] = self.tables[projection.name]
        return found


def _table(held: Projection | Register[Any]) -> SumTable[Any] | Table[Any]:
    match held:
        case Sums():
            return SumTable()
        case Past():
            return PastTable(held.key_width)
        case Levels():
            return LevelTable(held.key_width)
        case _:
            return Table(held.key_width)
