"""A fixed course of a spool, in a process that is going to be killed: opens it, appends, sends and acknowledges.

Argument: a folder. Its file `report` gets a line for what was accepted once `append` has returned, and one for what
goes out before it is acknowledged.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from producers.till.spool import Spool

APPENDS, EVENTS = 6, 3


def main(root: Path) -> None:
    report = os.open(root / "report", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    spool = open_spool(root)
    for number in range(APPENDS):
        events = [b'{"n":%d}' % (number * EVENTS + n) for n in range(EVENTS)]
        spool.append(events)
        os.write(report, b"".join(b"accepted - 0 %b\n" % event for event in events))
        if number % 2 and (batch := spool.batch(4, 10_000)):
            sent = enumerate(batch.events, batch.first_seq)
            os.write(report, b"".join(b"sent %b %d %b\n" % (batch.run.encode(), seq, event) for seq, event in sent))
            spool.acknowledge(batch)
    spool.close()


def open_spool(root: Path) -> Spool:
    """Acknowledged events go at once, so that deleting is a part of the course, too."""
    return Spool(root / "spool", root / "state", keep_seconds=-1, reserve_bytes=4096)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
