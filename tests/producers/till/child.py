"""A till that is going to be killed: appends and sends in a loop, and writes down what was accepted.

Arguments: address, spool, state directory, file for the accepted events, first event number.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from producers.till import TillClient
from tests.producers.till.conftest import moved


def main(url: str, spool: str, state: str, accepted: str, first: str) -> None:
    log = os.open(accepted, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    client = TillClient(
        url,
        "wo_till_test",
        Path(spool),
        state_dir=Path(state),
        batch_events=7,
        sleep=lambda s: time.sleep(min(s, 0.01)),
    )
    client.spool._keep_bytes = 200_000  # so that events come and go in a short life

    def send() -> None:
        while True:
            client.send()

    threading.Thread(target=send, daemon=True).start()
    number = int(first)
    while True:
        events = [moved(number + n, quantity="many" if (number + n) % 50 == 49 else "1") for n in range(number % 4 + 1)]
        numbers = client.append(events)
        lines = [f"{numbers.run} {numbers.first + n} {event['move_id']}\n" for n, event in enumerate(events)]
        os.write(log, "".join(lines).encode())
        number += len(events)
        while client.pending > 60:
            time.sleep(0.001)


if __name__ == "__main__":
    main(*sys.argv[1:])
