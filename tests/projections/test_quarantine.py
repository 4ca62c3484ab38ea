"""What the engine does with what it can't read or fold, and with the decisions of people about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.models.contacts import CONTACTS
from schemas.records import (
    ContactForgotten,
    EventsDiscarded,
    GapGivenUp,
    OutletRemoved,
    encode,
    headers,
)
from tests.projections.world import World, sales, uuid
from tests.schemas.strategies import RunHistory, delivery, event_of, histories, interleaved

DECIDED = datetime(2024, 4, 3, tzinfo=UTC)
FUTURE = b'{"v":99,"kind":"upload"}'
real = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


def _give_up(run: RunHistory, first: int, last: int) -> GapGivenUp:
    return GapGivenUp(run.outlet, run.till, run.run, first, last, "the till was stolen", DECIDED)


def _discard(run: RunHistory, first: int, last: int) -> EventsDiscarded:
    return EventsDiscarded(run.outlet, run.till, run.run, first, last, "a broken record", DECIDED)


def _ledger(world: World, run: RunHistory) -> dict[str, int]:
    return world.tables.ledger(run.outlet)[run.till, run.run]


@pytest.mark.parametrize(
    "value",
    [FUTURE, b"", b"\xff\x00", b"[]", b'{"v":2,"kind":"upload"}', b'{"v":2,"kind":"unheard.of"}', b"[" * 100_000],
)
def test_an_undecodable_record_holds_back_its_run_alone(world: World, value: bytes) -> None:
    """The record is set aside, later events of its run wait behind it, other runs and outlets go on."""
    broken, same_outlet, other = sales(6), sales(6), sales(6, seed=50)
    same_outlet = msgspec.structs.replace(same_outlet, run=uuid(99))
    world.append(broken.upload(1, 2))
    world.append(broken.upload(3, 4), value)
    world.append(broken.upload(5, 6))
    world.append(same_outlet.upload(1, 6))
    world.append(other.upload(1, 6))
    world.apply()
    world.agree()
    assert _ledger(world, broken) | {"applied": 2, "quarantined": 2, "waiting": 2} == _ledger(world, broken)
    [row] = world.tables.rows("quarantine", broken.outlet)
    assert row[1:3] == (3, 4)
    assert row[3]
    assert "Traceback" in row[4]


def test_the_stub_of_an_unreadable_intake_record_is_set_aside(world: World) -> None:
    """What `anonymise` could not read counts by its stub, and its run waits."""
    run = sales(6)
    world.append(run.upload(1, 2))
    world.append_stub(run.upload(3, 4))
    world.append_stub(run.upload(3, 4))  # again: a duplicate
    world.append(run.upload(5, 6))
    world.apply()
    world.agree()
    assert world.tables.rows("quarantine", run.outlet)[0][3] == "no JSON"


@pytest.mark.parametrize("cut", [[(3, 6)], [(4, 4), (3, 6)], [(1, 4), (5, 8)], [(5, 6), (3, 4)]])
@pytest.mark.parametrize("marks", [[], [1, 2, 3, 4, 5]])
def test_readable_content_takes_the_place_of_a_stub(world: World, cut: list[tuple[int, int]], marks: list[int]) -> None:
    """However it is cut, what a stub stood for is applied when it comes, once; the stub's events are duplicates."""
    run = sales(8)
    world.append(run.upload(1, 2))
    world.append_stub(run.upload(3, 6))
    world.append(run.upload(7, 8))
    for first, last in cut:
        world.append(run.upload(first, last))
    world.append_stub(run.upload(3, 6))  # the same stub once more changes nothing
    world.apply(marks)
    world.agree()
    counts = _ledger(world, run)
    assert (counts["applied"], counts["quarantined"], counts["waiting"]) == (8, 0, 0)
    assert world.tables.rows("quarantine", run.outlet) == []


