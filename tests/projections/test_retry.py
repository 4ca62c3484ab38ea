"""The two ways out of quarantine, and the flood that stops the worker."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from ops.provisioning import provision
from projections.generations import register
from projections.generations.compare import compare
from projections.proof import quarantine
from projections.proof.verify import verify
from projections.replay.rebuild import Wish, rebuild
from schemas.errors import Refused, UsageError
from schemas.records import EventsDiscarded, decode
from tests.projections.bug import BROKEN, with_a_bug
from tests.projections.kafkalog import KafkaLog, headers_of
from tests.projections.quiet import Quiet
from tests.projections.shops import Shop

Database = Connection[TupleRow]
FIRST, SECOND = BROKEN, Shop(2)


def test_a_retried_event_ends_in_the_same_rows_as_if_it_had_never_failed(
    log: KafkaLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folded again by the mended fold, every row of the outlet is that of a fold that never failed.

    While the bug lasts, a retry leaves things as they are.
    """
    log.append([*FIRST.uploads(20), *SECOND.uploads(20)])
    with monkeypatch.context() as patched:
        with_a_bug(patched)
        log.apply()
        [aside] = quarantine.listed(database)
        assert aside.outlet_id == FIRST.outlet
        assert "a bug" in aside.reason
        assert quarantine.at(database, aside.partition, aside.log_offset) == [aside]
        assert quarantine.retry(log.source, FIRST.outlet, Quiet()).left == [aside]
    assert quarantine.retry(log.source, FIRST.outlet, Quiet()).left == []
    assert [found.number for found in register.listed(database)] == [1]
    never_failed = rebuild(log.source, Wish(switch=False), Quiet())
    assert never_failed.comparison.same
    new = register.numbered(database, never_failed.generation)
    assert compare(database, register.live(database), new).same


def test_applying_goes_on_after_a_retry(log: KafkaLog, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows that were swapped in are carried on, to the same result as the log's."""
    with monkeypatch.context() as patched:
        with_a_bug(patched)
        log.append(FIRST.uploads(20))
        log.apply()
    quarantine.retry(log.source, FIRST.outlet, Quiet())
    log.append(FIRST.uploads(10, first_sale=20, first_seq=len(list(FIRST.events(20))) + 1))
    log.apply()
    assert verify(log.source, Quiet()).same


def test_discarding_goes_through_the_log_with_its_reason(log: KafkaLog, database: Database) -> None:
    """The order waits in the outbox; once read, what waited is applied, and a rebuild knows the reason as well."""
    account = provision(log.source.postgres, "owner@example.com", ["Чайная"])
    shop = Shop(1, known_as=account["outlets"][0]["outlet_id"])
    uploads = list(shop.uploads(20))
    log.append(uploads[:1])
    log.append_raw([(shop.outlet, b'{"v":99}', headers_of(uploads[1]))])
    log.append(uploads[2:])
    log.apply()
    [aside] = quarantine.listed(database)
    with pytest.raises(UsageError, match="reason"):
        quarantine.discard(database, aside, " ", datetime.now(UTC))
    quarantine.discard(database, aside, "from a test till", datetime.now(UTC))
    row = database.execute("SELECT record FROM app.outbox").fetchone()
    assert row is not None
    order = decode(row[0])
    assert isinstance(order, EventsDiscarded)
    log.append([order])
    log.apply()
    assert quarantine.listed(database) == []
    [kept] = quarantine.listed(database, discarded=True)
    assert kept.discarded_because == "from a test till"
    assert rebuild(log.source, Wish(), Quiet()).comparison.same
    with pytest.raises(UsageError, match="already"):
        quarantine.discard(database, kept, "again", datetime.now(UTC))


def test_what_is_not_in_quarantine_is_refused(log: KafkaLog, database: Database) -> None:
    """A slip of the keyboard is told."""
    log.append(FIRST.uploads(5))
    log.apply()
    with pytest.raises(Refused, match="partition 1, offset 77"):
        quarantine.at(database, 1, 77)


def test_a_record_that_names_no_run_is_taken_off_the_list(log: KafkaLog, database: Database) -> None:
    """It holds up nothing, so giving it up takes effect at once; with its reason, and over a rebuild."""
    log.append_raw([(FIRST.outlet, b"garbage", [])])
    log.append(FIRST.uploads(5))
    log.apply()
    [aside] = quarantine.listed(database)
    assert quarantine.discard(database, aside, "somebody's test", datetime.now(UTC))
    for _ in range(2):
        assert quarantine.listed(database) == []
        [kept] = quarantine.listed(database, discarded=True)
        assert kept.discarded_because == "somebody's test"
        assert quarantine.at(database, aside.partition, aside.log_offset) == [kept]
        assert rebuild(log.source, Wish(), Quiet()).comparison.same
    with pytest.raises(UsageError, match="already"):
        quarantine.discard(database, kept, "again", datetime.now(UTC))
