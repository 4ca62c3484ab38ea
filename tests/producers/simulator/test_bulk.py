from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import msgspec
import pytest

from producers.simulator.bulk import BulkUpload, bulk
from schemas.events import GoodSaved, SaleRegistered, SaleReturned, sale_sums
from schemas.records import UploadRecord, decode, origin
from schemas.uploads import parse


def events_of(uploads: list[BulkUpload]) -> list[Any]:
    found: list[Any] = []
    for upload in uploads:
        record = decode(msgspec.json.encode(upload.record()))
        assert isinstance(record, UploadRecord)
        assert len(record.events) == upload.count == origin(upload.headers()).count
        found += record.events
    return found


def test_it_is_the_workload_that_is_said() -> None:
    """Three lines and one to two payments on average, 2 % returns, receipts that reconcile, 200 outlets."""
    uploads = list(bulk(1, 20_000))
    events = events_of(uploads)
    sales = [event for event in events if isinstance(event, SaleRegistered)]
    returns = [event for event in events if isinstance(event, SaleReturned)]
    assert len(sales) == len({sale.sale_id for sale in sales}) == 20_000
    assert 2.9 < sum(len(sale.lines) for sale in sales) / len(sales) < 3.1
    assert 1 < sum(len(sale.payments) for sale in sales) / len(sales) < 2
    assert 0.017 < len(returns) / len(sales) < 0.023
    assert len({upload.outlet for upload in uploads}) == 200
    assert len({line.good_id for sale in sales for line in sale.lines}) > 4500
    for sale in sales:
        goods, discounts = sale_sums(sale)
        assert sum(payment.amount for payment in sale.payments) - sale.change == goods - discounts


@pytest.mark.parametrize("per_upload", [1, 10, 500])
def test_runs_are_numbered_without_holes_and_the_gateway_takes_them(per_upload: int) -> None:
    """Uploads of any size are valid, and each run's numbers follow one another."""
    through: dict[str, int] = defaultdict(int)
    for upload in bulk(2, 3000, outlets=5, per_upload=per_upload):
        assert upload.first_seq == through[upload.run] + 1
        through[upload.run] += upload.count
        assert upload.count <= per_upload
        assert len(parse(upload.body()).events) == upload.count


def test_it_is_the_same_from_the_same_seed() -> None:
    """The workload depends on its arguments alone."""
    assert list(bulk(3, 2000)) == list(bulk(3, 2000))
    assert list(bulk(3, 2000)) != list(bulk(4, 2000))


def test_one_outlet_may_have_half_of_everything() -> None:
    """With `half_in_one` the first outlet has half of the sales."""
    counts = Counter[str]()
    for upload in bulk(5, 10_000, half_in_one=True):
        counts[upload.outlet] += upload.count
    [(_, most)] = counts.most_common(1)
    assert 0.47 < most / counts.total() < 0.54


def test_goods_may_be_entered_first() -> None:
    """With `saved` every outlet enters all goods before the first sale."""
    events = events_of(list(bulk(6, 10, outlets=2, goods=30, saved=True)))
    assert sum(isinstance(event, GoodSaved) for event in events) == 60
