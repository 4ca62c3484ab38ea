from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import msgspec
import pytest
from starlette.responses import Response

from producers.till import EventUnfit, GaveUp, SpoolBusy, UploadStopped
from producers.till.withdrawal import withdrawal
from schemas.errors import UsageError
from tests.producers.till.conftest import OpenTill, Pauses, moved
from tests.producers.till.gateway import Dropped, Gateway, error


def numbers(gateway: Gateway) -> list[int]:
    return [seq for _, seq in sorted(gateway.taken)]


def test_events_arrive_once_in_order_and_in_batches(gateway: Gateway, till: OpenTill) -> None:
    """250 events go out as three gzipped uploads of at most 100, numbered 1 to 250, with the token."""
    client = till()
    assert client.append([moved(n) for n in range(250)]).last == 250
    sent = client.send()
    assert (sent.events, sent.uploads, client.pending) == (250, 3, 0)
    assert [event["move_id"] for event in gateway.events()] == [f"m{n}" for n in range(250)]
    assert all(h["content-encoding"] == "gzip" for h in gateway.headers)
    assert all(h["authorization"] == "Bearer wo_till_test" for h in gateway.headers)


def test_a_batch_is_cut_by_size(gateway: Gateway, till: OpenTill) -> None:
    """A batch stays within the bytes it may have, unless a single event is larger."""
    client = till(batch_bytes=2000)
    client.append([moved(n, good_id="g" * 60) for n in range(40)])
    client.send()
    assert len(gateway.uploads) > 2
    assert all(sum(map(len, map(bytes, body.events))) <= 2000 for body in gateway.uploads)


def test_amounts_and_moments_are_written_as_the_contract_wants(gateway: Gateway, till: OpenTill) -> None:
    """A `Decimal` becomes plain text, never with an exponent, a `datetime` a moment with its offset."""
    client = till()
    client.append(moved(1, at=datetime(2026, 3, 1, tzinfo=UTC), quantity=Decimal("1E+2")))
    assert not client.send().withdrawn
    assert gateway.events()[0]["quantity"] == "100"
    assert gateway.events()[0]["at"] == "2026-03-01T00:00:00+00:00"


def test_names_are_short_before_they_are_stored(till: OpenTill, tmp_path: Path, gateway: Gateway) -> None:
    """No full name, e-mail, phone number or private field is ever in the spool or in an upload."""
    client = till()
    client.append(
        [
            {
                "type": "contact.saved",
                "at": "2026-03-01T12:00:00+03:00",
                "contact_id": "89161234567",
                "name": "Тестов Пётр Примерович",
                "Phone": "+7 916 123-45-67",
                "purchases_total": "0",
                "debt": "0",
                "points": "0",
            },
            {
                "type": "good.saved",
                "at": "2026-03-01T12:00:00+03:00",
                "good_id": "g",
                "name": "Торт (заказ 8 916 123-45-67, test@example.org)",
                "category": "c",
                "max_price": "1",
                "barcode": "89161234567",
                "extra": [{"name": "n", "value": "звонить 8(916)1234567", "email": "test@example.org"}],
            },
        ]
    )
    spooled = b"".join(file.read_bytes() for file in (tmp_path / "spool").glob("spool.db*"))
    assert "Тестов П.П.".encode() in spooled
    for private in ("Пётр", "test@example.org", "123-45-67", "(916)"):
        assert private.encode() not in spooled
    client.send()
    contact, good = gateway.events()
    assert contact["name"] == "Тестов П.П."
    assert contact["contact_id"] == good["barcode"] == "89161234567"


def test_a_refused_event_is_withdrawn_under_its_number(gateway: Gateway, till: OpenTill) -> None:
    """Each event refused with 422 goes out as event.withdrawn with the reason; all others arrive, no number is left."""
    client = till()
    bad = {3, 4, 20, 21, 29}
    client.append([moved(n, quantity="many" if n in bad else "1") for n in range(30)])
    sent = client.send()
    assert [w.seq for w in sent.withdrawn] == [n + 1 for n in sorted(bad)]
    assert all(w.at.endswith(".quantity") for w in sent.withdrawn)
    assert numbers(gateway) == list(range(1, 31))
    found = gateway.events()
    assert {n for n in range(30) if found[n]["type"] == "event.withdrawn"} == bad
    assert "quantity" in found[3]["reason"]
    assert not gateway.changed