def test_other_quarantined_content_does_not_give_way(world: World) -> None:
    """What was read once and can't be folded or decoded stays the content of its numbers: later content is a copy."""
    run = sales(4)
    world.append(run.upload(1, 2), FUTURE)
    world.append_stub(run.upload(1, 4))
    world.append(run.upload(1, 4))
    world.apply()
    world.agree()
    counts = _ledger(world, run)
    assert (counts["applied"], counts["quarantined"], counts["waiting"]) == (0, 2, 2)


def test_a_stub_whose_content_cannot_be_folded_either(world: World) -> None:
    """The content that takes the stub's place is set aside in its turn, and no longer as a stub."""
    run = sales(4)
    run = msgspec.structs.replace(run, events=[*run.events[:2], _poison(name="\0"), run.events[3]])
    world.append_stub(run.upload(3, 4))
    world.log.append(run.upload(3, 4))
    world.append(run.upload(1, 2))
    world.apply([1, 2])
    [row] = world.tables.rows("quarantine", run.outlet)
    assert row[1:3] == (3, 4)
    assert world.tables.stubs(run.outlet) == {}
    assert _ledger(world, run) | {"applied": 2, "quarantined": 2, "duplicate": 2} == _ledger(world, run)


def test_a_record_of_no_known_run_is_set_aside(world: World) -> None:
    """A record whose headers say nothing is kept with its offset, and the records after it are applied."""
    run = sales(2)
    world.log.append_raw(b"garbage", [], run.outlet)
    world.log.append_raw(None, [("run", b"\xff"), ("count", b"many")], run.outlet)
    world.append(run.upload(1, 2))
    world.apply()
    world.agree()
    assert [row[:3] for row in world.tables.rows("quarantine", run.outlet)] == [(0, 0, -1), (1, 0, -1)]


def test_discarding_lets_the_run_go_on(world: World) -> None:
    """Events discarded with a reason are counted so, what waited behind them is applied, late copies are discarded."""
    run = sales(6)
    world.append(run.upload(1, 2))
    world.append(run.upload(3, 4), FUTURE)
    world.append(run.upload(5, 6))
    world.log.append(_discard(run, 3, 4))
    world.model(run.outlet).discard(run.till, run.run, 3, 4)
    world.append(run.upload(2, 5))
    world.apply()
    world.agree()
    assert _ledger(world, run) == {
        "through": 6, "read": 10, "applied": 4, "duplicate": 2, "waiting": 0, "quarantined": 0, "discarded": 4
    }  # fmt: skip
    assert world.tables.rows("quarantine", run.outlet)[0][5] == "a broken record"


def _poison(**changed: Any) -> Any:
    wire = {
        "type": "good.saved",
        "at": "2024-03-30T10:00:00Z",
        "good_id": "g",
        "name": "Чай",
        "category": "",
        "max_price": "1",
    }
    return event_of(wire | changed)


POISONS = {
    "a text that PostgreSQL can't hold": _poison(name="\0"),
    "a document that PostgreSQL can't hold": _poison(barcodes=["\0"]),
    "a number too long for PostgreSQL": _poison(max_price="1e200000"),
    "a moment before the calendar": event_of(
        {
            "type": "sale.registered",
            "at": "0001-01-01T00:00:00Z",
            "sale_id": "s",
            "number": "1",
            "lines": [{"good_id": "g", "name": "Чай", "quantity": "1", "price": "1"}],
            "payments": [],
        }
    ),
}


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS.keys())
@pytest.mark.parametrize("order", [[0, 1, 2, 3], [0, 2, 1, 3], [2, 3, 1, 0]])
def test_a_piece_that_cannot_be_folded_holds_back_its_run_alone(world: World, poison: Any, order: list[int]) -> None:
    """Just that upload is set aside, whether it has its turn at once or waits for it; all around it is applied."""
    run, other = sales(8), sales(3, seed=50)
    run = msgspec.structs.replace(run, zone="America/New_York", events=[*run.events[:2], poison, *run.events[3:]])
    uploads = [run.upload(1, 2), run.upload(3, 4), run.upload(5, 6), run.upload(7, 8)]
    world.append(other.upload(1, 2))
    for i in order:
        world.log.append(uploads[i])
    world.append(other.upload(3, 3))
    world.apply()
    world.agree()
    counts = _ledger(world, run)
    assert (counts["applied"], counts["quarantined"], counts["waiting"]) == (2, 2, 4)
    [row] = world.tables.rows("quarantine", run.outlet)
    assert row[1:3] == (3, 4)
    world.log.append(_discard(run, 3, 4))
    world.engine.apply(world.log.records[-1:])
    counts = _ledger(world, run)
    assert (counts["applied"], counts["discarded"], counts["waiting"], counts["through"]) == (6, 2, 0, 8)


