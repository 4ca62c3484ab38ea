"""Compares the service's figures with the file's own, day by day and good by good.

A day of an outlet may hold more than the file: other files, another till. The figures of a day are equal where they are
the file's, or those of all that this spool ever sent for the day; else the receipts of the file are looked up one by
one. Returns have no list to look them up in: on such a day the file's own are taken as there, if the day has as many.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from producers.importers import figures
from producers.importers.documents import Shop
from producers.importers.figures import Figures, Totals, money
from producers.importers.known import Known
from producers.importers.owner import Owner
from producers.importers.stage import Stage
from schemas.amounts import ZERO

Day = dict[str, object]


class Comparison(Struct, frozen=True):
    """`days` and `goods` are the service's, `equal` whether they are the file's, too.

    `goods` counts goods with the file's name and price, and stocks that are as the file counted them. A stock that is
    not is told and makes nothing unequal: sales, moves and later counts change it.
    """

    days: dict[str, Day]
    goods: dict[str, object]
    file_goods: dict[str, object]
    equal: bool


def compare(owner: Owner, outlet_id: str, stage: Stage, totals: Totals, known: Known, shop: Shop) -> Comparison:
    """Reads what the service has of the days and goods of the stage."""
    days = _days(owner, outlet_id, stage, totals, known, shop)
    file_goods, goods = _goods(owner, outlet_id, stage)
    same = goods.get("goods") == file_goods.get("goods")
    return Comparison(days, goods, file_goods, days == totals.document() and same)


def _days(owner: Owner, outlet_id: str, stage: Stage, totals: Totals, known: Known, shop: Shop) -> dict[str, Day]:
    if not totals.days:
        return {}
    first, last = min(totals.days), max(totals.days)
    service = owner.daily(outlet_id, first, last)
    days: dict[str, Day] = {}
    shared = set()
    for day, ours in totals.days.items():
        there = service.get(day, {"sales": 0, "revenue": "0"})
        figures_there = (there["sales"], Decimal(there["revenue"]))
        if figures_there in ((ours.sales, ours.revenue), known.day(day)):
            days[day] = {"sales": ours.sales, "revenue": money(ours.revenue)}
        else:
            shared.add(day)
    if shared:
        days |= _looked_up(owner, outlet_id, stage, shop, shared, service)
    return dict(sorted(days.items()))


def _looked_up(
    owner: Owner, outlet_id: str, stage: Stage, shop: Shop, days: set[str], service: dict[str, dict[str, Any]]
) -> dict[str, Day]:
    """Of days that hold more than the file: what of the file is there."""
    wanted: dict[str, tuple[Figures, Decimal]] = {}
    returned: dict[str, Decimal] = defaultdict(Decimal)
    for staged in stage.documents():
        document = staged.document
        added = figures.of_document(document.events, shop)
        if added is None or added.day not in days:
            continue
        if document.kind == "sale":
            wanted[document.id] = (added, figures.total(document.events[0]))
        else:
            returned[added.day] += added.revenue
    found: dict[str, list[Decimal]] = defaultdict(list)
    for sale in owner.sales(outlet_id, min(days), max(days)):
        added, total = wanted.pop(sale["sale_id"], (None, ZERO))
        if added is None:
            continue
        if sale.get("voided"):
            continue
        # Lines that are no revenue are in a receipt's total: what differs is taken as it is there.
        found[added.day].append(
            added.revenue + Decimal(sale["total"]) - total if added.sales else Decimal(sale["total"])
        )
    return {
        day: {
            "sales": len(found[day]),
            "revenue": money(sum(found[day], ZERO) + _returns_there(returned[day], service.get(day))),
        }
        for day in days
    }


def _returns_there(ours: Decimal, day: dict[str, Any] | None) -> Decimal:
    """The file's returns, as far as the day has any."""
    there = Decimal(day["returns_sum"]) if day else ZERO
    return -min(-ours, there)


def _goods(owner: Owner, outlet_id: str, stage: Stage) -> tuple[dict[str, object], dict[str, object]]:
    """How many goods of the file have name and price as the file says, and how many of its counts are the stock, in the
    file and in the service."""
    counts: dict[tuple[str, str], tuple[datetime, Decimal]] = {}
    wanted: dict[str, tuple[str, Decimal | None]] = {}
    for staged in stage.documents():
        if staged.document.kind == "good" and not staged.document.once:
            *_, event = staged.document.events
            if event["type"] == "good.saved":
                price = Decimal(event["max_price"]) if "max_price" in event else None
                wanted[staged.document.id] = (event["name"], price)
        elif staged.document.kind == "count":
            [event] = staged.document.events
            key, at = (event["good_id"], event["warehouse_id"]), datetime.fromisoformat(event["at"])
            if key not in counts or counts[key][0] < at:
                counts[key] = at, Decimal(event["quantity"])
    if not wanted:
        return {}, {}
    counts = {key: counted for key, counted in counts.items() if key[0] in wanted}
    same = as_counted = 0
    for good in owner.stock(outlet_id):
        if good["good_id"] in wanted:
            same += _same(good, wanted[good["good_id"]])
            for shelf in good["warehouses"]:
                _, quantity = counts.get((good["good_id"], shelf["warehouse_id"]), (None, None))
                as_counted += quantity is not None and Decimal(shelf["quantity"]) == quantity
    return _told(len(wanted), len(counts), len(counts)), _told(same, as_counted, len(counts))


def _same(good: dict[str, Any], wanted: tuple[str, Decimal | None]) -> bool:
    name, price = wanted
    return bool(good["name"] == name and (price is None or Decimal(good["max_price"]) == price))


def _told(goods: int, stocks: int, counts: int) -> dict[str, object]:
    return {"goods": goods, "stocks": stocks} if counts else {"goods": goods}
