"""What an event means for the read models: a document that is new or replaces an earlier one, or a plain event.

A sale, return or move that was seen before under the same (outlet, till, id) replaces the earlier one in every figure,
so each fold gets both, takes the old one out and puts the new one in.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from projections.models.readmodels import ReadModels
from projections.models.rows import MoveRow, ReturnRow, SaleRow
from schemas.amounts import ZERO
from schemas.events import SaleRegistered, SaleReturned, StockMoved, sale_sums


class Place(Struct, frozen=True, gc=False):
    """Where an event stands: whose it is, its number in its run, its record's offset, its turn in its outlet."""

    outlet: str
    till: str
    run: str
    zone: str
    seq: int
    log_offset: int
    log_time: datetime
    applied_no: int


class SaleChange(Struct, frozen=True):
    old: SaleRow | None
    new: SaleRow


class ReturnChange(Struct, frozen=True):
    old: ReturnRow | None
    new: ReturnRow


class MoveChange(Struct, frozen=True):
    old: MoveRow | None
    new: MoveRow


_zones: dict[str, ZoneInfo] = {}


def local_time(at: datetime, zone: str) -> datetime:
    """The moment by the outlet's wall clock."""
    if zone not in _zones:
        _zones[zone] = ZoneInfo(zone)
    return at.astimezone(_zones[zone])


def local_day(at: datetime, zone: str) -> date:
    return local_time(at, zone).date()


def sale_change(models: ReadModels, sale: SaleRegistered, place: Place) -> SaleChange:
    """Registers the sale among the sales."""
    old = models.sales.get(place.outlet, sale.sale_id, place.till)
    local = local_time(sale.at, place.zone)
    goods_sum, discount_sum = sale_sums(sale)
    total = goods_sum - discount_sum
    paid = ZERO
    for payment in sale.payments:
        paid += payment.amount
    # By position, in the order of `SaleRow`: by name it takes five times as long, and this is done for every sale.
    new = SaleRow(
        place.outlet,
        sale.sale_id,
        place.till,
        sale.number,
        sale.at,
        local.date(),
        local.hour,
        len(sale.lines),
        goods_sum,
        discount_sum,
        total,
        sale.change,
        paid - sale.change - total,
        sale.contact_id,
        sale.cashier,
        sale.lines,
        sale.payments,
        place.run,
        place.seq,
        place.log_offset,
        place.log_time,
        old.applied_no if old else place.applied_no,
    )
    models.sales.put(place.outlet, sale.sale_id, place.till, row=new)
    return SaleChange(old, new)


def return_change(models: ReadModels, event: SaleReturned, place: Place) -> ReturnChange:
    """Registers the return among the returns."""
    old = models.returns.get(place.outlet, event.return_id, place.till)
    local = local_time(event.at, place.zone)
    amount = sum((line.amount for line in event.lines), ZERO)
    refunded = sum((refund.amount for refund in event.refunds), ZERO)
    new = ReturnRow(
        outlet_id=place.outlet,
        return_id=event.return_id,
        till_id=place.till,
        sale_id=event.sale_id,
        at=event.at,
        day=local.date(),
        hour=local.hour,
        amount=amount,
        difference=refunded - amount,
        lines=event.lines,
        refunds=event.refunds,
        run=place.run,
        seq=place.seq,
        log_offset=place.log_offset,
        log_time=place.log_time,
        applied_no=old.applied_no if old else place.applied_no,
    )
    models.returns.put(place.outlet, event.return_id, place.till, row=new)
    return ReturnChange(old, new)


def move_change(models: ReadModels, event: StockMoved, place: Place) -> MoveChange:
    """Registers the movement among the moves."""
    old = models.moves.get(place.outlet, event.move_id, place.till)
    new = MoveRow(
        outlet_id=place.outlet,
        move_id=event.move_id,
        till_id=place.till,
        good_id=event.good_id,
        warehouse_id=event.warehouse_id,
        quantity=event.quantity,
        reason=event.reason,
        at=event.at,
        day=local_day(event.at, place.zone),
        run=place.run,
        seq=place.seq,
        log_offset=place.log_offset,
        applied_no=old.applied_no if old else place.applied_no,
    )
    models.moves.put(place.outlet, event.move_id, place.till, row=new)
    return MoveChange(old, new)
