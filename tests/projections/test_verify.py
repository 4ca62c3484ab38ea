"""Proof: whatever is altered by hand is found and named, and what is right is found right."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.generations import certificates, locks, register
from projections.proof.verify import verify
from projections.replay.rebuild import Wish, rebuild
from schemas.errors import UsageError
from tests.projections.kafkalog import KafkaLog
from tests.projections.quiet import Quiet
from tests.projections.shops import Shop
from tests.projections.world import World
from tests.schemas.strategies import delivery, histories, interleaved

Database = Connection[TupleRow]
SHOPS = [Shop(seed) for seed in range(1, 4)]
OUTLET = SHOPS[0].outlet


@pytest.fixture
def filled(log: KafkaLog) -> KafkaLog:
    """Three shops' business, in the log and in the live read models."""
    for shop in SHOPS:
        log.append(shop.uploads(30))
    log.apply()
    return log


def test_untouched_read_models_are_found_right(filled: KafkaLog, database: Database) -> None:
    """No row differs, nothing of the copy is left behind, and the live generation is certified at these offsets."""
    verdict = verify(filled.source, Quiet())
    assert verdict.same
    assert [found.number for found in register.listed(database)] == [1]
    live = register.live(database)
    assert certificates.broken(database, live) == []
    kinds = {found.projection for found in certificates.stored(database, live)}
    assert kinds >= {"daily", "hourly", "payments", "sales", "returns", "moves", "goods", "contacts", "stock"}


@pytest.mark.parametrize(
    ("damage", "table", "column"),
    [
        ("UPDATE gen_1.daily SET goods_sum = goods_sum + 0.01 WHERE day = '2026-03-02'", "daily", "goods_sum"),
        ("UPDATE gen_1.sales SET lines = lines || lines WHERE sale_id = 's3'", "sales", "lines"),
        ("UPDATE gen_1.contacts SET name = 'Подменов П.' WHERE contact_id = 'c1'", "contacts", "name"),
        ("DELETE FROM gen_1.payments WHERE day = '2026-03-02' AND method = 'cash'", "payments", ""),
        ("DELETE FROM gen_1.goods WHERE good_id = 'g1'", "goods", ""),
        (
            "INSERT INTO gen_1.stock SELECT outlet_id, 'hand', 'main', 1, NULL, 0 FROM gen_1.outlet_totals",
            "stock",
            "",
        ),
        ("UPDATE gen_1.runs SET duplicate = duplicate + 1", "runs", "duplicate"),
    ],
)
def test_a_row_added_lost_or_altered_by_hand_is_named(
    filled: KafkaLog, database: Database, damage: str, table: str, column: str
) -> None:
    """The table, the key and the column are told, and nothing else is."""
    database.execute(damage.encode())
    verdict = verify(filled.source, Quiet())
    assert verdict.comparison.totals.keys() == {table}
    assert {(found.table, found.column) for found in verdict.comparison.differences} == {(table, column)}
    assert OUTLET in {found.key["outlet_id"] for found in verdict.comparison.differences}


def test_one_outlet_is_verified_alone(filled: KafkaLog, database: Database) -> None:
    """Damage elsewhere is not looked at, damage here is found."""
    database.execute("UPDATE gen_1.daily SET sales = 0 WHERE outlet_id = %s", (OUTLET,))
    assert verify(filled.source, Quiet(), outlet=SHOPS[1].outlet).same
    assert not verify(filled.source, Quiet(), outlet=OUTLET).same
    assert verify(filled.source, Quiet(), sample=3).comparison.totals.keys() == {"daily"}
    with pytest.raises(UsageError):
        verify(filled.source, Quiet(), outlet="00000000-0000-0000-0000-000000000000")


def test_the_copy_of_a_verification_that_was_killed_is_dropped(filled: KafkaLog, database: Database) -> None:
    """It is of no use to anybody, and the next verification clears it away."""
    with database.transaction():
        register.create(database, purpose="check")
    assert verify(filled.source, Quiet()).same
    assert [found.number for found in register.listed(database)] == [1]


def test_a_verification_leaves_the_copy_of_a_retry_alone(filled: KafkaLog, database: Database) -> None:
    """An outlet is being folded again while the nightly verification begins."""
    with locks.held(database, locks.REBUILD, "a retry"):
        with database.transaction():
            copy = register.create(database, purpose="check")
        assert verify(filled.source, Quiet()).same
        assert copy.number in [found.number for found in register.listed(database)]


def test_two_verifications_at_once_are_refused(filled: KafkaLog, database: Database) -> None:
    """The second would drop the first one's copy."""
    with locks.held(database, locks.VERIFY, "a verification"), pytest.raises(locks.Busy):
        verify(filled.source, Quiet())


@pytest.mark.parametrize(
    ("damage", "projection", "rows"),
    [
        ("UPDATE gen_2.daily SET sales = sales + 1 WHERE outlet_id = %s AND day = '2026-03-02'", "daily", 0),
        ("DELETE FROM gen_2.sales WHERE outlet_id = %s AND sale_id = 's0'", "sales", -1),
        (
            "INSERT INTO gen_2.warehouses SELECT outlet_id, 'hand', 'hand' FROM gen_2.outlet_totals"
            " WHERE outlet_id = %s",
            "warehouses",
            1,
        ),
    ],
)
def test_a_named_report_that_was_tampered_with_breaks_its_certificate(
    filled: KafkaLog, database: Database, damage: str, projection: str, rows: int
) -> None:
    """The projection, the outlet and the day are named, and whether a row was added, lost or altered."""
    moment = database.execute("SELECT max(log_time) FROM gen_1.positions").fetchone()
    assert moment is not None
    rebuild(filled.source, Wish(until=moment[0], name="monday"), Quiet())
    assert verify(filled.source, Quiet()).same
    database.execute(damage.encode(), (OUTLET,))
    verdict = verify(filled.source, Quiet())
    assert not verdict.same
    [report] = verdict.broken
    [broken] = report.certificates
    assert (report.name, broken.projection, broken.outlet_id) == ("monday", projection, OUTLET)
    assert (broken.found or 0) - (broken.certified or 0) == rows
    assert (broken.day is None) == (projection == "warehouses")


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_delivery_of_the_same_events_gives_the_same_certificates(world: World, data: st.DataObject) -> None:
    """Cut into other batches, sent again, out of order, interleaved with other outlets: not one checksum differs."""
    runs = data.draw(histories(tills=1, runs=1))
    seen = []
    for _ in range(2):
        world.begin()
        for upload in data.draw(interleaved([data.draw(delivery(run)) for run in runs])):
            world.log.append(upload)
        world.apply(data.draw(st.lists(st.integers(1, 30), max_size=5)))
        live = register.live(world.connection)
        with world.connection.transaction():
            certificates.store(world.connection, live, {})
        seen.append(certificates.stored(world.connection, live))
    assert seen[0] == seen[1]