def test_all_that_is_wrong_with_a_batch_is_withdrawn_at_once(gateway: Gateway, till: OpenTill) -> None:
    """A hundred bad events cost one upload that is refused, one question what is wrong, and one upload more."""
    client = till()
    client.append([moved(n, quantity=5) for n in range(100)])
    sent = client.send()
    assert len(sent.withdrawn) == 100
    assert (len(gateway.uploads), gateway.checks) == (2, 1)
    assert "quantity: число 5 нужно взять в кавычки" in gateway.events()[99]["reason"]


def test_an_event_that_is_no_json_is_withdrawn(gateway: Gateway, till: OpenTill) -> None:
    """Version 0.2.0 took 1e999 for a number; such a spool goes on."""
    client = till()
    client.append([moved(n) for n in range(5)])
    client.spool.append([b'{"type":"good.saved","max_price":Infinity}'])
    assert [w.seq for w in client.send().withdrawn] == [6]
    assert numbers(gateway) == list(range(1, 7))


def test_a_fault_found_in_front_of_a_withdrawn_event_is_withdrawn_too(gateway: Gateway, till: OpenTill) -> None:
    """The gateway checks in two passes: a moment in 1900 is found after a later broken field, and both go."""
    client = till()
    client.append([moved(0, at="1900-01-01T00:00:00+03:00"), moved(1, quantity="many"), moved(2)])
    assert sorted(w.seq for w in client.send().withdrawn) == [1, 2]
    assert [event["type"] for event in gateway.events()] == ["event.withdrawn", "event.withdrawn", "stock.moved"]


def test_a_refusal_without_a_place_is_narrowed_down(gateway: Gateway, till: OpenTill) -> None:
    """Where the answer names no event, batches are halved until the one that is refused is found."""
    gateway.before = lambda body: (
        error(422, "invalid", "no") if any(b'"m13"' in bytes(event) for event in body.events) else None
    )
    client = till()
    client.append([moved(n) for n in range(40)])
    assert [w.seq for w in client.send().withdrawn] == [14]
    assert numbers(gateway) == list(range(1, 41))


def test_a_withdrawal_survives_a_restart(gateway: Gateway, till: OpenTill) -> None:
    """What replaces a refused event is decided once: after a restart the same is sent under that number."""
    client = till()
    client.append([moved(0, quantity="many"), moved(1)])
    gateway.before = lambda body: Response(status_code=503) if b"withdrawn" in bytes(body.events[0]) else None
    with pytest.raises(GaveUp):
        client.send(give_up_after=5)
    client.close()
    gateway.before = lambda body: None
    till().send()
    withdrawn = {bytes(body.events[0]) for body in gateway.uploads if b"withdrawn" in bytes(body.events[0])}
    assert len(withdrawn) == 1
    assert numbers(gateway) == [1, 2]


def test_a_413_cuts_the_batch(gateway: Gateway, till: OpenTill) -> None:
    """A gateway that takes 7 events at most gets everything all the same."""
    gateway.before = lambda body: error(413, "too_many_events") if len(body.events) > 7 else None
    client = till()
    client.append([moved(n) for n in range(100)])
    assert client.send().events == 100
    assert numbers(gateway) == list(range(1, 101))


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 415])
def test_what_cannot_be_mended_stops(status: int, gateway: Gateway, till: OpenTill) -> None:
    """A wrong token, address or client is said at once, and the events stay."""
    gateway.before = lambda body: error(status, "no")
    client = till()
    client.append(moved(1))
    with pytest.raises(UploadStopped) as stopped:
        client.send()
    assert stopped.value.status == status
    assert client.pending == 1


def test_a_proxys_413_for_one_event_stops(gateway: Gateway, till: OpenTill) -> None:
    """A limit of something on the way is no reason to withdraw an event."""
    gateway.before = lambda body: Response("<h1>too large</h1>", 413)
    client = till()
    client.append([moved(1), moved(2)])
    with pytest.raises(UploadStopped):
        client.send()
    assert client.pending == 2


