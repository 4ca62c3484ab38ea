"""Makes the home of an older version that the upgrade test starts from, with the code of that version.

    cd CHECKOUT-OF-THE-VERSION && .venv/bin/python …/tests/upgrade/make_home.py FOLDER

FOLDER then holds `home.tar.xz` (the stopped service's data: Kafka's and PostgreSQL's files) and `expected.json` (what
the service's own read API, ledger and certificates said before it was stopped). Run once for a version, by hand; what
it made is committed and never altered. Every name in it is invented.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RUN = "00000000-0000-4000-8000-00000000000{}"
DAYS = ("2026-10-01", "2026-10-31")


_DATA = Path(__file__).parents[1] / "data" / "home-0.1.0"


def events(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (_DATA / f"{name}.jsonl").read_text().splitlines()]


SHOP, LATE = events("shop"), events("late")


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        home = Path(work) / "home"
        environment = {**os.environ, "WEBOFFICE_HOME": str(home), "WEBOFFICE_PARTITIONS": "3", "WEBOFFICE_LOG": "json"}
        with (folder / "up.log").open("wb") as log:
            service = subprocess.Popen(
                [sys.executable, "-m", "ops", "up", "--port", "0"], env=environment, stdout=subprocess.PIPE, stderr=log
            )
        assert service.stdout is not None
        try:
            url = service.stdout.readline().decode().split()[1]
            expected = fill(url, environment)
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait(60)
        with tarfile.open(folder / "home.tar.xz", "w:xz", preset=9) as archive:
            archive.add(home, "home", filter=without_what_is_made_anew)
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")


def without_what_is_made_anew(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = Path(entry.name).name
    return None if name.endswith((".log4j", "lock")) or name in ("run.json", "kafka.log", ".lock") else entry


def fill(url: str, environment: dict[str, str]) -> dict[str, Any]:
    def command(*arguments: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "ops", *arguments], env=environment, capture_output=True, check=True
        )
        return json.loads(done.stdout) if b"{" in done.stdout[:2] or b"[" in done.stdout[:2] else None

    first = command("provision", "--email", "owner@example.org", "--outlet", "Лавка", "--outlet", "Киоск", "--json")
    other = command("provision", "--email", "other@example.org", "--outlet", "Чужая", "--zone", "Asia/Almaty", "--json")
    shop, kiosk = first["outlets"]
    upload(url, shop["till_token"], RUN.format(1), 1, SHOP)
    upload(url, shop["till_token"], RUN.format(1), 3, SHOP[2:5])  # again: duplicates
    upload(url, other["outlets"][0]["till_token"], RUN.format(2), 1, [*SHOP[:4], *SHOP[11:14]])
    worked_off(command)
    moment = datetime.now(UTC).isoformat()
    time.sleep(1.1)
    upload(url, shop["till_token"], RUN.format(3), 1, LATE)
    upload(url, kiosk["till_token"], RUN.format(4), 1, SHOP[:13])
    upload(url, kiosk["till_token"], RUN.format(4), 20, LATE)  # waits behind a hole
    upload(url, kiosk["till_token"], RUN.format(5), 4, LATE)  # waits behind a hole that is given up
    worked_off(command)
    held = next(o for o in command("ledger", "--json")["outlets"] if o["outlet_id"] == kiosk["outlet_id"])
    till = held["missing"][0]["till_id"]
    of = ["--outlet", kiosk["outlet_id"], "--json"]
    command(
        "gap", "give-up", "--till", till, "--run", RUN.format(5), "--from", "1", "--to", "3", "--reason", "Lost", *of
    )
    command("forget", "--contact", "c3", *of)
    command("rebuild", "--until", moment, "--name", "Октябрь", "--json")
    worked_off(command)
    tokens = {"owner": first["owner_token"], "other": other["owner_token"]}
    return {
        "tokens": tokens,  # of this home alone; no other installation knows them
        "till_tokens": {shop["outlet_id"]: shop["till_token"], kiosk["outlet_id"]: kiosk["till_token"]},
        "kept_until": moment,
        "ledger": command("ledger", "--json"),
        "figures": {name: figures(url, token) for name, token in tokens.items()},
    }


def figures(url: str, token: str) -> dict[str, Any]:
    outlets = get(url, token, "/api/v1/outlets")
    between = f"?from={DAYS[0]}&to={DAYS[1]}"
    paths = [f"daily{between}", f"payments{between}", "stock", f"sales{between}", "contacts"]
    return {
        "/api/v1/outlets": outlets,
        **{
            path: get(url, token, path)
            for outlet in outlets
            for path in (f"/api/v1/outlets/{outlet['outlet_id']}/{name}" for name in paths)
        },
    }


def worked_off(command: Any) -> None:
    for _ in range(600):
        if all(row["lag"] == 0 for row in command("status", "--json")["partitions"]):
            return
        time.sleep(0.1)
    raise AssertionError("the log is not worked off")


def upload(url: str, token: str, run: str, first_seq: int, events: list[dict[str, Any]]) -> None:
    body = json.dumps({"run": run, "first_seq": first_seq, "events": events}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/api/v1/uploads", body, headers), timeout=30) as answer:
        assert answer.status == 202, answer.read()


def get(url: str, token: str, path: str) -> Any:
    request = urllib.request.Request(url + path, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
