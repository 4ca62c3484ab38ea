"""Goods as last saved. A removed good leaves the lists; its row, history and sales stay."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import Struct

from projections.kinds.columns import Uuid
from projections.kinds.provenance import Provenance
from projections.kinds.states import On, States
from schemas.events import ExtraField, GoodRemoved, GoodSaved


class GoodRow(Struct, frozen=True):
    outlet_id: Uuid
    good_id: str
    name: str
    category: str
    max_price: Decimal
    barcode: str | None
    barcodes: list[str]
    extra: list[ExtraField]
    removed: bool


def saved(old: GoodRow | None, good: GoodSaved, provenance: Provenance) -> GoodRow:
    """The good as it was saved; it is on the lists again where it had been removed."""
    return GoodRow(
        provenance.outlet,
        good.good_id,
        good.name,
        good.category,
        good.max_price,
        good.barcode,
        good.barcodes,
        good.extra,
        False,
    )


def removed(old: GoodRow | None, event: GoodRemoved, provenance: Provenance) -> GoodRow | None:
    """The good off the lists; None where it is not on them."""
    return None if old is None or old.removed else msgspec.structs.replace(old, removed=True)


def _id(event: GoodSaved | GoodRemoved) -> tuple[str]:
    return (event.good_id,)


GOODS = States("goods", version=1, row=GoodRow, key=2, on=(On(GoodSaved, _id, saved), On(GoodRemoved, _id, removed)))
