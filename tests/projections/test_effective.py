"""Effective time: when a document counts as having happened, whatever its till's clock says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from projections.kinds.provenance import effective
from projections.models.outlet_totals import OUTLET_TOTALS
from schemas.events import GoodSaved, SaleRegistered
from schemas.records import UploadRecord
from tests.projections.inmemory import folded
from tests.projections.shops import Shop

RECEIVED = datetime(2026, 11, 20, 12, tzinfo=UTC)
MOSCOW = timezone(timedelta(hours=3))
SHOP = Shop(1)


@pytest.mark.parametrize(
    ("at", "counted"),
    [
        (RECEIVED - timedelta(days=20), RECEIVED - timedelta(days=20)),
        (RECEIVED, RECEIVED),
        (RECEIVED + timedelta(microseconds=1), RECEIVED),
        (datetime(2036, 2, 7, tzinfo=UTC), RECEIVED),
        (datetime(1970, 1, 1, 3, tzinfo=MOSCOW), RECEIVED),
        (datetime(2000, 1, 1, 2, 59, 59, tzinfo=MOSCOW), RECEIVED),
        (datetime(2000, 1, 1, 3, tzinfo=MOSCOW), datetime(2000, 1, 1, tzinfo=UTC)),
        (datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12))), RECEIVED),
        (datetime(1, 1, 1, 0, 0, tzinfo=timezone(timedelta(hours=12))), RECEIVED),
    ],
)
def test_the_earlier_of_clock_and_arrival(at: datetime, counted: datetime) -> None:
    """The arrival stands for a clock that is ahead, and for one that lies before 2000."""
    assert effective(at, RECEIVED) == counted


def sale(at: datetime, sale_id: str = "s") -> SaleRegistered:
    return SaleRegistered(at, sale_id, "1", [], [])


def through(*uploads: UploadRecord) -> datetime:
    [row] = folded(uploads)[OUTLET_TOTALS].rows()
    return row.data_through


def upload(first_seq: int, received_at: datetime, *events: SaleRegistered | GoodSaved) -> UploadRecord:
    return UploadRecord(SHOP.outlet, SHOP.till, SHOP.run, first_seq, "Europe/Moscow", received_at, list(events))


def test_a_clock_that_is_years_off_does_not_move_the_data_ahead() -> None:
    """Sales of 2036 and 1970 leave the data through the moment at which they came in, and the next one counts."""
    odd = [sale(datetime(2036, 2, 7, tzinfo=UTC), "a"), sale(datetime(1970, 1, 1, tzinfo=UTC), "b")]
    assert through(upload(1, RECEIVED, *odd)) == RECEIVED
    later = RECEIVED + timedelta(hours=1)
    assert through(upload(1, RECEIVED, *odd), upload(3, later, sale(later - timedelta(minutes=5), "c"))) == (
        later - timedelta(minutes=5)
    )


def test_a_document_that_comes_again_keeps_its_first_arrival() -> None:
    """A receipt of a clock that is ahead, sent again days later, does not move the data through that day."""
    ahead = sale(datetime(2036, 2, 7, tzinfo=UTC))
    assert through(upload(1, RECEIVED, ahead), upload(2, RECEIVED + timedelta(days=5), ahead)) == RECEIVED
