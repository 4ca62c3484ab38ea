"""A home of 0.2.0 goes on under this version, in one walk: figures, ledger, kept report, tills, a rebuild."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import httpx
import psycopg

from ops import running as running_file
from ops import settings as service_settings
from tests.service import Service, running, wait_until
from tests.upgrade.test_upgrade import includes, without_licences

_DATA = Path(__file__).parents[1] / "data" / "home-0.2.0"
EXPECTED = json.loads((_DATA / "expected.json").read_text())


def figures_are_as_they_were(service: Service) -> bool:
    """None of what 0.2.0 said is otherwise; False while it is being computed."""
    for account, paths in EXPECTED["figures"].items():
        headers = {"Authorization": f"Bearer {EXPECTED['tokens'][account]}"}
        for path, expected in paths.items():
            answer = httpx.get(service.url + path, headers=headers, timeout=30)
            if answer.status_code == 503:
                return False
            assert includes(without_licences(answer.json()), without_licences(expected)), path
    return True


def test_it_goes_on(tmp_path: Path, own_servers: None) -> None:
    """After `up` brought it up to date by itself every figure is there, `verify` finds every row and the kept report's
    certificates as 0.2.0 had them, and a till of then sends with its old token."""
    with tarfile.open(_DATA / "home.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    settings = service_settings.read({"WEBOFFICE_HOME": str(tmp_path / "home"), "WEBOFFICE_PARTITIONS": "3"})
    with running(settings) as service:
        with psycopg.connect(running_file.services(settings).postgres) as connection:
            connection.execute("UPDATE app.accounts SET trial_until = now() + interval '30 days'")
        wait_until(lambda: service.command("status")["notice"] is None, "the reports stay outdated")
        wait_until(lambda: figures_are_as_they_were(service), "the figures are not computed")
        assert includes(service.command("ledger"), EXPECTED["ledger"])
        assert service.command("verify")["same"]
        listed: list[dict[str, Any]] = service.command("generations", "list")["generations"]
        assert {row["name"]: row["state"] for row in listed}.get("Октябрь") == "named"
        token = next(iter(EXPECTED["till_tokens"].values()))
        run = "00000000-0000-4000-8000-000000000009"
        body = {"run": run, "first_seq": 1, "events": [_WITHDRAWN]}
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.post(f"{service.url}/api/v1/uploads", json=body, headers=headers).status_code == 202
        service.wait_until_worked_off()


_WITHDRAWN = {"type": "event.withdrawn", "at": "2026-10-05T09:00:00+03:00", "reason": "lost"}
