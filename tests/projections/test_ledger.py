"""Every event read is accounted for, and one that is not is noticed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.proof import quarantine
from projections.proof.ledger import ledger
from schemas.events import EventWithdrawn
from schemas.records import GapGivenUp, encode, headers
from tests.projections.kafkalog import KafkaLog, headers_of
from tests.projections.shops import OPENED, Shop

Database = Connection[TupleRow]
[FIRST, SECOND] = [Shop(1), Shop(2)]


def test_every_event_of_the_log_is_accounted_for(log: KafkaLog) -> None:
    """Applied, sent again, waiting behind a hole, set aside: the sum is what the log's headers count, per outlet."""
    uploads = list(FIRST.uploads(20))
    broken = list(SECOND.uploads(20))
    log.append([*uploads[:2], uploads[1], *uploads[3:]])  # one twice, one lost
    log.append(broken[:1])
    log.append_raw([(SECOND.outlet, b'{"v":99}', headers_of(broken[1]))])
    log.append(broken[2:])
    log.apply()
    one, two = asyncio.run(ledger(log.source))
    assert (one.holds, two.holds) == (True, True)
    sizes = [len(upload.events) for upload in uploads]
    assert (one.applied, one.duplicate, one.waiting) == (sum(sizes[:2]), sizes[1], sum(sizes[3:]))
    [missing] = one.missing
    assert (missing.run, missing.first, missing.last) == (FIRST.run, 21, 30)
    assert (two.applied, two.quarantined) == (10, 10)
    assert two.waiting == two.read - 20
    assert two.missing == []


def test_withdrawn_events_are_told_apart(log: KafkaLog) -> None:
    """What the gateway refused is a part of what was discarded, whatever else was."""
    events = list(FIRST.events(20))
    lost = FIRST.upload(1, events[:5])
    log.append([FIRST.upload(6, events[5:]), GapGivenUp(FIRST.outlet, FIRST.till, FIRST.run, 1, 5, "gone", OPENED)])
    log.append([lost])  # it comes after all
    log.apply()
    [one] = asyncio.run(ledger(log.source))
    assert one.holds
    withdrawn = sum(isinstance(event, EventWithdrawn) for event in events)
    assert (one.discarded, one.withdrawn) == (5 + withdrawn, withdrawn)


def test_a_sum_that_does_not_hold_is_told(log: KafkaLog, database: Database) -> None:
    """An event that the read models do not know of, or count twice, shows against the log's own count."""
    log.append([*FIRST.uploads(20), *SECOND.uploads(20)])
    log.apply()
    database.execute("UPDATE gen_1.runs SET read = read - 1, applied = applied - 1 WHERE run = %s", (FIRST.run,))
    one, two = asyncio.run(ledger(log.source))
    assert (one.holds, two.holds) == (False, True)
    assert one.read == one.counted + 1


def test_an_outlet_that_the_read_models_never_heard_of_shows(log: KafkaLog, database: Database) -> None:
    """Its events are in the log, so they are in the ledger, and the sum does not hold."""
    log.append(FIRST.uploads(20))
    log.apply()
    database.execute("DELETE FROM gen_1.runs")
    [one] = asyncio.run(ledger(log.source))
    assert one.read > 0
    assert not one.holds


@pytest.mark.parametrize(
    "claimed",
    [
        {"run": "x"},
        {"run": "x", "outlet": "a shop"},
        {"first_seq": 0},
        {"first_seq": 2**53},
        {"till": "00000000000000000000000000000002"},
        {"count": 3},
        {"outlet": SECOND.outlet},
    ],
)
@pytest.mark.parametrize("readable", [True, False])
def test_headers_that_claim_what_cannot_be_keep_no_sum_from_holding(
    log: KafkaLog, database: Database, claimed: dict[str, Any], readable: bool
) -> None:
    """A record whose headers are of no run, or not those of its content, is set aside; both counts agree on it."""
    uploads = list(FIRST.uploads(20))
    odd = {"outlet": FIRST.outlet, "till": FIRST.till, "run": FIRST.run, "first_seq": 11, "count": 10, **claimed}
    found = headers(kind="upload", **odd)
    log.append(uploads[:1])
    log.append_raw([(FIRST.outlet, encode(uploads[1]) if readable else b"garbage", found)])
    log.append([*uploads[1:], *SECOND.uploads(5)])
    log.apply()
    assert len(quarantine.listed(database)) == 1
    assert all(one.holds for one in asyncio.run(ledger(log.source)))


@pytest.mark.parametrize("readable", [True, False])
def test_a_record_without_headers_counts_by_its_content(log: KafkaLog, database: Database, readable: bool) -> None:
    """An upload that somebody wrote without headers is applied and counted; what says nothing at all counts nowhere."""
    [upload, *rest] = FIRST.uploads(20)
    log.append_raw([(FIRST.outlet, encode(upload) if readable else b"garbage", [])])
    log.append(rest)
    log.apply()
    [one] = asyncio.run(ledger(log.source))
    assert one.holds
    assert one.withdrawn == (2 if readable else 0)
    assert one.applied == (one.read - one.withdrawn if readable else 0)
    assert len(quarantine.listed(database)) == (0 if readable else 1)
