"""Which outlets a dashboard of many shows: what is wrong and what changed first, the others folded and paged. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from webapp.account_outlets import Outlet
from webapp.completeness.state import Completeness
from webapp.completeness.tills import TillNews
from webapp.outlet_groups import FEW, Piece, groups, matching, of_group, paged
from webapp.reports.off_days import OffDay
from webapp.reports.sofar import SoFar, together
from webapp.reports.sums import LEAST_BASE, change

_SIZE = 20
_WRONG_SHOWN = 8
_CHANGED_SHOWN = 6
_GROUPS_SHOWN = 12


class Line(Struct, frozen=True):
    """An outlet's figures of today against the same hours before, and the state of its data."""

    outlet: Outlet
    today: SoFar
    yesterday: SoFar
    week_ago: SoFar
    whole: Completeness
    off_days: tuple[OffDay, ...]
    tills: TillNews = TillNews()

    @property
    def against_yesterday(self) -> Decimal | None:
        return against(self.today, self.yesterday)

    @property
    def silent(self) -> bool:
        """Whether nothing was sold today, while yesterday something was by this hour."""
        return not self.today.sales and self.yesterday.sales >= LEAST_BASE

    @property
    def weight(self) -> int:
        """How much is wrong: first data that is missing, then no sales, then sums and clocks; 0 for nothing."""
        if self.whole.troubled or self.whole.still:
            return 3
        if self.silent:
            return 2
        news = self.tills.clocks or self.tills.doubtful
        return 1 if news or any(day.matters for day in self.off_days) else 0


def against(now: SoFar, before: SoFar) -> Decimal | None:
    """The change of revenue; None where too few receipts came before."""
    return change(now.revenue, before.revenue, before.sales)


class GroupLine(Struct, frozen=True):
    """The sums of a group's outlets that count in one currency; "" for those in no group."""

    name: str
    outlets: int
    currency: str
    today: SoFar
    yesterday: SoFar

    @property
    def against_yesterday(self) -> Decimal | None:
        return against(self.today, self.yesterday)


class Selection(Struct, frozen=True):
    """What is shown. `rows` are all outlets of an account that has few. Of many they are a page of those that the
    `query`, the opened group ("-": those in none) and `only` ("wrong") leave; above them stand `wrong` (of
    `wrong_count`), `changed` and the groups, unless the reader is `looking` for something."""

    rows: list[Line]
    many: bool = False
    looking: bool = False
    query: str = ""
    opened: str = ""
    only: str = ""
    piece: Piece = Piece(1, 1, 0)
    wrong: Sequence[Line] = ()
    wrong_count: int = 0
    changed: Sequence[Line] = ()
    groups: Sequence[GroupLine] = ()

    @property
    def lines(self) -> list[Line]:
        """All that stand somewhere, each once."""
        return list({line.outlet.outlet_id: line for line in (*self.rows, *self.wrong, *self.changed)}.values())

    @property
    def parameters(self) -> dict[str, str]:
        """Those of a link to the same list."""
        return {"query": self.query, "in": self.opened, "only": self.only}


def selection(lines: Sequence[Line], parameters: Mapping[str, str]) -> Selection:
    """By the parameters of the page's address."""
    if len(lines) <= FEW:
        return Selection(list(lines))
    query, opened = parameters.get("query", "")[:100].strip(), parameters.get("in", "")[:100]
    only = "wrong" if parameters.get("only") == "wrong" else ""
    wrong = sorted((line for line in lines if line.weight), key=lambda line: (-line.weight, -line.yesterday.revenue))
    outlets = [line.outlet for line in wrong] if only else [line.outlet for line in lines]
    found = matching(of_group(outlets, "" if opened == "-" else opened) if opened else outlets, query)
    shown, piece = paged(found, parameters.get("page", ""), _SIZE)
    by_id = {line.outlet.outlet_id: line for line in lines}
    looking = bool(query or opened or only or piece.number > 1)
    return Selection(
        rows=[by_id[outlet.outlet_id] for outlet in shown],
        many=True,
        looking=looking,
        query=query,
        opened=opened,
        only=only,
        piece=piece,
        wrong=[] if looking else wrong[:_WRONG_SHOWN],
        wrong_count=len(wrong),
        changed=[] if looking else _changed(lines),
        groups=[] if looking else _groups(by_id)[:_GROUPS_SHOWN],
    )


def _changed(lines: Sequence[Line]) -> list[Line]:
    """Whose revenue changed most against yesterday by this hour, in money; the greatest loss first."""

    def difference(line: Line) -> Decimal:
        return line.today.revenue - line.yesterday.revenue

    comparable = [line for line in lines if not line.weight and line.against_yesterday and difference(line)]
    most = sorted(comparable, key=lambda line: abs(difference(line)), reverse=True)[:_CHANGED_SHOWN]
    return sorted(most, key=difference)


def _groups(lines: Mapping[UUID, Line]) -> list[GroupLine]:
    found = []
    for group in groups([line.outlet for line in lines.values()]):
        for currency in dict.fromkeys(outlet.currency for outlet in group.outlets):
            mine = [lines[outlet.outlet_id] for outlet in group.outlets if outlet.currency == currency]
            today, yesterday = together(line.today for line in mine), together(line.yesterday for line in mine)
            found.append(GroupLine(group.name, len(mine), currency, today, yesterday))
    return found
