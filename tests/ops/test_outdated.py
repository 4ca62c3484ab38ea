"""A program whose fold is not the one that made the live reports says so, and what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg

from ops.settings import Settings
from projections.models.versions import FOLD_VERSION
from tests.service import environment, running, wait_until
from tests.streams.workers import worker

EVENT = "live_generation_outdated"


def _made_by(postgres: str, version: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute("UPDATE app.generations SET fold_version = %s WHERE state = 'live'", (version,))


def test_up_builds_what_this_version_shows_beside_the_live_reports(service_settings: Settings) -> None:
    """`up` warns, rebuilds by itself while the old reports stand, switches, and does not do it again."""
    _made_by(service_settings.postgres, "older")
    with running(service_settings) as service:
        wait_until(lambda: service.command("status")["notice"] is None, "the reports stay outdated")
        wait_until(lambda: any(line.get("event") == "process_done" for line in service.lines()), "rebuild goes on")
        warnings = [line for line in service.lines() if line.get("event") == EVENT]
        assert warnings
        assert {line["level"] for line in warnings} == {"warning"}
        listed = service.command("generations", "list")["generations"]
        assert [(row["number"], row["state"]) for row in listed] == [(1, "old"), (2, "live")]
        assert service.command("rebuild", "--if-outdated") == {}
        assert len(service.command("generations", "list")["generations"]) == 2


def test_without_up_the_last_line_of_migrate_says_what_to_do(service_settings: Settings) -> None:
    """Where the parts run one by one, `migrate` names the command that builds what this version shows."""
    _made_by(service_settings.postgres, "older")
    migrate = [sys.executable, "-m", "ops", "migrate"]
    done = subprocess.run(migrate, env=environment(service_settings), capture_output=True, text=True, check=True)
    last = done.stdout.splitlines()[-1]
    assert f"fold version older, this program folds by version {FOLD_VERSION}" in last
    assert "`weboffice rebuild`" in last


def test_a_worker_of_the_present_version_says_nothing(
    service_settings: Settings, topics: object, tmp_path: Path
) -> None:
    """No notice where the live generation was made by this fold."""
    log = tmp_path / "log"
    with worker("project", service_settings, log):
        wait_until(lambda: "started" in log.read_text() and "assigned" in log.read_text(), "the worker does not start")
    assert EVENT not in log.read_text()
