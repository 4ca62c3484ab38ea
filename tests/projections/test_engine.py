"""The engine against a real PostgreSQL: whatever way events travel, the rows are those of an independent model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.applied import Applied, LogRecord
from projections.engine import Engine, PositionConflict
from schemas.records import UploadRecord
from tests.projections.log import Log
from tests.projections.model import OutletModel, sums
from tests.projections.tables import Tables, plain
from tests.schemas.strategies import RunHistory, delivery, event_of, histories, interleaved

# One database serves all examples of a property test: each example begins with empty tables.
real = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


class World:
    """An engine on a database, and the models of the outlets that it should agree with."""

    def __init__(self, postgres: str) -> None:
        self.engine = Engine(postgres)
        self.connection = psycopg.connect(postgres, autocommit=True)
        self.tables = Tables(self.connection)
        self.begin()

    def begin(self) -> None:
        self.tables.empty()
        self.log = Log()
        self.models: dict[str, OutletModel] = {}
        self.applied = Applied()

    def append(self, upload: UploadRecord, value: bytes | None = None) -> None:
        """Appends an upload to the log and tells the model; `value` stands for its bytes where they can't be read."""
        self.log.append(upload, value)
        self.model(upload.outlet, upload.zone).read(upload, readable=value is None)

    def model(self, outlet: str, zone: str = "UTC") -> OutletModel:
        return self.models.setdefault(outlet, OutletModel(zone))

    def apply(self, cuts: Sequence[int] = ()) -> None:
        """Applies the log in batches that end at the positions `cuts`."""
        for batch in batches(self.log.records, cuts):
            self.applied.add(self.engine.apply(batch))

    def agree(self) -> None:
        """Every figure, every document and the ledger equal the models'."""
        for outlet, model in self.models.items():
            assert self.tables.daily(outlet) == model.daily()
            assert self.tables.hourly(outlet) == {k: v for k, v in model.hourly().items() if any(v)}
            assert self.tables.payments(outlet) == model.payments()
            assert self.tables.stock(outlet) == model.stock()
            assert self.tables.contacts(outlet) == model.contacts()
            assert dict(self.tables.rows("warehouses", outlet)) == model.warehouses()
            totals = model.totals()
            assert self.tables.rows("totals", outlet) == ([totals] if totals else [])
            self._goods_agree(outlet, model)
            self._documents_agree(outlet, model)
            self._ledger_agrees(outlet, model)

    def _goods_agree(self, outlet: str, model: OutletModel) -> None:
        found = {key: (*row[:2], Fraction(row[2]), *row[3:]) for key, *row in self.tables.rows("goods", outlet)}
        assert found == {
            key: (
                good.name,
                good.category,
                Fraction(good.max_price),
                good.barcode,
                good.barcodes,
                [plain(field) for field in good.extra],
                removed,
            )
            for key, (good, removed) in model.goods().items()
        }

    def _documents_agree(self, outlet: str, model: OutletModel) -> None:
        sales = self.tables.documents("sales", outlet)
        assert sales.keys() == model.sales.keys()
        for key, (_, sale) in model.sales.items():
            row = sales[key]
            goods, discount = sums(sale)
            assert Fraction(row["at"]) == Fraction(str(sale.at.timestamp()))
            assert (row["number"], row["positions"]) == (sale.number, len(sale.lines))
            assert (row["contact_id"], row["cashier"]) == (sale.contact_id, sale.cashier)
            assert [Fraction(row[name]) for name in ("goods_sum", "discount_sum", "total", "change")] == [
                goods,
                discount,
                goods - discount,
                Fraction(sale.change),
            ]
            assert row["lines"] == [plain(line) for line in sale.lines]
            assert row["payments"] == [plain(payment) for payment in sale.payments]
        returns = self.tables.documents("returns", outlet)
        assert returns.keys() == model.returns.keys()
        for key, (_, back) in model.returns.items():
            assert returns[key]["sale_id"] == back.sale_id
            assert returns[key]["lines"] == [plain(line) for line in back.lines]
            assert returns[key]["refunds"] == [plain(refund) for refund in back.refunds]
        moves = self.tables.documents("moves", outlet)
        assert {
            key: (row["good_id"], row["warehouse_id"], Fraction(row["quantity"]), row["reason"])
            for key, row in moves.items()
        } == {
            key: (move.good_id, move.warehouse_id, Fraction(move.quantity), move.reason)
            for key, (_, move) in model.moves.items()
        }

    def _ledger_agrees(self, outlet: str, model: OutletModel) -> None:
        ledger = self.tables.ledger(outlet)
        for counts in ledger.values():
            held = counts["waiting"] + counts["quarantined"]
            assert counts["read"] == counts["applied"] + counts["duplicate"] + counts["discarded"] + held
        assert ledger == {
            key: {
                "through": run.through,
                "read": run.read,
                "applied": run.applied,
                "duplicate": run.duplicate,
                "waiting": run.waiting,
                "quarantined": len(run.held_by_quarantine),
                "discarded": run.discarded,
            }
            for key, run in model.runs.items()
        }


