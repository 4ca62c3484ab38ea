"""Documents of which one counts, whatever tills they are from: those that say the same numbers (fiscal ones).

All of them are kept. One stands for them; the others are copies and leave every figure, as voided ones do. A till's own
document stands before an imported one, also where it was voided: its till knows. Else one that was not voided stands
before one that was, and the earlier before the later. So it follows from the documents alone which one it is, and a
copy may come to count.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from projections.kinds.table import Key, RowNotAsked, Table

Numbers = tuple[str, str]
Put = Callable[[Any, Key, Any, Any], Any]
"""Puts a document in its place, with all that follows: `put(models, key, old, new)` gives the row as it is then."""


class Once(Struct, frozen=True):
    """How the numbers of a document are read, off its event and off its row; None where it says none.

    The row has `imported` and `fiscal_copy` beside `void` and `applied_no`.
    """

    of_event: Callable[[Any], Numbers | None]
    of_row: Callable[[Any], Numbers | None]


class Twins:
    """Which documents of a chunk say which numbers: (outlet, *numbers) → their keys."""

    def __init__(self) -> None:
        self._keys: dict[Key, set[Key]] = {}
        self._asked: Collection[Key] = ()

    def begin(self, once: Once, table: Table[Any], asked: Collection[Key]) -> None:
        """The documents of the numbers `asked` are in the table, beside others."""
        self._keys.clear()
        self._asked = asked
        for row in table.rows():
            self.add(once, table.key(row), row)

    def add(self, once: Once, key: Key, row: Any) -> None:
        if (numbers := once.of_row(row)) is not None:
            self._keys.setdefault((row.outlet_id, *numbers), set()).add(key)

    def of(self, once: Once, table: Table[Any], outlet: str, numbers: Numbers) -> dict[Key, Any]:
        """The documents that say these numbers now, by key. Raises `RowNotAsked` where they are not known."""
        if not table.complete and (outlet, *numbers) not in self._asked:
            raise RowNotAsked(f"the documents of {numbers} were read, but not loaded")
        rows = {key: table.get(key) for key in self._keys.get((outlet, *numbers), ())}
        return {key: row for key, row in rows.items() if row is not None and once.of_row(row) == numbers}


def standing(rows: Iterable[Any]) -> Any:
    """The one that stands for all of them."""
    return min(rows, key=lambda row: (row.imported, row.void is not None, row.applied_no))


def put_once(name: str, once: Once, put: Put, changed: Callable[..., None]) -> Put:
    """As `put`, for documents of which one counts: others of the same numbers come to count, or no longer do.

    `changed(models, old, new, contents)` is what the change of a document makes of the figures.
    """
    numbers_of = once.of_row

    def put_one(models: Any, key: Key, old: Any, new: Any) -> Any:
        numbers, before = numbers_of(new), None if old is None else numbers_of(old)
        if numbers is None and before is None:
            return put(models, key, old, new)
        table, twins = models.tables[name], models.twins[name]
        table.put(key, new)
        twins.add(once, key, new)
        groups = {each: twins.of(once, table, new.outlet_id, each) for each in (numbers, before) if each is not None}
        new = put(models, key, old, _marked(new, groups[numbers] if numbers else {}))
        for group in groups.values():
            for other, row in group.items():
                if other != key and (marked := _marked(row, group)) is not row:
                    table.put(other, marked)
                    changed(models, row, marked, False)
        return new

    return put_one


def _marked(row: Any, group: dict[Key, Any]) -> Any:
    """The row, marked as a copy where another document of its numbers stands for it."""
    copy = bool(group) and standing(group.values()).applied_no != row.applied_no
    return row if row.fiscal_copy is copy else replace(row, fiscal_copy=copy)
