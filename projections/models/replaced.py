"""Receipts whose number came again with another day, total or lines: both versions, in the order in which they came.

A restored till sends the same content again: that replaces nothing. A till that uses a number again takes the earlier
receipt out of every figure, and its owner has to see that.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from msgspec import Meta, Struct

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.states import Of, States
from projections.kinds.table import Table
from projections.models.returns import RETURNS, ReturnRow
from projections.models.sales import SALES, SaleRow

_CENT = Decimal("0.01")


class Version(Struct, frozen=True, gc=False):
    """A receipt as it was, or a return."""

    number: str
    at: datetime
    day: date
    total: Decimal
    run: str
    seq: int
    lines: list[Any]
    payments: list[Any]


VersionColumn = Annotated[Version, Meta(extra={"postgres": "jsonb"})]


class ReplacedRow(Struct, frozen=True, gc=False):
    """A receipt (`kind` sale or return) whose content under `run` and `seq` took the place of an earlier one."""

    outlet_id: Uuid
    kind: str
    document_id: str
    till_id: Uuid
    run: Uuid
    seq: Bigint
    day: date
    log_time: datetime | None
    before: VersionColumn
    after: VersionColumn


def sale(replaced: Table[ReplacedRow], old: SaleRow | None, new: SaleRow) -> None:
    if old is not None and (old.day, old.total, old.lines) != (new.day, new.total, new.lines):
        _put(replaced, "sale", new.sale_id, new, _sale(old), _sale(new))


def returned(replaced: Table[ReplacedRow], old: ReturnRow | None, new: ReturnRow) -> None:
    if old is not None and (old.day, old.amount, old.lines) != (new.day, new.amount, new.lines):
        _put(replaced, "return", new.return_id, new, _return(old), _return(new))


def _put(
    replaced: Table[ReplacedRow], kind: str, id: str, new: SaleRow | ReturnRow, before: Version, after: Version
) -> None:
    key = (new.outlet_id, kind, id, new.till_id, new.run, new.seq)
    replaced.put(key, ReplacedRow(*key, new.day, new.log_time, before, after))


def _sale(row: SaleRow) -> Version:
    return _version(row.number, row, row.total, row.payments)


def _return(row: ReturnRow) -> Version:
    return _version(row.number or row.return_id, row, row.amount, row.refunds)


def _version(number: str, row: SaleRow | ReturnRow, total: Decimal, payments: list[Any]) -> Version:
    """In one form, whether the row was just made or comes from PostgreSQL: in UTC, and with kopecks."""
    at, total = row.at.astimezone(UTC), total.quantize(_CENT)
    return Version(number, at, row.day, total, row.run, row.seq, row.lines, payments)


def _nothing_read(document: Any) -> tuple[()]:
    return ()


REPLACED = States(
    "replaced",
    version=1,
    row=ReplacedRow,
    key=6,
    of=(
        Of(SALES, sale, _nothing_read, all_contents=True),
        Of(RETURNS, returned, _nothing_read, all_contents=True),
    ),
)
