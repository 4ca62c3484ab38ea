"""The rows of one generation's projections, as far as a batch reads or changes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, overload

from msgspec import Struct

from projections.kinds.documents import Documents
from projections.kinds.states import Counter, Register, States
from projections.kinds.sums import Sums
from projections.kinds.table import SumTable, Table

R = TypeVar("R", bound=Struct)
Projection = Documents[Any, Any] | Sums | States[Any] | Counter[Any]


class ReadModels:
    """One table for each projection and register, by name or by declaration."""

    def __init__(self, held: Iterable[Projection | Register[Any]]) -> None:
        self.tables: dict[str, Any] = {
            each.name: SumTable() if isinstance(each, Sums) else Table(each.key_width) for each in held
        }

    @overload
    def __getitem__(self, projection: Sums) -> SumTable[Any]: ...
    @overload
    def __getitem__(self, projection: Documents[Any, R] | States[R] | Counter[R] | Register[R]) -> Table[R]: ...
    def __getitem__(self, projection: Projection | Register[Any]) -> SumTable[Any] | Table[Any]:
        found: SumTable[Any] | Table[Any] = self.tables[projection.name]
        return found
