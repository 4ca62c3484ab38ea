"""More than the service can take: `python -m tests.faults.overload --minutes 5`, shorter in the suite.

Noisy tills send from many connections without a pause and without heeding Retry-After, fresh content each time; a quiet
one behaves. What each was answered is kept, and how much memory each process had.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psutil
import psycopg
from msgspec import Struct, field

from tests.faults.system import running_system
from tests.service import Service, wait_until

PER_UPLOAD = 20
CONNECTIONS_PER_TILL = 10
MOST_MEMORY = {"gateway": 700, "web": 700, "anonymise": 700, "project": 700}
"""MiB in memory that each process stays below: what it may hold at one time, and the program itself."""
_ROOM_FOR_RUN = "00000000-0000-4000-8000-000000000000"
_WORKED_OFF_WITHIN_S = 1800.0
_QUIET_PAUSE_S = 0.1


class Answer(Struct, frozen=True):
    """The status of an answer and its Retry-After, "" where there was none."""

    status: int
    retry_after: str


class Heard(Struct):
    """What one till was answered. `runs`: those whose upload was acknowledged."""

    statuses: Counter[int] = field(default_factory=Counter)
    without_retry_after: int = 0
    runs: list[str] = field(default_factory=list)

    def hear(self, answer: Answer) -> None:
        self.statuses[answer.status] += 1
        self.without_retry_after += answer.status in (429, 503) and not answer.retry_after


class Flood:
    """Sends to the gateway at a loopback port."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.noisy: dict[str, Heard] = {}
        self.quiet = Heard()
        self.quiet_sales = 0

    async def run(self, noisy: list[str], quiet: str, seconds: float) -> None:
        """`noisy` and `quiet` are tills' tokens."""
        until = time.monotonic() + seconds
        self.noisy = {token: Heard() for token in noisy}
        senders = [
            self._send_without_pause(token, heard, until)
            for token, heard in self.noisy.items()
            for _ in range(CONNECTIONS_PER_TILL)
        ]
        await asyncio.gather(self._send_politely(quiet, until), *senders)

    async def _send_without_pause(self, token: str, heard: Heard, until: float) -> None:
        body = _body([_sale(number) for number in range(PER_UPLOAD)], _ROOM_FOR_RUN, 1)
        connection = Connection(self._port)
        while time.monotonic() < until:
            run = str(uuid4())
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                answer = await connection.post(token, body.replace(_ROOM_FOR_RUN.encode(), run.encode()))
                heard.hear(answer)
                if answer.status == 202:
                    heard.runs.append(run)
        await connection.close()

    async def _send_politely(self, token: str, until: float) -> None:
        run, connection = str(uuid4()), Connection(self._port)
        self.quiet.runs.append(run)
        while time.monotonic() < until:
            number = self.quiet_sales + 1
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                answer = await connection.post(token, _body([_sale(number)], run, number))
                self.quiet.hear(answer)
                self.quiet_sales += answer.status == 202
                await asyncio.sleep(float(answer.retry_after or _QUIET_PAUSE_S))
        await connection.close()

    @property
    def statuses(self) -> Counter[int]:
        """Answers to the noisy tills."""
        return sum((heard.statuses for heard in self.noisy.values()), Counter())


class Connection:
    """A bare HTTP connection: a client library would be busier than the gateway."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, token: str, body: bytes) -> Answer:
        """Raises `OSError` and `IncompleteReadError` where the connection ends without an answer."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            head = (
                f"POST /api/v1/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            await reader.readexactly(int(headers["content-length"]))
        except BaseException:
            await self.close()
            raise
        if headers.get("connection") == "close":
            await self.close()
        return Answer(int(status.split()[1]), headers.get("retry-after", ""))

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


def _sale(number: int) -> dict[str, Any]:
    return {
        "type": "sale.registered",
        "at": "2026-03-02T12:00:00+03:00",
        "sale_id": f"s{number}",
        "number": str(number),
        "lines": [{"good_id": f"g{number % 50}", "name": "Чай", "quantity": "1", "price": "10.00"}],
        "payments": [{"method": "cash", "amount": "10.00"}],
    }


def _body(events: list[dict[str, Any]], run: str, first: int) -> bytes:
    return json.dumps({"run": run, "first_seq": first, "events": events}, ensure_ascii=False).encode()