def test_unknown_outcomes_are_sent_again(gateway: Gateway, till: OpenTill) -> None:
    """After 503, 500, a broken-off answer, a sign-in page and a wrong 202 the same batch goes out again, unchanged."""
    answers = [
        error(503, "unknown"),
        Response(status_code=500),
        Dropped(),
        Response("<h1>Wi-Fi</h1>", 200),
        Response("{}", 202),
        Response(status_code=302, headers={"location": "/"}),
    ]
    gateway.after = lambda body: answers.pop() if answers else None
    client = till()
    client.append([moved(1), moved(2)])
    assert client.send().events == 2
    assert len({tuple(map(bytes, body.events)) for body in gateway.uploads}) == 1
    assert len(gateway.uploads) == 7


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(status: int, gateway: Gateway, till: OpenTill, pauses: Pauses) -> None:
    """The next attempt is not before the seconds, or the moment, that the answer named."""
    now = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
    date = format_datetime(now.replace(minute=1), usegmt=True)
    answers = [error(status, "busy", Retry_After="17"), error(status, "busy", Retry_After=date)]
    gateway.before = lambda body: answers.pop(0) if answers else None
    client = till(now=lambda: now)
    client.append(moved(1))
    client.send()
    assert 17 <= pauses[0] <= 18
    assert 60 <= pauses[1] <= 61


def test_pauses_double_up_to_a_minute_with_full_jitter(gateway: Gateway, till: OpenTill, pauses: Pauses) -> None:
    """Pauses are chance × a bound that doubles from half a second to a minute."""
    answers = [Response(status_code=503) for _ in range(10)]
    gateway.before = lambda body: answers.pop() if answers else None
    client = till(chance=lambda: 0.5)
    client.append(moved(1))
    client.send()
    assert pauses == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_it_gives_up_only_when_told(till: OpenTill, pauses: Pauses) -> None:
    """With nobody at the address it tries until the time allowed is over, and keeps everything."""
    client = till(url="http://127.0.0.1:9")
    client.append(moved(1))
    with pytest.raises(GaveUp):
        client.send(give_up_after=600)
    assert 540 <= pauses.now <= 600
    assert client.pending == 1


def test_one_process_at_a_time(till: OpenTill) -> None:
    """A second client on the same spool is refused, and the first goes on."""
    client = till()
    with pytest.raises(SpoolBusy):
        till()
    client.append(moved(1))


NO_ZONE = datetime(2026, 3, 1)  # noqa: DTZ001


@pytest.mark.parametrize(
    "event", [[1, 2], {"name": "\ud800"}, {"name": "x" * 9_000_000}, {"n": math.nan}, {"at": NO_ZONE}]
)
def test_what_is_no_event_is_not_accepted(event: Any, till: OpenTill) -> None:
    """What can't be sent is refused before it is stored, together with the rest of the append."""
    client = till()
    with pytest.raises(EventUnfit):
        client.append([moved(1), event])
    assert client.pending == 0


def test_a_deeply_nested_event_is_not_accepted(till: OpenTill) -> None:
    """Nesting that no reader would follow is refused, not passed on."""
    event: dict[str, Any] = {}
    for _ in range(5000):
        event = {"extra": event}
    with pytest.raises(EventUnfit):
        till().append(event)


@pytest.mark.parametrize("url", ["ftp://example.org", "example.org"])
def test_an_address_that_is_none_is_refused(url: str, till: OpenTill) -> None:
    """An address without http(s) is wrong usage, not something to try again for ever."""
    with pytest.raises(UsageError):
        till(url=url)