@pytest.mark.parametrize("letters", [500, 2000])
def test_names_of_any_length_can_be_written(world: World, letters: int) -> None:
    """The longest text that the schema lets through does not break an index."""
    wire = {"type": "good.saved", "at": "2024-03-30T10:00:00Z", "good_id": "g", "category": "", "max_price": "1"}
    name = "".join(chr(0x10000 + (i * 7919) % 0x8000) for i in range(letters))  # four bytes each, and no repetition
    try:
        event = event_of(wire | {"name": name})
    except msgspec.ValidationError:
        return  # the gateway does not let it in either
    run = sales(1)
    world.append(msgspec.structs.replace(run, events=[event]).upload(1, 1))
    world.apply()
    world.agree()


def test_a_gap_given_up_lets_the_run_go_on(world: World) -> None:
    """What waits behind the hole is applied; what comes for the hole afterwards is discarded, the rest duplicates."""
    run = sales(8)
    for first, last in [(1, 2), (5, 6), (8, 8)]:
        world.append(run.upload(first, last))
    for _ in range(2):  # pressed twice
        world.log.append(_give_up(run, 3, 4))
        world.model(run.outlet).give_up(run.till, run.run, 3, 4)
    world.append(run.upload(2, 6))
    world.apply()
    world.agree()
    assert _ledger(world, run) == {
        "through": 6, "read": 10, "applied": 4, "duplicate": 3, "waiting": 1, "quarantined": 0, "discarded": 2
    }  # fmt: skip


@real
@given(st.data())
def test_faults_and_decisions_anywhere(world: World, data: st.DataObject) -> None:
    """Undecodable records, stubs, gaps given up and events discarded anywhere: rows and ledger are the model's."""
    world.begin()
    runs = data.draw(histories(outlets=2, tills=1, runs=2))
    deliveries = [[upload for upload in data.draw(delivery(run)) if data.draw(st.booleans())] for run in runs]
    for upload in data.draw(interleaved([found for found in deliveries if found])):
        match data.draw(st.integers(0, 4)):
            case 0:
                world.append(upload, FUTURE)
            case 1:
                world.append_stub(upload)
                if data.draw(st.booleans()):  # retried at once, or by a later copy of it, or never
                    world.append(upload)
            case _:
                world.append(upload)
        if data.draw(st.integers(0, 2)) == 0:
            _decide(world, data, data.draw(st.sampled_from(runs)))
    world.apply(data.draw(st.lists(st.integers(1, 30), max_size=5)))
    world.agree()


def _decide(world: World, data: st.DataObject, run: RunHistory) -> None:
    model = world.model(run.outlet, run.zone)
    first = data.draw(st.integers(1, 10))
    last = data.draw(st.integers(first, 12))
    match data.draw(st.sampled_from(["give up", "discard all", "forget", "remove"])):
        case "give up":
            world.log.append(_give_up(run, first, last))
            model.give_up(run.till, run.run, first, last)
        case "discard all":
            world.log.append(_discard(run, 1, 1000))
            model.discard(run.till, run.run, 1, 1000)
        case "forget":
            contact = data.draw(st.sampled_from(["1", "2"]))
            world.log.append(ContactForgotten(run.outlet, contact, DECIDED))
            model.forgotten.add(contact)
        case "remove" if data.draw(st.integers(0, 3)) == 0:
            world.log.append(OutletRemoved(run.outlet, DECIDED))
            model.remove()


