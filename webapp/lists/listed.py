"""How a list stands on its page: its columns, its order, and where more of it is."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from webapp.lists.headings import Heading, Order


class Listed(Struct, frozen=True):
    """`more` are the parameters of the link to more rows, None where there are none. The row numbered `mark` (from 1)
    is the first of those that such a link has added; 0 where none has. `beginning`: the first row of all is there.
    The headings of the columns `unsorted` do not sort. One page shows `bound` rows at most."""

    headings: tuple[Heading, ...]
    order: Order
    more: dict[str, str | int | None] | None
    mark: int
    beginning: bool
    unsorted: frozenset[str] = frozenset()
    bound: int = 0

    @property
    def adds(self) -> bool:
        """Whether the link to more rows adds to those that are there, rather than going on without them."""
        return self.more is not None and "show" in self.more

    @property
    def sorted_by(self) -> Heading | None:
        """The column that the list is sorted by; None where that is none of those shown."""
        return next((heading for heading in self.headings if heading.name == self.order.name), None)

    def heading(self, name: str) -> Heading:
        for heading in self.headings:  # a loop, since a page asks for each of its cells
            if heading.name == name:
                return heading
        raise KeyError(name)

    def shows(self, name: str) -> bool:
        return any(heading.name == name for heading in self.headings)

    def without(self, names: Collection[str]) -> Listed:
        """The same without columns that turned out to say nothing here."""
        return replace(self, headings=tuple(heading for heading in self.headings if heading.name not in names))

    def sorts(self, heading: Heading) -> bool:
        return heading.name not in self.unsorted

    def direction(self, heading: Heading) -> str | None:
        """How the list is sorted by that column, in ARIA's words; None where it is not."""
        if heading.name != self.order.name:
            return None
        return "descending" if self.order.descending else "ascending"

    def sort_by(self, heading: Heading) -> str:
        """The order that a tap on a heading asks for: numbers and times from the greatest, the other way at the second
        tap."""
        if heading.name == self.order.name:
            return str(Order(heading.name, not self.order.descending))
        return str(Order(heading.name, heading.kind in ("number", "moment", "day")))
