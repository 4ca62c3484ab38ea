"""The rules: what tills and owners do, and every way in which the system is hurt."""

from __future__ import annotations

import asyncio
import gzip
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

import psutil
import psycopg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from projections import orders, quarantine
from projections.catchup import session
from schemas import records
from schemas.errors import InfrastructureUnreachable
from schemas.failpoints import POINTS
from schemas.records import ContactForgotten, GapGivenUp, OutletRemoved
from tests.faults.machine import Machine, rule
from tests.faults.rebuilds import Rebuild
from tests.faults.tills import packed

# --- what tills and owners do ---


@rule("upload", 70)
def _upload(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    machine.tills.send(run, run.grow(chance, chance.randrange(1, 12)))
    return True


@rule("upload a large batch", 1)
def _upload_large(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    machine.tills.send(run, run.grow(chance, chance.randrange(200, 501)))
    return True


@rule("upload again", 20)
def _again(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    if run.batches:
        machine.tills.send(run, chance.choice(run.batches[-6:]))
    return bool(run.batches)


@rule("upload again, cut differently", 10)
def _cut(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    if not run.batches:
        return False
    first = chance.randrange(max(1, len(run.events) - 40), len(run.events) + 1)
    machine.tills.send(run, (first, min(len(run.events), first + chance.randrange(25))))
    return True


@rule("upload out of order", 15)
def _out_of_order(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    spans = [run.grow(chance, chance.randrange(1, 6)) for _ in range(chance.randrange(2, 5))]
    for span in chance.sample(spans, len(spans)):
        machine.tills.send(run, span)
    return True


@rule("keep a batch back", 7)
def _keep_back(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    run.late.append(run.grow(chance, chance.randrange(1, 6)))
    return True


@rule("upload what was kept back", 7)
def _late(machine: Machine, chance: Random) -> bool:
    run = next((run for run in machine.runs if run.late), None)
    if run is not None:
        machine.tills.send(run, run.late.pop(chance.randrange(len(run.late))))
    return run is not None


@rule("begin another run", 3)
def _other_run(machine: Machine, chance: Random) -> bool:
    outlet = chance.choice(list(machine.registered))
    run = machine.tills.begin(outlet, *machine.registered[outlet], chance)
    machine.tills.send(run, run.grow(chance, chance.randrange(1, 12)))
    return True


@rule("register an outlet", 0.7)
def _register(machine: Machine, chance: Random) -> bool:
    if {"postgres", "network postgres"} & machine.busy or len(machine.registered) > 12:
        return False
    try:
        machine.register(f"owner{chance.randrange(3)}@example.org", [f"Лавка {chance.randrange(1000)}"])
    except (InfrastructureUnreachable, psycopg.OperationalError):
        return False  # a fault that is not over yet: nothing was registered
    return True


@rule("give a hole up", 0.7)
def _give_up(machine: Machine, chance: Random) -> bool:
    run = next((run for run in machine.runs if run.late), None)
    if run is None:
        return False
    first, last = run.late[0]
    reason, now = "проба", datetime.now(UTC)
    return _order(machine, lambda _: GapGivenUp(run.outlet, run.till, run.id, first, last, reason, now))


@rule("forget a contact", 0.7)
def _forget(machine: Machine, chance: Random) -> bool:
    order = ContactForgotten(chance.choice(list(machine.registered)), f"c{chance.randrange(6)}", datetime.now(UTC))
    return _order(machine, lambda _: order)


@rule("remove an outlet", 0.2)
def _remove(machine: Machine, chance: Random) -> bool:
    left = [outlet for outlet in machine.registered if outlet not in machine.removed]
    if len(left) < 5:
        return False
    outlet = chance.choice(left)
    done = _order(machine, lambda _: OutletRemoved(outlet, datetime.now(UTC)))
    if done:
        machine.removed.add(outlet)
    return done


@rule("discard what is in quarantine", 1.5)
def _discard(machine: Machine, chance: Random) -> bool:
    def one(connection: Any) -> None:
        found = [row for row in quarantine.listed(connection) if row.run]
        if found:
            quarantine.discard(connection, chance.choice(found), "проба", datetime.now(UTC))

    return _order(machine, one)


def _order(machine: Machine, make: Callable[[Any], orders.Order | None]) -> bool:
    """Puts an order into the outbox, unless PostgreSQL is away."""
    if {"postgres", "network postgres"} & machine.busy:
        return False
    try:
        with session(machine.system.postgres) as connection, connection.transaction():
            order = make(connection)
            if order is not None:
                orders.send(connection, order)
    except (InfrastructureUnreachable, psycopg.OperationalError):
        return False
    return True


@rule("verify", 0.3)
def _verify(machine: Machine, chance: Random) -> bool:
    if machine.busy:
        return False
    Rebuild(machine.system, "verify").wait()
    return True


@rule("rebuild", 0.5)
def _rebuild(machine: Machine, chance: Random) -> bool:
    if machine.busy:
        return False
    Rebuild(machine.system, "rebuild").wait()
    return True


# --- processes ---


def _kill_process(name: str) -> Callable[[Machine, Random], bool]:
    def kill(machine: Machine, chance: Random) -> bool:
        machine.system.kill(name)
        return True

    return kill


for _name, _what in (
    ("web", "gateway and portal"),
    ("anonymise", "the worker `anonymise`"),
    ("project", "the worker `project`"),
):
    rule(f"kill {_name}", 1.2, f"SIGKILL of {_what}; the supervisor starts it again")(_kill_process(_name))


@rule("kill supervisor", 0.5, "SIGKILL of `weboffice up`; started again by hand")
def _kill_supervisor(machine: Machine, chance: Random) -> bool:
    if machine.busy:  # it can't become ready while something is away
        return False
    machine.system.kill_supervisor()
    return True


def _strike_at(point: str) -> Callable[[Machine, Random], bool]:
    def strike(machine: Machine, chance: Random) -> bool:
        if machine.busy:  # nobody would come by
            return False
        machine.system.arm(point)
        if point.startswith("rebuild"):
            Rebuild(machine.system, "rebuild").wait(killed=True)
        elif point.startswith("outbox"):
            _forget(machine, chance)
        else:
            _upload(machine, chance)
        deadline = time.monotonic() + _COMES_BY_WITHIN_S
        while machine.system.armed(point) and time.monotonic() < deadline:
            time.sleep(0.02)
        return point not in machine.system.disarm()

    return strike


_COMES_BY_WITHIN_S = 5.0

for _point, _when in POINTS.items():
    rule(f"kill at {_point}", 0.9, f"SIGKILL at the fail point `{_point}`: {_when}")(_strike_at(_point))


@rule("kill rebuild", 0.5, "SIGKILL of `weboffice rebuild` at a random moment, then another rebuild, which takes it up")
def _kill_rebuild(machine: Machine, chance: Random) -> bool:
    if machine.busy:
        return False
    Rebuild(machine.system, "rebuild").kill_after(chance.uniform(0.3, 2.5))
    return True


def _zombie(name: str) -> Callable[[Machine, Random], bool]:
    def zombie(machine: Machine, chance: Random) -> bool:
        if name in machine.busy or "kafka" in machine.busy:
            return False
        if not machine.system.workers[name]:
            machine.system.add_worker(name)
        pids = machine.system.pids(name)
        if not pids:
            return False
        pid = chance.choice(pids)
        machine.system.pause(pid)
        machine.later(chance.uniform(11, 16), name, lambda: machine.system.resume(pid))
        _upload(machine, chance)
        return True

    return zombie


for _name in ("anonymise", "project"):
    rule(f"zombie {_name}", 0.5, "SIGSTOP past the session timeout while another worker takes over, then SIGCONT")(
        _zombie(_name)
    )


def _stop_inside(point: str, name: str) -> Callable[[Machine, Random], bool]:
    def stop(machine: Machine, chance: Random) -> bool:
        if machine.busy:
            return False
        if not machine.system.workers[name]:
            machine.system.add_worker(name)
        machine.system.arm(point, "stop")
        _upload(machine, chance)

        def stands_still() -> list[int]:
            return [pid for pid in machine.system.pids(name) if machine.system.stands_still(pid)]

        def go_on() -> None:
            for pid in stands_still():
                machine.system.resume(pid)

        deadline = time.monotonic() + _COMES_BY_WITHIN_S
        while not stands_still() and time.monotonic() < deadline:
            time.sleep(0.02)
        machine.system.disarm()
        machine.later(chance.uniform(11, 16), name, go_on)
        return bool(stands_still())

    return stop


rule("zombie in transaction", 0.4, "SIGSTOP with a transaction open, past the session timeout, then SIGCONT")(
    _stop_inside("project.before_commit", "project")
)
rule("zombie before send", 0.4, "SIGSTOP with a record read and not sent, past the session timeout, then SIGCONT")(
    _stop_inside("anonymise.before_send", "anonymise")
)


def _join(name: str) -> Callable[[Machine, Random], bool]:
    def join(machine: Machine, chance: Random) -> bool:
        if len(machine.system.workers[name]) >= 2:
            return False
        machine.system.add_worker(name)
        return True

    return join


def _leave(name: str, how: signal.Signals) -> Callable[[Machine, Random], bool]:
    def leave(machine: Machine, chance: Random) -> bool:
        if not machine.system.workers[name] or name in machine.busy:
            return False
        machine.system.end_worker(name, how)
        return True

    return leave


for _name in ("anonymise", "project"):
    rule(f"{_name} joins", 0.8, f"a second or third `{_name}` comes: rebalance")(_join(_name))
    rule(f"{_name} leaves", 0.5, f"SIGTERM to an extra `{_name}`: rebalance")(_leave(_name, signal.SIGTERM))
    rule(f"kill extra {_name}", 0.5, f"SIGKILL of an extra `{_name}`: rebalance after the session timeout")(
        _leave(_name, signal.SIGKILL)
    )


# --- servers ---


@rule("kill kafka", 0.8, "SIGKILL of the broker; back after 0–6 s")
def _kill_kafka(machine: Machine, chance: Random) -> bool:
    if "kafka" in machine.busy:
        return False
    machine.system.kill_kafka()
    machine.later(chance.uniform(0, 6), "kafka", machine.system.start_kafka)
    return True


@rule("kill postgres", 0.8, "SIGKILL of all of PostgreSQL's processes; back after 0–6 s")
def _kill_postgres(machine: Machine, chance: Random) -> bool:
    if {"postgres", "network postgres"} & machine.busy:
        return False
    machine.system.kill_postgres()
    machine.later(chance.uniform(0, 6), "postgres", machine.system.start_postgres)
    return True


@rule("pause kafka", 0.5, "SIGSTOP of the broker for 3–20 s: it takes connections and answers nothing")
def _pause_kafka(machine: Machine, chance: Random) -> bool:
    process = machine.system.broker.process
    if "kafka" in machine.busy or process is None or process.poll() is not None:
        return False
    machine.system.pause(process.pid)
    pid = process.pid
    machine.later(chance.uniform(3, 20), "kafka", lambda: machine.system.resume(pid))
    return True


def _fill(name: str) -> Callable[[Machine, Random], bool]:
    def fill(machine: Machine, chance: Random) -> bool:
        if name in machine.busy or name not in machine.system.disks:
            return False
        machine.system.disks[name].fill(chance.choice([0, 64 * 1024]))
        server = {"kafka": machine.system.start_kafka, "postgres": machine.system.start_postgres}[name]

        def free() -> None:
            machine.system.disks[name].free()
            server()

        machine.later(chance.uniform(1, 6), name, free)
        _upload(machine, chance)
        return True

    return fill


for _name in ("kafka", "postgres"):
    rule(f"full disk {_name}", 0.5, "its disk (a tmpfs) has no room for 1–6 s; it is started again if it gave up")(
        _fill(_name)
    )


# --- the network ---


def _network(name: str, spoil: Callable[[Machine, Random], None], most_s: float) -> Callable[[Machine, Random], bool]:
    def spoilt(machine: Machine, chance: Random) -> bool:
        key = f"network {name}"
        if key in machine.busy:
            return False
        spoil(machine, chance)
        if most_s:
            machine.later(chance.uniform(0.3, most_s), key, machine.system.network[name].heal)
        _upload(machine, chance)
        return True

    return spoilt


def _cut_for_good(name: str) -> Callable[[Machine, Random], None]:
    def cut(machine: Machine, chance: Random) -> None:
        machine.system.network[name].refusing = True
        machine.system.network[name].cut()

    return cut


def _slow(name: str) -> Callable[[Machine, Random], None]:
    def slow(machine: Machine, chance: Random) -> None:
        machine.system.network[name].delay = chance.uniform(0.02, 0.3)

    return slow


def _silent(name: str) -> Callable[[Machine, Random], None]:
    def silent(machine: Machine, chance: Random) -> None:
        machine.system.network[name].flowing = False

    return silent


def _break_connections(name: str) -> Callable[[Machine, Random], None]:
    def reset(machine: Machine, chance: Random) -> None:
        machine.system.network[name].cut()

    return reset


for _name, _pair in (
    ("kafka", "everybody and Kafka"),
    ("postgres", "everybody and PostgreSQL"),
    ("tills", "tills and gateway"),
):
    rule(f"network {_name} cut", 0.5, f"between {_pair}: connections end, new ones too, for up to 5 s")(
        _network(_name, _cut_for_good(_name), 5)
    )
    rule(f"network {_name} slow", 0.5, f"between {_pair}: 20–300 ms per piece of data for up to 6 s")(
        _network(_name, _slow(_name), 6)
    )
    rule(f"network {_name} silent", 0.4, f"between {_pair}: connections stay, nothing passes, for up to 8 s")(
        _network(_name, _silent(_name), 8)
    )
    rule(f"network {_name} reset", 0.6, f"between {_pair}: all connections end at one moment")(
        _network(_name, _break_connections(_name), 0)
    )


def _cut_one(name: str) -> Callable[[Machine, Random], bool]:
    def cut(machine: Machine, chance: Random) -> bool:
        pids = machine.system.pids(name)
        if not pids:
            return False
        try:
            ports = {connection.laddr.port for connection in psutil.Process(pids[0]).net_connections("tcp")}
        except psutil.Error:
            return False
        machine.system.network["kafka"].cut(ports)
        return True

    return cut


for _name in ("web", "anonymise", "project"):
    rule(f"network {_name}–kafka reset", 0.4, f"between `{_name}` alone and Kafka: its connections end")(
        _cut_one(_name)
    )


@rule("lost answer", 0.8, "an upload arrives, its answer does not")
def _lost_answer(machine: Machine, chance: Random) -> bool:
    key = "network tills"
    if key in machine.busy:
        return False
    machine.system.network["tills"].losing_answers = True
    machine.later(chance.uniform(0.3, 1.5), key, machine.system.network["tills"].heal)
    for _ in range(3):
        _upload(machine, chance)
    return True


# --- bad input ---


def _body(machine: Machine, chance: Random) -> tuple[Any, bytes]:
    """The next upload of a run, which stays to be sent."""
    run = machine.pick(chance)
    first, last = run.grow(chance, chance.randrange(1, 6))
    return run, packed(run, first, [event for event in run.events[first - 1 : last] if event])


@rule("truncated upload", 1, "a gzip body that ends too early")
def _truncated(machine: Machine, chance: Random) -> bool:
    run, body = _body(machine, chance)
    machine.tills.send_spoilt(run, body[: chance.randrange(1, len(body) - 8)], {"Content-Encoding": "gzip"})
    return True


@rule("flipped bit", 1, "one bit of a gzip body is flipped; its checksum tells")
def _flipped(machine: Machine, chance: Random) -> bool:
    run, body = _body(machine, chance)
    # Not in gzip's header, whose time stamp may be anything, nor in the bits that fill up deflate's last byte.
    place = chance.choice([*range(12, len(body) - 9), *range(len(body) - 8, len(body))])
    flipped = body[:place] + bytes([body[place] ^ 1 << chance.randrange(8)]) + body[place + 1 :]
    machine.tills.send_spoilt(run, flipped, {"Content-Encoding": "gzip"})
    return True


@rule("gzip bomb", 0.7, "64 MiB of zeros in 64 KiB of gzip")
def _bomb(machine: Machine, chance: Random) -> bool:
    machine.tills.send_spoilt(machine.pick(chance), _BOMB, {"Content-Encoding": "gzip"})
    return True


_BOMB = gzip.compress(bytes(64 * 2**20), 9)


@rule("clock off", 1.5, "a till whose clock is ten years off, either way")
def _clock(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    machine.tills.send(run, run.grow(chance, chance.randrange(1, 6), years_off=chance.choice([-10, 10])))
    return True


@rule("forked numbering", 1, "other content under numbers that were sent before")
def _forked(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    if not run.batches:
        return False
    machine.tills.send_other(run, chance.choice(run.batches[-6:]), chance)
    return True


def _unreadable(topic: str, value: bytes) -> Callable[[Machine, Random], bool]:
    def write(machine: Machine, chance: Random) -> bool:
        if machine.busy:
            return False
        run = machine.tills.begin(*_of_outlet(machine, chance), chance)
        before = run.grow(chance, 2)
        machine.tills.send(run, before)
        first, last = run.leave_to_others(chance.randrange(1, 5))
        found = records.headers(
            kind="upload", outlet=run.outlet, till=run.till, run=run.id, first_seq=first, count=last + 1 - first
        )
        asyncio.run(_write(machine, topic, run.outlet, value, found))
        machine.tills.send(run, run.grow(chance, 2))
        return True

    return write


rule("record of the future", 0.5, "a record of version 99 written to `uploads`: its run waits, nobody else does")(
    _unreadable("uploads", b'{"kind":"upload","v":99,"lines":{}}')
)
rule("rubbish record", 0.4, "bytes that are no JSON written to `uploads`")(_unreadable("uploads", b"\xff\x00rubbish"))


def _of_outlet(machine: Machine, chance: Random) -> tuple[str, str, str]:
    outlet = chance.choice(list(machine.registered))
    return outlet, *machine.registered[outlet]


async def _write(machine: Machine, topic: str, outlet: str, value: bytes, headers: records.Headers) -> None:
    settings = machine.system.settings
    name = getattr(settings.topics, topic)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, enable_idempotence=True, acks="all")
    try:
        async with asyncio.timeout(30):
            await producer.start()
            await producer.send_and_wait(name, value, outlet.encode(), headers=headers)
    except (KafkaError, OSError, TimeoutError):
        pass  # a fault that is not over: whether it is written is unknown, as for a till
    finally:
        await producer.stop()
