"""Records that can't be folded, by the hundred: what somebody sends holds back him alone, what we broke stops us."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from ops.provisioning import provision
from projections.apply.flood import QuarantineFlood
from projections.generations import register
from projections.kinds.fold import Fold
from projections.kinds.readmodels import ReadModels
from projections.proof import quarantine
from projections.proof.verify import verify
from projections.replay.rebuild import Wish, rebuild
from projections.runs import reading
from schemas.errors import RecordUnreadable
from schemas.events import ContactSaved, Event, SaleRegistered
from schemas.records import Record, UploadRecord
from tests.projections.kafkalog import KafkaLog, headers_of
from tests.projections.quiet import Quiet
from tests.projections.shops import Shop

Database = Connection[TupleRow]
FUTURE = b'{"v":99}'
_upload = Fold.upload


@pytest.fixture
def shops(log: KafkaLog) -> list[Shop]:
    """Two outlets of each of three accounts, the last of which is honest."""
    return [
        Shop(3 * number + place, known_as=outlet["outlet_id"])
        for number, owner in enumerate(("one", "two", "honest"), 1)
        for place, outlet in enumerate(provision(log.source.postgres, f"{owner}@example.org", ["А", "Б"])["outlets"])
    ]


@pytest.fixture
def patched() -> Iterator[pytest.MonkeyPatch]:
    """For bugs; they are mended at the end."""
    with pytest.MonkeyPatch.context() as patched:
        yield patched


def cannot_fold(patched: pytest.MonkeyPatch, what: Callable[[Event], bool]) -> None:
    """Puts a bug into this process: events of that kind can't be folded, which is found out in the middle."""

    def folded(self: Fold, models: ReadModels, upload: UploadRecord, log_offset: int, log_time: datetime) -> int:
        withdrawn = _upload(self, models, upload, log_offset, log_time)
        if any(map(what, upload.events)):
            raise ZeroDivisionError("a bug")
        return withdrawn

    patched.setattr(Fold, "upload", folded)


def in_this_process(patched: pytest.MonkeyPatch) -> None:
    """Replays fold here, where the bug is, not in processes of their own."""
    patched.setattr("projections.replay.replay._FEW_RECORDS", 10**6)


def poisoned(event: Event) -> bool:
    """What no version of the fold ever took: only who is hostile sends it."""
    return isinstance(event, SaleRegistered) and event.number.startswith("яд")


def poison(shop: Shop, uploads: int) -> list[UploadRecord]:
    """As many uploads, each a run of its own, with a sale that nobody can fold."""
    return [shop.upload(1, [poisoned_sale(shop)], run=run(1000 + number)) for number in range(uploads)]


def poisoned_sale(shop: Shop) -> SaleRegistered:
    sale = next(event for event in shop.events(1) if isinstance(event, SaleRegistered))
    return msgspec.structs.replace(sale, number="яд")