@pytest.fixture
def world(postgres: str) -> Iterator[World]:
    world = World(postgres)
    yield world
    world.engine.close()
    world.connection.close()


def batches(records: Sequence[LogRecord], cuts: Sequence[int]) -> list[Sequence[LogRecord]]:
    """The records cut at the positions given."""
    marks = sorted({cut for cut in cuts if 0 < cut < len(records)})
    return [records[first:last] for first, last in zip([0, *marks], [*marks, len(records)], strict=True)]


cuts = st.lists(st.integers(1, 30), max_size=5)


@real
@given(st.data())
def test_any_delivery_gives_the_rows_of_the_model(world: World, data: st.DataObject) -> None:
    """Cut anyhow, sent again, out of order, interleaved with other runs and outlets: the rows are the model's."""
    world.begin()
    runs = data.draw(histories())
    for upload in data.draw(interleaved([data.draw(delivery(run)) for run in runs])):
        world.append(upload)
    world.apply(data.draw(cuts))
    world.agree()
    assert world.applied.read == world.applied.applied + world.applied.duplicate + world.applied.discarded


@real
@given(st.data())
def test_lost_batches_wait(world: World, data: st.DataObject) -> None:
    """Where batches of a run never come, what stands after the hole waits, and the rows are those up to the hole."""
    world.begin()
    for run in data.draw(histories()):
        for upload in data.draw(delivery(run).flatmap(lambda found: st.lists(st.sampled_from(found), max_size=4))):
            world.append(upload)
    world.apply(data.draw(cuts))
    world.agree()


@real
@given(st.data())
def test_the_first_content_read_for_a_number_stays(world: World, data: st.DataObject) -> None:
    """Two contents under the same numbers, cut anyhow: the one read first counts, number by number."""
    world.begin()
    [first, *_] = data.draw(histories(outlets=1, tills=1, runs=1))
    [second, *_] = data.draw(histories(outlets=1, tills=1, runs=1))
    other = RunHistory(first.outlet, first.till, first.run, first.zone, second.events)
    for upload in data.draw(interleaved([data.draw(delivery(first)), data.draw(delivery(other))])):
        world.append(upload)
    world.apply(data.draw(cuts))
    world.agree()


@real
@given(st.data())
def test_batches_applied_again_change_nothing(world: World, data: st.DataObject) -> None:
    """A worker that starts anywhere before the position (a zombie, a restart) changes no row and no count."""
    world.begin()
    for run in data.draw(histories()):
        for upload in data.draw(delivery(run)):
            world.append(upload)
    marks = data.draw(cuts)
    for batch in batches(world.log.records, marks):
        world.engine.apply(batch)
        again = data.draw(st.integers(0, len(world.log.records)))
        before = [record for record in world.log.records if _is_applied(world, record)]
        assert world.engine.apply(before[again:]).records == 0
    world.agree()


def _is_applied(world: World, record: LogRecord) -> bool:
    return record.offset < world.engine.start_offsets([record.partition])[record.partition]


def test_records_past_the_position_are_refused(world: World) -> None:
    """A batch that does not begin where the position is, or has a hole in it, is refused whole."""
    run = _run(6)
    for number in range(1, 7):
        world.append(run.upload(number, number))
    records = world.log.records
    with pytest.raises(PositionConflict):
        world.engine.apply(records[1:])
    with pytest.raises(PositionConflict):
        world.engine.apply([*records[:2], records[4]])
    partition = records[0].partition
    assert world.engine.start_offsets([partition]) == {partition: 0}
    world.apply()
    world.agree()
    assert world.engine.start_offsets([partition, 77]) == {partition: 6, 77: 0}


def _run(events: int, seed: int = 1) -> RunHistory:
    """A run of sales of 1.00 each."""
    sales = [
        event_of(
            {
                "type": "sale.registered",
                "at": f"2024-03-30T10:{number:02}:00+03:00",
                "sale_id": f"s{number}",
                "number": str(number),
                "lines": [{"good_id": "g", "name": "Чай", "quantity": "1", "price": "1.00"}],
                "payments": [{"method": "cash", "amount": "1.00"}],
            }
        )
        for number in range(events)
    ]
    return RunHistory(_uuid(seed), _uuid(seed + 1), _uuid(seed + 2), "Europe/Moscow", sales)


def _uuid(number: int) -> str:
    return str(UUID(int=number))
