"""Rebuilding while everyone works: nothing is lost, nothing is hidden, and nobody notices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.generations import locks, register
from projections.generations.compare import Difference
from projections.kinds import sums
from projections.kinds.documents import Documents
from projections.kinds.sums import Sums
from projections.models import versions
from projections.models.daily import DAILY
from projections.models.returns import RETURNED
from projections.models.sales import SALES, VOIDED_RECEIPTS, Receipt, SaleRow, receipt
from projections.models.versions import UnknownProjections
from projections.replay import catchup, switching
from projections.replay.rebuild import Wish, rebuild
from projections.replay.replay import Source
from schemas.errors import UsageError
from tests.projections.declared import declare
from tests.projections.kafkalog import KafkaLog
from tests.projections.quiet import Quiet
from tests.projections.shops import Shop

Database = Connection[TupleRow]
SHOPS = [Shop(seed) for seed in range(1, 5)]


def filled(log: KafkaLog, sales: int = 30) -> None:
    """Four shops' business, in the log and in the live read models."""
    for shop in SHOPS:
        log.append(shop.uploads(sales))
    log.apply()


def revenue(database: Database, schema: str) -> Decimal:
    with database.transaction():
        database.execute("SELECT set_config('search_path', %s, true)", (schema,))
        row = database.execute("SELECT sum(revenue) FROM daily").fetchone()
    assert row is not None
    return Decimal(row[0] or 0)


def test_a_rebuild_equals_the_live_read_models_and_takes_their_place(log: KafkaLog, database: Database) -> None:
    """The new generation has the same rows at the same offsets, is switched to, and the old one stays."""
    filled(log)
    before = revenue(database, "gen_1")
    outcome = rebuild(log.source, Wish(), Quiet())
    assert outcome.comparison.same
    assert (outcome.generation, outcome.state) == (2, "live")
    assert [found.state for found in register.listed(database)] == ["old", "live"]
    assert register.positions(database, register.live(database)) == outcome.offsets
    assert revenue(database, "gen_2") == before != 0


def test_the_live_projection_goes_on_in_the_new_generation(log: KafkaLog, database: Database) -> None:
    """After the switch the next batch is applied to the new generation, where the old one left off."""
    filled(log)
    rebuild(log.source, Wish(), Quiet())
    old = revenue(database, "gen_1")
    [shop, *_] = SHOPS
    log.append(shop.uploads(5, first_sale=30, first_seq=len(list(shop.events(30))) + 1))
    log.apply()
    assert revenue(database, "gen_2") > old == revenue(database, "gen_1")
    assert rebuild(log.source, Wish(), Quiet()).comparison.same


def test_a_rebuild_in_processes_equals_the_live_read_models(log: KafkaLog, database: Database) -> None:
    """Many records are folded by one process per core, with the same result."""
    for shop in SHOPS:
        log.append(shop.uploads(300, batch=4))
    log.apply()
    watcher = Quiet()
    outcome = rebuild(log.source, Wish(), watcher)
    assert outcome.comparison.same
    assert watcher.events == sum(len(list(shop.events(300))) for shop in SHOPS)


def test_an_empty_log_can_be_rebuilt(log: KafkaLog) -> None:
    """A new installation rebuilds to nothing without complaint."""
    assert rebuild(log.source, Wish(), Quiet()).state == "live"


def test_a_damaged_live_row_is_shown_and_waits_for_acceptance(log: KafkaLog, database: Database) -> None:
    """The same fold gives another row: it is named with both values, and nothing is switched until accepted."""
    filled(log)
    outlet = SHOPS[0].outlet
    database.execute("UPDATE gen_1.daily SET sales = sales + 1 WHERE outlet_id = %s AND day = '2026-03-02'", (outlet,))
    outcome = rebuild(log.source, Wish(), Quiet())
    assert outcome.state == "ready"
    assert outcome.comparison.totals == {"daily": 1}
    [difference] = outcome.comparison.differences
    assert difference.key == {"outlet_id": outlet, "day": "2026-03-02"}
    assert (difference.column, difference.old) == ("sales", difference.new + 1)
    assert register.live(database).number == 1
    accepted = rebuild(log.source, Wish(accept=True), Quiet())
    assert (accepted.generation, accepted.state, accepted.resumed) == (2, "live", True)


