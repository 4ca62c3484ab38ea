"""The name under which a good was sold last: what a good is called that its shop never saved."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from projections.kinds.columns import Uuid
from projections.kinds.states import Of, States
from projections.kinds.table import Table
from projections.models.sales import SALES, SaleRow
from schemas.events import SaleRegistered


class GoodNameRow(Struct, frozen=True, gc=False):
    outlet_id: Uuid
    good_id: str
    name: str


def named(names: Table[GoodNameRow], old: SaleRow | None, new: SaleRow) -> None:
    """The names of a receipt's lines, in the order of application; a row is written only where the name changes.

    A receipt that is voided leaves its names: they are what the goods were called.
    """
    if new.void is not None:
        return
    outlet, get = new.outlet_id, names.get
    for line in new.lines:
        good, name = line.good_id, line.name
        known = get((outlet, good))
        if known is None or known.name != name:
            names.put((outlet, good), GoodNameRow(outlet, good, name))


def _of_lines(sale: SaleRegistered | SaleRow) -> Iterable[tuple[str]]:
    return ((line.good_id,) for line in sale.lines)


GOOD_NAMES = States(
    "good_names", version=1, row=GoodNameRow, key=2, of=(Of(SALES, named, _of_lines, all_contents=True),)
)