def run(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def test_hostile_accounts_hold_back_nobody(
    log: KafkaLog, database: Database, shops: list[Shop], patched: pytest.MonkeyPatch
) -> None:
    """Four outlets of two accounts send hundreds of records that can't be read or folded: they are set aside, however
    many, and the third account's are applied; verify, rebuild and ledger find nothing wrong."""
    cannot_fold(patched, poisoned)
    *hostile, honest, other = shops
    for shop in shops:
        log.append(shop.uploads(5))
    log.apply()
    for shop in hostile:
        uploads = poison(shop, 60)
        log.append(uploads[:25])
        log.append_raw([(shop.outlet, FUTURE, headers_of(upload)) for upload in uploads[25:45]])
        log.append_raw([(shop.outlet, b"", headers_of(upload)) for upload in uploads[45:]])
        log.append_raw([(shop.outlet, b"garbage", [])] * 15)
    log.append(honest.uploads(10, first_sale=5, first_seq=len(list(honest.events(5))) + 1))
    log.apply()
    aside = quarantine.listed(database)
    assert len(aside) == 4 * (60 + 15)
    assert {row.outlet_id for row in aside} == {shop.outlet for shop in hostile}
    rows = database.execute("SELECT outlet_id::text, sales FROM gen_1.outlet_totals").fetchall()
    assert dict(rows) == {**{shop.outlet: 5 for shop in (*hostile, other)}, honest.outlet: 15}
    in_this_process(patched)
    assert verify(log.source, Quiet()).same
    outcome = rebuild(log.source, Wish(), Quiet())
    assert outcome.comparison.same
    assert register.live(database).number == outcome.generation


BUGS: dict[str, Callable[[Event], bool]] = {
    "everything": lambda event: True,
    "one kind of event": lambda event: isinstance(event, ContactSaved),
    "some receipts": lambda event: isinstance(event, SaleRegistered) and len(event.lines) > 1,
}


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_program_that_can_no_longer_fold_stops(
    log: KafkaLog, database: Database, shops: list[Shop], patched: pytest.MonkeyPatch, bug: Callable[[Event], bool]
) -> None:
    """A bug that came with an update stops the worker before anything is set aside, and again after a restart; the
    program before, or the next one, goes on where it stopped."""
    for shop in shops:
        log.append(shop.uploads(5))
    log.apply()
    for shop in shops:
        log.append(shop.uploads(20, first_sale=5, first_seq=len(list(shop.events(5))) + 1))
        log.append([shop.upload(1, list(shop.events(3)), run=run(9))])
    with patched.context() as bugs:
        cannot_fold(bugs, bug)
        for _ in range(2):
            with pytest.raises(QuarantineFlood, match="folded before.*of [23] accounts"):
                log.apply()
    assert quarantine.listed(database) == []
    log.apply()
    assert quarantine.listed(database) == []
    assert verify(log.source, Quiet()).same


def test_a_program_that_can_no_longer_read_stops(
    log: KafkaLog, database: Database, shops: list[Shop], patched: pytest.MonkeyPatch
) -> None:
    """Likewise where records can't be decoded any more."""
    for shop in shops:
        log.append(shop.uploads(5))
    log.apply()
    log.append([shop.upload(99, list(shop.events(1))) for shop in shops])

    def broken(value: bytes | None) -> Record:
        raise RecordUnreadable("a bug")

    with patched.context() as bugs:
        bugs.setattr(reading, "decode", broken)
        with pytest.raises(QuarantineFlood, match="folded before"):
            log.apply()
    assert quarantine.listed(database) == []


def test_tables_that_are_broken_stop_the_worker(log: KafkaLog, database: Database, shops: list[Shop]) -> None:
    """Somebody took a table away under the worker's feet: no till's record is to blame."""
    for shop in shops:
        log.append(shop.uploads(5))
    log.apply()
    database.execute("ALTER TABLE gen_1.contacts RENAME TO gone")
    log.append([shop.upload(1, list(shop.events(1)), run=shop.till) for shop in shops])
    with pytest.raises(QuarantineFlood, match="folded before"):
        log.apply()
    database.execute("ALTER TABLE gen_1.gone RENAME TO contacts")
    log.apply()
    assert verify(log.source, Quiet()).same


def test_what_one_account_alone_can_have_no_more_is_set_aside(
    log: KafkaLog, database: Database, shops: list[Shop], patched: pytest.MonkeyPatch
) -> None:
    """A bug that strikes one account's outlets, however many records, holds back these, and nobody else."""
    mine = {shop.outlet for shop in shops[:2]}
    for shop in shops:
        log.append(shop.uploads(5))
    log.apply()
    for shop in shops:
        log.append([shop.upload(1, list(shop.events(1)), run=run(n)) for n in range(90)])

    def folded(self: Fold, models: ReadModels, upload: UploadRecord, log_offset: int, log_time: datetime) -> int:
        if upload.outlet in mine:
            raise ZeroDivisionError("a bug")
        return _upload(self, models, upload, log_offset, log_time)

    with patched.context() as bugs:
        bugs.setattr(Fold, "upload", folded)
        log.apply()
    aside = quarantine.listed(database)
    assert len(aside) == 2 * 90
    assert {row.outlet_id for row in aside} == mine


def test_other_content_under_old_numbers_is_no_witness(
    log: KafkaLog, database: Database, shops: list[Shop], patched: pytest.MonkeyPatch
) -> None:
    """Two hostile accounts send poison under numbers that were applied (a duplicate, never folded), then poison under
    new ones: what was never folded proves nothing, and nobody is stopped."""
    cannot_fold(patched, poisoned)
    *hostile, honest, other = shops
    for shop in shops:
        log.append(shop.uploads(5, batch=1))
    log.apply()
    for shop in hostile:
        log.append([shop.upload(number, [poisoned_sale(shop)]) for number in range(1, 10)])
    log.apply()
    for shop in hostile:
        log.append(poison(shop, 60))
    log.append([honest.upload(1, list(honest.events(3)), run=honest.till)])
    log.apply()
    assert {row.outlet_id for row in quarantine.listed(database)} == {shop.outlet for shop in hostile}


def test_a_rebuild_that_can_not_fold_what_stands_live_stops(
    log: KafkaLog, database: Database, shops: list[Shop]
) -> None:
    """Rows that are live were folded by somebody: where this program sets their records aside by the hundred, it ends
    and leaves nothing half built; what the live generation has set aside counts for nothing."""
    for shop in shops:
        log.append([shop.upload(1, [event], run=run(n)) for n, event in enumerate(shop.events(40))])
    log.append_raw([(shop.outlet, FUTURE, headers_of(upload)) for shop in shops for upload in poison(shop, 60)])
    log.apply()
    assert len(quarantine.listed(database)) == 6 * 60
    assert verify(log.source, Quiet()).same
    with pytest.MonkeyPatch.context() as bugs:
        cannot_fold(bugs, lambda event: isinstance(event, SaleRegistered))
        in_this_process(bugs)
        with pytest.raises(QuarantineFlood, match="folded before"):
            rebuild(log.source, Wish(switch=False), Quiet())
    assert rebuild(log.source, Wish(), Quiet()).comparison.same
