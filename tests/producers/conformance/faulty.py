"""A till program with faults on purpose: faulty.py FAULTS URL SPOOL EVENTS. Without one ("-") it does all right.

`FAULTS`, parted by commas: `forgets` (what was not answered counts as sent), `hurries` (does not wait), `leaves-holes`
(a refused event is left out), `renumbers` (a batch without an answer goes out in another order), `never-asks` (for the
state).
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SPOOL = "spool.json"


class Till:
    def __init__(self, faults: set[str], url: str, folder: Path) -> None:
        self.faults, self.address, self.file = faults, urlsplit(url).netloc, folder / SPOOL
        folder.mkdir(exist_ok=True)
        fresh: dict[str, Any] = {"run": str(uuid.uuid4()), "through": 0, "waiting": [], "sent": {}}
        self.new = not self.file.exists()
        self.state = fresh if self.new else json.loads(self.file.read_text())

    def save(self) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(self.state))
        new.replace(self.file)

    def add(self, event: Any) -> None:
        self.state["through"] += 1
        self.state["waiting"].append([self.state["through"], event])

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any, float]:
        http_ = http.client.HTTPConnection(self.address, timeout=10)
        headers = {"Authorization": f"Bearer {os.environ['WEBOFFICE_TOKEN']}", "Content-Type": "application/json"}
        try:
            http_.request(method, path, json.dumps(body) if body else None, headers)
            answer = http_.getresponse()
            content = answer.read()
            wait = float(answer.headers.get("Retry-After") or 0)
            return answer.status, json.loads(content) if content[:1] == b"{" else {}, wait
        except OSError:
            return 0, {}, 0.0
        except http.client.HTTPException:
            return 0, {}, 0.0
        finally:
            http_.close()

    def look(self) -> None:
        """Ask what the service has; send again what it lost; begin a new run where it has more than was ever sent."""
        if self.new or "never-asks" in self.faults:
            return
        status, content, _ = self.ask("GET", f"/api/v1/uploads/state?run={self.state['run']}")
        if status != 200:
            return
        known = [[1, content["applied_through"]], *content["waiting"]]
        if max(last for _, last in known) > self.state["through"]:
            self.state |= {"run": str(uuid.uuid4()), "through": 0, "waiting": [], "sent": {}}
        lost = [int(n) for n in self.state["sent"] if not any(first <= int(n) <= last for first, last in known)]
        self.state["waiting"] = sorted([*([n, self.state["sent"][str(n)]] for n in lost), *self.state["waiting"]])

    def send(self) -> None:
        most, pause, deadline = 100, 0.2, time.monotonic() + 20
        while self.state["waiting"] and time.monotonic() < deadline:
            self.save()
            waiting = self.state["waiting"]
            first = waiting[0][0]
            batch = [event for at, (n, event) in enumerate(waiting[:most]) if n == first + at]
            upload = {"run": self.state["run"], "first_seq": first, "events": batch}
            status, content, wait = self.ask("POST", "/api/v1/uploads", upload)
            if status == 202 or ("forgets" in self.faults and status in (0, 200, 502, 503)):
                self.state["sent"] |= {str(n): event for n, event in waiting[: len(batch)]}
                del waiting[: len(batch)]
            elif status == 422:
                self.withdraw(int(content["at"].split("[")[1].split("]")[0]))
            elif status == 413:
                most = max(1, len(batch) // 2)
            elif status == 401:
                return
            else:
                if "renumbers" in self.faults:
                    numbers, events = zip(*waiting, strict=True)
                    self.state["waiting"] = [list(pair) for pair in zip(numbers, reversed(events), strict=True)]
                time.sleep(0.02 if "hurries" in self.faults and wait else wait + pause)
                pause *= 1.5

    def withdraw(self, position: int) -> None:
        if "leaves-holes" in self.faults:
            del self.state["waiting"][position]
            return
        at = self.state["waiting"][position][1]["at"]
        self.state["waiting"][position][1] = {"type": "event.withdrawn", "at": at, "reason": "refused"}


def main(faults: str, url: str, spool: str, events: str) -> None:
    till = Till(set(faults.split(",")), url, Path(spool))
    till.look()
    for line in Path(events).read_text().splitlines():
        till.add(json.loads(line))
    till.save()
    till.send()
    till.save()


if __name__ == "__main__":
    main(*sys.argv[1:])