def test_a_removed_outlet_leaves_no_rows(world: World) -> None:
    """Its rows go, what waited or was set aside is discarded, and so is whatever comes later; others stay."""
    run, other = sales(8), sales(2, seed=50)
    world.append(other.upload(1, 2))
    world.append(run.upload(1, 2))
    world.append(run.upload(3, 4), FUTURE)
    world.append(run.upload(5, 6))
    for _ in range(2):  # pressed twice
        world.log.append(OutletRemoved(run.outlet, DECIDED))
    world.model(run.outlet).remove()
    world.append(run.upload(7, 8))
    world.append(run.upload(7, 8), FUTURE)
    world.apply()
    world.agree()
    assert world.tables.everything(run.outlet)["sales"] == {}
    assert _ledger(world, run)["discarded"] == 8


def test_a_forgotten_contact_never_gets_its_name_back(world: World) -> None:
    """The name is erased at once and stays so when the till sends the contact again; the figures go on."""
    saved = {
        "type": "contact.saved",
        "at": "2024-03-30T10:00:00Z",
        "contact_id": "c",
        "name": "Иванов И.",
        "purchases_total": "10",
        "debt": "0",
        "points": "5",
    }
    events = [event_of(saved), event_of(saved | {"points": "6"})]
    run = msgspec.structs.replace(sales(0), events=events)
    world.append(run.upload(1, 1))
    world.log.append(ContactForgotten(run.outlet, "c", DECIDED))
    world.log.append(ContactForgotten(run.outlet, "never saved", DECIDED))
    world.model(run.outlet).forgotten |= {"c"}
    world.append(run.upload(2, 2))
    world.apply([1, 2])
    world.agree()
    assert [row["name"] for row in world.tables.read(CONTACTS, run.outlet).values()] == [""]


@pytest.mark.parametrize(
    "changed",
    [
        {"run": "{00000000-0000-0000-0000-000000000003}"},
        {"till": "00000000000000000000000000000002"},
        {"outlet": "a shop"},
        {"first_seq": 0},
        {"first_seq": 2**53},
        {"first_seq": 2**63},
        {"zone": "Moon/Sea of Tranquillity"},
        {"zone": "\0"},
        {"zone": "../../../etc/passwd"},
        {"events": []},
    ],
)
def test_values_that_no_gateway_writes_are_set_aside(world: World, changed: dict[str, Any]) -> None:
    """An id that is not in its one plain form, a number or a zone out of bounds: the record is set aside."""
    run = sales(2)
    found = headers(kind="upload", outlet=run.outlet, till=run.till, run=run.run, first_seq=1, count=1)
    world.log.append_raw(encode(msgspec.structs.replace(run.upload(1, 1), **changed)), found, run.outlet)
    world.apply()
    assert _ledger(world, run)["quarantined"] == 1


@pytest.mark.parametrize(
    "control",
    [
        ContactForgotten(uuid(1), "\0", DECIDED),
        EventsDiscarded(uuid(1), uuid(2), uuid(3), 1, 2, "\0", DECIDED),
        GapGivenUp(uuid(1), uuid(2), uuid(3), 1, 2**63, "", DECIDED),
        OutletRemoved("a shop", DECIDED),
    ],
)
def test_a_broken_decision_stops_nobody(world: World, control: Any) -> None:
    """A control record that can't be carried out is set aside, and what comes after it is applied."""
    run = sales(2)
    world.log.append_raw(encode(control), headers(kind="control", outlet=run.outlet), run.outlet)
    world.append(run.upload(1, 2))
    world.apply()
    world.agree()
    assert [row[:3] for row in world.tables.rows("quarantine", run.outlet)] == [(0, 0, -1)]
