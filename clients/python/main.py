"""python main.py URL SPOOL EVENTS [SECONDS]: what the programs beside it do, by the till client of `producers.till`.

The token comes as WEBOFFICE_TOKEN. SECONDS are added to the clock: that is for `weboffice conform`.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from producers.till import GaveUp, TillClient, UploadStopped


def main(url: str, spool: str, events: str, ahead: str = "0") -> int:
    token, clock_ahead = os.environ.get("WEBOFFICE_TOKEN", ""), timedelta(seconds=float(ahead))
    with TillClient(url, token, Path(spool), now=lambda: datetime.now(UTC) + clock_ahead) as till:
        lines = Path(events).read_text("utf-8").splitlines()
        if accepted := [json.loads(line) for line in lines if line.strip()]:
            till.append(accepted)
        try:
            sent = till.send(30)
        except (UploadStopped, GaveUp) as error:
            sys.stderr.write(f"{error}\n")
            return 3
    for refused in sent.withdrawn:
        sys.stderr.write(f"refused: {refused.seq} {refused.at} {refused.reason}\n")
    return 1 if sent.withdrawn else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
