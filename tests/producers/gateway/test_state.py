"""How far a run is applied, as its till is told."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from producers.gateway.state import RunState, as_the_log_has_it, parse_run
from projections.apply.engine import Engine
from schemas.log import LogRecord
from schemas.records import EventsDiscarded, GapGivenUp, Record, UploadRecord, decode, encode, headers
from schemas.topics import Topics
from tests.producers.gateway.service import Service, new_shop, read_log, upload_of


class Applying:
    """Hands what the gateway wrote to the engine, as the workers would."""

    def __init__(self, service: Service, kafka: str, topics: Topics) -> None:
        self._engine = Engine(service.shop.postgres)
        self._kafka, self._topics = kafka, topics
        self._offset = 0
        self._seen = 0

    async def everything_new(self) -> None:
        records = sorted(await read_log(self._kafka, self._topics.uploads), key=lambda record: record.timestamp)
        for record in records[self._seen :]:
            self.one(record.value, list(record.headers), record.key)
        self._seen = len(records)

    def one(self, value: bytes, found: list[tuple[str, bytes]], key: bytes) -> None:
        self._engine.apply([LogRecord(0, self._offset, key, value, found, datetime.now(UTC))])
        self._offset += 1

    def close(self) -> None:
        self._engine.close()


async def test_the_state_of_a_run(service: Service, kafka: str, topics: Topics) -> None:
    """Applied, waiting, missing and set aside follow what was uploaded; the zone is the outlet's."""
    applying = Applying(service, kafka, topics)
    run = str(uuid.uuid4())
    state = (await service.state(run)).json()
    assert state == {
        "applied_through": 0,
        "waiting": [],
        "missing": [],
        "quarantined": [],
        "zone": "Europe/Moscow",
        "day_begins": 0,
    }
    for first_seq, count in ((1, 10), (21, 5), (26, 5), (41, 2)):
        assert (await service.upload(upload_of(count, run=run, first_seq=first_seq))).status_code == 202
        await applying.everything_new()
    state = (await service.state(run.upper())).json()
    assert state["applied_through"] == 10
    assert state["waiting"] == [[21, 30], [41, 42]]
    assert state["missing"] == [[11, 20], [31, 40]]
    assert (await service.upload(upload_of(10, run=run, first_seq=11))).status_code == 202
    await applying.everything_new()
    state = (await service.state(run)).json()
    assert (state["applied_through"], state["waiting"], state["missing"]) == (30, [[41, 42]], [[31, 40]])
    applying.close()


async def test_runs_belong_to_their_till(service: Service, kafka: str, topics: Topics) -> None:
    """Another till asking for the same run sees nothing of it."""
    applying = Applying(service, kafka, topics)
    run = str(uuid.uuid4())
    assert (await service.upload(upload_of(5, run=run))).status_code == 202
    await applying.everything_new()
    applying.close()
    other = new_shop(service.shop.postgres, "Вторая лавка")
    service.shop = other
    assert (await service.state(run)).json()["applied_through"] == 0


async def test_set_aside_and_given_up(service: Service, kafka: str, topics: Topics) -> None:
    """A record that can't be read shows as set aside; a hole given up is no longer missing."""
    applying = Applying(service, kafka, topics)
    run = str(uuid.uuid4())
    assert (await service.upload(upload_of(2, run=run))).status_code == 202
    await applying.everything_new()
    [record] = await read_log(kafka, topics.uploads)
    upload = decode(record.value)
    assert isinstance(upload, UploadRecord)
    named: dict[str, Any] = {"outlet": upload.outlet, "till": upload.till, "run": run}
    applying.one(b"nonsense", headers(kind="upload", first_seq=3, count=4, **named), record.key)
    assert (await service.upload(upload_of(2, run=run, first_seq=10))).status_code == 202
    await applying.everything_new()
    state = (await service.state(run)).json()
    assert state == {
        "applied_through": 2,
        "waiting": [[10, 11]],
        "missing": [[7, 9]],
        "quarantined": [[3, 6]],
        "zone": "Europe/Moscow",
        "day_begins": 0,
    }

    def decide(record_of: Record, kind: str, first_seq: int) -> None:
        applying.one(encode(record_of), headers(kind=kind, first_seq=first_seq, count=0, **named), record.key)

    at = upload.received_at
    decide(GapGivenUp(**named, first_seq=7, last_seq=9, reason="r", decided_at=at), "gap.given_up", 7)
    state = (await service.state(run)).json()
    assert (state["applied_through"], state["missing"], state["quarantined"]) == (2, [], [[3, 6]])
    decide(EventsDiscarded(**named, first_seq=3, last_seq=6, reason="r", decided_at=at), "events.discarded", 3)
    state = (await service.state(run)).json()
    assert state == {
        "applied_through": 11,
        "waiting": [],
        "missing": [],
        "quarantined": [],
        "zone": "Europe/Moscow",
        "day_begins": 0,
    }
    applying.close()