def test_a_restored_spool_starts_a_new_run(gateway: Gateway, till: OpenTill, tmp_path: Path) -> None:
    """A spool put back from a backup lies behind its stamp: it numbers anew, what it still holds keeps its number."""
    client = till()
    client.append([moved(1), moved(2)])
    client.send()
    client.append(moved(3))
    client.close()
    copytree(tmp_path / "spool", tmp_path / "backup")
    client = till()
    client.append(moved(4))
    client.send()
    first_run = client.spool.run
    client.close()
    for file in (tmp_path / "spool").iterdir():
        file.unlink()
    copytree(tmp_path / "backup", tmp_path / "spool", dirs_exist_ok=True)
    gateway.state = lambda run: Response('{"applied_through": 0, "waiting": []}')  # the gateway lags behind
    client = till()
    client.append(moved(5))
    client.send()
    assert client.spool.run != first_run
    assert sorted(event["move_id"] for event in gateway.events()) == ["m1", "m2", "m3", "m4", "m5"]
    assert not gateway.changed


@pytest.mark.parametrize("held", ['"applied_through": 3, "waiting": []', '"applied_through": 1, "waiting": [[3, 3]]'])
def test_a_restored_machine_is_told_by_the_gateway(held: str, gateway: Gateway, till: OpenTill, tmp_path: Path) -> None:
    """Where the whole machine is restored, stamp and all, the gateway's knowledge shows it before anything is sent."""
    client = till()
    client.append([moved(1)])
    client.send()
    client.close()
    for name in ("spool", "state"):
        copytree(tmp_path / name, tmp_path / "image" / name)
    client = till()
    client.append([moved(2), moved(3)])
    client.send()
    run = client.spool.run
    client.close()
    for name in ("spool", "state"):  # file by file: an image brings the same inodes back
        for file in (tmp_path / name).iterdir():
            file.unlink()
        copytree(tmp_path / "image" / name, tmp_path / name, dirs_exist_ok=True)
    gateway.state = lambda asked: Response(f"{{{held}}}") if asked == run else None
    client = till()
    client.append([moved(4), moved(5)])
    client.send()
    assert client.spool.run != run
    assert not gateway.changed
    assert {event["move_id"] for event in gateway.events()} == {"m1", "m2", "m3", "m4", "m5"}


def test_a_moved_spool_starts_a_new_run(gateway: Gateway, till: OpenTill, tmp_path: Path) -> None:
    """A copy at another place can't know what the original sent meanwhile."""
    client = till()
    client.append(moved(1))
    client.send()
    copytree(tmp_path / "spool", tmp_path / "elsewhere")
    other = till("elsewhere")
    other.append(moved(2))
    client.append(moved(3))
    other.send()
    client.send()
    assert not gateway.changed
    assert len(gateway.taken) == 3


def test_an_unknown_outcome_starts_no_new_run(gateway: Gateway, till: OpenTill) -> None:
    """A till that is restarted after an answer got lost goes on in its run, though the gateway knows more than it."""
    client = till()
    client.append([moved(1), moved(2)])
    gateway.after = lambda body: Dropped()
    with pytest.raises(GaveUp):
        client.send(give_up_after=3)
    run = client.spool.run
    client.close()
    gateway.after = lambda body: None
    client = till()
    client.append(moved(3))
    client.send()
    assert client.spool.run == run
    assert numbers(gateway) == [1, 2, 3]


def test_a_new_spool_in_place_of_a_lost_one_is_a_new_run(gateway: Gateway, till: OpenTill, tmp_path: Path) -> None:
    """After the loss of its disk a till begins at 1 in a run of its own."""
    client = till()
    client.append(moved(1))
    client.send()
    client.close()
    rmtree(tmp_path / "spool")
    client = till()
    client.append(moved(2))
    client.send()
    assert len({run for run, _ in gateway.taken}) == 2


def test_a_withdrawal_fits_whatever_was_refused() -> None:
    """The reason is short and clean, and the time is the refused event's own where that can be taken."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    event = msgspec.json.decode(withdrawal(b'{"at":"2026-02-01T10:00:00+03:00"}', "events[0].x", "\0\x01я" * 500, now))
    assert event["at"] == "2026-02-01T10:00:00+03:00"
    assert len(event["reason"]) == 400
    assert "\0" not in event["reason"]
    for refused in (b"{}", b'{"at":5}', b'{"at":"1900-01-01T00:00:00Z"}', b"[" * 3000):
        assert msgspec.json.decode(withdrawal(refused, "", "test@example.org", now)) == {
            "type": "event.withdrawn",
            "at": "2026-03-01T00:00:00Z",
            "reason": "…",
        }
