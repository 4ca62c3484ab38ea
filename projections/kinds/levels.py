"""Levels: figures that counts set and movements move, by effective time, whatever came first (the stock).

A level is its greatest count and what moved later than that. Of equal times, the earlier one is what was applied first.
So a movement that comes late adds nothing where a count has seen it already, and a count that comes late needs what
moved since: whole days from a sum of movements by day, its own day document by document. See docs/decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

from msgspec import Struct

from projections.kinds import statements
from projections.kinds.columns import columns
from projections.kinds.compiled import compiled
from projections.kinds.copylines import copy_line
from projections.kinds.documents import Documents
from projections.kinds.provenance import effective
from projections.kinds.sums import Sums
from projections.kinds.table import Key, RowNotAsked, SumTable, Table
from schemas.amounts import ZERO

R = TypeVar("R", bound=Struct)
Move = Callable[["LevelTable[Any]", Iterable[Any]], None]
"""Adds the rows of a source to levels, or takes them off."""
Moment = tuple[Key, datetime]
"""A level's key and an effective time."""


def moment(at: datetime, received_at: datetime) -> datetime:
    """The effective time in UTC: days and comparisons go by it, whatever the till's offset."""
    return effective(at, received_at).astimezone(UTC)


class LevelTable(Table[R]):
    """The rows of levels; for counts also what moved later than they say: `later` as stored, `own` by this chunk."""

    def __init__(self, key_width: int) -> None:
        super().__init__(key_width)
        self.later: dict[Moment, Decimal] = {}
        self.own: dict[Key, list[tuple[datetime, Decimal]]] = {}

    def expect(self, counts: Iterable[Moment]) -> None:
        """A chunk begins, which brings these counts: nothing that is stored moved later, until `later` says it did."""
        self.later = dict.fromkeys(counts, ZERO)
        self.own = {key: [] for key, _ in self.later}

    def later_than(self, key: Key, at: datetime) -> Decimal:
        """What moved later than a count. Raises `RowNotAsked` for one that was not expected."""
        if (key, at) not in self.later:
            raise RowNotAsked(f"what moved {key} later than {at} was read, but not loaded")
        return self.later[key, at] + sum((quantity for moved, quantity in self.own[key] if moved > at), ZERO)


class Levels(Generic[R]):
    """A level of each key of the sum `moved`, without its day.

    `row` has the key, `quantity`, `counted_at` and `counted_no` (effective time and turn of the count in force; None
    and 0 before the first) and `moved_at` (greatest effective time of anything that ever moved it; None before that).
    `counts` have the columns of the key and a quantity. The rows of the sum's sources have `effective_at` and
    `applied_no` beside what is added up. `keys`: by type of event, the levels that one is about, without the outlet.
    """

    def __init__(
        self,
        name: str,
        *,
        version: int,
        row: type[R],
        counts: Documents[Any, Any],
        moved: Sums,
        keys: dict[type[Any], Callable[[Any], Iterable[tuple[str, ...]]]],
        package: str = "projections.models",
        continues: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.version = version
        self.continues = continues
        self.row = row
        self.counts = counts
        self.moved = moved
        self.keys = keys
        self.columns = columns(row)
        self.key_width = moved.key_width - 1
        self.key = tuple(column.name for column in self.columns[: self.key_width])
        self._check()
        needed = ("create", "load", "write", "add", "copy", "remove", "counted_later", "later")
        self.statements = statements.of_file(name, package, needed)
        self.copy_line = copy_line(name, self.columns)

    def _check(self) -> None:
        if self.key != self.moved.key[:-1] or len(self.moved.sums) != 1:
            raise TypeError(
                f"{self.name}: {self.moved.name} is no sum of one quantity by {', '.join(self.key)} and day"
            )
        for feed in self.moved.feeds:
            if tuple(feed.source.columns)[: self.key_width] != self.key:
                raise TypeError(f"{self.name}: {feed.source.row.__name__} does not begin with {', '.join(self.key)}")
            for field in ("effective_at", "applied_no"):
                if field not in feed.source.columns:
                    raise TypeError(f"{self.name}: {feed.source.row.__name__} has no {field}")
        for event in (self.counts.event, *(feed.source.documents.event for feed in self.moved.feeds)):
            if event not in self.keys:
                raise TypeError(f"{self.name}: which of its rows is {event.__name__} about?")

    def mover(self, sign: str) -> Move:
        """What adds the rows of one of the sum's sources, or takes them off where `sign` is "-"."""
        [column] = self.moved.sums
        lines = [
            f"def move_{self.name}(table, moved):",
            "    own, altered = table.own, table.altered",
            "    for r in moved:",
            f"        key = ({', '.join(f'r.{name}' for name in self.key)})",
            "        row = altered.get(key)",
            "        if row is None:",
            "            row = table.open(key, new)",
            "        at = r.effective_at",
            "        counted = row.counted_at",
            "        if counted is None or at > counted or (at == counted and r.applied_no > row.counted_no):",
            f"            row.quantity {sign}= r.{column}",
            "        if row.moved_at is None or at > row.moved_at:",
            "            row.moved_at = at",
            "        if key in own:",
            f"            own[key].append((at, {sign}r.{column}))",
        ]
        # Compiled as sums are (`projections.kinds.compiled`): it is done for every line of every receipt.
        function: Move = compiled(f"move_{self.name}", "\n".join(lines), new=self.row)
        return function

    def count(self, table: LevelTable[Any], count: Any) -> None:
        """A count that was not there before: it is in force unless a later one is."""
        key = tuple(getattr(count, name) for name in self.key)
        at = moment(count.at, count.received_at)
        row = table.open(key, self.row)
        if row.counted_at is not None and row.counted_at > at:
            return
        moved_later = row.moved_at is not None and row.moved_at > at
        row.quantity = count.quantity + table.later_than(key, at) if moved_later else count.quantity
        row.counted_at, row.counted_no = at, count.applied_no

    def late(self, table: LevelTable[Any], counts: Collection[Moment]) -> list[Moment]:
        """The counts that something stored moved later than, and that no stored count is later than."""
        found = []
        for key, at in counts:
            row = table.get(key)
            if row is None or row.moved_at is None or row.moved_at <= at:
                continue
            if row.counted_at is None or row.counted_at <= at:
                found.append((key, at))
        return found

    def moved_since(self, moved: SumTable[Any], table: LevelTable[Any], count: Moment) -> Decimal:
        """What the rows held of the sum say moved on the days after a count; the level's row says when the last was."""
        key, at = count
        row = table.get(key)
        if not moved.rows or row is None or row.moved_at is None:
            return ZERO
        [column] = self.moved.sums
        days = (at.date() + timedelta(days=n) for n in range(1, (row.moved_at.date() - at.date()).days + 1))
        held = (moved.rows.get((*key, day)) for day in days)
        return sum((getattr(each, column) for each in held if each is not None), ZERO)
