"""Reads a source as `weboffice import --dry-run` does: nothing is started, nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from producers.gateway.words import of_fault
from producers.importers import importing
from producers.importers.documents import Event, Shop
from producers.importers.formats import of_name
from producers.importers.importing import Job, Outcome
from producers.importers.questions import Answers
from producers.importers.stage import Stage

DATA = Path(__file__).parents[2] / "data" / "imports"


class Reading:
    """What an import would do: the outcome and the events."""

    def __init__(self, outcome: Outcome, events: list[Event]) -> None:
        self.outcome, self.events = outcome, events

    @property
    def errors(self) -> list[dict[str, Any]]:
        errors: list[dict[str, Any]] = self.outcome.document()["errors"]
        return errors

    @property
    def days(self) -> dict[str, dict[str, Any]]:
        days: dict[str, dict[str, Any]] = self.outcome.document()["totals"]["file"]
        return days

    def of_type(self, type_: str) -> list[Event]:
        return [event for event in self.events if event["type"] == type_]


def read(
    name: str,
    *paths: Path,
    zone: str = "Europe/Moscow",
    answers: dict[str, Any] | None = None,
    known_in: Path | None = None,
    at: datetime | None = None,
) -> Reading:
    """The documents of files. Raises `UsageError`, `Question`."""
    job = Job(
        of_name(name),
        list(paths),
        Shop(ZoneInfo(zone)),
        Answers(answers),
        lambda fault: of_fault(fault, True),
        known_in=known_in,
        counted_at=at,
    )

    return _reading(job)


def read_address(name: str, address: str, since: date, zone: str = "Europe/Moscow") -> Reading:
    """The documents that an address gives."""
    shop = Shop(ZoneInfo(zone))
    return _reading(Job(of_name(name), [], shop, Answers(), lambda fault: fault.code, address=address, since=since))


def _reading(job: Job) -> Reading:
    events: list[Event] = []

    def staged(stage: Stage) -> None:
        events.extend(event for staged in stage.documents() for event in staged.document.events)

    return Reading(importing.run(job, lambda outcome: False, lambda count: None, staged), events)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def csv_file(path: Path, rows: Sequence[Sequence[str]], delimiter: str = ";") -> Path:
    return write(path, "\r\n".join(delimiter.join(row) for row in rows) + "\r\n")


def count(name: str, path: Path) -> int:
    """How many events there are in a file, without holding them."""
    job = Job(of_name(name), [path], Shop(ZoneInfo("Europe/Moscow")), Answers(), lambda fault: fault.code)
    return importing.run(job, lambda outcome: False, lambda events: None).preview.events
