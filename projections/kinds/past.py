"""Earlier rows of a state: what stood in it before a row was replaced, by the turn in which it had come.

A document that comes again takes over what a state said when it first came (a good's cost). Few states need that, few
rows of theirs are replaced, and fewer are asked for; so an earlier row is written once, and read only where a document
replaces one that is older than the row in force.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable
from typing import TypeVar

from msgspec import Struct

from projections.kinds.states import Of, States
from projections.kinds.table import Key, RowNotAsked, Table

R = TypeVar("R", bound=Struct)


class PastTable(Table[R]):
    """Rows by key and turn; `before` finds the one in force at a turn among those held."""

    def __init__(self, key_width: int) -> None:
        super().__init__(key_width)
        self._turns: dict[Key, list[int]] = {}

    def load(self, rows: Iterable[R]) -> None:
        for row in rows:
            key = self.key(row)
            if key not in self:
                super().load([row])
                insort(self._turns.setdefault(key[:-1], []), key[-1])

    def put(self, key: Key, row: R) -> None:
        if key not in self:
            insort(self._turns.setdefault(key[:-1], []), key[-1])
        super().put(key, row)

    def before(self, key: Key, turn: int, stored: bool) -> R | None:
        """The row of `key` that was in force at a turn; None where there was none.

        Raises `RowNotAsked` where it may be `stored`, and was not loaded.
        """
        if stored and not self.complete and (*key, turn) not in self._asked:
            raise RowNotAsked(f"the row of {key} at turn {turn} was read, but not loaded")
        turns = self._turns.get(key, [])
        place = bisect_left(turns, turn)
        return self.get((*key, turns[place - 1])) if place else None

    def forget_outlet(self, outlet: str) -> None:
        super().forget_outlet(outlet)
        self._turns = {key: turns for key, turns in self._turns.items() if key[0] != outlet}

    def shrink(self) -> list[Key]:
        gone = super().shrink()
        for key in gone:
            self._turns[key[:-1]].remove(key[-1])
        return gone

    def clear(self) -> None:
        super().clear()
        self._turns.clear()


class Past(States[R]):
    """The earlier rows of `state`, whose key is followed by `applied_no`, the turn in which the row had come."""

    def __init__(self, name: str, *, version: int, state: States[R], package: str = "projections.models") -> None:
        turn = state.columns[state.key_width].name
        if turn != "applied_no":
            raise TypeError(f"{name}: the key of {state.name} is followed by {turn}, not by applied_no")
        self.state = state
        width = state.key_width + 1

        def superseded(table: PastTable[R], old: R | None, new: R) -> None:
            if old is not None:
                table.put(table.key(old), old)

        super().__init__(name, version=version, row=state.row, key=width, package=package)
        self.of = (Of(state, superseded, _nothing_read),)
        missing = {"then", "copy"} - self.statements.keys()
        if missing:
            raise TypeError(f"{name}: its statements lack {', '.join(sorted(missing))}")


def _nothing_read(_: Struct) -> Collection[tuple[str, ...]]:
    return ()
