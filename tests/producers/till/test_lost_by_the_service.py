"""What the service lost after it was acknowledged: the till asks at its start and once an hour, and sends it again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.responses import Response

from producers.till import TillClient
from tests.producers.till.conftest import OpenTill, Pauses, moved
from tests.producers.till.gateway import Gateway, error

MINUTE, HOUR = 60.0, 3600.0
Clocked = OpenTill


@pytest.fixture
def clocked(till: OpenTill, pauses: Pauses) -> Clocked:
    """Opens tills whose date goes with the clock of `pauses`."""
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return lambda **settings: till(now=lambda: noon + timedelta(seconds=pauses.now), **settings)


def asked(gateway: Gateway) -> list[str]:
    """The runs that are asked about from now on."""
    runs: list[str] = []
    gateway.state = runs.append  # it returns None: the real answer
    return runs


def filled(client: TillClient, count: int = 10) -> str:
    """Sends events; the run that they are in."""
    run = client.append([moved(n) for n in range(count)]).run
    client.send()
    return run


def lose(gateway: Gateway, run: str, first: int, last: int) -> dict[Any, bytes]:
    """The service is put back: what it had under these numbers is gone. Returns that."""
    return {(run, seq): gateway.taken.pop((run, seq)) for seq in range(first, last + 1)}


def test_at_its_start_a_till_sends_again_what_the_service_has_lost(
    gateway: Gateway, clocked: Clocked, pauses: Pauses
) -> None:
    """An older service has five of ten events: a till that starts brings the others, under their numbers, unchanged."""
    client = clocked()
    run = filled(client)
    client.close()
    lost = lose(gateway, run, 6, 10)
    pauses.now += HOUR
    client = clocked()
    assert client.pending == 0
    assert client.send().events == 5
    assert {place: gateway.taken[place] for place in lost} == lost
    assert not gateway.changed
    assert client.spool.run == run


def test_once_an_hour_a_running_till_asks(gateway: Gateway, clocked: Clocked, pauses: Pauses) -> None:
    """It asks when an hour is over and no sooner, finds a hole in the middle, and fills it."""
    client = clocked()
    run = filled(client)
    pauses.now += 11 * MINUTE
    runs = asked(gateway)
    lost = lose(gateway, run, 4, 5)
    client.send()
    assert runs == []
    pauses.now += HOUR
    assert client.send().events == 2
    assert runs == [run]
    assert lost.items() <= gateway.taken.items()
    client.send()
    pauses.now += HOUR - 1
    client.send()
    assert runs == [run]
    pauses.now += 2
    client.send()
    assert runs == [run, run]
    assert not gateway.changed


def test_what_was_acknowledged_just_now_may_still_be_on_its_way(
    gateway: Gateway, clocked: Clocked, pauses: Pauses
) -> None:
    """What was acknowledged in the last ten minutes does not go again, though the service does not name it yet."""
    client = clocked()
    run = filled(client)
    client.close()
    gateway.state = lambda run: Response('{"applied_through": 0, "waiting": []}')
    pauses.now += 9 * MINUTE
    client = clocked()
    assert client.send().events == 0
    pauses.now += HOUR
    assert client.send().events == 10
    assert client.spool.run == run
    assert not gateway.changed


def test_what_waits_or_is_set_aside_is_not_lost(gateway: Gateway, clocked: Clocked, pauses: Pauses) -> None:
    """Numbers that wait behind a hole, or are in quarantine, are the service's: only the hole goes again."""
    client = clocked()
    filled(client)
    pauses.now += HOUR
    known = '{"applied_through": 2, "waiting": [[5, 7]], "missing": [[3, 4]], "quarantined": [[8, 9]]}'
    gateway.state = lambda run: Response(known)
    gateway.uploads.clear()
    client.send()
    assert [(body.first_seq, len(body.events)) for body in gateway.uploads] == [(3, 2), (10, 1)]


@pytest.mark.parametrize("answer", [error(503, "unavailable"), Response("<html>"), error(404, "unknown")])
def test_without_an_answer_nothing_is_held_up(
    answer: Response, gateway: Gateway, clocked: Clocked, pauses: Pauses
) -> None:
    """Where the service does not say what it has, new events go on, and it is asked again after a minute."""
    client = clocked()
    run = filled(client)
    lost = lose(gateway, run, 1, 10)
    pauses.now += HOUR
    gateway.state = lambda run: answer
    client.append(moved(99))
    assert client.send().events == 1
    gateway.state = lambda run: None
    pauses.now += MINUTE + 1
    assert client.send().events == 10
    assert lost.items() <= gateway.taken.items()


def test_earlier_runs_are_asked_about_as_well(gateway: Gateway, clocked: Clocked, pauses: Pauses) -> None:
    """A till that has begun a new run still keeps, and sends again, what it sent in the one before."""
    client = clocked()
    first = filled(client)
    gateway.state = lambda run: Response(
        '{"applied_through": 9999, "waiting": []}'
    )  # it was restored, the service says
    client.close()
    client = clocked()
    filled(client)
    second = client.spool.run
    assert second != first
    gateway.state = lambda run: None
    lost = lose(gateway, first, 1, 10) | lose(gateway, second, 2, 3)
    pauses.now += HOUR
    assert client.send().events == 12
    assert lost.items() <= gateway.taken.items()
    assert not gateway.changed
