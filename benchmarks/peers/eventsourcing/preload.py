"""Puts events into the application's log before the clock starts, through its own recorder.

Reads lines from standard input: RUN, NUMBER and STATE, with tabs between. `positions` becomes a view of the library's
own tracking, so that its progress is seen where everybody's is.
"""

from __future__ import annotations

import itertools
import os
import sys
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import get_topic

from benchmarks.peers.eventsourcing.application import TillEvent, Tills, environment
from benchmarks.peers.eventsourcing.main import Figures, view

_AT_ONCE = 5000
_POSITIONS = """
DROP TABLE positions;
CREATE VIEW positions AS
SELECT 0 AS partition, coalesce(max(notification_id), 0) AS next_offset FROM figures_tracking
WHERE application_name = 'Tills';
"""


def main() -> None:
    topic = get_topic(TillEvent)
    app = Tills(environment())
    view()  # makes its table
    events = (_stored(topic, line) for line in sys.stdin.buffer)
    while some := list(itertools.islice(events, _AT_ONCE)):
        app.recorder.insert_events(some)
    app.close()
    with psycopg.connect(os.environ["BENCH_POSTGRES"]) as connection:
        connection.execute(_POSITIONS.encode())
    assert Figures.name == "figures"  # which names the table of its positions


def _stored(topic: str, line: bytes) -> StoredEvent:
    run, number, state = line.rstrip(b"\n").split(b"\t", 2)
    return StoredEvent(UUID(run.decode()), int(number), topic, state)


if __name__ == "__main__":
    main()
