"""What a step gets to work with: the servers, started when first asked for, its sizes, its results, filled topics."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from benchmarks import workload
from benchmarks.results import Results
from benchmarks.servers import Servers
from benchmarks.workload import Filled, Shape

PARTITIONS = 12


class Sizes(Struct, frozen=True):
    """How much is measured. A round measures everybody once, one after the other."""

    sales: int = 1_000_000
    slow_sales: int = 100_000
    """for peers that are slow, and for live runs"""
    rounds: int = 5
    slow_rounds: int = 3
    history: tuple[int, ...] = (100_000, 1_000_000, 10_000_000)
    """lengths of history for pages and memory, in sales"""
    outlets: int = 1_000
    """of a chain, for the step `grow`, and what follows too: goods and receipts of one of them, tills that send one
    event each 30 s for so many seconds, owners at once for so many seconds, requests of each page; `base`: a commit to
    measure beside this tree"""
    goods: int = 100_000
    receipts: int = 300_000
    tills: int = 2_000
    upload_seconds: float = 60.0
    owners: int = 50
    owner_seconds: float = 30.0
    page_requests: int = 50
    grow_rounds: int = 2
    base: str = ""
    import_megabytes: int = 100
    """of the file of receipts that is imported; the others have a tenth"""

    @property
    def long_rounds(self) -> int:
        """Of steps that have no slow contenders, but take long themselves: one at least."""
        return max(1, self.slow_rounds)


QUICK = Sizes(
    sales=15_000,
    slow_sales=15_000,
    rounds=1,
    slow_rounds=1,
    history=(2_000, 5_000),
    outlets=10,
    goods=1_000,
    receipts=2_000,
    tills=20,
    upload_seconds=5.0,
    owners=8,
    owner_seconds=3.0,
    page_requests=3,
    grow_rounds=1,
    import_megabytes=2,
)
"""Does it work at all? Its figures mean nothing."""


class Bench:
    """`results` is the running step's."""

    def __init__(self, home: Path, sizes: Sizes, names: list[str]) -> None:
        self.home = home
        self.sizes = sizes
        self.names = names
        """whom to measure; everybody where empty"""
        self.results: Results
        self._servers: Servers | None = None
        self._topics: dict[tuple[Shape, bool], Filled] = {}

    @property
    def servers(self) -> Servers:
        if self._servers is None:
            self._servers = Servers(self.home / "servers")
            self._servers.start()
        return self._servers

    def wants(self, name: str) -> bool:
        return not self.names or name in self.names

    def filled(self, shape: Shape, *, one_event_each: bool = False) -> Filled:
        """A topic with this workload, filled once per run."""
        key = (shape, one_event_each)
        if key not in self._topics:
            topic = f"bench-{len(self._topics)}"
            self.servers.delete_topics(topic)
            self.servers.create_topic(topic, PARTITIONS)
            self._topics[key] = workload.fill(
                self.servers.kafka, topic, PARTITIONS, shape, one_event_each=one_event_each
            )
        return self._topics[key]

    def forget_topics(self) -> None:
        """Makes room on the disk."""
        if self._topics:
            self.servers.delete_topics(*(filled.topic for filled in self._topics.values()))
            self._topics.clear()

    def close(self) -> None:
        if self._servers is not None:
            try:
                self.forget_topics()
            finally:
                self._servers.stop()
