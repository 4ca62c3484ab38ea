"""The fold: one event into all read models. Pure: no clock, no randomness, no I/O; everything it needs is passed in."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from projections.models import contacts, daily, goods, hourly, payments, stock
from projections.models.changes import Place, move_change, return_change, sale_change
from projections.models.readmodels import ReadModels
from projections.models.rows import OutletTotalsRow
from schemas.events import (
    ContactRemoved,
    ContactSaved,
    Event,
    EventWithdrawn,
    GoodRemoved,
    GoodSaved,
    SaleRegistered,
    SaleReturned,
    StockCounted,
    StockMoved,
    WarehouseSaved,
)
from schemas.records import UploadRecord


def fold_upload(models: ReadModels, upload: UploadRecord, log_offset: int, log_time: datetime) -> int:
    """Folds an upload's events in their order; returns how many of them were withdrawn (discarded, not applied)."""
    withdrawn = 0
    totals: OutletTotalsRow | None = None
    for seq, event in enumerate(upload.events, upload.first_seq):
        if isinstance(event, EventWithdrawn):
            withdrawn += 1
            continue
        totals = totals or _totals(models, upload.outlet, event.at)
        _count_event(totals, event.at)
        place = Place(upload.outlet, upload.till, upload.run, upload.zone, seq, log_offset, log_time, totals.applied_no)
        fold_event(models, event, place)
    return withdrawn


def fold_event(models: ReadModels, event: Event, place: Place) -> None:
    """Folds one event that takes its turn in the order of application."""
    match event:
        case SaleRegistered():
            sale = sale_change(models, event, place)
            daily.fold_sale(models.daily, sale)
            hourly.fold_sale(models.hourly, sale)
            payments.fold_sale(models.payments, sale)
            stock.fold_sale(models.stock, sale)
            if sale.old is None:
                _add_totals(models, place.outlet, sales=1)
        case SaleReturned():
            returned = return_change(models, event, place)
            daily.fold_return(models.daily, returned)
            hourly.fold_return(models.hourly, returned)
            payments.fold_return(models.payments, returned)
            stock.fold_return(models.stock, returned)
        case StockMoved():
            stock.fold_move(models.stock, move_change(models, event, place))
        case StockCounted():
            stock.fold_count(models.stock, event, place)
        case GoodSaved():
            _add_totals(models, place.outlet, goods=goods.fold_saved(models.goods, event, place))
        case GoodRemoved():
            _add_totals(models, place.outlet, goods=goods.fold_removed(models.goods, event, place))
        case WarehouseSaved():
            goods.fold_warehouse(models.warehouses, event, place)
        case ContactSaved():
            contacts.fold_saved(models.contacts, models.forgotten, event, place)
        case ContactRemoved():
            contacts.fold_removed(models.contacts, event, place)
        case EventWithdrawn():
            pass  # its number is used up, nothing happened
        case _:
            assert_never(event)


def _totals(models: ReadModels, outlet: str, at: datetime) -> OutletTotalsRow:
    """The outlet's row; a new one begins with its first event's moment."""
    return models.outlet_totals.open((outlet,), lambda key: OutletTotalsRow(key, 0, 0, at, 0))


def _count_event(totals: OutletTotalsRow, at: datetime) -> None:
    """Numbers the event in the order of application and moves `data_through`, the greatest `at` applied."""
    totals.applied_no += 1
    if at > totals.data_through:
        totals.data_through = at


def _add_totals(models: ReadModels, outlet: str, goods: int = 0, sales: int = 0) -> None:
    row = models.outlet_totals.get(outlet)
    assert row is not None  # the event was counted before it is folded
    row.goods += goods
    row.sales += sales
