"""What should not arrive: broken uploads, wrong clocks, forked numbers, records that nobody can read."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from random import Random
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas import brokers, records
from tests.faults.machine import Machine, rule
from tests.faults.tills import packed


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
    producer = AIOKafkaProducer(**brokers.options(settings.kafka), enable_idempotence=True, acks="all")
    try:
        async with asyncio.timeout(30):
            await producer.start()
            await producer.send_and_wait(name, value, outlet.encode(), headers=headers)
    except (KafkaError, OSError, TimeoutError):
        pass  # a fault that is not over: whether it is written is unknown, as for a till
    finally:
        await producer.stop()
