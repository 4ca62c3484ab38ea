"""Headers of control records."""

from __future__ import annotations

from datetime import UTC, datetime

from producers.control import control_headers
from schemas.records import ContactForgotten, EventsDiscarded, GapGivenUp, OutletRemoved, Record, encode, origin

OUTLET, TILL, RUN = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_headers_name_the_run() -> None:
    """A decision about a run names outlet, till, run and first number, and holds no events."""
    decisions: dict[str, Record] = {
        "gap.given_up": GapGivenUp(OUTLET, TILL, RUN, 5, 9, "lost", AT),
        "events.discarded": EventsDiscarded(OUTLET, TILL, RUN, 5, 9, "broken", AT),
    }
    for kind, record in decisions.items():
        told = origin(control_headers(OUTLET, encode(record)))
        assert (told.kind, told.outlet, told.till, told.run) == (kind, OUTLET, TILL, RUN)
        assert (told.first_seq, told.count) == (5, 0)


def test_headers_of_decisions_about_an_outlet() -> None:
    """A decision about a whole outlet or a contact names the outlet alone."""
    decisions: dict[str, Record] = {
        "outlet.removed": OutletRemoved(OUTLET, AT),
        "contact.forgotten": ContactForgotten(OUTLET, "c1", AT),
    }
    for kind, record in decisions.items():
        told = origin(control_headers(OUTLET, encode(record)))
        assert (told.kind, told.outlet, told.run, told.count) == (kind, OUTLET, "", 0)


def test_what_cannot_be_read_goes_on_as_unknown() -> None:
    """Bytes that are no control record are not held back."""
    told = origin(control_headers(OUTLET, b"nonsense"))
    assert (told.kind, told.outlet, told.run) == ("unknown", OUTLET, "")