class Memory:
    """The most that each process of a service was seen to have, in MiB. A context manager that looks now and then."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.most: Counter[str] = Counter()

    async def watch(self) -> None:
        while True:
            for name, pid in self._service.pids().items():
                with contextlib.suppress(psutil.NoSuchProcess):
                    self.most[name] = max(self.most[name], psutil.Process(pid).memory_info().rss // 2**20)
            await asyncio.sleep(0.25)


class Outcome(Struct, frozen=True):
    """Rates are per second, in uploads. `sustained` was applied while the flood went on, `applied` until all was."""

    offered: float
    accepted: float
    sustained: float
    applied: float
    recovered_s: float
    flood: Flood
    memory: dict[str, int]
    restarts: int

    def __str__(self) -> str:
        noisy, quiet = (dict(sorted(c.items())) for c in (self.flood.statuses, self.flood.quiet.statuses))
        return (
            f"offered {self.offered:.0f} uploads of {PER_UPLOAD} events per second, accepted {self.accepted:.0f},"
            f" applied {self.sustained:.1f} meanwhile, {self.applied:.0f} on the whole, the last one"
            f" {self.recovered_s:.0f} s after the flood; answers to the noisy {noisy}, to the quiet {quiet};"
            f" most memory in MiB {self.memory}; processes that ended: {self.restarts}"
        )


def overload(
    service: Service, noisy: list[str], quiet: str, seconds: float, relieve: Callable[[], None] = lambda: None
) -> Outcome:
    """Floods the service, waits until all is worked off, and checks that what was acknowledged is there, once.

    `relieve` is called when the flood is over: what made the service slow, if anything, is to end then.
    """
    flood, memory = Flood(int(service.url.rsplit(":", 1)[1])), Memory(service)
    before = _starts(service)

    async def together() -> None:
        watching = asyncio.create_task(memory.watch())
        await flood.run(noisy, quiet, seconds)
        watching.cancel()

    began = time.monotonic()
    asyncio.run(together())
    relieve()
    ended, meanwhile = time.monotonic(), len(_applied_through(service)) - 1  # without the quiet till's
    runs = [run for heard in [*flood.noisy.values(), flood.quiet] for run in heard.runs]
    wait_until(lambda: _lag(service) == 0, "what was acknowledged is not worked off", _WORKED_OFF_WITHIN_S)
    took = time.monotonic() - began
    _all_applied(service, runs, flood.quiet.runs[0], flood.quiet_sales)
    sent, accepted = flood.statuses.total(), flood.statuses[202]
    return Outcome(
        offered=sent / seconds,
        accepted=accepted / seconds,
        sustained=meanwhile / seconds,
        applied=accepted / took,
        recovered_s=began + took - ended,
        flood=flood,
        memory=dict(memory.most),
        restarts=_starts(service) - before,
    )


def _starts(service: Service) -> int:
    return sum(line.get("event") == "process_started" for line in service.lines())


def _lag(service: Service) -> int:
    return sum(row["lag"] for row in service.command("status")["partitions"])


def _all_applied(service: Service, acknowledged: list[str], quiet: str, sales: int) -> None:
    """Each acknowledged upload is applied to its end, and the ledger holds."""
    through = _applied_through(service)
    owed = {**dict.fromkeys(acknowledged, PER_UPLOAD), quiet: sales}
    lost = {run: through.get(run) for run, last in owed.items() if through.get(run, 0) < last}
    assert not lost, lost
    assert all(outlet["holds"] for outlet in service.command("ledger")["outlets"])


def _applied_through(service: Service) -> dict[str, int]:
    """Run → the number up to which its events are applied."""
    with psycopg.connect(service.settings.postgres) as connection:
        found = connection.execute("SELECT schema_name FROM app.generations WHERE state = 'live'").fetchone()
        assert found is not None
        connection.execute("SELECT set_config('search_path', %s, true)", found)
        return dict(connection.execute("SELECT run::text, applied_through FROM runs").fetchall())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.overload", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--tills", type=int, default=10, help="noisy ones")
    parser.add_argument(
        "--slow-ms",
        type=float,
        default=0,
        help="hold back each piece of data between the service and PostgreSQL so long while the flood lasts: sender and"
        " service share this machine's cores, and only a slower service can be asked for ten times what it can do",
    )
    arguments = parser.parse_args()
    with running_system() as system:
        account = system.service.provision(*[f"Лавка {n}" for n in range(arguments.tills + 1)])
        *noisy, quiet = (outlet["till_token"] for outlet in account["outlets"])
        system.network["postgres"].delay = arguments.slow_ms / 1000
        outcome = overload(system.service, noisy, quiet, 60 * arguments.minutes, system.network["postgres"].heal)
        sys.stdout.write(f"{outcome}\n")


if __name__ == "__main__":
    main()
