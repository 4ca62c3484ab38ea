"""The cost of each good as last saved, and the costs that receipts take over from elsewhere when they are applied.

A line that says no cost takes the one that its good has then. What is taken over stands in the document, so that it can
be taken off again; a document that comes again keeps it for the goods that it had, and takes for others the cost that
they had when it first came (contract, 'Events'), which `past_costs` remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.consulting import Consulted
from projections.kinds.provenance import Provenance
from projections.kinds.states import On, States
from schemas.events import GoodSaved, SaleRegistered, SaleReturned

E = TypeVar("E", SaleRegistered, SaleReturned)


class Document(Protocol):
    """A receipt or return as it stands: its positions, and the turn in which it first came."""

    @property
    def lines(self) -> Sequence[Any]: ...
    @property
    def applied_no(self) -> int: ...


class CostRow(Struct, frozen=True, gc=False):
    """The cost of one unit of a good since a turn; a good whose cost nobody named has no row."""

    outlet_id: Uuid
    good_id: str
    applied_no: Bigint
    cost: Decimal


def saved(old: CostRow | None, good: GoodSaved, provenance: Provenance) -> CostRow | None:
    """The cost that a good was saved with; None where it stays."""
    if good.cost is None or (old is not None and old.cost == good.cost):
        return None
    return CostRow(provenance.outlet, good.good_id, provenance.applied_no, good.cost)


def _id(event: GoodSaved) -> tuple[str]:
    return (event.good_id,)


COSTS = States("costs", version=2, row=CostRow, key=2, on=(On(GoodSaved, _id, saved),))


def cost_of(consulted: Consulted, good: str, first: Document | None) -> Decimal | None:
    """What one unit of a good cost when the document `first` came, now without one; None where that is not known."""
    if first is None:
        row = consulted.state.get((consulted.outlet, good))
    else:
        row = consulted.then((good,), first.applied_no)
    return None if row is None else row.cost


def goods_without_cost(event: SaleRegistered | SaleReturned) -> Iterable[tuple[str]]:
    """The goods of lines that say no cost."""
    return ((line.good_id,) for line in event.lines if line.cost is None)


def new_goods_without_cost(event: SaleRegistered | SaleReturned, old: Document) -> Iterable[tuple[str]]:
    """Those of them that the document which is replaced did not have."""
    had = {line.good_id for line in old.lines}
    return (key for key in goods_without_cost(event) if key[0] not in had)


def with_costs(event: E, kept: Mapping[str, Decimal | None], cost_of: Callable[[str], Decimal | None]) -> E:
    """The event, each line without a cost with that which is `kept` of its good, else with its good's, if any."""
    lines = None
    for position, line in enumerate(event.lines):
        if line.cost is None:
            good = line.good_id
            cost = kept[good] if good in kept else cost_of(good)
            if cost is not None:
                lines = list(event.lines) if lines is None else lines
                lines[position] = replace(line, cost=cost)
    return event if lines is None else replace(event, lines=lines)