async def test_the_live_generation_is_asked(service: Service, kafka: str, topics: Topics) -> None:
    """After a switch the state comes from the new generation."""
    applying = Applying(service, kafka, topics)
    run = str(uuid.uuid4())
    assert (await service.upload(upload_of(5, run=run))).status_code == 202
    await applying.everything_new()
    applying.close()
    assert (await service.state(run)).json()["applied_through"] == 5
    with psycopg.connect(service.shop.postgres) as connection:
        connection.execute("CREATE SCHEMA other")
        for table in ("runs", "parked", "quarantine"):
            connection.execute(f"CREATE TABLE other.{table} (LIKE gen_1.{table})".encode())
        connection.execute("GRANT USAGE ON SCHEMA other TO weboffice_gateway")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA other TO weboffice_gateway")
        connection.execute("UPDATE app.generations SET state = 'old' WHERE state = 'live'")
        connection.execute("UPDATE app.generations SET schema_name = 'other', state = 'live' WHERE number = 1")
    assert (await service.state(run)).json()["applied_through"] == 0


async def test_a_run_that_is_none(service: Service) -> None:
    """A missing or broken run is 422 and says where; without a token it is 401."""
    for query in ({}, {"run": ""}, {"run": "5"}, {"run": "x" * 5000}):
        headers_sent = {"Authorization": f"Bearer {service.shop.token}"}
        response = await service.client.get("/api/v1/uploads/state", params=query, headers=headers_sent)
        assert (response.status_code, response.json()["at"]) == (422, "run")
    assert (await service.client.get("/api/v1/uploads/state", params={"run": str(uuid.uuid4())})).status_code == 401


def test_a_run_has_one_form() -> None:
    """However a UUID is written, it names the same run as in an upload."""
    run = uuid.uuid4()
    assert parse_run(str(run).upper()) == parse_run(run.hex) == str(run)


@pytest.mark.parametrize(
    ("state", "in_log", "told"),
    [
        (RunState(9), [(1, 4)], RunState(4)),
        (RunState(9), [], RunState(0)),
        (RunState(9), [(1, 9)], RunState(9)),
        (RunState(9), [(1, 4), (10, 12)], RunState(4, [(10, 12)], [(5, 9)])),
        (RunState(9), [(1, 4), (7, 8), (10, 12)], RunState(4, [(7, 8), (10, 12)], [(5, 6), (9, 9)])),
        (RunState(4, [(7, 9)], [(5, 6)]), [(1, 3), (8, 8)], RunState(3, [(8, 8)], [(4, 7)])),
        (RunState(4, [], [], [(5, 6)]), [(1, 5)], RunState(4, [], [], [(5, 5)])),
    ],
)
def test_a_log_that_lost_something_counts_for_the_till(
    state: RunState, in_log: list[tuple[int, int]], told: RunState
) -> None:
    """While the log lacks what the read models have, its till is told what the log has: the rest it sends again."""
    assert as_the_log_has_it(state, in_log) == told
    assert as_the_log_has_it(state, None) is state
