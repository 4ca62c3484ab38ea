"""The quick way of a replay writes the rows that the ordinary way writes, with little memory of what it wrote."""

from __future__ import annotations

import msgspec
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.columns.store import ColumnStore
from projections.generations import register
from projections.generations.compare import compare
from projections.kinds.fold import Fold
from projections.kinds.readmodels import ReadModels
from projections.models.hourly import HOURLY
from projections.replay import batches, replay
from projections.replay.rebuild import Wish, rebuild
from projections.store import bulk, live
from projections.store.bloom import Bloom
from projections.store.bulk import BulkStore
from schemas.events import SaleRegistered, SaleReturned, StockMoved
from schemas.log import partition_of
from schemas.records import ContactForgotten, OutletRecord, OutletRemoved
from tests.projections.bug import BROKEN, with_a_bug
from tests.projections.kafkalog import KafkaLog
from tests.projections.quiet import Quiet
from tests.projections.shops import OPENED, Shop
from tests.projections.world import uuid

Database = Connection[TupleRow]
SHOP = Shop(1)
_IN_QUARANTINE = """
SELECT 1 AS generation, outlet_id::text, partition, log_offset, reason FROM gen_1.quarantine
UNION ALL SELECT 2, outlet_id::text, partition, log_offset, reason FROM gen_2.quarantine
ORDER BY generation, partition, log_offset
"""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few hundred events make several batches."""
    monkeypatch.setattr(batches, "BATCH_EVENTS", 100)


def restored_till(sales: int, shop: Shop = SHOP) -> list[OutletRecord]:
    """The shop's business, then once more under a new run with other contents, as a restored till would send it."""
    again = []
    for event in shop.events(sales):
        if isinstance(event, SaleRegistered):
            event = msgspec.structs.replace(event, lines=[*event.lines, *event.lines])
        again.append(event)
    run = uuid(shop.seed * 10 + 9)
    second = [shop.upload(start + 1, again[start : start + 7], run=run) for start in range(0, len(again), 7)]
    return [*shop.uploads(sales, batch=2), *second]


def neighbour(partitions: int = 3) -> Shop:
    """Another shop whose records stand in the same partition."""
    shops = (Shop(seed) for seed in range(2, 100))
    return next(shop for shop in shops if _stands_in(shop, partitions) == _stands_in(SHOP, partitions))


def _stands_in(shop: Shop, partitions: int) -> int:
    return partition_of(shop.outlet.encode(), partitions)


@pytest.mark.parametrize("kind", [BulkStore, ColumnStore])
@pytest.mark.parametrize(("kept", "days"), [(1, 10_000), (40_000, 1), (40_000, 10_000)])
def test_documents_that_replace_earlier_ones_are_found(
    log: KafkaLog,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    kept: int,
    days: int,
    kind: type[BulkStore],
) -> None:
    """Whether it keeps all rows, none of days gone by, or hardly any, the rebuild equals what the ordinary store wrote.

    What it keeps is no more than it may and what the last batch touched.
    """
    most_held = _most_held(monkeypatch)
    monkeypatch.setattr(replay, "bulk_store", kind)
    monkeypatch.setattr(bulk, "KEPT_ROWS", kept)
    monkeypatch.setattr(bulk, "SUM_ROWS", days)
    log.append(restored_till(400))
    log.apply()
    outcome = rebuild(log.source, Wish(switch=False), Quiet())
    assert outcome.comparison.same
    row = database.execute("SELECT count(*) FROM gen_2.hourly").fetchone()
    assert row is not None
    assert row[0] > 200
    assert len(most_held) == 1  # one store
    assert (most_held.popitem()[1] < 150) == (1 in (kept, days))
    assert sum(isinstance(event, SaleReturned | StockMoved) for event in SHOP.events(400)) > 50