def doubled(sale: SaleRow) -> tuple[Receipt]:
    """A receipt in figures; one sale's goods sum counts double."""
    [figures] = receipt(sale)
    if (sale.outlet_id, sale.sale_id) != (SHOPS[1].outlet, "s7"):
        return (figures,)
    return (msgspec.structs.replace(figures, goods_sum=2 * figures.goods_sum),)


def changed_daily(version: int) -> Sums:
    """Daily revenue by another fold."""
    sources = (sums.Source(SALES, Receipt, doubled), RETURNED, VOIDED_RECEIPTS)
    return Sums("daily", version=version, sources=sources, key=DAILY.key, sums=DAILY.sums)


def test_a_changed_fold_shows_its_differences_and_no_others(
    log: KafkaLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exactly the figures that a fold changed under its old version are shown, and the switch waits for acceptance."""
    filled(log)
    with monkeypatch.context() as patched:
        declare(patched, changed_daily(DAILY.version))
        outcome = rebuild(log.source, Wish(), Quiet())
        assert outcome.state == "ready"
        assert rebuild(log.source, Wish(accept=True), Quiet()).state == "live"
    assert outcome.comparison.totals == {"daily": 1}
    [difference] = outcome.comparison.differences
    assert isinstance(difference, Difference)
    assert (difference.table, difference.column) == ("daily", "goods_sum")
    assert difference.new > difference.old


def test_a_changed_projection_exists_only_in_generations_built_with_it(
    log: KafkaLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The live generation's rows of it stay as they are; a new generation has it whole, and all others are equal."""
    filled(log)
    before = revenue(database, "gen_1")
    [shop, *_] = SHOPS
    declare(monkeypatch, changed_daily(DAILY.version + 1))
    assert register.lacking(register.live(database)) == ["daily"]
    assert "weboffice rebuild" in (register.live_is_outdated(database) or "")
    log.append(shop.uploads(5, first_sale=30, first_seq=len(list(shop.events(30))) + 1))
    log.apply()
    assert revenue(database, "gen_1") == before
    outcome = rebuild(log.source, Wish(), Quiet())
    assert (outcome.state, outcome.comparison.not_compared) == ("live", ["daily"])
    assert register.lacking(register.live(database)) == []
    assert register.live_is_outdated(database) is None
    assert revenue(database, "gen_2") > before


def test_events_that_the_live_generation_has_no_rows_for_are_numbered_and_passed_over(
    log: KafkaLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where receipts themselves changed, the workers go on with the rest: nothing is set aside."""
    filled(log)
    before = revenue(database, "gen_1")
    [shop, *_] = SHOPS
    later = Documents("sales", version=SALES.version + 1, event=SALES.event, id="sale_id", row=SaleRow, make=SALES.make)
    declare(monkeypatch, later)
    assert {"sales", "daily", "stock", "outlet_totals"} <= set(register.lacking(register.live(database)))
    log.append(shop.uploads(5, first_sale=30, first_seq=len(list(shop.events(30))) + 1))
    log.apply()
    assert revenue(database, "gen_1") == before
    assert database.execute("SELECT count(*)::int FROM gen_1.quarantine").fetchone() == (0,)
    counted = "SELECT t.applied_no = r.applied FROM gen_1.outlet_totals t JOIN gen_1.runs r USING (outlet_id)"
    assert database.execute(counted).fetchall() == [(True,)] * len(SHOPS)


def test_a_generation_of_a_newer_program_is_left_alone(
    log: KafkaLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker of an older release would carry on all but what it does not know; it stops instead."""
    filled(log)
    with monkeypatch.context() as patched:
        declare(patched, changed_daily(DAILY.version + 1))
        rebuild(log.source, Wish(), Quiet())
    [shop, *_] = SHOPS
    log.append(shop.uploads(5, first_sale=30, first_seq=len(list(shop.events(30))) + 1))
    with pytest.raises(UnknownProjections, match="daily"):
        log.apply()


def test_two_rebuilds_at_once_are_refused(log: KafkaLog, database: Database) -> None:
    """The second is told so at once and changes nothing."""
    filled(log)
    with locks.held(database, locks.REBUILD, "a rebuild"), pytest.raises(locks.Busy, match="already under way"):
        rebuild(log.source, Wish(), Quiet())
    assert [found.number for found in register.listed(database)] == [1]


def test_the_live_generation_and_the_one_before_stay(log: KafkaLog, database: Database) -> None:
    """A rebuild drops what is older, not what was kept by name."""
    filled(log)
    rebuild(log.source, Wish(), Quiet())
    database.execute("UPDATE app.generations SET state = 'named', name = 'kept' WHERE number = 1")
    for _ in range(3):
        rebuild(log.source, Wish(), Quiet())
    found = [(each.number, each.state) for each in register.listed(database)]
    assert found == [(1, "named"), (4, "old"), (5, "live")]


def test_going_back_catches_the_old_generation_up_first(log: KafkaLog, database: Database) -> None:
    """The generation switched to shows at once what came in while it was the old one."""
    filled(log)
    rebuild(log.source, Wish(), Quiet())
    [shop, *_] = SHOPS
    log.append(shop.uploads(5, first_sale=30, first_seq=len(list(shop.events(30))) + 1))
    log.apply()
    now = revenue(database, "gen_2")
    assert switching.switch(log.source, 1, Quiet()).state == "live"
    assert revenue(database, "gen_1") == now
    assert register.positions(database, register.numbered(database, 1)) == register.positions(
        database, register.numbered(database, 2)
    )


def test_one_that_is_left_ready_can_be_switched_to(log: KafkaLog, database: Database) -> None:
    """--no-switch leaves the new generation beside the live one; `generations switch` takes it up."""
    filled(log)
    assert rebuild(log.source, Wish(switch=False), Quiet()).state == "ready"
    assert register.live(database).number == 1
    switching.switch(log.source, 2, Quiet())
    assert register.live(database).number == 2


def test_a_generation_of_another_fold_version_is_not_gone_back_to_unasked(
    log: KafkaLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be continued by a fold that did not make it."""
    filled(log)
    rebuild(log.source, Wish(), Quiet())
    monkeypatch.setattr(versions, "FOLD_VERSION", "changed")
    with pytest.raises(UsageError, match="--accept"):
        switching.switch(log.source, 1, Quiet())


def test_the_live_generation_is_never_dropped(log: KafkaLog, database: Database) -> None:
    """Any other one is, with its schema."""
    filled(log)
    rebuild(log.source, Wish(), Quiet())
    with pytest.raises(UsageError, match="live"):
        switching.drop(log.source.postgres, 2)
    switching.drop(log.source.postgres, 1)
    assert [found.number for found in register.listed(database)] == [2]
    row = database.execute("SELECT to_regnamespace('gen_1')").fetchone()
    assert row == (None,)


def test_what_waits_and_what_is_removed_survives_a_rebuild(log: KafkaLog, database: Database) -> None:
    """Uploads that wait behind a hole, and an outlet that was removed, are the same in the new generation."""
    first, second, *_ = SHOPS
    uploads = list(first.uploads(30))
    log.append([*uploads[:2], *uploads[3:]])
    log.apply()
    assert rebuild(log.source, Wish(), Quiet()).comparison.same
    log.append([uploads[2], *second.uploads(3)])
    log.apply()
    outcome = rebuild(log.source, Wish(), Quiet())
    assert outcome.comparison.same
    row = database.execute("SELECT count(*) FROM gen_3.parked").fetchone()
    assert row == (0,)


@pytest.mark.parametrize(
    "wish",
    [
        Wish(until=datetime(2026, 1, 1, tzinfo=UTC)),
        Wish(name="monday"),
        Wish(until=datetime.now(UTC) + timedelta(days=1), name="tomorrow"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(source: Source, wish: Wish) -> None:
    """A time without a name, a name without a time, a time to come."""
    with pytest.raises(UsageError):
        rebuild(source, wish, Quiet())


def test_pages_read_on_while_applying_is_stopped(log: KafkaLog, database: Database, postgres: str) -> None:
    """The moment of the switch keeps batches waiting, not readers."""
    filled(log)
    with catchup.session(postgres) as other, other.transaction():
        register.stop_applying(other)
        assert register.live(database).number == 1
        assert revenue(database, "gen_1") > 0


def test_row_level_security_binds_everyone_once_a_generation_is_built(log: KafkaLog, database: Database) -> None:
    """While it is built its owner is let off, for COPY; before it is live or kept, no longer."""
    filled(log)
    rebuild(log.source, Wish(), Quiet())
    rebuild(log.source, Wish(until=datetime.now(UTC), name="today"), Quiet())
    let_off = database.execute(
        "SELECT relname FROM pg_class WHERE relnamespace::regnamespace::text LIKE 'gen%'"
        " AND relkind = 'r' AND relname <> 'positions' AND NOT (relrowsecurity AND relforcerowsecurity)"
    )
    assert let_off.fetchall() == []
