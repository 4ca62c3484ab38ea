"""Every projection in every way in which its rows come about, against its independent recount."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.apply.engine import Engine
from projections.columns.store import ColumnStore
from projections.generations import register
from projections.generations.compare import compare
from projections.models import PROJECTIONS
from projections.proof import quarantine
from projections.store import bulk
from projections.store.bulk import BulkStore
from schemas.events import Event, GoodSaved, Line, ReturnLine, SaleRegistered, SaleReturned, StockMoved
from schemas.records import OutletRemoved, UploadRecord
from tests.projections.bug import BROKEN, with_a_bug
from tests.projections.inmemory import differences
from tests.projections.kafkalog import KafkaLog
from tests.projections.log import Log
from tests.projections.model import OutletModel
from tests.projections.quiet import Quiet
from tests.projections.recounts import recount
from tests.projections.shops import OPENED, Shop
from tests.projections.tables import Tables, said
from tests.projections.world import World, batches, uuid

Database = Connection[TupleRow]
SHOPS = [BROKEN, Shop(2), Shop(3)]
GONE = SHOPS[2]


def business(sales: int) -> list[UploadRecord | OutletRemoved]:
    """Three shops of one partition in turn; documents are sent again, changed; the third shop is removed on the way."""
    turns = zip(*(deliveries(shop, sales) for shop in SHOPS), strict=True)
    records: list[UploadRecord | OutletRemoved] = [record for turn in turns for record in turn]
    records.insert(len(records) * 2 // 3, OutletRemoved(GONE.outlet, OPENED))
    return records


def deliveries(shop: Shop, sales: int) -> list[UploadRecord]:
    events = list(shop.events(sales))
    again = [changed(event) for event in events if isinstance(event, SaleRegistered | SaleReturned | StockMoved)]
    again[12:12] = with_cost(58)  # a cost that is saved in the same upload as what it comes too late for
    run = uuid(shop.seed * 10 + 9)
    second = [shop.upload(start + 1, again[start : start + 7], run=run) for start in range(0, len(again), 7)]
    costs, ordered = uuid(shop.seed * 10 + 8), list(shop.uploads(sales, batch=5))
    middle = len(ordered) // 2
    return [
        shop.upload(1, with_cost(40), run=costs),
        *ordered[:middle],
        shop.upload(6, with_cost(55), run=costs),
        *ordered[middle:],
        *second[:4],
        shop.upload(11, [*with_cost(60), *with_cost(65)], run=costs),
        *second[4:],
    ]


def with_cost(cost: int) -> list[Event]:
    """All goods, saved with a cost."""
    return [GoodSaved(OPENED, f"g{n}", f"Чай {n}", "Чай", cost=Decimal(cost + n)) for n in range(5)]


def changed(event: SaleRegistered | SaleReturned | StockMoved) -> Event:
    """The document with other content: twice as much of everything, and goods that it did not have."""
    new = [(f"g{n}", Decimal(1), Decimal(n)) for n in range(5)]
    if isinstance(event, StockMoved):
        return msgspec.structs.replace(event, quantity=2 * event.quantity)
    if isinstance(event, SaleReturned):
        return msgspec.structs.replace(event, lines=[*event.lines, *(ReturnLine(*line) for line in new)])
    added = (Line(good, "Чай", quantity, price) for good, quantity, price in new)
    return msgspec.structs.replace(event, lines=[*event.lines, *event.lines, *added], at=event.at.replace(minute=59))


def filled(world: World, sales: int = 40) -> World:
    """The business in the log and in the models."""
    world.log = Log(partitions=1)
    for record in business(sales):
        if isinstance(record, UploadRecord):
            world.append(record)
        else:
            world.log.append(record)
            world.model(record.outlet, "Europe/Moscow").remove()
    return world


def differing(database: Database, schema: str, models: dict[str, OutletModel]) -> dict[str, list[str]]:
    """The projections whose rows in a generation are not those of the recount, each with what differs."""
    tables = Tables(database, schema)
    found: dict[str, list[str]] = {}
    for each in PROJECTIONS:
        for outlet, model in models.items():
            if told := differences(tables.read(each, outlet), said(recount(each.name)(model))):
                found.setdefault(each.name, []).extend(f"{outlet} {one}" for one in told)
    return found


def test_live(world: World) -> None:
    """Batch by batch into the live generation."""
    filled(world).apply(range(3, 1000, 3))
    assert differing(world.connection, "gen_1", world.models) == {}
    assert world.tables.everything(GONE.outlet) == {each.name: {} for each in PROJECTIONS}


@pytest.mark.parametrize("reset", [False, True], ids=["", "after a reset"])
@pytest.mark.parametrize("kept", [150_000, 5], ids=["", "with little memory"])
@pytest.mark.parametrize("kind", [BulkStore, ColumnStore])
def test_in_bulk(
    world: World, postgres: str, monkeypatch: pytest.MonkeyPatch, kind: type[BulkStore], kept: int, reset: bool
) -> None:
    """Many batches to a transaction, by a store that knows what it wrote; or that was made to forget it on the way.

    Three shops stand in the one partition, so one's rows are looked for while another's are new.
    """
    monkeypatch.setattr(bulk, "KEPT_ROWS", kept)
    monkeypatch.setattr(bulk, "SUM_ROWS", kept)
    filled(world)
    with world.connection.transaction():
        generation = register.create(world.connection)
    store = kind()
    engine = Engine(postgres, generation.number, store=store)
    try:
        for group in batches(world.log.records, range(9, 1000, 9)):
            with engine.in_common():
                for batch in batches(group, [4, 7]):
                    engine.apply(batch)
            if reset:
                store.reset()
    finally:
        engine.close()
    assert differing(world.connection, generation.schema_name, world.models) == {}
    world.apply([50])
    live = register.live(world.connection)
    assert compare(world.connection, live, register.numbered(world.connection, generation.number)).same


def test_retried(log: KafkaLog, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set aside by a fold with a bug, then folded again by the mended one, beside shops that went on."""
    models = {shop.outlet: OutletModel("Europe/Moscow") for shop in SHOPS}
    records = [record for record in business(40) if isinstance(record, UploadRecord)]
    for record in records:
        models[record.outlet].read(record)
    log.append(records)
    with monkeypatch.context() as patched:
        with_a_bug(patched)
        log.apply()
    assert "daily" in differing(database, "gen_1", models)
    assert quarantine.retry(log.source, BROKEN.outlet, Quiet()).left == []
    assert differing(database, "gen_1", models) == {}
