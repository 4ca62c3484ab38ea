"""Connections that are cut, slow or silent, of everybody or of one process."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import psutil

from tests.faults.machine import Machine, rule
from tests.faults.rules.shop import upload


def _network(name: str, spoil: Callable[[Machine, Random], None], most_s: float) -> Callable[[Machine, Random], bool]:
    def spoilt(machine: Machine, chance: Random) -> bool:
        key = f"network {name}"
        if key in machine.busy:
            return False
        spoil(machine, chance)
        if most_s:
            machine.later(chance.uniform(0.3, most_s), key, machine.system.network[name].heal)
        upload(machine, chance)
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


def _clients(machine: Machine, name: str, server: str) -> set[int]:
    """As the proxy in front of a server knows one process: by its id, or by the ports it has open."""
    pids = machine.system.pids(name)
    if not pids or server == "postgres":
        return set(pids[:1])
    try:
        return {connection.laddr.port for connection in psutil.Process(pids[0]).net_connections("tcp")}
    except psutil.Error:
        return set()


def _between(name: str, server: str, spoil: Callable[[Machine, Random], None] | None) -> Callable[..., bool]:
    """A fault between one process and one server, for a while; a moment's cut without `spoil`."""

    def spoilt(machine: Machine, chance: Random) -> bool:
        key = f"network {server}"
        clients = _clients(machine, name, server)
        if not clients or key in machine.busy:
            return False
        proxy = machine.system.network[server]
        if spoil is None:
            proxy.cut(clients)
        else:
            proxy.only = clients
            spoil(machine, chance)
            machine.later(chance.uniform(0.5, 8), key, proxy.heal)
        upload(machine, chance)
        return True

    return spoilt


for _name, _server in (
    ("gateway", "kafka"),
    ("gateway", "postgres"),
    ("web", "postgres"),
    ("anonymise", "kafka"),
    ("project", "kafka"),
    ("project", "postgres"),
):
    _pair = f"between `{_name}` alone and {_server}"
    rule(f"network {_name}–{_server} reset", 0.4, f"{_pair}: its connections end")(_between(_name, _server, None))
    rule(f"network {_name}–{_server} slow", 0.3, f"{_pair}: 20–300 ms per piece of data for up to 8 s")(
        _between(_name, _server, _slow(_server))
    )
    rule(f"network {_name}–{_server} silent", 0.3, f"{_pair}: connections stay, nothing passes, for up to 8 s")(
        _between(_name, _server, _silent(_server))
    )


@rule("lost answer", 0.8, "an upload arrives, its answer does not")
def _lost_answer(machine: Machine, chance: Random) -> bool:
    key = "network tills"
    if key in machine.busy:
        return False
    machine.system.network["tills"].losing_answers = True
    machine.later(chance.uniform(0.3, 1.5), key, machine.system.network["tills"].heal)
    for _ in range(3):
        upload(machine, chance)
    return True