def test_many_rows_are_written_in_parts(log: KafkaLog, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few rows a statement may hold, the rebuild equals what was written in one."""
    log.append(restored_till(200))
    log.apply()
    monkeypatch.setattr(live, "_MOST_WRITTEN", 3)
    monkeypatch.setattr(bulk, "SUM_ROWS", 1)
    assert rebuild(log.source, Wish(switch=False), Quiet()).comparison.same
    row = database.execute("SELECT count(*) FROM gen_2.stock").fetchone()
    assert row is not None
    assert row[0] > 3


def test_a_record_that_fails_to_fold_makes_it_forget_what_was_rolled_back(
    log: KafkaLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same record is set aside, and every other row is as the ordinary store wrote it."""
    with_a_bug(monkeypatch)
    log.append(restored_till(400))
    log.apply()
    assert rebuild(log.source, Wish(switch=False), Quiet()).comparison.same
    rows = database.execute("SELECT count(*) FROM gen_2.quarantine").fetchone()
    assert rows == (2,)


def test_a_neighbour_in_the_partition_goes_on_past_a_record_that_fails(
    log: KafkaLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was rolled back is forgotten; the other shop's receipts, replaced ones too, end in the ordinary way's rows.

    The one shop's runs wait behind what failed, so it alone would show nothing.
    """
    with_a_bug(monkeypatch)
    beside = neighbour()
    log.append(record for pair in zip(restored_till(300), restored_till(300, beside), strict=True) for record in pair)
    log.apply()
    assert rebuild(log.source, Wish(switch=False), Quiet()).comparison.same
    sales = database.execute(
        "SELECT sales, (SELECT count(*)::int FROM gen_2.quarantine) FROM gen_2.outlet_totals WHERE outlet_id = %s",
        (beside.outlet,),
    ).fetchone()
    assert sales == (300, 2)


def test_processes_of_a_rebuild_set_aside_what_one_process_does(
    log: KafkaLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a bug in the fold, a rebuild in a process per core ends in the rows, and the quarantine, of one process."""
    with_a_bug(monkeypatch)
    shops = [BROKEN, *map(Shop, range(2, 7))]
    log.append(upload for shop in shops for upload in shop.uploads(60, batch=1))
    log.apply()
    assert rebuild(log.source, Wish(switch=False), Quiet()).comparison.same
    aside, again = (
        [row[1:] for row in database.execute(_IN_QUARANTINE) if row[0] == generation] for generation in (1, 2)
    )
    assert {row[0] for row in aside} == {BROKEN.outlet}
    assert again == aside


def test_an_outlet_that_is_removed_and_what_comes_for_it_later(log: KafkaLog, database: Database) -> None:
    """What is kept of its rows is not written again, not even for a contact that asks to be forgotten."""
    records = restored_till(400)
    forget = ContactForgotten(SHOP.outlet, "c1", OPENED)
    log.append([*records[:300], OutletRemoved(SHOP.outlet, OPENED), forget, *records[300:]])
    log.apply()
    assert rebuild(log.source, Wish(switch=False), Quiet()).comparison.same
    assert database.execute("SELECT count(*) FROM gen_2.contacts").fetchone() == (0,)
    assert compare(database, register.live(database), register.numbered(database, 2)).same


def test_the_filter_never_denies_what_was_added() -> None:
    """It may take a new key for an old one, rarely, and never the other way round."""
    bloom = Bloom()
    keys = {("outlet", f"s{number}", "till") for number in range(20_000)}
    assert len(bloom.add("sales", keys)) < 20
    assert bloom.add("sales", keys) == keys
    assert all(bloom.may_hold("sales", key) for key in keys)
    assert sum(bloom.may_hold("returns", key) for key in keys) < 20


def _most_held(monkeypatch: pytest.MonkeyPatch) -> dict[BulkStore, int]:
    """Each `BulkStore` that folds, with the most hours it has held after a batch."""
    held: dict[BulkStore, int] = {}
    write = BulkStore.write

    def noted(store: BulkStore, connection: Database, fold: Fold, models: ReadModels) -> None:
        write(store, connection, fold, models)
        held[store] = max(held.get(store, 0), store.kept([HOURLY]))

    monkeypatch.setattr(BulkStore, "write", noted)
    return held
