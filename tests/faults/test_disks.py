"""Full disks: of Kafka, of PostgreSQL, of a till."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from producers.till.client import TillClient
from producers.till.errors import SpoolError
from tests.faults.disk import Disk, needs_mount
from tests.faults.machine import Machine
from tests.faults.receipts import Receipt, receipt
from tests.infrastructure import open_folder
from tests.service import wait_until

pytestmark = needs_mount


@pytest.mark.parametrize("server", ["kafka", "postgres"])
def test_a_servers_full_disk_costs_time_only(machine: Machine, server: str) -> None:
    """While its disk is full nothing is acknowledged falsely; with room again, everything goes on and adds up."""
    chance, system = Random(server), machine.system
    run = machine.fresh_run(chance)
    assert machine.tills.post(run, run.grow(chance, 50))
    system.disks[server].fill()
    for _ in range(20):
        machine.tills.send(run, run.grow(chance, 400))
    machine.tills.wait()
    system.disks[server].free()
    system.wait_healthy()
    wait_until(lambda: machine.tills.post(run, run.grow(chance, 1)), "uploads are not accepted again")
    machine.check(chance, proofs=False)


def test_a_till_with_a_full_disk_accepts_nothing_that_it_can_not_keep(machine: Machine) -> None:
    """`append` refuses while the spool's disk is full; what was accepted before and after arrives, without a hole."""
    chance = Random(7)
    outlet = next(iter(machine.registered))
    till, token = machine.registered[outlet]
    with (
        open_folder() as folder,
        Disk(folder / "disk", 8) as disk,
        TillClient(machine.system.url, token, folder / "disk" / "spool", state_dir=folder / "state") as client,
    ):
        run = machine.tills.begin(outlet, till, token, chance)
        run.id = client.spool.run
        _append(client, run.events, chance, 20)
        disk.fill()
        with pytest.raises(SpoolError):
            _append(client, run.events, chance, 20, times=1000)
        disk.free()
        _append(client, run.events, chance, 20)
        client.send()
        run.acknowledged.update(range(1, len(run.events) + 1))
    machine.check(chance, proofs=False)


def _append(client: TillClient, accepted: list[Receipt | None], chance: Random, count: int, times: int = 1) -> None:
    for _ in range(times):
        new = [receipt(chance, "spool") for _ in range(count)]
        client.append([event.sent for event in new])
        accepted += new


@pytest.mark.usefixtures("own_servers")  # the system of the tests above may start a server again meanwhile
def test_a_disk_that_is_filled_has_no_room_until_it_is_freed(tmp_path: Path) -> None:
    """What the tests above rely on."""
    with Disk(tmp_path / "disk", 1) as disk:
        disk.fill()
        with pytest.raises(OSError, match="No space"):
            (tmp_path / "disk" / "file").write_bytes(bytes(2**20))
        disk.free()
        (tmp_path / "disk" / "file").write_bytes(bytes(4096))
