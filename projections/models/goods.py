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
    """A good; what no saving ever named is None."""

    outlet_id: Uuid
    good_id: str
    name: str
    category: str
    max_price: Decimal | None
    barcode: str | None
    barcodes: list[str]
    extra: list[ExtraField]
    removed: bool
    article: str | None = None
    unit: str | None = None
    cost: Decimal | None = None
    min_stock: Decimal | None = None


def saved(old: GoodRow | None, good: GoodSaved, provenance: Provenance) -> GoodRow:
    """The good as it was saved; it is on the lists again where it had been removed.

    What tills leave out since the second edition of the contract stays as it was.
    """
    return GoodRow(
        provenance.outlet,
        good.good_id,
        good.name,
        good.category,
        good.max_price if good.max_price is not None or old is None else old.max_price,
        good.barcode,
        good.barcodes,
        good.extra,
        False,
        good.article if good.article is not None or old is None else old.article,
        good.unit if good.unit is not None or old is None else old.unit,
        good.cost if good.cost is not None or old is None else old.cost,
        good.min_stock if good.min_stock is not None or old is None else old.min_stock,
    )


def removed(old: GoodRow | None, event: GoodRemoved, provenance: Provenance) -> GoodRow | None:
    """The good off the lists; None where it is not on them."""
    return None if old is None or old.removed else msgspec.structs.replace(old, removed=True)


def _id(event: GoodSaved | GoodRemoved) -> tuple[str]:
    return (event.good_id,)


GOODS = States("goods", version=2, row=GoodRow, key=2, on=(On(GoodSaved, _id, saved), On(GoodRemoved, _id, removed)))
