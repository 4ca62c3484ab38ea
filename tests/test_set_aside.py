"""The two ways out of quarantine for what `anonymise` could not read, with every process of the service at work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from ops.provisioning import provision
from ops.settings import Settings
from schemas.events import EventWithdrawn
from schemas.records import ContactForgotten, OutletRecord, UploadRecord, encode
from schemas.topics import Topics
from tests.projections.kafkalog import headers_of
from tests.projections.shops import Shop
from tests.schemas.described import names_of_messages
from tests.service import Service, running, wait_until
from tests.streams.workers import OLDER, Raw, read_all, worker, write

FROM_THE_FUTURE = b'{"v":99,"kind":"upload"}'


class Till:
    """Writes a shop's uploads into the intake as the gateway does."""

    def __init__(self, settings: Settings, outlet: str) -> None:
        self._settings = settings
        self.uploads = list(Shop(1, known_as=outlet).uploads(20))
        self.events = sum(len(upload.events) for upload in self.uploads)
        self.withdrawn = withdrawn(self.uploads)

    def write(self, uploads: Sequence[OutletRecord], value: bytes | None = None) -> None:
        """`value` stands for the bytes where they can't be read."""
        by_key: list[Raw] = [
            (None, upload.outlet.encode(), value or encode(upload), headers_of(upload)) for upload in uploads
        ]
        asyncio.run(write(self._settings.kafka, self._settings.topics.uploads, by_key))


def withdrawn(uploads: Sequence[UploadRecord]) -> int:
    """How many of the uploads' events say that the gateway refused one: they count as discarded."""
    return sum(isinstance(event, EventWithdrawn) for upload in uploads for event in upload.events)


def _ledger(service: Service) -> dict[str, Any]:
    [found] = service.command("ledger")["outlets"]
    assert found["holds"]
    return {name: found[name] for name in ("applied", "duplicate", "waiting", "quarantined", "discarded")}


def test_a_record_that_an_older_program_could_not_read_is_applied_when_retried(
    service_settings: Settings, topics: Topics, tmp_path: Path
) -> None:
    """Its raw bytes go through the intake again, its run goes on, every row is that of a run that never stopped.

    So it is with a decision, which belongs to no run.
    """
    account = provision(service_settings.postgres, "owner@example.com", ["Чайная"])
    till = Till(service_settings, account["outlets"][0]["outlet_id"])
    forgotten = ContactForgotten(till.uploads[0].outlet, "c1", datetime.now(UTC))
    till.write([till.uploads[0], forgotten])
    with worker("anonymise", service_settings, tmp_path / "log", OLDER):
        _wait_for_records(service_settings, topics.events, 2)
    with running(service_settings) as service:
        till.write(till.uploads[1:])
        service.wait_until_worked_off()
        waits = {"applied": 0, "duplicate": 0, "waiting": till.events - 10, "quarantined": 10, "discarded": 0}
        assert _ledger(service) == waits
        stubs = service.command("quarantine", "list")["quarantined"]
        assert [(stub["stub"], stub["run"] is None) for stub in stubs] == [(True, False), (True, True)]
        for stub in stubs:
            answer = service.command("quarantine", "retry", str(stub["partition"]), str(stub["log_offset"]))
            assert answer["sent_again"]["topic"] == topics.uploads
        wait_until(lambda: not service.command("quarantine", "list")["quarantined"], "the stub stays")
        service.wait_until_worked_off()
        done = {"applied": till.events - till.withdrawn, "duplicate": 10, "discarded": till.withdrawn}
        assert _ledger(service) == {**dict.fromkeys(waits, 0), **done}
        assert _forgotten(service_settings) == ["c1"]
        assert service.command("verify")["same"]
        assert service.command("rebuild")["same"]


def test_a_stub_that_is_discarded_releases_what_waits(service_settings: Settings) -> None:
    """The decision goes through the outbox into the log; a retry that would fail again is refused before."""
    with running(service_settings) as service:
        account = service.provision("Чайная")
        till = Till(service_settings, account["outlets"][0]["outlet_id"])
        till.write(till.uploads[:1])
        till.write(till.uploads[1:2], FROM_THE_FUTURE)
        till.write(till.uploads[2:])
        till.write([ContactForgotten(till.uploads[0].outlet, "c1", datetime.now(UTC))], FROM_THE_FUTURE)
        wait_until(lambda: service.command("status")["quarantined"] == 2, "nothing was set aside")
        service.wait_until_worked_off()
        stub, of_no_run = service.command("quarantine", "list")["quarantined"]
        off_the_list = str(of_no_run["partition"]), str(of_no_run["log_offset"])
        assert service.command("quarantine", "discard", *off_the_list, "--reason", "nobody's")["ordered"] == []
        assert service.command("status")["quarantined"] == 1
        place = str(stub["partition"]), str(stub["log_offset"])
        assert "version 99" in service.command("quarantine", "retry", *place, expect=1)["fault"]
        service.command("quarantine", "discard", *place, "--reason", "a till of the future")
        wait_until(lambda: service.command("status")["quarantined"] == 0, "the discard does not take effect")
        service.wait_until_worked_off()
        refused = withdrawn([*till.uploads[:1], *till.uploads[2:]])
        done = {"applied": till.events - 10 - refused, "discarded": 10 + refused}
        assert _ledger(service) == {**done, "duplicate": 0, "waiting": 0, "quarantined": 0}
        kept = service.command("quarantine", "list", "--all")["quarantined"]
        assert [one["discarded_because"] for one in kept] == ["a till of the future", "nobody's"]
        service.command("quarantine", "retry", *place, expect=2)
        assert service.command("verify")["same"]
        assert _messages(service_settings) == {
            "events": {"UploadRecord", "Unreadable", "EventsDiscarded"},
            "unreadable": {"Raw"},
        }


def _messages(settings: Settings) -> dict[str, set[str]]:
    """Which of the messages that asyncapi.json describes stand in the topics that `anonymise` writes."""
    return {
        channel: names_of_messages(channel, asyncio.run(read_all(settings.kafka, settings.topics.prefix + channel)))
        for channel in ("events", "unreadable")
    }


def _forgotten(settings: Settings) -> list[str]:
    with psycopg.connect(settings.postgres) as connection:
        return [contact for (contact,) in connection.execute("SELECT contact_id FROM app.forgotten_contacts")]


def _wait_for_records(settings: Settings, topic: str, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(asyncio.run(read_all(settings.kafka, topic))) < count:
        assert time.monotonic() < deadline, "anonymise copies nothing"
