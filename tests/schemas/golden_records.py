"""The golden bytes: every kind of record as it was once written, and the record that it must be for ever.

`python -m tests.schemas.golden_records` writes the files that are missing, one for each new event or kind of record. A
file that is there is never changed: the log is read for ever.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from schemas.events import EVENT_TYPES
from schemas.events.event_type import TillEvent
from schemas.records import (
    ContactForgotten,
    EventsDiscarded,
    GapGivenUp,
    LogAdopted,
    OutletRemoved,
    Record,
    Unreadable,
    UploadRecord,
    encode,
)
from schemas.upcasting import VERSION
from tests.schemas import first_edition

GOLDEN = Path(__file__).parent / "golden"
OUTLET, TILL, RUN = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")
RECEIVED = datetime(2024, 3, 31, 2, 0, tzinfo=UTC)


def _upload(event: TillEvent) -> UploadRecord:
    return UploadRecord(OUTLET, TILL, RUN, 41, "Europe/Moscow", RECEIVED, [event])  # type: ignore[list-item]


EXPECTED: dict[str, Record] = {
    **{each.name: _upload(each.example) for each in EVENT_TYPES},
    "gap.given_up": GapGivenUp(OUTLET, TILL, RUN, 41, 50, "the till was lost", RECEIVED),
    "events.discarded": EventsDiscarded(OUTLET, TILL, RUN, 51, 51, "a broken record", RECEIVED),
    "contact.forgotten": ContactForgotten(OUTLET, "c-1", RECEIVED),
    "outlet.removed": OutletRemoved(OUTLET, RECEIVED),
    "log.adopted": LogAdopted(
        topic="uploads",
        partition=3,
        fault="replaced",
        was_id=TILL,
        was_next=1205,
        topic_id=RUN,
        start=0,
        end=42,
        source_id=RUN,
        source_next=0,
        reason="deleted by a slip",
        decided_at=RECEIVED,
    ),
    "unreadable": Unreadable(OUTLET, TILL, RUN, 41, 10, 7, "not JSON"),
}
"""Event type or kind of record → what its golden bytes of the present version hold."""


def expected(version: int, name: str) -> Record:
    """What golden bytes of a version hold: those of versions 1 and 2 were written by the contract's first edition."""
    if version < 3 and name in first_edition.EXAMPLES:
        return _upload(first_edition.EXAMPLES[name])
    return EXPECTED[name]


def main() -> None:
    for name, record in EXPECTED.items():
        path = GOLDEN / f"v{VERSION}-{name}.json"
        if not path.exists():
            path.write_bytes(encode(record) + b"\n")
            sys.stdout.write(f"wrote {path.name}\n")


if __name__ == "__main__":
    main()
