from __future__ import annotations

from random import Random

from tests.producers.till.disks import SECTOR, File


def test_a_power_cut_changes_nothing_behind_a_short_write() -> None:
    """What was synced keeps its place, whichever sectors of the writes after it reached the disk."""
    synced = bytes(range(256)) * 8
    for seed in range(20):
        file = File()
        file.write(synced, 0)
        file.sync()
        file.write(b"new" * 200, SECTOR)  # a sector and a part of the next
        left = file.after_cut(Random(seed))
        assert len(left) == len(synced)
        assert left[:SECTOR] == synced[:SECTOR]
        assert left[SECTOR + 600 :] == synced[SECTOR + 600 :]
