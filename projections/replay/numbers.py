"""Which numbers of each run a topic holds, told by the records' headers: nothing is folded for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from projections.replay.reader import LogReader
from projections.runs.reading import claimed_run, read
from projections.runs.state import RunId
from schemas.log import LogRecord
from schemas.records import origin
from schemas.spans import Span, joined


class Numbers:
    """Of some partitions of a topic, read on from where they were read to."""

    def __init__(self, kafka: str, topic: str) -> None:
        self._kafka = kafka
        self._topic = topic
        self._read_to: dict[int, int] = {}
        self._spans: dict[RunId, list[Span]] = {}

    async def read_on(self, spans: Mapping[int, tuple[int, int]]) -> None:
        """Reads partition → [from, to), or what of it was not read yet. Raises `InfrastructureUnreachable`."""
        left = {p: (max(start, self._read_to.get(p, start)), end) for p, (start, end) in spans.items()}
        async with LogReader(self._kafka, self._topic) as log:
            async for batches in log.read(left, max_records=5000):
                for partition, records in batches.items():
                    self._take(records)
                    self._read_to[partition] = records[-1].offset + 1

    def of(self, run: RunId) -> list[Span]:
        """The numbers of a run, in order."""
        return joined(self._spans.get(run, ()))

    def runs(self) -> list[RunId]:
        """All runs of which there is anything."""
        return sorted(self._spans)

    def _take(self, records: Iterable[LogRecord]) -> None:
        for record in records:
            said = origin(record.headers, record.key)
            run, first, count = claimed_run(said), said.first_seq, said.count
            if run is None:
                reading = read(record)
                run, first, count = reading.run, reading.first_seq, reading.count
            if run is None or not count:
                continue
            spans = self._spans.setdefault(run, [])
            if spans and spans[-1][0] <= first <= spans[-1][1] + 1:  # mostly one continues the other
                spans[-1] = spans[-1][0], max(spans[-1][1], first + count - 1)
            else:
                spans.append((first, first + count - 1))
